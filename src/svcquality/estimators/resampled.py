"""Means and covariances of bootstrap samples: clusters are drawn by their sums, not their rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.estimators.clustered import cluster_codes, membership


@dataclass(frozen=True)
class Moments:
    """The sample first, then its bootstrap draws.

    Parameters
    ----------
    means : ndarray of shape (1 + draws, q)
    covariances : ndarray of shape (1 + draws, q, q)
        With divisor n.
    clusters : int or None
    """

    means: np.ndarray
    covariances: np.ndarray
    clusters: int | None


def resampled_moments(
    Z: np.ndarray,
    weights: np.ndarray,
    clusters: np.ndarray | pd.Series | None = None,
    *,
    draws: int,
    seed: int = 0,
) -> Moments:
    """Weighted moments of samples drawn with replacement.

    Parameters
    ----------
    Z : ndarray of shape (n, q)
        Centred roughly, so that no digits are lost.
    weights : ndarray of shape (n,)
    clusters : array of shape (n,), optional
        Whole clusters are drawn, as many as there are; rows otherwise (Efron & Tibshirani 1993).
    draws : int
    seed : int

    Raises
    ------
    InputError
        If there is one cluster only.
    """
    rng = np.random.default_rng(seed)
    n, q = Z.shape
    one = np.column_stack([Z, np.ones(n)])
    moments = np.empty((1 + draws, q + 1, q + 1))
    moments[0] = (one * weights[:, None]).T @ one
    groups = None
    if clusters is None:
        for b in range(draws):
            count = np.bincount(rng.integers(n, size=n), minlength=n)
            scaled = one * np.sqrt(weights * count)[:, None]
            moments[1 + b] = scaled.T @ scaled  # symmetric: half the work of a general product
    else:
        codes, groups = cluster_codes(clusters)
        gather = membership(codes, groups)
        picked = rng.multinomial(groups, np.full(groups, 1 / groups), size=draws)
        for a in range(q + 1):
            sums = gather @ (one[:, a:] * (weights * one[:, a])[:, None])
            moments[1:, a, a:] = moments[1:, a:, a] = picked @ sums
    moments /= moments[:, -1:, -1:]
    means = moments[:, :-1, -1]
    return Moments(means, moments[:, :-1, :-1] - means[:, :, None] * means[:, None, :], groups)


def percentile_interval(values: np.ndarray, level: float) -> np.ndarray:
    """Lower and upper percentile over the first axis, shape (2, …); NaN without draws."""
    tail = (1 - level) / 2
    if not len(values):
        return np.full((2, *values.shape[1:]), np.nan)
    return np.nanquantile(values, [tail, 1 - tail], axis=0)
