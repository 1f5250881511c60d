"""Days of a measured queue under several plans of open windows, summed up by wait."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from svcquality.designs._staffing_measure import BranchQueue, QueueModel
from svcquality.designs._staffing_tickets import SLOT_MINUTES
from svcquality.estimators.queue_simulation import QueuePath, poisson_days, run_queue

BIN_MINUTES = 0.5
BINS = 961
"""Waits are kept in bins of half a minute up to eight hours; the last holds the longer ones."""


@dataclass(frozen=True, eq=False)
class Sample:
    """Simulated customers of many days, whom every plan meets alike (common random numbers)."""

    arrival: np.ndarray
    day: np.ndarray
    service: np.ndarray
    patience: np.ndarray
    plan_day: np.ndarray
    days: int

    def run(self, plan: np.ndarray) -> QueuePath:
        """Pass them through a queue with these windows: (slots,), or (days measured, slots)."""
        windows = plan if plan.ndim == 1 else plan[self.plan_day]
        return run_queue(
            self.arrival, self.service, windows, slot_minutes=SLOT_MINUTES,
            patience_minutes=self.patience, day=self.day,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the customers of a plan met, per day.

    Parameters
    ----------
    customers, waited, left, late : float
        A day: customers, minutes waited by all of them, those who left, and those not called within
        the target (leavers included).
    waits : ndarray of shape (BINS,)
        Customers a day by wait.
    """

    customers: float
    waited: float
    left: float
    late: float
    waits: np.ndarray


def sample(
    queue: BranchQueue, model: QueueModel, days: int, seed: int | np.random.Generator
) -> Sample:
    """Draw days: mixed Poisson arrivals, measured service times, exponential patience."""
    rng = np.random.default_rng(seed)
    arrivals = model.arrivals
    arrival, day = poisson_days(
        arrivals.rates / SLOT_MINUTES, days, slot_minutes=SLOT_MINUTES,
        day_variance=arrivals.day_variance, slot_variance=arrivals.slot_variance, seed=rng,
    )  # fmt: skip
    n = len(arrival)
    service = model.services[rng.integers(len(model.services), size=n)]
    patience = rng.standard_exponential(n)
    patience = patience * model.patience_minutes if np.isfinite(model.patience_minutes) else np.full(n, np.inf)  # fmt: skip
    return Sample(arrival, day, service, patience, rng.integers(len(queue.dates), size=days), days)


def outcome(queue: BranchQueue, path: QueuePath, days: int, target_minutes: float) -> Outcome:
    """Sum up a path. The moment that a call takes is part of the wait of who is served."""
    wait = path.wait_minutes + queue.call_minutes * path.served
    late = ~path.served | (wait > target_minutes)
    at = np.minimum((wait / BIN_MINUTES).astype(np.int64), BINS - 1)
    return Outcome(
        customers=len(wait) / days,
        waited=float(wait.sum()) / days,
        left=float((~path.served).sum()) / days,
        late=float(late.sum()) / days,
        waits=np.bincount(at, minlength=BINS) / days,
    )


def more(plan: np.ndarray, windows: int, slots: slice = slice(None)) -> np.ndarray:
    """The plan with windows more (or fewer, at least one) in these half hours, where any is open."""
    changed = plan.copy()
    part = changed[..., slots]
    changed[..., slots] = np.where(part > 0, np.maximum(part + windows, 1), part)
    return changed


def open_hours(plan: np.ndarray) -> float:
    """Hours a day in which any window is open: what one more window all day takes."""
    return float((np.atleast_2d(plan) > 0).sum(axis=1).mean() * SLOT_MINUTES / 60)
