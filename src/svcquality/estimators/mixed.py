"""A linear model with a random intercept by group, and how much of the variance is the groups'."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.regression.mixed_linear_model import MixedLM

from svcquality.errors import InputError
from svcquality.estimators.blocks import shares
from svcquality.estimators.clustered import Inference, cluster_codes
from svcquality.estimators.likelihood import dependent


@dataclass(frozen=True)
class RandomIntercept:
    """A fitted random-intercept model.

    Parameters
    ----------
    coefficients : ndarray of shape (k + 1,)
        Of the columns, then the intercept.
    names : tuple of str
    inference : Inference
        Of the coefficients, model-based; t with groups − 1 degrees of freedom.
    group_variance, residual_variance : float
    log_likelihood : float
        Restricted (REML).
    n : int
    """

    coefficients: np.ndarray
    names: tuple[str, ...]
    inference: Inference
    group_variance: float
    residual_variance: float
    log_likelihood: float
    n: int

    @property
    def intraclass_correlation(self) -> float:
        """Share of the variance left by the columns that lies between groups."""
        return self.group_variance / (self.group_variance + self.residual_variance)

    def average(
        self, X: np.ndarray, category: float | None = None, weights: np.ndarray | None = None
    ) -> tuple[float, np.ndarray]:
        """Mean of the outcome over the rows in the average group, and its gradient."""
        means = np.append(shares(len(X), weights) @ X, 1.0)
        return float(means @ self.coefficients), means


def random_intercept(
    y: np.ndarray, X: np.ndarray, groups: np.ndarray | pd.Series, *, names: Sequence[str] = ()
) -> RandomIntercept:
    """Fit by restricted maximum likelihood (Laird & Ware 1982, Biometrics 38).

    The intercepts are taken to be unrelated to the columns, which fixed effects do not need: a
    coefficient that differs from theirs says that they are related (Mundlak 1978).

    Parameters
    ----------
    y : ndarray of shape (n,)
    X : ndarray of shape (n, k)
        No intercept.
    groups : array of shape (n,)
    names : sequence of str, optional

    Raises
    ------
    InputError
        If there is one group only, or the likelihood has no maximum inside.
    """
    codes, count = cluster_codes(groups)
    names = tuple(names) or tuple(f"x{j}" for j in range(X.shape[1]))
    k = X.shape[1]
    # Unit spread keeps the optimiser's steps alike; the coefficients are scaled back.
    centre, scale = X.mean(axis=0), X.std(axis=0)
    if (scale == 0).any():
        raise dependent([n for n, s in zip(names, scale, strict=True) if s == 0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Z = np.column_stack([(X - centre) / scale, np.ones(len(y))])
        fit = MixedLM(np.asarray(y, dtype=float), Z, codes).fit(reml=True)
    if not np.isfinite(fit.llf):
        raise InputError(
            "The random-intercept model has no maximum; use linear with fixed effects instead.",
            "随机截距模型没有最大值；请改用带固定效应的线性回归。",
        )
    back = np.diag(np.append(1 / scale, 1.0))
    back[k, :k] = -centre / scale
    covariance = back @ np.asarray(fit.cov_params())[: k + 1, : k + 1] @ back.T
    return RandomIntercept(
        back @ np.asarray(fit.fe_params),
        names,
        Inference(covariance, count - 1, "model", count),
        float(np.asarray(fit.cov_re)[0, 0]),
        float(fit.scale),
        float(fit.llf),
        len(y),
    )
