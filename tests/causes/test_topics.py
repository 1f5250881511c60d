from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcquality.causes.topics import discover_topics
from svcquality.errors import InputError

THEMES = {
    "wait": ["排队", "叫号", "窗口", "等候", "取号", "大厅", "插队"],
    "app": ["闪退", "登录", "验证码", "卡顿", "更新", "下载", "黑屏"],
    "loan": ["房贷", "利率", "还款", "月供", "逾期", "征信", "放款"],
}


@pytest.fixture(scope="module")
def texts() -> pd.Series:
    rng = np.random.default_rng(2)
    themes = rng.choice(list(THEMES), 240, p=[0.5, 0.3, 0.2])
    values = ["，".join(rng.choice(THEMES[t], 5)) for t in themes]
    return pd.Series(values, index=[f"{t}-{i}" for i, t in enumerate(themes)])


def test_themes_are_found_in_order_of_size(texts: pd.Series) -> None:
    found = discover_topics(texts, k=3, seed=1, starts=2)
    theme = found.primary.index.str.split("-").str[0]
    table = pd.crosstab(theme, found.primary.to_numpy())
    assert table.idxmax().tolist() == ["wait", "app", "loan"]
    assert table.max().sum() / len(texts) > 0.95
    assert found.shares.is_monotonic_decreasing
    assert found.shares.sum() == pytest.approx(1)
    assert set(found.labels["topic_1"].zh.split("、")) <= set(THEMES["wait"])
    assert found.read("topic_2", 4)["complaint_id"].str.startswith("app").all()
    with pytest.raises(InputError, match="topic_9"):
        found.read("topic_9")


def test_determinism_and_choice_of_k(texts: pd.Series) -> None:
    first, second = (discover_topics(texts, seed=3, starts=4) for _ in range(2))
    pd.testing.assert_frame_equal(first.probabilities, second.probabilities)
    assert first.choice.table["chosen"].sum() == 1
    assert first.choice.table["k"].tolist() == [5, 8]  # 21 words cannot make 12 topics


def test_the_number_of_themes_is_found_and_stable(texts: pd.Series) -> None:
    found = discover_topics(texts, k=[2, 3, 5], seed=3)
    assert found.choice.k == len(found.quality) == 3
    assert found.quality["stability"].min() > 0.8
    assert found.quality["share"].tolist() == found.shares.tolist()


def test_same_texts_have_the_same_topics(texts: pd.Series) -> None:
    again = texts.head(5).set_axis([f"again-{i}" for i in range(5)])
    found = discover_topics(pd.concat([texts, again]), k=3, seed=1, starts=2)
    pair = found.probabilities.loc[[texts.index[0], "again-0"]].to_numpy()
    np.testing.assert_array_equal(pair[0], pair[1])
    assert not found.read("topic_1", 300)["complaint_id"].str.startswith("again").any()


def test_words_of_topics_by_every_method(texts: pd.Series) -> None:
    found = discover_topics(texts, k=3, seed=1, starts=2)
    words = found.label_words(3)
    assert set(words["method"]) == {"probability", "frex", "lift", "score"}
    largest = words[words["topic"] == "topic_1"]
    assert set(largest["word"]) <= set(THEMES["wait"])


@pytest.mark.parametrize("values", [["排队"], ["排队"] * 9, ["😢", "x"], [None]])
def test_too_little_is_said_clearly(values: list[str | None]) -> None:
    with pytest.raises(InputError):
        discover_topics(pd.Series(values, index=[f"c{i}" for i in range(len(values))]))


@pytest.mark.parametrize("k", [1, 50, [3, 50]])
def test_numbers_that_the_texts_cannot_carry(texts: pd.Series, k: int | list[int]) -> None:
    with pytest.raises(InputError, match=r"50 topics|1 topics"):
        discover_topics(texts, k=k)


@pytest.mark.parametrize("k", [3.0, "3", True, [], [3, 2.5], {"k": 3}])
def test_no_number_of_topics(texts: pd.Series, k: object) -> None:
    with pytest.raises(InputError, match="k is a whole number"):
        discover_topics(texts, k=k)  # type: ignore[arg-type]


@pytest.mark.parametrize("starts", [1, 2.5, "20"])
def test_stability_needs_two_starts(texts: pd.Series, starts: object) -> None:
    with pytest.raises(InputError, match="at least 2"):
        discover_topics(texts, k=3, starts=starts)  # type: ignore[arg-type]
