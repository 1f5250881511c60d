"""Straight-liners are found by what they ticked, and told of where an order rests on them."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcquality.checks.straight_lining import straight_liners, straight_lining
from svcquality.language import plain

ANSWER = st.one_of(st.none(), st.integers(1, 5))
WORDS = {name: plain(name) for name in ("wait", "staff", "room")}


def frame(*rows: list) -> pd.DataFrame:
    return pd.DataFrame([[np.nan if v is None else v for v in row] for row in rows], dtype=float)


@given(st.lists(st.lists(ANSWER, min_size=7, max_size=7), min_size=1, max_size=8))
def test_agrees_with_counting_by_hand(rows):
    found = straight_liners(frame(*rows))
    for row, got in zip(rows, found.to_dict("records"), strict=True):
        given_ = [v for v in row if v is not None]
        most = max((given_.count(v) for v in given_), default=0)
        assert got["rated"] == len(given_)
        assert got["longest"] == max((len(list(g)) for _, g in groupby(given_)), default=0)
        assert got["straight"] == (len(given_) >= 5 and most == len(given_))
        assert got["nearly"] == (len(given_) >= 6 and most == len(given_) - 1)


def test_an_item_turned_beforehand_leaves_a_near_straight_line():
    found = straight_liners(frame([5, 5, 5, 5, 5, 1], [5, 5, 5, 5, 5, 5]))
    assert found["straight"].tolist() == [False, True]
    assert found["nearly"].tolist() == [True, False]


def test_four_items_are_too_few_to_tell():
    found = straight_liners(frame([3, 3, 3, 3], [3, 3, 3, 3]))
    assert not found["straight"].any()
    check = straight_lining(
        found, pd.DataFrame({"all": [1.0], "without": [1.0]}, ["wait"]), WORDS, dropped=True
    )
    assert check.status == "passed" and "Fewer than 5" in check.text.en


def lines(straight: int, nearly: int, careful: int) -> pd.DataFrame:
    return straight_liners(
        frame(*[[4] * 6] * straight, *[[4] * 5 + [2]] * nearly, *[[1, 2, 3, 4, 5, 1]] * careful)
    )


def shares(all: list[float], without: list[float] | None = None, **more: list[float]):
    columns = {"all": all, "without": without or all, **more}
    return pd.DataFrame(columns, ["wait", "staff", "room"])


def test_a_leader_that_changes_is_warned_of_with_numbers():
    told = shares(all=[0.5, 0.3, 0.2], without=[0.1, 0.7, 0.2])
    check = straight_lining(lines(30, 5, 65), told, WORDS, dropped=True)
    assert check.status == "warn" and check.number == pytest.approx(0.3)
    assert "30.0%" in check.text.en and "5.0%" in check.text.en
    assert "that of staff (70%), with them that of wait (50%)" in check.text.en
    assert "由wait（50%）变为staff（70%）" in check.text.zh


def test_a_share_that_moves_is_warned_of_and_one_that_stays_is_not():
    moved = shares(all=[0.5, 0.3, 0.2], without=[0.56, 0.26, 0.18])
    check = straight_lining(lines(30, 0, 70), moved, WORDS, dropped=False)
    assert check.status == "warn" and "56%" in check.text.en and "all kept" in check.text.en
    still = shares(all=[0.5, 0.3, 0.2], without=[0.54, 0.27, 0.19])
    assert straight_lining(lines(30, 0, 70), still, WORDS, dropped=True).status == "passed"


def test_those_who_nearly_are_count_from_the_reading_without_the_others():
    told = shares(all=[0.5, 0.3, 0.2], without=[0.5, 0.3, 0.2], without_nearly=[0.3, 0.5, 0.2])
    check = straight_lining(lines(10, 30, 60), told, WORDS, dropped=True)
    assert check.status == "warn" and "nearly are" in check.text.en


def test_a_careful_survey_passes():
    check = straight_lining(lines(0, 0, 40), shares(all=[0.5, 0.3, 0.2]), WORDS, dropped=True)
    assert check.status == "passed" and check.number == 0


def test_a_reading_that_could_not_be_computed_is_not_called_the_same():
    unread = shares(all=[np.nan] * 3, without=[0.5, 0.3, 0.2])
    check = straight_lining(lines(30, 0, 70), unread, WORDS, dropped=True)
    assert check.status == "warn" and "could not be computed" in check.text.en
