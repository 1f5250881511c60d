"""From a fitted model to differences on the probability scale, with delta-method errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import stats

from svcquality.estimators.blocks import row_blocks
from svcquality.estimators.clustered import Inference

Changes = Mapping[int, "np.ndarray | float"]
"""Column of the design matrix → the value, or the values (n,), put in its place."""


class Fit(Protocol):
    """A fitted model that can average a probability over rows."""

    @property
    def inference(self) -> Inference:
        """Covariance of all parameters, thresholds or intercept included."""

    def average(
        self, X: np.ndarray, category: float | None = None, weights: np.ndarray | None = None
    ) -> tuple[float, np.ndarray]:
        """(Weighted) mean probability over the rows of ``X``, and its gradient in all parameters."""


@dataclass(frozen=True)
class Contrast:
    """An estimate with its error, interval, two-sided p-value and degrees of freedom."""

    estimate: float
    error: float
    low: float
    high: float
    p: float
    df: float


def contrast(
    estimate: float, error: float, df: float, *, null: float = 0.0, level: float = 0.95
) -> Contrast:
    """Interval and p-value from a t distribution with ``df`` degrees of freedom."""
    reach = stats.t.ppf((1 + level) / 2, df) * error
    p = 2 * stats.t.sf(abs(estimate - null) / error, df) if error > 0 else np.nan
    return Contrast(
        float(estimate), float(error), float(estimate - reach), float(estimate + reach),
        float(p), float(df),
    )  # fmt: skip


def average_contrast(
    fit: Fit,
    X0: np.ndarray,
    X1: np.ndarray,
    category: float | None = None,
    *,
    weights: np.ndarray | None = None,
    level: float = 0.95,
) -> Contrast:
    """Average over rows of P(event | X1) − P(event | X0).

    A unit change, a 0/1 change and a finite change through a spline basis are all written as two
    design matrices. The delta-method error carries the whole covariance, that of thresholds and
    coefficients included; the rows averaged over are taken as given.

    Parameters
    ----------
    fit : Fit
        An ordered logit (event: outcome ≥ ``category``) or a hazard (event: closing).
    X0, X1 : ndarray of shape (n, k)
        Design matrices before and after the change.
    category : float, optional
        For an ordered logit.
    weights : ndarray of shape (n,), optional
        Of the rows in the average.
    """
    mean0, gradient0 = _averaged(fit, X0, {}, category, weights)
    mean1, gradient1 = _averaged(fit, X1, {}, category, weights)
    return _contrast(fit, mean1 - mean0, gradient1 - gradient0, level)


def average_change(
    fit: Fit,
    X: np.ndarray,
    before: Changes,
    after: Changes,
    category: float | None = None,
    *,
    weights: np.ndarray | None = None,
    level: float = 0.95,
) -> Contrast:
    """As `average_contrast`, with both matrices written as changes of some columns of ``X``.

    Needs memory for one block of rows instead of two more matrices.
    """
    mean0, gradient0 = _averaged(fit, X, before, category, weights)
    mean1, gradient1 = _averaged(fit, X, after, category, weights)
    return _contrast(fit, mean1 - mean0, gradient1 - gradient0, level)


def average_level(
    fit: Fit, X: np.ndarray, changes: Changes, category: float | None = None, *, level: float = 0.95
) -> Contrast:
    """Average over rows of P(event) with some columns set; the p-value is against zero."""
    mean, gradient = _averaged(fit, X, changes, category, None)
    return _contrast(fit, mean, gradient, level)


def _averaged(
    fit: Fit, X: np.ndarray, changes: Changes, category: float | None, weights: np.ndarray | None
) -> tuple[float, np.ndarray]:
    n = len(X)
    total = n if weights is None else float(weights.sum())
    mean, gradient = 0.0, np.zeros(len(fit.inference.covariance))
    for rows in row_blocks(n):
        block = X[rows]
        if changes:
            block = block.copy()
            for column, value in changes.items():
                block[:, column] = value[rows] if isinstance(value, np.ndarray) else value
        own = None if weights is None else weights[rows]
        part, slope = fit.average(block, category, own)
        share = (len(block) if own is None else float(own.sum())) / total
        mean += share * part
        gradient += share * slope
    return mean, gradient


def _contrast(fit: Fit, estimate: float, gradient: np.ndarray, level: float) -> Contrast:
    inference = fit.inference
    variance = float(gradient @ inference.covariance @ gradient)
    return contrast(estimate, np.sqrt(max(variance, 0.0)), inference.df, level=level)
