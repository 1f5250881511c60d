from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from svcquality.estimators.multiplicity import adjusted_p, stepdown_p

P = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@settings(max_examples=50, deadline=None)
@given(P)
def test_holm_is_its_definition(values: list[float]) -> None:
    p = np.array(values)
    order = np.argsort(p, kind="stable")
    by_hand, worst = np.empty(len(p)), 0.0
    for rank, i in enumerate(order):
        worst = max(worst, (len(p) - rank) * p[i])
        by_hand[i] = min(worst, 1.0)
    np.testing.assert_allclose(adjusted_p(p, "holm"), by_hand)
    assert (adjusted_p(p, "bh") <= adjusted_p(p, "holm") + 1e-12).all()
    assert (adjusted_p(p, "holm") <= adjusted_p(p, "bonferroni") + 1e-12).all()


@pytest.mark.parametrize(("ours", "theirs"), [("holm", "holm"), ("bh", "fdr_bh")])
def test_agrees_with_statsmodels(ours: str, theirs: str) -> None:
    p = np.random.default_rng(3).beta(0.4, 1, size=40).round(2)  # with ties
    np.testing.assert_allclose(adjusted_p(p, ours), multipletests(p, method=theirs)[1])  # type: ignore[arg-type]


def test_a_test_that_could_not_be_made_does_not_count() -> None:
    found = adjusted_p(np.array([0.01, np.nan, 0.04]), "bonferroni")
    np.testing.assert_allclose(found, [0.02, np.nan, 0.08])
    assert np.isnan(adjusted_p(np.array([np.nan]))).all()


def test_values_that_are_no_p_values_are_refused() -> None:
    with pytest.raises(ValueError, match="within 0 and 1"):
        adjusted_p(np.array([0.2, 1.2]))
    with pytest.raises(ValueError, match="method"):
        adjusted_p(np.array([0.2]), "none")  # type: ignore[arg-type]


def test_stepdown_of_one_test_is_the_bootstrap_p() -> None:
    draws = np.random.default_rng(1).normal(size=(999, 1))
    p = stepdown_p(np.array([2.0]), draws)
    assert p[0] == pytest.approx((1 + (np.abs(draws) >= 2).sum()) / 1000)


def test_stepdown_keeps_its_level_and_gains_from_correlation() -> None:
    rng = np.random.default_rng(2)
    shared = rng.normal(size=(1200, 1))
    null = 0.95 * shared + np.sqrt(1 - 0.95**2) * rng.normal(size=(1200, 6))
    draws, samples = null[:400], null[400:]
    any_false = np.mean([(stepdown_p(t, draws) <= 0.05).any() for t in samples])
    assert any_false == pytest.approx(0.05, abs=0.03)
    t = np.array([0.1, 0.2, 0.3, 0.5, 1.0, 2.4])
    single = (1 + (np.abs(draws) >= t).sum(axis=0)) / 401
    assert stepdown_p(t, draws)[5] < adjusted_p(single, "holm")[5]
