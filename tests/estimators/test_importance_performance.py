from __future__ import annotations

import numpy as np
import pytest

from svcquality.errors import InputError
from svcquality.estimators.importance_performance import QUADRANTS, importance_performance
from svcquality.estimators.key_drivers import key_drivers


def draw(seed: int, n: int = 1200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    branch = rng.integers(40, size=n)
    level = np.array([2.5, 4.0, 2.6, 4.1])
    items = level + rng.normal(size=(n, 4)) + rng.normal(0, 0.2, (40, 4))[branch]
    y = items @ np.array([0.8, 0.8, 0.1, 0.1]) + rng.normal(size=n)
    return y, items, branch


def test_finds_the_four_quadrants() -> None:
    y, items, branch = draw(1)
    found = importance_performance(
        y, items, clusters=branch, names=("queue", "staff", "rooms", "forms"), draws=200
    )
    table = found.table.set_index("item")
    assert table["quadrant"].to_list() == ["concentrate", "keep", "low_priority", "overdone"]
    assert (table["certainty"] > 0.95).all()
    np.testing.assert_allclose(table[list(QUADRANTS)].sum(axis=1), 1)
    np.testing.assert_allclose(table["performance"], items.mean(axis=0))
    assert table["importance"].sum() == pytest.approx(1)
    assert (table["performance_low"] < table["performance"]).all()


def test_importance_is_that_of_the_key_drivers_in_every_draw() -> None:
    y, items, branch = draw(2)
    ours = importance_performance(y, items, clusters=branch, draws=50, seed=3)
    theirs = key_drivers(y, items, clusters=branch, draws=50, seed=3)
    np.testing.assert_allclose(ours.table["importance"], theirs.table["percent"] / 100)
    part = theirs.draws / theirs.draws.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(ours.table["importance_low"], np.quantile(part, 0.025, axis=0))
    assert ours.r2 == pytest.approx(theirs.r2)


def test_error_of_performance_is_that_of_a_clustered_mean() -> None:
    y, items, branch = draw(4)
    found = importance_performance(y, items, clusters=branch, draws=800).table
    by_branch = np.array([items[branch == b, 0].mean() for b in range(40)])
    half = (found["performance_high"] - found["performance_low"])[0] / 2
    assert half == pytest.approx(1.96 * by_branch.std(ddof=1) / np.sqrt(40), rel=0.2)


def test_items_alike_are_not_placed_with_certainty() -> None:
    rng = np.random.default_rng(5)
    items = 3 + rng.normal(size=(150, 3))
    found = importance_performance(items.sum(axis=1) + rng.normal(size=150), items, draws=200)
    assert found.table["certainty"].max() < 0.95


def test_weights_move_the_map_and_hopeless_data_are_refused() -> None:
    y, items, _ = draw(6)
    w = np.where(items[:, 0] > 2.5, 3.0, 1.0)
    found = importance_performance(y, items, weights=w, draws=20)
    assert found.table["performance"][0] == pytest.approx(np.average(items[:, 0], weights=w))
    with pytest.raises(InputError, match="same value"):
        importance_performance(np.ones(1200), items)
    with pytest.raises(ValueError, match="draws"):
        importance_performance(y, items, draws=0)
