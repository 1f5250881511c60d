"""A queue as it was, or as it would be with other windows: arrivals, service and patience as given.

A discrete-event queue, first come first served, with any arrival and service times, customers who
leave when their patience ends, and windows that open and close by the slot (G/G/n(t)+G). Erlang's
formulas (`erlang`) are its special case; here service times are drawn from the measured ones and
days from the measured days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numba import njit

from svcquality.errors import InputError
from svcquality.progress import QUIET, Progress

MEASURES = (
    "p_wait", "mean_wait_minutes", "mean_wait_served_minutes", "service_level", "abandonment",
)  # fmt: skip


@dataclass(frozen=True)
class QueuePath:
    """What happened to each customer.

    Parameters
    ----------
    wait_minutes : ndarray of shape (n,)
        Until service began or the customer left.
    served : ndarray of bool, shape (n,)
    """

    wait_minutes: np.ndarray
    served: np.ndarray

    def summary(self, threshold_minutes: float = 0.0) -> dict[str, float]:
        """Measures named as in `erlang.Queue`; NaN without customers."""
        if not len(self.served):
            return dict.fromkeys(MEASURES, np.nan)
        wait, served = self.wait_minutes, self.served
        return {
            "p_wait": float(((wait > 0) | ~served).mean()),
            "mean_wait_minutes": float(wait.mean()),
            "mean_wait_served_minutes": float(wait[served].mean()) if served.any() else np.nan,
            "service_level": float((served & (wait <= threshold_minutes)).mean()),
            "abandonment": float(1 - served.mean()),
        }


def run_queue(
    arrival_minutes: np.ndarray,
    service_minutes: np.ndarray,
    windows: np.ndarray,
    *,
    slot_minutes: float = 30.0,
    patience_minutes: np.ndarray | None = None,
    day: np.ndarray | None = None,
) -> QueuePath:
    """Pass customers through a queue.

    Parameters
    ----------
    arrival_minutes : ndarray of shape (n,)
        After opening; ascending within a day.
    service_minutes : ndarray of shape (n,)
        Not negative.
    windows : ndarray of int, shape (slots,) or (days, slots)
        Open windows by slot. The last ones to open are the first to close, after the customer they
        have; those of the last slot stay open until nobody waits.
    slot_minutes : float
    patience_minutes : ndarray of shape (n,), optional
        Longest wait each customer accepts; endless by default.
    day : ndarray of int, shape (n,), optional
        Ascending, from 0; every day begins empty. One day by default.

    Raises
    ------
    ValueError
        If shapes differ, times are not finite, negative or not ascending, or the last slot has no
        window (the queue would never end).
    """
    arrival = np.ascontiguousarray(arrival_minutes, dtype=float)
    service = np.ascontiguousarray(service_minutes, dtype=float)
    n = len(arrival)
    days = np.zeros(n, dtype=np.int64) if day is None else np.asarray(day, dtype=np.int64)
    patience = (
        np.full(n, np.inf) if patience_minutes is None else np.asarray(patience_minutes, float)
    )
    open_windows = np.atleast_2d(np.asarray(windows, dtype=np.int64))
    if not (len(service) == len(days) == len(patience) == n):
        raise ValueError("arrival, service, patience and day must have one length")
    if not (np.isfinite(arrival).all() and np.isfinite(service).all() and (service >= 0).all()):
        raise ValueError("arrivals and service times must be finite, and service not negative")
    if not (patience >= 0).all():
        raise ValueError("patience must not be negative")
    step = np.diff(days)
    back = (np.diff(arrival) < 0) & (step == 0)
    if (step < 0).any() or back.any() or (arrival < 0).any():
        raise ValueError("customers must come in the order of days and arrivals")
    if (open_windows < 0).any() or (open_windows[:, -1] < 1).any():
        raise ValueError("the last slot needs an open window")
    if n and len(open_windows) not in (1, days[-1] + 1):
        raise ValueError("windows must be given once, or for every day")
    wait, served = _serve(arrival, service, patience, days, open_windows, float(slot_minutes))
    return QueuePath(wait, served)


@njit(cache=True, nogil=True)
def _serve(arrival, service, patience, day, windows, slot_minutes):  # pragma: no cover - compiled
    """Give each customer in turn the window that can begin first.

    Calls are made in the order of arrivals, so that no call ever precedes an earlier one and a
    single pass is exact. A window that is closed when it could take somebody is closed for all who
    come later too, until it opens again.
    """
    n, slots = len(arrival), windows.shape[1]
    wait, served = np.empty(n), np.zeros(n, dtype=np.bool_)
    free, slot_of = np.zeros(windows.max()), np.zeros(windows.max(), dtype=np.int64)
    plan, today, count = windows[0], -1, 0
    for i in range(n):
        if day[i] != today:
            today = day[i]
            plan = windows[today if len(windows) > 1 else 0]
            count = plan.max()
            free[:] = 0.0
            slot_of[:] = 0
        now, slot_now = arrival[i], min(int(arrival[i] / slot_minutes), slots - 1)
        first, begins = -1, np.inf
        for w in range(count):
            ready, slot = free[w], slot_of[w]
            if ready <= now:
                ready, slot = now, slot_now
            if ready >= begins:
                continue
            if w >= plan[slot]:
                while w >= plan[slot] and slot < slots - 1:
                    slot += 1
                ready = slot * slot_minutes if w < plan[slot] else np.inf
                free[w], slot_of[w] = ready, slot
            if ready < begins:
                first, begins = w, ready
                if begins == now:
                    break
        wait[i] = min(begins - now, patience[i])
        if begins - now <= patience[i]:
            served[i] = True
            free[first] = begins + service[i]
            slot_of[first] = min(int(free[first] / slot_minutes), slots - 1)
    return wait, served


def poisson_days(
    arrivals_per_minute: np.ndarray,
    days: int,
    *,
    slot_minutes: float = 30.0,
    day_variance: float = 0.0,
    slot_variance: float = 0.0,
    seed: int | np.random.Generator = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Arrivals of a Poisson process whose rate changes by the slot.

    Parameters
    ----------
    arrivals_per_minute : ndarray of shape (slots,)
    days : int
    day_variance, slot_variance : float
        Variance of gamma factors of mean 1 by which a whole day, and each slot of it, is busier or
        quieter (see `arrivals.arrival_rates`); 0 for plain Poisson counts.

    Returns
    -------
    arrival_minutes, day : ndarray of shape (n,)
        In the order that `run_queue` wants.
    """
    rng = np.random.default_rng(seed)
    rates = np.asarray(arrivals_per_minute, dtype=float) * slot_minutes
    means = np.broadcast_to(rates, (days, len(rates)))
    for variance, shape in ((day_variance, (days, 1)), (slot_variance, means.shape)):
        if variance > 0:
            means = means * rng.gamma(1 / variance, variance, size=shape)
    counts = rng.poisson(means)
    slot = np.repeat(np.tile(np.arange(len(rates)), days), counts.ravel())
    day = np.repeat(np.arange(days), counts.sum(axis=1))
    length = len(rates) * slot_minutes
    minutes = np.sort(day * length + (slot + rng.random(len(slot))) * slot_minutes)
    return minutes - day * length, day


def compare_staffing(
    arrival_minutes: np.ndarray,
    day: np.ndarray,
    service_minutes: np.ndarray,
    plans: Mapping[str, np.ndarray],
    *,
    slot_minutes: float = 30.0,
    threshold_minutes: float = 10.0,
    patience_minutes: float | None = None,
    benefit: Callable[[np.ndarray], np.ndarray] | None = None,
    replications: int = 200,
    level: float = 0.95,
    seed: int = 0,
    progress: Progress = QUIET,
) -> pd.DataFrame:
    """What customers would meet under several plans, with the same days and customers in each.

    A replication draws as many whole days as were measured, with replacement, and gives each
    arrival a measured service time and a patience. Every plan is run on the same draws, so that
    differences of plans are far surer than the plans themselves (common random numbers).

    Parameters
    ----------
    arrival_minutes, day : ndarray of shape (n,)
        Measured arrivals of all days, those who left included.
    service_minutes : ndarray of shape (m,)
        Measured service times to draw from.
    plans : mapping of str to ndarray of int, shape (slots,)
        Open windows by slot; differences are to the first plan.
    patience_minutes : float, optional
        Mean of an exponential patience (see `patience.exponential_patience`); endless by default.
    benefit : callable, optional
        Maps waits in minutes (n,) to something they bring, such as P(satisfied); its mean over
        customers is reported as ``benefit``. What customers who leave feel is not in it: they count
        with the wait at which they left.
    replications : int

    Returns
    -------
    DataFrame
        ``plan, measure, mean, low, high, difference, difference_low, difference_high``. ``low`` and
        ``high`` hold the value that this many days would show (percentiles over replications),
        not the error of the simulation.

    Raises
    ------
    InputError
        If there is no plan, or no day or service time was measured.
    """
    if not (len(arrival_minutes) and len(service_minutes) and plans):
        raise InputError(
            "A staffing comparison needs measured arrivals, measured service times and at least "
            "one plan of open windows.",
            "比较排班方案需要实测的到达时间、服务时长和至少一个开窗方案。",
        )
    rng = np.random.default_rng(seed)
    order = np.lexsort((arrival_minutes, day))
    arrival = np.asarray(arrival_minutes, dtype=float)[order]
    _, starts, sizes = np.unique(np.asarray(day)[order], return_index=True, return_counts=True)
    measures = (*MEASURES, "benefit") if benefit else MEASURES
    drawn = np.empty((replications, len(plans), len(measures)))
    for r in progress.each(range(replications), "queue"):
        picked = rng.integers(len(starts), size=len(starts))
        count = sizes[picked]
        days = np.repeat(np.arange(len(picked)), count)
        within = np.arange(len(days)) - np.repeat(np.cumsum(count) - count, count)
        times = arrival[np.repeat(starts[picked], count) + within]
        service = rng.choice(service_minutes, size=len(times))
        patience = None
        if patience_minutes is not None:
            patience = rng.exponential(patience_minutes, size=len(times))
        for k, windows in enumerate(plans.values()):
            path = run_queue(
                times, service, windows, slot_minutes=slot_minutes,
                patience_minutes=patience, day=days,
            )  # fmt: skip
            found = path.summary(threshold_minutes)
            if benefit:
                found["benefit"] = float(np.mean(benefit(path.wait_minutes)))
            drawn[r, k] = [found[m] for m in measures]
    return _compared(list(plans), measures, drawn, level)


def _compared(
    plans: list[str], measures: tuple[str, ...], drawn: np.ndarray, level: float
) -> pd.DataFrame:
    tails = [(1 - level) / 2, (1 + level) / 2]
    change = drawn - drawn[:, :1]
    columns = {
        "mean": drawn.mean(axis=0),
        "low": np.nanquantile(drawn, tails[0], axis=0),
        "high": np.nanquantile(drawn, tails[1], axis=0),
        "difference": change.mean(axis=0),
        "difference_low": np.nanquantile(change, tails[0], axis=0),
        "difference_high": np.nanquantile(change, tails[1], axis=0),
    }
    keys = pd.MultiIndex.from_product([plans, measures], names=["plan", "measure"])
    flat = {name: values.ravel() for name, values in columns.items()}
    return pd.DataFrame(flat, index=keys).reset_index()
