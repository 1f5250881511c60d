from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from svcquality.errors import InputError
from svcquality.estimators.coefficient_stability import oster_delta
from svcquality.estimators.least_squares import least_squares, partial_r2
from svcquality.estimators.ordered_logit import ordered_logit
from svcquality.estimators.risk_ratio import average_risk_ratio
from svcquality.estimators.sensitivity import (
    adjusted_estimate,
    benchmark_bounds,
    e_value,
    omitted_variable,
    robustness_value,
)


def exact(covariance: np.ndarray, n: int = 400, seed: int = 1) -> np.ndarray:
    """A sample whose covariance is exactly the one wanted."""
    Z = np.random.default_rng(seed).normal(size=(n, len(covariance)))
    Z -= Z.mean(axis=0)
    Z = Z @ np.linalg.inv(np.linalg.cholesky(Z.T @ Z / n)).T
    return Z @ np.linalg.cholesky(covariance).T


def test_e_value_is_symmetric_and_one_without_effect() -> None:
    assert e_value(0.5, 0.25, 0.8).estimate == pytest.approx(e_value(2, 1.25, 4).estimate)
    assert e_value(0.5, 0.25, 0.8).interval == pytest.approx(e_value(2, 1.25, 4).interval)
    assert e_value(1.4, 0.9, 2.0).interval == 1
    with pytest.raises(ValueError, match="positive"):
        e_value(2.0, 2.5, 3.0)


def test_a_confounder_of_the_robustness_value_leaves_nothing() -> None:
    estimate, error, df = 0.3, 0.05, 200
    rv = robustness_value(estimate / error, df)
    assert omitted_variable(estimate, error, df, rv, rv).estimate == pytest.approx(0, abs=1e-12)
    rv = robustness_value(estimate / error, df, level=0.95)
    assert omitted_variable(estimate, error, df, rv, rv).low == pytest.approx(0, abs=1e-12)
    rv = robustness_value(estimate / error, df, level=0.95, inflation=1.5)
    left = omitted_variable(estimate, error, df, rv, rv)
    assert left.estimate - 1.5 * (left.high - left.estimate) == pytest.approx(0, abs=1e-12)
    half = robustness_value(estimate / error, df, share=0.5)
    assert omitted_variable(estimate, error, df, half, half).estimate == pytest.approx(0.15)
    assert robustness_value(1.0, df, level=0.95) == 0


def test_adjusting_for_the_true_confounder_gives_its_regression() -> None:
    """The algebra is exact: with the confounder's own partial R² it returns the long regression."""
    rng = np.random.default_rng(3)
    u, control = rng.normal(size=(2, 300))
    d = 0.6 * u + 0.3 * control + rng.normal(size=300)
    y = 0.8 * d + 0.7 * u + control + rng.normal(size=300)
    ones = np.ones(300)
    short = least_squares(y, np.column_stack([ones, d, control]))
    full = least_squares(y, np.column_stack([ones, d, control, u]))
    r2_d = partial_r2(least_squares(d, np.column_stack([ones, control, u])), [2])
    r2_y = partial_r2(full, [3])
    error = np.sqrt(short.classical_covariance[1, 1])
    left = omitted_variable(short.coefficients[1], error, short.df, r2_d, r2_y)
    assert left.estimate == pytest.approx(full.coefficients[1])
    assert left.error == pytest.approx(np.sqrt(full.classical_covariance[1, 1]))


def test_bounds_grow_with_the_strength_and_end_where_none_is_possible() -> None:
    rng = np.random.default_rng(4)
    c = rng.normal(size=200)
    d = c + rng.normal(size=200)
    fit = least_squares(d + c + rng.normal(size=200), np.column_stack([np.ones(200), d, c]))
    table = benchmark_bounds(fit, 1, [2], times=(0.1, 0.3, 5))
    assert table["estimate"][0] > table["estimate"][1]
    assert table["estimate"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize("delta", [0.5, 1.0, 1.7])
def test_oster_finds_the_selection_that_was_planted(delta: float) -> None:
    """y = 2 x + w1 + w2 + noise, with w2 δ times as strongly selected as w1."""
    v1, v2, c1 = 1.5, 0.8, 0.6
    c2 = delta * c1 / v1 * v2
    covariance = np.diag([2.0, v1, v2, 0.4])
    covariance[0, 1:3] = covariance[1:3, 0] = c1, c2
    x, w1, w2, noise = exact(covariance).T
    y = 2 * x + w1 + w2 + noise
    r2_max = 1 - 0.4 / y.var()
    assert oster_delta(y, x, w1[:, None], r2_max=r2_max, target=2).delta == pytest.approx(delta)


@pytest.mark.parametrize(("effect", "survives"), [(0.0, False), (0.9, True)])
def test_the_robustness_value_is_on_the_right_side_of_a_planted_confounder(
    effect: float, survives: bool
) -> None:
    """u explains a fifth of what is left of exposure and of outcome; with no effect it is all."""
    estimates, values = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        control, u = rng.normal(size=(2, 400))
        d = 0.4 * control + 0.5 * u + rng.normal(size=400)  # partial R² 0.25 / 1.25 = 0.2
        y = effect * d + 0.3 * control + 0.5 * u + rng.normal(size=400)
        fit = least_squares(y, np.column_stack([np.ones(400), d, control]))
        error = float(np.sqrt(fit.classical_covariance[1, 1]))
        t = fit.coefficients[1] / error
        values.append(robustness_value(t, fit.df))
        # Given d, u keeps 1 / (1 + 0.25) of its variance: partial R² with y 0.2 / 1.2.
        left = omitted_variable(fit.coefficients[1], error, fit.df, 0.2, 0.2 / 1.2)
        estimates.append(left.estimate)
    assert np.mean(estimates) == pytest.approx(effect, abs=0.02)
    assert (np.mean(values) > 0.21) == survives
    if not survives:
        assert np.mean(values) == pytest.approx(0.18, abs=0.02)


def test_adjusting_over_a_grid_is_adjusting_at_each_point() -> None:
    r2 = np.array([0.0, 0.1, 0.6])
    grid = adjusted_estimate(-0.3, 0.05, 200, r2, r2[:, None])
    assert grid[0, 0] == -0.3 and grid[2, 2] > 0
    assert grid[1, 2] == pytest.approx(omitted_variable(-0.3, 0.05, 200, 0.6, 0.1).estimate)


def test_the_risk_ratio_of_a_logit_is_that_of_its_probabilities() -> None:
    rng = np.random.default_rng(8)
    X = np.column_stack([rng.normal(size=4000), rng.integers(0, 2, 4000)])
    y = (rng.random(4000) < expit(-0.5 + 0.4 * X[:, 0] + 0.8 * X[:, 1])).astype(float)
    fit = ordered_logit(y, X)
    found = average_risk_ratio(fit, X, {1: 0.0}, {1: 1.0}, 1.0)
    with_it, without = (fit.probability(np.column_stack([X[:, 0], np.full(4000, v)]), 1.0).mean()
                        for v in (1.0, 0.0))  # fmt: skip
    assert found.ratio == pytest.approx(with_it / without)
    index = -0.5 + 0.4 * X[:, 0]
    assert found.low < expit(index + 0.8).mean() / expit(index).mean() < found.high
    halves = rng.permutation(4000)[:2000]
    half = average_risk_ratio(ordered_logit(y[halves], X[halves]), X[halves], {1: 0.0}, {1: 1.0}, 1)
    assert np.log(half.high / half.low) == pytest.approx(
        np.sqrt(2) * np.log(found.high / found.low), rel=0.1
    )


def test_repeating_controls_and_impossible_r2_are_refused() -> None:
    rng = np.random.default_rng(5)
    x, c, y = rng.normal(size=(3, 50))
    with pytest.raises(InputError, match="repeat each other"):
        oster_delta(y, x, np.column_stack([c, 2 * c]))
    with pytest.raises(ValueError, match="r2_max"):
        oster_delta(y + x, x, c[:, None], r2_max=0.01)
