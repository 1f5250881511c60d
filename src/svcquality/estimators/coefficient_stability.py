"""Selection on what was measured as a yardstick for selection on what was not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from svcquality.estimators.least_squares import least_squares


@dataclass(frozen=True)
class OsterDelta:
    """How selection on unmeasured variables would have to compare with that on measured ones.

    Parameters
    ----------
    delta : float
        Ratio at which the effect would be the target; above 1 in absolute value is commonly taken
        as robust. NaN where controls did not move the coefficient.
    short, controlled : float
        Coefficient of the exposure without and with controls.
    r2_short, r2_controlled, r2_max : float
    """

    delta: float
    short: float
    controlled: float
    r2_short: float
    r2_controlled: float
    r2_max: float


def oster_delta(
    y: np.ndarray,
    exposure: np.ndarray,
    controls: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    r2_max: float | None = None,
    target: float = 0.0,
) -> OsterDelta:
    """Degree of proportional selection that would bring the coefficient to ``target``.

    Parameters
    ----------
    y, exposure : ndarray of shape (n,)
    controls : ndarray of shape (n, k)
        Without intercept.
    weights : ndarray of shape (n,), optional
        Positive.
    r2_max : float, optional
        R² if the unmeasured were measured too; ``min(1, 1.3 R²)`` by default.
    target : float

    Notes
    -----
    Oster (2019), J. Business & Economic Statistics 37, proposition 3 and section 4.2.

    Raises
    ------
    InputError
        If the columns repeat each other or there are too few rows.
    ValueError
        If ``r2_max`` is not within [R² with controls, 1].
    """
    y, x = np.asarray(y, dtype=float), np.asarray(exposure, dtype=float)
    ones = np.ones(len(y))
    w = ones if weights is None else weights
    short = least_squares(y, np.column_stack([ones, x]), weights=w)
    full = least_squares(y, np.column_stack([ones, x, controls]), weights=w)
    auxiliary = least_squares(x, np.column_stack([ones, controls]), weights=w)
    total = float(w @ (y - np.average(y, weights=w)) ** 2)
    r2_short, r2 = (1 - fit.sum_of_squares / total for fit in (short, full))
    r2_max = min(1.0, 1.3 * r2) if r2_max is None else r2_max
    if not r2 <= r2_max <= 1:
        raise ValueError("r2_max lies between the R² with controls and 1")
    n = float(w.sum())
    var_x = float(w @ (x - np.average(x, weights=w)) ** 2) / n
    var_y, left_x = total / n, auxiliary.sum_of_squares / n
    before, after = float(short.coefficients[1]), float(full.coefficients[1])
    gap, moved = after - target, before - after
    explained, missing = (r2 - r2_short) * var_y, (r2_max - r2) * var_y
    cubic = gap**3 * left_x * (var_x - left_x)
    numerator = (
        gap * explained * left_x
        + gap * var_x * left_x * moved**2
        + 2 * gap**2 * left_x * moved * var_x
        + cubic
    )
    denominator = (
        missing * moved * var_x
        + gap * missing * (var_x - left_x)
        + gap**2 * left_x * moved * var_x
        + cubic
    )
    delta = numerator / denominator if denominator else np.nan
    return OsterDelta(float(delta), before, after, float(r2_short), float(r2), float(r2_max))
