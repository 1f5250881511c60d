"""Robustness value, bounds, E-value and adjusted p-values against published numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcquality.estimators.least_squares import least_squares
from svcquality.estimators.multiplicity import adjusted_p
from svcquality.estimators.sensitivity import benchmark_bounds, e_value, robustness_value

pytestmark = pytest.mark.published


def test_attitudes_in_darfur(cases: Path) -> None:
    """Cinelli & Hazlett (2020), section 5."""
    data = pd.read_csv(cases / "i_darfur.csv")
    columns = ["directlyharmed", "female", "age", "farmer_dar", "herder_dar", "pastvoted",
               "hhsize_darfur"]  # fmt: skip
    villages = pd.get_dummies(data["village"], drop_first=True, dtype=float)
    X = np.column_stack([data[columns], np.ones(len(data)), villages])
    fit = least_squares(data["peacefactor"].to_numpy(), X)
    error = np.sqrt(fit.classical_covariance[0, 0])
    assert (fit.coefficients[0], error) == pytest.approx((0.09732, 0.02326), abs=5e-6)
    t = fit.coefficients[0] / error
    assert robustness_value(t, fit.df) == pytest.approx(0.13878, abs=5e-6)
    assert robustness_value(t, fit.df, level=0.95) == pytest.approx(0.07626, abs=5e-6)
    bounds = benchmark_bounds(fit, 0, [1])
    np.testing.assert_allclose(bounds["estimate"], [0.0752, 0.0529, 0.0304], atol=5e-5)


def test_e_value_of_the_paper() -> None:
    """VanderWeele & Ding (2017): risk ratio 3.9 (1.8 to 8.7)."""
    found = e_value(3.9, 1.8, 8.7)
    assert (found.estimate, found.interval) == pytest.approx((7.26, 3.0), abs=5e-3)


def test_fifteen_tests_of_benjamini_and_hochberg() -> None:
    p = np.array([0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
                  0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0])  # fmt: skip
    assert (adjusted_p(p, "bh") <= 0.05).sum() == 4
    assert (adjusted_p(p, "bonferroni") <= 0.05).sum() == 3
