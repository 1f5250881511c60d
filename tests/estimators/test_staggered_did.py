"""Staggered effects: known truths, identities, and the case that misleads two-way effects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.estimators.effects import joint_test
from svcquality.estimators.staggered_did import NEVER, group_time_effects
from svcquality.estimators.two_way import two_way_effect


def panel(
    seed: int, units: int = 40, periods: int = 24, noise: float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, first treated period, and the effect in every cell: it grows with time."""
    rng = np.random.default_rng(seed)
    first = rng.choice([6, 10, 15, NEVER], p=[0.3, 0.25, 0.2, 0.25], size=units)
    since = np.arange(periods) - first[:, None]
    effect = np.where((since >= 0) & (first != NEVER)[:, None], -0.5 - 0.15 * since, 0.0)
    levels = 3 * rng.normal(size=(units, 1)) + np.sin(np.arange(periods) / 3)
    return levels + effect + noise * rng.normal(size=(units, periods)), first, effect


def test_the_average_is_exact_without_noise_and_two_way_effects_are_not() -> None:
    outcome, first, effect = panel(1, noise=0.0)
    treated = effect != 0
    for control in ("never", "not_yet"):
        fit = group_time_effects(outcome, first, control=control)
        assert fit.simple().estimate[0] == pytest.approx(effect[treated].mean())
        events = fit.dynamic()
        np.testing.assert_allclose(events.estimate[events.at < 0], 0, atol=1e-12)
        assert events.estimate[events.at == 3][0] == pytest.approx(-0.95)
    naive = two_way_effect(outcome, treated)
    assert abs(naive.effect.estimate - effect[treated].mean()) > 0.3
    assert naive.negative_share > 0.1


def test_intervals_hold_the_truth() -> None:
    held, biases = [], []
    for seed in range(300):
        outcome, first, effect = panel(seed)
        average = group_time_effects(outcome, first, control="not_yet").simple()
        truth = effect[effect != 0].mean()
        low, high = average.interval()
        held.append(low[0] <= truth <= high[0])
        biases.append(average.estimate[0] - truth)
    assert 0.93 <= np.mean(held) <= 1.0
    assert abs(np.mean(biases)) < 4 * np.std(biases) / np.sqrt(300)


def test_bands_hold_all_effects_more_often_than_pointwise_intervals() -> None:
    band, points = [], []
    for seed in range(150):
        outcome, first, _ = panel(seed, units=60, periods=20)
        events = group_time_effects(outcome, first).dynamic()
        truth = np.where(events.at < 0, 0, -0.5 - 0.15 * events.at)
        low, high = events.uniform_band(draws=199, seed=seed)
        band.append(((low <= truth) & (truth <= high)).all())
        low, high = events.interval()
        points.append(((low <= truth) & (truth <= high)).all())
    assert np.mean(band) > 0.85
    assert np.mean(points) < np.mean(band) - 0.2


def test_bands_repeat_with_the_seed() -> None:
    outcome, first, _ = panel(3)
    events = group_time_effects(outcome, first).dynamic()
    once, again = events.uniform_band(seed=4), events.uniform_band(seed=4)
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, events.uniform_band(seed=5))


def test_a_broken_trend_is_found_by_the_pre_test() -> None:
    outcome, first, _ = panel(5, units=80)
    rising = outcome + np.where((first != NEVER)[:, None], 0.4 * np.arange(24), 0)
    for data, found in ((outcome, False), (rising, True)):
        events = group_time_effects(data, first).dynamic()
        p = joint_test(events.take((events.at < 0) & (events.at >= -5))).p_small
        assert (p < 0.01) == found


def test_two_units_and_two_periods_are_the_difference_in_differences() -> None:
    outcome = np.array([[1.0, 4.0], [3.0, 5.0], [0.0, 1.0], [2.0, 2.5]])
    fit = group_time_effects(outcome, np.array([1, 1, NEVER, NEVER]))
    assert fit.simple().estimate[0] == pytest.approx(2.5 - 0.75)
    by_hand = np.sqrt(0.5**2 / 2 + 0.25**2 / 2)  # variances over n, not n − 1
    assert fit.simple().errors[0] == pytest.approx(by_hand)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(-50, 50))
def test_unit_and_period_shifts_change_nothing(seed: int, shift: float) -> None:
    outcome, first, _ = panel(seed, units=20, periods=18)
    if len(set(first.tolist())) < 2 or NEVER not in first:
        return
    rng = np.random.default_rng(seed)
    moved = outcome + shift * rng.normal(size=(20, 1)) + shift * rng.normal(size=18)
    once, again = (group_time_effects(y, first).simple() for y in (outcome, moved))
    assert again.estimate[0] == pytest.approx(once.estimate[0], abs=1e-8)
    assert again.errors[0] == pytest.approx(once.errors[0], abs=1e-8)


def test_without_never_treated_units_the_last_cohort_is_the_control() -> None:
    outcome, first, _ = panel(6, noise=0.0)
    some = first != NEVER
    with pytest.raises(InputError, match="never treated"):
        group_time_effects(outcome[some], first[some])
    fit = group_time_effects(outcome[some], first[some], control="not_yet")
    assert fit.period[fit.treated].max() < first.max()


def test_what_cannot_be_used_is_refused() -> None:
    outcome, first, _ = panel(7)
    with pytest.raises(InputError, match="missing"):
        group_time_effects(np.where(np.eye(40, 24) > 0, np.nan, outcome), first)
    with pytest.raises(InputError, match="first period"):
        group_time_effects(outcome, np.where(np.arange(40) == 0, 0, first))
    with pytest.raises(InputError, match="No unit is treated"):
        group_time_effects(outcome, np.full(40, NEVER))
    with pytest.raises(ValueError, match="must be"):
        group_time_effects(outcome, first[:-1])
    with pytest.raises(ValueError, match="vary"):
        two_way_effect(outcome, np.ones_like(outcome))


def test_a_period_of_transition_is_neither_treated_nor_base() -> None:
    outcome, first, effect = panel(8, noise=0.0)
    half_way = np.arange(24) == first[:, None] - 1
    fit = group_time_effects(outcome - 5.0 * half_way, first, control="not_yet", anticipation=1)
    assert fit.simple().estimate[0] == pytest.approx(effect[effect != 0].mean())
    assert fit.dynamic().estimate[fit.dynamic().at == -1][0] == pytest.approx(-5.0)
    np.testing.assert_allclose(fit.effects.take(fit.before).estimate, 0, atol=1e-12)
