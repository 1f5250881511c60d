"""Links of ordered outcomes: the chance of falling between two thresholds, safe in both tails."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import expit, log_expit, log_ndtr, logit, ndtr, ndtri


class Pieces(NamedTuple):
    """``log P`` of ``P = F(a) − F(b)`` and its derivatives, each of shape (n,).

    ``slope`` is the derivative in the index that is subtracted from both bounds, ``upper`` that in
    ``a``, ``lower`` minus that in ``b``. ``upper_weight`` and ``lower_weight`` are second
    derivatives in a bound and the index, ``join`` that in both bounds.
    """

    log_p: np.ndarray
    slope: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    upper_weight: np.ndarray
    lower_weight: np.ndarray
    join: np.ndarray

    def times(self, weights: np.ndarray) -> Pieces:
        """Every row's part multiplied by its weight."""
        return Pieces(*(weights * piece for piece in self))


class Link(NamedTuple):
    """A distribution F: itself, its density, its quantiles, and the pieces of a likelihood."""

    cdf: Callable[[np.ndarray], np.ndarray]
    density: Callable[[np.ndarray], np.ndarray]
    quantile: Callable[[np.ndarray], np.ndarray]
    pieces: Callable[[np.ndarray, np.ndarray], Pieces]


def _logistic_pieces(a: np.ndarray, b: np.ndarray) -> Pieces:
    """With ``log P = log Λ(a) + log Λ(−b) + log(1 − e^(b−a))``, which no tail can underflow."""
    log_p = log_expit(a) + log_expit(-b) + np.log(-np.expm1(b - a))
    with np.errstate(over="ignore"):  # then nothing of it is left: 0
        r = 1 / np.expm1(a - b)
    above, below = expit(a), expit(b)
    return Pieces(
        log_p, above + below - 1, expit(-a) + r, below + r,
        above * expit(-a), below * expit(-b), r * (1 + r),
    )  # fmt: skip


def _normal_pieces(a: np.ndarray, b: np.ndarray) -> Pieces:
    """In the tail where ``Φ(a)`` and ``Φ(b)`` are small, whichever that is."""
    right = b > 0
    high, low = np.where(right, -b, a), np.where(right, -a, b)
    top = log_ndtr(high)
    log_p = top + np.log(-np.expm1(log_ndtr(low) - top))
    ratio_a, ratio_b = (np.exp(-0.5 * x**2 - log_p) / np.sqrt(2 * np.pi) for x in (a, b))
    a, b = (np.where(np.isfinite(x), x, 0.0) for x in (a, b))  # their ratios are zero there
    return Pieces(
        log_p, ratio_b - ratio_a, ratio_a, ratio_b,
        ratio_a * (a + ratio_a - ratio_b), ratio_b * (ratio_b - ratio_a - b), ratio_a * ratio_b,
    )  # fmt: skip


LOGIT = Link(expit, lambda x: expit(x) * expit(-x), logit, _logistic_pieces)
PROBIT = Link(ndtr, lambda x: np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi), ndtri, _normal_pieces)
