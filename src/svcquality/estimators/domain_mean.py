"""Means within groups of answers, told so that differences between them get the right error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.errors import InputError
from svcquality.estimators.clustered import Inference, sandwich
from svcquality.estimators.proportions import score_interval


@dataclass(frozen=True)
class DomainMean:
    """A (weighted) mean over some rows, or a difference of such means.

    Parameters
    ----------
    estimate : float
    influence : ndarray of shape (n,)
        How far each row moves the estimate; zero in rows that are not involved.
    involved : ndarray of bool, shape (n,)
        Rows that the estimate rests on.
    """

    estimate: float
    influence: np.ndarray
    involved: np.ndarray

    def __sub__(self, other: DomainMean) -> DomainMean:
        return DomainMean(
            self.estimate - other.estimate,
            self.influence - other.influence,
            self.involved | other.involved,
        )

    def __add__(self, other: DomainMean) -> DomainMean:
        return self - other * -1.0

    def __mul__(self, factor: float) -> DomainMean:
        return DomainMean(factor * self.estimate, factor * self.influence, self.involved)

    def inference(self, clusters: np.ndarray | pd.Series | None = None) -> Inference:
        """Variance and degrees of freedom: CR1 over the clusters involved, else HC1.

        Raises
        ------
        InputError
            If the rows involved belong to one cluster, or there is one row only.
        """
        used = self.involved
        own = None if clusters is None else np.asarray(clusters, dtype=object)[used]
        return sandwich(np.eye(1), [self.influence[used, None]], int(used.sum()), own)


def domain_mean(
    y: np.ndarray, domain: np.ndarray | None = None, weights: np.ndarray | None = None
) -> DomainMean:
    """Mean of ``y`` over the rows of a domain.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Ignored outside the domain.
    domain : ndarray of bool, shape (n,), optional
        All rows by default.
    weights : ndarray of shape (n,), optional
        Positive within the domain, taken as given.

    Notes
    -----
    A ratio of two totals, linearised: ``w (y − mean) / Σw`` (Binder 1983, International Statistical
    Review 51). Two domains may share clusters: their difference subtracts the influences, so that
    what they share is counted once.

    Raises
    ------
    InputError
        If the domain has no row.
    ValueError
        If a value or weight within the domain is not finite, or a weight not positive.
    """
    y = np.asarray(y, dtype=float)
    inside = np.ones(len(y), dtype=bool) if domain is None else np.asarray(domain, dtype=bool)
    if not inside.any():
        raise InputError(
            "There is no answer in this group; use a longer period or larger groups.",
            "该分组没有回答；请延长时间范围或合并分组。",
        )
    w = np.zeros(len(y))
    w[inside] = 1.0 if weights is None else np.asarray(weights, dtype=float)[inside]
    values = np.where(inside, y, 0.0)
    if not np.isfinite(values).all() or not (np.isfinite(w).all() and (w[inside] > 0).all()):
        raise ValueError("values must be finite and weights positive within the domain")
    mean = float(w @ values / w.sum())
    return DomainMean(mean, w * (values - mean) / w.sum(), inside)


def share_interval(
    share: float, error: float, n: int, df: float, *, level: float = 0.95
) -> tuple[float, float]:
    """Wilson's interval of a share whose error is known: clustered, weighted or both.

    Parameters
    ----------
    share, error : float
    n : int
        Answers; they count as no more than their effective number, ``p (1 − p)`` over the variance
        (Korn & Graubard 1998, Survey Methodology 24).
    df : float
        Degrees of freedom of the t distribution.
    """
    size = min(float(n), share * (1 - share) / error**2) if error > 0 else float(n)
    return score_interval(share, size, float(stats.t.ppf((1 + level) / 2, df)))
