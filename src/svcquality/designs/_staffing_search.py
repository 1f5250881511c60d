"""Where a window helps most: the best hour first, then the best after it."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from svcquality.designs._staffing_measure import BranchQueue
from svcquality.designs._staffing_simulate import Sample, more, outcome

BLOCK = 2
"""Half hours that a window is opened for at a time: an hour."""
MOST_HOURS = 24
MARGIN = 0.08
"""Share of customers by which the search goes past the target, for the interval of the hours."""


@dataclass(frozen=True, eq=False)
class Step:
    """One more window for an hour.

    Parameters
    ----------
    queue : int
        Which branch.
    slot : int
        First half hour, counted from the branch's first.
    before, after : ndarray
        Plans.
    saved : float
        Customer-minutes a day that the search saw saved.
    """

    queue: int
    slot: int
    before: np.ndarray
    after: np.ndarray
    saved: float

    def of(self, queue: int) -> Step:
        """The same step, its branch numbered otherwise."""
        return replace(self, queue=queue)


def best_hour(
    queue: BranchQueue, sample: Sample, plan: np.ndarray, target_minutes: float, *, late: bool
) -> tuple[float, int, np.ndarray] | None:
    """The hour in which one more window helps most: gain, half hour, plan with it.

    The gain is in customer-minutes a day, or where ``late`` in customers a day who are called in
    time. None where the branch is never open for an hour.
    """
    open_ = np.atleast_2d(plan).max(axis=0) > 0
    now = outcome(queue, sample.run(plan), sample.days, target_minutes)
    best = None
    for slot in range(len(open_) - BLOCK + 1):
        if not open_[slot : slot + BLOCK].all():
            continue
        after = more(plan, 1, slice(slot, slot + BLOCK))
        then = outcome(queue, sample.run(after), sample.days, target_minutes)
        gain = now.waited - then.waited
        if late:  # where nobody is in time yet, shorter waits lead there
            gain = now.late - then.late + 1e-3 * gain
        if best is None or gain > best[0]:
            best = gain, slot, after
    return best


def first_hours(
    queues: Sequence[BranchQueue], samples: Sequence[Sample], target_minutes: float, count: int
) -> list[Step]:
    """The best hours of the whole bank, each after those before it have their window."""
    plans = [q.plan for q in queues]
    heap: list[tuple[float, int, int, np.ndarray]] = []

    def offer(q: int) -> None:
        best = best_hour(queues[q], samples[q], plans[q], target_minutes, late=False)
        if best is not None and best[0] > 0:
            heapq.heappush(heap, (-best[0], q, best[1], best[2]))

    for q in range(len(queues)):
        offer(q)
    steps: list[Step] = []
    while heap and len(steps) < count:
        gain, q, slot, after = heapq.heappop(heap)
        steps.append(Step(q, slot, plans[q], after, -gain))
        plans[q] = after
        offer(q)
    return steps


def towards_target(
    queue: BranchQueue,
    sample: Sample,
    target_minutes: float,
    target_share: float,
    way: Sequence[np.ndarray] = (),
) -> tuple[list[np.ndarray], np.ndarray]:
    """Plans that each add the hour that brings most customers in time, until well past the target.

    Parameters
    ----------
    way : sequence of ndarray, optional
        Plans found on other days: followed first, and continued where they fall short on these.

    Returns
    -------
    plans : list of ndarray
    late : ndarray of shape (plans,)
        Share of customers not called in time under each.
    """
    plans = list(way) or [queue.plan]
    late: list[float] = []
    while True:
        met = outcome(queue, sample.run(plans[len(late)]), sample.days, target_minutes)
        late.append(met.late / met.customers if met.customers else 0.0)
        if len(late) < len(plans):
            continue
        if late[-1] <= 1 - target_share - MARGIN or len(plans) > MOST_HOURS:
            break
        best = best_hour(queue, sample, plans[-1], target_minutes, late=True)
        if best is None or best[0] <= 0:
            break
        plans.append(best[2])
    return plans, np.array(late)
