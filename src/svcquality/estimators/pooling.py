"""Combine estimates over draws of what was measured with error, and over restarts of a model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.estimators.clustered import Inference, sandwich


@dataclass(frozen=True, eq=False)
class Pooled:
    """A pooled estimate of p parameters.

    Parameters
    ----------
    estimate : ndarray of shape (p,)
    covariance : ndarray of shape (p, p)
        Total: within, between draws and between restarts.
    within, between, between_starts : ndarray of shape (p, p)
        Mean covariance of one completed analysis; covariance of estimates between draws (of one
        restart); between restarts (zero where there is one).
    df : ndarray of shape (p,)
        Degrees of freedom of the t distribution of each parameter.
    draws, starts : int
    """

    estimate: np.ndarray
    covariance: np.ndarray
    within: np.ndarray
    between: np.ndarray
    between_starts: np.ndarray
    df: np.ndarray
    draws: int
    starts: int

    @property
    def errors(self) -> np.ndarray:
        """Standard errors, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def measurement(self) -> np.ndarray:
        """Share of each variance that measuring with error and restarting cause, shape (p,)."""
        return 1 - np.diag(self.within) / np.diag(self.covariance)

    def interval(self, level: float = 0.95) -> np.ndarray:
        """Lower and upper limits, shape (p, 2)."""
        reach = stats.t.ppf((1 + level) / 2, self.df) * self.errors
        return np.column_stack([self.estimate - reach, self.estimate + reach])

    @property
    def p(self) -> np.ndarray:
        """Two-sided p-values against 0, shape (p,)."""
        return 2 * stats.t.sf(np.abs(self.estimate) / self.errors, self.df)


def pool(
    estimates: np.ndarray,
    variances: np.ndarray,
    df_complete: float = np.inf,
    *,
    estimate: np.ndarray | None = None,
) -> Pooled:
    """Pool estimates over draws of one model, or over draws nested in restarts.

    Parameters
    ----------
    estimates : ndarray of shape (M, p) or (S, M, p)
        Estimates from M ≥ 2 draws, of each of S restarts.
    variances : ndarray of shape (M, p, p) or (S, M, p, p)
        Their covariances.
    df_complete : float
        Degrees of freedom had nothing been measured with error.
    estimate : ndarray of shape (p,), optional
        The estimate from posterior means, in place of the mean over draws of a linear estimator,
        of which it is the limit; so no noise of simulation remains in it.

    Returns
    -------
    Pooled

    Raises
    ------
    ValueError
        If shapes do not fit or there are fewer than two draws.

    Notes
    -----
    Rubin (1987): ``T = W + (1 + 1/M) B``, degrees of freedom of Barnard & Rubin (1999), Biometrika
    86. Over restarts ``T = W + (1 + 1/S) B_starts + (1 − 1/M) B_draws`` (Shen 2000; Rubin 2003,
    Statistica Neerlandica 57); no part is taken for negative.
    """
    Q, U = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    if Q.ndim == 2:
        Q, U = Q[None], U[None]
    if Q.ndim != 3 or U.shape != (*Q.shape, Q.shape[2]) or Q.shape[1] < 2:
        raise ValueError(f"estimates {Q.shape} and variances {U.shape} do not fit")
    S, M, p = Q.shape
    centres = Q.mean(axis=1)
    within = U.mean(axis=(0, 1))
    away = (Q - centres[:, None]).reshape(-1, p)
    between = away.T @ away / (S * (M - 1))
    across = centres - centres.mean(axis=0)
    starts = across.T @ across / (S - 1) if S > 1 else np.zeros((p, p))
    if S > 1:
        parts = [((1 + 1 / S) * starts, S - 1), ((1 - 1 / M) * between, S * (M - 1))]
    else:
        parts = [((1 + 1 / M) * between, M - 1)]
    total = within + sum(part for part, _ in parts)
    variance = np.diag(total)
    with np.errstate(divide="ignore"):
        rate = sum((np.diag(part) / variance) ** 2 / df for part, df in parts)
        df = 1 / rate
        if np.isfinite(df_complete):
            missing = 1 - np.diag(within) / variance
            observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - missing)
            df = 1 / (rate + 1 / observed)
    centre = centres.mean(axis=0) if estimate is None else np.asarray(estimate, dtype=float)
    return Pooled(centre, total, within, between, starts, df, M, S)


def composition(
    mean: np.ndarray,
    draws: np.ndarray,
    X: np.ndarray,
    *,
    clusters: np.ndarray | pd.Series | None = None,
) -> Pooled:
    """Regress a measured share on covariates, with the doubt of measuring it in the errors.

    Parameters
    ----------
    mean : ndarray of shape (n,) or (S, n)
        Posterior mean share of each document (of each restart).
    draws : ndarray of shape (M, n) or (S, M, n)
        Draws of the same.
    X : ndarray of shape (n, p)
        Covariates with an intercept; those that were in the prior of the shares, or some of them.
    clusters : array of shape (n,), optional

    Returns
    -------
    Pooled
        Of the p coefficients of least squares, errors robust (HC1) or clustered (CR1).

    Raises
    ------
    InputError
        If there is one cluster only, or no more rows than parameters.

    Notes
    -----
    Method of composition: Treier & Jackman (2008), American J. Political Science 52. It is right
    where the prior of the shares knows X; it is not for a share as a regressor.
    """
    mean = np.atleast_2d(mean)
    draws = draws if draws.ndim == 3 else draws[None]
    S, M, n = draws.shape
    bread = np.linalg.inv(X.T @ X)
    solve = X @ bread
    Q = draws @ solve

    def covariance(y: np.ndarray, b: np.ndarray) -> Inference:
        return sandwich(bread, [X * (y - X @ b)[:, None]], n, clusters)

    each = [[covariance(draws[s, m], Q[s, m]) for m in range(M)] for s in range(S)]
    U = np.array([[one.covariance for one in row] for row in each])
    return pool(Q, U, each[0][0].df, estimate=(mean @ solve).mean(axis=0))
