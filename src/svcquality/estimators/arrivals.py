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
        Taken as known (see `common_slot_variance`) instead of estimated.

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


def common_slot_variance(counts: Sequence[np.ndarray]) -> float:
    """Over-dispersion of single slots, common to several branches: the mean weighted by arrivals.

    Averaged before it is held to be at least 0, so that the noise of small branches does not pile
    up on the positive side.
    """
    if not counts:
        return 0.0
    found = [_moments(c, None)[2] for c in counts]
    sizes = [max(float(np.sum(c)), 1e-9) for c in counts]
    return max(float(np.average(found, weights=sizes)), 0.0)


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
