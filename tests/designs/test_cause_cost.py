"""Cause cost: corrected by the hand-coded sample where there is one, modest where there is none."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from svcquality.designs.cause_cost import cause_cost
from svcquality.errors import InputError
from svcquality.findings import Grade
from svcquality.language import plain
from svcquality.records.bank import Records

FAMILIES = np.array(["Q", "T", "Z"])
P_SATISFIED = np.array([0.6, 0.5, 0.2])
SHARES = np.array([0.5, 0.35, 0.15])


def case(
    seed: int, *, n: int = 1500, coded: float = 0.3, branches: int = 40
) -> tuple[Records, Any, dict[str, float]]:
    """Records, causes measured with 30% errors, and the true differences of these complaints."""
    rng = np.random.default_rng(seed)
    true = rng.choice(3, size=n, p=SHARES)
    wrong = rng.random(n) < 0.3
    seen = np.where(wrong, rng.choice(3, size=n), true)
    satisfied = rng.random(n) < P_SATISFIED[true]
    ids = np.array([f"P{i}" for i in range(n)])
    branch = np.array([f"B{b}" for b in rng.integers(branches, size=n)])
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 360, size=n), unit="D")
    records = Records.from_frames(
        complaints=pd.DataFrame({"complaint_id": ids, "received": day, "branch_id": branch}),
        surveys=pd.DataFrame(
            {
                "survey_id": [f"S{i}" for i in range(n)],
                "complaint_id": ids,
                "trigger": "complaint",
                "invited": day + pd.Timedelta("1D"),
                "answered": day + pd.Timedelta("2D"),
                "satisfied": satisfied,
            }
        ),
    )
    drawn = rng.random(n) < coded
    measured = SimpleNamespace(
        primary=pd.Series(FAMILIES[seen] + "1", index=pd.Index(ids, name="complaint_id")),
        family_of={f"{f}1": str(f) for f in FAMILIES},
        labels={str(f): plain(f"family {f}") for f in FAMILIES} | {"Q1": plain("waits")},
        coded=pd.DataFrame(
            {
                "complaint_id": ids[drawn],
                "cause": FAMILIES[true[drawn]] + "1",
                "probability": coded,
            }
        ),
        codebook=SimpleNamespace(
            families=[SimpleNamespace(id=str(f)) for f in FAMILIES], ids=["Q1", "T1", "Z1"]
        ),
    )
    average = SHARES @ P_SATISFIED
    truth = {
        f"family_{f}": p - (average - s * p) / (1 - s)
        for f, p, s in zip(FAMILIES, P_SATISFIED, SHARES, strict=True)
    }
    return records, measured, truth


def check(finding: Any, name: str) -> Any:
    return next(c for c in finding.checks if c.name == name)


def test_corrected_differences_hold_the_truth_where_plugging_in_dilutes_them() -> None:
    held, corrected, plugged = [], [], []
    for seed in range(15):
        records, measured, truth = case(seed)
        rows = cause_cost(records, causes=measured).table.set_index("term")
        held += [rows.loc[t, "low"] <= v <= rows.loc[t, "high"] for t, v in truth.items()]
        corrected.append(rows.loc["family_Z", "estimate"])
        measured.coded = measured.coded.iloc[:0]
        plain_rows = cause_cost(records, causes=measured).table.set_index("term")
        plugged.append(plain_rows.loc["family_Z", "estimate"])
    assert np.mean(held) > 0.88
    assert np.mean(corrected) == pytest.approx(truth["family_Z"], abs=0.03)
    assert np.mean(plugged) > truth["family_Z"] + 0.08  # too close to 0


def test_the_finding_in_full() -> None:
    records, measured, _ = case(1)
    finding = cause_cost(records, causes=measured)
    assert finding.grade is Grade.ASSOCIATED
    assert finding.table["term"].tolist() == ["family_Q", "family_T", "family_Z"]
    assert (finding.table["p_adjusted"] >= finding.table["p"]).all()
    assert check(finding, "hand_coded").status == "passed"
    assert (finding.table["clusters"] == 40).all()
    last = finding.claim_sentence(2, "en")
    assert (
        "A complaint about “family Z”, rather than about anything else, is associated with the share"
        in last
    )
    assert "lower" in last
    assert "不等于因果" in finding.claim_sentence(2, "zh")
    assert len(finding.frames["forest"]) == 3


def test_without_a_sample_there_is_no_p_value() -> None:
    records, measured, _ = case(2)
    measured.coded = measured.coded.iloc[:20]
    finding = cause_cost(records, causes=measured)
    assert finding.table["p"].isna().all()
    assert finding.table["error_kind"].str.startswith("plug-in").all()
    assert check(finding, "hand_coded").status == "warn"
    assert "no p-value" in finding.method.en


def test_small_groups_are_counted_and_left_out() -> None:
    records, measured, _ = case(3, n=400)
    few = measured.coded["cause"] == "Z1"
    measured.coded = pd.concat([measured.coded[~few], measured.coded[few].iloc[:4]])
    finding = cause_cost(records, causes=measured)
    assert "family_Z" not in finding.table["term"].tolist()
    assert "family Z (4)" in check(finding, "estimable").text.en


def test_what_cannot_be_asked_is_said() -> None:
    records, measured, _ = case(4, n=60, branches=4)
    assert cause_cost(records, causes=measured).table["clusters"].isna().all()
    with pytest.raises(InputError, match="level"):
        cause_cost(records, causes=measured, level="topic")  # type: ignore[arg-type]
    unlinked = records.surveys.assign(complaint_id=pd.NA)
    with pytest.raises(InputError, match="names the complaint"):
        cause_cost(
            Records.from_frames(complaints=records.complaints, surveys=unlinked), causes=measured
        )
    with pytest.raises(InputError, match="at least 50"):
        cause_cost(
            Records.from_frames(complaints=records.complaints, surveys=records.surveys.head(30)),
            causes=measured,
        )
