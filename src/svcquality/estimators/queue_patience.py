"""Patience where a log does not say when customers left, only that they did not come when called."""

from __future__ import annotations

import numpy as np

MOST_STEPS = 100


def patience_rate(
    waited: float, left: float, offered: np.ndarray, weights: np.ndarray | None = None
) -> float:
    """Rate at which customers leave, per minute (1 / mean patience), of an exponential patience.

    Parameters
    ----------
    waited : float
        Minutes waited in all by those whose moment of service or leaving is known.
    left : float
        How many of these left.
    offered : ndarray of shape (m,)
        Positive minutes after which those who left at an unknown moment would have been called.
    weights : ndarray of shape (m,), optional

    Returns
    -------
    float
        0 if nobody left.

    Notes
    -----
    Maximum likelihood with three kinds of customers: served (patience longer than the wait), left
    at a known moment, and left before a known one (current status; Klein & Moeschberger 2003,
    section 3.5). With r the rate, ``left + Σ r v / (exp(r v) − 1) = r waited``, solved by Newton's
    method in log r.

    Raises
    ------
    ValueError
        If customers left and nobody waited, so that no rate is high enough.
    """
    v = np.asarray(offered, dtype=float)
    w = np.ones(len(v)) if weights is None else np.asarray(weights, dtype=float)
    gone = left + float(w.sum())
    if gone == 0:
        return 0.0
    if not waited > 0:
        raise ValueError("somebody must have waited")
    rate = gone / (waited + float(w @ v) / 2)
    for _ in range(MOST_STEPS):
        x = np.maximum(rate * v, 1e-12)
        share = -x * np.exp(-x) / np.expm1(-x)
        gap = left + float(w @ share) - rate * waited
        slope = float(w @ (share * (1 - x - share))) - rate * waited
        step = np.clip(-gap / slope, -1.0, 1.0)
        rate *= float(np.exp(step))
        if abs(step) < 1e-10:
            break
    return rate
