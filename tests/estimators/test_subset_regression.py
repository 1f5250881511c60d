from __future__ import annotations

import numpy as np
import pytest

from svcquality.errors import InputError
from svcquality.estimators.linear import linear_model
from svcquality.estimators.subset_regression import SubsetRegression


def data(seed: int, n: int = 700) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    branch = rng.integers(15, size=n)
    X = np.column_stack([rng.gamma(2, 9, n), 100 + rng.normal(size=(n, 3)), np.eye(15)[branch]])
    y = (0.02 * X[:, 0] + 0.3 * X[:, 1] + rng.normal(size=n) > 30.5).astype(float)
    return y, X, branch, rng.uniform(0.3, 2, n)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("clustered", [False, True])
def test_it_is_the_linear_model_on_any_rows_and_columns(weighted: bool, clustered: bool) -> None:
    y, X, branch, w = data(1)
    clusters, weights = (branch if clustered else None), (w if weighted else None)
    for kept in (np.ones(700, dtype=bool), np.arange(700) % 3 > 0):
        ready = SubsetRegression.of(
            y, [X[:, :2], X[:, 2:]], kept=kept, clusters=clusters, weights=weights
        )
        for held in ([1], [1, 2, 3], list(range(1, 18))):
            found = ready.contrast([0], held, np.array([10.0]))
            plain = linear_model(
                y[kept],
                X[np.ix_(kept, [*held, 0])],
                clusters=None if clusters is None else clusters[kept],
                weights=None if weights is None else weights[kept],
            )
            assert found.estimate == pytest.approx(10 * plain.coefficients[-1], rel=1e-8)
            assert found.error == pytest.approx(10 * plain.inference.errors[-1], rel=1e-8)
            assert found.df == plain.inference.df


def test_columns_that_repeat_others_are_passed_over() -> None:
    y, X, branch, _ = data(2)
    ready = SubsetRegression.of(y, [X], clusters=branch)
    once = ready.contrast([0], range(1, 18), np.array([1.0]))
    assert ready.contrast([0], [*range(1, 19), 1], np.array([1.0])) == once  # the 15th branch


def test_another_outcome_needs_no_other_cross_products() -> None:
    y, X, branch, w = data(4)
    kept = np.arange(700) % 4 > 0
    options = {"kept": kept, "clusters": branch, "weights": w}
    other = X[:, 0] * (1 - y) + np.arange(700) % 7
    anew = SubsetRegression.of(other, [X], **options).contrast([0], range(1, 18), np.ones(1))
    again = SubsetRegression.of(y, [X], **options).with_outcome(other)
    found = again.contrast([0], range(1, 18), np.ones(1))
    assert found.estimate == pytest.approx(anew.estimate, rel=1e-9)
    assert found.error == pytest.approx(anew.error, rel=1e-9)


def test_an_exposure_that_the_rest_determines_is_refused() -> None:
    y, X, _, _ = data(3)
    ready = SubsetRegression.of(y, [X, 2 * X[:, [0]] - X[:, [1]], np.full((700, 1), 7.3)])
    with pytest.raises(InputError, match="does not vary"):
        ready.contrast([19], [0, 1], np.array([1.0]))
    with pytest.raises(InputError, match="does not vary"):
        ready.contrast([20], [0], np.array([1.0]))
