from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.estimators.splines import RestrictedCubicSpline


def test_knots_are_harrells_quantiles() -> None:
    spline = RestrictedCubicSpline.at_quantiles(np.arange(1001.0), 4)
    np.testing.assert_allclose(spline.knots, [50, 350, 650, 950])
    assert spline.columns == 3


def test_basis_by_hand() -> None:
    # Knots 0, 1, 2: the bent column is (x₊³ − 2(x−1)₊³ + (x−2)₊³) / 4.
    spline = RestrictedCubicSpline((0.0, 1.0, 2.0))
    np.testing.assert_allclose(
        spline.transform(np.array([-1.0, 0.5, 1.0, 2.0, 3.0])),
        [[-1, 0], [0.5, 0.125 / 4], [1, 0.25], [2, 6 / 4], [3, 12 / 4]],
    )


@settings(max_examples=40, deadline=None)
@given(
    knots=st.lists(st.integers(0, 200), min_size=3, max_size=7, unique=True).map(sorted),
    far=st.floats(1, 500),
)
def test_straight_beyond_the_knots_and_smooth_at_them(knots: list[int], far: float) -> None:
    spline = RestrictedCubicSpline(tuple(float(t) for t in knots))
    for edge, sign in ((knots[0], -1), (knots[-1], 1)):
        points = spline.transform(edge + sign * np.array([0, far, 2 * far]))
        middle = (points[0] + points[2]) / 2
        np.testing.assert_allclose(points[1], middle, rtol=1e-7, atol=1e-7)
    step = 1e-4
    t = np.array(knots, dtype=float)
    left = (spline.transform(t) - spline.transform(t - step)) / step
    right = (spline.transform(t + step) - spline.transform(t)) / step
    np.testing.assert_allclose(left, right, atol=1e-2)


def test_new_values_are_expanded_with_the_old_knots() -> None:
    x = np.random.default_rng(0).gamma(2, 8, 500)
    spline = RestrictedCubicSpline.at_quantiles(x, 5)
    np.testing.assert_array_equal(spline.transform(x)[:7], spline.transform(x[:7]))


def test_many_waits_of_zero_take_one_knot() -> None:
    x = np.concatenate([np.zeros(700), np.arange(1, 301)])
    spline = RestrictedCubicSpline.at_quantiles(x, 4)
    assert spline.knots[0] == 0
    assert len(spline.knots) == 4
    assert spline.knots[1] > 1


def test_what_cannot_be_a_curve_is_refused() -> None:
    with pytest.raises(InputError, match="3 to 7"):
        RestrictedCubicSpline.at_quantiles(np.arange(100), 9)
    with pytest.raises(InputError, match="too few different values"):
        RestrictedCubicSpline.at_quantiles(np.repeat([0.0, 5.0], 50), 4)


def test_waits_of_almost_nothing_do_not_make_two_knots_of_one() -> None:
    rng = np.random.default_rng(1)
    waits = np.where(rng.random(2000) < 0.3, rng.random(2000) * 0.02, rng.exponential(20, 2000))
    spline = RestrictedCubicSpline.at_quantiles(waits, 5)
    knots = np.array(spline.knots)
    assert (np.diff(knots) > 0.004 * np.ptp(knots)).all()
    basis = spline.transform(waits)
    assert np.linalg.cond((basis - basis.mean(axis=0)) / basis.std(axis=0)) < 1e4
