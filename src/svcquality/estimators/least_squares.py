"""Least squares, with what robust errors and sensitivity need from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from svcquality.errors import InputError
from svcquality.estimators.likelihood import dependent, inverse_information


@dataclass(frozen=True)
class LeastSquares:
    """A fitted line.

    Parameters
    ----------
    coefficients : ndarray of shape (p,)
    residuals : ndarray of shape (n,)
    X : ndarray of shape (n, p)
        The design matrix as given.
    weights : ndarray of shape (n,)
        One where none were given.
    bread : ndarray of shape (p, p)
        ``(X' W X)⁻¹``.
    names : tuple of str
    """

    coefficients: np.ndarray
    residuals: np.ndarray
    X: np.ndarray
    weights: np.ndarray
    bread: np.ndarray
    names: tuple[str, ...]

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.residuals)

    @property
    def df(self) -> int:
        """Residual degrees of freedom, ``n − p``."""
        return self.n - len(self.coefficients)

    @property
    def sum_of_squares(self) -> float:
        """Weighted residual sum of squares."""
        return float(self.weights @ self.residuals**2)

    @property
    def scores(self) -> np.ndarray:
        """Estimating functions by row, shape (n, p); they sum to zero."""
        return self.X * (self.weights * self.residuals)[:, None]

    @property
    def classical_covariance(self) -> np.ndarray:
        """Covariance under equal variances: ``s² (X' W X)⁻¹`` with ``s² = RSS / (n − p)``."""
        return self.bread * (self.sum_of_squares / self.df)


def least_squares(
    y: np.ndarray,
    X: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    names: Sequence[str] = (),
) -> LeastSquares:
    """Fit ``y = X β + e`` by (weighted) least squares.

    Parameters
    ----------
    y : ndarray of shape (n,)
    X : ndarray of shape (n, p)
        With a column of ones where an intercept is meant.
    weights : ndarray of shape (n,), optional
        Positive.
    names : sequence of str, optional
        Names of the columns, for messages.

    Raises
    ------
    InputError
        If columns repeat each other or there are no more rows than columns.
    ValueError
        If shapes differ, a value is not finite, or a weight is not positive.
    """
    y, X = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    if X.ndim != 2 or y.shape != (len(X),) or not (np.isfinite(X).all() and np.isfinite(y).all()):
        raise ValueError("y (n,) and X (n, p) must be finite and of one length")
    n, p = X.shape
    names = tuple(names) or tuple(f"x{j}" for j in range(p))
    w = np.ones(n) if weights is None else np.asarray(weights, dtype=float)
    if w.shape != (n,) or not (np.isfinite(w).all() and (w > 0).all()):
        raise ValueError("weights (n,) must be positive and finite")
    if n <= p:
        raise InputError(
            f"{n} rows cannot carry {p} parameters; use more records or fewer explanatory columns.",
            f"{n} 行数据不足以估计 {p} 个参数；请增加数据或减少解释变量。",
        )
    root = np.sqrt(w)[:, None]
    # A QR step keeps the digits that the normal equations would lose; the inverse of X'WX is
    # formed from its small triangle.
    Q, R = np.linalg.qr(X * root)
    bread = inverse_information(R.T @ R, names)
    try:
        beta = np.linalg.solve(R, Q.T @ (y * root[:, 0]))
    except np.linalg.LinAlgError:
        raise dependent(names) from None
    return LeastSquares(beta, y - X @ beta, X, w, bread, names)


def partial_r2(fit: LeastSquares, columns: Sequence[int]) -> float:
    """Share of the variance left by all other columns that these columns explain.

    Parameters
    ----------
    fit : LeastSquares
    columns : sequence of int
        One column, or a group such as the levels of a factor.

    Notes
    -----
    ``W / (W + df)`` with ``W = β' (s² B)⁻¹ β`` the Wald statistic of the group.
    """
    at = np.asarray(columns)
    beta = fit.coefficients[at]
    gain = float(beta @ np.linalg.solve(fit.bread[np.ix_(at, at)], beta))
    return gain / (gain + fit.sum_of_squares)
