from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from svcquality.errors import InputError
from svcquality.estimators.hazard import hazard
from svcquality.estimators.marginal import average_contrast
from svcquality.estimators.ordered_logit import ordered_logit
from svcquality.estimators.partial_proportional_odds import partial_proportional_odds


def draw(seed: int, n: int = 2000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x₀ moves every threshold alike; x₁ (0/1) keeps people from the worst answer only."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.normal(size=n), rng.integers(2, size=n)]).astype(float)
    at_least = expit(np.array([1.0, 0.0, -1.0]) + 0.7 * X[:, [0]] + X[:, [1]] * [1.2, 0.3, 0.0])
    y = (rng.random((n, 1)) < at_least).sum(axis=1)
    return y, X, rng.integers(50, size=n)


def test_finds_what_was_planted_and_the_test_sees_it() -> None:
    y, X, branch = draw(1)
    fit = partial_proportional_odds(y, X, [1], names=("skill", "greeted"))
    varying = fit.table[fit.table["column"] == "greeted"]
    np.testing.assert_array_equal(varying["category"], [1, 2, 3])
    assert (varying["low"].to_numpy() < [1.2, 0.3, 0.0]).all()
    assert (varying["high"].to_numpy() > [1.2, 0.3, 0.0]).all()
    assert fit.table["estimate"][0] == pytest.approx(0.7, abs=0.1)
    assert fit.table["category"].isna()[0]
    assert (fit.df, fit.p < 1e-4) == (2, True)
    clustered = partial_proportional_odds(y, X, [1], clusters=branch)
    assert clustered.p < 1e-3
    assert clustered.inference.kind == "CR1"


def test_all_columns_varying_fits_the_shares_of_a_saturated_design() -> None:
    """With one 0/1 column that varies, every threshold's logit is that of its own cell."""
    y, X, _ = draw(2)
    fit = partial_proportional_odds(y, X[:, 1:], [0], errors="model")
    for category in (1, 2, 3):
        shares = [(y[X[:, 1] == g] >= category).mean() for g in (0, 1)]
        row = fit.table[fit.table["category"] == category].iloc[0]
        assert row["estimate"] == pytest.approx(logit(shares[1]) - logit(shares[0]), abs=1e-6)
        binary = hazard(y >= category, X[:, 1:], errors="model")
        assert row["error"] == pytest.approx(binary.inference.errors[1], rel=1e-4)


def test_it_nests_the_ordered_logit() -> None:
    y, X, _ = draw(3)
    fit = partial_proportional_odds(y, X, [0], errors="model")
    nested = ordered_logit(y, X, errors="model")
    assert fit.statistic == pytest.approx(2 * (fit.log_likelihood - nested.log_likelihood))
    assert fit.statistic >= 0
    assert fit.p > 0.01  # x₀ is proportional in truth


def test_gradient_and_average_are_those_of_the_probability() -> None:
    y, X, _ = draw(4, n=600)
    fit = partial_proportional_odds(y, X, [1])
    mean, gradient = fit.average(X, 2)
    assert mean == pytest.approx(fit.probability(X, 2).mean())
    for j in range(len(fit.parameters)):
        step = np.zeros(len(fit.parameters))
        step[j] = 1e-6
        rows = fit._rows(X, 1)
        up, down = (expit(rows @ (fit.parameters + s)).mean() for s in (step, -step))
        assert gradient[j] == pytest.approx((up - down) / 2e-6, abs=1e-7)
    on, off = X.copy(), X.copy()
    on[:, 1], off[:, 1] = 1, 0
    top = average_contrast(fit, off, on, 3)
    bottom = average_contrast(fit, off, on, 1)
    assert bottom.low > 0.05
    assert top.low < 0 < top.high
    forced = ordered_logit(y, X)
    assert average_contrast(forced, off, on, 3).low > top.low  # one slope for all misplaces it


def test_units_do_not_matter() -> None:
    y, X, branch = draw(5, n=800)
    plain = partial_proportional_odds(y, X, [0], clusters=branch)
    moved = partial_proportional_odds(y, X * [60, 1] + np.array([500.0, 3]), [0], clusters=branch)
    varying = plain.table["column"] == "x0"
    np.testing.assert_allclose(
        moved.table["estimate"] * np.where(varying, 60, 1), plain.table["estimate"], rtol=1e-6
    )
    np.testing.assert_allclose(moved.table["p"], plain.table["p"], rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(
        moved.probability(X * [60, 1] + np.array([500.0, 3]), 2), plain.probability(X, 2), rtol=1e-6
    )


def test_hopeless_data_are_refused() -> None:
    y, X, branch = draw(6, n=200)
    with pytest.raises(InputError, match="same value"):
        partial_proportional_odds(np.ones(200), X, [0])
    with pytest.raises(InputError, match="predicted perfectly"):
        partial_proportional_odds(y, np.column_stack([X, y >= 2]), [0])
    silent = np.where((X[:, 1] == 1) & (y == 0), 1, y)  # nobody who was greeted answers 0
    with pytest.raises(InputError, match="predicted perfectly by greeted,"):
        partial_proportional_odds(silent, X, [1], names=("skill", "greeted"))
    with pytest.raises(InputError, match="one cluster"):
        partial_proportional_odds(y, X, [1], clusters=np.zeros(200))
    with pytest.raises(ValueError, match="three categories"):
        partial_proportional_odds(y >= 2, X, [0])
    with pytest.raises(ValueError, match="varying"):
        partial_proportional_odds(y, X, [], clusters=branch)
