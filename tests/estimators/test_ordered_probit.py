from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr
from statsmodels.miscmodels.ordinal_model import OrderedModel

from svcquality.errors import InputError
from svcquality.estimators.marginal import average_contrast
from svcquality.estimators.ordered_links import LOGIT, PROBIT, Link
from svcquality.estimators.ordered_probit import ordered_probit


def draw(seed: int, n: int = 800) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    branch = rng.integers(40, size=n)
    X = rng.normal(size=(n, 2))
    latent = X @ [0.6, -0.4] + rng.normal(0, 0.4, 40)[branch] + rng.normal(size=n)
    return np.digitize(latent, [-1.2, -0.5, 0.3, 1.2]) + 1.0, X, branch


def test_agrees_with_statsmodels() -> None:
    y, X, branch = draw(1)
    model = OrderedModel(pd.Series(y).astype("category").cat.as_ordered(), X, distr="probit")
    theirs = model.fit(method="newton", disp=False)
    ours = ordered_probit(y, X, errors="model")
    np.testing.assert_allclose(ours.coefficients, theirs.params[:2], rtol=1e-6)
    np.testing.assert_allclose(ours.inference.errors[:2], theirs.bse[:2], rtol=1e-5)
    assert ours.log_likelihood == pytest.approx(theirs.llf, abs=1e-7)
    cluster = model.fit(
        method="newton", disp=False, cov_type="cluster", cov_kwds={"groups": branch}
    )
    found = ordered_probit(y, X, clusters=branch).inference
    np.testing.assert_allclose(found.errors[:2], cluster.bse[:2], rtol=2e-3)


@pytest.mark.parametrize("link", [LOGIT, PROBIT], ids=["logit", "probit"])
def test_derivatives_are_those_of_the_likelihood(link: Link) -> None:
    a = np.array([-30.0, -1, 0.3, 2, 9, np.inf, 0.5])
    b = np.array([-32.0, -np.inf, 0.2, -1, 8, 7, -np.inf])
    h = 1e-5

    def log_p(up: float, low: float) -> np.ndarray:
        return link.pieces(a + up, b + low).log_p

    at = link.pieces(a, b)
    second = {
        "join": (log_p(h, h) - log_p(h, -h) - log_p(-h, h) + log_p(-h, -h)) / (4 * h * h),
    }
    np.testing.assert_allclose(
        at.upper, (log_p(h, 0) - log_p(-h, 0)) / (2 * h), rtol=1e-5, atol=1e-7
    )
    np.testing.assert_allclose(
        at.lower, -(log_p(0, h) - log_p(0, -h)) / (2 * h), rtol=1e-5, atol=1e-7
    )
    np.testing.assert_allclose(
        at.slope, -(log_p(h, h) - log_p(-h, -h)) / (2 * h), rtol=1e-5, atol=1e-7
    )
    np.testing.assert_allclose(at.join, second["join"], rtol=1e-3, atol=1e-3)
    up, down = link.pieces(a + h, b + h), link.pieces(a - h, b - h)
    np.testing.assert_allclose(
        at.upper_weight, -(up.upper - down.upper) / (2 * h), rtol=1e-4, atol=1e-6
    )
    np.testing.assert_allclose(
        at.lower_weight, (up.lower - down.lower) / (2 * h), rtol=1e-4, atol=1e-6
    )


def test_far_tails_stay_finite() -> None:
    at = PROBIT.pieces(np.array([-38.0, 40, np.inf]), np.array([-39.0, 39, 38]))
    assert all(np.isfinite(piece).all() for piece in at)
    assert at.log_p[2] == pytest.approx(-726.5572, abs=1e-3)


def test_two_categories_are_the_binary_probit() -> None:
    y, X, _ = draw(2)
    fit = ordered_probit(y >= 3, X, errors="model")
    p = ndtr(X @ fit.coefficients - fit.thresholds[0])
    np.testing.assert_allclose(fit.probability(X, 1), p)
    change = average_contrast(fit, X, X + np.array([1.0, 0.0]), 1)
    assert change.estimate == pytest.approx(
        (fit.probability(X + np.array([1.0, 0.0]), 1) - p).mean()
    )
    assert change.low < change.estimate < change.high


def test_separation_is_refused() -> None:
    y, X, _ = draw(3, n=200)
    with pytest.raises(InputError, match="predicted perfectly by wait"):
        ordered_probit(y, np.column_stack([X, y >= 3]), names=("a", "b", "wait"))
