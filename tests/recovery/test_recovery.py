"""The short version of ``make recovery``: ours covers the truth, the naive answer does not."""

from __future__ import annotations

import pandas as pd
import pytest

from svcquality.designs import DESIGNS
from tests.recovery.study import ROWS, run, summarise

pytestmark = pytest.mark.recovery

WITHOUT_TEXT = ["satisfaction", "waiting", "training", "policy", "loyalty"]
WITH_TEXT = ["cause_shares", "cause_cost"]
NAIVE_FAILS = [
    "training.att",
    "waiting.from_5",
    "loyalty.unresolved",
    "loyalty.recent_complaint",
]


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Six small banks without texts and three with."""
    return pd.concat(
        [run(range(101, 107), designs=WITHOUT_TEXT), run(range(101, 104), designs=WITH_TEXT)],
        ignore_index=True,
    )


def test_intervals_hold_the_truth_as_often_as_they_say(rows):
    ours = rows[rows["method"] == "ours"].dropna(subset=["low", "high"])
    covered = (ours["low"] <= ours["truth"]) & (ours["truth"] <= ours["high"])
    assert len(ours) > 80
    assert covered.mean() >= 0.9  # 95% nominal; terms of one bank go together


@pytest.mark.parametrize("quantity", NAIVE_FAILS)
def test_the_naive_answer_misses_the_truth(rows, quantity):
    summary = summarise(rows).set_index(["design", "method"])
    assert summary.loc[(quantity, "naive"), "coverage"] <= 0.5
    assert (
        summary.loc[(quantity, "ours"), "coverage"] > summary.loc[(quantity, "naive"), "coverage"]
    )


def test_every_design_with_a_truth_is_in_the_study(rows):
    asked = set(rows["design"].str.split(".").str[0])
    assert asked == set(DESIGNS) - {"topics", "handling", "emotion"}


def test_the_summary_counts_what_it_says():
    made = pd.DataFrame(
        [
            (1, "d.x", "ours", 1.0, 1.5, 0.0, 2.0, "a"),
            (2, "d.x", "ours", 1.0, 0.5, 0.0, 0.9, ""),
            (3, "d.x", "ours", 1.0, float("nan"), float("nan"), float("nan"), ""),
        ],
        columns=ROWS,
    )
    (row,) = summarise(made).to_dict("records")
    assert (row["replications"], row["bias"], row["coverage"]) == (2, 0.0, 0.5)
    assert row["check"] == "a 50%"
