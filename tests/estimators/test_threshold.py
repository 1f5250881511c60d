from __future__ import annotations

import numpy as np
import pytest

from svcquality.errors import InputError
from svcquality.estimators.clustered import sandwich
from svcquality.estimators.least_squares import least_squares
from svcquality.estimators.threshold import Threshold, find_threshold


def draw(
    seed: int, n: int = 800, knot: float = 15.0, change: float = -0.06, mood: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Satisfaction falls by 0.01 a minute, and faster beyond the knot."""
    rng = np.random.default_rng(seed)
    branch = rng.integers(40, size=n)
    wait = rng.gamma(2.0, 9.0, size=n)
    y = 4 - 0.01 * wait + change * np.maximum(wait - knot, 0)
    return y + mood * rng.normal(size=40)[branch] + rng.normal(size=n), wait, branch


def test_profile_is_that_of_refitting() -> None:
    y, x, _ = draw(1)
    controls = np.random.default_rng(1).normal(size=(800, 2))
    found = find_threshold(y, x, controls, grid=25, draws=50)
    for row in found.profile.iloc[[0, 12, 24]].itertuples():
        X = np.column_stack([np.ones(800), x, controls, np.maximum(x - row.knot, 0)])
        assert row.sum_of_squares == pytest.approx(least_squares(y, X).sum_of_squares)
    assert found.profile["statistic"].min() == 0
    assert found.change.estimate == pytest.approx(found.after.estimate - found.before.estimate)


def test_bootstrap_is_that_of_refitting_every_draw() -> None:
    y, x, branch = draw(2, n=200, mood=0.5)
    found = find_threshold(y, x, clusters=branch, grid=15, draws=60, seed=4)
    knots, best = found.profile["knot"].to_numpy(), int(found.profile["statistic"].argmin())
    columns = [np.column_stack([np.ones(200), x, np.maximum(x - k, 0)]) for k in knots]
    fit = least_squares(y, columns[best])
    codes = np.unique(branch, return_inverse=True)[1]
    first_seen = np.array(list(dict.fromkeys(branch)))
    position = np.argsort(first_seen)[codes]
    signs = np.random.default_rng(4).choice([-1.0, 1.0], size=(60, found.clusters or 0))
    statistics = []
    for sign in signs:
        drawn = y - fit.residuals + fit.residuals * sign[position]
        squares = np.array([least_squares(drawn, X).sum_of_squares for X in columns])
        statistics.append(200 * (squares[best] - squares.min()) / squares.min())
    assert found.critical == pytest.approx(np.quantile(statistics, 0.95))


def test_a_clear_bend_is_located() -> None:
    y, x, branch = draw(3, n=3000, mood=0.3)
    found = find_threshold(y, x, clusters=branch, draws=299)
    assert found.located
    assert found.low <= 15 <= found.high
    assert found.high - found.low < 12
    assert found.p < 0.01
    assert found.after.high < found.before.low
    assert found.change.estimate == pytest.approx(-0.06, abs=0.02)
    assert found.clusters == 40


def test_a_straight_line_has_no_threshold() -> None:
    found: list[Threshold] = []
    for seed in range(60):
        y, x, branch = draw(seed, n=300, change=0.0, mood=0.5)
        found.append(find_threshold(y, x, clusters=branch, grid=40, draws=199, seed=seed))
    assert np.mean([f.p <= 0.05 for f in found]) <= 0.13
    assert np.mean([f.located for f in found]) < 0.4


def test_errors_of_slopes_are_wider_than_with_a_known_knot() -> None:
    y, x, _ = draw(5)
    found = find_threshold(y, x, draws=50)
    fit = least_squares(y, np.column_stack([np.ones(800), x, np.maximum(x - found.knot, 0)]))
    known = sandwich(fit.bread, [fit.scores], 800)
    assert found.before.error > known.errors[1]


def test_units_do_not_matter() -> None:
    y, x, branch = draw(6)
    minutes = find_threshold(y, x, clusters=branch, draws=99)
    seconds = find_threshold(y, 60 * x, clusters=branch, draws=99)
    assert seconds.knot == pytest.approx(60 * minutes.knot)
    assert seconds.low == pytest.approx(60 * minutes.low)
    assert seconds.p == minutes.p


@pytest.mark.recovery
def test_interval_covers_the_knot_although_branches_have_moods() -> None:
    held, located = [], []
    for seed in range(120):
        y, x, branch = draw(1000 + seed, n=1000, mood=0.4)
        f = find_threshold(y, x, clusters=branch, grid=80, draws=199, seed=seed)
        held.append(f.low <= 15 + 1e-9 and f.high >= 15 - 1e-9)
        located.append(f.located)
    assert np.mean(held) >= 0.89
    assert np.mean(located) > 0.5


def test_hopeless_data_are_refused() -> None:
    y, x, _ = draw(7)
    with pytest.raises(InputError, match="too few different values"):
        find_threshold(y, np.full(800, 3.0) + np.r_[1.0, np.zeros(799)])
    with pytest.raises(InputError, match="repeat each other"):
        find_threshold(y, x, 2 * x[:, None])
    with pytest.raises(ValueError, match="trim"):
        find_threshold(y, x, trim=0.6)


def test_a_weight_of_two_is_a_row_twice() -> None:
    y, x, _ = draw(8, n=300)
    twice = np.arange(300) % 3 == 0
    weighted = find_threshold(y, x, weights=1.0 + twice, grid=40, draws=19, trim=0.2)
    again = np.concatenate([np.arange(300), np.flatnonzero(twice)])
    copied = find_threshold(y[again], x[again], grid=40, draws=19, trim=0.2)
    # The quantiles that bound the search differ a little, so knots are compared where both have them.
    for name in ("sum_of_squares", "change"):
        there = np.interp(
            weighted.profile["knot"][5:-5], copied.profile["knot"], copied.profile[name]
        )
        assert there == pytest.approx(weighted.profile[name][5:-5].to_numpy(), rel=2e-2), name
    with pytest.raises(ValueError, match="positive"):
        find_threshold(y, x, weights=np.zeros(300))


def test_the_profile_holds_the_change_of_slope_at_each_knot() -> None:
    y, x, _ = draw(9)
    found = find_threshold(y, x, draws=19)
    for _, row in found.profile.iloc[[10, 100, 190]].iterrows():
        hinge = np.maximum(x - row["knot"], 0)
        fit = least_squares(y, np.column_stack([np.ones(800), x, hinge]))
        assert row["change"] == pytest.approx(fit.coefficients[2])
        assert row["sum_of_squares"] == pytest.approx(fit.sum_of_squares)
