"""Does the simulated present look like the recorded one? Waits by half hour, and what chance does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from svcquality.designs._staffing_measure import BranchQueue
from svcquality.designs._staffing_simulate import Sample, sample
from svcquality.designs._staffing_tickets import Tickets

MINUTES = 241
"""Waits are compared by the minute, up to four hours."""
SETS = 40
"""Sets of as many days as were recorded, simulated to see what chance does."""
DAY_SLOTS = 48


@dataclass(frozen=True)
class Distance:
    """How far the simulated waits of those served lie from the recorded ones.

    Parameters
    ----------
    value : float
        Area between the two distributions of waits (Wasserstein's distance), the mean over half
        hours weighted by customers, as a share of the mean recorded wait.
    chance : float
        What recorded days that came from the model would show at most in 19 of 20 cases.
    recorded_minutes, simulated_minutes : float
        Mean waits.
    """

    value: float
    chance: float
    recorded_minutes: float
    simulated_minutes: float


def waits_by_slot(slot: np.ndarray, wait: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Customers by group, half hour of the day and minute waited: (groups, 48, MINUTES)."""
    minute = np.clip(wait, 0, MINUTES - 1).astype(np.int64)
    at = (group * DAY_SLOTS + slot) * MINUTES + minute
    return np.bincount(at, minlength=groups * DAY_SLOTS * MINUTES).reshape(
        groups, DAY_SLOTS, MINUTES
    )


def recorded(tickets: Tickets, branch: int) -> np.ndarray:
    """Waits of the customers of one branch who were served, (48, MINUTES)."""
    rows = tickets.rows
    here = (rows["branch"] == branch) & rows["served"]
    wait = rows.loc[here, "wait_minutes"].to_numpy()
    return waits_by_slot(rows.loc[here, "slot"].to_numpy(), wait, np.zeros(len(wait), int), 1)[0]


def simulated(queue: BranchQueue, drawn: Sample, sets: int) -> np.ndarray:
    """The same of a simulation cut into sets of days, (sets, 48, MINUTES)."""
    path = drawn.run(queue.plan)
    served = path.served
    slot = queue.first + (drawn.arrival[served] // 30).astype(int)
    group = drawn.day[served] * sets // drawn.days
    wait = path.wait_minutes[served] + queue.call_minutes
    return waits_by_slot(slot, wait, group, sets)


def chance_sets(queue: BranchQueue, seed: int | np.random.Generator) -> np.ndarray:
    """Sets of as many simulated days as were recorded, (SETS, 48, MINUTES)."""
    drawn = sample(queue, queue.fit(), SETS * len(queue.dates), seed)
    return simulated(queue, drawn, SETS)


def distance(seen: np.ndarray, sets: np.ndarray) -> Distance:
    """Compare recorded waits with simulated sets of the same number of days.

    Parameters
    ----------
    seen : ndarray of shape (48, MINUTES)
    sets : ndarray of shape (SETS, 48, MINUTES)
    """
    whole = sets.sum(axis=0)
    found = _area(seen, whole)
    by_chance = [_area(one, whole - one) for one in sets]
    return Distance(found, float(np.quantile(by_chance, 0.95)), _mean(seen), _mean(whole))


def _area(a: np.ndarray, b: np.ndarray) -> float:
    sizes, others = a.sum(axis=1), b.sum(axis=1)
    both = (sizes > 0) & (others > 0)
    if not both.any() or _mean(a) == 0:
        return np.nan
    gap = (
        np.cumsum(a[both], axis=1) / sizes[both, None]
        - np.cumsum(b[both], axis=1) / others[both, None]
    )
    return float(np.average(np.abs(gap).sum(axis=1), weights=sizes[both])) / _mean(a)


def _mean(counts: np.ndarray) -> float:
    total = counts.sum()
    return float(counts.sum(axis=0) @ (np.arange(MINUTES) + 0.5) / total) if total else np.nan
