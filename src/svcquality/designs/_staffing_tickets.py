"""Queue tickets as a queue sees them: minutes of a branch's day, within its usual half hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.findings import flow_row

SLOT_MINUTES = 30
UNUSUAL = 0.05
"""A half hour in which a branch has tickets on fewer days than this share, or on one day only, is
outside its hours."""


@dataclass(frozen=True, eq=False)
class Tickets:
    """Tickets of all branches in order of branch, day and arrival.

    Parameters
    ----------
    rows : DataFrame
        ``branch`` (code), ``day`` (code of the branch-day), ``date``, ``arrived``, ``called``,
        ``ended`` (minutes after midnight; missing where not recorded), ``served``, ``type``,
        ``slot`` (half hour of the day, 0–47), ``wait_minutes`` (until the call; missing for who
        left), ``called_absent`` (left, but the call is recorded).
    branches : list of str
        Name of each branch code.
    first, last : ndarray of int, shape (branches,)
        First and last half hour of each branch.
    days : ndarray of int, shape (branches,)
        Days with tickets of each branch; day codes run through them branch by branch.
    flow : list of dict
    """

    rows: pd.DataFrame
    branches: list[str]
    first: np.ndarray
    last: np.ndarray
    days: np.ndarray
    flow: list[dict[str, Any]]


def queue_tickets(
    visits: pd.DataFrame, branches: list[str] | None = None, windows: str | None = None
) -> Tickets:
    """The tickets that can be followed through a queue.

    Parameters
    ----------
    visits : DataFrame
        The validated table.
    branches : list of str, optional
        Only these.
    windows : str, optional
        Column that says how many windows were open; kept as ``open_windows``.

    Raises
    ------
    InputError
        If a branch or the column is unknown, or no ticket has a call and an end.
    """
    flow = [flow_row("登记的到店记录", "visits on record", len(visits))]
    rows = visits[visits["branch_id"].notna() & visits["arrived"].notna()]
    if branches is not None:
        unknown = sorted(set(branches) - set(rows["branch_id"]))
        if unknown:
            raise InputError(
                f"There are no visits to branch {unknown[0]!r}; check the spelling of `branches`.",
                f"没有网点“{unknown[0]}”的到店记录；请检查 branches 的写法。",
            )
        rows = rows[rows["branch_id"].isin(branches)]
    flow.append(flow_row("有网点与取号时间", "with a branch and an arrival", len(rows)))
    frame = _minutes(rows)
    if windows is not None:
        frame["open_windows"] = _given_windows(rows, windows)
    known = frame["left"] | frame["called"].notna()
    frame = frame[known]
    flow.append(
        flow_row("已叫号或已弃号（结局可知）", "called or abandoned (how it ended is known)", len(frame))
    )  # fmt: skip
    if not (frame["served"] & frame["ended"].notna()).any():
        raise InputError(
            "No visit has the times of its call and of its end, so the queue cannot be followed; "
            "map called (or started) and ended.",
            "没有任何到店记录同时给出叫号与办结时间，无法还原排队过程；请映射 called（或 started）与 ended。",
        )
    usual = _usual_hours(frame)
    frame = frame[usual]
    flow.append(flow_row("在网点常规时段内", "within the branch's usual half hours", len(frame)))
    return _coded(frame, flow)


def _minutes(rows: pd.DataFrame) -> pd.DataFrame:
    """Times as minutes after the midnight before the arrival."""
    midnight = rows["arrived"].dt.normalize()

    def minutes(times: pd.Series) -> pd.Series:
        return (times - midnight).dt.total_seconds() / 60

    left = rows["abandoned"].fillna(False).astype(bool)
    called = minutes(rows["called"].fillna(rows["started"]))
    arrived = minutes(rows["arrived"])
    return pd.DataFrame(
        {
            "branch_id": rows["branch_id"],
            "date": midnight,
            "arrived": arrived,
            "called": called,
            "started": minutes(rows["started"]),
            "ended": minutes(rows["ended"]),
            "left": left,
            "served": ~left & called.notna(),
            "type": rows["service_type"].fillna("other"),
            "staff": rows["staff_id"],
            "slot": (arrived // SLOT_MINUTES).astype(int),
        }
    )


def _given_windows(rows: pd.DataFrame, column: str) -> pd.Series:
    """Open windows as the visits say it; a number below zero or no number is not believed."""
    if column not in rows:
        raise InputError(
            f"The visits have no column {column!r} of open windows; leave `windows` out to read them "
            "off the tickets.",
            f"到店记录没有开窗数列“{column}”；不设 windows 时将从叫号流水中推断。",
        )
    number = pd.to_numeric(rows[column], errors="coerce").astype("float64")
    return number.where(number >= 0)


def _usual_hours(frame: pd.DataFrame) -> np.ndarray:
    """Whether each ticket falls between the first and the last usual half hour of its branch."""
    seen = frame.drop_duplicates(["branch_id", "date", "slot"]).groupby(["branch_id", "slot"])
    open_days = seen.size()
    days = frame.groupby("branch_id")["date"].nunique()
    count = days.reindex(open_days.index.get_level_values(0)).to_numpy()
    usual = open_days[open_days >= np.maximum(UNUSUAL * count, np.minimum(2, count))].reset_index()
    hours = usual.groupby("branch_id")["slot"].agg(["min", "max"])
    at = hours.reindex(pd.Index(frame["branch_id"])).to_numpy()
    slot = frame["slot"].to_numpy()
    return (slot >= at[:, 0]) & (slot <= at[:, 1])


def _coded(frame: pd.DataFrame, flow: list[dict[str, Any]]) -> Tickets:
    frame = frame.sort_values(["branch_id", "arrived"], kind="stable")
    branch, names = pd.factorize(frame["branch_id"], sort=True)
    key = pd.Series(branch).astype(str).str.zfill(6) + frame["date"].astype(str).to_numpy()
    day, _ = pd.factorize(key, sort=True)
    frame = frame.assign(
        branch=branch, day=day, wait_minutes=(frame["called"] - frame["arrived"]).where(frame["served"])
    )  # fmt: skip
    frame = frame.sort_values(["branch", "day", "arrived"], kind="stable", ignore_index=True)
    slots = frame.groupby("branch")["slot"].agg(["min", "max"])
    days = frame.groupby("branch")["day"].nunique().to_numpy()
    return Tickets(
        rows=frame,
        branches=list(map(str, names)),
        first=slots["min"].to_numpy(),
        last=slots["max"].to_numpy(),
        days=days,
        flow=flow,
    )
