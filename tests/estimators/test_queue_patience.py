from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.estimators.queue_patience import patience_rate


@pytest.mark.parametrize("known", [0.0, 0.5, 1.0])
def test_patience_comes_back_whatever_is_known_of_the_leavers(known: float) -> None:
    rng = np.random.default_rng(4)
    patience, offered = rng.exponential(60, 60_000), rng.gamma(2, 15, 60_000)
    gone = patience < offered
    seen = ~gone | (rng.random(60_000) < known)
    rate = patience_rate(
        np.minimum(patience, offered)[seen].sum(), (gone & seen).sum(), offered[gone & ~seen]
    )
    assert 1 / rate == pytest.approx(60, rel=0.03)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.1, 1e5), st.integers(0, 500),
    st.lists(st.floats(1e-3, 500), min_size=1, max_size=30),
)  # fmt: skip
def test_the_score_is_zero(waited: float, left: int, offered: list[float]) -> None:
    v = np.array(offered)
    rate = patience_rate(waited, left, v)
    score = left + np.sum(rate * v / np.expm1(np.minimum(rate * v, 700))) - rate * waited
    assert abs(score) < 1e-6 * (left + len(v))


def test_nobody_left_or_nobody_waited() -> None:
    assert patience_rate(100.0, 0, np.empty(0)) == 0
    with pytest.raises(ValueError, match="waited"):
        patience_rate(0.0, 3, np.empty(0))
