from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from svcquality.errors import InputError
from svcquality.estimators.clustered import sandwich
from svcquality.estimators.least_squares import least_squares
from svcquality.estimators.ordered_logit import ordered_logit, restricted_scores
from svcquality.estimators.wild_bootstrap import score_cluster_bootstrap, wild_cluster_bootstrap


def draw(
    seed: int, groups: int = 8, each: int = 25, effect: float = 0.4
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A branch-level exposure and branches with moods of their own."""
    rng = np.random.default_rng(seed)
    branch = np.repeat(np.arange(groups), each)
    x = rng.normal(size=groups)[branch]
    w = rng.normal(size=groups * each)
    y = effect * x + 0.5 * w + rng.normal(0, 0.5, groups)[branch] + rng.normal(size=len(w))
    return y, np.column_stack([np.ones(len(w)), x, w]), branch


def t_statistic(y: np.ndarray, X: np.ndarray, column: int, branch: np.ndarray, b: float) -> float:
    fit = least_squares(y, X)
    error = sandwich(fit.bread, [fit.scores], fit.n, branch).errors[column]
    return float((fit.coefficients[column] - b) / error)


@pytest.mark.parametrize("null", [0.0, 0.3])
def test_all_sign_patterns_agree_with_refitting_every_sample(null: float) -> None:
    y, X, branch = draw(1)
    found = wild_cluster_bootstrap(y, X, 1, branch, null=null, weights="rademacher", draws=500)
    restricted = least_squares(y - null * X[:, 1], X[:, [0, 2]])
    base = y - restricted.residuals
    t = t_statistic(y, X, 1, branch, null)
    drawn = [
        t_statistic(base + restricted.residuals * np.array(v)[branch], X, 1, branch, null)
        for v in product((-1.0, 1.0), repeat=8)
    ]
    assert found.enumerated
    assert found.draws == 256
    assert found.t == pytest.approx(t)
    assert found.p == pytest.approx(np.mean(np.abs(drawn) >= abs(t) * (1 - 1e-9)))


def test_the_interval_holds_what_the_test_does_not_reject() -> None:
    y, X, branch = draw(2, groups=15)
    found = wild_cluster_bootstrap(y, X, 1, branch, draws=1999, seed=3)
    assert found.low < found.estimate < found.high
    for b, inside in (
        (found.low + 1e-3, True), (found.low - 1e-3, False),
        (found.high - 1e-3, True), (found.high + 1e-3, False),
    ):  # fmt: skip
        p = wild_cluster_bootstrap(y, X, 1, branch, null=b, draws=1999, seed=3, interval=False).p
        assert (p > 0.05) == inside


def test_many_clusters_give_the_t_test() -> None:
    y, X, branch = draw(3, groups=200, each=5, effect=0.1)
    found = wild_cluster_bootstrap(y, X, 2, branch, null=0.48, draws=4999)
    p = 2 * stats.t.sf(abs(found.t), 199)
    assert found.p == pytest.approx(p, abs=0.03)
    fit = least_squares(y, X)
    error = sandwich(fit.bread, [fit.scores], fit.n, branch).errors[2]
    assert found.high - found.low == pytest.approx(2 * 1.97 * error, rel=0.05)


def test_webb_weights_where_signs_are_too_few() -> None:
    y, X, branch = draw(4, groups=6, effect=1.5)
    webb = wild_cluster_bootstrap(y, X, 1, branch, draws=999)
    assert (webb.weights, webb.enumerated) == ("webb", False)
    signs = wild_cluster_bootstrap(y, X, 1, branch, draws=999, weights="rademacher")
    assert signs.draws == 64
    # Two of 64 patterns always tie with the sample: no two-sided p below 1/32.
    assert signs.p >= 1 / 32
    again = wild_cluster_bootstrap(y, X, 1, branch, draws=999)
    assert again == webb


def test_five_clusters_of_signs_can_never_reject() -> None:
    y, X, branch = draw(5, groups=5, effect=0.0)
    found = wild_cluster_bootstrap(y, X, 1, branch, weights="rademacher")
    assert (found.low, found.high) == (-np.inf, np.inf)


def test_restricted_scores_vanish_where_nothing_is_held_back() -> None:
    y, X, _ = draw(6)
    answers = np.digitize(y, [-1, 0, 1])
    fit = ordered_logit(answers, X[:, 1:])
    scores, bread = restricted_scores(answers, X[:, 1:], 0, fit.coefficients[0])
    np.testing.assert_allclose(scores.sum(axis=0), 0, atol=1e-6)
    model = ordered_logit(answers, X[:, 1:], errors="model").inference.covariance
    np.testing.assert_allclose(bread[:2, :2], model[:2, :2], rtol=1e-6)
    scores, _ = restricted_scores(answers, X[:, 1:], 0, 0.0)
    assert abs(scores[:, 0].sum()) > 1
    np.testing.assert_allclose(scores[:, 1:].sum(axis=0), 0, atol=1e-6)


def test_score_bootstrap_of_an_ordered_logit() -> None:
    y, X, branch = draw(7, groups=60, each=10, effect=0.0)
    answers = np.digitize(y, [-1, 0, 1])
    fit = ordered_logit(answers, X[:, 1:], clusters=branch)
    found = score_cluster_bootstrap(answers, X[:, 1:], 0, branch, draws=1999)
    wald = 2 * stats.t.sf(abs(fit.coefficients[0] / fit.inference.errors[0]), 59)
    assert found.p == pytest.approx(wald, abs=0.1)
    reach = 2.0 * fit.inference.errors[0]
    assert found.low == pytest.approx(fit.coefficients[0] - reach, abs=0.35 * reach)
    assert found.high == pytest.approx(fit.coefficients[0] + reach, abs=0.35 * reach)


@pytest.mark.recovery
def test_few_clusters_keep_their_level_where_the_clustered_error_does_not() -> None:
    """Ten branches of unequal size, three of them treated."""
    rejected = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        branch = np.repeat(np.arange(10), np.arange(10, 60, 5))
        treated = (branch % 3 == 0).astype(float)
        y = rng.normal(0, 0.7, 10)[branch] + rng.normal(size=len(branch))
        X = np.column_stack([np.ones(len(y)), treated])
        found = wild_cluster_bootstrap(y, X, 1, branch, draws=399, interval=False, seed=seed)
        plain = 2 * stats.t.sf(abs(found.t), 9)
        rejected.append([found.p <= 0.05, plain <= 0.05])
    ours, naive = np.mean(rejected, axis=0)
    assert ours <= 0.085
    assert naive > ours


def test_bad_input_is_refused() -> None:
    y, X, branch = draw(8)
    with pytest.raises(InputError, match="one cluster"):
        wild_cluster_bootstrap(y, X, 1, np.zeros(len(y)))
    with pytest.raises(InputError, match="same value"):
        score_cluster_bootstrap(np.ones(len(y)), X[:, 1:], 0, branch)
    with pytest.raises(ValueError, match="weights"):
        wild_cluster_bootstrap(y, X, 1, branch, weights="normal")  # type: ignore[arg-type]
