"""Interrupted series: known truths, errors under autocorrelation, periods left out."""

from __future__ import annotations

import numpy as np
import pytest

from svcquality.errors import InputError
from svcquality.estimators.interrupted_series import harmonics_for, interrupted_series


def series(
    rng: np.random.Generator, n: int, *, noise: float = 0.1, correlation: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Monthly counts with trend, season and a fall to .8 half-way; and whether it is after."""
    shocks = rng.normal(size=n + 20)
    for i in range(1, n + 20):
        shocks[i] = correlation * shocks[i - 1] + np.sqrt(1 - correlation**2) * shocks[i]
    t = np.arange(n)
    after = t >= n // 2
    log = 0.003 * t + 0.1 * np.sin(2 * np.pi * t / 12) + noise * shocks[20:] + np.log(0.8) * after
    return rng.poisson(200 * np.exp(log)), after


@pytest.mark.parametrize(("n", "correlation", "least"), [(24, 0.0, 0.92), (36, 0.4, 0.88)])
def test_intervals_hold_the_truth_in_short_series(n: int, correlation: float, least: float) -> None:
    rng = np.random.default_rng(1)
    held: dict[str, list[bool]] = {"autoregressive": [], "poisson": []}
    for _ in range(150):
        counts, after = series(rng, n, correlation=correlation)
        for errors, found in held.items():
            level = interrupted_series(counts, after, errors=errors).level  # type: ignore[arg-type]
            found.append(level.low <= 0.8 <= level.high)
    assert np.mean(held["autoregressive"]) >= least
    assert np.mean(held["poisson"]) < 0.8


@pytest.mark.filterwarnings("ignore:Perfect")
def test_level_slope_and_counterfactual_are_exact_without_noise() -> None:
    n, t = 48, np.arange(48)
    after = t >= 20
    log = 0.01 * t + 0.2 * np.cos(2 * np.pi * t / 12) + after * (np.log(0.7) + 0.02 * (t - 20))
    exposure = np.linspace(1000, 1500, n)
    fit = interrupted_series(exposure * np.exp(log), after, exposure=exposure)
    assert fit.slope is not None
    assert fit.level.estimate == pytest.approx(0.7)
    assert fit.slope.estimate == pytest.approx(np.exp(0.24))
    without = exposure * np.exp(0.01 * t + 0.2 * np.cos(2 * np.pi * t / 12))
    np.testing.assert_allclose(fit.counterfactual, without, rtol=1e-6)
    assert (fit.low <= fit.counterfactual).all()


def test_autocorrelation_is_freed_from_the_bias_of_fitting() -> None:
    rng = np.random.default_rng(2)
    found = {
        rho: np.mean(
            [
                interrupted_series(*series(rng, 60, noise=0.3, correlation=rho)).autocorrelation
                for _ in range(60)
            ]
        )
        for rho in (0.0, 0.6)
    }
    assert found[0.0] < 0.15
    assert 0.35 < found[0.6] < 0.7


def test_newey_west_agrees_with_another_implementation() -> None:
    import statsmodels.api as sm

    counts, after = series(np.random.default_rng(3), 48)
    fit = interrupted_series(counts, after, harmonics=0, errors="newey_west")
    t = np.arange(48)
    X = np.column_stack([after, np.where(after, t - 24, 0) / 12, np.ones(48), t / 12])
    peer = sm.GLM(counts, X, family=sm.families.Poisson()).fit(
        cov_type="HAC", cov_kwds={"maxlags": fit.lags}
    )
    ours = fit.level.error / fit.level.estimate
    assert ours == pytest.approx(peer.bse[0] * np.sqrt(48 / 44), rel=1e-4)


def test_periods_left_out_do_not_matter() -> None:
    counts, after = series(np.random.default_rng(4), 48)
    use = np.ones(48, dtype=bool)
    use[20:24] = False
    spoilt = np.where(use, counts, 10 * counts)
    once, again = (interrupted_series(c, after, use=use) for c in (counts, spoilt))
    assert once.level == again.level
    assert len(once.fitted) == 48


def test_the_season_follows_the_length() -> None:
    assert [harmonics_for(n) for n in (12, 23, 24, 35, 36, 120)] == [0, 0, 1, 1, 2, 2]


def test_what_cannot_be_used_is_refused() -> None:
    counts, after = series(np.random.default_rng(5), 24)
    with pytest.raises(InputError, match="no period before"):
        interrupted_series(counts, np.ones(24))
    with pytest.raises(InputError, match="parameters"):
        interrupted_series(counts[9:15], after[9:15], harmonics=2)
    with pytest.raises(InputError, match="0"):
        interrupted_series(np.zeros(24), after)
    with pytest.raises(InputError, match="denominator"):
        interrupted_series(counts, after, exposure=np.where(after, np.nan, 1.0))
