"""A slope overall, within groups pooled, and group by group; and what of it lies between groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.estimators.clustered import cluster_codes
from svcquality.estimators.domain_mean import DomainMean
from svcquality.estimators.marginal import Contrast, contrast

FEWEST_IN_GROUP = 30
"""Rows that a group needs to be shown by itself."""
MOST_LEVERAGE = 0.1
"""A slope that hangs on one row by more than this has no error to speak of: ten exposed are needed."""
CLUSTERS_NEEDED = 8


@dataclass(frozen=True)
class Split:
    """A linear association split by groups.

    Parameters
    ----------
    overall, within : Contrast
        Slope over all rows, and with a level of its own for each group.
    change : Contrast
        Within minus overall.
    between : float
        Slope over the groups' means.
    share_within : float
        Share of the exposure's variance that lies within groups, λ:
        ``overall = λ within + (1 − λ) between`` exactly.
    groups : DataFrame
        ``group, slope, error, low, high, n``: those with enough rows and an exposure that varies
        enough.
    n : int
    """

    overall: Contrast
    within: Contrast
    change: Contrast
    between: float
    share_within: float
    groups: pd.DataFrame
    n: int


def split_slope(
    y: np.ndarray, x: np.ndarray, group: np.ndarray, clusters: np.ndarray | None
) -> Split | None:
    """Split the slope of ``y`` on ``x``; None where the exposure does not vary within any group.

    Parameters
    ----------
    y, x : ndarray of shape (n,)
        Finite.
    group : ndarray of int, shape (n,)
        0 … G − 1.
    clusters : ndarray of shape (n,), optional
        For the errors: CR1 where there are at least 8, else HC1.
    """
    size = np.bincount(group).astype(float)
    mean_x, mean_y = (np.bincount(group, v) / size for v in (x, y))
    inner_x, inner_y = x - mean_x[group], y - mean_y[group]
    outer_x, outer_y = x - x.mean(), y - y.mean()
    total, inner = float(outer_x @ outer_x), float(inner_x @ inner_x)
    if inner <= 1e-12 * total or total <= 0 or len(y) <= len(size) + 2:
        return None
    overall = _slope(outer_x, outer_y, 2)
    within = _slope(inner_x, inner_y, len(size) + 1)
    used = None
    if clusters is not None and len(np.unique(clusters)) >= CLUSTERS_NEEDED:
        used = cluster_codes(clusters)[0]
    between_x = mean_x[group] - x.mean()
    spread = float(between_x @ between_x)
    between = float(between_x @ outer_y) / spread if spread > 1e-12 * total else float("nan")
    return Split(
        overall=_tested(overall, used),
        within=_tested(within, used),
        change=_tested(within - overall, used),
        between=between,
        share_within=inner / total,
        groups=_by_group(inner_x, inner_y, group, size),
        n=len(y),
    )


def _slope(x: np.ndarray, y: np.ndarray, parameters: int) -> DomainMean:
    """Least squares on centred columns, with what each row adds; ``n − p`` enters as a factor."""
    variation = float(x @ x)
    slope = float(x @ y) / variation
    n = len(x)
    room = np.sqrt((n - 1) / (n - parameters))
    influence = room * x * (y - slope * x) / variation
    return DomainMean(slope, influence, np.ones(n, dtype=bool))


def _tested(slope: DomainMean, clusters: np.ndarray | None) -> Contrast:
    inference = slope.inference(clusters)
    return contrast(slope.estimate, float(inference.errors[0]), inference.df)


def _by_group(x: np.ndarray, y: np.ndarray, group: np.ndarray, size: np.ndarray) -> pd.DataFrame:
    """Slopes of all groups at once, HC1 errors."""
    variation = np.bincount(group, x**2)
    heaviest = np.zeros(len(size))
    np.maximum.at(heaviest, group, x**2)
    usable = (size >= FEWEST_IN_GROUP) & (variation > 1e-9 * size)
    usable &= heaviest <= MOST_LEVERAGE * variation
    slope = np.divide(np.bincount(group, x * y), variation, out=np.zeros(len(size)), where=usable)
    scores = np.bincount(group, (x * (y - slope[group] * x)) ** 2)
    df = np.maximum(size - 2, 1)
    error = np.sqrt(
        np.divide(scores, variation**2, out=np.zeros(len(size)), where=usable) * size / df
    )
    rows = [
        (g, c.estimate, c.error, c.low, c.high, int(size[g]))
        for g in np.flatnonzero(usable)
        for c in [contrast(float(slope[g]), float(error[g]), float(df[g]))]
    ]
    return pd.DataFrame(rows, columns=["group", "slope", "error", "low", "high", "n"])
