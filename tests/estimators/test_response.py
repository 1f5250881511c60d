from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from svcquality.errors import InputError
from svcquality.estimators.domain_mean import domain_mean
from svcquality.estimators.response import (
    response_model,
    response_weighted_mean,
    worst_case_bounds,
)
from svcquality.estimators.survey_weights import effective_size


def draw(seed: int, n: int = 1500) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Older customers answer more and are more satisfied: mean 0, respondents' mean above."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    answered = rng.random(n) < expit(-0.3 + X[:, 0])
    return X[:, 0] + rng.normal(size=n), answered, X


def test_weights_restore_the_mean_of_all_who_were_asked() -> None:
    y, answered, X = draw(1)
    model = response_model(answered, X)
    assert model.weights[answered].mean() == pytest.approx(1)
    assert (model.weights[~answered] == 0).all()
    assert y[answered].mean() > 0.3
    found = response_weighted_mean(np.where(answered, y, np.nan), answered, X)
    assert found.estimate == pytest.approx(np.average(y, weights=model.weights))
    assert found.low < 0 < found.high


def test_a_saturated_model_is_weighting_by_cells() -> None:
    rng = np.random.default_rng(2)
    cell = rng.integers(2, size=400)
    answered = rng.random(400) < np.where(cell == 1, 0.8, 0.4)
    y = cell + rng.normal(size=400)
    found = response_weighted_mean(y, answered, cell[:, None].astype(float))
    by_cell = [y[answered & (cell == c)].mean() for c in (0, 1)]
    assert found.estimate == pytest.approx(np.average(by_cell, weights=np.bincount(cell)))


def test_r_indicator_is_one_where_answering_is_chance() -> None:
    rng = np.random.default_rng(3)
    adjusted, raw = [], []
    for _ in range(40):
        X = rng.normal(size=(300, 6))
        r = response_model(rng.random(300) < 0.4, X).representativity
        adjusted.append(r.estimate)
        raw.append(r.unadjusted)
        assert r.low <= r.estimate <= r.high
    assert np.mean(raw) < 0.9  # looks selective although it is not
    assert np.mean(adjusted) > 0.94
    assert np.median(adjusted) > 0.95


def test_r_indicator_of_a_known_propensity() -> None:
    """Half answer with 0.2, half with 0.6: S = 0.2, R = 0.6, variation 0.5."""
    rng = np.random.default_rng(4)
    half = np.repeat([0.0, 1.0], 4000)
    answered = rng.random(8000) < np.where(half == 1, 0.6, 0.2)
    r = response_model(answered, half[:, None]).representativity
    assert r.low < 0.6 < r.high
    assert r.estimate == pytest.approx(0.6, abs=0.03)
    assert r.variation == pytest.approx(0.5, abs=0.05)


def test_bounds_by_hand() -> None:
    y = np.array([5.0, 4, 3, np.nan])
    found = worst_case_bounds(y, np.array([True, True, True, False]), (1, 5))
    assert (found.lower, found.upper) == (3.25, 4.25)
    assert found.low < 3.25
    assert found.high > 4.25
    assert found.silent_mean(3.5) == pytest.approx(2.0)
    near = worst_case_bounds(y, np.array([True, True, True, False]), (1, 5), within=0.4)
    assert (near.lower, near.upper) == pytest.approx((3.9, 4.1))


def test_all_answered_is_the_ordinary_interval() -> None:
    rng = np.random.default_rng(5)
    y = rng.integers(1, 6, size=200).astype(float)
    found = worst_case_bounds(y, np.ones(200, dtype=bool), (1, 5))
    assert found.lower == found.upper == pytest.approx(y.mean())
    reach = 1.9720 * y.std(ddof=1) / np.sqrt(200)
    assert found.high - y.mean() == pytest.approx(reach, rel=1e-3)
    assert np.isnan(found.silent_mean(3))
    wide = worst_case_bounds(y, np.arange(200) < 100, (1, 5))
    assert (wide.lower - wide.low) < reach * np.sqrt(2) * 1.7


def test_cut_weights_are_fewer_than_their_limit_and_counted() -> None:
    y, answered, X = draw(7)
    full, cut = response_model(answered, X), response_model(answered, X, most=2.0)
    assert not full.trimmed.any()
    assert cut.trimmed.sum() == (full.weights > 2.0).sum() > 10
    assert cut.weights[answered].mean() == pytest.approx(1)
    assert cut.weights.max() < full.weights.max()
    assert effective_size(cut.weights[answered]) > effective_size(full.weights[answered])
    whole, steadier = full.mean(y).inference(), cut.mean(y).inference()
    assert steadier.errors[0] < whole.errors[0]
    with pytest.raises(ValueError, match="above 1"):
        response_model(answered, X, most=0.5)


def test_the_mean_of_a_domain_and_differences_of_means() -> None:
    y, answered, X = draw(8)
    model = response_model(answered, X)
    half = np.arange(len(y)) % 2 == 0
    a, b = model.mean(y, half), model.mean(y, ~half)
    assert a.estimate == pytest.approx(
        np.average(y[half & answered], weights=model.weights[half & answered])
    )
    gap = a - b
    assert gap.estimate == pytest.approx(a.estimate - b.estimate)
    apart = np.hypot(a.inference().errors[0], b.inference().errors[0])
    assert gap.inference().errors[0] == pytest.approx(apart, rel=0.1)
    # Weighted by a constant propensity it is the plain mean, and its error the plain error.
    constant = response_model(answered, np.tile([[1.0], [-1.0]], (len(y) // 2, 1)))
    plain = domain_mean(y, answered)
    assert constant.mean(y).estimate == pytest.approx(plain.estimate, abs=0.02)
    assert constant.mean(y).inference().errors[0] == pytest.approx(
        plain.inference().errors[0], rel=0.02
    )
    with pytest.raises(InputError, match="Nobody in this group"):
        model.mean(y, np.zeros(len(y), dtype=bool))


@pytest.mark.recovery
def test_intervals_cover_where_respondents_mislead() -> None:
    held = []
    for seed in range(150):
        y, answered, X = draw(seed, n=600)
        weighted = response_weighted_mean(y, answered, X)
        naive = y[answered].mean()
        error = y[answered].std() / np.sqrt(answered.sum())
        held.append([weighted.low <= 0 <= weighted.high, abs(naive) < 1.96 * error])
    ours, theirs = np.mean(held, axis=0)
    assert ours >= 0.88
    assert theirs < 0.2


def test_hopeless_data_are_refused() -> None:
    y, answered, X = draw(6, n=100)
    with pytest.raises(InputError, match="never happens"):
        response_model(np.zeros(100, dtype=bool), X)
    with pytest.raises(InputError, match="predicted perfectly"):
        response_model(answered, np.column_stack([X, answered]))
    with pytest.raises(InputError, match="from 1 to 5"):
        worst_case_bounds(y * 10, answered, (1, 5))
    with pytest.raises(InputError, match="one cluster"):
        worst_case_bounds(np.full(100, 3.0), answered, (1, 5), clusters=np.zeros(100))
