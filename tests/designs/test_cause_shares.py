from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcquality.designs.cause_shares import cause_shares
from svcquality.errors import InputError
from svcquality.findings import Grade
from svcquality.records.bank import Records

TEXTS = {"Q1": "排队叫号等了很久", "T1": "手机银行闪退登录不上", "Z1": "第三方催收威胁家人"}


def bank(n: int = 200, **columns: object) -> Records:
    rng = np.random.default_rng(8)
    cause = pd.Series(rng.choice(list(TEXTS), n, p=[0.6, 0.3, 0.1]))
    text = cause.map(TEXTS) + pd.Series(rng.choice(["", "太差劲", "气愤", "无语", "在人民路"], n))
    frame = pd.DataFrame(
        {
            "complaint_id": [f"c{i}" for i in range(n)],
            "received": pd.Timestamp("2025-03-01"),
            "text": text,
            "recorded_cause": cause,
        }
    ).assign(**columns)
    return Records.from_frames(complaints=frame)


def test_from_texts() -> None:
    records = bank()
    truth = records.complaints["recorded_cause"].value_counts(normalize=True)
    found = cause_shares(records, id="causes", seed=1)
    assert found.grade is Grade.DESCRIBES and not found.blocked
    table = found.table.set_index("term")
    assert table.loc["Q1", "estimate"] == pytest.approx(truth["Q1"])
    assert table.loc["family_Q", "estimate"] == pytest.approx(truth["Q1"])
    assert {"residual", "family_X"} <= set(table.index)
    assert "family_residual" not in table.index
    assert found.table["term"].iloc[0] == "Q1"
    assert "等候时间过长" in found.sentence("zh")
    assert "Long waits" in found.sentence("en")
    pareto = found.frames["pareto"]
    assert list(pareto) == ["id", "label_zh", "label_en", "share", "low", "high", "cumulative"]
    assert pareto["cumulative"].iloc[-1] == pytest.approx(1)
    assert found.frames["families"]["id"].tolist() == ["Q", "T", "Z"]
    assert found.flow["rows"].tolist() == [200, 200, 200]


def test_checks_say_what_the_shares_rest_on() -> None:
    checks = {c.name: c for c in cause_shares(bank(), seed=1).checks}
    assert checks["hand_coded"].status == "warn"
    assert "codebook alone" in checks["hand_coded"].text.en
    assert checks["coverage"].status == "passed"
    assert checks["duplicates"].status == "warn"  # 15 different texts
    assert checks["duplicates"].number == pytest.approx(185 / 200)


def test_a_hand_coded_sample_changes_the_method() -> None:
    plain = bank().complaints
    take = np.arange(len(plain)) % 4 == 0
    found = cause_shares(
        bank(
            coded_cause=plain["recorded_cause"].where(take),
            coding_probability=np.where(take, 0.25, np.nan),
        ),
        level="family",
    )
    checks = {c.name: c.status for c in found.checks}
    assert checks["hand_coded"] == "passed"
    assert set(found.table["error_kind"]) == {"hand-coded sample, finite population"}
    assert "50" in found.method.en
    assert found.frames["pareto"]["id"].iloc[0] == "Q"
    assert (found.table["low"] >= 0).all()


def test_texts_without_a_cause_are_counted() -> None:
    text = bank().complaints["text"].mask(np.arange(200) % 2 == 0, "今天天气真好").to_numpy()
    found = cause_shares(bank(text=text))
    table = found.table.set_index("term")
    assert table.loc["residual", "estimate"] == pytest.approx(0.5)
    assert found.frames["pareto"]["id"].iloc[-1] == "residual"
    assert {c.name: c.status for c in found.checks}["coverage"] == "warn"


def test_without_texts_the_recorded_causes() -> None:
    found = cause_shares(bank(text=None))
    assert found.table["term"].tolist() == ["Q1", "T1", "Z1"]
    assert found.table["estimate"].sum() == pytest.approx(1)
    assert "recorded" in found.method.en


def test_input_that_cannot_be_described() -> None:
    with pytest.raises(InputError, match="recorded_cause"):
        cause_shares(bank(text=None, recorded_cause=None))
    with pytest.raises(InputError, match="complaint records"):
        cause_shares(Records())
    with pytest.raises(InputError, match="level"):
        cause_shares(bank(), level="topic")  # type: ignore[arg-type]
