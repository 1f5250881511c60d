"""Robust and cluster-robust covariance of an estimate that solves score equations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from svcquality.errors import InputError


@dataclass(frozen=True)
class Inference:
    """How sure the parameters are.

    Parameters
    ----------
    covariance : ndarray of shape (p, p)
    df : float
        Degrees of freedom of the t distribution for intervals and p-values.
    kind : {"CR1", "CR3", "HC1", "model"}
        Cluster-robust by the sandwich or by the cluster jackknife, heteroskedasticity-robust, or
        inverse information.
    clusters : int or None
        Number of clusters.
    """

    covariance: np.ndarray
    df: float
    kind: str
    clusters: int | None = None

    @property
    def errors(self) -> np.ndarray:
        """Standard errors, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))


def cluster_codes(clusters: np.ndarray | pd.Series) -> tuple[np.ndarray, int]:
    """Clusters as integers 0 … G−1, and G.

    Raises
    ------
    ValueError
        If a row has no cluster: a row outside every cluster would silently leave the error.
    InputError
        If there is one cluster only.
    """
    codes, levels = pd.factorize(np.asarray(clusters, dtype=object))
    if (codes < 0).any():
        raise ValueError("every row needs a cluster")
    if len(levels) < 2:
        raise InputError(
            "All rows belong to one cluster, so a clustered error cannot be computed; "
            "use records of at least two clusters or leave the clusters out.",
            "全部数据属于同一个聚类单元，无法计算聚类标准误；请使用至少两个单元的数据，或不设聚类。",
        )
    return codes, len(levels)


def sandwich(
    bread: np.ndarray,
    scores: Iterable[np.ndarray],
    n: int,
    clusters: np.ndarray | pd.Series | None = None,
    *,
    parameters: int | None = None,
) -> Inference:
    """Covariance ``bread · meat · bread`` with small-sample factors.

    Clustered (CR1): meat from the sums of scores within clusters, times
    ``G/(G−1) · (n−1)/(n−p)``, t with ``G−1`` degrees of freedom (Cameron & Miller 2015, J. Human
    Resources 50). Without clusters (HC1): times ``n/(n−p)``, t with ``n−p``.

    Parameters
    ----------
    bread : ndarray of shape (p, p)
        Inverse of the (observed or expected) information, summed over rows.
    scores : iterable of ndarray
        Scores in blocks of rows, in row order; each (rows, p).
    n : int
        Number of rows in all.
    clusters : array of shape (n,), optional
        Cluster of each row.
    parameters : int, optional
        How many were estimated, where there are more than the bread shows (fixed effects taken
        out before).

    Raises
    ------
    InputError
        If there is one cluster only, or no more rows than parameters.
    """
    k = len(bread)
    p = k if parameters is None else parameters
    if n <= p:
        raise InputError(
            f"{n} rows cannot carry {p} parameters; use more records or fewer explanatory columns.",
            f"{n} 行数据不足以估计 {p} 个参数；请增加数据或减少解释变量。",
        )
    if clusters is None:
        meat = sum((s.T @ s for s in scores), np.zeros((k, k)))
        return Inference(bread @ meat @ bread * (n / (n - p)), n - p, "HC1")
    codes, groups = cluster_codes(clusters)
    sums = np.zeros((groups, k))
    start = 0
    for block in scores:
        rows = slice(start, start + len(block))
        start += len(block)
        sums += membership(codes[rows], groups) @ block
    factor = groups / (groups - 1) * (n - 1) / (n - p)
    return Inference(bread @ (sums.T @ sums) @ bread * factor, groups - 1, "CR1", groups)


def membership(codes: np.ndarray, groups: int) -> sparse.csr_array:
    """Indicator matrix of shape (groups, rows): ``membership @ x`` sums x by group."""
    rows = np.arange(len(codes))
    return sparse.csr_array((np.ones(len(codes)), (codes, rows)), shape=(groups, len(codes)))


def mean_with_error(
    values: np.ndarray, clusters: np.ndarray | pd.Series | None = None
) -> tuple[float, Inference]:
    """A mean and its (clustered) error: the sandwich with one parameter.

    Parameters
    ----------
    values : ndarray of shape (n,)
    clusters : array of shape (n,), optional
    """
    n = len(values)
    mean = float(values.mean())
    return mean, sandwich(np.array([[1 / n]]), [(values - mean)[:, None]], n, clusters)
