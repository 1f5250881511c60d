from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcquality.designs.topics import topics
from svcquality.errors import InputError
from svcquality.records.bank import Records

THEMES = {
    "wait": (["排队", "叫号", "窗口", "等候", "取号", "大厅", "插队"], 2.0),
    "app": (["闪退", "登录", "验证码", "卡顿", "更新", "下载", "黑屏"], 9.0),
}


def bank(n: int = 160, *, answered: float = 1.0) -> Records:
    rng = np.random.default_rng(3)
    theme = rng.choice(list(THEMES), n, p=[0.7, 0.3])
    received = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 90, n), unit="D")
    days = np.array([THEMES[t][1] for t in theme])
    responded = pd.Series(received + pd.to_timedelta(days, unit="D"))
    return Records.from_frames(
        complaints=pd.DataFrame(
            {
                "complaint_id": [f"c{i}" for i in range(n)],
                "received": received,
                "responded": responded.where(rng.random(n) < answered),
                "text": ["，".join(rng.choice(THEMES[t][0], 5)) for t in theme],
            }
        )
    )


def test_topics_with_their_reply_times() -> None:
    found = topics(bank(), k=2, seed=1)
    table = found.table.set_index("term").loc[["topic_1", "topic_2"]]
    assert table["estimate"].sum() == pytest.approx(1)
    assert table["median_days"].tolist() == [2.0, 9.0]
    assert table.loc["topic_1", "example"].split("，")[0] in THEMES["wait"][0]
    assert {c.name: c.status for c in found.checks}["exploratory"] == "warn"
    assert found.frames["pareto"]["id"].tolist() == ["topic_1", "topic_2"]
    assert "排队" in found.sentence("zh") or set(
        table.loc["topic_1", "label_zh"].split("、")
    ) <= set(THEMES["wait"][0])


def test_the_rule_is_an_option_and_is_told() -> None:
    found = topics(bank(), k=[2, 3, 4], rule={"stability": 2, "coherence": 1}, starts=4)
    choice = found.frames["choice"]
    assert choice["k"].tolist() == [2, 3, 4]
    assert choice.loc[choice["chosen"], "k"].tolist() == [2]
    assert "2, 3, 4" in found.method.en and "stability 2" in found.method.en
    assert "稳定性 2" in found.method.zh and "4 个起点" in found.method.zh
    assert {c.name: c.status for c in found.checks}["topic_number"] == "warn"  # the smallest tried
    with pytest.raises(InputError, match="perplexity"):
        topics(bank(), rule={"perplexity": 1})


def test_the_choice_can_be_drawn() -> None:
    found = topics(bank(), k=[2, 3], starts=2, figure="choice")
    assert found.plot(language="zh").get_xlabel() == "主题数"
    assert "scores best" in found.title.en  # type: ignore[union-attr]
    for wrong in ({"figure": "cake"}, {"by": "branch"}):
        with pytest.raises(InputError, match=next(iter(wrong.values()))):
            topics(bank(), k=2, **wrong)


def burst() -> Records:
    """Six months of the two themes, then one in which the rarer of them is half of all."""
    rng = np.random.default_rng(8)
    parts = []
    for month, share in enumerate([0.25] * 6 + [0.6]):
        theme = np.where(rng.random(120) < share, "app", "wait")
        day = pd.Timestamp("2025-01-05") + pd.DateOffset(months=month)
        parts.append(pd.DataFrame({"theme": theme, "received": day}))
    rows = pd.concat(parts, ignore_index=True)
    rows["text"] = ["，".join(rng.choice(THEMES[t][0], 5)) for t in rows["theme"]]
    rows["complaint_id"] = [f"c{i}" for i in range(len(rows))]
    return Records.from_frames(complaints=rows.drop(columns="theme"))


def test_a_topic_that_rises_is_told() -> None:
    found = topics(burst(), k=2, seed=1)
    row = found.table.set_index("term").loc["topic_2_change"]
    assert row["estimate"] == pytest.approx(0.35, abs=0.1)
    assert 0 < row["low"] < row["estimate"] < row["high"] and row["p"] < 0.01
    assert {c.name: c.status for c in found.checks}["rising_topics"] == "warn"
    assert len(found.claims) == 2
    assert "2025-07" in found.claim_sentence(1, "en") and "2025-07" in found.claim_sentence(1, "zh")
    assert set(found.frames["monthly"]["topic"]) == {"topic_1", "topic_2"}
    assert "Benjamini" in found.method.en


def test_topics_beside_causes() -> None:
    """The codebook knows queues; of a theme that it does not know it learns."""
    rng = np.random.default_rng(4)
    themes = {"wait": ["排队", "叫号", "等候", "取号", "窗口"],
              "garden": ["花园", "喷泉", "草坪", "花盆", "树木"]}  # fmt: skip
    theme = np.repeat(["wait", "garden"], [120, 60])
    texts = ["，".join(rng.permutation(themes[t])[:4]) + str(i) for i, t in enumerate(theme)]
    complaints = pd.DataFrame(
        {
            "complaint_id": [f"c{i}" for i in range(180)],
            "received": pd.Timestamp("2025-03-01"),
            "text": texts,
        }
    )
    found = topics(Records.from_frames(complaints=complaints), k=2, by="cause", starts=2)
    table = found.table.set_index("term")
    assert table.loc["topic_1", "cause"] == "Q1" and table.loc["topic_1", "cause_share"] > 0.9
    assert table.loc["topic_2_without_cause", "estimate"] > 0.9
    assert found.frames["candidates"]["topic"].tolist() == ["topic_2"]
    assert set(found.frames["candidate_texts"]["text"].str[:2]) <= set(themes["garden"])
    assert {c.name: c.status for c in found.checks}["uncovered_topics"] == "warn"
    assert found.frames["pareto"]["id"].tolist() == ["topic_1", "topic_2"]


def test_unanswered_complaints_count_as_waiting() -> None:
    """With two thirds unanswered the median of the answered would stay at two days."""
    found = topics(bank(answered=0.33), k=2, seed=1)
    assert not found.table["median_days"].iloc[0] <= 2


def test_no_reply_times_no_column() -> None:
    assert "median_days" not in topics(bank(answered=0.0), k=2).table


def test_without_texts() -> None:
    with pytest.raises(InputError, match="text"):
        topics(Records.from_frames(complaints=bank().complaints.assign(text=None)))
    with pytest.raises(InputError, match="complaint records"):
        topics(Records())
