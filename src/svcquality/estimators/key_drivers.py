"""Key drivers: how much of the explained variance each predictor carries, averaged over orders.

The share of a predictor is its gain in R², averaged over all orders in which predictors can enter:
Lindeman, Merenda & Gold (1980), the Shapley value of R² (Grömping 2007, American Statistician 61).
All 2^k subsets are visited exactly once, each by sweeping one predictor out of its parent's
moments, so nothing is sampled and the shares sum to R².
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
import pandas as pd
from numba import njit

from svcquality.errors import InputError
from svcquality.estimators.resampled import percentile_interval, resampled_moments

MOST_DRIVERS = 18
"""2^18 subsets a draw are what a notebook can wait for."""
DEPENDENT = 1e-10  # variance left of a standardised column that others already carry


@dataclass(frozen=True)
class KeyDrivers:
    """Shares of R² with bootstrap intervals.

    Parameters
    ----------
    table : DataFrame
        A row a driver, in the order given: ``driver, share`` (of the outcome's variance), ``low,
        high, percent`` (of R²), ``rank, rank_low, rank_high, first`` (part of the draws in which
        it is the largest).
    r2 : float
        R² of all drivers, beyond that of the controls.
    r2_low, r2_high : float
    r2_controls : float
        R² of the controls alone; 0 without.
    draws : ndarray of shape (draws, k)
        Shares in each bootstrap draw; NaN where the outcome was constant.
    n : int
    clusters : int or None
        Clusters that were resampled; rows where None.
    level : float
    """

    table: pd.DataFrame
    r2: float
    r2_low: float
    r2_high: float
    r2_controls: float
    draws: np.ndarray
    n: int
    clusters: int | None
    level: float

    def difference(self, first: str, second: str) -> tuple[float, float, float]:
        """Share of one driver minus that of another, and its bootstrap interval."""
        at = self.table["driver"].tolist()
        i, j = at.index(first), at.index(second)
        low, high = percentile_interval(self.draws[:, i] - self.draws[:, j], self.level)
        share = self.table["share"]
        return float(share[i] - share[j]), float(low), float(high)


def key_drivers(
    y: np.ndarray,
    X: np.ndarray,
    *,
    drivers: Mapping[str, Sequence[int]] | None = None,
    controls: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    clusters: np.ndarray | pd.Series | None = None,
    draws: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> KeyDrivers:
    """Exact LMG shares with percentile intervals from a (cluster) bootstrap.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Numeric outcome.
    X : ndarray of shape (n, p)
        Columns of the drivers, no intercept.
    drivers : mapping of str to sequence of int, optional
        Columns of each driver; levels of one factor enter together. By default each column is a
        driver ``x0, x1 …``.
    controls : ndarray of shape (n, c), optional
        Always in the model; their variance is not shared out.
    weights : ndarray of shape (n,), optional
        Positive survey weights.
    clusters : array of shape (n,), optional
        Whole clusters are resampled; rows otherwise.
    draws : int
        Bootstrap draws; 0 gives NaN intervals.
    level : float
    seed : int

    Notes
    -----
    The percentile interval is that of Grömping (2006), J. Statistical Software 17. Shares cannot be
    negative, so the interval of a driver without any part lies above 0: read it against the other
    drivers (`KeyDrivers.difference`), not against 0.

    Raises
    ------
    InputError
        If the outcome or a column is constant, there are more than `MOST_DRIVERS` drivers, too few
        rows, or one cluster only.
    ValueError
        If shapes differ, a value is not finite or a column belongs to two drivers.
    """
    y, X = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    fixed = np.empty((len(y), 0)) if controls is None else np.asarray(controls, dtype=float)
    drivers = {f"x{j}": [j] for j in range(X.shape[1])} if drivers is None else drivers
    columns = [j for of_driver in drivers.values() for j in of_driver]
    if len(set(columns)) < len(columns):
        raise ValueError("a column can belong to one driver only")
    Z = np.column_stack([fixed, X[:, columns], y])
    w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
    refuse_hopeless(Z, w, len(drivers))
    Z = (Z - Z.mean(axis=0)) / Z.std(axis=0)
    moments = resampled_moments(Z, w, clusters, draws=draws, seed=seed)
    sizes = [len(of_driver) for of_driver in drivers.values()]
    shares, r2_controls = lmg_shares(moments.covariances, sizes, fixed.shape[1])
    return _result(list(drivers), shares, float(r2_controls[0]), len(y), moments.clusters, level)


def refuse_hopeless(Z: np.ndarray, weights: np.ndarray, drivers: int) -> None:
    """Raise where shares cannot be computed from columns ``Z`` (n, q), the outcome among them."""
    positive = np.isfinite(weights) & (weights > 0)
    if not np.isfinite(Z).all() or weights.shape != (len(Z),) or not positive.all():
        raise ValueError("columns must be finite and weights positive")
    if not 1 <= drivers <= MOST_DRIVERS:
        raise InputError(
            f"Shares can be computed exactly for 1 to {MOST_DRIVERS} drivers, not {drivers}; "
            "choose fewer, or join related ones into one.",
            f"精确分解最多支持 {MOST_DRIVERS} 个驱动因素，当前为 {drivers} 个；请减少或合并相关因素。",
        )
    if len(Z) <= Z.shape[1]:
        raise InputError(
            f"{len(Z)} rows are too few for {Z.shape[1] - 1} columns; use more records or fewer "
            "columns.",
            f"{len(Z)} 行数据不足以支持 {Z.shape[1] - 1} 个变量；请增加数据或减少变量。",
        )
    if (Z.std(axis=0) == 0).any():
        raise InputError(
            "The outcome or one of the columns has the same value in every row; leave that column "
            "out or use a longer period.",
            "结果变量或某个变量在所有行中取值相同；请去掉该变量或延长时间范围。",
        )


def lmg_shares(
    covariances: np.ndarray, sizes: Sequence[int], controls: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """LMG shares from covariances alone.

    Parameters
    ----------
    covariances : ndarray of shape (draws, q, q)
        Of standardised columns: controls, then the drivers' columns in order, then the outcome.
        Only upper triangles are read.
    sizes : sequence of int
        Columns of each driver.
    controls : int
        Columns that are always in.

    Returns
    -------
    shares : ndarray of shape (draws, drivers)
    r2_controls : ndarray of shape (draws,)
    """
    k = len(sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    weight = np.array([1 / (k * comb(k - 1, s)) for s in range(k)])
    shares = np.empty((len(covariances), k))
    r2_controls = np.empty(len(covariances))
    gained = np.empty(2**k)
    for b, S in enumerate(covariances):
        r2_controls[b] = _explained(S, controls, starts, gained)
        _average_gains(gained, weight, shares[b])
    return shares, r2_controls


@njit(cache=True, nogil=True)
def _sweep(S, column, tolerance):  # pragma: no cover - compiled
    """Take one column out of the upper triangle that follows it."""
    pivot = S[column, column]
    if pivot <= tolerance:
        return
    size = len(S)
    for a in range(column + 1, size):
        factor = S[column, a] / pivot
        for b in range(a, size):
            S[a, b] -= factor * S[column, b]


@njit(cache=True, nogil=True)
def _explained(S, controls, starts, gained):  # pragma: no cover - compiled
    """Variance explained by every subset beyond the controls, as a share; depth first."""
    k, q = len(starts) - 1, len(S) - 1
    work = np.empty((k + 1, q + 1, q + 1))
    work[0] = S
    total = S[q, q]
    if not total > 0:
        gained[:] = np.nan
        return np.nan
    for column in range(controls):
        _sweep(work[0], column, DEPENDENT)
    base = work[0, q, q]
    chosen = np.zeros(k + 1, dtype=np.int64)
    upcoming = np.zeros(k + 1, dtype=np.int64)
    subset, depth = 0, 0
    gained[0] = 0.0
    while True:
        driver = upcoming[depth]
        if driver == k:
            if depth == 0:
                return 1 - base / total
            depth -= 1
            subset ^= 1 << chosen[depth]
            continue
        upcoming[depth] = driver + 1
        chosen[depth] = driver
        first = controls + starts[driver]
        for a in range(first, q + 1):
            for b in range(a, q + 1):
                work[depth + 1, a, b] = work[depth, a, b]
        for column in range(first, controls + starts[driver + 1]):
            _sweep(work[depth + 1], column, DEPENDENT)
        subset |= 1 << driver
        gained[subset] = (base - work[depth + 1, q, q]) / total
        depth += 1
        upcoming[depth] = driver + 1


@njit(cache=True, nogil=True)
def _average_gains(gained, weight, shares):  # pragma: no cover - compiled
    """Average gain of each driver over all orders; ``weight[s]`` is that of subsets of size s."""
    k = len(shares)
    shares[:] = 0.0
    for subset in range(len(gained)):
        size, rest = 0, subset
        while rest:
            size += rest & 1
            rest >>= 1
        for j in range(k):
            if not subset >> j & 1:
                shares[j] += weight[size] * (gained[subset | 1 << j] - gained[subset])


def _result(
    names: list[str],
    shares: np.ndarray,
    r2_controls: float,
    n: int,
    clusters: int | None,
    level: float,
) -> KeyDrivers:
    observed, drawn = shares[0], shares[1:]
    usable = drawn[np.isfinite(drawn).all(axis=1)]
    low, high = percentile_interval(drawn, level)
    r2_low, r2_high = percentile_interval(drawn.sum(axis=1), level)
    ranks = (-usable).argsort(axis=1).argsort(axis=1) + 1.0
    rank_low, rank_high = percentile_interval(ranks, level)
    table = pd.DataFrame(
        {
            "driver": names,
            "share": observed,
            "low": low,
            "high": high,
            "percent": 100 * observed / observed.sum(),
            "rank": (-observed).argsort().argsort() + 1,
            "rank_low": rank_low,
            "rank_high": rank_high,
            "first": (ranks == 1).mean(axis=0) if len(ranks) else np.nan,
        }
    )
    return KeyDrivers(
        table, float(observed.sum()), float(r2_low), float(r2_high), r2_controls, drawn, n,
        clusters, level,
    )  # fmt: skip
