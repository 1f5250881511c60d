"""Recommendation and effort scores with the variance they really have."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.errors import InputError
from svcquality.estimators.clustered import Inference, sandwich
from svcquality.estimators.domain_mean import domain_mean
from svcquality.estimators.marginal import Contrast, contrast
from svcquality.estimators.proportions import Share, wilson

PROMOTER, PASSIVE = 9, 7
HIGHEST = 10
_MADE_UP = 0.75


@dataclass(frozen=True)
class NetPromoter:
    """Net promoter score in points, −100 to 100.

    Parameters
    ----------
    score : Contrast
        With error, interval and degrees of freedom, in points.
    promoters, passives, detractors : float
        Shares; they sum to 1.
    kind : str
        Kind of error.
    n : int
    clusters : int or None
    """

    score: Contrast
    promoters: float
    passives: float
    detractors: float
    kind: str
    n: int
    clusters: int | None


def net_promoter(
    recommendation: np.ndarray,
    *,
    clusters: np.ndarray | pd.Series | None = None,
    weights: np.ndarray | None = None,
    level: float = 0.95,
) -> NetPromoter:
    """Share of promoters (9, 10) minus share of detractors (0 to 6).

    Parameters
    ----------
    recommendation : ndarray of shape (n,)
        Whole numbers 0 to 10, no missing values.
    clusters : array of shape (n,), optional
    weights : ndarray of shape (n,), optional
        Positive; the error allows for them.

    Notes
    -----
    Each answer counts +1, 0 or −1, so the variance of the score is ``p₊ + p₋ − (p₊ − p₋)²`` over n:
    the two shares are negatively related, and adding their variances as if independent is wrong
    (Rocks 2016, American Statistician 70). HC1 (that variance with n − 1) or CR1 errors; the interval
    is `score_reach`, which holds for few answers and where nearly all are of one kind.

    Raises
    ------
    InputError
        If an answer is not a whole number from 0 to 10, there are fewer than two, or there is one
        cluster only.
    """
    r = np.asarray(recommendation, dtype=float)
    if not (np.isin(r, np.arange(HIGHEST + 1))).all():
        raise InputError(
            "Recommendation must be a whole number from 0 to 10; correct or leave out other "
            "answers, and rescale no other scale to it.",
            "推荐意愿必须是 0 到 10 的整数；请更正或剔除其他取值，也不要将其他量表换算成该量表。",
        )
    points = points_of(r)
    mean, inference = _mean(points, weights, clusters)
    w = np.ones(len(r)) if weights is None else np.asarray(weights, dtype=float)
    promoters, passives, detractors = (
        float(np.average(points == value, weights=w)) for value in (1, 0, -1)
    )
    error = float(inference.errors[0])
    score = contrast(100 * mean, 100 * error, inference.df, level=level)
    low, high = score_reach(promoters, detractors, error, len(r), inference.df, level=level)
    score = replace(score, low=low, high=high)
    return NetPromoter(
        score, promoters, passives, detractors, inference.kind, len(r), inference.clusters
    )


def points_of(recommendation: np.ndarray) -> np.ndarray:
    """1 for a promoter, −1 for a detractor, 0 for a passive; missing stays missing."""
    r = np.asarray(recommendation, dtype=float)
    points = np.where(r >= PROMOTER, 1.0, np.where(r < PASSIVE, -1.0, 0.0))
    return np.where(np.isnan(r), np.nan, points)


def score_reach(
    promoters: float,
    detractors: float,
    error: float,
    n: int,
    df: float,
    *,
    level: float = 0.95,
) -> tuple[float, float]:
    """Adjusted Wald interval of a net promoter score, in points.

    Parameters
    ----------
    promoters, detractors : float
        Shares.
    error : float
        Standard error of their difference.
    n : int
        Answers; they count as no more than their effective number, ``(p₊ + p₋ − (p₊ − p₋)²)``
        over the variance.
    df : float
        Degrees of freedom of the t distribution.

    Notes
    -----
    Three made-up answers are added, ¾ of them promoters and ¾ detractors (Rocks 2016, American
    Statistician 70): unlike the plain interval it has a width where all answers are of one kind,
    and it never leaves −100 to 100.
    """
    score = promoters - detractors
    spread = promoters + detractors - score**2
    size = min(float(n), spread / error**2) if error > 0 else float(n)
    more = size + 4 * _MADE_UP
    for_, against = (size * share + _MADE_UP for share in (promoters, detractors))
    centre = (for_ - against) / more
    reach = stats.t.ppf((1 + level) / 2, df) * np.sqrt(
        max((for_ + against) / more - centre**2, 0.0) / more
    )
    return 100 * max(float(centre - reach), -1.0), 100 * min(float(centre + reach), 1.0)


def net_promoter_difference(
    recommendation: np.ndarray,
    group: np.ndarray,
    *,
    clusters: np.ndarray | pd.Series | None = None,
    level: float = 0.95,
) -> Contrast:
    """Score of the rows in a group minus that of all others, in points.

    Parameters
    ----------
    recommendation : ndarray of shape (n,)
    group : ndarray of bool, shape (n,)
    clusters : array of shape (n,), optional
        Clusters may have rows on both sides.

    Raises
    ------
    InputError
        As `net_promoter`, or if one side has no answer.
    """
    inside = np.asarray(group, dtype=bool)
    if inside.all() or not inside.any():
        raise InputError(
            "A difference needs answers inside and outside the group; choose another group or a "
            "longer period.",
            "比较差异需要组内与组外都有回答；请更换分组或延长时间范围。",
        )
    for side in (inside, ~inside):
        net_promoter(np.asarray(recommendation)[side])
    points = points_of(np.asarray(recommendation, dtype=float))
    gap = (domain_mean(points, inside) - domain_mean(points, ~inside)) * 100
    inference = gap.inference(clusters)
    return contrast(gap.estimate, float(inference.errors[0]), inference.df, level=level)


def top_box(
    answers: np.ndarray,
    *,
    top: int = 2,
    scale: tuple[int, int],
    easy_is_high: bool = True,
    clusters: np.ndarray | pd.Series | None = None,
    level: float = 0.95,
) -> Share:
    """Share of the best answers, such as the two easiest of an effort scale.

    Parameters
    ----------
    answers : ndarray of shape (n,)
        Whole numbers on the scale.
    top : int
        How many of the best points count.
    scale : (int, int)
        Lowest and highest point.
    easy_is_high : bool
        Whether high numbers are good; False for scales where 1 is the best.
    clusters : array of shape (n,), optional

    Raises
    ------
    InputError
        If an answer is outside the scale, or there is none.
    ValueError
        If ``top`` is not within the scale.
    """
    lowest, highest = scale
    answers = np.asarray(answers, dtype=float)
    if not 0 < top <= highest - lowest:
        raise ValueError("top counts some, not all, points of the scale")
    if not np.isin(answers, np.arange(lowest, highest + 1)).all():
        raise InputError(
            f"Answers must be whole numbers from {lowest} to {highest}; correct the scale or the "
            "answers.",
            f"回答必须是 {lowest} 到 {highest} 的整数；请更正量表范围或数据。",
        )
    best = answers > highest - top if easy_is_high else answers < lowest + top
    return wilson(best.astype(float), clusters, level=level)


def _mean(
    values: np.ndarray, weights: np.ndarray | None, clusters: np.ndarray | pd.Series | None
) -> tuple[float, Inference]:
    w = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=float)
    if not (np.isfinite(w).all() and (w > 0).all() and w.shape == values.shape):
        raise ValueError("weights (n,) must be positive and finite")
    mean = float(np.average(values, weights=w)) if len(values) else float("nan")
    scores = (w * (values - mean))[:, None]
    return mean, sandwich(np.array([[1 / w.sum()]]), [scores], len(values), clusters)
