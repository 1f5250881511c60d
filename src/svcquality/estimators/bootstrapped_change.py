"""A bootstrap interval for an average change in probability: whole clusters drawn, one step each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.estimators.blocks import row_blocks
from svcquality.estimators.clustered import cluster_codes, membership
from svcquality.estimators.cumulative import CumulativeModel
from svcquality.estimators.marginal import Changes
from svcquality.estimators.resampled import percentile_interval

ROWS_AT_ONCE = 4096


def bootstrapped_change(
    fit: CumulativeModel,
    y: np.ndarray,
    X: np.ndarray,
    before: Changes,
    after: Changes,
    category: float,
    *,
    clusters: np.ndarray | pd.Series | None = None,
    draws: int = 499,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile interval of an average change, free of the delta method.

    Clusters (rows where there are none) are drawn with replacement. A draw's parameters come from
    one Newton step from the estimate (Davidson & MacKinnon 1999, International Economic Review
    40); its average is taken over the rows drawn, so that the rows count as sampled too.

    Parameters
    ----------
    fit : CumulativeModel
    y, X : ndarray of shape (n,), (n, k)
        Those fitted.
    before, after : mapping of int to float or ndarray
        See `svcquality.estimators.marginal.average_change`.
    category : float
    clusters : array of shape (n,), optional
    draws : int
    level : float
    seed : int

    Raises
    ------
    InputError
        If there is one cluster only.
    """
    n = len(y)
    codes, groups = (np.arange(n), n) if clusters is None else cluster_codes(clusters)
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(groups, np.full(groups, 1 / groups), size=draws)
    theta = _one_step(fit, y, X, codes, groups, counts)
    k, cut = X.shape[1], int(np.searchsorted(fit.categories, category)) - 1
    means = np.zeros(draws)
    sizes = counts @ np.bincount(codes, minlength=groups)
    for rows in row_blocks(n, ROWS_AT_ONCE):
        moved = _probability(fit, X, after, rows, theta, k, cut)
        moved -= _probability(fit, X, before, rows, theta, k, cut)
        means += np.einsum("nd,dn->d", moved, counts[:, codes[rows]])
    low, high = percentile_interval(means / sizes, level)
    return float(low), float(high)


def _one_step(
    fit: CumulativeModel,
    y: np.ndarray,
    X: np.ndarray,
    codes: np.ndarray,
    groups: int,
    counts: np.ndarray,
) -> np.ndarray:
    """Parameters of each draw, shape (draws, p)."""
    centre = X.mean(axis=0)  # moves the thresholds only, and keeps the step well conditioned
    scale = np.where((spread := X.std(axis=0)) > 0, spread, 1.0)
    likelihood, theta = fit.likelihood(y, (X - centre) / scale)
    k = X.shape[1]
    theta[:k] *= scale
    theta[k:] -= centre @ fit.coefficients
    by_cluster = membership(codes, groups) @ likelihood.scores(theta)
    # The information of a draw is taken as that of the sample for as many rows: what it moves by
    # enters at second order only.
    rows = np.bincount(codes, minlength=groups)
    inverse = np.linalg.pinv(likelihood.information(theta), hermitian=True)
    drawn = theta + (counts @ by_cluster) @ inverse / (counts @ rows / rows.sum())[:, None]
    drawn[:, :k] /= scale
    drawn[:, k:] += (drawn[:, :k] @ centre)[:, None]
    return drawn


def _probability(
    fit: CumulativeModel,
    X: np.ndarray,
    changes: Changes,
    rows: slice,
    theta: np.ndarray,
    k: int,
    cut: int,
) -> np.ndarray:
    block = X[rows].copy()
    for column, value in changes.items():
        block[:, column] = value[rows] if isinstance(value, np.ndarray) else value
    return fit.link.cdf(block @ theta[:, :k].T - theta[:, k + cut])
