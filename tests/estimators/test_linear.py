"""Linear models with fixed effects: identities with indicators, and degrees of freedom."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from svcquality.errors import InputError
from svcquality.estimators.absorb import absorb, absorbed_levels
from svcquality.estimators.linear import linear_model


@pytest.fixture(scope="module")
def data() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    n = 900
    branch, month = rng.integers(30, size=n), rng.integers(12, size=n)
    x = rng.normal(size=(n, 2)) + branch[:, None] / 15 - month[:, None] / 20
    y = x @ [1.0, -0.5] + branch / 10 + np.sin(month) + rng.normal(size=n)
    return {"y": y, "X": x, "branch": branch, "month": month, "w": rng.uniform(0.5, 2, n)}


def dummies(*groups: np.ndarray) -> np.ndarray:
    parts = [pd.get_dummies(g, drop_first=i > 0).to_numpy(float) for i, g in enumerate(groups)]
    return np.hstack(parts)


@pytest.mark.parametrize("weighted", [False, True])
def test_taking_out_fixed_effects_equals_indicators(data, weighted):
    w = data["w"] if weighted else None
    fit = linear_model(
        data["y"], data["X"], fixed=[data["branch"], data["month"]], weights=w,
        clusters=data["month"],
    )  # fmt: skip
    full = np.column_stack([data["X"], dummies(data["branch"], data["month"])])
    peer = sm.WLS(data["y"], full, weights=1.0 if w is None else w).fit(
        cov_type="cluster", cov_kwds={"groups": data["month"]}
    )
    np.testing.assert_allclose(fit.coefficients, peer.params[:2], rtol=1e-8)
    assert fit.r_squared == pytest.approx(peer.rsquared, abs=1e-10)
    # statsmodels counts every indicator; here months, nested in their clusters, are not counted.
    n, counted, all_ = 900, 2 + 30, 2 + 30 + 11
    factor = np.sqrt((n - all_) / (n - counted))
    np.testing.assert_allclose(fit.inference.errors, peer.bse[:2] * factor, rtol=1e-8)


def test_the_intercept_alone_is_ordinary_least_squares(data):
    fit = linear_model(data["y"], data["X"])
    peer = sm.OLS(data["y"], sm.add_constant(data["X"])).fit(cov_type="HC1")
    np.testing.assert_allclose(fit.coefficients, peer.params[1:], rtol=1e-10)
    np.testing.assert_allclose(fit.inference.errors, peer.bse[1:], rtol=1e-10)


def test_levels_are_counted_by_connected_parts():
    first, second = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 2, 3])
    full = dummies(first, second)
    assert absorbed_levels([first, second]) == np.linalg.matrix_rank(full) == 5
    assert absorbed_levels([first], clusters=first) == 1
    assert absorbed_levels([first, second], clusters=second) == 3  # first is not nested in second


def test_what_is_absorbed_is_orthogonal_to_every_group(data):
    left = absorb(data["X"], [data["branch"], data["month"]])
    for group in (data["branch"], data["month"]):
        sums = pd.DataFrame(left).groupby(group).sum().to_numpy()
        np.testing.assert_allclose(sums, 0, atol=1e-7)


def test_a_column_that_the_fixed_effects_determine_is_refused_by_name(data):
    X = np.column_stack([data["X"], data["branch"] % 3])
    with pytest.raises(InputError, match="kind"):
        linear_model(data["y"], X, fixed=[data["branch"]], names=("a", "b", "kind"))
