from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.text.code_points import CodePoints
from svcquality.text.near_duplicates import first_of_its_kind

LONG = "我在城东支行排队等了两个小时都没有人叫号，大堂经理也不管，只开了一个窗口，太耽误事了"


def kinds(*texts: str) -> list[int]:
    return first_of_its_kind(CodePoints.of(texts)).tolist()


@pytest.mark.parametrize(
    "again",
    [
        LONG.replace("，", " ").replace("两个", "两个") + "！！！",  # punctuation
        LONG + "138****5678，2024-03-01",  # digits and masks
        LONG.replace("耽误事", "耽误时间"),
        LONG.replace("太耽误事了", "耽误事"),
        LONG.replace("城东", "城西"),
    ],
)
def test_texts_that_say_the_same_again(again: str) -> None:
    assert kinds("信用卡年费为什么扣了两次", LONG, again) == [0, 1, 1]


@pytest.mark.parametrize(
    "other",
    [
        LONG.replace("都没有人", "都有人"),  # denies less
        LONG.replace("我在城东支行排队等了两个小时", "昨天下午我去办贷款"),
        LONG[:20],
        LONG + "而且他们还把我的卡吞了，打电话也说管不了",
    ],
)
def test_texts_that_say_something_else(other: str) -> None:
    assert kinds(LONG, other) == [0, 1]


def test_short_texts_repeat_only_equal_letters() -> None:
    assert kinds("不能退款", "能退款", "不能退款！！", "不让退款") == [0, 1, 0, 3]


def test_texts_without_letters_repeat_only_what_is_equal() -> None:
    assert kinds("😡", "😢", "😡", "", "", "111") == [0, 1, 0, 3, 3, 5]


def test_english_texts() -> None:
    text = "I waited two hours at the branch on Main Street and nobody called my number at all."
    assert kinds(text, text.replace("two hours", "2 hours").upper(), text.replace("nobody", "somebody"),
                 "I waited for the loan and it was not approved, which nobody told me about.") == [0, 0, 0, 3]  # fmt: skip
    assert kinds(text, text.replace("I waited", "I have not waited")) == [0, 1]


@pytest.mark.parametrize("edits", [1, 2, 3])
def test_few_edits_are_found_and_many_are_not(edits: int) -> None:
    """Texts of random characters, so that only the edits make pairs alike."""
    rng = np.random.default_rng(edits)
    letters = [chr(c) for c in range(0x5000, 0x5400)]
    texts = rng.choice(letters, (300, 60))
    few, many = texts.copy(), texts.copy()
    for row in range(300):
        few[row, rng.choice(60, edits, replace=False)] = "的"
        many[row, rng.choice(60, 30, replace=False)] = "的"
    found = first_of_its_kind(CodePoints.of(["".join(t) for t in (*texts, *few, *many)]))
    assert (found[300:600] == np.arange(300)).mean() > 0.99
    assert (found[600:] == np.arange(600, 900)).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="排队不没等了两小时Ab1， 😡", max_size=25), max_size=8))
def test_a_first_text_repeats_no_other_and_stands_before(texts: list[str]) -> None:
    found = first_of_its_kind(CodePoints.of(texts))
    assert (found <= np.arange(len(texts))).all()
    assert (found[found] == found).all()
    for i, text in enumerate(texts):
        assert texts[found[texts.index(text)]] == texts[found[i]]  # equal texts are of one kind


def test_very_long_and_very_many_equal_texts() -> None:
    long = "排队两小时。" * 100_000
    assert kinds(long, long + "太久", LONG) == [0, 0, 2]
    assert set(kinds(*[LONG] * 5_000)) == {0}
