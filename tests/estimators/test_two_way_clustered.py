from __future__ import annotations

import numpy as np
import pytest

from svcquality.errors import InputError
from svcquality.estimators.clustered import sandwich
from svcquality.estimators.least_squares import LeastSquares, least_squares
from svcquality.estimators.two_way_clustered import two_way_sandwich


def draw(seed: int = 1, n: int = 600) -> tuple[LeastSquares, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    branch, month = rng.integers(25, size=n), rng.integers(12, size=n)
    x = rng.normal(size=25)[branch] + rng.normal(size=12)[month] + rng.normal(size=n)
    y = x + rng.normal(size=25)[branch] + rng.normal(size=12)[month] + rng.normal(size=n)
    return least_squares(y, np.column_stack([np.ones(n), x])), branch, month


def test_the_same_clusters_twice_are_one_way() -> None:
    fit, branch, _ = draw()
    one = sandwich(fit.bread, [fit.scores], fit.n, branch)
    two = two_way_sandwich(fit.bread, fit.scores, branch, branch)
    np.testing.assert_allclose(two.covariance, one.covariance)
    assert (two.df, two.clusters) == (24, 25)


def test_it_is_the_sum_of_both_minus_that_of_the_pairs() -> None:
    fit, branch, month = draw()
    pair = branch * 100 + month
    groups = [len(np.unique(c)) for c in (branch, month, pair)]
    parts = [sandwich(fit.bread, [fit.scores], fit.n, c).covariance for c in (branch, month, pair)]
    components = two_way_sandwich(fit.bread, fit.scores, branch, month)
    np.testing.assert_allclose(components.covariance, parts[0] + parts[1] - parts[2])
    bare = [V * (g - 1) / g for V, g in zip(parts, groups, strict=True)]
    smallest = two_way_sandwich(fit.bread, fit.scores, month, branch, convention="smallest")
    np.testing.assert_allclose(smallest.covariance, (bare[0] + bare[1] - bare[2]) * 12 / 11)
    assert "components" in components.kind
    assert "smallest" in smallest.kind
    assert components.df == 11


def test_a_negative_variance_is_set_to_zero_and_said() -> None:
    """Scores that cancel within rows and within columns: V₁ = V₂ = 0, so V = −V₁₂."""
    first, second = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    found = two_way_sandwich(np.eye(1), np.array([[1.0], [-1], [-1], [1]]), first, second)
    assert found.covariance[0, 0] == 0
    assert "negative eigenvalues" in found.kind


def test_one_cluster_and_unknown_conventions_are_refused() -> None:
    fit, branch, _ = draw()
    with pytest.raises(InputError, match="one cluster"):
        two_way_sandwich(fit.bread, fit.scores, branch, np.zeros(fit.n))
    with pytest.raises(ValueError, match="convention"):
        two_way_sandwich(fit.bread, fit.scores, branch, branch, convention="other")  # type: ignore[arg-type]
