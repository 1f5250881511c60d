from __future__ import annotations

import numpy as np
import pytest

from svcquality.errors import InputError
from svcquality.estimators.clustered import mean_with_error
from svcquality.estimators.domain_mean import domain_mean, share_interval
from svcquality.estimators.proportions import wilson
from svcquality.estimators.survey_weights import SurveyDesign, survey_mean


def test_the_whole_is_the_plain_and_the_clustered_mean() -> None:
    rng = np.random.default_rng(1)
    y, branch = rng.normal(size=200), rng.integers(15, size=200)
    mean = domain_mean(y)
    plain, inference = mean_with_error(y, branch)
    assert mean.estimate == pytest.approx(plain)
    assert mean.inference(branch).errors[0] == pytest.approx(inference.errors[0])
    assert mean.inference().errors[0] == pytest.approx(y.std(ddof=1) / np.sqrt(200))


def test_weighted_means_are_those_of_a_survey() -> None:
    rng = np.random.default_rng(2)
    y, w = rng.normal(size=90), rng.uniform(1, 5, 90)
    mean, inference = survey_mean(y, SurveyDesign(w))
    own = domain_mean(y, weights=w)
    assert own.estimate == pytest.approx(mean)
    assert own.inference().errors[0] == pytest.approx(inference.errors[0])


def test_a_domain_ignores_what_is_outside_and_counts_its_own_clusters() -> None:
    y = np.array([1.0, 2, 4, np.nan, np.nan, np.nan])
    inside = np.array([True, True, True, False, False, False])
    mean = domain_mean(y, inside)
    assert mean.estimate == pytest.approx(7 / 3)
    assert mean.inference(np.array([1, 1, 2, 3, 4, 5])).df == 1
    assert (mean.influence[~inside] == 0).all()


def test_differences_count_what_domains_share_once() -> None:
    rng = np.random.default_rng(3)
    y, half = rng.normal(size=400), np.arange(400) < 200
    same = domain_mean(y) - domain_mean(y)
    assert (same.estimate, same.inference().errors[0]) == (0, 0)
    gap = domain_mean(y, half) - domain_mean(y, ~half)
    apart = np.hypot(y[half].std() / np.sqrt(200), y[~half].std() / np.sqrt(200))
    assert gap.inference().errors[0] == pytest.approx(apart, rel=0.01)
    both = domain_mean(y, half) * 0.5 + domain_mean(y, ~half) * 0.5
    assert both.estimate == pytest.approx(y.mean())


def test_share_interval_is_wilsons() -> None:
    rng = np.random.default_rng(4)
    hits, branch = (rng.random(300) < 0.2).astype(float), rng.integers(20, size=300)
    expected = wilson(hits, branch)
    mean = domain_mean(hits)
    inference = mean.inference(branch)
    low, high = share_interval(mean.estimate, float(inference.errors[0]), 300, inference.df)
    assert (low, high) == pytest.approx((expected.low, expected.high))
    assert share_interval(1.0, 0.0, 40, 39)[1] == 1
    assert share_interval(1.0, 0.0, 40, 39)[0] < 0.95


def test_hopeless_domains_are_refused() -> None:
    y = np.arange(4.0)
    with pytest.raises(InputError, match="no answer in this group"):
        domain_mean(y, np.zeros(4, dtype=bool))
    with pytest.raises(ValueError, match="positive within"):
        domain_mean(y, weights=np.array([1.0, 0, 1, 1]))
    with pytest.raises(ValueError, match="finite"):
        domain_mean(np.array([1.0, np.nan]))
    with pytest.raises(InputError, match="one cluster"):
        domain_mean(y).inference(np.ones(4))
