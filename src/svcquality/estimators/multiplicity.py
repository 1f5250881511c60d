"""Several tests in one family: p-values adjusted so that chance findings stay rare."""

from __future__ import annotations

from typing import Literal

import numpy as np

Method = Literal["holm", "bh", "bonferroni"]


def adjusted_p(p: np.ndarray, method: Method = "holm") -> np.ndarray:
    """Adjusted p-values of a declared family.

    Reject where the adjusted value is at most the level.

    Parameters
    ----------
    p : ndarray of shape (k,)
        p-values within [0, 1]; NaN where a test could not be made. Those stay NaN and do not
        count towards the family.
    method : {"holm", "bh", "bonferroni"}
        ``holm`` controls the chance of any false finding under every dependence (Holm 1979,
        Scand. J. Statistics 6); ``bh`` the expected share of false ones among those found
        (Benjamini & Hochberg 1995, J. Royal Statistical Society B 57), under independence or
        positive dependence.

    Returns
    -------
    ndarray of shape (k,)

    Raises
    ------
    ValueError
        If a p-value is outside [0, 1] or the method is unknown.
    """
    p = np.asarray(p, dtype=float)
    known = ~np.isnan(p)
    if not ((p[known] >= 0) & (p[known] <= 1)).all():
        raise ValueError("p-values lie within 0 and 1")
    adjusted = np.full(p.shape, np.nan)
    adjusted[known] = _adjusted(p[known], method)
    return adjusted


def _adjusted(p: np.ndarray, method: Method) -> np.ndarray:
    k = len(p)
    if method == "bonferroni":
        return np.minimum(k * p, 1.0)
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, k + 1)
    if method == "holm":
        ascending = np.maximum.accumulate((k + 1 - rank) * p[order])
    elif method == "bh":
        ascending = np.minimum.accumulate((k / rank * p[order])[::-1])[::-1]
    else:
        raise ValueError("method must be 'holm', 'bh' or 'bonferroni'")
    adjusted = np.empty(k)
    adjusted[order] = np.minimum(ascending, 1.0)
    return adjusted


def stepdown_p(statistics: np.ndarray, null_draws: np.ndarray) -> np.ndarray:
    """Adjusted p-values that use how the tests move together.

    Step-down of the largest absolute statistic over bootstrap or permutation draws (Romano & Wolf
    2005, Econometrica 73): controls the chance of any false finding, and gives away less than
    Holm where tests are correlated.

    Parameters
    ----------
    statistics : ndarray of shape (k,)
        Two-sided test statistics; larger in absolute value means more extreme.
    null_draws : ndarray of shape (draws, k)
        The same statistics in each draw under the null, all tests of one draw in one row.

    Returns
    -------
    ndarray of shape (k,)
        With the observed sample counted as a draw, so never zero (Phipson & Smyth 2010).

    Raises
    ------
    ValueError
        If shapes differ or a value is not finite.
    """
    t, draws = np.abs(np.asarray(statistics, dtype=float)), np.abs(np.asarray(null_draws, float))
    if draws.ndim != 2 or t.shape != draws.shape[1:]:
        raise ValueError("statistics (k,) and null_draws (draws, k) must agree")
    if not (np.isfinite(t).all() and np.isfinite(draws).all()):
        raise ValueError("statistics and null_draws must be finite")
    ascending = np.argsort(t, kind="stable")
    # The largest of each draw among the tests that are no more extreme than this one.
    largest = np.maximum.accumulate(draws[:, ascending], axis=1)
    p = (1 + (largest >= t[ascending]).sum(axis=0)) / (1 + len(draws))
    p = np.maximum.accumulate(p[::-1])[::-1]  # a less extreme test is never more significant
    adjusted = np.empty(len(t))
    adjusted[ascending] = p
    return adjusted
