"""Cumulative link models: what the ordered logit and the ordered probit share.

``P(y ≤ c_m | x) = F(τ_m − xβ)``: McCullagh (1980), J. Royal Statistical Society B 42. With a
log-concave F the log-likelihood is concave in (β, τ), so Newton steps with halving find its maximum
from any start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.estimators.blocks import shares
from svcquality.estimators.clustered import Inference, sandwich
from svcquality.estimators.likelihood import (
    CONVERGED,
    MAX_STEPS,
    dependent,
    inverse_information,
    refuse_separation,
    separated,
)
from svcquality.estimators.ordered_links import Link, Pieces


@dataclass(frozen=True)
class CumulativeModel:
    """A fitted cumulative link model.

    Parameters
    ----------
    coefficients : ndarray of shape (k,)
        Change of the latent index for one unit more; positive means higher categories.
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
    link: ClassVar[Link]

    def probability(self, X: np.ndarray, category: float) -> np.ndarray:
        """P(y ≥ category) for each row, shape (n,)."""
        return self.link.cdf(X @ self.coefficients - self.thresholds[self._cut(category)])

    def average(
        self, X: np.ndarray, category: float | None = None, weights: np.ndarray | None = None
    ) -> tuple[float, np.ndarray]:
        """(Weighted) mean of P(y ≥ category) over the rows, and its gradient in (β, τ)."""
        if category is None:
            raise ValueError("an ordered outcome needs the category whose probability is meant")
        cut = self._cut(category)
        index = X @ self.coefficients - self.thresholds[cut]
        share = shares(len(X), weights)
        slope = self.link.density(index) * share
        gradient = np.zeros(len(self.inference.covariance))
        gradient[: X.shape[1]] = slope @ X
        gradient[X.shape[1] + cut] = -slope.sum()
        return float(share @ self.link.cdf(index)), gradient

    def likelihood(
        self, y: np.ndarray, X: np.ndarray, weights: np.ndarray | None = None
    ) -> tuple[Likelihood, np.ndarray]:
        """The likelihood of rows among those fitted, and the estimate to take it at."""
        codes = np.searchsorted(self.categories, y)
        theta = np.concatenate([self.coefficients, self.thresholds])
        return Likelihood(codes, X, len(self.categories), self.link, weights=weights), theta

    def parts(
        self, y: np.ndarray, X: np.ndarray, weights: np.ndarray | None = None
    ) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """From some of the rows fitted to the sum of their scores and their information.

        For errors that are computed after the fit; the arguments are those fitted.
        """

        def part(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            some, theta = self.likelihood(
                y[rows], X[rows], None if weights is None else weights[rows]
            )
            return some.scores(theta).sum(axis=0), some.information(theta)

        return part

    def _cut(self, category: float) -> int:
        return cut_below(self.categories, category)


def cut_below(categories: np.ndarray, category: float) -> int:
    """Number of the threshold between a category and the one below.

    Raises
    ------
    ValueError
        If there are not answers on both sides of it.
    """
    cut = int(np.searchsorted(categories, category)) - 1
    if not 0 <= cut < len(categories) - 1:
        raise ValueError(f"no answers on both sides of {category}")
    return cut


Model = TypeVar("Model", bound=CumulativeModel)


def fit_cumulative(
    model: type[Model],
    y: np.ndarray,
    X: np.ndarray,
    clusters: np.ndarray | pd.Series | None,
    errors: str,
    names: Sequence[str],
    weights: np.ndarray | None = None,
) -> Model:
    """Fit by maximum likelihood with analytic gradient and Hessian.

    Parameters and errors are those of `ordered_logit`; ``model`` carries the link.
    """
    y, X, names = checked(y, X, names)
    categories, codes = ordered_codes(y)
    n, k = X.shape
    Z, centre, scale = standardised(X, names)
    likelihood = Likelihood(codes, Z, len(categories), model.link, weights=weights)
    theta, log_likelihood, steps = newton(likelihood, names)
    bread = inverse_of_independent(likelihood.information(theta), names)
    model_errors = np.sqrt(np.diag(bread)[:k])
    least = likelihood.weights(theta).min()
    refuse_separation(model_errors, np.ptp(Z, axis=0), least, names, theta[:k])
    if errors == "model":
        inference = Inference(bread, n - len(theta), "model")
    else:
        inference = sandwich(bread, [likelihood.scores(theta)], n, clusters)
    back = _unscale(centre, scale, len(theta))
    theta = back @ theta
    covariance = back @ inference.covariance @ back.T
    return model(
        coefficients=theta[:k],
        thresholds=theta[k:],
        categories=categories,
        names=names,
        inference=Inference(covariance, inference.df, inference.kind, inference.clusters),
        log_likelihood=log_likelihood,
        n=n,
        steps=steps,
    )


def checked(
    y: np.ndarray, X: np.ndarray, names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Outcome, columns and their names as arrays of one length.

    Raises
    ------
    ValueError
        If lengths differ or a value is not finite.
    """
    y, X = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    if X.ndim != 2 or len(X) != len(y) or not (np.isfinite(X).all() and np.isfinite(y).all()):
        raise ValueError("y (n,) and X (n, k) must be finite and of one length")
    return y, X, tuple(names) or tuple(f"x{j}" for j in range(X.shape[1]))


def ordered_codes(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct outcomes, ascending, and the position of each row's among them.

    Raises
    ------
    InputError
        If the outcome is constant.
    """
    categories, codes = np.unique(y, return_inverse=True)
    if len(categories) < 2:
        raise InputError(
            "The outcome has the same value in every row, so nothing can be related to it; "
            "choose another outcome or a longer period.",
            "所有数据的结果取值相同，无法与任何因素建立关联；请更换结果变量或延长时间范围。",
        )
    return categories, codes


def standardised(X: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centred and scaled columns, which keep Newton steps well conditioned, and both factors.

    Raises
    ------
    InputError
        If columns are constant or repeat each other.
    """
    centre, scale = X.mean(axis=0), X.std(axis=0)
    if (scale == 0).any():
        raise dependent([name for name, s in zip(names, scale, strict=True) if s == 0])
    Z = (X - centre) / scale
    inverse_information(Z.T @ Z, names)
    return Z, centre, scale


def inverse_of_independent(information: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Inverse information where columns do not repeat each other.

    Parameters
    ----------
    information : ndarray of shape (p, p)
    names : sequence of str
        Columns to which the first parameters belong, some perhaps twice; empty for none.

    Raises
    ------
    InputError
        If it is singular: then the likelihood is flat because the outcome is separated.
    """
    try:
        return inverse_information(information, names)
    except InputError:
        scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
        flat = np.abs(np.linalg.eigh(information / np.outer(scale, scale))[1][:, 0])
        named = [name for name, part in zip(names, flat, strict=False) if part > 0.1 and name]
        raise separated(list(dict.fromkeys(named or names))) from None


class Likelihood:
    """Value and derivatives of the log-likelihood at θ = (β, τ).

    ``offset`` (n,) is added to the index of each row; ``weights`` (n,) multiply each row's part.
    """

    def __init__(
        self, codes: np.ndarray, Z: np.ndarray, categories: int, link: Link,
        offset: np.ndarray | float = 0.0, weights: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        self.codes, self.Z, self.cuts, self.link = codes, Z, categories - 1, link
        self.offset, self.row_weights = offset, weights
        shape = (len(codes), self.cuts)
        self.is_upper = np.zeros(shape, dtype=bool)
        self.is_lower = np.zeros(shape, dtype=bool)
        has_upper, has_lower = codes < self.cuts, codes > 0
        rows = np.arange(len(codes))
        self.is_upper[rows[has_upper], codes[has_upper]] = True
        self.is_lower[rows[has_lower], codes[has_lower] - 1] = True

    def start(self) -> np.ndarray:
        below = np.cumsum(np.bincount(self.codes, minlength=self.cuts + 1))[:-1] / len(self.codes)
        return np.concatenate([np.zeros(self.Z.shape[1]), self.link.quantile(below)])

    def _pieces(self, theta: np.ndarray) -> Pieces:
        k = self.Z.shape[1]
        tau = np.concatenate([[-np.inf], theta[k:], [np.inf]])
        index = self.Z @ theta[:k] + self.offset
        pieces = self.link.pieces(tau[self.codes + 1] - index, tau[self.codes] - index)
        return pieces if self.row_weights is None else pieces.times(self.row_weights)

    def value(self, theta: np.ndarray) -> float:
        if (np.diff(theta[self.Z.shape[1] :]) <= 0).any():
            return -np.inf
        return float(self._pieces(theta).log_p.sum())

    def scores(self, theta: np.ndarray) -> np.ndarray:
        """Scores by row, shape (n, k + K − 1)."""
        at = self._pieces(theta)
        in_cuts = self.is_upper * at.upper[:, None] - self.is_lower * at.lower[:, None]
        return np.hstack([self.Z * at.slope[:, None], in_cuts])

    def weights(self, theta: np.ndarray) -> np.ndarray:
        """Information of each row about its index, shape (n,)."""
        at = self._pieces(theta)
        return at.upper_weight + at.lower_weight

    def information(self, theta: np.ndarray) -> np.ndarray:
        """Minus the Hessian, summed over rows."""
        at = self._pieces(theta)
        f, g, join = at.upper_weight, at.lower_weight, at.join
        k = self.Z.shape[1]
        H = np.empty((k + self.cuts, k + self.cuts))
        H[:k, :k] = self.Z.T @ (self.Z * (f + g)[:, None])
        cross = self.Z.T @ (self.is_upper * f[:, None] + self.is_lower * g[:, None])
        H[:k, k:], H[k:, :k] = -cross, -cross.T
        between = self.is_upper.T @ (self.is_lower * join[:, None])
        H[k:, k:] = np.diag(self.is_upper.T @ (f + join) + self.is_lower.T @ (g + join))
        H[k:, k:] -= between + between.T
        return H


def newton(
    model: Likelihood, names: tuple[str, ...], start: np.ndarray | None = None
) -> tuple[np.ndarray, float, int]:
    """Maximum, its log-likelihood, and the steps it took."""
    theta = model.start() if start is None else start
    value = model.value(theta)
    for step in range(1, MAX_STEPS + 1):
        gradient = model.scores(theta).sum(axis=0)
        try:
            direction = np.linalg.solve(model.information(theta), gradient)
        except np.linalg.LinAlgError:
            raise separated(list(names)) from None
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
