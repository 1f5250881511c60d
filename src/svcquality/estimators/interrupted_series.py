"""Interrupted time series of counts: level and slope at a change, with trend and season."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import statsmodels.api as sm
from scipy import stats

from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast

Errors = Literal["autoregressive", "quasi", "newey_west", "poisson"]
CORRELATIONS = np.linspace(0, 0.9, 37)


@dataclass(frozen=True)
class InterruptedSeries:
    """A fitted interrupted series.

    Parameters
    ----------
    level : Contrast
        Ratio of the expected count just after the change to that without it.
    slope : Contrast or None
        Ratio by which the trend changed, a year.
    fitted, counterfactual, low, high : ndarray of shape (n,)
        Expected counts, those without the change, and the pointwise interval of the latter (of
        the expected count, not of single observations).
    scale : float
        Pearson χ² over degrees of freedom: 1 for Poisson counts.
    df : float
        Degrees of freedom of the t distribution.
    lags, harmonics : int
        Lags of the Newey–West error, harmonics of the season.
    autocorrelation : float
        At lag 1, estimated from the Pearson residuals and freed from the bias that fitting puts
        into them; 0 to .9.
    """

    level: Contrast
    slope: Contrast | None
    fitted: np.ndarray
    counterfactual: np.ndarray
    low: np.ndarray
    high: np.ndarray
    scale: float
    df: float
    lags: int
    harmonics: int
    autocorrelation: float


def interrupted_series(
    counts: np.ndarray,
    after: np.ndarray,
    *,
    exposure: np.ndarray | None = None,
    use: np.ndarray | None = None,
    position: np.ndarray | None = None,
    period: int = 12,
    harmonics: int | None = None,
    slope: bool = True,
    errors: Errors = "autoregressive",
    level: float = 0.95,
) -> InterruptedSeries:
    """Fit ``log E(count) = log exposure + trend + season + level and slope after the change``.

    Poisson likelihood (right for the mean whatever the variance), t with n − k degrees of
    freedom. Errors by default: a sandwich whose middle has the overdispersion and the lag-1
    autocorrelation that make the expected residuals match the observed ones.

    Parameters
    ----------
    counts : ndarray of shape (n,)
        Equally spaced.
    after : ndarray of shape (n,)
        Whether the change is in force; 0s, then 1s.
    exposure : ndarray of shape (n,), optional
        Customers, visits, person-time: positive.
    use : ndarray of shape (n,), optional
        Periods to fit; the others (a transition, an announcement) are only predicted.
    position : ndarray of shape (n,), optional
        Phase of the season of each period (a calendar month); by default the running number.
    period : int
        Periods a year.
    harmonics : int, optional
        Pairs of sine and cosine; by default `harmonics_for` the length of the series.
    slope : bool
        Let the trend change too.
    errors : {"autoregressive", "quasi", "newey_west", "poisson"}
        ``quasi`` scales by overdispersion only; ``newey_west`` has Bartlett weights,
        ``⌊4 (n/100)^(2/9)⌋`` lags and the factor n/(n − k).
    level : float
        Nominal coverage.

    Raises
    ------
    InputError
        If there is no period before or after the change, there are not more periods than
        parameters, all counts are 0, or an exposure is not positive.

    Notes
    -----
    Bernal, Cummins & Gasparrini (2017), Int. J. Epidemiology 46; the moment matching follows the
    idea of restricted likelihood, which Turner et al. (2021), BMC Med. Res. Methodology 21, find
    best in short series. In 250 simulations each of 24, 36 and 48 overdispersed months with
    autocorrelation 0, .3 and .5, 95% intervals of the level held the truth in 90% to 99%, those
    scaled by overdispersion only in 82% to 98%, and Newey–West ones in 74% to 88%.
    """
    counts = np.asarray(counts, dtype=float)
    after = np.asarray(after, dtype=float)
    n = len(counts)
    use = np.ones(n, dtype=bool) if use is None else np.asarray(use, dtype=bool)
    exposure = np.ones(n) if exposure is None else np.asarray(exposure, dtype=float)
    position = np.arange(n) if position is None else np.asarray(position)
    used = int(use.sum())
    harmonics = harmonics_for(used, period) if harmonics is None else harmonics
    time = np.arange(n, dtype=float)
    since = np.where(after > 0, time - time[after > 0].min(initial=n), 0.0)
    changes = np.column_stack([after, since / period] if slope else [after])
    season = _harmonics(position, period, harmonics)
    X = np.column_stack([changes, np.ones(n), (time - time.mean()) / period, season])
    k, parameters = changes.shape[1], X.shape[1]
    _require_usable(counts, after, exposure, use, parameters)
    fit = sm.GLM(
        counts[use], X[use], family=sm.families.Poisson(), offset=np.log(exposure[use])
    ).fit()
    beta = np.asarray(fit.params)
    fitted = exposure * np.exp(X @ beta)
    df = used - parameters
    scale = float(((counts - fitted)[use] ** 2 / fitted[use]).sum() / df)
    lags = int(4 * (used / 100) ** (2 / 9))
    bread = np.linalg.inv((X[use] * fitted[use, None]).T @ X[use])
    # A period left out has score 0, so that the lags keep counting calendar periods.
    scores = X * np.where(use, counts - fitted, 0.0)[:, None]
    robust = bread @ _bartlett(scores, lags) @ bread * (used / df)
    root = np.sqrt(fitted[use])
    pearson = (counts - fitted)[use] / root
    rho, middle = _autoregressive(pearson, X[use] * root[:, None], time[use])
    covariance = {
        "autoregressive": bread @ middle @ bread,
        "quasi": bread * scale,
        "newey_west": robust,
        "poisson": bread,
    }[errors]
    quantile = float(
        stats.norm.ppf((1 + level) / 2) if errors == "poisson" else stats.t.ppf((1 + level) / 2, df)
    )

    def error_of(direction: np.ndarray) -> np.ndarray:
        return np.sqrt(((direction @ covariance) * direction).sum(axis=1))

    ratios = [_ratio(beta[j], error_of(np.eye(parameters)[[j]])[0], df, quantile) for j in range(k)]
    without = X.copy()
    without[:, :k] = 0
    expected = exposure * np.exp(without @ beta)
    spread = np.exp(quantile * error_of(without))
    return InterruptedSeries(
        level=ratios[0],
        slope=ratios[1] if slope else None,
        fitted=fitted,
        counterfactual=expected,
        low=expected / spread,
        high=expected * spread,
        scale=scale,
        df=df,
        lags=lags,
        harmonics=harmonics,
        autocorrelation=rho,
    )


def harmonics_for(length: int, period: int = 12) -> int:
    """Harmonics of the season that a series can carry: none below two years, one below three."""
    years = length / period
    return 0 if years < 2 else 1 if years < 3 else 2


def _ratio(beta: float, error: float, df: float, quantile: float) -> Contrast:
    ratio = float(np.exp(beta))
    return Contrast(
        ratio,
        ratio * error,
        float(np.exp(beta - quantile * error)),
        float(np.exp(beta + quantile * error)),
        float(2 * stats.t.sf(abs(beta) / error, df)) if error > 0 else np.nan,
        df,
    )


def _harmonics(position: np.ndarray, period: int, harmonics: int) -> np.ndarray:
    angle = 2 * np.pi * np.outer(position, np.arange(1, harmonics + 1)) / period
    return np.hstack([np.sin(angle), np.cos(angle)])


def _bartlett(scores: np.ndarray, lags: int) -> np.ndarray:
    """Long-run sum of products of scores, shape (p, p)."""
    total = scores.T @ scores
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        total += (1 - lag / (lags + 1)) * (cross + cross.T)
    return total


def _autoregressive(
    residual: np.ndarray, X: np.ndarray, time: np.ndarray
) -> tuple[float, np.ndarray]:
    """Lag-1 correlation and the middle of the sandwich, by matching moments of residuals.

    Fitting a trend and a season to few points makes residuals look less correlated, and smaller,
    than the errors are: with hat matrix H and M = I − H the residuals of errors with correlation R
    have covariance M R M, whose lag-1 and lag-0 sums are matched to the observed ones.

    Parameters
    ----------
    residual : ndarray of shape (n,)
        Pearson residuals.
    X : ndarray of shape (n, k)
        Design matrix times the square root of the expected counts.
    time : ndarray of shape (n,)
    """
    maker = np.eye(len(X)) - X @ np.linalg.pinv(X)
    distance = np.abs(time[:, None] - time)
    neighbours = np.triu(distance == 1)
    correlation = CORRELATIONS[:, None, None] ** distance  # (grid, n, n)
    expected = maker @ correlation @ maker
    sizes = np.trace(expected, axis1=1, axis2=2)
    ratios = (expected * neighbours).sum(axis=(1, 2)) / sizes
    observed = float((np.outer(residual, residual) * neighbours).sum() / (residual @ residual))
    best = int(np.argmin(np.abs(ratios - observed))) if observed > ratios[0] else 0
    scale = float(residual @ residual) / sizes[best]
    return float(CORRELATIONS[best]), scale * X.T @ correlation[best] @ X


def _require_usable(
    counts: np.ndarray,
    after: np.ndarray,
    exposure: np.ndarray,
    use: np.ndarray,
    parameters: int,
) -> None:
    if not (after[use] > 0).any() or (after[use] > 0).all():
        raise InputError(
            "The series has no period before, or none after, the change; choose a change within "
            "the recorded period.",
            "变动之前或之后没有任何一期数据；请选择落在记录期内的变动。",
        )
    if use.sum() <= parameters:
        raise InputError(
            f"{use.sum()} periods cannot carry {parameters} parameters; use a longer series.",
            f"{use.sum()} 期数据不足以估计 {parameters} 个参数；请使用更长的序列。",
        )
    if not counts[use].any():
        raise InputError(
            "All counts are 0; check which complaints were selected.",
            "所有计数均为 0；请检查所选择的投诉范围。",
        )
    if not (exposure > 0).all():
        raise InputError(
            "A denominator is missing or 0 in some period; complete the denominators.",
            "有的期次分母缺失或为 0；请补全分母数据。",
        )
