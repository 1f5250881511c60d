from __future__ import annotations

import numpy as np
import pytest

from svcquality.estimators.arrivals import arrival_rates, common_dispersion
from svcquality.estimators.queue_simulation import poisson_days

RATES = np.linspace(3, 9, 16)


def counts(seed: int, days: int, day: float, slot: float) -> np.ndarray:
    minutes, at = poisson_days(RATES / 30, days, day_variance=day, slot_variance=slot, seed=seed)
    where = at * 16 + (minutes // 30).astype(int)
    return np.bincount(where, minlength=16 * days).reshape(days, 16)


@pytest.mark.parametrize(("day", "slot"), [(0.0, 0.0), (0.02, 0.0), (0.02, 0.05)])
def test_over_dispersion_comes_back(day: float, slot: float) -> None:
    found = arrival_rates(counts(1, 6000, day, slot))
    np.testing.assert_allclose(found.rates, RATES, rtol=0.03)
    assert found.day_variance == pytest.approx(day, abs=0.002)
    assert found.slot_variance == pytest.approx(slot, abs=0.006)


def test_what_many_small_branches_have_in_common_is_not_pushed_up_by_noise() -> None:
    small = [counts(seed, 12, 0.02, 0.0) for seed in range(150)]
    each = np.mean([arrival_rates(c).slot_variance for c in small])
    found = common_dispersion(small)
    assert found.slot_variance < 0.5 * each
    assert found.slot_variance < 0.004
    assert found.day_variance == pytest.approx(0.02, abs=0.003)
    assert found.own.max() < 0.2  # all alike: what differs is noise
    assert len(common_dispersion([]).own) == 0


def test_branches_that_do_differ_keep_their_own_days() -> None:
    two_kinds = [counts(seed, 60, 0.005 if seed % 2 else 0.15, 0.0) for seed in range(40)]
    assert common_dispersion(two_kinds).own.min() > 0.7


def test_weights_stand_for_repeated_days() -> None:
    found = counts(3, 6, 0.05, 0.0)
    weights = np.array([2, 1, 1, 3, 1, 2])
    repeated, weighted = (
        arrival_rates(np.repeat(found, weights, axis=0)),
        arrival_rates(found, weights),
    )
    np.testing.assert_allclose(repeated.rates, weighted.rates)


def test_one_day_cannot_tell() -> None:
    with pytest.raises(ValueError, match="two days"):
        arrival_rates(np.ones((1, 4)))
    nobody = arrival_rates(np.zeros((3, 4)))
    assert nobody.day_variance == nobody.slot_variance == 0
