from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats import inter_rater

from svcquality.estimators.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha

TABLE = np.array([[53, 5, 2], [11, 14, 5], [1, 6, 3]])


def codes_of(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.indices(table.shape)
    return np.repeat(first.ravel(), table.ravel()), np.repeat(second.ravel(), table.ravel())


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_cohen_and_its_error_are_those_of_statsmodels(weights) -> None:
    ours = cohen_kappa(*codes_of(TABLE), weights=weights)
    theirs = inter_rater.cohens_kappa(TABLE, wt=None if weights == "none" else weights)
    assert ours.estimate == pytest.approx(theirs.kappa, abs=1e-12)
    assert ours.error == pytest.approx(theirs.std_kappa, abs=1e-12)


def test_fleiss_is_that_of_statsmodels_and_its_error_a_jackknife() -> None:
    counts = np.random.default_rng(1).multinomial(4, [0.5, 0.3, 0.2], size=80)
    found = fleiss_kappa(counts)
    assert found.estimate == pytest.approx(inter_rater.fleiss_kappa(counts), abs=1e-12)
    without = [fleiss_kappa(np.delete(counts, i, axis=0)).estimate for i in range(80)]
    assert found.error == pytest.approx(np.std(without) * np.sqrt(79), rel=0.05)


def slow_alpha(codes: np.ndarray, distance) -> float:
    """Krippendorff's definition by pairs, value by value."""
    units = [u[~np.isnan(u)] for u in codes.T]
    units = [u for u in units if len(u) > 1]
    values = np.concatenate(units)
    within = sum(
        distance(a, b) / (len(u) - 1)
        for u in units for i, a in enumerate(u) for j, b in enumerate(u) if i != j
    ) / len(values)  # fmt: skip
    across = sum(
        distance(a, b) for i, a in enumerate(values) for j, b in enumerate(values) if i != j
    ) / (len(values) * (len(values) - 1))
    return 1 - within / across


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from([1, 2, 3, 5, np.nan]), min_size=3, max_size=3),
                min_size=3, max_size=9))  # fmt: skip
def test_alpha_is_its_definition_by_pairs(rows) -> None:
    codes = np.array(rows, dtype=float).T
    if (np.isfinite(codes).sum(axis=0) >= 2).sum() == 0:
        with pytest.raises(ValueError, match="no unit"):
            krippendorff_alpha(codes, resamples=2)
        return
    for metric, distance in (
        ("nominal", lambda a, b: float(a != b)),
        ("interval", lambda a, b: (a - b) ** 2),
        ("ratio", lambda a, b: ((a - b) / (a + b)) ** 2),
    ):
        found = krippendorff_alpha(codes, metric=metric, resamples=2).estimate
        paired = codes[:, np.isfinite(codes).sum(axis=0) >= 2]
        if len(np.unique(paired[np.isfinite(paired)])) < 2:
            assert np.isnan(found)
        else:
            assert found == pytest.approx(slow_alpha(codes, distance), abs=1e-12)


def test_weights_speak_of_the_population() -> None:
    """A stratum drawn at a tenth of the rate, weighted tenfold, is as if it were there in full."""
    first, second = codes_of(TABLE)
    rare = first == 2
    keep = ~rare | (np.arange(len(first)) % 2 == 0)
    weight = np.where(rare, rare.sum() / (rare & keep).sum(), 1.0)[keep]
    full = np.repeat(np.flatnonzero(keep), np.where(rare[keep], 2, 1))
    weighted = cohen_kappa(first[keep], second[keep], unit_weight=weight)
    repeated = cohen_kappa(first[full], second[full])
    assert weighted.estimate == pytest.approx(repeated.estimate, abs=1e-12)
    assert weighted.error > repeated.error
    alpha = krippendorff_alpha([first[keep], second[keep]], unit_weight=weight, resamples=2)
    assert alpha.estimate == pytest.approx(
        krippendorff_alpha([first[full], second[full]], resamples=2).estimate, abs=5e-3
    )


def test_perfect_agreement_is_not_certainty() -> None:
    codes = ["a"] * 20 + ["b"] * 20
    for found in (cohen_kappa(codes, codes), krippendorff_alpha([codes, codes], resamples=50)):
        assert found.estimate == found.high == 1
        assert 0.7 < found.low < 0.9


def test_one_category_only_tells_nothing() -> None:
    codes = ["a"] * 10
    for found in (
        cohen_kappa(codes, codes),
        krippendorff_alpha([codes, codes], resamples=5),
        fleiss_kappa([[3, 0]] * 10),
    ):
        assert np.isnan(found.estimate) and np.isnan(found.low)


def test_missing_codes_do_not_count() -> None:
    first = pd.Series(["a", "b", None, "a", "b", "a"])
    second = pd.Series(["a", "b", "b", None, "a", "a"])
    assert cohen_kappa(first, second).units == 4
    assert krippendorff_alpha([first, second], resamples=5).units == 4


def test_what_cannot_be_computed_is_refused() -> None:
    with pytest.raises(ValueError, match="each unit"):
        cohen_kappa(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="no unit"):
        cohen_kappa(["a", None], [None, "b"])
    with pytest.raises(ValueError, match="among the categories"):
        cohen_kappa(["a", "c"], ["a", "b"], categories=["a", "b"])
    with pytest.raises(ValueError, match="same number"):
        fleiss_kappa([[2, 1], [2, 0]])
    with pytest.raises(ValueError, match="no unit"):
        krippendorff_alpha([[1, np.nan], [np.nan, 2]])


@pytest.mark.parametrize(("n", "noise"), [(60, 0.1), (60, 0.02), (200, 0.1)])
def test_intervals_cover(n, noise) -> None:
    rng = np.random.default_rng(8)
    share = np.array([0.4, 0.3, 0.2, 0.1])

    def coded(size: int) -> tuple[np.ndarray, np.ndarray]:
        truth = rng.choice(4, size, p=share)
        return tuple(
            np.where(rng.random(size) < noise, rng.choice(4, size, p=share), truth)
            for _ in range(2)
        )

    true = cohen_kappa(*coded(200_000)).estimate
    found = [cohen_kappa(*coded(n)) for _ in range(400)]
    covered = np.mean([k.low <= true <= k.high for k in found])
    assert 0.92 <= covered <= 0.995


def test_the_same_seed_gives_the_same_interval() -> None:
    codes = np.random.default_rng(2).integers(0, 3, (2, 60))
    first, second, other = (krippendorff_alpha(codes, resamples=200, seed=s) for s in (1, 1, 2))
    assert first == second
    assert first.low != other.low
