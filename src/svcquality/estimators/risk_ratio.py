"""The ratio of two average probabilities of a fitted model, with a delta-method interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from svcquality.estimators.marginal import Changes, Fit


@dataclass(frozen=True)
class RiskRatio:
    """A ratio of probabilities with its interval, and the two probabilities."""

    ratio: float
    low: float
    high: float
    before: float
    after: float


def average_risk_ratio(
    fit: Fit,
    X: np.ndarray,
    before: Changes,
    after: Changes,
    category: float | None = None,
    *,
    weights: np.ndarray | None = None,
    level: float = 0.95,
) -> RiskRatio:
    """Average probability after a change of some columns over that before it.

    The error is that of the logarithm, with the whole covariance of the fit, and the interval is
    taken back from there.

    Parameters
    ----------
    fit : Fit
        As for `marginal.average_change`.
    X : ndarray of shape (n, k)
    before, after : mapping of int to ndarray or float
        Columns replaced.
    category : float, optional
        For an ordered outcome: the event is ``outcome ≥ category``.
    weights : ndarray of shape (n,), optional
        Of the rows in both averages.
    """
    mean0, slope0 = fit.average(_changed(X, before), category, weights)
    mean1, slope1 = fit.average(_changed(X, after), category, weights)
    gradient = slope1 / mean1 - slope0 / mean0
    error = np.sqrt(max(float(gradient @ fit.inference.covariance @ gradient), 0.0))
    reach = float(stats.t.ppf((1 + level) / 2, fit.inference.df)) * error
    log = float(np.log(mean1 / mean0))
    return RiskRatio(
        float(np.exp(log)), float(np.exp(log - reach)), float(np.exp(log + reach)),
        float(mean0), float(mean1),
    )  # fmt: skip


def _changed(X: np.ndarray, changes: Changes) -> np.ndarray:
    if not changes:
        return X
    X = X.copy()
    for column, value in changes.items():
        X[:, column] = value
    return X
