"""The three real exports, through the committed study and mapping files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcquality.errors import InputError
from svcquality.records.inspect import draft_mapping, inspect_file, inspect_paths
from svcquality.records.panel import survey_rows, with_waits
from svcquality.records.read import read_records
from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"
pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def retail(real_data):
    return read_records(EXAMPLES / "retail_bank" / "study.toml")


def test_airline(real_data):
    bank = read_records(EXAMPLES / "airline")
    raw = pd.read_csv(real_data / "airline_passenger_satisfaction.csv")
    surveys = bank.surveys
    assert len(surveys) == len(raw) == 20_000
    assert bank.repairs.empty
    items = [c for c in surveys if c.startswith("item_")]
    assert len(items) == 14
    assert surveys["item_wifi"].isna().sum() == (raw["Inflight wifi service"] == 0).sum() > 0
    assert surveys["arrival_delay"].isna().sum() == 51
    rows = survey_rows(bank)
    at_once = rows.loc[rows["wait_minutes"] == 0, "satisfied"].mean()
    late = rows.loc[rows["wait_minutes"] > 60, "satisfied"].mean()
    assert (round(at_once, 2), round(late, 2)) == (0.46, 0.39)
    assert set(rows["segment"]) == {"Loyal Customer", "disloyal Customer"}
    assert rows["age"].notna().all()


def test_public_complaints(real_data):
    bank = read_records(EXAMPLES / "public_complaints_zh" / "study.toml")
    complaints = bank.complaints
    assert len(complaints) == 2_816
    days = (complaints["responded"] - complaints["received"]).dt.total_seconds() / 86_400
    assert days.notna().all()
    assert days.median() == pytest.approx(11.21, abs=0.005)
    assert days.mean() == pytest.approx(20.34, abs=0.005)
    assert days.max() == pytest.approx(1160.4, abs=0.05)
    assert days.min() >= 0
    assert not complaints["text"].str.contains(r"[\n\t]").any()
    rules = bank.repairs.groupby(["column", "rule"]).size()
    assert rules["text", "whitespace"] == 2_816
    assert set(bank.ignored["column"]) == {"留言用户", "留言主题", "答复意见"}


def test_retail_bank_counts(retail):
    rows = {name: len(frame) for name, frame in retail.tables.items()}
    assert rows == {
        "customers": 5_369, "branches": 77, "visits": 3_999, "complaints": 23_419, "surveys": 504,
    }  # fmt: skip
    flow = retail.flow.pivot(index="table", columns="step_en", values="rows")
    assert (flow["rows read"] == flow["rows kept"]).all()


def test_retail_bank_reports_what_was_sent_before_it_was_received(retail, real_data):
    raw = pd.read_csv(real_data / "retail_bank_tables" / "crm_events.csv")
    received, sent = (
        pd.to_datetime(raw[c], format="%d-%m-%Y") for c in ("date_received", "date_sent_to_company")
    )
    repairs = retail.repairs
    assert len(repairs) == (sent < received).sum() == 192
    assert set(repairs["rule"]) == {"out_of_order"}
    assert repairs["row"].tolist() == (raw.index[sent < received] + 1).tolist()
    assert retail.complaints["responded"].isna().sum() == 192


def test_retail_bank_joins_over_three_spellings(retail):
    links = retail.card().links.set_index(["table", "column"])
    assert links.loc[("complaints", "customer_id"), ["filled", "matched"]].tolist() == [23_419] * 2
    assert links.loc[("visits", "customer_id"), ["filled", "matched"]].tolist() == [2_504] * 2
    assert links.loc[("customers", "branch_id"), "unmatched"] == 0
    assert links.loc[("surveys", "branch_id"), "unmatched"] == 0


def test_retail_bank_call_times(retail, real_data):
    log = pd.read_csv(real_data / "retail_bank_tables" / "crm_call_center_logs.csv")
    visits = with_waits(retail.visits)
    assert (visits["arrived"].dt.normalize() == pd.to_datetime(log["date_received"])).all()
    assert visits["wait_minutes"].isna().all()  # the log does not know how long they waited
    served = visits["service_minutes"].notna()
    assert served.sum() == (log["outcome"] != "Hang").sum()
    seconds = 60 * visits.loc[served, "service_minutes"]
    np.testing.assert_allclose(seconds, log.loc[served.to_numpy(), "service_seconds"])


def test_nothing_of_a_person_is_read(retail):
    columns = {c for frame in retail.tables.values() for c in frame.columns}
    assert not columns & {"social", "first", "last", "phone", "email", "address_1", "server"}


def test_inspecting_real_exports(real_data):
    card = inspect_file(real_data / "retail_bank_tables" / "crm_events.csv")
    assert card.table == "complaints"
    assert card.formats == {c: ["%d-%m-%Y"] for c in ("date_received", "date_sent_to_company")}
    reviews = inspect_file(real_data / "retail_bank_tables" / "crm_reviews.csv")
    assert reviews.table == "surveys"


def odd(card):
    return {
        (row.column, row.code): row.count
        for row in card.odd.rename(columns={"values": "count"}).itertuples()
    }


def test_the_nasty_points_of_the_retail_bank_are_named(real_data):
    cards = {c.path.stem: c for c in inspect_paths([real_data / "retail_bank_tables"])}
    assert {name: card.rows for name, card in cards.items()} == {
        "completedclient": 5_369, "completeddistrict": 77, "crm_events": 23_419,
        "crm_call_center_logs": 3_999, "crm_reviews": 504,
    }  # fmt: skip
    assert cards["completedclient"].encoding == "utf-8-sig"
    personal = odd(cards["completedclient"])
    assert {c for c, code in personal if code == "personal"} >= {
        "social",
        "phone",
        "email",
        "first",
        "last",
    }
    assert odd(cards["crm_events"])["date_sent_to_company", "order"] == 192
    calls = odd(cards["crm_call_center_logs"])
    assert calls["ser_start", "placeholder"] == 3_999
    assert calls["ser_time", "duration"] == 3_999
    assert calls["complaint_id", "code"] == 1_495
    assert calls["service_seconds", "disguise"] > 0
    reviews = cards["crm_reviews"]
    assert odd(reviews)["reviews", "duplicate_texts"] == 504 - 69
    assert personal["date", "personal"] == 5_369  # the day of birth
    assert ("state_name", "personal") not in odd(cards["completeddistrict"])
    assert calls["server", "personal"] == 3_999
    parts = {c for c, code in calls if code == "derived"}
    assert parts == {"year", "month", "day", "weekday", "start_hour"}
    assert calls["agent_handled", "determined"] == 2
    # C00000001, 1925 and 4587.0: nothing is joined, the mapping has to say how.
    keys = " ".join(key.en for key in cards["crm_events"].keys)
    assert "5,284 of the 5,284 values of client_id are in client_id of completedclient.csv" in keys
    assert "once spelled alike" in keys


DRAFTED = {
    "retail_bank_tables": {"customers": 5_369, "branches": 77, "visits": 3_999, "complaints": 23_419, "surveys": 504},
    "cfpb_complaints_2025.csv": {"complaints": 2_827},
    "public_complaints_with_replies_zh.xlsx": {"complaints": 2_816},
    "airline_passenger_satisfaction.csv": {"surveys": 20_000},
    "financial_satisfaction_loyalty.csv": {"surveys": 2_482},  # 25 have none of the columns read
}  # fmt: skip


@pytest.mark.parametrize("name", DRAFTED)
def test_a_draft_is_taken_as_it_is(real_data, tmp_path, name):
    draft = draft_mapping(inspect_paths([real_data / name]), tmp_path)
    (tmp_path / "mapping.toml").write_text(draft, "utf-8")
    bank = read_records(tmp_path)
    assert {table: len(frame) for table, frame in bank.tables.items()} == DRAFTED[name]
    links = bank.card().links
    assert (links["unmatched"] == 0).all()  # the proposed spelling of the keys joins all of them


def test_a_draft_without_a_time_says_what_is_lacking(real_data, tmp_path):
    card = inspect_file(real_data / "icbc_app_reviews.txt")
    draft = draft_mapping(card, tmp_path)
    (tmp_path / "mapping.toml").write_text(draft, "utf-8")
    with pytest.raises(InputError, match="'received'"):
        read_records(tmp_path)
    dated = draft.replace("# received = {", "received = {")
    (tmp_path / "mapping.toml").write_text(dated, "utf-8")
    assert len(read_records(tmp_path).complaints) == 31_737


def test_the_nasty_points_of_the_other_exports_are_named(real_data):
    cfpb = inspect_file(real_data / "cfpb_complaints_2025.csv")
    found = odd(cfpb)
    assert cfpb.rows == 2_827
    assert cfpb.formats["Date received"] == ["%m/%d/%y"]
    assert found["Consumer complaint narrative", "masked"] == 2_229  # 79%
    assert found["Consumer complaint narrative", "money"] == 1_201
    coded = {column: n for (column, code), n in found.items() if code == "code"}
    assert coded == {"Sub-issue": 2_568, "Company public response": 2_086, "State": 6, "Tags": 2_147,
                     "Consumer disputed?": 2_827}  # fmt: skip
    assert cfpb.columns.set_index("column").at["Tags", "codes"] == "None"
    assert found["ZIP code", "zero_first"] == 125 and found["ZIP code", "cut_code"] == 733
    reviews = inspect_file(real_data / "icbc_app_reviews.txt")
    assert reviews.rows == 31_737  # lines; counting what follows the last line break gives 31,738
    found = odd(reviews)
    assert found["col_0", "duplicate_texts"] == 9_609
    assert {"emoji", "full_width", "short_texts", "version"} <= {code for _, code in found}
    assert [n.code for n in reviews.notes] == ["encoding", "dialect", "no_header"]
    public = odd(inspect_file(real_data / "public_complaints_with_replies_zh.xlsx"))
    assert public["留言详情", "line_breaks"] == 2_816
    assert {c for c, code in public if code == "formats"} == {"留言时间", "答复时间"}
    assert public["答复时间", "delay"] == 2_816 and ("答复时间", "order") not in public
    said = inspect_file(real_data / "public_complaints_with_replies_zh.xlsx").text("zh")
    assert "距 留言时间：中位数 11.21 天，均值 20.34，最长 1,160.4" in said
    assert ("*", "parallel") not in public  # a subject and its text are no two records
    airline = odd(inspect_file(real_data / "airline_passenger_satisfaction.csv"))
    assert sum(code == "zero" for _, code in airline) == 12
    assert airline["*", "straight_lining"] == 4
    assert airline["Inflight wifi service", "zero"] == 603
    assert airline["Arrival Delay in Minutes", "near_copy"] == 19_949
    financial = inspect_file(real_data / "financial_satisfaction_loyalty.csv")
    missing = financial.columns["missing"]
    assert (financial.rows, missing.min(), missing.max()) == (2_507, 66, 476)
    assert financial.table == "surveys" and odd(financial)["CustSatMean", "derived"] == 2_441
