"""The codebook score."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from svcquality.causes.codebook_score import (
    REPEATS,
    SECOND_ORDER,
    _earlier_equals,
    placed,
    score_codebook,
)
from svcquality.text.codebook import RESIDUAL, Codebook
from svcquality.text.codebook_file import load_codebook, parse_codebook


@pytest.fixture(scope="module")
def mine() -> Codebook:
    raw = {
        "families": [{"id": "F", "zh": "大类"}, {"id": "H", "zh": "处理", "second_order": True}],
        "causes": [
            {
                "id": "A",
                "family": "F",
                "zh": "排队",
                "seeds_zh": {"strong": ["排队"], "hint": ["等"]},
            },
            {"id": "B", "family": "F", "zh": "态度", "seeds_zh": ["态度差"]},
            {"id": "C", "family": "H", "zh": "拖延", "seeds_zh": {"strong": ["一拖再拖"]}},
        ],
    }
    return parse_codebook(yaml.safe_dump(raw).encode(), "mine")


def scores(mine: Codebook, *texts: str) -> np.ndarray:
    series = pd.Series(texts, dtype="str")
    return score_codebook(mine.find_spans(series), series.index, mine).toarray()


def test_evidence_is_weight_times_intensity_of_what_is_asserted(mine: Codebook) -> None:
    found = scores(mine, "排队，等", "没有排队", "非常等", "", "没有排队，但是态度差")
    np.testing.assert_allclose(found, [[2.4, 0, 0], [0, 0, 0], [0.6, 0, 0], [0, 0, 0], [0, 1, 0]])


def test_shouting_is_not_more_evidence(mine: Codebook) -> None:
    assert scores(mine, "排队，" * 9)[0, 0] == 2.0 * REPEATS


def test_handling_comes_second_where_another_cause_is_named(mine: Codebook) -> None:
    found = scores(mine, "一拖再拖", "态度差，一拖再拖")
    np.testing.assert_allclose(found, [[0, 0, 2], [0, 1, 2 * SECOND_ORDER]])


def test_placing(mine: Codebook) -> None:
    series = pd.Series(["等", "等等等", "排队，态度差", "", "态度差，一拖再拖"])
    score = score_codebook(mine.find_spans(series), series.index, mine)
    assert placed(score, mine).tolist() == [RESIDUAL, RESIDUAL, "A", RESIDUAL, "B"]
    none = score_codebook(mine.find_spans(series[:0]), series.index[:0], mine)
    assert placed(none, mine).tolist() == []


def test_rows_follow_the_documents_and_others_are_passed_over(mine: Codebook) -> None:
    series = pd.Series(["排队", "态度差", "排队"], index=["x", "y", "z"])
    spans = mine.find_spans(series)
    whole = score_codebook(spans, series.index, mine).toarray()
    part = score_codebook(spans, pd.Index(["z", "y"]), mine).toarray()
    np.testing.assert_array_equal(part, whole[[2, 1]])


@given(st.lists(st.integers(0, 4), max_size=30))
def test_earlier_equals(keys: list[int]) -> None:
    expected = [keys[:i].count(key) for i, key in enumerate(keys)]
    assert _earlier_equals(np.array(keys, dtype=np.int64)).tolist() == expected


def test_praise_of_a_bank_is_no_complaint() -> None:
    bank = load_codebook("bank-zh")
    praise = pd.Series([
        "手机银行很好用，再也不用去银行排队了", "界面简洁，功能强大，转账方便快捷", "非常方便，没有卡顿，没有闪退",
        "服务态度非常好，大厅环境优雅", "理财种类多，安全放心", "很人性化，点赞",
    ])  # fmt: skip
    score = score_codebook(bank.find_spans(praise), praise.index, bank)
    assert placed(score, bank).tolist().count(RESIDUAL) >= 5
