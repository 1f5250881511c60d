"""What queue tickets tell: waits, service, the queue around each; and first training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svcquality.records.times import to_months

if TYPE_CHECKING:
    from svcquality.records.bank import Records

OVERTAKEN = pd.Timedelta("1min")
"""Calls closer than this are at once: which of two windows calls first is nobody's doing."""


def with_waits(visits: pd.DataFrame) -> pd.DataFrame:
    """Visits with their wait and service time.

    Parameters
    ----------
    visits : DataFrame
        The validated table.

    Returns
    -------
    DataFrame
        The same rows with ``wait_minutes`` (called, else started, minus arrived; missing for who
        left unserved), ``service_minutes`` (ended minus started, else called; minus arrived in a
        table that records neither, such as the log of a hotline) and ``month`` of arrival.
    """
    called = visits["called"].fillna(visits["started"])
    wait = (called - visits["arrived"]).dt.total_seconds() / 60
    begun = visits["started"].fillna(visits["called"])
    if begun.isna().all():  # a log without a queue
        begun = visits["arrived"]
    left = visits["abandoned"].fillna(False).astype(bool)
    return visits.assign(
        wait_minutes=wait.mask(left),
        service_minutes=((visits["ended"] - begun).dt.total_seconds() / 60).mask(left),
        month=to_months(visits["arrived"]),
    )


def first_training(records: Records) -> pd.Series:
    """Day on which each branch was first trained.

    Parameters
    ----------
    records : Records
        A training record that names a member of staff only belongs to the branch where that person
        served most tickets.

    Returns
    -------
    Series of datetime64[ns]
        Index ``branch_id``; empty without training records.
    """
    if records.training is None:
        return pd.Series(dtype="datetime64[ns]", index=pd.Index([], name="branch_id", dtype="str"))
    training = records.training
    branch = training["branch_id"]
    if branch.isna().any() and records.visits is not None:
        served = records.visits.dropna(subset=["staff_id", "branch_id"])
        tickets = served.groupby(["staff_id", "branch_id"]).size().reset_index(name="tickets")
        most = tickets.sort_values("tickets", kind="stable").groupby("staff_id")["branch_id"].last()
        branch = branch.fillna(training["staff_id"].map(most))
    return training.assign(branch_id=branch).groupby("branch_id")["completed"].min().dropna()


def with_queue(visits: pd.DataFrame, *, minutes: float = 60.0) -> pd.DataFrame:
    """Visits with their wait and what else the ticket log tells about the queue.

    Parameters
    ----------
    visits : DataFrame
        The validated table.
    minutes : float
        How long "just before" and "soon after" are.

    Returns
    -------
    DataFrame
        `with_waits`, and:

        - ``arrivals_before``: tickets that others took at the branch in the ``minutes`` before;
        - ``overtaken``: whether somebody who took a ticket later was called earlier by `OVERTAKEN`
          or more, at the same branch and day; missing for who was not called;
        - ``wait_after``: mean wait of those who took a ticket there in the ``minutes`` after this
          customer was called;
        - ``wait_next``: wait of the same customer's next visit.

        All missing where branch, customer or times are not recorded.
    """
    rows = with_waits(visits)
    called = rows["called"].fillna(rows["started"])
    where = pd.factorize(rows["branch_id"].astype("string"))[0]
    known = np.flatnonzero((where >= 0) & rows["arrived"].notna().to_numpy())
    first = rows["arrived"].min()
    arrived, called_at = (
        (times - first).dt.total_seconds().to_numpy() for times in (rows["arrived"], called)
    )
    # One line of time for all branches, so far apart that no window reaches into the next.
    apart = float(np.nanmax(np.r_[arrived, called_at, 0.0])) + 60 * minutes + 86_400
    arrived, called_at = arrived + where * apart, called_at + where * apart
    order = known[np.argsort(arrived[known], kind="stable")]
    line = arrived[order]

    before = np.full(len(rows), np.nan)
    before[order] = np.searchsorted(line, line) - np.searchsorted(line, line - 60 * minutes)
    return rows.assign(
        arrivals_before=before,
        overtaken=_overtaken(rows, line, order, called_at),
        wait_after=_wait_after(rows["wait_minutes"].to_numpy(), line, order, called_at, minutes),
        wait_next=_wait_next(rows),
    )


def _overtaken(
    rows: pd.DataFrame, line: np.ndarray, order: np.ndarray, called_at: np.ndarray
) -> pd.Series:
    """Whether a later ticket of the branch and day was called earlier."""
    days = rows["arrived"].dt.normalize().to_numpy()[order]
    branch = rows["branch_id"].to_numpy()[order]
    new = np.r_[True, (days[1:] != days[:-1]) | (branch[1:] != branch[:-1])] if len(order) else []
    day = np.cumsum(new)
    calls = pd.Series(called_at[order][::-1]).fillna(np.inf)
    earliest = calls.groupby(day[::-1]).cummin().to_numpy()[::-1]
    after = np.searchsorted(line, line, side="right")  # who came in the same second is not later
    same_day = np.r_[day, -1][after] == day
    later_call = np.where(same_day, np.r_[earliest, np.inf][after], np.inf)
    own = called_at[order]
    out = pd.Series(pd.NA, index=rows.index, dtype="boolean")
    seen = ~np.isnan(own) & rows["wait_minutes"].notna().to_numpy()[order]
    out.iloc[order[seen]] = later_call[seen] <= own[seen] - OVERTAKEN.total_seconds()
    return out


def _wait_after(
    wait: np.ndarray, line: np.ndarray, order: np.ndarray, called_at: np.ndarray, minutes: float
) -> np.ndarray:
    """Mean wait of the tickets taken soon after each call."""
    ordered = wait[order]
    counted = ~np.isnan(ordered)
    total = np.r_[0.0, np.cumsum(np.where(counted, ordered, 0.0))]
    number = np.r_[0, np.cumsum(counted)]
    start = np.searchsorted(line, called_at[order], side="right")
    end = np.searchsorted(line, called_at[order] + 60 * minutes, side="right")
    n = number[end] - number[start]
    mean = np.full(len(wait), np.nan)
    some = (n > 0) & ~np.isnan(called_at[order])
    mean[order[some]] = (total[end] - total[start])[some] / n[some]
    return mean


def _wait_next(rows: pd.DataFrame) -> pd.Series:
    ordered = rows.dropna(subset=["customer_id", "arrived"]).sort_values("arrived", kind="stable")
    return ordered.groupby("customer_id")["wait_minutes"].shift(-1).reindex(rows.index)
