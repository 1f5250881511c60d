from __future__ import annotations

import numpy as np
import pytest

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
