"""Damaged and degenerate surveys: one clear sentence, or the right number; never a traceback."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from svcquality.designs.satisfaction import satisfaction
from svcquality.designs.waiting import waiting
from svcquality.errors import InputError
from svcquality.records.bank import Records

DESIGNS = [partial(satisfaction, appendix=False), partial(waiting, appendix=False)]


def survey(seed: int = 0, *, n: int = 600, branches: int = 12) -> pd.DataFrame:
    """Answers that fall with the wait."""
    rng = np.random.default_rng(seed)
    wait = rng.gamma(3, 5, n).round(1)
    latent = -0.03 * wait + rng.logistic(size=n)
    return pd.DataFrame(
        {
            "survey_id": [f"S{i}" for i in range(n)],
            "branch_id": [f"B{b}" for b in rng.integers(branches, size=n)],
            "trigger": "visit",
            "wait_minutes": wait,
            "satisfaction": 1.0 + np.digitize(latent, [-2.5, -1.3, -0.2, 1.2]),
        }
    )


def refusal(design, surveys: pd.DataFrame) -> str:
    with pytest.raises(InputError) as refused:
        design(Records.from_frames(surveys=surveys))
    assert refused.value.zh
    return refused.value.en


@pytest.mark.parametrize("design", DESIGNS)
def test_waits_in_seconds_are_refused_by_both(design):
    said = refusal(design, survey().assign(wait_minutes=lambda t: t["wait_minutes"] * 60))
    assert "seconds" in said


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("cuts", [[-15], [-25, -18, -12, -7]])
def test_perfect_separation_names_the_wait_and_nothing_else(design, cuts):
    rated = survey()
    rated["satisfaction"] = (np.digitize(-rated["wait_minutes"], cuts) + 1.0) * 5 / (len(cuts) + 1)
    rated["satisfaction"] = rated["satisfaction"].round()
    assert "perfectly by wait_minutes, so" in refusal(design, rated)


@pytest.mark.parametrize("design", DESIGNS)
def test_one_dissatisfied_customer_carries_no_answer(design):
    rated = survey().assign(satisfaction=5.0)
    rated.loc[0, "satisfaction"] = 1.0
    assert refusal(design, rated).startswith("Only 1 of 600 answers")


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("values", [[3.5] * 600, ["满意"] * 600])
def test_unreadable_answers_are_counted_in_the_refusal(design, values):
    said = refusal(design, survey().assign(satisfaction=values))
    assert "(600 more values could not be read: see bank.repairs)" in said


@pytest.mark.parametrize("wait", [np.inf, 1e9, -4.0])
def test_one_impossible_wait_is_set_missing_and_the_rest_answers(wait):
    surveys = survey()
    surveys.loc[5, "wait_minutes"] = wait
    bank = Records.from_frames(surveys=surveys)
    assert bank.repairs["column"].tolist() == ["wait_minutes"]
    row = waiting(bank, appendix=False).table.iloc[0]
    assert row["n"] == 599
    assert row["high"] < 0


def test_one_odd_wait_does_not_speak_for_all():
    surveys = survey().assign(wait_minutes=0.0)
    surveys.loc[0, "wait_minutes"] = 1.0
    assert refusal(DESIGNS[1], surveys).startswith("All but a few waits are the same (0 minutes)")
    rated = surveys.assign(item_a=np.arange(600) % 5 + 1.0)
    found = satisfaction(Records.from_frames(surveys=rated), appendix=False)
    assert "wait_plus_10" not in set(found.table["term"])
    told = next(check for check in found.checks if check.name == "left_out")
    assert "the wait" in told.text.en


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_six_branches_whose_waits_mean_nothing_on_average_find_nothing(spread: float):
    """Strong branch effects, slopes that differ by branch about zero: 24 banks, 5% nominal."""
    found = 0
    for seed in range(24):
        rng = np.random.default_rng(1000 + seed)
        n, branch = 600, rng.integers(6, size=600)
        usual, slope = rng.normal(size=(2, 6)) * [[6.0], [spread]]
        wait = np.clip(20 + usual[branch] + rng.gamma(2, 4, n) - 8, 0, None)
        latent = rng.normal(size=6)[branch] + slope[branch] * (wait - 20) / 10
        surveys = pd.DataFrame(
            {
                "survey_id": [f"S{i}" for i in range(n)],
                "branch_id": [f"B{b}" for b in branch],
                "wait_minutes": wait.round(1),
                "satisfaction": 1.0
                + np.digitize(latent + rng.logistic(size=n), [-2.5, -1.3, -0.2, 1.2]),
            }
        )
        row = waiting(Records.from_frames(surveys=surveys), appendix=False).table.iloc[0]
        assert row["error_kind"].startswith("CR3")
        found += not row["low"] <= 0 <= row["high"]
    assert found <= 4  # P(5 or more of 24 at 5%) = .005; independent rows found 12 at a spread of 1
