"""Kaplan–Meier curves against statsmodels, closed forms and a known truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from svcquality.errors import InputError
from svcquality.estimators.kaplan_meier import kaplan_meier

CASES = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(CASES)
def test_the_curve_is_that_of_statsmodels(cases: list[tuple[int, bool]]) -> None:
    time, event = (np.array(x) for x in zip(*cases, strict=True))
    if not event.any():
        with pytest.raises(InputError):
            kaplan_meier(time, event)
        return
    ours, peer = kaplan_meier(time, event), SurvfuncRight(time, event)
    np.testing.assert_array_equal(ours.times, peer.surv_times)
    np.testing.assert_allclose(ours.survival, peer.surv_prob, atol=1e-12)
    assert ((ours.low >= 0) & (ours.low <= ours.survival + 1e-12)).all()
    assert ((ours.survival <= ours.high + 1e-12) & (ours.high <= 1)).all()


def test_intervals_of_quantiles_are_those_of_statsmodels() -> None:
    rng = np.random.default_rng(1)
    time, censored = rng.exponential(10, size=301), rng.exponential(30, size=301)
    seen, event = np.minimum(time, censored), time <= censored
    ours, peer = kaplan_meier(seen, event), SurvfuncRight(seen, event)
    for share in (0.25, 0.5, 0.75):
        point = ours.quantile(share)
        assert point.estimate == peer.quantile(share)
        assert (point.low, point.high) == peer.quantile_ci(share, method="cloglog")


def test_without_open_cases_the_median_is_the_plain_one() -> None:
    rng = np.random.default_rng(2)
    for n in (100, 101):
        time = rng.exponential(size=n)
        assert kaplan_meier(time, np.ones(n, bool)).quantile(0.5).estimate == np.median(time)


def test_open_cases_are_not_left_out() -> None:
    rng = np.random.default_rng(3)
    held, naive = [], []
    for _ in range(200):
        time, cut = rng.exponential(10, size=200), rng.uniform(0, 15, size=200)
        point = kaplan_meier(np.minimum(time, cut), time <= cut).quantile(0.5)
        held.append(point.low <= 10 * np.log(2) <= point.high)
        naive.append(np.median(time[time <= cut]))
    assert 0.91 < np.mean(held) < 0.99
    assert np.mean(naive) < 0.6 * 10 * np.log(2)


def test_shares_by_a_day() -> None:
    fit = kaplan_meier(np.array([1.0, 2, 3, 4]), np.array([True, True, False, True]))
    assert fit.happened_by(0.5).estimate == 0
    assert fit.happened_by(2).estimate == pytest.approx(0.5)
    assert fit.happened_by(4).estimate == 1
    assert fit.happened_by(5).estimate == 1
    watched = kaplan_meier(np.array([1.0, 2, 3]), np.array([True, True, False]))
    assert watched.happened_by(3).estimate == pytest.approx(2 / 3)
    assert np.isnan(watched.happened_by(4).estimate)


def test_a_quantile_that_is_not_reached_is_infinite() -> None:
    fit = kaplan_meier(np.array([1.0, 5, 5, 5]), np.array([True, False, False, False]))
    assert fit.quantile(0.5).estimate == np.inf
    with pytest.raises(ValueError, match="negative"):
        kaplan_meier(np.array([-1.0]), np.array([True]))
