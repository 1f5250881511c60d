"""Restricted cubic splines: smooth between the knots, straight beyond them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from svcquality.errors import InputError

HARRELL_QUANTILES = {
    3: (0.10, 0.50, 0.90),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.50, 0.725, 0.95),
    6: (0.05, 0.23, 0.41, 0.59, 0.77, 0.95),
    7: (0.025, 0.1833, 0.3417, 0.50, 0.6583, 0.8167, 0.975),
}
"""Where the knots go: Harrell (2015), Regression Modeling Strategies, table 2.3."""

SMALLEST_GAP = 0.005
"""Distance of two knots, as a share of that of the outer ones, below which they are one."""


@dataclass(frozen=True)
class RestrictedCubicSpline:
    """A basis with fixed knots, so that new values are expanded as the fitted ones were.

    Parameters
    ----------
    knots : tuple of float
        At least three, ascending, in the unit of the variable.
    """

    knots: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.knots) < 3 or (np.diff(self.knots) <= 0).any():
            raise ValueError("a restricted cubic spline needs three or more ascending knots")

    @classmethod
    def at_quantiles(cls, x: np.ndarray, knots: int = 4) -> RestrictedCubicSpline:
        """Knots at Harrell's quantiles of ``x``.

        Where many values tie, or all but tie, at the minimum (waits of zero), it takes the first
        knot and the others are placed among the values above it.

        Parameters
        ----------
        x : ndarray of shape (n,)
        knots : int
            From 3 to 7.

        Raises
        ------
        InputError
            If ``knots`` is not from 3 to 7, or ``x`` has too few distinct values.
        """
        if knots not in HARRELL_QUANTILES:
            raise InputError(
                f"A curve can have 3 to 7 knots, not {knots}.",
                f"曲线的节点数应为 3 至 7，而不是 {knots}。",
            )
        x = np.asarray(x, dtype=float)
        places = np.unique(np.quantile(x, HARRELL_QUANTILES[knots]))
        least = SMALLEST_GAP * (places[-1] - places[0])
        if len(places) < knots or (np.diff(places) < least).any():
            low, above = x.min(), x[x > x.min() + least]
            inner = HARRELL_QUANTILES.get(knots - 1, (0.25, 0.75))
            places = np.unique([low, *np.quantile(above, inner)]) if len(above) else places
            places = places[np.r_[True, np.diff(places) >= least]]
        if len(places) < 3:
            raise InputError(
                "There are too few different values to draw a curve; use a straight line or "
                "more precise records.",
                "不同取值太少，无法拟合曲线；请使用直线或提供更精确的数据。",
            )
        return cls(tuple(float(t) for t in places))

    @property
    def columns(self) -> int:
        """Columns of the basis: one fewer than knots."""
        return len(self.knots) - 1

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Expand values.

        Parameters
        ----------
        x : ndarray of shape (n,)

        Returns
        -------
        ndarray of shape (n, knots − 1)
            The first column is ``x`` itself, so that the others carry what is not straight
            (Harrell 2015, section 2.4.5; scaled by the squared distance of the outer knots).
        """
        x = np.asarray(x, dtype=float)
        t = np.array(self.knots)
        last, before = t[-1], t[-2]
        cubed = np.maximum(x[:, None] - t, 0) ** 3
        bent = (
            cubed[:, :-2]
            - cubed[:, [-2]] * (last - t[:-2]) / (last - before)
            + cubed[:, [-1]] * (before - t[:-2]) / (last - before)
        )
        return np.column_stack([x, bent / (last - t[0]) ** 2])
