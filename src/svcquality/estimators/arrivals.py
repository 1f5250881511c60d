"""How many customers arrive by the half hour, and how much days differ beyond chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Arrivals:
    """A Poisson process whose rate changes by the slot, multiplied by random factors of mean 1.

    Parameters
    ----------
    rates : ndarray of shape (slots,)
        Mean arrivals a slot.
    day_variance : float
        Variance of the factor that a day has in common; 0 where days differ as Poisson counts do.
    slot_variance : float
        Variance of the factor that each slot of a day has for itself.
    """

    rates: np.ndarray
    day_variance: float
    slot_variance: float


def arrival_rates(
    counts: np.ndarray, weights: np.ndarray | None = None, *, slot_variance: float | None = None
) -> Arrivals:
    """Rates and over-dispersion from the counts of several days.

    Parameters
    ----------
    counts : ndarray of int, shape (days, slots)
    weights : ndarray of shape (days,), optional
        Of the days; equal by default.
    slot_variance : float, optional
        Taken as known (see `common_dispersion`) instead of estimated.

    Notes
    -----
    With ``N = Poisson(λ_s G_d H_ds)`` slots of one day covary by ``λ_s λ_t Var(G)``, and a slot's
    variance beyond its mean is ``λ_s² ((1 + Var G)(1 + Var H) − 1)``: moments, at least 0 (mixed
    Poisson arrivals: Whitt 1999, Operations Research Letters 24; Brown et al. 2005, J. American
    Statistical Association 100).

    Raises
    ------
    ValueError
        If there are fewer than two days with weight.
    """
    rates, day, slot = _moments(counts, weights)
    if slot_variance is None:
        slot_variance = max(slot, 0.0)
    return Arrivals(rates, max(day, 0.0), slot_variance)


@dataclass(frozen=True, eq=False)
class Dispersion:
    """What several branches say together of how much days and slots differ beyond chance.

    Parameters
    ----------
    slot_variance : float
        Common to all branches.
    day_variance : float
        Mean over branches.
    own : ndarray of shape (branches,)
        Weight of each branch's own day variance against that mean, from 0 to 1.
    """

    slot_variance: float
    day_variance: float
    own: np.ndarray


def common_dispersion(counts: Sequence[np.ndarray]) -> Dispersion:
    """Over-dispersion of several branches, the noisy ones drawn towards the mean of all.

    The variance of a branch's days is a rough estimate from a few weeks: its weight is the share of
    the spread between branches that such noise does not explain (empirical Bayes; Efron & Morris
    1975, J. American Statistical Association 70). Means are taken before they are held to be at
    least 0, so that the noise of small branches does not pile up on the positive side.

    Parameters
    ----------
    counts : sequence of ndarray of int, each (days, slots)
        Of each branch, at least two days.
    """
    if not counts:
        return Dispersion(0.0, 0.0, np.empty(0))
    found = [_moments(c, None) for c in counts]
    sizes = np.array([max(float(np.sum(c)), 1e-9) for c in counts])
    days = np.array([len(c) for c in counts])
    each = np.array([day for _, day, _ in found])
    slot = max(float(np.average([s for _, _, s in found], weights=sizes)), 0.0)
    mean = max(float(np.average(each, weights=sizes)), 0.0)
    # A day's total has variance m + m² φ, known from D days to 2 / (D − 1) of its square.
    noise = 2 / (days - 1) * (days / sizes + mean) ** 2
    spread = max(float(np.average((each - mean) ** 2 - noise, weights=1 / noise)), 0.0)
    return Dispersion(slot, mean, spread / (spread + noise))


def _moments(counts: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, float, float]:
    """Rates, and the variances of the factors of day and slot, which may come out negative."""
    N = np.asarray(counts, dtype=float)
    w = np.ones(len(N)) if weights is None else np.asarray(weights, dtype=float)
    if (w > 0).sum() < 2:
        raise ValueError("over-dispersion needs at least two days")
    w = w / w.sum()
    rates = w @ N
    away = N - rates
    unbiased = 1 / (1 - w @ w)
    by_slot = unbiased * (w @ away**2)
    total = unbiased * float(w @ away.sum(axis=1) ** 2)
    squares = float((rates**2).sum())
    crossed = float(rates.sum() ** 2) - squares
    day = (total - float(by_slot.sum())) / crossed if crossed > 0 else 0.0
    both = float((by_slot - rates).sum()) / squares if squares > 0 else 0.0
    return rates, day, (1 + both) / max(1 + day, 1e-9) - 1
