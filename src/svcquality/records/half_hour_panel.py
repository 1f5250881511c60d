"""Branch x half-hour panel: arrivals, waits and staff while a branch was open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.records.visit_rows import SUMMED, sum_visits, visit_rows

if TYPE_CHECKING:
    from svcquality.records.bank import Records

HALF_HOUR = pd.Timedelta(minutes=30)
USUAL = 0.05
"""A half hour belongs to a branch's usual hours if it had a ticket on this share of its days."""
_COUNTED = ["visits", "abandoned", "complaints", "answered"]


def branch_half_hours(records: Records, *, hours: Sequence[str] = ()) -> pd.DataFrame:
    """One row a branch and half hour in which it was open.

    Parameters
    ----------
    records : Records
        Needs visits with ``branch_id``; complaints and surveys that name the ticket add what they
        know.
    hours : sequence of str, optional
        When branches open and close, such as ``("09:00", "17:00")``. By default each branch's own:
        from the first to the last half hour that had a ticket on at least `USUAL` of its days.

    Returns
    -------
    DataFrame
        ``branch_id, start`` (of the half hour, local time)``, visits`` (tickets taken)``, abandoned,
        wait_minutes_mean, service_minutes_mean, complaints, complaints_per_1000_visits, answered,
        satisfied_share, satisfaction_mean, staff`` (who served a ticket taken then). A half hour
        with a ticket always has a row. One without has a row of zeros if it lies in the opening
        hours of a day on which the branch served anybody and which is no declared holiday; any
        other is absent: a day without a single ticket is a day closed or not recorded, never a day
        without customers.

    Raises
    ------
    InputError
        If there is no table visits, no ticket names a branch, or ``hours`` are no two clock times.
    """
    rows = visit_rows(records).dropna(subset=["branch_id", "arrived"])
    if rows.empty:
        raise InputError(
            "No ticket says at which branch it was taken; map branch_id of visits.",
            "排队记录都没有网点编号；请映射 visits 的 branch_id 列。",
        )
    rows = rows.assign(start=rows["arrived"].dt.floor("30min"))
    keys = ["branch_id", "start"]
    seen = sum_visits(rows, keys)
    seen["staff"] = rows.groupby(keys)["staff_id"].nunique().astype("float64")
    if rows["staff_id"].isna().all():
        seen["staff"] = np.nan
    grid = _open_half_hours(rows, records.holidays, _clock_times(hours))
    panel = seen.reindex(seen.index.union(grid))
    known = [name for name in [*_COUNTED, "staff"] if seen[name].notna().any()]
    panel[known] = panel[known].fillna(0.0)
    return panel.reset_index()[[*keys, *SUMMED, "staff"]].astype({"branch_id": "str"})


def _clock_times(hours: Sequence[str]) -> tuple[int, int] | None:
    """Opening and closing as half hours since midnight; None where not declared."""
    if not hours:
        return None
    clock = (
        pd.Series(list(hours), dtype="str").str.extract(r"^(\d{1,2}):(\d{2})$").astype("Float64")
    )
    slots = 2 * clock[0] + clock[1] / 30
    if len(slots) != 2 or slots.isna().any() or not 0 <= slots[0] < slots[1] <= 48:
        raise InputError(
            'Opening hours are two clock times in order, such as ("09:00", "17:00").',
            '营业时间应为先后两个钟点，例如 ("09:00", "17:00")。',
        )
    return int(np.floor(slots[0])), int(np.ceil(slots[1]))


def _open_half_hours(
    rows: pd.DataFrame, holidays: pd.DatetimeIndex, hours: tuple[int, int] | None
) -> pd.MultiIndex:
    """Every half hour of the opening hours of every day on which a branch served anybody."""
    day = rows["start"].dt.normalize()
    slot = ((rows["start"] - day) // HALF_HOUR).rename("slot")
    days = pd.DataFrame({"branch_id": rows["branch_id"], "day": day}).drop_duplicates()
    if hours is None:
        cells = pd.DataFrame({"branch_id": rows["branch_id"], "day": day, "slot": slot})
        met = (
            cells.drop_duplicates()
            .groupby(["branch_id", "slot"])
            .size()
            .rename("days")
            .reset_index()
        )
        most = met["branch_id"].map(days.groupby("branch_id").size())
        usual = met[met["days"] >= USUAL * most].groupby("branch_id")["slot"].agg(["min", "max"])
        days = days.join(usual, on="branch_id")
    else:
        days = days.assign(min=hours[0], max=hours[1] - 1)
    days = days[~days["day"].isin(holidays)]
    number = (days["max"] - days["min"] + 1).to_numpy(dtype=np.int64)
    within = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
    first = days["day"] + days["min"].astype("int64") * HALF_HOUR
    return pd.MultiIndex.from_arrays(
        [np.repeat(days["branch_id"].to_numpy(), number), np.repeat(first.to_numpy(), number) + within * HALF_HOUR.to_timedelta64()],
        names=["branch_id", "start"],
    )  # fmt: skip
