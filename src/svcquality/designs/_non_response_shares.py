"""The share satisfied among all who were invited, under one assumption on the silent after another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.designs._non_response_model import WhoAnswers
from svcquality.estimators.domain_mean import DomainMean, domain_mean, share_interval
from svcquality.estimators.marginal import Contrast, contrast
from svcquality.estimators.response import Bounds, worst_case_bounds

WAVES = 3
FEWEST_IN_WAVE = 30
WITHIN = 0.10
NAN = float("nan")


@dataclass(frozen=True)
class Shares:
    """One share under several assumptions.

    Parameters
    ----------
    raw, weighted : Contrast
        Among the answers; weighted to all who were invited.
    late : Contrast or None
        The silent taken to be like the last third to answer; None where times are not known.
    bounds, near : Bounds
        Whatever the silent think; and were they within 10 points.
    gap, waves_apart, shift : Contrast or None
        Weighted minus raw; late minus early answers; later minus earlier response rate.
    rate : Contrast
    tipping : Contrast or None
        Share of the silent at which the share of all is the target; None where none would do.
    target : float
    waves : DataFrame
        ``wave, label_zh, label_en, days_low, days_high, estimate, low, high, n``.
    who : WhoAnswers
    """

    raw: Contrast
    weighted: Contrast
    late: Contrast | None
    bounds: Bounds
    near: Bounds
    gap: Contrast
    waves_apart: Contrast | None
    shift: Contrast | None
    rate: Contrast
    tipping: Contrast | None
    target: float
    waves: pd.DataFrame
    who: WhoAnswers


def shares_of(
    event: np.ndarray,
    answered: np.ndarray,
    rows: pd.DataFrame,
    who: WhoAnswers,
    target: float,
) -> Shares:
    """All of them, with errors that carry what they share.

    Parameters
    ----------
    event : ndarray of shape (n,)
        1 where satisfied, 0 where not, NaN where silent.
    answered : ndarray of bool, shape (n,)
    rows : DataFrame
        Invitations: ``days`` to the answer, ``invited``.
    who : WhoAnswers
    target : float
    """
    clusters = who.codes
    raw = domain_mean(event, answered)
    weighted = who.model.mean(event)
    rate = domain_mean(answered.astype(float))
    waves = _waves(event, answered, rows)
    late = apart = None
    if waves is not None:
        last = domain_mean(event, waves == WAVES)
        mixed = _product(rate, raw) + last - _product(rate, last)
        late = _share(mixed, clusters)
        apart = _tested(last - domain_mean(event, waves == 1), clusters)
    return Shares(
        raw=_share(raw, clusters),
        weighted=_share(weighted, clusters),
        late=late,
        bounds=worst_case_bounds(event, answered, (0, 1), clusters=clusters),
        near=worst_case_bounds(event, answered, (0, 1), within=WITHIN, clusters=clusters),
        gap=_tested(weighted - raw, clusters),
        waves_apart=apart,
        shift=_shift(answered, rows["invited"], clusters),
        rate=_share(rate, clusters),
        tipping=_tipping(event, answered, target, rate, clusters),
        target=target,
        waves=_wave_frame(event, waves, rows["days"], clusters),
        who=who,
    )


def rate_shift(
    answered: np.ndarray, later: np.ndarray, earlier: np.ndarray, clusters: pd.Series | None
) -> Contrast | None:
    """Response rate of some rows minus that of others; None where a side is empty."""
    if not later.any() or not earlier.any():
        return None
    gave = answered.astype(float)
    return _tested(domain_mean(gave, later) - domain_mean(gave, earlier), clusters)


def _shift(answered: np.ndarray, invited: pd.Series, clusters: pd.Series | None) -> Contrast | None:
    """Later half of the period against the earlier."""
    known = invited.notna().to_numpy()
    later = known & (invited > invited.median()).to_numpy()
    return rate_shift(answered, later, known & ~later, clusters)


def _product(a: DomainMean, b: DomainMean) -> DomainMean:
    """Product of two means, linearised."""
    return DomainMean(
        a.estimate * b.estimate,
        b.estimate * a.influence + a.estimate * b.influence,
        a.involved | b.involved,
    )


def _share(mean: DomainMean, clusters: pd.Series | None) -> Contrast:
    inference = mean.inference(clusters)
    error = float(inference.errors[0])
    low, high = share_interval(mean.estimate, error, int(mean.involved.sum()), inference.df)
    return Contrast(mean.estimate, error, low, high, NAN, inference.df)


def _tested(mean: DomainMean, clusters: pd.Series | None) -> Contrast:
    inference = mean.inference(clusters)
    return contrast(mean.estimate, float(inference.errors[0]), inference.df)


def _waves(event: np.ndarray, answered: np.ndarray, rows: pd.DataFrame) -> np.ndarray | None:
    """Third in which each answer came, by its days since the invitation; 0 where not known."""
    days = rows["days"].to_numpy(dtype=float)
    timed = answered & np.isfinite(days)
    if timed.sum() < WAVES * FEWEST_IN_WAVE:
        return None
    cuts = np.quantile(days[timed], np.arange(1, WAVES) / WAVES)
    wave = np.where(timed, 1 + np.searchsorted(cuts, days, side="left"), 0)
    counts = np.bincount(wave, minlength=WAVES + 1)[1:]
    return None if counts.min() < FEWEST_IN_WAVE else wave  # answers of one day cannot be split


def _wave_frame(
    event: np.ndarray, wave: np.ndarray | None, days: pd.Series, clusters: pd.Series | None
) -> pd.DataFrame:
    columns = [
        "wave",
        "label_zh",
        "label_en",
        "days_low",
        "days_high",
        "estimate",
        "low",
        "high",
        "n",
    ]
    found: list[tuple[object, ...]] = []
    if wave is None:
        return pd.DataFrame(found, columns=columns)
    for k in range(1, WAVES + 1):
        inside = wave == k
        value = _share(domain_mean(event, inside), clusters)
        first, last = float(days[inside].min()), float(days[inside].max())
        found.append((k, f"{first:.1f}–{last:.1f} 天内答复", f"answered after {first:.1f}–{last:.1f} days",
                      first, last, value.estimate, value.low, value.high, int(inside.sum())))  # fmt: skip
    return pd.DataFrame(found, columns=columns)


def _tipping(
    event: np.ndarray,
    answered: np.ndarray,
    target: float,
    rate: DomainMean,
    clusters: pd.Series | None,
) -> Contrast | None:
    """Share of the silent at which that of all is the target; None outside 0 to 1."""
    lowest = domain_mean(np.where(answered, event, 0.0))
    quiet = 1 - rate.estimate
    silent = (target - lowest.estimate) / quiet
    if not 0 <= silent <= 1:
        return None
    influence = (silent * rate.influence - lowest.influence) / quiet
    mean = DomainMean(silent, influence, lowest.involved)
    found = _tested(mean, clusters)
    return Contrast(silent, found.error, max(found.low, 0.0), min(found.high, 1.0), NAN, found.df)
