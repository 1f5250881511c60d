"""The verdicts of the checks of waiting, and that they say the number that decided."""

from __future__ import annotations

import pytest

from svcquality.checks.abandonment import abandonment
from svcquality.checks.instrument_strength import instrument_strength
from svcquality.checks.placebo import Placebo, placebo_future_wait
from svcquality.checks.threshold import threshold
from svcquality.checks.wait_halo import wait_halo
from svcquality.language import Text

NEXT = Text("下次等候", "the next wait")


@pytest.mark.parametrize(
    ("strength", "bounded", "status", "words"),
    [
        (40.0, True, "passed", "strong enough"),
        (8.0, True, "warn", "its interval still holds"),
        (0.4, False, "warn", "no number is given"),
        (float("nan"), False, "warn", "no number is given"),
    ],
)
def test_instrument(strength: float, bounded: bool, status: str, words: str) -> None:
    check = instrument_strength(strength, 23.1, bounded=bounded)
    assert check.status == status
    assert words in check.text.en
    assert "临界值 23.1" in check.text.zh


def test_two_placebos_count_twice() -> None:
    once = Placebo(NEXT, -0.011, 0.03, 0.02, 900)
    assert placebo_future_wait([once]).status == "warn"
    both = placebo_future_wait([once, Placebo(NEXT, 0.001, 0.7, 0.02, 900)])
    assert both.status == "passed"
    assert both.number == pytest.approx(0.06)
    assert "−1.1 percentage points" in both.text.en
    assert "−1.1 个百分点" in both.text.zh
    assert "2.0 percentage points would be found" in both.text.en


def test_memory() -> None:
    check = wait_halo(-0.3, 0.0004, -0.05, -0.03, 800)
    assert check.status == "warn"
    assert "−5.0 percentage points by memory and −3.0 percentage points by the record" in (
        check.text.en
    )
    assert wait_halo(-0.01, 0.6, -0.02, -0.03, 800).status == "passed"


def test_abandonment() -> None:
    few, many = abandonment(0.04, None), abandonment(0.2, (-0.08, -0.3, 0.12))
    assert (few.status, many.status) == ("passed", "warn")
    assert "counted" not in few.text.en
    assert "−30.0 percentage points to +12.0 percentage points" in many.text.en
    assert "−8.0 个百分点" in many.text.zh


def test_a_threshold_is_said_only_where_it_is_known() -> None:
    known = threshold(20.4, 14.0, 27.0, 0.01, located=True, steeper=True)
    assert "steeper at about 20 minutes" in known.text.en
    assert "变陡" in known.text.zh
    somewhere = threshold(20.4, 2.0, 60.0, 0.01, located=False, steeper=True)
    assert "where is not known" in somewhere.text.en
    nowhere = threshold(20.4, 2.0, 60.0, 0.4, located=True, steeper=True)
    assert "No threshold is detectable" in nowhere.text.en
    assert {c.status for c in (known, somewhere, nowhere)} == {"passed"}
