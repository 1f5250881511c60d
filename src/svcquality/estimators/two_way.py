"""Two-way fixed effects: the benchmark that staggered treatment misleads."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from svcquality.estimators.clustered import Inference, sandwich
from svcquality.estimators.marginal import Contrast, contrast


@dataclass(frozen=True)
class TwoWayEffect:
    """The coefficient of treatment, and the share of treated cells that it weights negatively."""

    effect: Contrast
    negative_share: float
    inference: Inference


def two_way_effect(outcome: np.ndarray, treated: np.ndarray) -> TwoWayEffect:
    """Coefficient of treatment with unit and period effects, clustered by unit.

    With staggered treatment it is a weighted sum of the effects in all treated cells, in which
    weights may be negative (de Chaisemartin & D'Haultfœuille 2020, Amer. Econ. Rev. 110;
    Goodman-Bacon 2021, J. Econometrics 225). It is meant to stand beside a better estimate.

    Parameters
    ----------
    outcome : ndarray of shape (n, T)
        Balanced: no missing values.
    treated : ndarray of shape (n, T)
        0 or 1.

    Raises
    ------
    ValueError
        If treatment does not vary beside units and periods.
    """
    n, periods = outcome.shape
    D, y = _within(np.asarray(treated, dtype=float)), _within(np.asarray(outcome, dtype=float))
    size = float((D**2).sum())
    if size < 1e-9:
        raise ValueError("treatment does not vary beside units and periods")
    coefficient = float((D * y).sum()) / size
    residual = y - coefficient * D
    cells = n * periods
    inference = sandwich(
        np.array([[1 / size]]),
        [(D * residual).reshape(-1, 1)],
        cells,
        np.repeat(np.arange(n), periods),
    )
    # The period effects count as parameters; unit effects lie within the clusters and do not
    # (Cameron & Miller 2015).
    counted = (cells - 1) / (cells - periods - 1)
    inference = replace(inference, covariance=inference.covariance * counted)
    return TwoWayEffect(
        contrast(coefficient, float(inference.errors[0]), inference.df),
        float((D[np.asarray(treated, dtype=bool)] < 0).mean()),
        inference,
    )


def _within(x: np.ndarray) -> np.ndarray:
    """Deviation from unit and period means of a balanced panel."""
    return x - x.mean(axis=1, keepdims=True) - x.mean(axis=0) + x.mean()
