from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from svcquality.errors import InputError
from svcquality.estimators.power import (
    detectable_effect,
    intra_cluster_correlation,
    power_of_t,
    simulated_power,
    size_per_arm,
)


@pytest.mark.published
def test_sixty_four_an_arm() -> None:
    """The textbook case: d = 0.5, power 0.8."""
    assert size_per_arm(0.5) == pytest.approx(63.77, abs=5e-3)
    assert size_per_arm(0.5, cluster_size=21, icc=0.05) == pytest.approx(2 * 63.766, abs=5e-3)


@pytest.mark.parametrize(("d", "n"), [(0.2, 30), (0.5, 64), (1.5, 12)])
def test_agrees_with_statsmodels(d: float, n: int) -> None:
    theirs = TTestIndPower().power(d, n, 0.05)
    assert power_of_t(d, np.sqrt(2 / n), 2 * n - 2) == pytest.approx(theirs, rel=1e-6)


def test_the_detectable_effect_is_detected_as_often_as_wanted() -> None:
    assert detectable_effect(0.1) == pytest.approx(0.1 * (1.959964 + 0.841621), rel=1e-4)
    for df in (5, 40):
        assert power_of_t(detectable_effect(2.0, df, power=0.9), 2.0, df) == pytest.approx(0.9)
    assert detectable_effect(1.0, 5) > detectable_effect(1.0, 500)
    assert power_of_t(0.0, 1.0, 20) == pytest.approx(0.05)


def t_test(rng: np.random.Generator, d: float = 0.5, n: int = 64) -> float:
    return float(stats.ttest_ind(rng.normal(d, 1, n), rng.normal(0, 1, n)).pvalue)


def test_simulation_finds_the_power_of_a_t_test() -> None:
    found = simulated_power(t_test, replications=600, seed=1)
    assert found.low < power_of_t(0.5, np.sqrt(2 / 64), 126) < found.high
    false_alarms = simulated_power(lambda rng: t_test(rng, d=0), replications=600, seed=2)
    assert false_alarms.low < 0.05 < false_alarms.high
    assert simulated_power(t_test, replications=600, seed=1) == found


def test_studies_that_fail_are_counted() -> None:
    def fragile(rng: np.random.Generator) -> float:
        if rng.random() < 0.3:
            raise InputError("no", "否")
        return t_test(rng)

    found = simulated_power(fragile, replications=100, seed=3)
    assert found.failed + found.replications == 100
    assert 15 < found.failed < 45

    def hopeless(rng: np.random.Generator) -> float:
        raise InputError("constant outcome", "结果不变")

    with pytest.raises(InputError, match="constant"):
        simulated_power(hopeless, replications=3)
    with pytest.raises(InputError, match="p-value"):
        simulated_power(lambda rng: float("nan"), replications=3)


def test_impossible_wishes_are_refused() -> None:
    with pytest.raises(ValueError, match="power"):
        detectable_effect(1.0, power=1.0)
    with pytest.raises(ValueError, match="d is not 0"):
        size_per_arm(0.0)
    with pytest.raises(ValueError, match="positive"):
        power_of_t(1.0, 0.0)


@pytest.mark.published
def test_intra_cluster_correlation_of_shrout_and_fleiss() -> None:
    """Shrout & Fleiss (1979), table 2: four judges, six targets, ICC(1, 1) = 0.17."""
    ratings = np.array(
        [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    )
    icc = intra_cluster_correlation(ratings.ravel().astype(float), np.repeat(np.arange(6), 4))
    assert icc == pytest.approx(0.17, abs=5e-3)


def test_intra_cluster_correlation_finds_what_was_planted() -> None:
    rng = np.random.default_rng(1)
    cluster = rng.integers(200, size=8000)
    y = np.sqrt(0.1) * rng.normal(size=200)[cluster] + np.sqrt(0.9) * rng.normal(size=8000)
    assert intra_cluster_correlation(y, cluster) == pytest.approx(0.1, abs=0.03)
    assert intra_cluster_correlation(rng.normal(size=8000), cluster) < 0.01
    assert intra_cluster_correlation(np.ones(8000), cluster) == 0
    with pytest.raises(ValueError, match="two clusters"):
        intra_cluster_correlation(y, np.zeros(8000))
