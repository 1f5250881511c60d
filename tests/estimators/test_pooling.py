from __future__ import annotations

import numpy as np
import pytest

from svcquality.estimators.pooling import composition, pool


def test_rubins_rules_in_closed_form() -> None:
    """Three estimates 1, 2, 3 with variance 4: T = 4 + 4/3, and Barnard & Rubin's df by hand."""
    pooled = pool(np.array([[1.0], [2.0], [3.0]]), np.full((3, 1, 1), 4.0), 20)
    assert pooled.estimate[0] == 2
    assert pooled.within[0, 0] == 4
    assert pooled.between[0, 0] == 1
    assert pooled.covariance[0, 0] == pytest.approx(16 / 3)
    missing = (4 / 3) / (16 / 3)
    old, observed = 2 / missing**2, 21 / 23 * 20 * (1 - missing)
    assert pooled.df[0] == pytest.approx(1 / (1 / old + 1 / observed))
    assert pooled.measurement[0] == pytest.approx(0.25)
    low, high = pooled.interval()[0]
    assert low + high == pytest.approx(4)
    assert high - low > 2 * 1.96 * np.sqrt(16 / 3)


def test_without_differences_nothing_is_added() -> None:
    same = pool(np.ones((5, 2)), np.tile(np.eye(2), (5, 1, 1)), 30)
    np.testing.assert_array_equal(same.covariance, np.eye(2))
    np.testing.assert_allclose(same.df, 31 / 33 * 30)
    assert np.isinf(pool(np.ones((5, 1)), np.ones((5, 1, 1))).df).all()


def test_restarts_are_nests() -> None:
    """Two restarts at 0 ± 1 and 10 ± 1: T = 1 + 1.5 · 50 + .5 · 2."""
    nested = pool(np.array([[[-1.0], [1.0]], [[9.0], [11.0]]]), np.ones((2, 2, 1, 1)))
    assert nested.estimate[0] == 5
    assert nested.between[0, 0] == 2
    assert nested.between_starts[0, 0] == 50
    assert nested.covariance[0, 0] == pytest.approx(1 + 75 + 1)
    assert nested.df[0] == pytest.approx(1 / ((75 / 77) ** 2 / 1 + (1 / 77) ** 2 / 2))
    assert (nested.starts, nested.draws) == (2, 2)
    assert nested.p[0] > 0.5


def test_composition_is_least_squares_where_nothing_is_doubtful() -> None:
    rng = np.random.default_rng(0)
    X = np.column_stack([np.ones(50), rng.normal(size=50)])
    y = X @ [0.2, 0.1] + rng.normal(size=50) * 0.1
    sure = composition(y, np.tile(y, (4, 1)), X)
    b = np.linalg.lstsq(X, y, rcond=None)[0]
    np.testing.assert_allclose(sure.estimate, b)
    bread = np.linalg.inv(X.T @ X)
    scores = X * (y - X @ b)[:, None]
    np.testing.assert_allclose(sure.covariance, bread @ scores.T @ scores @ bread * 50 / 48)
    doubtful = composition(y, y + rng.normal(size=(40, 50)) * 0.1, X)
    np.testing.assert_allclose(doubtful.estimate, b)  # from the mean: no noise of simulation
    assert (doubtful.errors > 1.2 * sure.errors).all()
    clustered = composition(y, np.tile(y, (4, 1)), X, clusters=np.arange(50) // 5)
    assert (clustered.df < sure.df).all()


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        pool(np.ones((1, 2)), np.ones((1, 2, 2)))
    with pytest.raises(ValueError, match="do not fit"):
        pool(np.ones((3, 2)), np.ones((3, 2)))
