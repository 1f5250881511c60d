"""Importance–performance map: where to act first, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.estimators.key_drivers import lmg_shares, refuse_hopeless
from svcquality.estimators.partialled import net_of
from svcquality.estimators.resampled import percentile_interval, resampled_moments

QUADRANTS = ("concentrate", "keep", "low_priority", "overdone")
"""Important and poor; important and good; neither; good but unimportant."""


@dataclass(frozen=True)
class ImportancePerformance:
    """A map with its uncertainty.

    Parameters
    ----------
    table : DataFrame
        A row an item: ``item, importance, importance_low, importance_high`` (share of R²),
        ``performance, performance_low, performance_high`` (mean rating), ``quadrant, certainty``
        (part of the draws in that quadrant), and such a part for each of `QUADRANTS`.
    importance_line, performance_line : float
        Where the map is cut: the means over items.
    r2 : float
    n : int
    clusters : int or None
    """

    table: pd.DataFrame
    importance_line: float
    performance_line: float
    r2: float
    n: int
    clusters: int | None


def importance_performance(
    y: np.ndarray,
    items: np.ndarray,
    *,
    controls: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    clusters: np.ndarray | pd.Series | None = None,
    names: Sequence[str] = (),
    draws: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> ImportancePerformance:
    """Importance by exact LMG shares, performance by mean ratings, both from the same resamples.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Overall satisfaction.
    items : ndarray of shape (n, k)
        Ratings on one scale.
    controls : ndarray of shape (n, c), optional
        Held equal in the importance, not in the performance; taken out once, not in every draw.
    weights : ndarray of shape (n,), optional
        Positive survey weights.
    clusters : array of shape (n,), optional
        Whole clusters are resampled.
    names : sequence of str, optional
    draws : int
        At least 1.
    level : float
    seed : int

    Notes
    -----
    Martilla & James (1977), J. Marketing 41, cut at the means over items, which move with every
    draw as the items do. Importance is derived, not stated (see `key_drivers`).

    Raises
    ------
    InputError
        As `key_drivers`.
    """
    y, items = np.asarray(y, dtype=float), np.asarray(items, dtype=float)
    n, k = items.shape
    w = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
    Z = np.column_stack([items, y])
    refuse_hopeless(Z, w, k)
    if draws < 1:
        raise ValueError("a map with its uncertainty needs draws")
    centre, scale = Z.mean(axis=0), Z.std(axis=0)
    standard = (Z - centre) / scale
    if controls is not None:
        net = net_of(Z, np.asarray(controls, dtype=float))
        refuse_hopeless(net, w, k)
        standard = np.column_stack([standard[:, :k], net / net.std(axis=0)])
    moments = resampled_moments(standard, w, clusters, draws=draws, seed=seed)
    net_columns = slice(-k - 1, None)
    shares, _ = lmg_shares(moments.covariances[:, net_columns, net_columns], [1] * k)
    importance = shares / shares.sum(axis=1, keepdims=True)
    performance = centre[:k] + scale[:k] * moments.means[:, :k]
    important = importance > importance.mean(axis=1, keepdims=True)
    good = performance > performance.mean(axis=1, keepdims=True)
    where = np.where(important, np.where(good, 1, 0), np.where(good, 3, 2))
    parts = np.stack([(where[1:] == q).mean(axis=0) for q in range(len(QUADRANTS))], axis=1)
    importance_low, importance_high = percentile_interval(importance[1:], level)
    performance_low, performance_high = percentile_interval(performance[1:], level)
    table = pd.DataFrame(
        {
            "item": tuple(names) or tuple(f"x{j}" for j in range(k)),
            "importance": importance[0],
            "importance_low": importance_low,
            "importance_high": importance_high,
            "performance": performance[0],
            "performance_low": performance_low,
            "performance_high": performance_high,
            "quadrant": [QUADRANTS[q] for q in where[0]],
            "certainty": parts[np.arange(k), where[0]],
            **{name: parts[:, q] for q, name in enumerate(QUADRANTS)},
        }
    )
    return ImportancePerformance(
        table, float(importance[0].mean()), float(performance[0].mean()), float(shares[0].sum()),
        n, moments.clusters,
    )  # fmt: skip
