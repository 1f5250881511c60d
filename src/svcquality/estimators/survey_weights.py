"""Means and regressions from a designed sample: strata, clusters, weights, finite populations.

Taylor linearisation with the first stage taken as drawn with replacement within strata, up to the
finite-population factor (Binder 1983, International Statistical Review 51; Lumley 2004, J.
Statistical Software 9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.estimators.clustered import Inference, membership
from svcquality.estimators.domain_mean import domain_mean
from svcquality.estimators.least_squares import LeastSquares, least_squares

LonelyUnits = Literal["refuse", "centre"]


@dataclass(frozen=True)
class SurveyDesign:
    """How the answers were drawn.

    Parameters
    ----------
    weights : ndarray of shape (n,)
        Customers each answer stands for; positive.
    strata : array of shape (n,), optional
        Groups within which units were drawn independently.
    clusters : array of shape (n,), optional
        Units of the first stage, such as branches; each answer is its own by default. A cluster
        belongs to one stratum.
    population : ndarray of shape (n,), optional
        First-stage units in the stratum of each answer, for the finite-population factor.
    lonely : {"refuse", "centre"}
        A stratum with one unit has no variance of its own. ``centre`` measures it from the mean of
        all units instead (conservative).
    """

    weights: np.ndarray
    strata: np.ndarray | pd.Series | None = None
    clusters: np.ndarray | pd.Series | None = None
    population: np.ndarray | None = None
    lonely: LonelyUnits = "refuse"

    def covariance(self, influence: np.ndarray) -> Inference:
        """Covariance of the sum over rows of an influence (n, p), weights included.

        t has (first-stage units − strata) degrees of freedom.

        Raises
        ------
        InputError
            If a stratum has one unit and `lonely` is ``refuse``, or there is only one unit in all.
        ValueError
            If a row has no stratum or cluster, a cluster lies in two strata, or the population of a
            stratum is not one number or is smaller than its sample.
        """
        n = len(influence)
        stratum = _codes(np.zeros(n) if self.strata is None else self.strata)
        unit = _codes(np.arange(n) if self.clusters is None else self.clusters)
        units = int(unit.max()) + 1
        of_unit = np.empty(units, dtype=np.int64)
        of_unit[unit] = stratum
        if (of_unit[unit] != stratum).any():
            raise ValueError("a cluster lies in two strata; name clusters apart")
        sums = membership(unit, units) @ influence
        size = np.bincount(of_unit)
        mean = (membership(of_unit, len(size)) @ sums) / size[:, None]
        alone = size == 1
        if units < 2 or (alone.any() and self.lonely == "refuse"):
            raise InputError(
                "A stratum has only one sampled unit, so its variance is unknown; merge it with a "
                "similar stratum.",
                "某一层只抽取了一个单元，无法估计其方差；请将其与相近的层合并。",
            )
        mean[alone] = sums.mean(axis=0)
        factor = self._unsampled(stratum, size) * size / np.maximum(size - 1, 1)
        centred = (sums - mean[of_unit]) * np.sqrt(factor)[of_unit, None]
        kind = "linearised" if self.population is None else "linearised, finite population"
        return Inference(centred.T @ centred, units - len(size), kind, units)

    def _unsampled(self, stratum: np.ndarray, size: np.ndarray) -> np.ndarray:
        if self.population is None:
            return np.ones(len(size))
        population = np.asarray(self.population, dtype=float)
        of_stratum = np.empty(len(size))
        of_stratum[stratum] = population
        if (of_stratum[stratum] != population).any() or (of_stratum < size).any():
            raise ValueError("one population a stratum, no smaller than its sample")
        return 1 - size / of_stratum


def survey_mean(
    y: np.ndarray, design: SurveyDesign, domain: np.ndarray | None = None
) -> tuple[float, Inference]:
    """Weighted mean (a ratio of totals) and its error.

    Parameters
    ----------
    y : ndarray of shape (n,)
    design : SurveyDesign
        Of all rows: rows outside the domain were drawn too, and how many fell inside is chance.
    domain : ndarray of bool, shape (n,), optional
        Mean over these rows only.

    Raises
    ------
    InputError
        As `SurveyDesign.covariance`, or if the domain is empty.
    ValueError
        As `SurveyDesign.covariance`, or if a weight is not positive.
    """
    mean = domain_mean(y, domain, _weights(design, len(y)))
    return mean.estimate, design.covariance(mean.influence[:, None])


def survey_regression(
    y: np.ndarray, X: np.ndarray, design: SurveyDesign, *, names: Sequence[str] = ()
) -> tuple[LeastSquares, Inference]:
    """Weighted least squares and the design-based covariance of its coefficients.

    Parameters
    ----------
    y : ndarray of shape (n,)
    X : ndarray of shape (n, p)
        With a column of ones where an intercept is meant.
    design : SurveyDesign
    names : sequence of str, optional

    Raises
    ------
    InputError, ValueError
        As `least_squares` and `SurveyDesign.covariance`.
    """
    fit = least_squares(y, X, weights=_weights(design, len(y)), names=names)
    return fit, design.covariance(fit.scores @ fit.bread)


def effective_size(weights: np.ndarray) -> float:
    """Equally weighted answers that would be as precise: Kish (1965), ``(Σw)² / Σw²``."""
    w = np.asarray(weights, dtype=float)
    return float(w.sum() ** 2 / (w @ w))


def _weights(design: SurveyDesign, n: int) -> np.ndarray:
    w = np.asarray(design.weights, dtype=float)
    if w.shape != (n,) or not (np.isfinite(w).all() and (w > 0).all()):
        raise ValueError("weights (n,) must be positive and finite")
    return w


def _codes(labels: np.ndarray | pd.Series) -> np.ndarray:
    codes, _ = pd.factorize(np.asarray(labels, dtype=object))
    if (codes < 0).any():
        raise ValueError("every row needs a stratum and a cluster")
    return codes
