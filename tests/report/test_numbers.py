"""The numbers of a report, and what it means that one drifted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.report.baseline import accept_numbers, compare, read_numbers, write_numbers
from svcquality.report.numbers import COLUMNS, numbers
from tests.plots import fabricated
from tests.report import made_up


@pytest.fixture
def table():
    return numbers(made_up.result())


def changed(table, name, **values):
    table = table.set_index("id")
    for column, value in values.items():
        table.loc[name, column] = value
    return table.reset_index()[COLUMNS]


def test_every_quantity_and_every_table_has_one_row(table):
    rows = table.set_index("id")
    assert rows.index.is_unique
    assert rows.loc["satisfaction.wait_plus_10", ["value", "low", "high"]].tolist() == [
        -0.032, -0.054, -0.010,
    ]  # fmt: skip
    assert rows.loc["satisfaction.wait_plus_10", "unit"] == "share_difference"
    assert rows.loc["records.complaints.rows", "value"] == 40
    assert rows.loc["records.surveys.rows", "value"] == 60


def test_a_withheld_finding_gives_only_that_it_is_withheld(table):
    blocked = table[table["id"].str.startswith("blocked.")]
    assert blocked["id"].tolist() == ["blocked.blocked"]
    assert blocked["value"].tolist() == [1.0]


def test_first_matching_tolerance_of_the_study_wins():
    tolerances = {"wait.*": 0.02, "*.plus_10": 0.5}
    table = numbers(made_up.result(tolerances=tolerances)).set_index("id")
    assert table.loc["wait.plus_10", "tolerance"] == 0.02
    assert table.loc["handling.median_days", "tolerance"] == pytest.approx(6.2e-6)
    assert table.loc["satisfaction.wait_plus_10", "tolerance"] == 1e-6


def test_values_are_rounded_to_ten_digits():
    finding = fabricated.finding(
        "x", "", {}, [("third", "三分之一", "a third", 1 / 3, 0.1, 0.5)], "share"
    )
    value = numbers(made_up.result(finding)).set_index("id").loc["x.third", "value"]
    assert value == 0.3333333333


def test_numbers_come_back_from_csv_as_they_were(table, tmp_path):
    write_numbers(table, tmp_path / "numbers.csv")
    back = read_numbers(tmp_path / "numbers.csv")
    assert not compare(back, table)
    assert back["id"].tolist() == table["id"].tolist()


def test_same_numbers_do_not_drift(table):
    drift = compare(table, table)
    assert not drift
    assert str(len(table)) in drift.table_text("en")


@pytest.mark.parametrize("part", ["value", "low", "high"])
def test_value_and_both_interval_ends_are_held(table, part):
    name = "wait.plus_10"
    then = table.set_index("id").loc[name, part]
    assert not compare(changed(table, name, **{part: then + 0.9e-6}), table)
    drift = compare(changed(table, name, **{part: then + 1.1e-6}), table)
    assert drift.table[["number", "part", "kind"]].to_numpy().tolist() == [[name, part, "moved"]]
    assert drift.table["baseline"].tolist() == [then]


def test_a_number_that_loses_its_interval_moved(table):
    drift = compare(changed(table, "wait.plus_10", low=np.nan), table)
    assert drift.table["part"].tolist() == ["low"]


def test_appeared_and_vanished_are_drift(table):
    now = pd.concat([table.iloc[1:], table.iloc[:1].assign(id="new.number")], ignore_index=True)
    kinds = compare(now, table).table.set_index("number")["kind"].to_dict()
    assert kinds == {table["id"].iloc[0]: "vanished", "new.number": "appeared"}


def test_the_tolerance_of_the_baseline_counts_not_that_of_the_new_numbers(table):
    moved = changed(table, "wait.plus_10", value=-0.05, tolerance=9.0)
    assert compare(moved, table)
    assert not compare(moved, changed(table, "wait.plus_10", tolerance=0.1))


def test_drift_table_is_aligned_and_says_what_to_do(table):
    moved = changed(table, "wait.plus_10", value=-0.05)
    text = compare(moved, table).table_text("en")
    header, row = text.split("\n")[:2]
    assert row.startswith("wait.plus_10")
    assert row[header.index("baseline") :].split()[0] == "-0.032"
    assert row[header.index("now") :].split()[0] == "-0.05"
    assert "svcquality accept" in text
    zh = compare(moved, table).table_text("zh")
    assert "变动" in zh and "svcquality accept" in zh


def test_accept_makes_a_baseline_and_keeps_tolerances_set_in_it(table, tmp_path):
    new, base = tmp_path / "numbers.csv", tmp_path / "baseline.csv"
    write_numbers(table, new)
    accept_numbers(new, base)
    write_numbers(changed(read_numbers(base), "wait.plus_10", tolerance=0.25), base)
    write_numbers(changed(table, "wait.plus_10", value=-0.9), new)
    assert accept_numbers(new, base)
    accepted = read_numbers(base).set_index("id")
    assert accepted.loc["wait.plus_10", ["value", "tolerance"]].tolist() == [-0.9, 0.25]
    assert not compare(read_numbers(new), read_numbers(base))


def test_the_baseline_does_not_depend_on_the_order_of_the_questions(table, tmp_path):
    for name, order in (("one", table), ("two", table.iloc[::-1])):
        write_numbers(order, tmp_path / "numbers.csv")
        accept_numbers(tmp_path / "numbers.csv", tmp_path / f"{name}.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_the_drift_table_cannot_be_broken_by_the_name_of_a_group(table):
    evil = "handling.median_days[\x1b[2J\u202e\n]"
    now = pd.concat([table, table.iloc[:1].assign(id=evil)], ignore_index=True)
    text = compare(now, table).table_text("en")
    assert len(text.splitlines()) == 4
    assert not set("\x1b\u202e") & set(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a table"),
        ("a,b\n1,2\n", "not a table"),
        ("id,value,low,high,unit,n,tolerance\nx,much,,,share,1,0\n", "not a table"),
        ("id,value,low,high,unit,n,tolerance\nx,1,,,share,1,0\nx,2,,,share,1,0\n", "twice"),
        ("id,value,low,high,unit,n,tolerance\nx,1,,,share,1,-1\n", "tolerance"),
        ("id,value,low,high,unit,n,tolerance\nx,1,,,share,1,\n", "tolerance"),
    ],
)
def test_a_damaged_baseline_is_refused_in_one_sentence(tmp_path, text, says):
    path = tmp_path / "baseline.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_numbers(path)
    assert says in caught.value.en and "\n" not in caught.value.en


def test_a_missing_baseline_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match=r"accept"):
        read_numbers(tmp_path / "none.csv")


@settings(max_examples=25)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=8), st.floats(1.01, 5))
def test_only_what_leaves_its_tolerance_drifts(values, factor):
    then = pd.DataFrame({"id": [f"q.{i}" for i in range(len(values))], "value": values})
    then = then.assign(low=np.nan, high=np.nan, unit="count", n=1, tolerance=1e3)[COLUMNS]
    assert not compare(then.assign(value=then["value"] + 999), then)
    moved = then.copy()
    moved.loc[0, "value"] += 1e3 * factor
    assert compare(moved, then).table["number"].tolist() == ["q.0"]
