"""Open windows and their use by branch, day and half hour, where the tickets tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.designs._staffing_slots import clock_at
from svcquality.designs._staffing_tickets import SLOT_MINUTES, queue_tickets
from svcquality.designs._staffing_windows import open_windows
from svcquality.errors import InputError


@dataclass(frozen=True, eq=False)
class UsedWindows:
    """Windows and what they were used for.

    Parameters
    ----------
    frame : DataFrame
        One row a branch and half hour: ``branch_id, time, windows, utilisation, agreement``.
    cells : DataFrame
        One row a branch, day and half hour with tickets served: ``branch, day, slot, wait,
        arrivals, service, windows``.
    """

    frame: pd.DataFrame
    cells: pd.DataFrame


def used_windows(visits: pd.DataFrame) -> UsedWindows | None:
    """Windows and their use; None where calls and ends are not recorded."""
    try:
        tickets = queue_tickets(visits)
    except InputError:
        return None
    windows = open_windows(tickets)
    usual = windows.frame
    open_minutes = (SLOT_MINUTES * usual["windows"]).where(usual["windows"] > 0)
    frame = pd.DataFrame(
        {
            "branch_id": np.array(tickets.branches, dtype=object)[usual["branch"]],
            "time": clock_at(usual["slot"]),
            "windows": usual["windows"],
            "utilisation": usual["busy_minutes"] / open_minutes,
            "agreement": usual["agreement"],
        }
    )
    rows = tickets.rows
    rows = rows.assign(service=(rows["ended"] - rows["called"]).where(rows["served"]))
    cells = (
        rows.groupby(["branch", "day", "slot"])
        .agg(wait=("wait_minutes", "mean"), arrivals=("slot", "size"), service=("service", "mean"))
        .dropna()
        .reset_index()
        .merge(usual[["branch", "slot", "windows"]], on=["branch", "slot"])
        .sort_values(["day", "slot"], ignore_index=True)
    )
    return UsedWindows(frame, cells)
