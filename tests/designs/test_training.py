"""Training: the effect is found where the naive comparison fails, and doubts are said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from svcquality.designs.training import training
from svcquality.errors import InputError
from svcquality.findings import Grade
from svcquality.records.bank import Records

START = pd.Timestamp("2023-01-01")
MONTHS = 24
EFFECT = -4.0


def bank(
    seed: int, *, branches: int = 60, effect: float = EFFECT, drift: float = 0.0, **options: Any
) -> Records:
    """The worst branches are trained first; ``effect`` complaints per 1,000 visits."""
    rng = np.random.default_rng(seed)
    level = np.sort(rng.uniform(14, 30, size=branches))[::-1]
    month_trained = np.where(
        np.arange(branches) < 0.7 * branches, 7 + 3 * (np.arange(branches) * 5 // branches), -1
    )
    t = np.arange(MONTHS)
    on = (t > month_trained[:, None]) & (month_trained >= 0)[:, None]
    half = (t == month_trained[:, None]) * 0.5
    worsening = drift * t * (month_trained >= 0)[:, None]
    visits = 1500
    rate = level[:, None] + 2 * np.sin(t / 2) + effect * (on + half) + worsening
    counts = rng.poisson(np.maximum(rate, 0.5) * visits / 1000)
    names = np.array([f"网点{b:02d}" for b in range(branches)])
    who, when = np.nonzero(counts)
    who, when = (np.repeat(x, counts[counts > 0]) for x in (who, when))
    month = pd.date_range(START, periods=MONTHS, freq="MS")
    complaints = pd.DataFrame(
        {
            "complaint_id": [f"P{i}" for i in range(len(who))],
            "branch_id": names[who],
            "received": month[when] + pd.to_timedelta(rng.integers(0, 27, len(who)), unit="D"),
            "definition_version": options.get("versions", lambda m: ["v1"] * len(m))(when),
        }
    )
    denominators = pd.DataFrame(
        {
            "month": np.tile(month, branches),
            "unit": "branch",
            "unit_id": np.repeat(names, MONTHS),
            "measure": "visits",
            "value": float(visits),
        }
    )
    trained = month_trained >= 0
    records = pd.DataFrame(
        {
            "training_id": [f"T{i}" for i in range(trained.sum())],
            "branch_id": names[trained],
            "completed": month[month_trained[trained]] + pd.Timedelta(days=14),
        }
    )
    return Records.from_frames(complaints=complaints, denominators=denominators, training=records)


def check(finding: Any, name: str) -> Any:
    return next(c for c in finding.checks if c.name == name)


def test_the_effect_is_found_although_the_worst_were_trained() -> None:
    held, estimates = [], []
    for seed in range(12):
        row = training(bank(seed)).table.set_index("term").loc["att"]
        held.append(row["low"] <= EFFECT <= row["high"])
        estimates.append(row["estimate"])
    assert np.mean(held) >= 0.8
    assert abs(np.mean(estimates) - EFFECT) < 4 * np.std(estimates) / np.sqrt(12)


def test_the_finding_in_full() -> None:
    finding = training(bank(1), seed=3)
    assert finding.grade is Grade.CHANGED
    assert not finding.blocked
    assert finding.sentence("en").startswith(
        "Staff training at a branch changed complaints per 1,000 visits by −"
    )
    assert finding.sentence("zh").startswith("网点员工培训使每千次到店投诉量下降 ")
    terms = finding.table["term"].tolist()
    assert terms[0] == "att"
    assert {"event_-6", "event_-1", "event_0", "event_5"} <= set(terms)
    assert not any("twfe" in t for t in terms)
    event = finding.frames["event"]
    assert (event["band_low"] <= event["low"] + 1e-12).all()
    assert event["k"].between(-6, 12).all()
    assert len(finding.frames["benchmark"]) == 2
    assert finding.flow["rows"].is_monotonic_decreasing
    assert check(finding, "never_trained").number == 18
    once, again = training(bank(1), seed=3), finding
    pd.testing.assert_frame_equal(once.frames["event"], again.frames["event"])


def test_a_broken_trend_lowers_the_grade() -> None:
    finding = training(bank(2, drift=2.0))
    assert check(finding, "pre_trends").status == "warn"
    assert finding.grade is Grade.ASSOCIATED
    assert "不等于因果" in finding.sentence("zh") or "未发现" in finding.sentence("zh")


def test_a_change_of_definition_withholds_the_numbers() -> None:
    finding = training(bank(3, versions=lambda m: np.where(m < 12, "v1", "v2")))
    assert finding.blocked
    assert finding.sentence("en").startswith("Not reported: The definition of a complaint changed")


def test_training_of_staff_belongs_to_their_branch() -> None:
    by_branch = bank(4)
    visits = pd.DataFrame(
        {
            "visit_id": [f"V{i}" for i in range(60)],
            "branch_id": [f"网点{b:02d}" for b in range(60)],
            "staff_id": [f"S{b:02d}" for b in range(60)],
            "arrived": START + pd.to_timedelta(np.arange(60) * 12, unit="D"),
        }
    )
    staff = by_branch.training.assign(
        staff_id=by_branch.training["branch_id"].str.replace("网点", "S"), branch_id=pd.NA
    )
    frames = {"complaints": by_branch.complaints, "denominators": by_branch.denominators}
    finding = training(Records.from_frames(**frames, visits=visits, training=staff))
    expected = training(by_branch)
    assert finding.table.loc[0, "estimate"] == pytest.approx(expected.table.loc[0, "estimate"])
    with pytest.raises(InputError, match="no branch"):
        training(Records.from_frames(**frames, training=staff))


def test_what_cannot_be_asked_is_said() -> None:
    records = bank(5)
    with pytest.raises(InputError, match="choose one of"):
        training(records, outcome="happiness")
    with pytest.raises(InputError, match="cannot be computed"):
        training(records, outcome="satisfied_share")
    with pytest.raises(InputError, match="at least"):
        training(bank(6, branches=8))
