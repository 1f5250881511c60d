"""Who answers a survey: response model, weights, representativity, and what silence can hide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import optimize, stats

from svcquality.errors import InputError
from svcquality.estimators.clustered import mean_with_error
from svcquality.estimators.domain_mean import DomainMean
from svcquality.estimators.hazard import Hazard, hazard
from svcquality.estimators.marginal import Contrast, contrast


@dataclass(frozen=True)
class RIndicator:
    """How alike those who answer are to all who were asked: 1 is a random subset.

    Parameters
    ----------
    estimate, low, high : float
        ``1 − 2 S(ρ)`` with S adjusted for estimating ρ, its interval.
    unadjusted : float
        Without the adjustment, which makes small surveys look less representative than they are.
    variation : float
        ``S(ρ) / mean(ρ)``: the bias of a respondents' mean is at most this many standard deviations
        of the outcome, as far as the model's columns go.
    """

    estimate: float
    low: float
    high: float
    unadjusted: float
    variation: float


@dataclass(frozen=True)
class ResponseModel:
    """Probability of answering, and the weights that follow.

    Parameters
    ----------
    fit : Hazard
        The logit; intercept first.
    answered : ndarray of bool, shape (n,)
    X : ndarray of shape (n, k)
    propensity : ndarray of shape (n,)
    weights : ndarray of shape (n,)
        ``1 / propensity`` for those who answered, no more than `most` times their mean, scaled to
        mean 1 among them; else 0.
    trimmed : ndarray of bool, shape (n,)
        Whose weight was cut.
    rate : float
        Share who answered.
    representativity : RIndicator
    """

    fit: Hazard
    answered: np.ndarray
    X: np.ndarray
    propensity: np.ndarray
    weights: np.ndarray
    trimmed: np.ndarray
    rate: float
    representativity: RIndicator

    def mean(self, y: np.ndarray, domain: np.ndarray | None = None) -> DomainMean:
        """Mean of ``y`` over all who were asked, were silence explained by the model's columns.

        Parameters
        ----------
        y : ndarray of shape (n,)
            Ignored where not answered.
        domain : ndarray of bool, shape (n,), optional
            Over some of those who were asked only.

        Notes
        -----
        Hájek mean with the weights; the influence function carries the estimation of ρ (Robins,
        Rotnitzky & Zhao 1994, J. American Statistical Association 89). A cut weight no longer
        follows the model.

        Raises
        ------
        InputError
            If nobody in the domain answered.
        """
        inside = self.answered if domain is None else self.answered & np.asarray(domain, dtype=bool)
        if not inside.any():
            raise InputError(
                "Nobody in this group answered; use a longer period or larger groups.",
                "该分组无人答复；请延长时间范围或合并分组。",
            )
        w = np.where(inside, self.weights, 0.0)
        outcome = np.where(inside, y, 0.0).astype(float)
        mean = float(w @ outcome / w.sum())
        left = w * (outcome - mean) / w.sum()
        # How the mean moves with the response model, times how each row moved the model.
        follows = np.where(self.trimmed, 0.0, left) * (1 - self.propensity)
        slope = np.concatenate([[follows.sum()], follows @ self.X])
        return DomainMean(mean, left - self._moves @ slope, np.ones(len(w), dtype=bool))

    @cached_property
    def _moves(self) -> np.ndarray:
        """How each row moved the coefficients, shape (n, 1 + k)."""
        ones = np.column_stack([np.ones(len(self.X)), self.X])
        rho = self.propensity
        bread = np.linalg.inv(ones.T @ (ones * (rho * (1 - rho))[:, None]))
        return (ones * (self.answered - rho)[:, None]) @ bread


def response_model(
    answered: np.ndarray,
    X: np.ndarray,
    *,
    clusters: np.ndarray | pd.Series | None = None,
    names: Sequence[str] = (),
    most: float | None = None,
    level: float = 0.95,
) -> ResponseModel:
    """Model who answers by what is known of everybody who was asked.

    Parameters
    ----------
    answered : ndarray of bool, shape (n,)
    X : ndarray of shape (n, k)
        Known of all who were asked; no intercept.
    clusters : array of shape (n,), optional
    names : sequence of str, optional
    most : float, optional
        Weights above so many times their mean are cut to it: a little bias for a steadier mean.

    Notes
    -----
    R-indicator: Schouten, Cobben & Bethlehem (2009), Survey Methodology 35; adjustment and variance
    as in Shlomo, Skinner & Schouten (2012), J. Statistical Planning & Inference 142, with the
    model's robust covariance. The interval is normal on S² and never leaves [0, 1].

    Raises
    ------
    InputError
        If all or none answered, a column predicts it perfectly or repeats others.
    ValueError
        If ``most`` is not above 1.
    """
    answered, X = np.asarray(answered, dtype=bool), np.asarray(X, dtype=float)
    if most is not None and not most > 1:
        raise ValueError("most must be above 1")
    fit = hazard(answered, X, clusters=clusters, names=names)
    rho = fit.probability(X)
    weights = np.where(answered, 1 / rho, 0.0)
    limit = np.inf if most is None else most * weights[answered].mean()
    trimmed = weights > limit
    weights = np.minimum(weights, limit)
    weights /= weights[answered].mean()
    return ResponseModel(
        fit, answered, X, rho, weights, trimmed, float(answered.mean()),
        _r_indicator(fit, X, rho, level),
    )  # fmt: skip


def _r_indicator(fit: Hazard, X: np.ndarray, rho: np.ndarray, level: float) -> RIndicator:
    n, V = len(rho), fit.inference.covariance
    slopes = np.column_stack([np.ones(n), X]) * (rho * (1 - rho))[:, None]
    slopes -= slopes.mean(axis=0)
    variance = float(rho.var(ddof=1))
    # Estimated propensities spread more than true ones, by the error of their differences.
    B = slopes.T @ slopes / n
    adjusted = max(variance - float(np.trace(B @ V)), 0.0)
    a = slopes.T @ (rho - rho.mean()) / n
    sampling = float(((rho - rho.mean()) ** 2).var(ddof=1)) / n
    error = np.sqrt(4 * a @ V @ a + 2 * np.trace(B @ V @ B @ V) + sampling)
    reach = stats.norm.ppf((1 + level) / 2) * error

    def r(s2: float) -> float:
        return float(max(1 - 2 * np.sqrt(max(s2, 0.0)), 0.0))

    return RIndicator(
        r(adjusted), r(adjusted + reach), r(adjusted - reach), r(variance),
        float(np.sqrt(adjusted) / rho.mean()),
    )  # fmt: skip


def response_weighted_mean(
    y: np.ndarray,
    answered: np.ndarray,
    X: np.ndarray,
    *,
    clusters: np.ndarray | pd.Series | None = None,
    level: float = 0.95,
) -> Contrast:
    """`ResponseModel.mean` with its error: CR1 or HC1, t intervals.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcome; ignored where not answered.
    answered : ndarray of bool, shape (n,)
    X : ndarray of shape (n, k)
    clusters : array of shape (n,), optional

    Raises
    ------
    InputError
        As `response_model`.
    """
    mean = response_model(answered, X).mean(y)
    inference = mean.inference(clusters)
    return contrast(mean.estimate, float(inference.errors[0]), inference.df, level=level)


@dataclass(frozen=True)
class Bounds:
    """What a mean can be, whatever those who did not answer would have said.

    Parameters
    ----------
    lower, upper : float
        Ends of the range if sampling error were nil.
    low, high : float
        Confidence interval of the mean, not of the range.
    rate : float
        Share who answered.
    observed : float
        Mean of those who did.
    errors : (float, float)
        Standard errors of the two ends.
    """

    lower: float
    upper: float
    low: float
    high: float
    rate: float
    observed: float
    errors: tuple[float, float]

    def silent_mean(self, target: float) -> float:
        """Mean of the silent at which the mean of all is ``target``; NaN if all answered."""
        if self.rate == 1:
            return float("nan")
        return (target - self.rate * self.observed) / (1 - self.rate)


def worst_case_bounds(
    y: np.ndarray,
    answered: np.ndarray,
    scale: tuple[float, float],
    *,
    within: float | None = None,
    clusters: np.ndarray | pd.Series | None = None,
    level: float = 0.95,
) -> Bounds:
    """Bounds on the mean of all who were asked.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Outcome; ignored where not answered.
    answered : ndarray of bool, shape (n,)
    scale : (float, float)
        Lowest and highest possible outcome.
    within : float, optional
        Assume that the silent differ from the others by at most this much on average.
    clusters : array of shape (n,), optional

    Notes
    -----
    Manski (1989), J. Human Resources 24; interval of Imbens & Manski (2004), Econometrica 72, with
    HC1 or CR1 errors of each end and their t distribution.

    Raises
    ------
    InputError
        If nobody answered or an answer is off the scale.
    """
    answered = np.asarray(answered, dtype=bool)
    lowest, highest = scale
    given = np.asarray(y, dtype=float)[answered]
    if not len(given) or not ((given >= lowest) & (given <= highest)).all():
        raise InputError(
            f"Bounds need answers, all of them from {lowest:g} to {highest:g}; correct the scale "
            "or the answers.",
            f"计算界限需要至少一条回答，且取值均在 {lowest:g} 到 {highest:g} 之间；"
            "请更正量表范围或数据。",
        )
    observed = float(given.mean())
    floor, ceiling = lowest, highest
    if within is not None:
        floor, ceiling = max(lowest, observed - within), min(highest, observed + within)
    ends, errors = [], []
    for silent in (floor, ceiling):
        filled = np.full(len(answered), silent, dtype=float)
        filled[answered] = given
        mean, _ = mean_with_error(filled, clusters)
        follows = silent not in (lowest, highest)  # the silent move with the observed mean
        linear = filled.copy()
        if follows:
            rate = answered.mean()
            linear[answered] += (1 - rate) / rate * (given - observed)
        _, inference = mean_with_error(linear, clusters)
        ends.append(mean)
        errors.append(float(inference.errors[0]))
    c = _critical(ends[1] - ends[0], max(errors), inference.df, level)
    return Bounds(
        ends[0], ends[1], max(lowest, ends[0] - c * errors[0]),
        min(highest, ends[1] + c * errors[1]), float(answered.mean()), observed,
        (errors[0], errors[1]),
    )  # fmt: skip


def _critical(width: float, error: float, df: float, level: float) -> float:
    """Between one- and two-sided: the true mean cannot be near both ends of a wide range."""
    two_sided = float(stats.t.ppf((1 + level) / 2, df))
    if error == 0:
        return two_sided

    def missing(c: float) -> float:
        return float(stats.t.cdf(c + width / error, df) - stats.t.cdf(-c, df) - level)

    return float(optimize.brentq(missing, 0.0, two_sided + 1e-9))
