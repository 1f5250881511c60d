from __future__ import annotations

import time
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.estimators.key_drivers import MOST_DRIVERS, key_drivers


def draw(seed: int, n: int = 300, k: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, k)) + rng.normal(size=(n, 1))
    return X @ np.linspace(1, 0, k) + rng.normal(size=n), X


def r2(y: np.ndarray, X: np.ndarray, columns: list[int]) -> float:
    Z = np.column_stack([np.ones(len(y)), X[:, columns]])
    residual = y - Z @ np.linalg.lstsq(Z, y, rcond=None)[0]
    return 1 - residual @ residual / ((y - y.mean()) ** 2).sum()


def test_shares_are_the_average_gain_over_all_orders() -> None:
    y, X = draw(1)
    gains = np.zeros(4)
    for order in permutations(range(4)):
        for place, j in enumerate(order):
            gains[j] += r2(y, X, [*order[: place + 1]]) - r2(y, X, [*order[:place]])
    found = key_drivers(y, X, draws=0)
    np.testing.assert_allclose(found.table["share"], gains / 24, atol=1e-12)
    assert found.r2 == pytest.approx(r2(y, X, [0, 1, 2, 3]))
    assert found.table["low"].isna().all()


def test_two_drivers_have_a_closed_form_and_uncorrelated_ones_their_own_r2() -> None:
    y, X = draw(2, k=2)
    r1, r2_ = (np.corrcoef(y, x)[0, 1] ** 2 for x in X.T)
    full = r2(y, X, [0, 1])
    np.testing.assert_allclose(
        key_drivers(y, X, draws=0).table["share"],
        [(r1 + full - r2_) / 2, (r2_ + full - r1) / 2],
    )
    Q = np.linalg.qr(np.column_stack([np.ones(len(y)), X]))[0][:, 1:]
    np.testing.assert_allclose(
        key_drivers(y, Q, draws=0).table["share"], [np.corrcoef(y, q)[0, 1] ** 2 for q in Q.T]
    )


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(4)), st.floats(0.01, 100), st.floats(-50, 50))
def test_order_and_units_do_not_matter(order: list[int], scale: float, shift: float) -> None:
    y, X = draw(3)
    plain = key_drivers(y, X, draws=0).table["share"].to_numpy()
    moved = key_drivers(scale * y, X[:, order] * scale + shift, draws=0).table["share"].to_numpy()
    np.testing.assert_allclose(moved, plain[order], atol=1e-9)


def test_a_repeated_column_halves_the_share_and_a_group_enters_at_once() -> None:
    y, X = draw(4, k=2)
    alone = key_drivers(y, X[:, :1], draws=0)
    twice = key_drivers(y, X[:, [0, 0]], draws=0)
    np.testing.assert_allclose(twice.table["share"], alone.r2 / 2)
    joined = key_drivers(
        y, np.column_stack([X, X[:, 0] ** 2]), drivers={"a": [0, 2], "b": [1]}, draws=0
    )
    Z = np.column_stack([X, X[:, 0] ** 2])
    share_a = (r2(y, Z, [0, 2]) + r2(y, Z, [0, 1, 2]) - r2(y, Z, [1])) / 2
    assert joined.table["share"][0] == pytest.approx(share_a)


def test_controls_are_always_in() -> None:
    y, X = draw(5)
    found = key_drivers(y, X[:, 1:], controls=X[:, :1], draws=0)
    assert found.r2_controls == pytest.approx(r2(y, X, [0]))
    assert found.r2 == pytest.approx(r2(y, X, [0, 1, 2, 3]) - r2(y, X, [0]))


def test_weights_are_repetitions() -> None:
    y, X = draw(6)
    w = np.random.default_rng(6).integers(1, 4, size=len(y))
    repeated = key_drivers(np.repeat(y, w), np.repeat(X, w, axis=0), draws=0)
    np.testing.assert_allclose(
        key_drivers(y, X, weights=w, draws=0).table["share"], repeated.table["share"]
    )


def test_clusters_of_one_row_are_rows_and_whole_clusters_are_less_sure() -> None:
    rng = np.random.default_rng(7)
    branch = np.repeat(np.arange(30), 20)
    shared = rng.normal(size=(30, 2))[branch]
    y = shared[:, 0] + rng.normal(0, 0.3, 30)[branch] + rng.normal(size=600)
    by_row = key_drivers(y, shared, draws=400, seed=1)
    by_one = key_drivers(y, shared, clusters=np.arange(600), draws=400, seed=1)
    by_branch = key_drivers(y, shared, clusters=branch, draws=400, seed=1)
    width = [(f.table["high"] - f.table["low"])[0] for f in (by_row, by_one, by_branch)]
    assert width[1] == pytest.approx(width[0], rel=0.15)
    assert width[2] > 1.5 * width[0]
    assert by_branch.clusters == 30
    again = key_drivers(y, shared, clusters=branch, draws=400, seed=1)
    np.testing.assert_array_equal(again.draws, by_branch.draws)


def test_near_equal_drivers_are_not_ranked_with_confidence() -> None:
    rng = np.random.default_rng(8)
    X = rng.normal(size=(200, 3))
    found = key_drivers(X[:, 0] + X[:, 1] + rng.normal(size=200), X, draws=300)
    assert found.table["first"][:2].between(0.02, 0.98).all()
    assert found.table["rank_low"][2] == found.table["rank_high"][2] == 3
    _, low, high = found.difference("x0", "x1")
    assert low < 0 < high
    assert found.difference("x0", "x2")[1] > 0


@pytest.mark.recovery
def test_intervals_cover_the_population_share() -> None:
    truth = 1 / 3  # y = x0 + x1 + e, all independent with variance 1
    held = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(250, 2))
        table = key_drivers(X.sum(axis=1) + rng.normal(size=250), X, draws=200, seed=seed).table
        held.append(table["low"][0] <= truth <= table["high"][0])
    assert np.mean(held) >= 0.88


def test_twelve_drivers_and_five_hundred_draws_take_less_than_ten_seconds() -> None:
    y, X = draw(9, n=6000, k=12)
    start = time.perf_counter()
    found = key_drivers(y, X, clusters=np.arange(6000) % 60, draws=500)
    assert time.perf_counter() - start < 10  # with compilation, where the cache is cold
    np.testing.assert_allclose(found.draws.sum(axis=1).mean(), found.r2, atol=0.03)


def test_hopeless_data_are_refused() -> None:
    y, X = draw(10)
    with pytest.raises(InputError, match="same value"):
        key_drivers(np.ones(300), X)
    with pytest.raises(InputError, match="same value"):
        key_drivers(y, np.column_stack([X, np.ones(300)]))
    with pytest.raises(InputError, match="too few"):
        key_drivers(y[:4], X[:4])
    with pytest.raises(InputError, match="one cluster"):
        key_drivers(y, X, clusters=np.zeros(300))
    with pytest.raises(InputError, match="drivers"):
        key_drivers(y, np.random.default_rng(1).normal(size=(300, MOST_DRIVERS + 1)))
    with pytest.raises(ValueError, match="one driver only"):
        key_drivers(y, X, drivers={"a": [0, 1], "b": [1]})
