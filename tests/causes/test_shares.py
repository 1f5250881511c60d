from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from svcquality.causes.shares import measured_shares, recorded_shares, wilson


@pytest.mark.parametrize(("count", "n"), [(0, 20), (3, 20), (20, 20), (500, 1000)])
def test_wilson_against_statsmodels(count: int, n: int) -> None:
    theirs = proportion_confint(count, n, method="wilson")
    assert wilson(count / n, n) == pytest.approx(theirs, abs=1e-12)


def test_recorded_shares_leave_out_the_missing() -> None:
    shares = recorded_shares(pd.Series(["b", "a", "a", None]))
    assert shares["id"].tolist() == ["a", "b"]
    assert shares["share"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert shares["n"].tolist() == [3, 3]


def test_intervals_of_corrected_shares_hold_the_truth() -> None:
    """A classifier with a third of errors: 95% intervals from 150 hand-coded of 1,000."""
    rng = np.random.default_rng(1)
    n, ids = 1000, ["a", "b", "c"]
    truth = pd.Series(rng.choice(ids, n, p=[0.6, 0.3, 0.1]))
    wrong = rng.random(n) < 0.35
    primary = pd.DataFrame({"combined": truth.where(~wrong, "c"), "start_0": truth})
    hits, naive = [], []
    actual = truth.value_counts(normalize=True)
    for _ in range(200):
        take = np.zeros(n, dtype=bool)
        take[rng.choice(n, 150, replace=False)] = True
        shares = measured_shares(
            primary, ids, truth.where(pd.Series(take)), pd.Series(np.where(take, 0.15, np.nan))
        ).set_index("id")
        hits.append((shares["low"] <= actual) & (actual <= shares["high"]))
        naive.append(shares["low"].min() >= 0)
    assert all(naive)
    assert (pd.DataFrame(hits).mean() > 0.91).all()
    uncorrected = measured_shares(
        primary, ids, pd.Series([None] * n, dtype="str"), pd.Series(np.nan, index=range(n))
    ).set_index("id")
    assert set(uncorrected["method"]) == {"model"}
    assert uncorrected.loc["a", "high"] < actual["a"]


def test_disagreeing_starts_widen_the_interval() -> None:
    combined = pd.Series(["a", "b"] * 50)
    none, missing = pd.Series([None] * 100, dtype="str"), pd.Series(np.nan, index=range(100))

    def width(starts: list[pd.Series]) -> float:
        frame = pd.DataFrame(
            {"combined": combined, **{f"start_{i}": s for i, s in enumerate(starts)}}
        )
        row = measured_shares(frame, ["a"], none, missing).iloc[0]
        return float(row["high"] - row["low"])

    moved = pd.Series(["a"] * 80 + ["b"] * 20)
    assert width([combined, combined]) < width([combined, moved])
