from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from svcquality.causes.topics import discover_topics, frex, npmi
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
    found = discover_topics(texts, k=3, seed=1)
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
    first, second = (discover_topics(texts, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(first.probabilities, second.probabilities)
    assert first.choice["chosen"].sum() == 1
    assert first.choice["k"].tolist() == [5, 8]  # 21 words cannot make 12 topics


@pytest.mark.parametrize("values", [["排队"], ["排队"] * 9, ["😢", "x"], [None]])
def test_too_little_is_said_clearly(values: list[str | None]) -> None:
    with pytest.raises(InputError):
        discover_topics(pd.Series(values, index=[f"c{i}" for i in range(len(values))]))


def test_too_many_topics(texts: pd.Series) -> None:
    for k in (1, 50):
        with pytest.raises(InputError, match=r"50 topics|1 topics"):
            discover_topics(texts, k=k)


def test_coherence_by_hand() -> None:
    # a and b always together in half of the texts, c apart from them.
    counts = sparse.csr_matrix(np.array([[1, 2, 0], [1, 1, 0], [0, 0, 1], [0, 0, 3.0]]))
    together, apart = npmi(counts, np.array([[0, 1], [0, 2]]))
    assert together == pytest.approx(1)
    assert apart == pytest.approx(-1)


def test_labels_prefer_words_that_are_the_topics_own() -> None:
    beta = np.array([[0.4, 0.35, 0.15, 0.1], [0.6, 0.05, 0.05, 0.3]])
    assert frex(beta)[0].argmax() == 1
