"""Do the coefficients of an ordered logit hold at every threshold? Brant's test.

Brant (1990), Biometrics 46: one binary logit a threshold, and a Wald test that a column has the
same coefficient in all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.estimators.clustered import sandwich
from svcquality.estimators.hazard import hazard


@dataclass(frozen=True)
class BrantTest:
    """Result of the test.

    Parameters
    ----------
    table : DataFrame
        Columns ``column, statistic, df, p``: one row a tested column, then ``omnibus`` for all
        of them together.
    coefficients : ndarray of shape (thresholds, tested columns)
        The binary logits' coefficients.
    """

    table: pd.DataFrame
    coefficients: np.ndarray

    @property
    def p(self) -> float:
        """p-value of the omnibus test."""
        return float(self.table["p"].iloc[-1])


def brant_test(
    y: np.ndarray,
    X: np.ndarray,
    *,
    tested: Sequence[int] | None = None,
    clusters: np.ndarray | pd.Series | None = None,
    names: Sequence[str] = (),
) -> BrantTest:
    """Test proportional odds.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Ordered outcome of at least three categories.
    X : ndarray of shape (n, k)
    tested : sequence of int, optional
        Columns to test; all by default.
    clusters : array of shape (n,), optional
        With clusters the covariance of the binary logits is cluster-robust (from their stacked
        scores) and the statistic is held against Hotelling's T², which needs more clusters than
        degrees of freedom; without, it is Brant's, held against χ².
    names : sequence of str, optional

    Raises
    ------
    InputError
        As `hazard`, for the binary logit of any threshold.
    """
    y, X = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    names = tuple(names) or tuple(f"x{j}" for j in range(X.shape[1]))
    tested = list(range(X.shape[1])) if tested is None else list(tested)
    cuts = np.unique(y)[1:]
    if len(cuts) < 2:
        raise ValueError("proportional odds can only be tested with three or more categories")
    fits = [hazard(y >= c, X, errors="model", names=names) for c in cuts]
    keep = np.array([1 + j for j in tested])
    coefficients = np.array([fit.coefficients[keep] for fit in fits])
    if clusters is None:
        covariance, clusters_less_one = _brant_covariance(fits, X, keep), np.inf
    else:
        covariance, clusters_less_one = _stacked_covariance(fits, y, X, cuts, keep, clusters)
    m = len(tested)
    # Differences of every threshold's coefficients to the first one's.
    differences = np.hstack([-np.tile(np.eye(m), (len(cuts) - 1, 1)), np.eye(m * (len(cuts) - 1))])
    d = differences @ coefficients.ravel()
    V = differences @ covariance @ differences.T
    groups = [np.arange(len(cuts) - 1) * m + j for j in range(m)]
    if m > 1:
        groups.append(np.arange(len(d)))
    else:
        groups.append(groups[0])
    rows = []
    for name, g in zip([*(names[j] for j in tested), "omnibus"], groups, strict=True):
        statistic = float(d[g] @ np.linalg.solve(V[np.ix_(g, g)], d[g]))
        rows.append((name, statistic, len(g), _p_value(statistic, len(g), clusters_less_one)))
    return BrantTest(pd.DataFrame(rows, columns=["column", "statistic", "df", "p"]), coefficients)


def _p_value(statistic: float, df: int, clusters_less_one: float) -> float:
    if np.isinf(clusters_less_one):
        return float(stats.chi2.sf(statistic, df))
    rest = clusters_less_one + 1 - df
    if rest <= 0:
        return np.nan
    return float(stats.f.sf(statistic * rest / (df * clusters_less_one), df, rest))


def _brant_covariance(fits: list, X: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Brant's covariance of the stacked coefficients, shape (cuts · m, cuts · m)."""
    ones = np.column_stack([np.ones(len(X)), X])
    above = [fit.probability(X) for fit in fits]
    m = len(keep)
    covariance = np.empty((len(fits) * m, len(fits) * m))
    for i, first in enumerate(fits):
        for j in range(i, len(fits)):
            # cov(1[y ≥ c_i], 1[y ≥ c_j]) = P(y ≥ c_j) (1 − P(y ≥ c_i)) for c_i ≤ c_j
            weight = above[j] * (1 - above[i])
            middle = ones.T @ (ones * weight[:, None])
            block = first.inference.covariance @ middle @ fits[j].inference.covariance
            block = block[np.ix_(keep, keep)]
            covariance[i * m : (i + 1) * m, j * m : (j + 1) * m] = block
            covariance[j * m : (j + 1) * m, i * m : (i + 1) * m] = block.T
    return covariance


def _stacked_covariance(
    fits: list,
    y: np.ndarray,
    X: np.ndarray,
    cuts: np.ndarray,
    keep: np.ndarray,
    clusters: np.ndarray | pd.Series,
) -> tuple[np.ndarray, float]:
    """Cluster-robust covariance of the stacked coefficients, and G − 1."""
    ones = np.column_stack([np.ones(len(X)), X])
    influence = np.hstack(
        [
            (ones * ((y >= c) - fit.probability(X))[:, None] @ fit.inference.covariance)[:, keep]
            for c, fit in zip(cuts, fits, strict=True)
        ]
    )
    inference = sandwich(np.eye(influence.shape[1]), [influence], len(y), clusters)
    return inference.covariance, inference.df
