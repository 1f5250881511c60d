from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.estimators.clustered import mean_with_error
from svcquality.estimators.survey_weights import (
    SurveyDesign,
    effective_size,
    survey_mean,
    survey_regression,
)


def test_without_design_it_is_the_plain_mean_and_with_clusters_the_clustered() -> None:
    rng = np.random.default_rng(1)
    y, branch = rng.normal(size=120), rng.integers(12, size=120)
    mean, inference = survey_mean(y, SurveyDesign(np.full(120, 3.0)))
    assert mean == pytest.approx(y.mean())
    assert inference.errors[0] == pytest.approx(y.std(ddof=1) / np.sqrt(120))
    assert inference.df == 119
    _, clustered = survey_mean(y, SurveyDesign(np.ones(120), clusters=branch))
    _, plain = mean_with_error(y, branch)
    # CR1 with one parameter has (n − 1)/(n − 1) and the same G/(G − 1).
    assert clustered.errors[0] == pytest.approx(plain.errors[0])
    assert clustered.df == 11


def test_strata_by_hand_with_a_finite_population() -> None:
    y = np.array([1.0, 3, 10, 14, 18])
    stratum = np.array([0, 0, 1, 1, 1])
    population = np.array([4.0, 4, 6, 6, 6])
    weights = np.array([2.0, 2, 2, 2, 2])
    mean, inference = survey_mean(y, SurveyDesign(weights, stratum, population=population))
    assert mean == pytest.approx((4 * 2 + 6 * 14) / 10)
    variance = 0.4**2 * (1 - 2 / 4) * 2 / 2 + 0.6**2 * (1 - 3 / 6) * 16 / 3
    assert inference.covariance[0, 0] == pytest.approx(variance)
    assert inference.df == 3


def test_a_census_has_no_sampling_error() -> None:
    y = np.arange(6.0)
    _, inference = survey_mean(y, SurveyDesign(np.ones(6), population=np.full(6, 6.0)))
    assert inference.errors[0] == 0


def test_regression_on_a_constant_is_the_mean() -> None:
    rng = np.random.default_rng(2)
    y, w, stratum = rng.normal(size=60), rng.uniform(1, 4, 60), np.repeat([0, 1, 2], 20)
    design = SurveyDesign(w, stratum)
    fit, inference = survey_regression(y, np.ones((60, 1)), design)
    mean, of_mean = survey_mean(y, design)
    assert fit.coefficients[0] == pytest.approx(mean)
    assert inference.errors[0] == pytest.approx(of_mean.errors[0])


def test_lonely_units_and_impossible_designs_are_refused() -> None:
    y, one = np.arange(3.0), np.ones(3)
    lonely = np.array(["a", "a", "b"])
    with pytest.raises(InputError, match="one sampled unit"):
        survey_mean(y, SurveyDesign(one, lonely))
    _, centred = survey_mean(y, SurveyDesign(one, lonely, lonely="centre"))
    assert centred.errors[0] > 0
    with pytest.raises(ValueError, match="two strata"):
        survey_mean(y, SurveyDesign(one, lonely, clusters=np.array([1, 2, 2])))
    with pytest.raises(ValueError, match="population"):
        survey_mean(y, SurveyDesign(one, population=np.full(3, 2.0)))
    with pytest.raises(ValueError, match="positive"):
        survey_mean(y, SurveyDesign(np.array([1.0, 0, 1])))
    with pytest.raises(ValueError, match="stratum and a cluster"):
        survey_mean(y, SurveyDesign(one, np.array(["a", None, "a"], dtype=object)))


def test_effective_size() -> None:
    assert effective_size(np.full(50, 7.0)) == pytest.approx(50)
    assert effective_size(np.array([1.0, 3.0])) == pytest.approx(1.6)


@given(
    st.lists(st.floats(0.01, 1e4), min_size=1, max_size=60), st.floats(1e-3, 1e3)
)  # fmt: skip
def test_effective_size_is_at_most_n_whatever_the_scale(weights: list[float], scale: float) -> None:
    w = np.array(weights)
    size = effective_size(w)
    assert 1 - 1e-9 <= size <= len(w) * (1 + 1e-9)
    assert effective_size(scale * w) == pytest.approx(size)
    # Kish's design effect, 1 + the squared coefficient of variation of the weights.
    assert len(w) / size == pytest.approx(1 + w.var() / w.mean() ** 2)


def test_a_domain_that_is_a_stratum_is_a_sample_of_its_own() -> None:
    rng = np.random.default_rng(3)
    stratum = np.repeat(["a", "b"], [30, 50])
    y, w = rng.normal(size=80), np.where(stratum == "a", 3.0, 1.5)
    population = np.where(stratum == "a", 90.0, 75.0)
    mean, inference = survey_mean(
        y, SurveyDesign(w, stratum, population=population), stratum == "a"
    )
    alone, own = survey_mean(y[:30], SurveyDesign(w[:30], population=population[:30]))
    assert mean == pytest.approx(alone)
    assert inference.errors[0] == pytest.approx(own.errors[0])


def test_a_domain_across_strata_counts_how_many_fell_inside_as_chance() -> None:
    """Woodruff's domain variance by hand: two strata of three, the domain two and one of them."""
    y = np.array([1.0, 3, 50, 6, 70, 90])
    inside = np.array([True, True, False, True, False, False])
    stratum = np.repeat([0, 1], 3)
    mean, inference = survey_mean(y, SurveyDesign(np.ones(6), stratum), inside)
    assert mean == pytest.approx(10 / 3)
    z = np.where(inside, y - 10 / 3, 0) / 3
    by_hand = sum(3 / 2 * ((z[s] - z[s].mean()) ** 2).sum() for s in (slice(0, 3), slice(3, 6)))
    assert inference.covariance[0, 0] == pytest.approx(by_hand)
    # The values outside the domain do not matter, that there are such rows does.
    other = np.where(inside, y, np.nan)
    assert survey_mean(other, SurveyDesign(np.ones(6), stratum), inside)[0] == pytest.approx(mean)
    with pytest.raises(InputError, match="no answer in this group"):
        survey_mean(y, SurveyDesign(np.ones(6)), np.zeros(6, dtype=bool))
