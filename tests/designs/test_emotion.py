from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from svcquality.causes.measure import measure_causes
from svcquality.designs import DESIGNS
from svcquality.designs.emotion import emotion
from svcquality.errors import InputError
from svcquality.findings import Grade
from svcquality.records.bank import Records


def bank(n: int = 400, *, hidden: float = 0.0, **columns: object) -> Records:
    """Half of the complaints are angry, of those a part in words that the lexicon does not know."""
    rng = np.random.default_rng(6)
    cause = rng.choice(["排队叫号等了很久", "手机银行闪退登录不上"], n)
    angry = rng.random(n) < np.where(cause == "排队叫号等了很久", 0.7, 0.3)
    silent = rng.random(n) < hidden
    words = np.where(angry, np.where(silent, "你们可真行啊", "非常愤怒"), "并不生气")
    frame = pd.DataFrame(
        {
            "complaint_id": [f"c{i}" for i in range(n)],
            "received": pd.Timestamp("2025-03-01"),
            "customer_id": [f"k{i // 2}" for i in range(n)],
            "channel": rng.choice(["branch", "phone"], n),
            "text": [
                f"{c}，{w}，第{i}号" for i, (c, w) in enumerate(zip(cause, words, strict=True))
            ],
            "true_anger": np.where(angry, "anger", "none"),
        }
    )
    return Records.from_frames(complaints=frame.assign(**columns))


def statuses(found: object) -> dict[str, str]:
    return {c.name: c.status for c in found.checks}  # type: ignore[attr-defined]


def test_shares_by_family_with_intervals_and_coverage() -> None:
    records = bank()
    truth = (records.complaints["true_anger"] == "anger").mean()
    causes = measure_causes(records.complaints, starts=1)
    found = emotion(records, id="feelings", causes=causes)
    table = found.table.set_index("term")
    assert found.grade is Grade.DESCRIBES and not found.blocked
    assert table.loc["anger", "estimate"] == pytest.approx(truth)
    assert table.loc["anger", "clusters"] == 200
    assert table.loc["anger[Q]", "low"] > table.loc["anger[T]", "high"]
    assert table.loc["anger[Q]", "label_zh"].startswith("愤怒：")
    assert (table["coverage"] == 1).all()
    assert "愤怒" in found.sentence("zh") and "Anger" in found.sentence("en")
    assert found.frames["pareto"]["id"].iloc[0] == "anger"
    assert statuses(found)["hand_coded"] == "warn" and statuses(found)["coverage"] == "passed"
    assert found.flow["rows"].tolist() == [400, 400, 400]
    plt.close(found.plot(language="zh").figure)


def test_it_refuses_where_little_is_covered() -> None:
    found = emotion(bank(text=[f"查询余额{i}" for i in range(400)]))
    assert found.blocked
    assert found.table["estimate"].isna().all()
    assert "coded_emotion" in found.sentence("en") and "不予报告" in found.sentence("zh")
    plt.close(found.plot(language="en").figure)


def test_a_hand_coded_sample_corrects_what_the_lexicon_misses() -> None:
    records = bank(1200, hidden=0.6)
    plain = records.complaints
    truth = float((plain["true_anger"] == "anger").mean())
    take = np.random.default_rng(2).random(len(plain)) < 0.2
    coded = bank(1200, hidden=0.6, coded_emotion=plain["true_anger"].where(take).to_numpy(),
                 emotion_probability=0.2)  # fmt: skip
    naive = emotion(records).table.set_index("term").loc["anger"]
    found = emotion(coded, by="channel")
    ours = found.table.set_index("term")
    assert naive["high"] < truth
    assert ours.loc["anger", "low"] <= truth <= ours.loc["anger", "high"]
    assert ours.loc["anger", "high"] - ours.loc["anger", "low"] < 0.1
    assert {"anger[branch]", "anger[phone]"} <= set(ours.index)
    assert statuses(found)["hand_coded"] == "passed"
    assert "urgency" not in ours.index  # nobody coded it
    assert "quality" in found.frames and "supervised coder" in found.method.en


def test_small_groups_are_counted_not_shown() -> None:
    channel = ["branch"] * 380 + ["letter"] * 20
    found = emotion(bank(channel=channel), by="channel")
    assert not any("letter" in term for term in found.table["term"])
    check = next(c for c in found.checks if c.name == "groups_shown")
    assert check.number == 1


def test_input_that_cannot_be_described() -> None:
    with pytest.raises(InputError, match="complaint records"):
        emotion(Records())
    with pytest.raises(InputError, match="no text"):
        emotion(bank(text=None))
    with pytest.raises(InputError, match="no column 'mood'"):
        emotion(bank(), by="mood")
    with pytest.raises(InputError, match="joy"):
        emotion(bank(coded_emotion="joy"))


def test_a_study_can_set_its_group(tmp_path: Path) -> None:
    assert DESIGNS["emotion"].options == ("by",)
    assert DESIGNS["emotion"].needs == ("complaints",)
