"""What the ticket log tells about the visit behind each answer."""

from __future__ import annotations

from typing import Any

import pandas as pd

from svcquality.records.waits import with_queue

USUAL = ["branch_id", "half_hour", "weekday"]
"""What is usual is the mean of the tickets alike in these."""

OF_TICKETS = [
    "arrived", "half_hour", "weekday", "congestion", "overtaken", "wait_after", "wait_next",
]  # fmt: skip


def tickets(bank: Any) -> pd.DataFrame | None:
    """The ticket log with the queue around each ticket; None without one.

    Adds to `with_queue`: ``half_hour`` (of the day), ``weekday``, and ``congestion``: the tickets
    that others took in the hour before, beyond what is usual for the branch, half hour and weekday.
    """
    if bank.visits is None or bank.visits.empty:
        return None
    rows = with_queue(bank.visits)
    arrived = rows["arrived"]
    rows["half_hour"] = arrived.dt.hour * 2 + arrived.dt.minute // 30
    rows["weekday"] = arrived.dt.day_of_week
    usual = rows.groupby(USUAL)["arrivals_before"].transform("mean")
    rows["congestion"] = rows["arrivals_before"] - usual
    return rows


def behind(log: pd.DataFrame, bank: Any, survey_ids: pd.Series) -> pd.DataFrame:
    """The columns `OF_TICKETS` of the visit that each survey is about, in the order of the surveys.

    Missing where a survey names no visit of the log.
    """
    visit_of = bank.surveys.set_index("survey_id")["visit_id"].reindex(pd.Index(survey_ids))
    by_visit = log.set_index("visit_id")[OF_TICKETS]
    return by_visit.reindex(pd.Index(visit_of)).reset_index(drop=True)
