"""Mapping files: what they can say, and what they are refused for."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.records.inspect import draft_mapping, inspect_file, inspect_paths
from svcquality.records.mapping_file import parse_mapping
from svcquality.records.read import read_records

EXPORT = """Ticket;Client;Day;In;Out;Type;Left;Note
1;C0007;2024-01-05;1900-01-01 09:05:00;09:20;CASH;N;a
2;C0012;2024-01-05;1900-01-01 09:07:30;09:21;LOAN;X;b
3;-;2024-01-06;1900-01-01 10:00:00;09:59;WHAT;Y;c
"""
MAPPING = """
[visits]
source    = "export.csv"
delimiter = ";"

[visits.columns]
visit_id     = "Ticket"
customer_id  = "Client"
channel      = { value = "counter" }
arrived      = { date = "Day", clock = "In" }
called       = { date = "Day", clock = "Out" }
service_type = "Type"
abandoned    = "Left"

[visits.codes.service_type]
CASH = "cash"
LOAN = "loan"

[visits.keys]
customer_id = { strip_prefix = "C", zeros = true }

[visits.missing]
customer_id = ["-"]
abandoned   = ["X"]

[visits.extra]
rename = { remark = "Note" }
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "export.csv").write_text(EXPORT, "utf-8")
    (tmp_path / "mapping.toml").write_text(MAPPING, "utf-8")
    return tmp_path


def test_a_mapping_says_it_all(folder):
    bank = read_records(folder)
    visits = bank.visits
    assert visits["customer_id"].tolist()[:2] == ["7", "12"]
    assert visits["channel"].unique().tolist() == ["counter"]
    assert visits["arrived"].tolist()[1] == pd.Timestamp("2024-01-05 09:07:30")
    assert visits["service_type"].tolist() == ["cash", "loan", "other"]
    assert visits["abandoned"].isna().tolist() == [False, True, False]
    assert visits["remark"].tolist() == ["a", "b", "c"]
    # Declared codes and missing values are no repairs; an unknown code and a reversed time are.
    assert bank.repairs[["row", "column", "rule"]].values.tolist() == [
        [3, "service_type", "unknown_code"], [3, "called", "out_of_order"],
    ]  # fmt: skip
    assert set(bank.sources) == {"visits", "visits.mapping"}


def test_units_turn_into_the_declared_one(tmp_path):
    (tmp_path / "s.csv").write_text("id,wait,stars\n1,90,5\n2,,4\n3,long,0\n", "utf-8")
    (tmp_path / "mapping.toml").write_text(
        '[surveys]\nsource = "s.csv"\n[surveys.columns]\nsurvey_id = "id"\nsatisfaction = "stars"\n'
        'wait_minutes = { from = "wait", unit = "seconds" }\n[surveys.missing]\nsatisfaction = [0]\n',
        "utf-8",
    )
    bank = read_records(tmp_path)
    assert bank.surveys["wait_minutes"].tolist()[0] == 1.5
    assert bank.repairs[["row", "before", "rule"]].values.tolist() == [
        [3, "long", "unreadable_number"]
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"Ticket"', '"Tiket"', "did you mean 'Ticket'"),
        ("visit_id  ", "visit_nr  ", "did you mean 'visit_id'"),
        ("[visits.codes.service_type]", "[visits.codes.servicetype]", "did you mean 'service_type'"),
        ('"loan"', '"loans"', "did you mean 'loan'"),
        ('clock = "In"', 'clok = "In"', "did you mean 'clock'"),
        ('{ value = "counter" }', '{ value = "counter", from = "Note" }', "one of"),
        ("zeros = true", "zeros = 1", "keys.customer_id"),
        ('["-"]', '"-"', "a list"),
        ("[visits.extra]", "[visits.extras]", "did you mean 'extra'"),
        ('{ remark = "Note" }', '{ channel = "Note" }', "declared column"),
        ("[visits]", '[visits]\nkey = "Ticket"', "key must be"),
        ("export.csv", "exprot.csv", "exprot.csv"),
        ("[visits.missing]", "[visits.missing", "not valid TOML"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_refused_with_a_proposal(folder, old, new, words):
    assert old in MAPPING
    (folder / "mapping.toml").write_text(MAPPING.replace(old, new, 1), "utf-8")
    with pytest.raises(InputError, match=words) as caught:
        read_records(folder)
    assert caught.value.zh != caught.value.en


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**8), st.integers(0, 6), st.booleans())
def test_three_spellings_of_a_key_are_one(tmp_path_factory, number, zeros, decimal):
    folder = tmp_path_factory.mktemp("key")
    spelled = [f"C{'0' * zeros}{number}", f"{number}", f"{number}.0" if decimal else f"{number}"]
    (folder / "c.csv").write_text("id\n" + "\n".join(spelled[:1]) + "\n", "utf-8")
    lines = "\n".join(f"{i},{key},2024-01-01" for i, key in enumerate(spelled))
    (folder / "k.csv").write_text(f"id,who,day\n{lines}\n", "utf-8")
    rule = '{ strip_prefix = "C", zeros = true, integer = true }'
    (folder / "mapping.toml").write_text(
        f'[customers]\nsource = "c.csv"\n[customers.columns]\ncustomer_id = "id"\n'
        f"[customers.keys]\ncustomer_id = {rule}\n"
        f'[complaints]\nsource = "k.csv"\n[complaints.columns]\ncomplaint_id = "id"\n'
        f'customer_id = "who"\nreceived = "day"\n[complaints.keys]\ncustomer_id = {rule}\n',
        "utf-8",
    )
    bank = read_records(folder)
    assert bank.complaints["customer_id"].tolist() == [str(number)] * 3
    assert bank.card().links["matched"].tolist() == [3]


def test_an_export_is_inspected_and_its_draft_reads(tmp_path):
    path = tmp_path / "工单.csv"
    path.write_text(
        "投诉编号,受理时间,投诉内容,客户姓名,渠道\n"
        "A1,25/12/2024,叫号机坏了，我的电话13812345678,张三,网点\nA2,26/12/2024,转账失败,李四,未知\n",
        "gb18030",
    )
    card = inspect_file(path)
    assert (card.table, card.encoding, card.delimiter, card.rows) == (
        "complaints",
        "gb18030",
        ",",
        2,
    )
    shown = card.text("zh") + card.text("en")
    assert "13812345678" not in shown and "张三" not in shown
    assert set(card.odd["code"]) == {"day_first", "code", "personal"}
    draft = draft_mapping(card)
    assert "姓名" not in draft
    (tmp_path / "mapping.toml").write_text(draft, "utf-8")
    assert (
        parse_mapping(tmp_path / "mapping.toml")["complaints"].columns["text"].source == "投诉内容"
    )
    bank = read_records(tmp_path)
    assert bank.complaints["received"].dt.day.tolist() == [25, 26]


def test_inspecting_a_directory(tmp_path):
    with pytest.raises(InputError, match="no CSV"):
        inspect_paths([tmp_path])
    (tmp_path / "a.csv").write_text("x,y\n1,2\n", "utf-8")
    (tmp_path / "visits.csv").write_text("ticket,arrival\n1,2024-01-01 09:00\n", "utf-8")
    cards = inspect_paths([tmp_path])
    assert [card.table for card in cards] == ["", "visits"]
    assert "none of the tables" in draft_mapping(cards)
