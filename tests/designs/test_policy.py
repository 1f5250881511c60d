"""Policy: the change is found, and what a single series cannot tell is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from svcquality.designs.policy import policy
from svcquality.errors import InputError
from svcquality.findings import Grade
from svcquality.records.bank import Records

START = pd.Timestamp("2022-01-01")


def bank(
    seed: int,
    *,
    months: int = 36,
    change: int = 18,
    ratio: float = 1.4,
    day: int = 1,
    break_at: int | None = None,
    denominators: bool = True,
    more: list[dict[str, Any]] | None = None,
    announced: pd.Timestamp | None = None,
) -> Records:
    rng = np.random.default_rng(seed)
    t = np.arange(months)
    log = np.log(150) + 0.003 * t + 0.1 * np.sin(2 * np.pi * t / 12) + np.log(ratio) * (t >= change)
    loans = rng.poisson(np.exp(log + 0.05 * rng.normal(size=months)))
    cards = rng.poisson(40, size=months)
    when = np.concatenate([np.repeat(t, loans), np.repeat(t, cards)])
    month = pd.date_range(START, periods=months, freq="MS")
    complaints = pd.DataFrame(
        {
            "complaint_id": [f"P{i}" for i in range(len(when))],
            "received": month[when] + pd.to_timedelta(rng.integers(0, 27, len(when)), unit="D"),
            "business": ["loan"] * int(loans.sum()) + ["card"] * int(cards.sum()),
            "definition_version": np.where(when < (break_at or months), "v1", "v2"),
        }
    )
    policies = [
        {
            "intervention_id": "I1", "name": "贷款新规", "kind": "policy", "business": "loan",
            "date": month[change] + pd.Timedelta(days=day - 1), "announced": announced,
        },
        *(more or []),
    ]  # fmt: skip
    customers = pd.DataFrame(
        {
            "month": month, "unit": "bank", "unit_id": "all", "measure": "customers",
            "value": 100_000 * 1.01**t,
        }
    )  # fmt: skip
    return Records.from_frames(
        complaints=complaints,
        interventions=pd.DataFrame(policies),
        denominators=customers if denominators else None,
    )


def check(finding: Any, name: str) -> Any:
    return next(c for c in finding.checks if c.name == name)


def test_intervals_hold_the_ratio() -> None:
    held = []
    for seed in range(12):
        row = policy(bank(seed)).table.set_index("term").loc["level"]
        held.append(row["low"] <= 1.4 <= row["high"])
    assert np.mean(held) >= 0.8


def test_the_finding_in_full() -> None:
    finding = policy(bank(1))
    assert finding.grade is Grade.CHANGED
    assert finding.table["term"].tolist() == ["level", "slope"]
    assert (finding.table["unit"] == "ratio").all()
    assert finding.sentence("zh").startswith("“贷款新规”使每月投诉量（相对客户数）变为原来的 1.")
    assert "relative to customers to 1." in finding.sentence("en")
    series = finding.frames["series"]
    assert len(series) == 36
    before = series["month"] < pd.Timestamp("2023-07-01")
    np.testing.assert_allclose(series["fitted"][before], series["counterfactual"][before])
    assert (series["fitted"][~before] > series["counterfactual"][~before]).all()
    assert series["observed"].sum() == (bank(1).complaints["business"] == "loan").sum()
    assert "single series" in finding.method.en
    assert not finding.blocked


def test_another_intervention_of_the_same_business_lowers_the_grade() -> None:
    other = {"intervention_id": "I2", "name": "新系统", "kind": "system_release"}
    at = START + pd.DateOffset(months=20)
    same = policy(bank(2, more=[{**other, "date": at, "business": "loan"}]))
    assert same.grade is Grade.ASSOCIATED
    assert "新系统 (2023-09-01)" in check(same, "co_interventions").text.zh
    elsewhere = policy(bank(2, more=[{**other, "date": at, "business": "card"}]))
    assert elsewhere.grade is Grade.CHANGED


def test_breaks_and_short_sides_withhold_the_numbers() -> None:
    assert check(policy(bank(3, break_at=30)), "definition_break").status == "block"
    short = policy(bank(3, change=30))
    assert short.blocked
    assert "6 after it" in short.sentence("en")


def test_months_of_transition_and_announcement_are_left_out() -> None:
    finding = policy(bank(4, day=16, announced=START + pd.DateOffset(months=16)))
    assert finding.flow["rows"].tolist() == [36, 33]
    assert check(finding, "anticipation").status == "passed"
    kept = policy(bank(4, change=12, announced=START + pd.DateOffset(months=6)))
    assert check(kept, "anticipation").status == "warn"
    assert kept.flow["rows"].tolist() == [36, 36]


def test_bare_counts_and_missing_seasons_are_said() -> None:
    finding = policy(bank(5, months=20, change=10, denominators=False))
    assert check(finding, "denominator").status == "warn"
    assert check(finding, "season_length").status == "warn"


def test_what_cannot_be_asked_is_said() -> None:
    records = bank(6)
    assert policy(records, intervention="I1", where={}).table.loc[0, "estimate"] < 1.4
    with pytest.raises(InputError, match="I1"):
        policy(records, intervention="I9")
    with pytest.raises(InputError, match="column"):
        policy(records, where={"colour": "red"})
    with pytest.raises(InputError, match="outcome"):
        policy(records, outcome="tears")
    only_outage = records.interventions.assign(kind="outage")
    with pytest.raises(InputError, match="No policy"):
        policy(Records.from_frames(complaints=records.complaints, interventions=only_outage))
