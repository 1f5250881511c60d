from __future__ import annotations

import numpy as np
import pytest

from svcquality.estimators.importance_performance import importance_performance
from svcquality.estimators.kano import penalty_reward
from svcquality.estimators.key_drivers import key_drivers
from svcquality.estimators.least_squares import least_squares
from svcquality.estimators.partialled import net_of


def draw(seed: int, n: int = 500) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    controls = rng.normal(size=(n, 3))
    X = rng.normal(size=(n, 2)) + controls[:, :2]
    return X @ [0.7, -0.4] + controls @ [0.5, 0.2, 0.0] + rng.normal(size=n), X, controls


def test_slopes_and_residuals_are_those_of_the_full_regression() -> None:
    y, X, controls = draw(1)
    net = net_of(np.column_stack([y, X]), controls)
    short = least_squares(net[:, 0], net[:, 1:])
    full = least_squares(y, np.column_stack([np.ones(500), X, controls]))
    np.testing.assert_allclose(short.coefficients, full.coefficients[1:3], atol=1e-10)
    np.testing.assert_allclose(short.residuals, full.residuals, atol=1e-9)


def test_what_the_controls_determine_is_exactly_nothing() -> None:
    y, X, controls = draw(2)
    doubled = np.column_stack([controls, controls[:, 0] + controls[:, 1]])  # one repeats the others
    net = net_of(np.column_stack([y, controls @ [1.0, 2.0, 3.0] + 4]), doubled)
    assert net[:, 1].any() == False  # noqa: E712
    np.testing.assert_allclose(net[:, 0], net_of(y[:, None], controls)[:, 0], atol=1e-9)
    np.testing.assert_allclose(net_of(X, np.empty((500, 0))), X - X.mean(axis=0))


def test_shares_net_of_controls_are_those_with_controls_always_in() -> None:
    y, X, controls = draw(3)
    net = net_of(np.column_stack([y, X]), controls)
    ours = key_drivers(net[:, 0], net[:, 1:], draws=0).table["percent"]
    always_in = key_drivers(y, X, controls=controls, draws=0).table["percent"]
    np.testing.assert_allclose(ours, always_in, atol=1e-8)


def test_a_map_with_controls_keeps_performance_and_nets_importance() -> None:
    y, X, controls = draw(4)
    found = importance_performance(y, X, controls=controls, draws=50).table
    always_in = key_drivers(y, X, controls=controls, draws=0).table["percent"] / 100
    np.testing.assert_allclose(found["importance"], always_in, atol=1e-8)
    np.testing.assert_allclose(found["performance"], X.mean(axis=0))
    assert (found["performance_high"] > found["performance_low"]).all()


def test_penalty_and_reward_with_controls_are_the_full_regression() -> None:
    rng = np.random.default_rng(5)
    branch = rng.integers(20, size=800)
    dummies = (branch[:, None] == np.arange(20)).astype(float)  # with their sum, one too many
    items = rng.integers(1, 6, size=(800, 2)).astype(float)
    y = 0.5 * (items[:, 0] >= 4) - 0.8 * (items[:, 1] <= 2) + rng.normal(size=800) + branch / 10
    found = penalty_reward(y, items, bad=2, good=4, controls=dummies, clusters=branch).table
    low, high = items <= 2, items >= 4
    full = least_squares(y, np.column_stack([low, high, dummies]))
    np.testing.assert_allclose(found["penalty"], full.coefficients[:2], atol=1e-9)
    np.testing.assert_allclose(found["reward"], full.coefficients[2:4], atol=1e-9)


def test_kinds_need_the_side_that_names_them() -> None:
    rng = np.random.default_rng(6)
    items = rng.integers(1, 6, size=(5000, 3)).astype(float)
    bad, good = items <= 2, items >= 4
    # nothing at all; good and bad alike better than a middling one; both ways
    y = 0.6 * bad[:, 1] + 0.9 * good[:, 1] + 0.5 * good[:, 2] - 0.5 * bad[:, 2]
    found = penalty_reward(
        y + rng.normal(0, 0.5, 5000), items, bad=2, good=4, margin=0.2, names=("a", "b", "c")
    ).table.set_index("attribute")
    assert found["kind"].to_dict() == {"a": "indifferent", "b": "open", "c": "performance"}
    assert found["error"].gt(0).all()
    with pytest.raises(ValueError, match="below"):
        penalty_reward(y, items, bad=4, good=4)
