"""Rated items in `satisfaction`: neither straight-liners nor a disguised outcome speak for them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.designs.driver_surveys import bank_of, items_survey, straight_lined, through_spss

from svcquality.designs.regression import regression
from svcquality.designs.satisfaction import satisfaction
from svcquality.designs.waiting import waiting
from svcquality.errors import InputError

asked = partial(satisfaction, appendix=False)


def check_of(found, name: str):
    return next(check for check in found.checks if check.name == name)


def test_an_item_that_only_straight_liners_tie_to_the_verdict_is_not_reported(tmp_path: Path):
    answers = straight_lined(3)
    found = asked(through_spss(answers, tmp_path))
    wait = found.table.set_index("term").loc["item_wait"]
    assert wait["low"] < 0 < wait["high"]
    check = check_of(found, "straight_lining")
    assert check.status == "warn"
    assert check.number == pytest.approx(answers["lines"].mean(), abs=0.02)
    rows = dict(zip(found.flow["step_en"], found.flow["rows"], strict=True))
    left = rows["items not all rated alike (for the items)"]
    assert left <= (~answers["lines"]).sum() == pytest.approx(left, rel=0.02)


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    return items_survey(4)


def test_honest_answers_all_alike_stay_where_nothing_rests_on_them(survey: pd.DataFrame):
    found = asked(bank_of(survey))
    assert not [c for c in found.checks if c.name == "straight_lining" and c.status != "passed"]
    assert found.table["n"].max() == survey["satisfaction"].notna().sum()


def test_the_outcome_turned_round_and_renamed_is_no_item(survey: pd.DataFrame):
    rng = np.random.default_rng(8)
    turned = (6 - survey["satisfaction"] + (rng.random(len(survey)) < 0.02)).clip(1, 5)
    plain = asked(bank_of(survey)).table.set_index("term")
    found = asked(bank_of(survey.assign(**{"item_抱怨（强度）": turned})))
    assert found.table.set_index("term")["estimate"].equals(plain["estimate"])
    check = check_of(found, "outcome_in_disguise")
    assert check.status == "warn"
    assert "抱怨（强度）" in check.text.zh


@pytest.mark.parametrize("design", [asked, partial(waiting, appendix=False)])
def test_the_outcome_in_disguise_is_not_held_equal(survey: pd.DataFrame, design):
    rng = np.random.default_rng(9)
    waits = rng.exponential(10, len(survey)).round(1)
    bank = bank_of(survey.assign(wait_minutes=waits, item_mood=6 - survey["satisfaction"]))
    with pytest.raises(InputError, match="under another name"):
        design(bank, confounders=["item_mood"], mediation=True)


def test_a_regression_on_the_outcome_in_disguise_says_so(survey: pd.DataFrame):
    rng = np.random.default_rng(10)
    mood = (
        6 - survey["satisfaction"] + rng.choice([-1, 0, 1], len(survey), p=[0.02, 0.96, 0.02])
    ).clip(1, 5)
    bank = bank_of(survey.assign(item_mood=mood))
    warned = regression(bank, formula="satisfaction ~ item_a + item_mood")
    assert check_of(warned, "outcome_in_disguise").status == "warn"
    fair = regression(bank, formula="satisfaction ~ item_a + item_b")
    assert all(check.name != "outcome_in_disguise" for check in fair.checks)
