"""How many windows were open: read off the tickets while somebody waited."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.designs._staffing_tickets import SLOT_MINUTES, Tickets

QUEUING = 1.0
"""A wait of this many minutes is a queue; shorter ones are the moment that a call takes."""
ENOUGH = 5.0
"""Minutes of queue in a half hour from which its windows are read."""
STEADY = 0.7
"""Share of half hours of single days with the usual number from which a plan is the same each day."""


@dataclass(frozen=True, eq=False)
class Windows:
    """Open windows of every branch.

    Parameters
    ----------
    frame : DataFrame
        One row a branch and half hour: ``branch, slot, windows`` (the usual number), ``queue_minutes``
        (time read), ``agreement`` (share of it with exactly that number in service), ``busy_minutes``
        (a day), ``seen`` (whether read while somebody waited; else the most ever in service at once).
    by_day : dict of int to ndarray of int, shape (days, slots)
        Plans of the branches whose plan differs from day to day.
    """

    frame: pd.DataFrame
    by_day: dict[int, np.ndarray]

    def plan(self, branch: int) -> np.ndarray:
        """Windows of one branch: (slots,), or (days, slots) where they differ by day."""
        if branch in self.by_day:
            return self.by_day[branch]
        return self.frame.loc[self.frame["branch"] == branch, "windows"].to_numpy()


def in_service(tickets: Tickets) -> pd.DataFrame:
    """Minutes of each branch-day and half hour by how many were in service, with or without a queue.

    Returns
    -------
    DataFrame
        ``branch, day, slot, busy, queue`` (whether somebody waited), ``minutes``.
    """
    rows = tickets.rows
    done = rows[rows["served"] & rows["ended"].notna()]
    slow = done[done["wait_minutes"] > QUEUING]
    first = rows.drop_duplicates("day")[["day", "branch"]]
    edges = first.merge(_half_hours(tickets), on="branch")
    changes = [  # day, minute, change of those in service, change of those who wait
        (done["day"], done["called"], 1, 0),
        (done["day"], done["ended"], -1, 0),
        (slow["day"], slow["arrived"], 0, 1),
        (slow["day"], slow["called"], 0, -1),
        (edges["day"], edges["slot"] * SLOT_MINUTES, 0, 0),
        (edges["day"], (edges["slot"] + 1) * SLOT_MINUTES, 0, 0),
    ]
    sizes = [len(c[0]) for c in changes]
    day = np.concatenate([c[0] for c in changes])
    at = np.concatenate([c[1] for c in changes])
    order = np.lexsort((at, day))
    day, at = day[order], at[order]
    # Every interval that begins in a day ends in it, so that the sums begin anew each day.
    busy = np.cumsum(np.repeat([c[2] for c in changes], sizes)[order])
    waiting = np.cumsum(np.repeat([c[3] for c in changes], sizes)[order])
    minutes = np.append(np.diff(at), 0.0)
    same_day = np.append(day[1:] == day[:-1], False)
    branch = first.sort_values("day")["branch"].to_numpy()[day]
    slot = (at // SLOT_MINUTES).astype(int)
    open_ = same_day & (slot >= tickets.first[branch]) & (slot <= tickets.last[branch])
    frame = pd.DataFrame(
        {
            "branch": branch, "day": day, "slot": slot, "busy": busy,
            "queue": waiting > 0, "minutes": minutes,
        }
    )[open_ & (minutes > 0)]  # fmt: skip
    keys = ["branch", "day", "slot", "busy", "queue"]
    return frame.groupby(keys, as_index=False)["minutes"].sum()


def _half_hours(tickets: Tickets) -> pd.DataFrame:
    """``branch, slot``: the half hours of every branch."""
    count = tickets.last - tickets.first + 1
    branch = np.repeat(np.arange(len(count)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return pd.DataFrame({"branch": branch, "slot": tickets.first[branch] + within})


def open_windows(tickets: Tickets) -> Windows:
    """Windows by branch and half hour.

    While somebody waits, every open window serves: the number in service for most of that time is
    the number open. Where nobody waits it is only known to be at least the most in service at once.
    Tickets that carry the number themselves (``open_windows``) are believed.
    """
    service = in_service(tickets)
    queued = service[service["queue"]]
    usual = _most_of_the_time(queued, ["branch", "slot"])
    most = service.groupby(["branch", "slot"])["busy"].max()
    busy = (
        (service["busy"] * service["minutes"]).groupby([service["branch"], service["slot"]]).sum()
    )
    grid = pd.MultiIndex.from_frame(_half_hours(tickets))
    frame = usual.reindex(grid)
    seen = frame["queue_minutes"].fillna(0) >= ENOUGH
    windows = frame["windows"].where(seen, most.reindex(grid).fillna(0))
    by_day = _most_of_the_time(queued, ["branch", "day", "slot"])
    daily = by_day.loc[by_day["queue_minutes"] >= ENOUGH, "windows"]
    if "open_windows" in tickets.rows:
        given = tickets.rows.dropna(subset=["open_windows"])
        number = given["open_windows"]
        usual_given = number.groupby([given["branch"], given["slot"]]).median().round()
        daily = number.groupby([given["branch"], given["day"], given["slot"]]).median().round()
        windows = usual_given.reindex(grid).fillna(windows)
        seen = usual_given.reindex(grid).notna() | seen
    frame = frame.assign(
        windows=windows.astype(int),
        seen=seen,
        busy_minutes=busy.reindex(grid).fillna(0) / tickets.days[grid.get_level_values(0)],
    ).reset_index()
    return Windows(frame, _changing_plans(tickets, frame, daily))


def _changing_plans(
    tickets: Tickets, frame: pd.DataFrame, daily: pd.Series
) -> dict[int, np.ndarray]:
    """Day by day plans of the branches in which the usual plan is not what most days have."""
    starts = np.concatenate([[0], np.cumsum(tickets.days)])
    read = daily.rename("daily").reset_index().merge(frame[["branch", "slot", "windows"]])
    usual = read["daily"].eq(read["windows"]).groupby(read["branch"]).mean()
    plans = {}
    for branch in usual.index[usual < STEADY]:
        own = frame.loc[frame["branch"] == branch, "windows"].to_numpy()
        plan = np.tile(own, (tickets.days[branch], 1))
        here = read[read["branch"] == branch]
        plan[here["day"] - starts[branch], here["slot"] - tickets.first[branch]] = here["daily"]
        plans[int(branch)] = plan
    return plans


def _most_of_the_time(queued: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The number in service for most of the queuing time of each cell."""
    cells = queued.groupby([*keys, "busy"])["minutes"].sum().reset_index()
    total = cells.groupby(keys)["minutes"].sum()
    top = cells.sort_values("minutes", kind="stable").drop_duplicates(keys, keep="last")
    top = top.set_index(keys).sort_index()
    return pd.DataFrame(
        {"windows": top["busy"], "queue_minutes": total, "agreement": top["minutes"] / total}
    )
