from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.sandbox.regression.gmm import IV2SLS

from svcquality.errors import InputError
from svcquality.estimators.absorb import absorb
from svcquality.estimators.clustered import sandwich
from svcquality.estimators.instrument import instrumented_effect
from svcquality.estimators.least_squares import least_squares


def draw(
    seed: int, n: int = 500, strength: float = 0.8, m: int = 1, effect: float = -0.5
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A busy day (u) makes waits long and customers cross: least squares is biased downwards."""
    rng = np.random.default_rng(seed)
    branch = rng.integers(50, size=n)
    u, w = rng.normal(size=(2, n))
    Z = rng.normal(size=(n, m)) + rng.normal(0, 0.5, (50, m))[branch]
    x = strength * Z.sum(axis=1) / np.sqrt(m) + u + 0.3 * w + rng.normal(size=n)
    y = effect * x - u + w + rng.normal(0, 0.3, 50)[branch] + rng.normal(size=n)
    return y, x, Z, w[:, None], branch


def test_one_instrument_is_the_ratio_of_two_slopes() -> None:
    y, x, Z, W, branch = draw(1)
    found = instrumented_effect(y, x, Z, W, clusters=branch)
    design = np.column_stack([Z, np.ones(500), W])
    reduced, first = least_squares(y, design), least_squares(x, design)
    ratio = reduced.coefficients[0] / first.coefficients[0]
    assert found.effect.estimate == pytest.approx(ratio)
    # The delta-method error of that ratio is the same sandwich.
    influence = (reduced.scores - ratio * first.scores) @ first.bread[:, 0] / first.coefficients[0]
    error = sandwich(np.eye(1), [influence[:, None]], 500, branch).errors[0]
    assert found.effect.error == pytest.approx(error * np.sqrt(499 / 497))
    t = first.coefficients[0] / sandwich(first.bread, [first.scores], 500, branch).errors[0]
    assert found.effective_f == pytest.approx(t**2)
    assert found.critical_f == pytest.approx(23.1, abs=0.05)  # Montiel Olea & Pflueger, table 1


def test_agrees_with_statsmodels_for_three_instruments() -> None:
    y, x, Z, W, _ = draw(2, m=3)
    exogenous = np.column_stack([np.ones(500), W])
    theirs = IV2SLS(y, np.column_stack([x, exogenous]), np.column_stack([Z, exogenous])).fit()
    found = instrumented_effect(y, x, Z, W)
    assert found.effect.estimate == pytest.approx(theirs.params[0])
    assert found.effect.error == pytest.approx(theirs.bse[0], rel=0.1)  # classical against HC1
    assert found.plain.estimate < found.effect.estimate - 0.2


def test_the_exposure_as_its_own_instrument_is_least_squares() -> None:
    y, x, _, W, branch = draw(3)
    found = instrumented_effect(y, x, x[:, None], W, clusters=branch)
    assert found.effect.estimate == pytest.approx(found.plain.estimate)
    assert found.effect.error == pytest.approx(found.plain.error)
    (interval,) = found.anderson_rubin
    assert interval == pytest.approx((found.plain.low, found.plain.high))


def test_anderson_rubin_solves_its_quadratic() -> None:
    y, x, Z, W, branch = draw(4, strength=0.3)
    found = instrumented_effect(y, x, Z, W, clusters=branch)
    design = np.column_stack([Z, np.ones(500), W])
    for low, high in found.anderson_rubin:
        for b in (low, high):
            if np.isfinite(b):
                fit = least_squares(y - b * x, design)
                error = sandwich(fit.bread, [fit.scores], 500, branch).errors[0]
                p = 2 * stats.t.sf(abs(fit.coefficients[0]) / error, 49)
                assert p == pytest.approx(0.05, abs=1e-6)
    fit = least_squares(y, design)
    error = sandwich(fit.bread, [fit.scores], 500, branch).errors[0]
    assert found.anderson_rubin_p == pytest.approx(
        2 * stats.t.sf(abs(fit.coefficients[0]) / error, 49)
    )


def test_a_useless_instrument_excludes_nothing() -> None:
    y, x, Z, W, branch = draw(5, strength=0.0)
    found = instrumented_effect(y, x, Z, W, clusters=branch)
    assert found.effective_f < 10
    assert found.anderson_rubin[0][0] == -np.inf
    assert found.anderson_rubin[-1][1] == np.inf


def test_instruments_that_contradict_each_other_accept_nothing() -> None:
    rng = np.random.default_rng(6)
    Z = rng.normal(size=(2000, 2))
    x = Z.sum(axis=1) + rng.normal(size=2000)
    y = Z[:, 0] - Z[:, 1] + rng.normal(size=2000)
    assert instrumented_effect(y, x, Z).anderson_rubin == ()


@pytest.mark.recovery
def test_anderson_rubin_covers_where_two_stages_do_not() -> None:
    held = []
    for seed in range(200):
        y, x, Z, W, branch = draw(seed, n=300, strength=0.12, m=2)
        found = instrumented_effect(y, x, Z, W, clusters=branch)
        inside = any(low <= -0.5 <= high for low, high in found.anderson_rubin)
        held.append([inside, found.effect.low <= -0.5 <= found.effect.high,
                     found.plain.low <= -0.5 <= found.plain.high])  # fmt: skip
    robust, two_stage, plain = np.mean(held, axis=0)
    assert robust >= 0.9
    assert robust > two_stage
    assert plain < 0.05


def test_hopeless_data_are_refused() -> None:
    y, x, Z, W, _ = draw(7, n=60)
    with pytest.raises(InputError, match="repeat each other"):
        instrumented_effect(y, x, W, W)
    with pytest.raises(InputError, match="one cluster"):
        instrumented_effect(y, x, Z, W, clusters=np.zeros(60))
    with pytest.raises(InputError, match="rows"):
        instrumented_effect(y[:3], x[:3], Z[:3], W[:3])


def test_effects_taken_out_before_count_as_parameters() -> None:
    """Groups absorbed and counted give what their indicators give."""
    y, x, Z, W, _ = draw(9)
    group = np.arange(500) % 7
    dummies = (group[:, None] == np.arange(1, 7)).astype(float)
    long = instrumented_effect(y, x, Z, np.column_stack([W, dummies]))
    out = absorb(np.column_stack([y, x, Z, W]), [group])
    short = instrumented_effect(out[:, 0], out[:, 1], out[:, 2:3], out[:, 3:], absorbed=6)
    assert short.effect.estimate == pytest.approx(long.effect.estimate)
    assert short.effect.error == pytest.approx(long.effect.error)
    assert short.effective_f == pytest.approx(long.effective_f)
    assert short.anderson_rubin[0] == pytest.approx(long.anderson_rubin[0])
