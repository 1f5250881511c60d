"""Frames and directories into records: types, keys, duplicates, flow, refusals."""

from __future__ import annotations

import pandas as pd
import pytest

from svcquality.errors import InputError
from svcquality.records.read import Records, read_records
from svcquality.records.tables import TABLES

COMPLAINTS = pd.DataFrame(
    {
        "complaint_id": ["K1", "K2", "K3"],
        "received": ["2024-01-05 10:00:00", "2024-01-06 11:00:00", "2024-02-01 09:00:00"],
        "text": ["  排队\n\n两小时，电话13812345678 ", "转账失败", None],
        "satisfied": ["x", "y", "z"],
    }
)
KINDS = {
    "id": "str", "category": "str", "text": "str", "number": "float64", "integer": "Int64",
    "flag": "boolean", "time": "datetime64[ns]", "date": "datetime64[ns]", "month": "datetime64[ns]",
}  # fmt: skip


def test_every_declared_column_is_there_in_its_type():
    bank = Records.from_frames(complaints=COMPLAINTS)
    declared = TABLES["complaints"].columns
    assert list(bank.complaints.columns)[: len(declared)] == list(declared)
    for name, column in declared.items():
        assert bank.complaints[name].dtype == KINDS[column.kind], name
    assert list(bank.complaints.columns)[-1] == "satisfied"  # not declared: kept behind
    assert list(bank.tables) == ["complaints"]
    assert bank.visits is None


def test_texts_are_masked_before_anything_keeps_them():
    bank = Records.from_frames(complaints=COMPLAINTS)
    assert bank.complaints["text"].tolist()[:2] == ["排队 两小时，电话***********", "转账失败"]
    assert "13812345678" not in bank.repairs.to_csv()
    found = bank.masked.set_index("kind")["found"]
    assert found[found > 0].to_dict() == {"mobile": 1}


def test_validating_twice_repairs_nothing_more():
    once = Records.from_frames(complaints=COMPLAINTS)
    twice = Records.from_frames(**once.tables)
    assert twice.repairs.empty
    pd.testing.assert_frame_equal(once.complaints, twice.complaints)


def test_exact_duplicates_and_blank_rows_are_dropped_and_counted():
    damaged = pd.concat([COMPLAINTS, COMPLAINTS.iloc[[1]], pd.DataFrame([{}])], ignore_index=True)
    bank = Records.from_frames(complaints=damaged)
    assert bank.flow[["step_en", "rows"]].values.tolist() == [
        ["rows read", 5], ["blank rows dropped", 4], ["exact duplicate rows dropped", 3],
        ["rows kept", 3],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: pd.concat([f, f.iloc[[0]].assign(text="另一件事")]), "K1"),
        (lambda f: f.drop(columns="received").assign(recieved=1), "'recieved'"),
        (lambda f: f.iloc[:0], "no rows"),
        (lambda f: f.assign(received="soon"), "soon"),
        (lambda f: f.assign(complaint_id=[None, "K2", "K3"]), 'key = "row"'),
    ],
)
def test_what_cannot_be_worked_with_is_refused_in_one_sentence(change, words):
    with pytest.raises(InputError, match=words) as caught:
        Records.from_frames(complaints=change(COMPLAINTS))
    assert "\n" not in caught.value.en + caught.value.zh


def test_unknown_tables_and_incomplete_training_are_refused():
    with pytest.raises(InputError, match="'complaint'"):
        Records.from_frames(complaint=COMPLAINTS)
    with pytest.raises(InputError, match="branch_id, staff_id"):
        Records.from_frames(
            training=pd.DataFrame({"training_id": ["T1"], "completed": ["2024-01-01"]})
        )


def test_composite_keys():
    months = pd.DataFrame(
        {"customer_id": [1, 1, 2], "month": ["2024-01", "2024-02", "2024-01"], "closed": [0, 1, 0]}
    )
    accounts = Records.from_frames(accounts=months).accounts
    assert accounts["customer_id"].tolist() == ["1", "1", "2"]
    assert accounts["closed"].tolist() == [False, True, False]
    with pytest.raises(InputError, match="1/2024-01-01"):
        Records.from_frames(accounts=months.assign(month="2024-01"))


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_a_directory_of_files_named_after_tables(tmp_path, suffix):
    frame = COMPLAINTS.drop(columns="satisfied")
    visits = pd.DataFrame({"visit_id": ["1"], "arrived": ["2024-01-05 09:00"], "mood": ["bad"]})
    for name, table in (("complaints", frame), ("visits", visits)):
        path = tmp_path / f"{name}{suffix}"
        {".csv": table.to_csv, ".parquet": table.to_parquet, ".xlsx": table.to_excel}[suffix](
            path, index=False
        )
    bank = read_records(tmp_path)
    assert list(bank.tables) == ["visits", "complaints"]
    assert bank.complaints["received"].dt.hour.tolist() == [10, 11, 9]
    assert "mood" not in bank.visits  # nothing asked for it
    assert bank.ignored.values.tolist() == [["visits", "mood"]]
    assert bank.sources["visits"].path == f"visits{suffix}"
    assert len(bank.sources["visits"].sha256) == 64


def test_a_study_names_its_files(tmp_path):
    (tmp_path / "raw").mkdir()
    for part in (0, 1):
        COMPLAINTS.iloc[part : part + 1].to_csv(tmp_path / "raw" / f"c{part}.csv", index=False)
    (tmp_path / "study.toml").write_text('[records]\ncomplaints = "raw/c*.csv"\n', "utf-8")
    assert len(read_records(tmp_path).complaints) == 2
    assert len(read_records(tmp_path / "study.toml").complaints) == 2
    # What the section does not name is found by its name; what it names is taken from there.
    COMPLAINTS.to_csv(tmp_path / "complaints.csv", index=False)
    (tmp_path / "visits.csv").write_text("visit_id,arrived\n1,2024-01-05 09:00\n", "utf-8")
    bank = read_records(tmp_path)
    assert (len(bank.complaints), len(bank.visits)) == (2, 1)


def test_a_study_may_name_a_sheet(tmp_path):
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        pd.DataFrame({"notes": ["x"]}).to_excel(book, sheet_name="cover", index=False)
        COMPLAINTS.to_excel(book, sheet_name="data", index=False)
    (tmp_path / "study.toml").write_text(
        "[records]\ncomplaints = { path = 'book.xlsx', sheet = 'data' }\n", "utf-8"
    )
    assert len(read_records(tmp_path).complaints) == 3


@pytest.mark.parametrize(
    ("study", "words"),
    [
        ("[records]\ncomplaint = 'c.csv'\n", "did you mean 'complaints'"),
        ("[records]\ncomplaints = 3\n", "write"),
        ("[records]\ncomplaints = { file = 'c.csv' }\n", "'file'"),
        ("[records]\ncomplaints = 'nowhere.csv'\n", "nowhere"),
        ("[records]\ncomplaints = 'no*.csv'\n", "No file fits"),
        ("[records]\ncomplaints = { path = 'c.csv', mapping = 'm.toml' }\n", "m.toml"),
        ("[records\n", "not valid TOML"),
        ("[study]\nseed = 1\n", "holds no table"),
    ],
)
def test_a_wrong_study_is_refused(tmp_path, study, words):
    (tmp_path / "study.toml").write_text(study, "utf-8")
    with pytest.raises(InputError, match=words):
        read_records(tmp_path)


def test_two_files_for_one_table_are_refused(tmp_path):
    COMPLAINTS.to_csv(tmp_path / "complaints.csv")
    COMPLAINTS.to_csv(tmp_path / "complaints.tsv", sep="\t")
    with pytest.raises(InputError, match="twice"):
        read_records(tmp_path)
    with pytest.raises(InputError, match="nothing at"):
        read_records(tmp_path / "nowhere")


def test_the_card_accounts_for_everything():
    surveys = pd.DataFrame(
        {"survey_id": [1, 2], "complaint_id": ["K1", "K9"], "satisfaction": [5, 9],
         "answered": ["2024-01-09", "2024-01-10"]}
    )  # fmt: skip
    card = Records.from_frames(complaints=COMPLAINTS, surveys=surveys).card()
    assert card.tables[["table", "rows", "first"]].values.tolist() == [
        ["complaints", 3, "2024-01-05"], ["surveys", 2, "2024-01-09"],
    ]  # fmt: skip
    counts = ["table", "column", "to", "empty", "filled", "matched", "unmatched", "respelled"]
    assert card.links[counts].values.tolist() == [
        ["surveys", "complaint_id", "complaints", 0, 2, 1, 1, 0]
    ]
    assert card.links["why_en"].tolist() == ["keys that are not in the table complaints: 1"]
    assert card.repairs[["column", "rule", "values"]].values.tolist() == [
        ["text", "whitespace", 1], ["satisfaction", "out_of_range", 1],
    ]  # fmt: skip
    assert "denominators" in card.absent["table"].tolist()
    assert card.personal.values.tolist() == [["complaints", "text"]]
    assert "手机号" in card.html("zh") and "mobile number" in card.html("en")
    assert "手机号" not in card.html("en")
