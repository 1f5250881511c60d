"""A bank with a ticket log in which other customers' arrivals, bad days and turns move the wait."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit

from svcquality.records.bank import Records
from svcquality.records.waits import with_queue

SLOPE = -0.03
"""Log odds of being satisfied, a minute."""


def wait_log_bank(
    seed: int,
    *,
    branches: int = 10,
    days: int = 40,
    tickets: int = 30,
    congestion: float = 2.0,
    bad_days: float = 0.0,
    informed: float = 0.0,
    overtaken: float = 0.0,
    mood: float = 0.0,
) -> tuple[Records, float]:
    """Records, and the true difference in P(satisfied) for ten more minutes.

    Parameters
    ----------
    congestion : float
        Minutes of waiting for each other ticket in the hour before.
    bad_days : float
        How far, in log odds, days on which everyone waits 20 minutes more are worse otherwise.
    informed, overtaken : float
        Log odds of an announced wait and of being overtaken, at equal wait.
    mood : float
        How far a bad mood lengthens the memory of the wait (log points).
    """
    rng = np.random.default_rng(seed)
    n = branches * days * tickets
    branch, day = np.repeat(np.arange(branches), days * tickets), np.repeat(
        np.tile(np.arange(days), branches), tickets
    )  # fmt: skip
    minute = np.sort(rng.uniform(0, 480, (branches * days, tickets)), axis=1).ravel()
    arrived = pd.Series(
        pd.Timestamp("2025-01-06 09:00") + pd.to_timedelta(day * 1440 + minute, unit="min")
    )
    frame = pd.DataFrame(
        {
            "visit_id": [f"V{i}" for i in range(n)],
            "branch_id": [f"网点（{b}）" for b in branch],
            "customer_id": [f"C{c}" for c in rng.integers(0, n // 6, n)],
            "arrived": arrived,
            "called": arrived,
            "abandoned": False,
        }
    )
    before = with_queue(Records.from_frames(visits=frame).visits)["arrivals_before"].to_numpy()
    bad = (rng.random((branches, days)) < 0.3)[branch, day]
    wait = 5 + congestion * before + 20.0 * bad * (bad_days != 0) + rng.exponential(6.0, n)
    called = arrived + pd.to_timedelta(wait, unit="min")
    told = (day >= days // 2) & (branch % 2 == 0)
    log = with_queue(Records.from_frames(visits=frame.assign(called=called)).visits)
    passed = log["overtaken"].to_numpy(dtype=bool)
    index = 1.6 + SLOPE * wait - bad_days * bad + informed * told + overtaken * passed
    happy = rng.logistic(size=n)
    satisfied = index + happy > 0
    error = 0.3 * rng.standard_normal(n) - mood * (happy > 0)
    surveys = pd.DataFrame(
        {
            "survey_id": [f"S{i}" for i in range(n)],
            "visit_id": frame["visit_id"],
            "branch_id": frame["branch_id"],
            "trigger": "visit",
            "invited": arrived + pd.Timedelta("2h"),
            "answered": arrived + pd.Timedelta("1D"),
            "satisfied": satisfied,
            "perceived_wait_minutes": 1.3 * wait * np.exp(error),
        }
    )[rng.random(n) < 0.5]
    visits = frame.assign(called=called)
    if informed:
        visits["announced_minutes"] = np.where(told, wait, np.nan)
    records = Records.from_frames(visits=visits, surveys=surveys)
    return records, float((expit(index + 10 * SLOPE) - expit(index)).mean())
