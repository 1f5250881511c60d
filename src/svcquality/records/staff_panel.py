"""Staff x week panel: who served, how much, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from svcquality.errors import InputError
from svcquality.records.visit_rows import SUMMED, sum_visits, visit_rows
from svcquality.records.waits import first_training

if TYPE_CHECKING:
    from svcquality.records.bank import Records

WEEK = pd.Timedelta(days=7)


def to_weeks(times: pd.Series) -> pd.Series:
    """The Monday of each time's week (ISO 8601)."""
    days = times.astype("datetime64[ns]").dt.normalize()
    return days - pd.to_timedelta(days.dt.day_of_week, unit="D")


def staff_weeks(records: Records) -> pd.DataFrame:
    """One row a member of staff and week in which that person served.

    Parameters
    ----------
    records : Records
        Needs visits with ``staff_id``; complaints and surveys that name the ticket, and training,
        add what they know.

    Returns
    -------
    DataFrame
        ``staff_id, week`` (Monday)``, branch_id`` (where the person served most that week)``, days``
        (with at least one ticket)``, holidays`` (declared, in that week)``, visits, abandoned,
        wait_minutes_mean, service_minutes_mean, complaints, complaints_per_1000_visits, answered,
        satisfied_share, satisfaction_mean, first_trained`` (week of the first training: the
        person's own, else that of the branch where the person
        served most; NaT for none). A week without a ticket is a week away
        from the windows and has no row; complaints are zero where the person served and nobody
        complained.

    Raises
    ------
    InputError
        If there is no table visits, or no ticket names a member of staff.
    """
    rows = visit_rows(records).dropna(subset=["staff_id", "arrived"])
    if rows.empty:
        raise InputError(
            "No ticket says who served it; map staff_id of visits.",
            "排队记录都没有员工编号；请映射 visits 的 staff_id 列。",
        )
    rows = rows.assign(week=to_weeks(rows["arrived"]), day=rows["arrived"].dt.normalize())
    keys = ["staff_id", "week"]
    panel = sum_visits(rows, keys)
    panel["days"] = rows.groupby(keys)["day"].nunique()
    panel["branch_id"] = _main_branch(rows, keys)
    panel = panel.reset_index()
    panel["holidays"] = _holidays_in(records.holidays, panel["week"])
    panel["first_trained"] = _first_trained(records, panel["staff_id"], rows)
    types = {"staff_id": "str", "branch_id": "str", "days": "int64", "holidays": "int64"}
    order = ["staff_id", "week", "branch_id", "days", "holidays", *SUMMED, "first_trained"]
    return panel[order].astype(types)


def _main_branch(rows: pd.DataFrame, keys: list[str]) -> pd.Series:
    counts = rows.groupby([*keys, "branch_id"]).size().reset_index(name="tickets")
    most = counts.sort_values("tickets", kind="stable").drop_duplicates(keys, keep="last")
    return most.set_index(keys)["branch_id"]


def _holidays_in(holidays: pd.DatetimeIndex, weeks: pd.Series) -> pd.Series:
    counts = to_weeks(pd.Series(holidays.unique())).value_counts()
    return weeks.map(counts).fillna(0)


def _first_trained(records: Records, staff: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """One week a person, whatever the row: a unit of a panel is first treated once."""
    home = _main_branch(rows, ["staff_id"])
    day = staff.map(home).map(first_training(records)).astype("datetime64[ns]")
    if records.training is not None:
        training = records.training.dropna(subset=["staff_id"])
        own = training.groupby("staff_id")["completed"].min()
        if len(own):
            day = staff.map(own).astype("datetime64[ns]").fillna(day)
    return to_weeks(day)
