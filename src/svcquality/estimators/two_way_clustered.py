"""Errors clustered in two directions at once, such as by branch and by month."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from svcquality.estimators.clustered import Inference, cluster_codes, membership

Convention = Literal["components", "smallest"]


def two_way_sandwich(
    bread: np.ndarray,
    scores: np.ndarray,
    first: np.ndarray | pd.Series,
    second: np.ndarray | pd.Series,
    *,
    convention: Convention = "components",
    parameters: int | None = None,
) -> Inference:
    """Covariance that allows scores to move together within either kind of cluster.

    ``V = V₁ + V₂ − V₁₂``: Cameron, Gelbach & Miller (2011), J. Business & Economic Statistics 29,
    where V₁₂ clusters by the pair. t with ``min(G₁, G₂) − 1`` degrees of freedom.

    Parameters
    ----------
    bread : ndarray of shape (p, p)
        Inverse of the information, summed over rows.
    scores : ndarray of shape (n, p)
        Scores by row.
    first, second : array of shape (n,)
        The two clusters of each row.
    convention : {"components", "smallest"}
        Small-sample factor ``G/(G−1) · (n−1)/(n−p)`` with each component's own G (as Stata's
        ``ivreg2`` and statsmodels do), or with ``min(G₁, G₂)`` in all three (as Stata's ``reghdfe``
        and fixest do). The kind of the result names it.
    parameters : int, optional
        How many were estimated, where there are more than the bread shows.

    Returns
    -------
    Inference
        ``clusters`` is the smaller number. Where subtraction leaves a negative eigenvalue it is
        set to zero, as the paper proposes, and the kind says so.

    Raises
    ------
    InputError
        If either direction has one cluster only.
    ValueError
        If a row has no cluster, or there are no more rows than parameters.
    """
    n, k = scores.shape
    p = k if parameters is None else parameters
    if n <= p:
        raise ValueError("two-way errors need more rows than parameters")
    if convention not in ("components", "smallest"):
        raise ValueError("convention must be 'components' or 'smallest'")
    codes1, groups1 = cluster_codes(first)
    codes2, groups2 = cluster_codes(second)
    pairs, levels = pd.factorize(codes1 * np.int64(groups2) + codes2)
    fewest = min(groups1, groups2)
    meat = np.zeros((k, k))
    parts = ((codes1, groups1, 1), (codes2, groups2, 1), (pairs, len(levels), -1))
    for codes, groups, sign in parts:
        sums = membership(codes, groups) @ scores
        counted = groups if convention == "components" else fewest
        meat += sign * counted / (counted - 1) * (sums.T @ sums)
    covariance = bread @ meat @ bread * ((n - 1) / (n - p))
    kind = f"CR1 two-way ({convention})"
    scale = np.sqrt(np.abs(np.diag(bread)))
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    if values[0] < -1e-12 * values[-1]:
        covariance = (vectors * np.maximum(values, 0)) @ vectors.T * np.outer(scale, scale)
        kind += ", negative eigenvalues set to 0"
    return Inference(covariance, fewest - 1, kind, fewest)
