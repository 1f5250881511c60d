"""What a mapping declares is counted, what it does not declare is a row of the ledger."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from svcquality.errors import InputError
from svcquality.records.read import Records, read_records
from svcquality.records.tables import TABLES


def write(folder, mapping, **files):
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    (folder / "mapping.toml").write_text(mapping, "utf-8")
    return folder


def test_declared_codes_are_counted_with_what_they_became(tmp_path):
    write(
        tmp_path,
        '[visits]\nsource = "v.csv"\n[visits.columns]\nvisit_id = "id"\ncustomer_id = "who"\n'
        'arrived = "at"\nservice_type = "kind"\n[visits.codes.service_type]\nCASH = "cash"\n'
        '[visits.keys]\ncustomer_id = { strip_prefix = "C", zeros = true }\n'
        '[visits.missing]\ncustomer_id = ["-1"]\n',
        v="id,who,at,kind\n1,C01,2024-01-01 09:00,CASH\n2,-1,2024-01-01 09:05,CASH\n3,7,2024-01-01 09:06,loan\n",
    )
    bank = read_records(tmp_path)
    rows = bank.card().declared[["column", "rule", "before", "after", "values"]].values.tolist()
    assert rows == [
        ["customer_id", "missing", "-1", "", 1], ["customer_id", "key", "", "", 1],
        ["service_type", "code", "CASH", "cash", 2],
    ]  # fmt: skip
    assert bank.repairs.empty
    assert {"encoding", "dialect"} <= set(bank.notes["code"])
    assert "Values recoded" in bank.card().html("en") and "映射" in bank.card().html("zh")


def test_times_of_another_zone_become_local(tmp_path):
    write(
        tmp_path,
        '[complaints]\nsource = "c.csv"\ntime_zone = "Asia/Shanghai"\n[complaints.columns]\n'
        'complaint_id = "id"\nreceived = { from = "at", zone = "Europe/London" }\n',
        c="id,at\n1,2024-01-31 20:00\n2,2024-07-01 08:00\n3,2024-01-01T00:00:00Z\n"
        "4,2024-10-27 01:30\n5,nonsense\n",
    )
    bank = read_records(tmp_path)
    local = ["2024-02-01 04:00", "2024-07-01 15:00", "2024-01-01 08:00", pd.NaT, pd.NaT]
    assert bank.complaints["received"].tolist() == pd.to_datetime(pd.Series(local)).tolist()
    assert set(map(tuple, bank.repairs[["row", "rule"]].values.tolist())) == {
        (4, "clock_change"), (5, "unreadable_time"),
    }  # fmt: skip
    assert bank.declared[["rule", "before", "after", "values"]].values.tolist() == [
        ["time_zone", "Europe/London", "Asia/Shanghai", 3]
    ]
    assert bank.panel("bank_months")["complaints"].sum() == 3


def test_an_offset_that_is_dropped_is_a_repair():
    frame = pd.DataFrame(
        {"complaint_id": [1, 2], "received": ["2024-01-01T23:00:00Z", "2024-01-02"]}
    )
    bank = Records.from_frames(complaints=frame)
    assert (1, "time_zone") in set(bank.repairs[["row", "rule"]].itertuples(index=False, name=None))


PARALLEL = """
[complaints]
source = "r.csv"
key    = "row"

[complaints.columns]
received = "day"
text     = ["google_review", "yelp_review"]
recorded_cause = ["google_topic", "yelp_topic"]

[complaints.parallel]
platform = ["Google", "Yelp"]
"""
REVIEWS = """day,google_review,google_topic,yelp_review,yelp_topic
2024-01-01,slow queue,wait,rude teller,staff
2024-01-02,  long   wait ,wait,,
2024-01-03,,,fees too high,fees
"""


def test_records_side_by_side_are_rows_of_their_own(tmp_path):
    bank = read_records(write(tmp_path, PARALLEL, r=REVIEWS))
    rows = bank.complaints[["complaint_id", "text", "recorded_cause", "platform"]]
    assert rows.values.tolist() == [
        ["1", "slow queue", "wait", "Google"], ["2", "long wait", "wait", "Google"],
        ["4", "rude teller", "staff", "Yelp"], ["6", "fees too high", "fees", "Yelp"],
    ]  # fmt: skip
    assert bank.complaints["received"].dt.day.tolist() == [1, 2, 1, 3]
    assert bank.repairs[["row", "column", "rule"]].values.tolist() == [[2, "text", "whitespace"]]
    assert bank.flow[["step_en", "rows"]].values.tolist() == [
        ["rows of the export", 3], ["places for records side by side in them", 6],
        ["rows read", 4], ["rows kept", 4],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('["Google", "Yelp"]', '["Google"]', "equally long"),
        ('["google_topic", "yelp_topic"]', '["google_topic", "yelp_topik"]', "did you mean 'yelp_topic'"),
        ("platform =", "channel =", "declared column"),
        ('received = "day"', 'received = { from = "day", zone = "UTC" }', "which zone is local"),
        ('key    = "row"', 'key = "row"\ntime_zone = "Asia/Peking"', "no time zone"),
    ],
)  # fmt: skip
def test_what_is_declared_wrongly_is_refused(tmp_path, old, new, words):
    assert old in PARALLEL
    with pytest.raises(InputError, match=words) as caught:
        read_records(write(tmp_path, PARALLEL.replace(old, new, 1), r=REVIEWS))
    assert caught.value.zh != caught.value.en


def test_a_clock_that_cannot_be_read_is_a_repair(tmp_path):
    write(
        tmp_path,
        '[visits]\nsource = "v.csv"\nkey = "row"\n[visits.columns]\narrived = { date = "day", clock = "at" }\n',
        v="day,at\n2024-01-01,09:30\n2024-01-02,noon\n2024-01-03,\n",
    )
    bank = read_records(tmp_path)
    assert bank.repairs[["row", "column", "before", "rule"]].values.tolist() == [
        [2, "arrived", "noon", "unreadable_clock"]
    ]


def test_every_value_that_reading_changed_is_in_the_ledger():
    rng = np.random.default_rng(3)
    n = 400
    pool = {
        "id": ["K1 ", "Ｋ2", "K3"], "time": ["2024-01-05 10:00:00", "1900-01-01", "2024/02/03 04:05", "x", "NULL", "2024-01-01T00:00:00Z"],
        "number": ["1,000", "12", "n/k", "-5", "NULL", "￥3"], "flag": ["Y", "否", "maybe", "NULL"],
        "category": ["Cash", "cash", "gold", " loan ", "#N/A"], "text": ["a  b", "好\n的", "nan", "fine"],
        "integer": ["3", "7", "2.5", "NULL", "９"], "date": ["2024-03-04 12:00", "2024-03-05", "NULL"],
    }  # fmt: skip
    for table in ("visits", "complaints", "surveys", "branches"):
        declared = TABLES[table]
        raw = pd.DataFrame({c: rng.choice(pool[d.kind], n) for c, d in declared.columns.items()})
        raw[declared.key[0]] = [f"K{i}" for i in range(n)]
        raw.index = pd.RangeIndex(1, n + 1)
        bank = Records.from_frames(**{table: raw})
        read = bank.tables[table].set_axis(raw.index, axis=0)
        listed = Counter(zip(bank.repairs["row"], bank.repairs["column"], strict=True))
        for name, column in declared.columns.items():
            given = raw[name]
            lost = given.notna() & read[name].isna()
            unlisted = [row for row in raw.index[lost] if not listed[row, name]]
            assert not unlisted, (
                table,
                name,
                given[unlisted[0]],
            )  # nothing goes missing in silence
            if column.kind in ("id", "category", "text"):
                changed = read[name].notna() & (read[name] != given)
                assert all(listed[row, name] for row in raw.index[changed]), (table, name)
        assert len(listed)


def test_a_link_says_why_keys_find_nothing():
    customers = pd.DataFrame({"customer_id": ["C001", "C002", "C003"]})
    complaints = pd.DataFrame(
        {"complaint_id": range(5), "received": "2024-01-01", "customer_id": ["1", "2.0", "C003", "9", None]}
    )  # fmt: skip
    bank = Records.from_frames(customers=customers, complaints=complaints)
    link = bank.card().links.iloc[0]
    assert link[["empty", "filled", "matched", "unmatched", "respelled"]].tolist() == [
        1,
        4,
        1,
        3,
        2,
    ]
    assert "2 rows would match" in link["why_en"] and "2 行可匹配" in link["why_zh"]


def test_holidays_are_declared_in_the_study(tmp_path):
    (tmp_path / "visits.csv").write_text("visit_id,arrived\n1,2024-10-08 09:00\n", "utf-8")
    study = tmp_path / "study.toml"
    study.write_text(
        '[records.calendar]\nholidays = ["2024-01-01", "2024-10-01/2024-10-07"]\n', "utf-8"
    )
    assert len(read_records(tmp_path).holidays) == 8
    for wrong in (
        'holidays = ["soon"]',
        'holiday = ["2024-01-01"]',
        'holidays = ["2024-10-07/2024-10-01"]',
    ):
        study.write_text(f"[records.calendar]\n{wrong}\n", "utf-8")
        with pytest.raises(InputError, match="days on which the bank was closed"):
            read_records(tmp_path)


def test_monthly_files_of_other_columns_are_refused(tmp_path):
    write(
        tmp_path,
        '[visits]\nsource = "v_*.csv"\nkey = "row"\n[visits.columns]\narrived = "at"\n',
        v_01="at,kind\n2024-01-01 09:00,a\n",
        v_02="at,type\n2024-02-01 09:00,a\n",
    )
    with pytest.raises(InputError, match="differ in kind, type"):
        read_records(tmp_path)
