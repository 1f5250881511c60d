"""Agreement between coders beyond chance: Cohen's and Fleiss' kappa, Krippendorff's alpha."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

Weights = Literal["none", "linear", "quadratic"]
Metric = Literal["nominal", "ordinal", "interval", "ratio"]
ROUNDING = 1e-12
"""Room for disagreement below this is none."""


@dataclass(frozen=True)
class Agreement:
    """Agreement beyond chance: 1 is perfect, 0 what chance gives, below 0 worse than chance.

    Parameters
    ----------
    estimate : float
        NaN where only one category was ever used: nothing then tells agreement from chance.
    error : float
        Standard error.
    low, high : float
        95% interval unless another level was asked for.
    observed, expected : float
        Agreement observed and expected by chance; for alpha the mean disagreement (squared
        distance of two codes) within units and between codes paired at random.
    units : int
        Units that count: those with at least two codes.
    method : {"analytic", "bootstrap"}
        Where the error comes from.
    """

    estimate: float
    error: float
    low: float
    high: float
    observed: float
    expected: float
    units: int
    method: str


def cohen_kappa(
    first: Sequence[object] | np.ndarray | pd.Series,
    second: Sequence[object] | np.ndarray | pd.Series,
    *,
    weights: Weights = "none",
    categories: Sequence[object] | None = None,
    unit_weight: np.ndarray | None = None,
    level: float = 0.95,
) -> Agreement:
    """Cohen's kappa of two coders, plain or weighted.

    Parameters
    ----------
    first, second : array of shape (n,)
        The codes of each; a unit that either left without a code does not count.
    weights : {"none", "linear", "quadratic"}
        Credit for near misses between ordered categories.
    categories : sequence, optional
        All categories in their order; by default those that occur, sorted.
    unit_weight : ndarray of shape (n,), optional
        Inverse probabilities of being drawn; then kappa speaks of the population.
    level : float
        Nominal coverage.

    Returns
    -------
    Agreement
        The error is that of Fleiss, Cohen & Everitt (1969), its design-based version with weights.
        The interval is Wilson's of the observed agreement at that error, carried over to kappa: it
        does not leave the possible values, nor shrink to a point where no coder ever erred.

    Raises
    ------
    ValueError
        If the lengths differ, no unit has two codes, or a code is not among the categories.

    Notes
    -----
    Cohen (1960), Educ. Psychol. Meas. 20; Cohen (1968), Psychol. Bull. 70; Fleiss, Cohen & Everitt
    (1969), Psychol. Bull. 72.
    """
    a, b = (pd.Series(np.asarray(x, dtype=object)) for x in (first, second))
    if len(a) != len(b):
        raise ValueError("both coders need a code, or a missing one, for each unit")
    both = (a.notna() & b.notna()).to_numpy()
    a, b = a[both], b[both]
    levels = pd.Index(sorted(set(a) | set(b)) if categories is None else list(categories))
    rows, columns = (levels.get_indexer(pd.Index(x)) for x in (a, b))
    if not len(a) or (rows < 0).any() or (columns < 0).any():
        raise ValueError("no unit has two codes, or a code is not among the categories")
    w = np.ones(len(a)) if unit_weight is None else np.asarray(unit_weight, dtype=float)[both]
    w = w / w.sum()
    credit = _credit(len(levels), weights)
    by_first, by_second = (np.bincount(x, w, len(levels)) for x in (rows, columns))
    agreed = credit[rows, columns]
    observed, expected = float(w @ agreed), float(by_first @ credit @ by_second)
    by_chance = (credit @ by_second)[rows] + (by_first @ credit)[columns]
    return _analytic(agreed, by_chance, observed, expected, w, level)


def fleiss_kappa(counts: np.ndarray | pd.DataFrame, *, level: float = 0.95) -> Agreement:
    """Fleiss' kappa: any number of coders, who need not be the same for each unit.

    Parameters
    ----------
    counts : array of shape (units, categories)
        How many coders put the unit into the category; the same number of codes in each row.
    level : float
        Nominal coverage.

    Returns
    -------
    Agreement
        The error holds whatever the true agreement is (linearised over units, as Gwet 2008 does);
        that of Fleiss (1971) held for random coding only. Interval as in `cohen_kappa`.

    Raises
    ------
    ValueError
        If rows hold different numbers of codes, or fewer than two.

    Notes
    -----
    Fleiss (1971), Psychol. Bull. 76; Gwet (2008), Br. J. Math. Stat. Psychol. 61.
    """
    table = np.asarray(counts, dtype=float)
    coders = table.sum(axis=1)
    if table.ndim != 2 or not len(table) or coders.min() < 2 or np.ptp(coders) > 0:
        raise ValueError("each unit needs the same number of codes, at least two")
    r = coders[0]
    agreed = (table * (table - 1)).sum(axis=1) / (r * (r - 1))
    share = table.mean(axis=0) / r
    w = np.full(len(table), 1 / len(table))
    by_chance = 2 * table @ share / r
    return _analytic(agreed, by_chance, float(w @ agreed), float(share @ share), w, level)


def krippendorff_alpha(
    codes: np.ndarray | pd.DataFrame | Sequence[Sequence[object]],
    *,
    metric: Metric = "nominal",
    unit_weight: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Agreement:
    """Krippendorff's alpha: any number of coders, missing codes, four kinds of scale.

    Parameters
    ----------
    codes : array of shape (coders, units)
        Missing where a coder did not code a unit. Words for ``nominal``, numbers for the others.
    metric : {"nominal", "ordinal", "interval", "ratio"}
        How far two codes are from each other.
    unit_weight : ndarray of shape (units,), optional
        Inverse probabilities of being drawn; then alpha speaks of the population.
    resamples : int
        Bootstrap samples of units, from ``seed``.
    level : float
        Nominal coverage.

    Returns
    -------
    Agreement
        Percentile interval of a bootstrap over units (Zapf et al. 2016). Where no two codes of a
        unit differ a bootstrap sees no doubt; then the lower end lets as many units differ as n
        without a difference do not exclude, 1 − (1 − level)/2)^(1/n).

    Raises
    ------
    ValueError
        If no unit has two codes.

    Notes
    -----
    Krippendorff (2011), Computing Krippendorff's alpha-reliability; Zapf, Castell, Morawietz & Karch
    (2016), BMC Med. Res. Methodol. 16. Ordinal distances are differences of mid-ranks, which change
    with each bootstrap sample.
    """
    frame = pd.DataFrame(np.asarray(codes, dtype=object))
    numbers, levels = pd.factorize(frame.to_numpy().ravel(), sort=True)
    placed = numbers.reshape(frame.shape)
    unit = np.broadcast_to(np.arange(frame.shape[1]), frame.shape)[placed >= 0]
    table = np.zeros((frame.shape[1], max(len(levels), 1)))
    np.add.at(table, (unit, placed[placed >= 0]), 1.0)
    pairable = table.sum(axis=1) >= 2
    table, units = table[pairable], int(pairable.sum())
    if not units:
        raise ValueError("no unit has two codes")
    w = np.ones(units) if unit_weight is None else np.asarray(unit_weight, dtype=float)[pairable]
    w = w * (units / w.sum())
    values = np.zeros(len(levels)) if metric == "nominal" else np.asarray(levels, dtype=float)
    observed, expected = (float(x[0]) for x in _disagreements(table, w[None], values, metric))
    if expected < ROUNDING:
        return Agreement(np.nan, np.nan, np.nan, np.nan, observed, expected, units, "bootstrap")
    estimate = 1 - observed / expected
    rng = np.random.default_rng(seed)
    times = rng.multinomial(units, np.full(units, 1 / units), size=resamples)
    within, between = _disagreements(table, times * w, values, metric)
    usable = between > 0
    drawn = 1 - within[usable] / between[usable]
    tail = (1 - level) / 2
    if observed > 0:
        low, high = (float(x) for x in np.quantile(drawn, [tail, 1 - tail]))
    else:
        differ = float(_disagreements(table, w[None], values, "nominal")[1][0])
        low, high = 1 - (1 - tail ** (1 / units)) / differ, 1.0
    error = float(drawn.std(ddof=1)) if len(drawn) > 1 else np.nan
    return Agreement(estimate, error, low, high, observed, expected, units, "bootstrap")


def _credit(k: int, weights: Weights) -> np.ndarray:
    if weights == "none":
        return np.eye(k)
    apart = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / max(k - 1, 1)
    return 1 - (apart if weights == "linear" else apart**2)


def _analytic(
    agreed: np.ndarray,
    by_chance: np.ndarray,
    observed: float,
    expected: float,
    w: np.ndarray,
    level: float,
) -> Agreement:
    """Kappa from what each unit adds to observed agreement and to agreement by chance."""
    n, room = len(agreed), 1 - expected
    observed = min(observed, 1.0) if (agreed < 1).any() else 1.0  # sums of weights round
    if room < ROUNDING:
        return Agreement(np.nan, np.nan, np.nan, np.nan, observed, expected, n, "analytic")
    kappa = (observed - expected) / room
    influence = (agreed - observed) - (1 - kappa) * (by_chance - 2 * expected)
    error = float(np.sqrt((w**2) @ influence**2)) / room
    effective = float(1 / (w @ w))
    if 0 < observed < 1 and error > 0:
        effective = observed * (1 - observed) / (error * room) ** 2
    z2 = float(stats.norm.ppf((1 + level) / 2)) ** 2
    middle = (observed + z2 / (2 * effective)) / (1 + z2 / effective)
    spread = observed * (1 - observed) / effective + z2 / (4 * effective**2)
    reach = np.sqrt(z2 * spread) / (1 + z2 / effective)
    low, high = ((x - expected) / room for x in (middle - reach, min(middle + reach, 1.0)))
    return Agreement(kappa, error, float(low), float(high), observed, expected, n, "analytic")


def _disagreements(
    table: np.ndarray, weight: np.ndarray, values: np.ndarray, metric: Metric
) -> tuple[np.ndarray, np.ndarray]:
    """Observed and expected disagreement for each row of unit weights, shape (resamples,)."""
    coders = table.sum(axis=1)
    totals = weight @ table  # (resamples, categories)
    n = totals.sum(axis=1)
    if metric in ("nominal", "ratio"):
        if metric == "nominal":
            far = 1 - np.eye(table.shape[1])
        else:
            sums = np.add.outer(values, values)
            apart = np.subtract.outer(values, values)
            far = np.divide(apart, sums, out=np.zeros_like(apart), where=sums != 0) ** 2
        within = ((table @ far) * table).sum(axis=1) / (coders - 1)
        inside = weight @ within
        across = ((totals @ far) * totals).sum(axis=1)
    else:
        place = np.broadcast_to(values, totals.shape)
        if metric == "ordinal":
            place = totals.cumsum(axis=1) - totals / 2
        # Sums of squared differences over all pairs, from sums and sums of squares.
        squares, sums = table @ (place**2).T, table @ place.T  # (units, resamples)
        within = 2 * (coders[:, None] * squares - sums**2) / (coders - 1)[:, None]
        inside = (weight * within.T).sum(axis=1)
        moments = (totals * place).sum(axis=1), (totals * place**2).sum(axis=1)
        across = 2 * (n * moments[1] - moments[0] ** 2)
    return inside / n, across / (n * (n - 1))
