from __future__ import annotations

import numpy as np
import pytest

from svcquality.estimators.key_drivers import key_drivers
from svcquality.estimators.leading import leading

NAMES = ("a", "b", "c", "d")


def draws(seed: int, centre: np.ndarray, error: float, n: int = 2000) -> np.ndarray:
    return centre + error * np.random.default_rng(seed).normal(size=(n, len(centre)))


def test_reach_is_that_of_the_largest_difference() -> None:
    values = np.array([0.5, 0.1, 0.1, 0.1])
    found = leading(values, draws(1, values, 0.02), NAMES)
    rivals = found.rivals
    assert found.name == "a" and found.alone and found.set == ("a",)
    assert rivals["name"].tolist() == ["b", "c", "d"]
    np.testing.assert_allclose(rivals["difference"], 0.4)
    # Dunnett's two-sided 5% point for three comparisons, correlation .5, is 2.35 (infinite df).
    half = (rivals["high"] - rivals["low"]) / 2
    np.testing.assert_allclose(half, 2.35 * 0.02 * np.sqrt(2), rtol=0.06)


def test_all_that_may_be_the_largest_are_named_the_observed_first() -> None:
    values = np.array([0.30, 0.31, 0.05, 0.04])
    found = leading(values, draws(2, values, 0.02), NAMES)
    assert found.set == ("b", "a") and not found.alone


def test_few_clusters_widen_and_bad_draws_are_left_out() -> None:
    values = np.array([0.5, 0.3])
    drawn = draws(3, values, 0.05)
    wide = leading(values, drawn, NAMES[:2], clusters=5).rivals
    plain = leading(values, drawn, NAMES[:2]).rivals
    ratio = (wide["high"] - wide["low"]) / (plain["high"] - plain["low"])
    assert ratio[0] == pytest.approx(2.776 / 1.960 * np.sqrt(5 / 4), rel=1e-3)
    holed = np.vstack([drawn, [np.nan, 0.1]])
    assert leading(values, holed, NAMES[:2]).rivals.equals(plain)


def test_no_spread_is_no_doubt() -> None:
    values = np.array([0.6, 0.4])
    found = leading(values, np.tile(values, (10, 1)), NAMES[:2])
    assert found.alone and found.rivals["low"][0] == pytest.approx(0.2)


def test_too_little_to_compare() -> None:
    with pytest.raises(ValueError, match="two values"):
        leading(np.array([1.0]), np.ones((10, 1)), ("a",))
    with pytest.raises(ValueError, match="two values"):
        leading(np.array([1.0, 2.0]), np.full((10, 2), np.nan), NAMES[:2])


@pytest.mark.recovery
def test_of_two_equal_drivers_one_is_seldom_named_alone() -> None:
    alone = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        branch = rng.integers(12, size=400)
        X = rng.normal(size=(400, 3)) + 0.3 * rng.normal(size=(12, 3))[branch]
        y = X[:, 0] + X[:, 1] + rng.normal(size=400) + 0.3 * rng.normal(size=12)[branch]
        found = key_drivers(y, X, clusters=branch, draws=200, seed=seed)
        part = found.draws / found.draws.sum(axis=1, keepdims=True)
        share = found.table["percent"].to_numpy() / 100
        alone += leading(share, part, ("a", "b", "c"), clusters=found.clusters).alone
    assert alone <= 8
