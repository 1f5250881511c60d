"""p-values and intervals that hold with few clusters: the wild cluster bootstrap, null imposed.

Cameron, Gelbach & Miller (2008), Review of Economics & Statistics 90; computed from sums within
clusters, so that a draw never touches a row (Roodman, MacKinnon, Nielsen & Webb 2019, Stata Journal
19). For the ordered logit the restricted scores are drawn instead (Kline & Santos 2012, J.
Econometric Methods 1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
import pandas as pd

from svcquality.estimators.clustered import cluster_codes, membership, sandwich
from svcquality.estimators.least_squares import least_squares
from svcquality.estimators.ordered_logit import ordered_logit, restricted_scores

Weights = Literal["rademacher", "webb"]
FEW_CLUSTERS = 12
"""Below this the two signs give too few different samples; Webb's six points are drawn instead."""
MOST_SIGNS = 20_000_000
"""Draws times clusters that are kept in memory; many clusters get fewer draws, at least 999."""
_WEBB = np.sqrt([0.5, 1.0, 1.5])
_WEBB = np.concatenate([-_WEBB[::-1], _WEBB])
_TIE = 1 - 1e-9  # a draw equal to the sample but for rounding counts as equal


@dataclass(frozen=True)
class WildBootstrap:
    """Test of one coefficient.

    Parameters
    ----------
    estimate : float
    t : float
        Studentised with the cluster-robust (CR1) error of the sample; for an ordered logit the
        score statistic.
    p : float
        Symmetric two-sided p-value: the part of draws at least as extreme as the sample, which is
        one of them.
    low, high : float
        All values that the same test does not reject; infinite where it rejects none on that side,
        NaN if not asked for.
    clusters, draws : int
    weights : {"rademacher", "webb"}
    enumerated : bool
        Whether every combination of signs was taken once, instead of a random selection.
    """

    estimate: float
    t: float
    p: float
    low: float
    high: float
    clusters: int
    draws: int
    weights: Weights
    enumerated: bool


def wild_cluster_bootstrap(
    y: np.ndarray,
    X: np.ndarray,
    column: int,
    clusters: np.ndarray | pd.Series,
    *,
    null: float = 0.0,
    draws: int = 9999,
    weights: Weights | None = None,
    interval: bool = True,
    level: float = 0.95,
    seed: int = 0,
) -> WildBootstrap:
    """Test a least-squares coefficient.

    Parameters
    ----------
    y : ndarray of shape (n,)
    X : ndarray of shape (n, p)
        With a column of ones where an intercept is meant.
    column : int
        Column of the coefficient.
    clusters : array of shape (n,)
    null : float
        Value tested.
    draws : int
        Where no more than this many combinations of Rademacher signs exist, each is taken once.
    weights : {"rademacher", "webb"}, optional
        By default Webb's below `FEW_CLUSTERS` clusters (Webb 2014), Rademacher's otherwise.
    interval : bool
        Also invert the test.

    Raises
    ------
    InputError
        If there is one cluster only, columns repeat each other or rows are too few.
    """
    fit = least_squares(y, X)
    codes, groups = cluster_codes(clusters)
    gather = membership(codes, groups)
    others = np.delete(np.arange(X.shape[1]), column)
    exposure = fit.X[:, column]
    # Residuals under β = b are those of (y − b x) on the other columns: linear in b.
    y_left = _left(np.asarray(y, dtype=float), fit.X[:, others])
    x_left = _left(exposure, fit.X[:, others])
    sums_y, sums_x = gather @ (fit.X * y_left[:, None]), gather @ (fit.X * x_left[:, None])
    direction = fit.bread[column]
    # How the coefficients of a draw take back part of each cluster's residuals.
    pull = gather @ (fit.X * (fit.X @ direction)[:, None]) @ fit.bread
    signs, kind, enumerated = _signs(groups, draws, weights, seed)
    inference = sandwich(fit.bread, [fit.scores], fit.n, clusters)
    estimate, error = float(fit.coefficients[column]), float(inference.errors[column])
    factor = groups / (groups - 1) * (fit.n - 1) / (fit.n - X.shape[1])

    def test(b: float) -> tuple[float, float]:
        sums = sums_y - b * sums_x
        moved = signs @ sums  # (draws, p)
        spread = signs * (sums @ direction) - moved @ pull.T
        drawn = _ratio(moved @ direction, np.sqrt(factor * (spread**2).sum(axis=1)))
        t = (estimate - b) / error
        return t, float((np.abs(drawn) >= abs(t) * _TIE).mean())

    return _result(test, estimate, error, null, interval, level, groups, signs, kind, enumerated)


def score_cluster_bootstrap(
    y: np.ndarray,
    X: np.ndarray,
    column: int,
    clusters: np.ndarray | pd.Series,
    *,
    null: float = 0.0,
    draws: int = 9999,
    weights: Weights | None = None,
    interval: bool = True,
    level: float = 0.95,
    seed: int = 0,
) -> WildBootstrap:
    """Test a coefficient of an ordered (or binary) logit.

    Parameters are those of `wild_cluster_bootstrap`; ``X`` has no intercept. The statistic is the
    mean over clusters of the coefficient's effective score at the restricted maximum, studentised
    by its spread between clusters, in the sample as in every draw.

    Raises
    ------
    InputError
        As `ordered_logit`, or if there is one cluster only.
    """
    fit = ordered_logit(y, X, clusters=clusters)
    codes, groups = cluster_codes(clusters)
    gather = membership(codes, groups)
    signs, kind, enumerated = _signs(groups, draws, weights, seed)

    def test(b: float) -> tuple[float, float]:
        scores, bread = restricted_scores(y, X, column, b)
        effective = gather @ (scores @ bread[column])
        t = _studentised(effective[None, :])[0]
        drawn = _studentised(signs * effective)
        return float(t), float((np.abs(drawn) >= abs(t) * _TIE).mean())

    estimate, error = float(fit.coefficients[column]), float(fit.inference.errors[column])
    return _result(test, estimate, error, null, interval, level, groups, signs, kind, enumerated)


def _left(v: np.ndarray, Z: np.ndarray) -> np.ndarray:
    """What is left of a column after a projection on others."""
    return v - Z @ np.linalg.lstsq(Z, v, rcond=None)[0] if Z.shape[1] else v


def _studentised(values: np.ndarray) -> np.ndarray:
    """Sum over its clustered error, for each row of (draws, clusters)."""
    groups = values.shape[1]
    centred = values - values.mean(axis=1, keepdims=True)
    error = np.sqrt((centred**2).sum(axis=1) * groups / (groups - 1))
    return _ratio(values.sum(axis=1), error)


def _ratio(numerator: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Statistic over its error; where a draw leaves no spread, as extreme as can be."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(error > 0, numerator / error, np.where(numerator == 0, 0.0, np.inf))


def _signs(
    groups: int, draws: int, weights: Weights | None, seed: int
) -> tuple[np.ndarray, Weights, bool]:
    """Weights (draws, clusters), their kind, and whether they are all there are."""
    kind: Weights = weights or ("webb" if groups < FEW_CLUSTERS else "rademacher")
    if kind not in ("rademacher", "webb"):
        raise ValueError("weights must be 'rademacher' or 'webb'")
    if kind == "rademacher" and groups < 40 and 2**groups <= draws:
        return np.array(list(product((-1.0, 1.0), repeat=groups))), kind, True
    draws = min(draws, max(999, MOST_SIGNS // groups))
    points = np.array([-1.0, 1.0]) if kind == "rademacher" else _WEBB
    rng = np.random.default_rng(seed)
    drawn = rng.choice(points, size=(draws, groups))
    drawn[0] = 1.0  # the sample itself, so that no p-value is zero
    return drawn, kind, False


def _result(
    test: Callable[[float], tuple[float, float]],
    estimate: float,
    error: float,
    null: float,
    interval: bool,
    level: float,
    groups: int,
    signs: np.ndarray,
    kind: Weights,
    enumerated: bool,
) -> WildBootstrap:
    t, p = test(null)
    low = high = float("nan")
    if interval:
        low, high = (_limit(test, estimate, side * error, 1 - level) for side in (-1, 1))
    return WildBootstrap(estimate, t, p, low, high, groups, len(signs), kind, enumerated)


def _limit(
    test: Callable[[float], tuple[float, float]], estimate: float, step: float, alpha: float
) -> float:
    """Where the p-value falls below ``alpha`` on one side of the estimate, to 1e-4 of its error."""
    inside, reach = 0.0, 2.0
    while test(estimate + reach * step)[1] > alpha:
        inside, reach = reach, 2 * reach
        if reach > 1e3:
            return float(np.copysign(np.inf, step))
    while reach - inside > 1e-4:
        middle = (inside + reach) / 2
        if test(estimate + middle * step)[1] > alpha:
            inside = middle
        else:
            reach = middle
    return float(estimate + inside * step)
