"""A share with an interval, for texts that are independent or come in clusters."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from svcquality.errors import InputError


def share_of(
    hit: np.ndarray, unit: pd.Series | None = None, level: float = 0.95
) -> tuple[float, float, float, float, int | None]:
    """Share of texts, its error and its interval.

    Parameters
    ----------
    hit : ndarray of shape (n,)
        0 or 1.
    unit : Series of length n, optional
        Cluster of each text; a text without one is a cluster of its own.
    level : float
        Nominal coverage.

    Returns
    -------
    share, error, low, high : float
        Missing without texts.
    clusters : int or None

    Raises
    ------
    InputError
        If there is one cluster only.

    Notes
    -----
    Wilson's (1927) interval; with clusters, of the effective number of texts under the linearised
    (ultimate-cluster) variance, with t of clusters − 1 degrees of freedom.
    """
    n = len(hit)
    if not n:
        return np.nan, np.nan, np.nan, np.nan, None
    share = float(hit.mean())
    variance, effective, alpha, clusters = share * (1 - share) / n, float(n), 1 - level, None
    if unit is not None:
        lone = np.arange(n).astype(str).astype(object)
        named = unit.notna().to_numpy()
        keys = pd.MultiIndex.from_arrays([named, np.where(named, unit.to_numpy(object), lone)])
        codes, names = pd.factorize(keys)
        clusters = len(names)
        if clusters < 2:
            raise InputError(
                "All texts belong to one cluster, so a clustered error cannot be computed; "
                "use texts of at least two clusters or leave the clusters out.",
                "全部文本属于同一个聚类单元，无法计算聚类标准误；请使用至少两个单元的文本，或不设聚类。",
            )
        sums = np.bincount(codes, hit - share)
        variance = clusters / (clusters - 1) * float(sums @ sums) / n**2
        # Where all texts agree nothing is seen of how alike those of a cluster are: assume wholly.
        seen = share * (1 - share) / variance if variance > 0 else float(clusters)
        effective = min(float(n), seen)
        alpha = float(2 * stats.norm.sf(stats.t.ppf((1 + level) / 2, clusters - 1)))
    low, high = proportion_confint(share * effective, effective, alpha=alpha, method="wilson")
    low, high = float(low) if share > 0 else 0.0, float(high) if share < 1 else 1.0
    return share, float(np.sqrt(variance)), low, high, clusters
