from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.text.code_points import CodePoints, intern_spans
from svcquality.text.tokens import Tokens, count_words

ROWS = st.lists(
    st.lists(st.sampled_from(["排队", "慢", "app", "", "😡", "等"]), max_size=6), max_size=7
)
TEXTS = st.lists(st.text(max_size=8), max_size=8)


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_code_points_give_the_texts_again(texts: list[str]) -> None:
    points = CodePoints.of(texts)
    assert points.strings() == texts
    assert points.lengths.tolist() == [len(text) for text in texts]
    assert points.count(points.points == ord("a")).tolist() == [text.count("a") for text in texts]
    any_a = points.any_of((points.points == ord("a")).astype(np.uint8))
    assert any_a.tolist() == [int("a" in text) for text in texts]


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_equal_spans_have_one_number_in_order_of_first_occurrence(texts: list[str]) -> None:
    points = CodePoints.of(texts)
    codes, first = intern_spans(points.points, points.offsets[:-1], points.offsets[1:])
    expected, distinct = pd.factorize(np.array(texts, dtype=object))
    assert codes.tolist() == expected.tolist()
    assert [texts[i] for i in first] == list(distinct)


def test_many_distinct_spans_are_told_apart() -> None:
    words = [f"{i:x}" for i in range(70_000)]
    points = CodePoints.of(words + words)
    codes, first = intern_spans(points.points, points.offsets[:-1], points.offsets[1:])
    assert codes.tolist() == [*range(70_000), *range(70_000)]
    assert first.tolist() == list(range(70_000))


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_lists_come_back(rows: list[list[str]]) -> None:
    tokens = Tokens.of(rows)
    assert tokens.lists() == rows
    assert tokens.lengths.tolist() == [len(row) for row in rows]
    assert (tokens.codes.dtype, tokens.offsets.dtype) == (np.int32, np.int64)


@given(ROWS, ROWS)
@settings(max_examples=60, deadline=None)
def test_parts_are_joined_as_if_they_had_been_one(
    one: list[list[str]], two: list[list[str]]
) -> None:
    joined, whole = Tokens.joined([Tokens.of(one), Tokens.of(two)]), Tokens.of(one + two)
    assert joined.lists() == one + two
    assert joined.vocabulary == whole.vocabulary
    np.testing.assert_array_equal(joined.codes, whole.codes)


def test_rows_are_chosen_by_slices_places_and_truth_values() -> None:
    tokens = Tokens.of([["a", "b"], [], ["b"], ["c"]])
    assert tokens[1:3].lists() == [[], ["b"]]
    assert tokens[[3, 0, 0]].lists() == [["c"], ["a", "b"], ["a", "b"]]
    assert tokens[pd.Series([True, False, False, True], index=list("wxyz"))].lists() == [
        ["a", "b"],
        ["c"],
    ]
    assert tokens[np.zeros(4, dtype=bool)].lists() == []
    assert tokens[[]].lists() == []


def test_renaming_merges_and_drops() -> None:
    tokens = Tokens.of([["App", "的", "app"], ["的"], ["慢"]])
    renamed = tokens.renamed({"App": "app", "app": "app", "慢": "慢"})
    assert renamed.lists() == [["app", "app"], [], ["慢"]]
    assert renamed.vocabulary == ("app", "慢")
    assert renamed.count(frozenset({"app"})).tolist() == [2, 0, 0]
    assert tokens.emptied(np.array([True, False, False])).lists() == [[], ["的"], ["慢"]]
    assert Tokens.of([]).renamed({}).lists() == []


def test_words_are_counted_in_sorted_order_rare_and_common_ones_left_out() -> None:
    rows = [["b", "a", "b", "all"], ["a", "all"], ["b", "all", "once"], [], ["all"]]
    counts, vocabulary = count_words(Tokens.of(rows))
    assert vocabulary == ["a", "b"]
    assert counts.toarray().tolist() == [[1, 2], [1, 0], [0, 1], [0, 0], [0, 0]]
    assert counts.has_sorted_indices


def test_counting_a_selection_is_counting_its_texts() -> None:
    rows = [["a", "b"], ["b", "c"], ["c", "a"], ["b"]]
    some, words = count_words(Tokens.of(rows)[[1, 2, 3]])
    alone, alone_words = count_words(Tokens.of([rows[1], rows[2], rows[3]]))
    assert words == alone_words
    np.testing.assert_array_equal(some.toarray(), alone.toarray())


def test_nothing_to_count() -> None:
    counts, vocabulary = count_words(Tokens.of([[], []]))
    assert counts.shape == (2, 0)
    assert vocabulary == []
