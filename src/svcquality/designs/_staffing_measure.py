"""What the tickets of one branch say: arrivals, service, patience, windows, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from svcquality.designs._staffing_tickets import Tickets
from svcquality.designs._staffing_windows import QUEUING, Windows
from svcquality.estimators.arrivals import Arrivals, arrival_rates, common_dispersion
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
    slot_variance, day_variance : float
        Over-dispersion of the whole bank.
    own_dispersion : float
        Weight of the branch's own day variance against the bank's.
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
    day_variance: float
    own_dispersion: float
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
        arrivals = arrival_rates(self.counts, w, slot_variance=self.slot_variance)
        mixed = self.own_dispersion * arrivals.day_variance
        mixed += (1 - self.own_dispersion) * self.day_variance
        return QueueModel(
            arrivals=replace(arrivals, day_variance=mixed),
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
    quick = tickets.rows.loc[tickets.rows["wait_minutes"] <= QUEUING, "wait_minutes"]
    call = float(quick.median()) if len(quick) else 0.0
    rows = _with_patience(tickets.rows, call)
    served = rows[rows["served"] & rows["ended"].notna()]
    turnaround = _turnaround(served)
    served = served.assign(held=(served["ended"] - served["called"]).clip(lower=0) + turnaround)
    bank_rate = _rate(rows)
    counts = [_counts(tickets, rows, b) for b in range(len(tickets.branches))]
    enough = [b for b, c in enumerate(counts) if len(c) >= FEWEST_DAYS]
    dispersion = common_dispersion([counts[b] for b in enough])
    by_type = served.groupby("type")["held"].apply(np.asarray)
    of_branch, held_in = dict(list(rows.groupby("branch"))), dict(list(served.groupby("branch")))
    queues = []
    for b, own_dispersion in zip(enough, dispersion.own, strict=True):
        here = of_branch[b]
        start, size = here["day"].min(), len(counts[b])
        day = (here["day"] - start).to_numpy()
        own = held_in.get(b, served.iloc[:0])
        services, service_day = own["held"].to_numpy(), (own["day"] - start).to_numpy()
        if len(services) < OWN_SERVICES:
            services = _borrowed(here["type"], by_type)
            service_day = np.full(len(services), -1)
        gone = here["offered"].notna().to_numpy()
        queues.append(
            BranchQueue(
                name=tickets.branches[b],
                first=int(tickets.first[b]),
                dates=here.drop_duplicates("day")["date"].to_numpy(),
                counts=counts[b],
                plan=_at_work(windows.plan(b)),
                services=services,
                service_day=service_day,
                waited=np.bincount(day, here["waited"].to_numpy(), size),
                left=np.bincount(day, here["left_known"].to_numpy(dtype=float), size),
                offered=here["offered"].to_numpy()[gone],
                offered_day=day[gone],
                patience_rate=None if here["left"].sum() >= OWN_LEAVERS else bank_rate,
                slot_variance=dispersion.slot_variance,
                day_variance=dispersion.day_variance,
                own_dispersion=float(own_dispersion),
                call_minutes=call,
            )
        )
    left = int(rows["left_known"].sum() + rows["offered"].notna().sum())
    return queues, {
        "turnaround_minutes": turnaround,
        "slot_variance": dispersion.slot_variance,
        "patience_rate": bank_rate,
        "left_moment_known": float(rows["left_known"].sum() / left) if left else np.nan,
    }


def _rate(rows: pd.DataFrame) -> float:
    """At which customers of the whole bank leave, per minute."""
    waited = float(rows["waited"].sum())
    if not waited > 0:
        return 0.0
    return patience_rate(
        waited, float(rows["left_known"].sum()), rows["offered"].dropna().to_numpy()
    )


def _at_work(plan: np.ndarray) -> np.ndarray:
    """A plan in which the last half hour has a window, so that who still waits is served."""
    plan = np.array(plan, dtype=np.int64)
    plan[..., -1] = np.maximum(plan[..., -1], 1)
    return plan


def _with_patience(rows: pd.DataFrame, call_minutes: float) -> pd.DataFrame:
    """What each ticket says of patience.

    Adds ``waited`` (minutes in the queue of who was served or left at a known moment, else 0),
    ``left_known``, and ``offered`` (of who left at an unknown moment: minutes after which they would
    have been called). In order of arrival that is the call of the next ticket that was served; where
    that one found no queue, the next end of a service once all before had been called. Who was
    called and did not come has the call itself.
    """
    calls = rows["called"].where(rows["served"])
    after = calls.groupby(rows["day"]).bfill()
    next_wait = rows["wait_minutes"].groupby(rows["day"]).bfill()
    before = calls.groupby(rows["day"]).ffill()
    absent = rows["left"] & rows["called"].notna()
    turn = rows["arrived"].where(before.isna() | (before < rows["arrived"]), before)
    after = after.where(next_wait > QUEUING, _next_end(rows, turn))
    call = rows["called"].where(absent, after)
    left_known = rows["left"] & ~absent & rows["ended"].notna()
    until = rows["ended"].where(left_known, rows["called"].where(rows["served"]) - call_minutes)
    offered = (call - rows["arrived"] - call_minutes).where(rows["left"] & ~left_known)
    return rows.assign(
        waited=(until - rows["arrived"]).fillna(0.0).clip(lower=0),
        left_known=left_known,
        offered=offered.where(offered > 0),
    )


def _next_end(rows: pd.DataFrame, since: pd.Series) -> pd.Series:
    """First end of a service of the same branch and day at or after a minute."""
    ends = rows.loc[rows["served"], ["day", "ended"]].dropna().sort_values("ended")
    asked = pd.DataFrame({"day": rows["day"], "since": since}).sort_values("since", kind="stable")
    found = pd.merge_asof(
        asked, ends, left_on="since", right_on="ended", by="day", direction="forward"
    )
    return pd.Series(found["ended"].to_numpy(), index=asked.index).reindex(rows.index)


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
