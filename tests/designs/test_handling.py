"""Handling: open cases count, groups are labelled, and the citizens' median comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcquality.designs.handling import handling
from svcquality.errors import InputError
from svcquality.findings import Grade
from svcquality.records.bank import Records

START = pd.Timestamp("2024-01-01")
CUT = START + pd.Timedelta(days=120)


def bank(seed: int, *, n: int = 800) -> Records:
    """Exponential delays of mean 20 days, by channel 10 and 30; what lies behind the cut is open."""
    rng = np.random.default_rng(seed)
    received = START + pd.to_timedelta(rng.uniform(0, 119, size=n), unit="D")
    slow = rng.random(n) < 0.5
    reply = received + pd.to_timedelta(rng.exponential(np.where(slow, 30, 10)), unit="D")
    return Records.from_frames(
        complaints=pd.DataFrame(
            {
                "complaint_id": [f"P{i}" for i in range(n)],
                "received": received,
                "responded": pd.Series(reply).where(reply < CUT),
                "channel": np.where(slow, "regulator", "hotline"),
            }
        )
    )


def test_open_cases_are_counted() -> None:
    held = []
    for seed in range(10):
        rows = handling(bank(seed), by="channel").table.set_index("term")
        for channel, mean in (("regulator", 30), ("hotline", 10)):
            median = rows.loc[f"median_days[{channel}]"]
            held.append(median["low"] <= mean * np.log(2) <= median["high"])
            within = rows.loc[f"within_15_days[{channel}]"]
            held.append(within["low"] <= 1 - np.exp(-15 / mean) <= within["high"])
    assert np.mean(held) >= 0.87


def test_the_naive_median_stands_beside() -> None:
    finding = handling(bank(1))
    check = finding.checks[0]
    assert (check.name, check.status) == ("censoring", "warn")
    assert check.number is not None
    assert check.number > 0.05
    assert finding.grade is Grade.DESCRIBES
    assert finding.table["p"].isna().all()
    assert "删失" in finding.method.zh


def test_sentences_and_frames() -> None:
    finding = handling(bank(2), by="channel", limits=(10,))
    assert finding.sentence("en").startswith("Complaints: the median time to a reply is ")
    assert finding.sentence("zh").startswith("投诉的答复时长中位数为 ")
    assert "within_10_days" in finding.table["term"].tolist()
    steps = finding.frames["steps"]
    assert steps["group"].unique().tolist()[0] == "all"
    assert (steps.groupby("group")["share"].diff().dropna() >= 0).all()
    assert finding.frames["limits"]["days"].tolist() == [10.0]


def test_small_groups_are_pooled() -> None:
    complaints = bank(3).complaints
    names = np.array([f"B{i}" for i in range(10)])
    sizes = [200, 150, 120, 100, 90, 80, 40, 10, 6, 4]
    complaints = complaints.assign(business=np.repeat(names, sizes))
    finding = handling(Records.from_frames(complaints=complaints), by="business")
    groups = [t for t in finding.table["term"] if t.startswith("median_days[")]
    assert groups == [*(f"median_days[B{i}]" for i in range(6)), "median_days[other]"]
    counted = finding.table.set_index("term")["n"]
    assert counted[groups].sum() == 800


def test_what_cannot_be_asked_is_said() -> None:
    records = bank(4)
    with pytest.raises(InputError, match="grouped by"):
        handling(records, by="colour")
    silent = records.complaints.assign(responded=pd.NaT)
    with pytest.raises(InputError, match="no time of reply"):
        handling(Records.from_frames(complaints=silent))


@pytest.mark.real
def test_citizens_complaints(real_data: Path) -> None:
    raw = pd.read_excel(real_data / "public_complaints_with_replies_zh.xlsx")
    complaints = pd.DataFrame(
        {
            "complaint_id": raw["留言编号"].astype(str),
            "received": pd.to_datetime(raw["留言时间"], format="mixed"),
            "responded": pd.to_datetime(raw["答复时间"], format="mixed"),
            "text": raw["留言详情"],
        }
    )
    rows = handling(Records.from_frames(complaints=complaints)).table.set_index("term")
    assert rows.loc["median_days", "estimate"] == pytest.approx(11.21, abs=0.005)
