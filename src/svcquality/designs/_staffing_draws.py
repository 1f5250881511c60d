"""What every plan would bring, with the doubt of days measured and days simulated in one interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import special, stats

from svcquality.designs._staffing_measure import BranchQueue
from svcquality.designs._staffing_simulate import BINS, outcome, sample
from svcquality.estimators.marginal import Contrast
from svcquality.progress import QUIET, Progress

DRAWS = 40
"""Bootstrap draws; errors of 40 are known to 11%, which the t distribution of 39 allows for."""
EIGHTHS = 8
Scale = Literal["plain", "log", "logit"]
SCALES: dict[Scale, tuple[Callable[..., Any], Callable[..., Any], float, float]] = {
    "plain": (np.asarray, np.asarray, -np.inf, np.inf),
    "log": (np.log, np.exp, 0.0, np.inf),
    "logit": (special.logit, special.expit, 0.0, 1.0),
}
"""To the scale, back from it, and the bounds within which it is defined."""
MEASURES = ("customers", "waited", "left", "late", "satisfied")


@dataclass(frozen=True, eq=False)
class Draws:
    """Outcomes a day: the estimate first, then bootstrap draws.

    Parameters
    ----------
    values : list of ndarray, each of shape (1 + DRAWS, plans of the branch, 5)
        Of each branch, by plan, the `MEASURES`.
    waits : ndarray of shape (1 + DRAWS, plans in common, BINS)
        Customers of all branches by wait, under the plans that every branch has.
    days : ndarray of shape (branches,)
        Days recorded.
    """

    values: list[np.ndarray]
    waits: np.ndarray
    days: np.ndarray


def draw_outcomes(
    queues: Sequence[BranchQueue],
    plans: Sequence[Sequence[np.ndarray]],
    common: int,
    *,
    target_minutes: float,
    satisfied: np.ndarray | None,
    days: int,
    seed: np.random.SeedSequence,
    progress: Progress = QUIET,
) -> Draws:
    """Simulate every plan of every branch from the records and from draws of them.

    A draw weights the recorded dates anew (Bayesian bootstrap, Rubin 1981, Annals of Statistics 9;
    one weight a date for all branches, since a busy day is busy everywhere), measures every branch
    again and simulates as many days as the estimate does: its spread holds the doubt of measuring
    and that of simulating.

    Parameters
    ----------
    queues, plans : sequence
        Plans of each branch; the first ``common`` of them mean the same in every branch.
    satisfied : ndarray of shape (1 + DRAWS, BINS), optional
        P(satisfied) by wait.
    """
    dates = np.unique(np.concatenate([q.dates for q in queues]))
    root, *seeds = seed.spawn(1 + len(queues))
    rng = np.random.default_rng(root)
    weights = np.rint(EIGHTHS * rng.standard_exponential((DRAWS, len(dates)))).astype(np.int64)
    waits = np.zeros((1 + DRAWS, common, BINS))
    values = []
    work = list(zip(queues, plans, seeds, strict=True))
    for queue, own, chance in progress.each(work, "staffing"):
        at = np.searchsorted(dates, queue.dates)
        found = np.full((1 + DRAWS, len(own), len(MEASURES)), np.nan)
        for r, stream in enumerate(chance.spawn(1 + DRAWS)):
            model = queue.fit(weights[r - 1, at] if r else None)
            drawn = sample(queue, model, days, np.random.default_rng(stream))
            for k, plan in enumerate(own):
                met = outcome(queue, drawn.run(plan), days, target_minutes)
                happy = np.nan if satisfied is None else float(met.waits @ satisfied[r])
                found[r, k] = met.customers, met.waited, met.left, met.late, happy
                if k < common:
                    waits[r, k] += met.waits
        values.append(found)
    return Draws(values, waits, np.array([len(q.dates) for q in queues]))


def from_draws(values: np.ndarray, days: int, scale: Scale = "plain") -> Contrast:
    """An estimate with the spread of its draws; t with what is fewer, draws or days, less one.

    Parameters
    ----------
    values : ndarray of shape (1 + DRAWS,)
        The estimate first.
    days : int
        Recorded.
    scale : {"plain", "log", "logit"}
        On which the interval is symmetric: logs for what is positive and the surer the smaller it
        is (waits), logits for shares. Where a draw has no place on it, the plain scale, cut at the
        bounds.
    """
    estimate = float(values[0])
    # Weights on D days spread a mean by (D − 1) / (D + 1) of what new days would.
    few = float(np.sqrt((days + 1) / (days - 1))) if days > 1 else np.nan
    error = few * float(np.std(values[1:], ddof=1))
    df = max(min(len(values) - 1, days) - 1, 1)
    to, back, low, high = SCALES[scale]
    inside = bool(((values > low) & (values < high)).all())
    moved = to(values) if inside else values
    reach = float(stats.t.ppf(0.975, df)) * few * float(np.std(moved[1:], ddof=1))
    ends = moved[0] + reach * np.array([-1.0, 1.0])
    ends = back(ends) if inside else np.clip(ends, low, high)
    return Contrast(estimate, error, float(ends[0]), float(ends[1]), np.nan, df)


def quantile_of(waits: np.ndarray, share: float, bin_minutes: float) -> np.ndarray:
    """Minutes that this share of customers does not wait longer than; over the last axis."""
    rising = np.cumsum(waits, axis=-1)
    total = rising[..., -1:]
    at = (rising < share * total).sum(axis=-1)
    before = np.take_along_axis(rising, np.maximum(at - 1, 0)[..., None], -1)[..., 0]
    before = np.where(at > 0, before, 0.0)
    inside = np.take_along_axis(waits, np.minimum(at, waits.shape[-1] - 1)[..., None], -1)[..., 0]
    part = np.where(
        inside > 0, (share * total[..., 0] - before) / np.where(inside > 0, inside, 1), 0
    )
    return (at + part) * bin_minutes
