"""Ordered logit (proportional odds), binary logit as the case of two categories.

``P(y ≤ c_m | x) = Λ(τ_m − xβ)``: McCullagh (1980), J. Royal Statistical Society B 42. The
log-likelihood is concave in (β, τ), so Newton steps with halving find its maximum from any start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, log_expit, logit

from svcquality.errors import InputError
from svcquality.estimators.clustered import Inference, sandwich
from svcquality.estimators.likelihood import (
    CONVERGED,
    MAX_STEPS,
    dependent,
    inverse_information,
    refuse_separation,
    separated,
)


@dataclass(frozen=True)
class OrderedLogit:
    """A fitted ordered logit.

    Parameters
    ----------
    coefficients : ndarray of shape (k,)
        Log odds of a higher category for one unit more.
    thresholds : ndarray of shape (K − 1,)
    categories : ndarray of shape (K,)
        The distinct outcomes, ascending.
    names : tuple of str
        Names of the k columns.
    inference : Inference
        Covariance of (coefficients, thresholds), in this order.
    log_likelihood : float
    n, steps : int
        Rows, and Newton steps taken.
    """

    coefficients: np.ndarray
    thresholds: np.ndarray
    categories: np.ndarray
    names: tuple[str, ...]
    inference: Inference
    log_likelihood: float
    n: int
    steps: int

    def probability(self, X: np.ndarray, category: float) -> np.ndarray:
        """P(y ≥ category) for each row, shape (n,)."""
        return expit(X @ self.coefficients - self.thresholds[self._cut(category)])

    def average(self, X: np.ndarray, category: float | None) -> tuple[float, np.ndarray]:
        """Mean of P(y ≥ category) over the rows, and its gradient in (β, τ)."""
        if category is None:
            raise ValueError("an ordered logit needs the category whose probability is meant")
        cut = self._cut(category)
        p = expit(X @ self.coefficients - self.thresholds[cut])
        slope = p * (1 - p) / len(p)
        gradient = np.zeros(len(self.inference.covariance))
        gradient[: X.shape[1]] = slope @ X
        gradient[X.shape[1] + cut] = -slope.sum()
        return float(p.mean()), gradient

    def _cut(self, category: float) -> int:
        cut = int(np.searchsorted(self.categories, category)) - 1
        if not 0 <= cut < len(self.thresholds):
            raise ValueError(f"no answers on both sides of {category}")
        return cut


def ordered_logit(
    y: np.ndarray,
    X: np.ndarray,
    *,
    clusters: np.ndarray | pd.Series | None = None,
    errors: str = "robust",
    names: Sequence[str] = (),
) -> OrderedLogit:
    """Fit by maximum likelihood with analytic gradient and Hessian.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Ordered outcome; any numbers, only their order counts.
    X : ndarray of shape (n, k)
        Explanatory columns, no intercept, finite.
    clusters : array of shape (n,), optional
        Cluster of each row.
    errors : {"robust", "model"}
        ``robust``: CR1 with clusters, else HC1 (see `clustered.sandwich`). ``model``: inverse
        observed information, t with ``n − p`` degrees of freedom.
    names : sequence of str, optional
        Names of the columns, for messages.

    Raises
    ------
    InputError
        If the outcome is constant, a column separates the outcomes perfectly or is a
        combination of others, or there are too few rows or clusters.
    """
    y, X = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    if X.ndim != 2 or len(X) != len(y) or not (np.isfinite(X).all() and np.isfinite(y).all()):
        raise ValueError("y (n,) and X (n, k) must be finite and of one length")
    names = tuple(names) or tuple(f"x{j}" for j in range(X.shape[1]))
    categories, codes = np.unique(y, return_inverse=True)
    if len(categories) < 2:
        raise InputError(
            "The outcome has the same value in every row, so nothing can be related to it; "
            "choose another outcome or a longer period.",
            "所有数据的结果取值相同，无法与任何因素建立关联；请更换结果变量或延长时间范围。",
        )
    n, k = X.shape
    # Centred and scaled columns keep the Newton system well conditioned; undone at the end.
    centre, scale = X.mean(axis=0), X.std(axis=0)
    if (scale == 0).any():
        raise dependent([names[j] for j in np.flatnonzero(scale == 0)])
    Z = (X - centre) / scale
    model = _Likelihood(codes, Z, len(categories))
    theta, log_likelihood, steps = _newton(model, names)
    bread = inverse_information(model.information(theta), names)
    model_errors = np.sqrt(np.diag(bread)[:k])
    refuse_separation(model_errors, np.ptp(Z, axis=0), model.weights(theta).min(), names)
    if errors == "model":
        inference = Inference(bread, n - len(theta), "model")
    else:
        inference = sandwich(bread, [model.scores(theta)], n, clusters)
    back = _unscale(centre, scale, len(theta))
    theta = back @ theta
    covariance = back @ inference.covariance @ back.T
    return OrderedLogit(
        coefficients=theta[:k],
        thresholds=theta[k:],
        categories=categories,
        names=names,
        inference=Inference(covariance, inference.df, inference.kind, inference.clusters),
        log_likelihood=log_likelihood,
        n=n,
        steps=steps,
    )


class _Likelihood:
    """Value and derivatives of the log-likelihood at θ = (β, τ).

    With ``a`` the threshold above a row's category minus its index and ``b`` the one below,
    ``log p = log Λ(a) + log Λ(−b) + log(1 − e^(b−a))``, which no tail can underflow.
    """

    def __init__(self, codes: np.ndarray, Z: np.ndarray, categories: int) -> None:
        self.codes, self.Z, self.cuts = codes, Z, categories - 1
        shape = (len(codes), self.cuts)
        self.is_upper = np.zeros(shape, dtype=bool)
        self.is_lower = np.zeros(shape, dtype=bool)
        has_upper, has_lower = codes < self.cuts, codes > 0
        rows = np.arange(len(codes))
        self.is_upper[rows[has_upper], codes[has_upper]] = True
        self.is_lower[rows[has_lower], codes[has_lower] - 1] = True

    def start(self) -> np.ndarray:
        below = np.cumsum(np.bincount(self.codes, minlength=self.cuts + 1))[:-1] / len(self.codes)
        return np.concatenate([np.zeros(self.Z.shape[1]), logit(below)])

    def _bounds(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        k = self.Z.shape[1]
        tau = np.concatenate([[-np.inf], theta[k:], [np.inf]])
        index = self.Z @ theta[:k]
        return tau[self.codes + 1] - index, tau[self.codes] - index

    def value(self, theta: np.ndarray) -> float:
        if (np.diff(theta[self.Z.shape[1] :]) <= 0).any():
            return -np.inf
        a, b = self._bounds(theta)
        return float((log_expit(a) + log_expit(-b) + np.log(-np.expm1(b - a))).sum())

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Scores by row, shape (n, k + K − 1)."""
        a, b = self._bounds(theta)
        r = 1 / np.expm1(a - b)
        in_index = expit(a) + expit(b) - 1
        in_cuts = self.is_upper * (expit(-a) + r)[:, None] - self.is_lower * (expit(b) + r)[:, None]
        return np.hstack([self.Z * in_index[:, None], in_cuts])

    def weights(self, theta: np.ndarray) -> np.ndarray:
        """Information of each row about its index, shape (n,)."""
        a, b = self._bounds(theta)
        return expit(a) * expit(-a) + expit(b) * expit(-b)

    def information(self, theta: np.ndarray) -> np.ndarray:
        """Minus the Hessian, summed over rows."""
        a, b = self._bounds(theta)
        f, g = expit(a) * expit(-a), expit(b) * expit(-b)
        r = 1 / np.expm1(a - b)
        join = r * (1 + r)
        k = self.Z.shape[1]
        H = np.empty((k + self.cuts, k + self.cuts))
        H[:k, :k] = self.Z.T @ (self.Z * (f + g)[:, None])
        cross = self.Z.T @ (self.is_upper * f[:, None] + self.is_lower * g[:, None])
        H[:k, k:], H[k:, :k] = -cross, -cross.T
        between = self.is_upper.T @ (self.is_lower * join[:, None])
        H[k:, k:] = np.diag(self.is_upper.T @ (f + join) + self.is_lower.T @ (g + join))
        H[k:, k:] -= between + between.T
        return H


def _newton(model: _Likelihood, names: tuple[str, ...]) -> tuple[np.ndarray, float, int]:
    theta = model.start()
    value = model.value(theta)
    for step in range(1, MAX_STEPS + 1):
        gradient = model.scores(theta).sum(axis=0)
        try:
            direction = np.linalg.solve(model.information(theta), gradient)
        except np.linalg.LinAlgError:
            raise dependent(list(names)) from None
        if gradient @ direction < CONVERGED:
            return theta, value, step
        size = 1.0
        while (new := model.value(theta + size * direction)) < value - 1e-9 and size > 1e-8:
            size /= 2
        theta, value = theta + size * direction, new
    raise separated(list(names))


def _unscale(centre: np.ndarray, scale: np.ndarray, p: int) -> np.ndarray:
    """Linear map from the parameters of centred, scaled columns to those of the columns."""
    k = len(centre)
    back = np.eye(p)
    back[:k, :k] = np.diag(1 / scale)
    back[k:, :k] = centre / scale
    return back
