from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from svcquality.errors import InputError
from svcquality.estimators.marginal import average_change, average_contrast, average_level
from svcquality.estimators.ordered_logit import ordered_logit
from svcquality.estimators.proportional_odds import brant_test


def draw(
    seed: int, n: int = 800, beta: tuple[float, ...] = (0.8, -0.5), groups: int = 40
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answers 1 to 5 with a branch's own mood that the model does not know."""
    rng = np.random.default_rng(seed)
    branch = rng.integers(groups, size=n)
    mood = rng.normal(0, 0.7, groups)[branch]
    X = rng.normal(size=(n, len(beta)))
    X[:, -1] = (X[:, -1] > 0.3).astype(float)
    latent = X @ np.array(beta) + mood + logit(rng.uniform(size=n))
    return np.digitize(latent, [-2.0, -0.8, 0.5, 2.0]) + 1.0, X, branch


def test_agrees_with_statsmodels() -> None:
    y, X, branch = draw(1)
    ours = ordered_logit(y, X, errors="model")
    theirs = OrderedModel(pd.Series(y).astype("category").cat.as_ordered(), X, distr="logit")
    fitted = theirs.fit(method="newton", disp=False)
    np.testing.assert_allclose(ours.coefficients, fitted.params[:2], rtol=1e-6)
    np.testing.assert_allclose(ours.inference.errors[:2], fitted.bse[:2], rtol=1e-5)
    assert ours.log_likelihood == pytest.approx(fitted.llf, abs=1e-7)
    cluster = theirs.fit(
        method="newton", disp=False, cov_type="cluster", cov_kwds={"groups": branch}
    )
    found = ordered_logit(y, X, clusters=branch).inference
    np.testing.assert_allclose(found.errors[:2], cluster.bse[:2], rtol=2e-3)
    assert (found.kind, found.clusters, found.df) == ("CR1", 40, 39)


def test_error_of_a_contrast_is_that_of_the_bootstrap() -> None:
    y, X, branch = draw(2, n=500, groups=50)
    fit = ordered_logit(y, X, clusters=branch)
    more = X + np.array([1.0, 0.0])
    ours = average_contrast(fit, X, more, 4)
    rng = np.random.default_rng(3)
    members = [np.flatnonzero(branch == b) for b in range(50)]
    drawn = []
    for _ in range(200):
        rows = np.concatenate([members[b] for b in rng.integers(50, size=50)])
        # The rows averaged over stay the sample's: the error is that of the model alone.
        again = ordered_logit(y[rows], X[rows], errors="model")
        drawn.append((again.probability(more, 4) - again.probability(X, 4)).mean())
    assert ours.error == pytest.approx(np.std(drawn), rel=0.2)
    assert ours.low < np.mean(drawn) < ours.high


def test_numeric_gradient_of_an_average() -> None:
    y, X, _ = draw(4, n=300)
    fit = ordered_logit(y, X)
    _, gradient = fit.average(X, 4)
    theta = np.concatenate([fit.coefficients, fit.thresholds])
    for j in range(len(theta)):
        up, down = theta.copy(), theta.copy()
        up[j] += 1e-6
        down[j] -= 1e-6
        p = [1 / (1 + np.exp(t[2 + 2] - X @ t[:2])) for t in (up, down)]
        assert gradient[j] == pytest.approx((p[0].mean() - p[1].mean()) / 2e-6, abs=1e-7)


def test_changes_of_columns_are_the_same_as_two_matrices() -> None:
    y, X, _ = draw(5)
    fit = ordered_logit(y, X)
    off, on = X.copy(), X.copy()
    off[:, 1], on[:, 1] = 0.0, 1.0
    assert average_change(fit, X, {1: 0.0}, {1: 1.0}, 4) == average_contrast(fit, off, on, 4)
    change = (
        average_level(fit, X, {1: 1.0}, 4).estimate - average_level(fit, X, {1: 0.0}, 4).estimate
    )
    assert change == pytest.approx(average_contrast(fit, off, on, 4).estimate)


def test_an_average_of_observed_rows_is_the_observed_share() -> None:
    y, X, _ = draw(6)
    binary = (y >= 4).astype(float)
    fit = ordered_logit(binary, X)
    assert average_level(fit, X, {}, 1).estimate == pytest.approx(binary.mean(), abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(
    scale=st.floats(1e-4, 1e4), shift=st.floats(-1e3, 1e3), stretch=st.floats(0.5, 20),
)  # fmt: skip
def test_units_do_not_matter(scale: float, shift: float, stretch: float) -> None:
    y, X, branch = draw(7, n=300)
    plain = ordered_logit(y, X, clusters=branch)
    moved = ordered_logit(
        stretch * y - 3, X * [scale, 1.0] + np.array([shift, 0.0]), clusters=branch
    )
    np.testing.assert_allclose(moved.coefficients * [scale, 1.0], plain.coefficients, rtol=1e-5)
    assert moved.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)
    before = average_change(plain, X, {1: 0.0}, {1: 1.0}, 4)
    Z = X * [scale, 1.0] + np.array([shift, 0.0])
    after = average_change(moved, Z, {1: 0.0}, {1: 1.0}, stretch * 4 - 3)
    assert after.estimate == pytest.approx(before.estimate, rel=1e-5)
    assert after.error == pytest.approx(before.error, rel=1e-4)


def test_hopeless_data_are_refused_with_a_reason() -> None:
    y, X, _ = draw(8, n=200)
    with pytest.raises(InputError, match="same value"):
        ordered_logit(np.ones(200), X)
    with pytest.raises(InputError, match="wait"):
        ordered_logit(y, np.column_stack([X, y >= 3]), names=("a", "b", "wait"))
    rare = np.zeros(200)
    rare[np.flatnonzero(y == 5)[:4]] = 1  # four answers, all the best: quasi-separation
    with pytest.raises(InputError, match="rare"):
        ordered_logit(y, np.column_stack([X, rare]), names=("a", "b", "rare"))
    with pytest.raises(InputError, match="repeat each other"):
        ordered_logit(y, np.column_stack([X, X[:, 0] * 3 + 1]))
    with pytest.raises(InputError, match="one cluster"):
        ordered_logit(y, X, clusters=np.repeat("only", 200))


def test_near_repetition_is_not_taken_for_separation() -> None:
    y, X, _ = draw(11)
    rng = np.random.default_rng(11)
    twin = X[:, 0] + rng.normal(0, 1e-4, len(X))  # an error of hundreds, yet finite
    fit = ordered_logit(y, np.column_stack([X, twin]), errors="model")
    assert fit.inference.errors[0] > 100
    assert fit.coefficients[0] + fit.coefficients[2] == pytest.approx(
        ordered_logit(y, X).coefficients[0], abs=0.05
    )


def test_brant_test_sees_a_slope_that_changes_and_keeps_its_level() -> None:
    rng = np.random.default_rng(9)
    x = rng.normal(size=(1500, 1))
    branch = np.repeat(np.arange(50), 30)
    latent = x[:, 0] * 0.8 + logit(rng.uniform(size=1500))
    fair = np.digitize(latent, [-1, 0, 1])
    assert brant_test(fair, x).p > 0.05
    assert brant_test(fair, x, clusters=branch).p > 0.05
    # The top answer does not depend on x at all.
    bent = np.where(rng.uniform(size=1500) < 0.2, 3, np.minimum(fair, 2))
    assert brant_test(bent, x).p < 1e-4
    assert brant_test(bent, x, clusters=branch).p < 1e-3


@pytest.mark.recovery
def test_clustered_intervals_cover() -> None:
    """The interval of a branch-level exposure covers although branches have moods of their own."""
    covered = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        branch = np.repeat(np.arange(40), 20)
        trained = (np.arange(40) % 2)[branch].astype(float)
        latent = 0.5 * trained + rng.normal(0, 0.6, 40)[branch] + logit(rng.uniform(size=800))
        y = np.digitize(latent, [-1.0, 0.0, 1.0])
        fit = ordered_logit(y, trained[:, None], clusters=branch)
        naive = ordered_logit(y, trained[:, None], errors="model")
        covered.append(
            [abs(f.coefficients[0] - 0.46) < 2.02 * f.inference.errors[0] for f in (fit, naive)]
        )
    ours, theirs = np.mean(covered, axis=0)
    assert ours >= 0.88
    assert theirs < ours


def test_ninety_columns_of_six_thousand_answers_take_a_moment() -> None:
    rng = np.random.default_rng(10)
    branch, month = rng.integers(60, size=6000), rng.integers(25, size=6000)
    X = np.column_stack(
        [
            rng.normal(size=(6000, 5)),
            pd.get_dummies(branch).iloc[:, 1:],
            pd.get_dummies(month).iloc[:, 1:],
        ]
    ).astype(float)
    latent = X[:, 0] + logit(rng.uniform(size=6000))
    start = time.perf_counter()
    fit = ordered_logit(np.digitize(latent, [-2, -1, 0, 1.5]), X, clusters=branch)
    assert time.perf_counter() - start < 5  # about 0.2 s alone; the machine may be busy
    assert fit.coefficients[0] == pytest.approx(1.0, abs=0.1)
