"""Shares with intervals that hold for few answers and near 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.errors import InputError
from svcquality.estimators.clustered import mean_with_error


@dataclass(frozen=True)
class Share:
    """A share with its interval.

    Parameters
    ----------
    estimate, low, high : float
    n : int
        Answers.
    n_effective : float
        Answers of a simple random sample that would be as precise; ``n`` without clusters.
    """

    estimate: float
    low: float
    high: float
    n: int
    n_effective: float


def wilson(
    hits: np.ndarray, clusters: np.ndarray | pd.Series | None = None, *, level: float = 0.95
) -> Share:
    """Share of ones and Wilson's score interval.

    Parameters
    ----------
    hits : ndarray of shape (n,)
        Zeros and ones.
    clusters : array of shape (n,), optional
        With them the interval uses the effective number of answers, ``p (1 − p)`` over the
        clustered variance (at most n), and t with G − 1 degrees of freedom (Korn & Graubard 1998,
        Survey Methodology 24). Without variation between answers, clusters cannot be judged and n
        is used.

    Notes
    -----
    Wilson (1927), J. American Statistical Association 22; Brown, Cai & DasGupta (2001), Statistical
    Science 16, on why it is preferred.

    Raises
    ------
    InputError
        If there is no answer, or one cluster only.
    ValueError
        If a value is neither 0 nor 1.
    """
    hits = np.asarray(hits, dtype=float)
    n = len(hits)
    if n == 0:
        raise InputError(
            "There is no answer to take a share of; use a longer period.",
            "没有可用于计算占比的回答；请延长时间范围。",
        )
    if not np.isin(hits, (0.0, 1.0)).all():
        raise ValueError("a share is taken of zeros and ones")
    p = float(hits.mean())
    effective, z = float(n), float(stats.norm.ppf((1 + level) / 2))
    if clusters is not None:
        _, inference = mean_with_error(hits, clusters)
        variance = float(inference.covariance[0, 0])
        if variance > 0:
            effective = min(float(n), p * (1 - p) / variance)
        z = float(stats.t.ppf((1 + level) / 2, inference.df))
    low, high = score_interval(p, effective, z)
    return Share(p, low, high, n, effective)


def score_interval(p: float, n: float, z: float) -> tuple[float, float]:
    """All shares whose distance to ``p`` is at most ``z`` of their own standard errors."""
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    # At 0 and 1 the limit is exact; rounding must not move it.
    return (
        0.0 if p == 0 else float(max(0.0, centre - reach)),
        1.0 if p == 1 else float(min(1.0, centre + reach)),
    )
