"""A study result made up for the tests of the report; everything a bank could say is hostile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from svcquality.findings import Finding
from svcquality.language import Language, Text
from svcquality.records.read import Records
from svcquality.study import NotAsked, StudyResult
from svcquality.study_file import Study
from tests.plots import fabricated
from tests.plots.fabricated import CAUSES, HOSTILE

FORMULA = '=HYPERLINK("http://example.invalid","x")'


def records() -> Records:
    """Two small tables; one duration is repaired."""
    complaints = pd.DataFrame(
        {
            "complaint_id": [f"c{i:03d}" for i in range(40)],
            "received": pd.date_range("2023-01-05 09:00", periods=40, freq="17D"),
            "text": ["排队太久，没有人解释。"] * 39 + [HOSTILE.zh],
            "definition_version": ["v1"] * 20 + ["<b>v2</b>"] * 20,
            "compensation": [0.0] * 39 + [-5.0],
        }
    )
    surveys = pd.DataFrame(
        {
            "survey_id": [f"s{i:03d}" for i in range(60)],
            "answered": pd.date_range("2023-02-01", periods=60, freq="11D"),
            "satisfaction": [1, 2, 3, 4, 5, 4] * 10,
        }
    )
    return Records.from_frames(complaints=complaints, surveys=surveys)


def examples(
    texts: tuple[str, ...] = (HOSTILE.zh, "排队两个小时，窗口只开了一个。"),
) -> pd.DataFrame:
    """Texts of two causes."""
    rows = [
        (cause, zh, en, f"c{i}", text)
        for cause, zh, en in CAUSES[:2]
        for i, text in enumerate(texts)
    ]
    return pd.DataFrame(rows, columns=["cause", "label_zh", "label_en", "complaint_id", "text"])


def hostile() -> Finding:
    """A finding whose group labels come from the bank and mean harm."""
    rows = [
        ("median_days", "中位数", "median", 6.2, 5.9, 6.6),
        ("median_days[evil]", HOSTILE.zh, HOSTILE.en, 7.0, 6.0, 8.0),
        ("median_days[formula]", FORMULA, FORMULA, 7.0, 6.0, 8.0),
        ("median_days[dde]", "@SUM(1+1)*cmd|' /C calc'!A0", "+1+1", 7.0, 6.0, 8.0),
    ]
    return replace(fabricated.steps(), id="hostile", table=fabricated.table(rows, "days"))


def result(
    *findings: Finding, language: Language = "zh", tolerances: dict | None = None, **changes
) -> StudyResult:
    """A whole result; by default one finding a figure, a withheld and a hostile one."""
    study = Study(
        path=Path("study.toml"),
        title=Text("客户不满情绪：原因与结果", "Customer dissatisfaction: causes and outcomes"),
        language=language,
        seed=7,
        tolerances=tolerances or {},
    )
    made = StudyResult(
        study=study,
        records=records(),
        findings=findings or (*fabricated.every(), hostile()),
        not_asked=(
            NotAsked(
                "leave", "loyalty", Text("未提问：缺少账户记录。", "Not asked: needs accounts.")
            ),
        ),
        failed=(
            NotAsked(
                "cost", "cause_cost", Text("只有一类答复。", "Only one kind of answer is there.")
            ),
        ),
        examples=examples(),
        provenance={
            "svcquality": "0.1.0",
            "seed": 7,
            "versions": {"numpy": "2.4.0"},
            "records": {"complaints": "ab" * 32},
        },
    )
    return replace(made, **changes)
