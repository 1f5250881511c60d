from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from svcquality.errors import InputError
from svcquality.estimators.net_promoter import (
    net_promoter,
    net_promoter_difference,
    score_reach,
    top_box,
)


def test_score_and_variance_by_hand() -> None:
    r = np.array([10] * 50 + [8] * 30 + [3] * 20)
    found = net_promoter(r)
    assert found.score.estimate == pytest.approx(30)
    assert (found.promoters, found.passives, found.detractors) == pytest.approx((0.5, 0.3, 0.2))
    variance = (0.5 + 0.2 - 0.3**2) / 99
    assert found.score.error == pytest.approx(100 * np.sqrt(variance))
    independent = 100 * np.sqrt((0.5 * 0.5 + 0.2 * 0.8) / 99)
    assert found.score.error > 1.2 * independent  # the negative covariance adds to a difference
    assert (found.kind, found.score.df) == ("HC1", 99)


def test_boundaries_of_the_groups() -> None:
    assert net_promoter(np.array([9, 9, 6, 6])).score.estimate == 0
    assert net_promoter(np.array([8, 7, 7, 8])).score.estimate == 0
    assert net_promoter(np.array([8, 7, 10, 8])).promoters == 0.25


def test_weights_are_used_and_equal_weights_change_nothing() -> None:
    rng = np.random.default_rng(1)
    r = rng.integers(0, 11, size=200)
    plain = net_promoter(r)
    equal = net_promoter(r, weights=np.full(200, 2.5))
    assert equal.score.estimate == pytest.approx(plain.score.estimate)
    assert equal.score.error == pytest.approx(plain.score.error)
    heavy = net_promoter(r, weights=np.where(r >= 9, 3.0, 1.0))
    assert heavy.score.estimate > plain.score.estimate


def test_difference_is_of_the_scores_and_of_independent_halves() -> None:
    rng = np.random.default_rng(2)
    r, group = rng.integers(0, 11, size=300), np.arange(300) < 120
    inside, outside = net_promoter(r[group]).score, net_promoter(r[~group]).score
    found = net_promoter_difference(r, group)
    assert found.estimate == pytest.approx(inside.estimate - outside.estimate)
    assert found.error == pytest.approx(np.hypot(inside.error, outside.error), rel=0.01)
    paired = net_promoter_difference(
        np.tile(r[:150], 2), np.repeat([True, False], 150), clusters=np.tile(np.arange(150), 2)
    )
    assert paired.error == pytest.approx(0, abs=1e-9)  # the same answers on both sides


def test_top_box_of_both_directions() -> None:
    answers = np.array([1, 2, 6, 7, 7, 4])
    assert top_box(answers, scale=(1, 7)).estimate == pytest.approx(0.5)
    assert top_box(answers, scale=(1, 7), easy_is_high=False).estimate == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="not all"):
        top_box(answers, top=7, scale=(1, 7))


def test_answers_off_the_scale_are_refused() -> None:
    with pytest.raises(InputError, match="0 to 10"):
        net_promoter(np.array([11, 3, 4]))
    with pytest.raises(InputError, match="0 to 10"):
        net_promoter(np.array([7.5, 3]))
    with pytest.raises(InputError, match="1 to 5"):
        top_box(np.array([0, 3]), scale=(1, 5))
    with pytest.raises(InputError, match="inside and outside"):
        net_promoter_difference(np.array([1, 2]), np.array([True, True]))
    with pytest.raises(InputError, match="rows"):
        net_promoter(np.array([7]))


def test_the_interval_has_a_width_and_stays_inside_where_all_promote() -> None:
    score = net_promoter(np.full(30, 10)).score
    assert (score.estimate, score.error, score.high) == (100, 0, 100)
    assert 75 < score.low < 95
    large = net_promoter(np.random.default_rng(3).integers(0, 11, size=20_000)).score
    plain = stats.t.ppf(0.975, 19_999) * large.error
    assert large.high - large.estimate == pytest.approx(plain, rel=0.02)


def test_adjusted_interval_by_hand() -> None:
    """Ten promoters, five passives, five detractors: 10¾, 6½ and 5¾ of 23."""
    low, high = score_reach(0.5, 0.25, np.sqrt((0.75 - 0.0625) / 20), 20, 1e9)
    centre, share = 5 / 23, 16.5 / 23
    reach = 1.959964 * np.sqrt((share - centre**2) / 23)
    assert (low, high) == pytest.approx((100 * (centre - reach), 100 * (centre + reach)))


@pytest.mark.recovery
def test_few_lopsided_answers_are_covered_where_the_plain_interval_is_not() -> None:
    rng = np.random.default_rng(4)
    held = []
    for _ in range(1000):
        r = rng.choice([10, 8, 3], size=30, p=[0.93, 0.05, 0.02])
        score = net_promoter(r).score
        reach = stats.t.ppf(0.975, 29) * score.error
        held.append([score.low <= 91 <= score.high, abs(score.estimate - 91) <= reach])
    ours, plain = np.mean(held, axis=0)
    assert ours >= 0.93
    assert plain < 0.9


@pytest.mark.recovery
def test_intervals_cover_a_clustered_score() -> None:
    p = np.array([0.25, 0.35, 0.4])
    held = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        branch = np.repeat(np.arange(40), 15)
        mine = rng.dirichlet(8 * p, size=40).cumsum(axis=1)[branch]
        kind = (rng.random((600, 1)) > mine).sum(axis=1)
        r = np.array([3, 8, 10])[np.minimum(kind, 2)]
        score = net_promoter(r, clusters=branch).score
        held.append(score.low <= 15 <= score.high)
    assert np.mean(held) >= 0.89
