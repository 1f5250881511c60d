"""A linear model with fixed effects taken out and clustered errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.estimators.absorb import absorb, absorbed_levels
from svcquality.estimators.blocks import shares
from svcquality.estimators.clustered import Inference, sandwich
from svcquality.estimators.least_squares import LeastSquares, least_squares


@dataclass(frozen=True)
class LinearModel:
    """A fitted linear model.

    Parameters
    ----------
    coefficients : ndarray of shape (k,)
        Of the columns; an intercept, where nothing is absorbed, comes last.
    names : tuple of str
    inference : Inference
    r_squared, within_r_squared : float
        Share of the variance of the outcome explained, fixed effects included; and of what they
        leave.
    n : int
    absorbed : int
        Parameters that the fixed effects, or the intercept, use up.
    left : LeastSquares
        The regression of what the fixed effects leave.
    """

    coefficients: np.ndarray
    names: tuple[str, ...]
    inference: Inference
    r_squared: float
    within_r_squared: float
    n: int
    absorbed: int
    left: LeastSquares

    def average(
        self, X: np.ndarray, category: float | None = None, weights: np.ndarray | None = None
    ) -> tuple[float, np.ndarray]:
        """Mean of the outcome over the rows, but for the fixed effects, and its gradient."""
        means = shares(len(X), weights) @ X
        return float(means @ self.coefficients), means

    def scores(
        self, y: np.ndarray | None = None, X: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Scores by row and the inverse information, to compute errors anew."""
        return self.left.scores, self.left.bread


def linear_model(
    y: np.ndarray,
    X: np.ndarray,
    *,
    fixed: Sequence[np.ndarray | pd.Series] = (),
    clusters: np.ndarray | pd.Series | None = None,
    weights: np.ndarray | None = None,
    names: Sequence[str] = (),
) -> LinearModel:
    """Fit by (weighted) least squares.

    Parameters
    ----------
    y : ndarray of shape (n,)
    X : ndarray of shape (n, k)
        No intercept.
    fixed : sequence of arrays of shape (n,)
        Groups whose levels are taken out; without any, the intercept.
    clusters : array of shape (n,), optional
        CR1 errors, else HC1; fixed effects nested within clusters are not counted among the
        parameters (as in reghdfe and pyfixest).
    weights : ndarray of shape (n,), optional
        Positive.
    names : sequence of str, optional

    Raises
    ------
    InputError
        If a column has nothing left beside the fixed effects or repeats others, or there are too
        few rows or clusters.
    """
    y, X = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    names = tuple(names) or tuple(f"x{j}" for j in range(X.shape[1]))
    groups = list(fixed) or [np.zeros(len(y), dtype=int)]
    both = absorb(np.column_stack([y, X]), groups, weights)
    spread = np.sqrt((both[:, 1:] ** 2).sum(axis=0))
    gone = spread <= 1e-9 * np.sqrt(((X - X.mean(axis=0)) ** 2).sum(axis=0))
    both[:, 1:][:, gone] = 0.0  # what rounding left of it would pass for variation
    left = least_squares(both[:, 0], both[:, 1:], weights=weights, names=names)
    absorbed = absorbed_levels(groups, clusters)
    inference = sandwich(
        left.bread, [left.scores], len(y), clusters, parameters=X.shape[1] + absorbed
    )
    w = left.weights
    total = float(w @ (y - np.average(y, weights=w)) ** 2)
    within = float(w @ both[:, 0] ** 2)
    return LinearModel(
        left.coefficients, names, inference, 1 - left.sum_of_squares / total,
        1 - left.sum_of_squares / within, len(y), absorbed, left,
    )  # fmt: skip
