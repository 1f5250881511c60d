"""Waits and service times from queue tickets, and when a branch was first trained."""

from __future__ import annotations

import pandas as pd

from svcquality.records.bank import Records
from svcquality.records.times import to_months


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
