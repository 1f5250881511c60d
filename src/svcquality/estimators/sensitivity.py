"""How strong must an unmeasured confounder be to undo a finding?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.estimators.least_squares import LeastSquares, least_squares, partial_r2


@dataclass(frozen=True)
class EValue:
    """Smallest risk ratios, with exposure and with outcome, that could explain a finding away.

    Parameters
    ----------
    estimate : float
        For the point estimate.
    interval : float
        For the interval's limit nearer to no effect; 1 where the interval holds no effect.
    """

    estimate: float
    interval: float


def e_value(risk_ratio: float, low: float, high: float) -> EValue:
    """E-value of a risk ratio and its interval.

    Parameters
    ----------
    risk_ratio, low, high : float
        Positive, ``low ≤ risk_ratio ≤ high``.

    Notes
    -----
    VanderWeele & Ding (2017), Annals of Internal Medicine 167. For an odds ratio of a common
    outcome pass its square root, for a standardised difference d pass ``exp(0.91 d)``
    (`risk_ratio_of_odds`, `risk_ratio_of_difference`).

    Raises
    ------
    ValueError
        If the three are not positive and ordered.
    """
    if not 0 < low <= risk_ratio <= high:
        raise ValueError("a risk ratio lies within its interval, and both are positive")
    if risk_ratio < 1:
        risk_ratio, low, high = 1 / risk_ratio, 1 / high, 1 / low
    return EValue(_bias_factor(risk_ratio), _bias_factor(max(low, 1.0)))


def _bias_factor(ratio: float) -> float:
    return float(ratio + np.sqrt(ratio * (ratio - 1)))


def risk_ratio_of_odds(odds_ratio: float) -> float:
    """Risk ratio about as far from 1 as an odds ratio of a common outcome (its square root)."""
    return float(np.sqrt(odds_ratio))


def risk_ratio_of_difference(d: float) -> float:
    """Risk ratio that corresponds to a standardised mean difference (Chinn 2000)."""
    return float(np.exp(0.91 * d))


def robustness_value(
    t: float,
    df: float,
    *,
    share: float = 1.0,
    level: float | None = None,
    inflation: float = 1.0,
) -> float:
    """Share of the residual variance that a confounder must explain, of exposure and of outcome.

    Parameters
    ----------
    t : float
        t statistic of the exposure, with the classical error.
    df : float
        Residual degrees of freedom.
    share : float
        Share of the estimate to be explained away.
    level : float, optional
        With it, the value that brings the interval of this coverage to include zero.
    inflation : float
        How many times the classical error the error of the interval is (clustered over classical),
        taken to stay the same beside the confounder. 1 is the paper's own case.

    Notes
    -----
    Cinelli & Hazlett (2020), J. Royal Statistical Society B 82, sections 4.2 and 4.3.

    Raises
    ------
    ValueError
        If there are fewer than two residual degrees of freedom.
    """
    if not df > 1:
        raise ValueError("a robustness value needs two or more residual degrees of freedom")
    f = share * abs(t) / np.sqrt(df)
    critical = 0.0
    if level is not None:
        critical = inflation * float(stats.t.ppf((1 + level) / 2, df - 1) / np.sqrt(df - 1))
    reach = f - critical
    if reach <= 0:
        return 0.0
    if critical * f >= 1:  # a confounder of the outcome alone would do: the second constraint binds
        return float((f**2 - critical**2) / (1 + f**2))
    return float((np.sqrt(reach**4 + 4 * reach**2) - reach**2) / 2)


@dataclass(frozen=True)
class OmittedVariable:
    """What remains of a coefficient if a confounder of a given strength was left out.

    Parameters
    ----------
    estimate, error, low, high, t : float
        Adjusted towards zero by the largest bias that strength allows.
    r2_exposure, r2_outcome : float
        Share of the residual variance of exposure and of outcome that it explains.
    """

    estimate: float
    error: float
    low: float
    high: float
    t: float
    r2_exposure: float
    r2_outcome: float


def omitted_variable(
    estimate: float,
    error: float,
    df: float,
    r2_exposure: float,
    r2_outcome: float,
    *,
    level: float = 0.95,
) -> OmittedVariable:
    """Adjust a least-squares coefficient for a confounder of a given strength.

    Parameters
    ----------
    estimate, error, df : float
        The coefficient, its classical error and the residual degrees of freedom.
    r2_exposure : float
        Partial R² of the confounder with the exposure given the controls, within [0, 1).
    r2_outcome : float
        Partial R² of the confounder with the outcome given exposure and controls, within [0, 1].

    Notes
    -----
    Cinelli & Hazlett (2020), equations 7 and 8. A bias beyond the estimate gives the other sign.

    Raises
    ------
    ValueError
        If a partial R² is outside its range.
    """
    if not (0 <= r2_exposure < 1 and 0 <= r2_outcome <= 1):
        raise ValueError("partial R² lie within 0 and 1, and below 1 for the exposure")
    adjusted = adjusted_estimate(estimate, error, df, r2_exposure, r2_outcome)
    new_error = error * np.sqrt((1 - r2_outcome) / (1 - r2_exposure) * df / (df - 1))
    reach = stats.t.ppf((1 + level) / 2, df - 1) * new_error
    t = adjusted / new_error if new_error > 0 else np.nan
    return OmittedVariable(
        float(adjusted), float(new_error), float(adjusted - reach), float(adjusted + reach),
        float(t), float(r2_exposure), float(r2_outcome),
    )  # fmt: skip


def adjusted_estimate(
    estimate: float,
    error: float,
    df: float,
    r2_exposure: float | np.ndarray,
    r2_outcome: float | np.ndarray,
) -> Any:
    """What remains of a coefficient beside a confounder of each strength given.

    Parameters
    ----------
    estimate, error, df : float
        A least-squares coefficient with its classical error and residual degrees of freedom.
    r2_exposure, r2_outcome : float or ndarray
        Partial R² of the confounder; broadcast against each other.

    Returns
    -------
    float or ndarray
        Moved towards zero, and past it where the bias is larger than the estimate.

    Notes
    -----
    Cinelli & Hazlett (2020), equation 7: ``|bias| = error · sqrt(df · R²_y R²_d / (1 − R²_d))``.
    """
    bias = error * np.sqrt(df * r2_outcome * r2_exposure / (1 - r2_exposure))
    return np.sign(estimate) * (abs(estimate) - bias)


def benchmark_bounds(
    fit: LeastSquares,
    exposure: int,
    benchmark: Sequence[int],
    *,
    times: Sequence[float] = (1, 2, 3),
    level: float = 0.95,
    of_exposure: LeastSquares | None = None,
) -> pd.DataFrame:
    """What remains if the confounder is as strong as a measured one, or some times as strong.

    Parameters
    ----------
    fit : LeastSquares
        The outcome on exposure, benchmark and all other controls.
    exposure : int
        Column of the exposure.
    benchmark : sequence of int
        Column, or columns of one factor, to compare with.
    times : sequence of float
        How many times as strong, for exposure and outcome alike.
    of_exposure : LeastSquares, optional
        The exposure on all other columns, where it is fitted already.

    Returns
    -------
    DataFrame
        Columns ``times, r2_exposure, r2_outcome, estimate, error, low, high, t``; NaN where no
        confounder can be so strong.

    Notes
    -----
    Cinelli & Hazlett (2020), section 4.4 and supplement B.
    """
    others = [j for j in range(fit.X.shape[1]) if j != exposure]
    if of_exposure is None:
        of_exposure = least_squares(fit.X[:, exposure], fit.X[:, others], weights=fit.weights)
    r2_d = partial_r2(of_exposure, [others.index(j) for j in benchmark])
    r2_y = partial_r2(fit, benchmark)
    estimate = fit.coefficients[exposure]
    error = float(np.sqrt(fit.classical_covariance[exposure, exposure]))
    rows = []
    for k in times:
        with_exposure = k * r2_d / (1 - r2_d)
        # How much the confounder goes with the benchmark once exposure and controls are held.
        with_benchmark = k * r2_d**2 / ((1 - k * r2_d) * (1 - r2_d)) if k * r2_d < 1 else np.inf
        if with_exposure >= 1 or with_benchmark >= 1:
            rows.append({"times": k} | dict.fromkeys(_BOUND, np.nan))
            continue
        scale = (np.sqrt(k) + np.sqrt(with_benchmark)) / np.sqrt(1 - with_benchmark)
        with_outcome = min(1.0, scale**2 * r2_y / (1 - r2_y))
        left = omitted_variable(estimate, error, fit.df, with_exposure, with_outcome, level=level)
        rows.append({"times": k} | {name: getattr(left, name) for name in _BOUND})
    return pd.DataFrame(rows)


_BOUND = ("r2_exposure", "r2_outcome", "estimate", "error", "low", "high", "t")
