"""Ordered logit in which some columns may act differently at every threshold.

``P(y ≥ c_m | x) = Λ(xβ + zγ_m − τ_m)`` with ``γ_1 = 0``: Peterson & Harrell (1990), Applied
Statistics 39; Williams (2006), Stata Journal 6. What to do when Brant's test fails for a column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit

from svcquality.errors import InputError
from svcquality.estimators.blocks import shares
from svcquality.estimators.clustered import Inference, sandwich
from svcquality.estimators.cumulative import (
    Likelihood,
    checked,
    cut_below,
    inverse_of_independent,
    newton,
    ordered_codes,
    standardised,
)
from svcquality.estimators.likelihood import (
    CONVERGED,
    MAX_STEPS,
    refuse_separation,
    separated,
)
from svcquality.estimators.ordered_links import LOGIT


@dataclass(frozen=True)
class PartialProportionalOdds:
    """A fitted partial proportional odds model.

    Parameters
    ----------
    table : DataFrame
        ``column, category, estimate, error, low, high, p``: log odds of ``category`` or higher for
        one unit more; a row a threshold for the columns that vary, else one row whose category is
        NaN.
    parameters : ndarray of shape (p,)
        β (k), τ (K − 1), then γ of the second and later thresholds, each (q).
    inference : Inference
        Covariance of all of them.
    categories : ndarray of shape (K,)
    names : tuple of str
    varying : tuple of int
        The q columns that vary.
    statistic, df, p : float
        Test that none of them does: likelihood ratio against the ordered logit without clusters,
        Wald as F with clusters.
    log_likelihood : float
    n : int
    """

    table: pd.DataFrame
    parameters: np.ndarray
    inference: Inference
    categories: np.ndarray
    names: tuple[str, ...]
    varying: tuple[int, ...]
    statistic: float
    df: int
    p: float
    log_likelihood: float
    n: int

    def probability(self, X: np.ndarray, category: float) -> np.ndarray:
        """P(y ≥ category) for each row, shape (n,).

        Far from the rows that were fitted it need not fall from category to category.
        """
        rows = self._rows(X, cut_below(self.categories, category))
        return expit(rows @ self.parameters)

    def average(
        self, X: np.ndarray, category: float | None = None, weights: np.ndarray | None = None
    ) -> tuple[float, np.ndarray]:
        """(Weighted) mean of P(y ≥ category) over the rows, and its gradient in all parameters."""
        if category is None:
            raise ValueError("an ordered outcome needs the category whose probability is meant")
        rows = self._rows(X, cut_below(self.categories, category))
        p = expit(rows @ self.parameters)
        share = shares(len(X), weights)
        return float(share @ p), (p * (1 - p) * share) @ rows

    def _rows(self, X: np.ndarray, cut: int) -> np.ndarray:
        return _design(np.asarray(X, float), cut, self.varying, len(self.categories) - 1)


def partial_proportional_odds(
    y: np.ndarray,
    X: np.ndarray,
    varying: Sequence[int],
    *,
    clusters: np.ndarray | pd.Series | None = None,
    errors: str = "robust",
    names: Sequence[str] = (),
    level: float = 0.95,
) -> PartialProportionalOdds:
    """Fit by maximum likelihood.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Ordered outcome of at least three categories.
    X : ndarray of shape (n, k)
        Explanatory columns, no intercept.
    varying : sequence of int
        Columns whose coefficient may differ between thresholds; at least one.
    clusters, errors, names
        As in `ordered_logit`.

    Raises
    ------
    InputError
        As `ordered_logit`; also if probabilities of some rows would turn negative on the way to
        the maximum, in which case no such model fits.
    ValueError
        If the outcome has two categories only, or no column varies.
    """
    y, X, names = checked(y, X, names)
    varying = tuple(varying)
    categories, codes = ordered_codes(y)
    if len(categories) < 3 or not varying:
        raise ValueError("three categories and a varying column are needed")
    n = len(y)
    Z, centre, scale = standardised(X, names)
    model = _Likelihood(codes, Z, len(categories), varying)
    nested = Likelihood(codes, Z, len(categories), LOGIT)
    start, nested_value, _ = newton(nested, names)
    extra = len(varying) * (len(categories) - 2)
    theta, value = _climb(model, np.concatenate([start, np.zeros(extra)]), names)
    later = len(categories) - 2
    at = list(varying)
    labels = (*names, *[""] * (later + 1), *(names[j] for _ in range(later) for j in varying))
    bread = inverse_of_independent(model.information(theta), labels)
    widest = np.sqrt(np.diag(bread))
    of_gamma = widest[len(theta) - extra :].reshape(later, -1).max(axis=0)
    widest = widest[: len(names)]
    widest[at] = np.maximum(widest[at], of_gamma)
    refuse_separation(widest, np.ptp(Z, axis=0), model.least_weight(theta), names)
    if errors == "model":
        inference = Inference(bread, n - len(theta), "model")
    else:
        inference = sandwich(bread, [model.scores(theta)], n, clusters)
    back = _unscale(centre, scale, varying, len(categories) - 1)
    theta, covariance = back @ theta, back @ inference.covariance @ back.T
    inference = Inference(covariance, inference.df, inference.kind, inference.clusters)
    if clusters is None:
        statistic = 2 * (value - nested_value)
        p = float(stats.chi2.sf(statistic, extra))
    else:
        gamma, V = theta[-extra:], covariance[-extra:, -extra:]
        statistic = float(gamma @ np.linalg.solve(V, gamma)) / extra
        p = float(stats.f.sf(statistic, extra, inference.df))
    table = _table(theta, inference, names, varying, categories, level)
    return PartialProportionalOdds(
        table, theta, inference, categories, names, varying, float(statistic), extra, p, value, n
    )


def _design(X: np.ndarray, cut: int, varying: tuple[int, ...], cuts: int) -> np.ndarray:
    """Rows that map the parameters to the log odds of being above a threshold."""
    n, k = X.shape
    q = len(varying)
    rows = np.zeros((n, k + cuts + q * (cuts - 1)))
    rows[:, :k] = X
    rows[:, k + cut] = -1.0
    if cut > 0:
        at = k + cuts + q * (cut - 1)
        rows[:, at : at + q] = X[:, list(varying)]
    return rows


class _Likelihood:
    """Value and derivatives at θ = (β, τ, γ_2 …): both bounds of a row are linear in θ."""

    def __init__(
        self, codes: np.ndarray, Z: np.ndarray, categories: int, varying: tuple[int, ...]
    ) -> None:
        cuts = categories - 1
        self.top, self.bottom = codes == cuts, codes == 0
        p = Z.shape[1] + cuts + len(varying) * (cuts - 1)
        self.above, self.below = np.zeros((len(codes), p)), np.zeros((len(codes), p))
        for cut in range(cuts):
            upper, lower = codes == cut, codes == cut + 1
            self.above[upper] = -_design(Z[upper], cut, varying, cuts)
            self.below[lower] = -_design(Z[lower], cut, varying, cuts)

    def _bounds(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        a = np.where(self.top, np.inf, self.above @ theta)
        return a, np.where(self.bottom, -np.inf, self.below @ theta)

    def value(self, theta: np.ndarray) -> float:
        a, b = self._bounds(theta)
        return float(LOGIT.pieces(a, b).log_p.sum()) if (a > b).all() else -np.inf

    def scores(self, theta: np.ndarray) -> np.ndarray:
        at = LOGIT.pieces(*self._bounds(theta))
        return self.above * at.upper[:, None] - self.below * at.lower[:, None]

    def least_weight(self, theta: np.ndarray) -> float:
        at = LOGIT.pieces(*self._bounds(theta))
        return float((at.upper_weight + at.lower_weight).min())

    def information(self, theta: np.ndarray) -> np.ndarray:
        """Minus the Hessian, summed over rows."""
        at = LOGIT.pieces(*self._bounds(theta))
        cross = self.above.T @ (self.below * at.join[:, None])
        H = self.above.T @ (self.above * (at.upper_weight + at.join)[:, None])
        H += self.below.T @ (self.below * (at.lower_weight + at.join)[:, None])
        return H - cross - cross.T


def _climb(
    model: _Likelihood, theta: np.ndarray, names: tuple[str, ...]
) -> tuple[np.ndarray, float]:
    """Newton steps that never let a row's probability turn negative."""
    value = model.value(theta)
    for _ in range(MAX_STEPS):
        gradient = model.scores(theta).sum(axis=0)
        try:
            direction = np.linalg.solve(model.information(theta), gradient)
        except np.linalg.LinAlgError:
            raise separated(list(names)) from None
        if gradient @ direction < CONVERGED:
            return theta, value
        size = 1.0
        while (new := model.value(theta + size * direction)) < value - 1e-9:
            size /= 2
            if size < 1e-8:
                raise _crossing()
        theta, value = theta + size * direction, new
    raise separated(list(names))


def _crossing() -> InputError:
    return InputError(
        "With coefficients that differ between thresholds some answers would get a negative "
        "probability; let fewer columns vary or merge rare answers.",
        "允许系数随阈值变化时，部分回答的概率会变为负数；请减少可变系数的变量，或合并稀少的回答。",
    )


def _unscale(
    centre: np.ndarray, scale: np.ndarray, varying: tuple[int, ...], cuts: int
) -> np.ndarray:
    """Linear map from the parameters of centred, scaled columns to those of the columns."""
    k, q, at = len(centre), len(varying), list(varying)
    back = np.eye(k + cuts + q * (cuts - 1))
    back[:k, :k] = np.diag(1 / scale)
    back[k : k + cuts, :k] = centre / scale
    for cut in range(1, cuts):
        block = slice(k + cuts + q * (cut - 1), k + cuts + q * cut)
        back[block, block] = np.diag(1 / scale[at])
        back[k + cut, block] = (centre / scale)[at]
    return back


def _table(
    theta: np.ndarray,
    inference: Inference,
    names: tuple[str, ...],
    varying: tuple[int, ...],
    categories: np.ndarray,
    level: float,
) -> pd.DataFrame:
    k, cuts, q = len(names), len(categories) - 1, len(varying)
    rows, picks = [], []
    for j, name in enumerate(names):
        for cut in range(cuts if j in varying else 1):
            pick = np.zeros(len(theta))
            pick[j] = 1.0
            if cut:
                pick[k + cuts + q * (cut - 1) + varying.index(j)] = 1.0
            picks.append(pick)
            rows.append((name, categories[cut + 1] if j in varying else np.nan))
    P = np.array(picks)
    estimate = P @ theta
    error = np.sqrt(np.einsum("ij,jk,ik->i", P, inference.covariance, P))
    reach = stats.t.ppf((1 + level) / 2, inference.df) * error
    table = pd.DataFrame(rows, columns=["column", "category"])
    return table.assign(
        estimate=estimate, error=error, low=estimate - reach, high=estimate + reach,
        p=2 * stats.t.sf(np.abs(estimate) / error, inference.df),
    )  # fmt: skip
