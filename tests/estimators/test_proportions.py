from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from svcquality.errors import InputError
from svcquality.estimators.proportions import wilson


@given(st.integers(0, 60), st.integers(1, 60))
def test_is_the_score_interval(hits: int, n: int) -> None:
    hits = min(hits, n)
    found = wilson(np.repeat([1.0, 0.0], [hits, n - hits]))
    low, high = proportion_confint(hits, n, method="wilson")
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)
    assert 0 <= found.low <= found.estimate <= found.high <= 1


def test_clusters_that_answer_alike_widen_it() -> None:
    rng = np.random.default_rng(1)
    branch = np.repeat(np.arange(20), 30)
    alike = (rng.random(20) < 0.5)[branch].astype(float)
    found = wilson(alike, branch)
    assert found.n_effective == pytest.approx(19, rel=0.05)
    assert found.high - found.low > 3 * (wilson(alike).high - wilson(alike).low)
    mixed = (rng.random(600) < 0.5).astype(float)
    assert wilson(mixed, branch).n_effective > 200
    assert wilson(np.ones(600), branch).n_effective == 600


def test_nothing_and_other_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="no answer"):
        wilson(np.array([]))
    with pytest.raises(ValueError, match="zeros and ones"):
        wilson(np.array([0.0, 2.0]))
    with pytest.raises(InputError, match="one cluster"):
        wilson(np.array([0.0, 1.0]), np.zeros(2))
