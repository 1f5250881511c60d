"""Straight-liners: an SPSS file in which the wait seems the main driver and is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.designs.driver_surveys import ITEMS, bank_of, items_survey, straight_lined, through_spss

from svcquality.designs.drivers import drivers
from svcquality.estimators.key_drivers import key_drivers
from svcquality.findings import Finding
from svcquality.records.bank import Records


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return straight_lined(1)


@pytest.fixture(scope="module")
def bank(answers: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Records:
    return through_spss(answers, tmp_path_factory.mktemp("spss"))


@pytest.fixture(scope="module")
def found(bank: Records) -> Finding:
    return drivers(bank, draws=200)


def lining(finding: Finding):
    return next(c for c in finding.checks if c.name == "straight_lining")


def test_the_file_is_read_with_its_scale(bank: Records, answers: pd.DataFrame) -> None:
    for name in ITEMS:
        read = bank.surveys[f"item_{name}"].to_numpy(dtype=float)
        np.testing.assert_array_equal(read, answers[name])


def test_over_all_answers_the_wait_would_lead(answers: pd.DataFrame) -> None:
    naive = key_drivers(
        answers["overall"].to_numpy(), answers[list(ITEMS)].to_numpy(), draws=200
    ).table.set_index(pd.Index(ITEMS))
    assert naive["share"].idxmax() == "wait"
    careful = answers[~answers["lines"]]
    assert abs(careful["overall"].corr(careful["wait"])) < 0.08


def test_the_finding_does_not_say_that_the_wait_is_the_driver(found: Finding) -> None:
    assert found.sentence("en").startswith("“staff” has the largest share")
    assert "wait" not in found.sentence("en") and "wait" not in found.sentence("zh")
    assert found.effect("share_item_wait").high < 0.05
    change = found.effect("change_item_wait")
    assert change.low < 0 < change.high


def test_the_check_tells_share_and_both_leaders(found: Finding, answers: pd.DataFrame) -> None:
    check = lining(found)
    same = (answers[list(ITEMS)].nunique(axis=1) == 1).mean()
    assert check.status == "warn" and check.number == pytest.approx(same)
    assert f"{same:.1%} of the answers" in check.text.en
    assert "that of “staff”" in check.text.en and "that of “wait”" in check.text.en
    assert "已剔除前者" in check.text.zh
    steps = dict(zip(found.flow["step_en"], found.flow["rows"], strict=True))
    left = round(len(answers) * (1 - same))
    assert steps["without one rating for every item (at least 5)"] == left
    assert found.table["n"].unique().tolist() == [left]
    readings = found.frames["readings"].set_index("driver")
    assert readings["all"].idxmax() == "item_wait"
    assert readings["without"].idxmax() == "item_staff"


def test_where_they_are_kept_the_wait_is_not_named_alone(
    bank: Records, answers: pd.DataFrame
) -> None:
    kept = drivers(bank, straight_liners="keep", draws=200)
    assert kept.table["n"].iloc[0] == len(answers)
    assert "cannot tell which of" in kept.sentence("en")
    assert "“wait”" in kept.sentence("en") and "“staff”" in kept.sentence("en")
    assert lining(kept).status == "warn" and "all kept" in lining(kept).text.en


def test_a_measured_driver_leads_only_if_it_does_so_either_way() -> None:
    """Delighted customers tick 5 throughout and waited little: without them the wait leads."""
    rng = np.random.default_rng(3)
    survey = items_survey(3, n=1200, weights=(0.5, 0.0, 0.0, 0.0, 0.0), noise=0.7)
    items = [c for c in survey if c.startswith("item_")]
    wait = rng.gamma(2.0, 8.0, len(survey))
    wait_off = np.clip(np.round(survey["satisfaction"] - (wait - 16) / 9), 1, 5)
    survey = survey.assign(satisfaction=wait_off, wait_minutes=wait)
    delighted = pd.DataFrame(
        {
            "survey_id": [f"D{i}" for i in range(1800)],
            "branch_id": [f"B{i % 12}" for i in range(1800)],
            "trigger": "visit",
            "wait_minutes": rng.gamma(2.0, 8.0, 1800),
        }
    )
    box = rng.integers(1, 6, 1800)
    delighted = delighted.assign(satisfaction=box, **dict.fromkeys(items, box))
    both = drivers(bank_of(pd.concat([survey, delighted], ignore_index=True)), draws=200)
    readings = both.frames["readings"].set_index("driver")
    assert readings["without"].idxmax() == "wait_minutes"
    assert readings["all"].idxmax() != "wait_minutes"
    assert "cannot tell which of waiting time and “" in both.sentence("en")


def test_careful_surveys_are_left_alone() -> None:
    survey = items_survey(6, n=600)
    items = [c for c in survey if c.startswith("item_")]
    careful = survey[survey[items].nunique(axis=1) > 2]
    found = drivers(bank_of(careful), draws=100)
    assert lining(found).status == "passed" and lining(found).number == 0
    assert len(found.table) and found.table["n"].iloc[0] == len(careful)
    assert not found.flow["step_en"].str.contains("one rating for every item").any()


def test_a_computed_column_does_not_hide_straight_liners(answers: pd.DataFrame) -> None:
    surveys = answers.drop(columns=["lines", "overall"]).add_prefix("item_")
    surveys = surveys.assign(
        survey_id=[f"S{i}" for i in range(len(answers))],
        trigger="visit",
        satisfaction=answers["overall"],
        item_happy=6 - answers["overall"],
    )
    with_made = drivers(bank_of(surveys), draws=100)
    assert lining(with_made).number == pytest.approx(
        (answers[list(ITEMS)].nunique(axis=1) == 1).mean()
    )
