"""What the tickets of one branch say: arrivals, service, patience, windows, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.designs._staffing_tickets import Tickets
from svcquality.designs._staffing_windows import QUEUING, Windows
from svcquality.estimators.arrivals import Arrivals, arrival_rates, common_slot_variance
from svcquality.estimators.queue_patience import patience_rate

FEWEST_DAYS = 5
OWN_SERVICES = 100
"""Services from which a branch's own times are drawn; below, times of the same kinds of service."""
OWN_LEAVERS = 30
"""Leavers from which a branch's own patience is estimated; below, the bank's."""
BORROWED = 1000
LONGEST_TURNAROUND = 10.0


@dataclass(frozen=True, eq=False)
class BranchQueue:
    """The measured queue of a branch.

    Parameters
    ----------
    name : str
    first : int
        First half hour of the day; its times are minutes after the start of it.
    dates : ndarray of datetime64, shape (days,)
    counts : ndarray of int, shape (days, slots)
        Arrivals.
    plan : ndarray of int, shape (slots,) or (days, slots)
        Open windows.
    services : ndarray of shape (m,)
        Minutes that a customer holds a window.
    service_day : ndarray of int, shape (m,)
        Day of each; -1 where borrowed from other branches.
    waited, left : ndarray of shape (days,)
        Minutes waited by those whose moment of service or leaving is known, and how many left.
    offered, offered_day : ndarray
        Of those who left at an unknown moment: the wait after which they would have been called.
    patience_rate : float or None
        Of the bank, where the branch has too few leavers of its own.
    slot_variance : float
        Of the whole bank.
    call_minutes : float
        From a free window to the call.
    """

    name: str
    first: int
    dates: np.ndarray
    counts: np.ndarray
    plan: np.ndarray
    services: np.ndarray
    service_day: np.ndarray
    waited: np.ndarray
    left: np.ndarray
    offered: np.ndarray
    offered_day: np.ndarray
    patience_rate: float | None
    slot_variance: float
    call_minutes: float

    def fit(self, weights: np.ndarray | None = None) -> QueueModel:
        """The queue's model, with whole-number weights (days,) of the days in a bootstrap."""
        w = np.ones(len(self.dates), dtype=int) if weights is None else weights
        if (w > 0).sum() < 2:  # a draw that says nothing of how days differ
            w = np.ones_like(w)
        own = self.service_day >= 0
        times = np.where(own, w[self.service_day], 1)
        rate = self.patience_rate
        if rate is None:
            waited, left = float(w @ self.waited), float(w @ self.left)
            rate = patience_rate(waited, left, self.offered, w[self.offered_day])
        services = np.repeat(self.services, times)
        return QueueModel(
            arrivals=arrival_rates(self.counts, w, slot_variance=self.slot_variance),
            services=services if len(services) else self.services,
            patience_minutes=1 / rate if rate > 0 else np.inf,
        )


@dataclass(frozen=True, eq=False)
class QueueModel:
    """What is simulated: arrivals, service times to draw from, mean patience in minutes."""

    arrivals: Arrivals
    services: np.ndarray
    patience_minutes: float


def measure(tickets: Tickets, windows: Windows) -> tuple[list[BranchQueue], dict[str, float]]:
    """The queues of all branches with enough days, and what is common to the bank.

    Returns
    -------
    list of BranchQueue
    dict
        ``turnaround_minutes``, ``slot_variance``, ``patience_rate``, ``left_moment_known`` (share of
        the leavers).
    """
    rows = _with_offers(tickets.rows)
    served = rows[rows["served"] & rows["ended"].notna()]
    turnaround = _turnaround(served)
    held = (served["ended"] - served["called"]).clip(lower=0) + turnaround
    counts = [_counts(tickets, rows, b) for b in range(len(tickets.branches))]
    enough = [len(c) >= FEWEST_DAYS for c in counts]
    known = rows["served"] | rows["left_at"].notna()
    waited = (
        rows["wait_minutes"]
        .fillna(rows["left_at"] - rows["arrived"])
        .where(known, 0.0)
        .clip(lower=0)
    )
    left_known = rows["left"] & rows["left_at"].notna()
    unknown = rows["left"] & rows["left_at"].isna() & (rows["offered"] > 0)
    gone = int((left_known | unknown).sum())
    bank_rate = (
        patience_rate(float(waited.sum()), float(left_known.sum()), rows.loc[unknown, "offered"].to_numpy())
        if gone and waited.sum() > 0
        else 0.0
    )  # fmt: skip
    slot_variance = common_slot_variance([c for c, ok in zip(counts, enough, strict=True) if ok])
    quick = rows.loc[rows["served"] & (rows["wait_minutes"] <= QUEUING), "wait_minutes"]
    call = float(quick.median()) if len(quick) else 0.0
    by_type = held.groupby(served["type"]).apply(np.asarray)
    starts = np.concatenate([[0], np.cumsum(tickets.days)])
    queues = []
    for b in [b for b, ok in enumerate(enough) if ok]:
        here = rows["branch"].to_numpy() == b
        day = rows["day"].to_numpy() - starts[b]
        mine = served["branch"].to_numpy() == b
        services = held.to_numpy()[mine]
        service_day = served["day"].to_numpy()[mine] - starts[b]
        if len(services) < OWN_SERVICES:
            services = _borrowed(rows.loc[here, "type"], by_type)
            service_day = np.full(len(services), -1)
        lost = here & unknown.to_numpy()
        leavers = int((here & rows["left"].to_numpy()).sum())

        of_day, size = day[here], len(counts[b])
        queues.append(
            BranchQueue(
                name=tickets.branches[b],
                first=int(tickets.first[b]),
                dates=rows.loc[here].drop_duplicates("day")["date"].to_numpy(),
                counts=counts[b],
                plan=_at_work(windows.plan(b)),
                services=services,
                service_day=service_day,
                waited=np.bincount(of_day, waited.to_numpy()[here], size),
                left=np.bincount(of_day, left_known.to_numpy(dtype=float)[here], size),
                offered=rows["offered"].to_numpy()[lost],
                offered_day=day[lost],
                patience_rate=None if leavers >= OWN_LEAVERS else bank_rate,
                slot_variance=slot_variance,
                call_minutes=call,
            )
        )
    return queues, {
        "turnaround_minutes": turnaround,
        "slot_variance": slot_variance,
        "patience_rate": bank_rate,
        "left_moment_known": float(left_known.sum() / gone) if gone else np.nan,
    }


def _at_work(plan: np.ndarray) -> np.ndarray:
    """A plan in which the last half hour has a window, so that who still waits is served."""
    plan = np.array(plan, dtype=np.int64)
    plan[..., -1] = np.maximum(plan[..., -1], 1)
    return plan


def _with_offers(rows: pd.DataFrame) -> pd.DataFrame:
    """When leavers left, and for who did not say: the wait after which they would have been called.

    In order of arrival, that is the call of the next ticket that was served; where that one came to
    a free window, the call before. Who was called and did not come has the call itself.
    """
    calls = rows["called"].where(rows["served"])
    after = calls.groupby(rows["day"]).bfill()
    waited = rows["wait_minutes"].where(rows["served"]).groupby(rows["day"]).bfill()
    before = calls.groupby(rows["day"]).ffill()
    call = after.where(waited > QUEUING, before)
    absent = rows["left"] & rows["called"].notna()
    offered = rows["called"].where(absent, call) - rows["arrived"]
    left_at = rows["ended"].where(rows["left"] & ~absent)
    return rows.assign(offered=offered.where(rows["left"]), left_at=left_at)


def _turnaround(served: pd.DataFrame) -> float:
    """Minutes from the end of a service to the next call at the window, while somebody waited."""
    rows = served[served["staff"].notna()].sort_values(["day", "staff", "called"], kind="stable")
    key = rows["day"].astype(str) + "|" + rows["staff"].astype(str)
    before = rows["ended"].groupby(key).shift()
    gap = rows["called"] - before
    queued = (rows["arrived"] < before) & (rows["wait_minutes"] > QUEUING)
    gap = gap[queued & gap.between(-LONGEST_TURNAROUND, LONGEST_TURNAROUND)]
    return max(float(gap.mean()), 0.0) if len(gap) >= OWN_SERVICES else 0.0


def _counts(tickets: Tickets, rows: pd.DataFrame, branch: int) -> np.ndarray:
    """Arrivals of a branch by day and half hour."""
    here = rows[rows["branch"] == branch]
    day = here["day"].to_numpy() - here["day"].min()
    slots = tickets.last[branch] - tickets.first[branch] + 1
    at = day * slots + here["slot"].to_numpy() - tickets.first[branch]
    return np.bincount(at, minlength=tickets.days[branch] * slots).reshape(-1, slots)


def _borrowed(types: pd.Series, by_type: pd.Series) -> np.ndarray:
    """Service times of the bank in the branch's mix of services, at evenly spaced quantiles."""
    mix = types[types.isin(by_type.index)].value_counts(normalize=True)
    parts = [
        np.quantile(by_type[str(kind)], (np.arange(n) + 0.5) / n)
        for kind, n in (mix * BORROWED).round().astype(int).items()
        if n > 0
    ]
    return np.concatenate(parts) if parts else np.concatenate(list(by_type))
