"""Robustness value, bounds, E-value and adjusted p-values against published numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcquality.estimators.coefficient_stability import oster_delta
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


WINDSOR_HOUSES = np.array(
    [
        [0.13811936, 0.08569319, 0.10127249, 0.09036292, 0.04273197],
        [0.08569319, 0.15805333, 0.04407016, 0.04037245, 0.04588947],
        [0.10127249, 0.04407016, 0.54274511, 0.13814757, -0.00307598],
        [0.09036292, 0.04037245, 0.13814757, 0.25170068, 0.00732601],
        [0.04273197, 0.04588947, -0.00307598, 0.00732601, 0.12113741],
    ]
)
"""Covariances of log price, log lot size, bedrooms, bathrooms and driveway of 546 houses (Anglin &
Gençay 1996): all that the numbers below depend on."""


@pytest.mark.parametrize(("r2_max", "printed"), [(0.54, 3.83), (1.3 * 0.5316, 1.99), (1.0, 1.005)])
def test_house_prices_in_windsor(r2_max: float, printed: float) -> None:
    """Schaub (2021), the paper of robomit, equal to psacalc: log lot size on log price."""
    Z = np.random.default_rng(1).normal(size=(546, 5))
    Z -= Z.mean(axis=0)
    Z = Z @ np.linalg.inv(np.linalg.cholesky(Z.T @ Z / 546)).T  # their covariance is exactly I
    price, lot, *rooms = (Z @ np.linalg.cholesky(WINDSOR_HOUSES).T).T
    found = oster_delta(price, lot, np.column_stack(rooms), r2_max=r2_max)
    assert found.r2_controlled == pytest.approx(0.5316, abs=5e-5)
    assert found.delta == pytest.approx(printed, abs=0.5 * 10.0 ** -len(str(printed).split(".")[1]))


def test_fifteen_tests_of_benjamini_and_hochberg() -> None:
    p = np.array([0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459,
                  0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0])  # fmt: skip
    assert (adjusted_p(p, "bh") <= 0.05).sum() == 4
    assert (adjusted_p(p, "bonferroni") <= 0.05).sum() == 3
