from __future__ import annotations

import numpy as np
import pytest

from svcquality.estimators.least_squares import least_squares
from svcquality.estimators.ordered_logit import ordered_logit
from svcquality.estimators.ordered_probit import ordered_probit
from svcquality.estimators.working_response import working_response


def draw(seed: int, categories: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(900, 3))
    latent = X @ np.array([0.8, -0.5, 0.0]) + rng.logistic(size=900)
    cuts = np.quantile(latent, np.arange(1, categories) / categories)
    return np.searchsorted(cuts, latent).astype(float), X


@pytest.mark.parametrize("model", [ordered_logit, ordered_probit])
def test_least_squares_finds_the_maximum_again(model) -> None:
    """With two categories the fit is a fixed point of reweighted least squares."""
    y, X = draw(1, 2)
    fit = model(y, X, errors="model")
    response, weights = working_response(fit, y, X)
    again = least_squares(response, np.column_stack([X, np.ones(900)]), weights=weights)
    assert again.coefficients[:3] == pytest.approx(fit.coefficients, abs=1e-6)


def test_logit_weights_are_those_of_the_textbook() -> None:
    y, X = draw(2, 2)
    fit = ordered_logit(y, X)
    _, weights = working_response(fit, y, X)
    p = fit.probability(X, 1.0)
    assert weights == pytest.approx(p * (1 - p))


def test_five_categories_come_close() -> None:
    y, X = draw(3, 5)
    fit = ordered_logit(y, X, errors="model")
    response, weights = working_response(fit, y, X)
    again = least_squares(response, np.column_stack([X, np.ones(900)]), weights=weights)
    assert np.abs(again.coefficients[:3] - fit.coefficients).max() < 0.3 * fit.inference.errors[0]
    assert weights @ (response - X @ fit.coefficients) ** 2 / 900 == pytest.approx(1, abs=0.1)
