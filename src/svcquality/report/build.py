"""Write a report: a directory that appears only when it is complete."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from svcquality.errors import InputError
from svcquality.findings import Finding
from svcquality.language import LANGUAGES
from svcquality.progress import QUIET, Progress
from svcquality.report.baseline import write_numbers
from svcquality.report.figures import has_figure, write_appendix, write_figures
from svcquality.report.models import write_models
from svcquality.report.numbers import numbers
from svcquality.report.page import render
from svcquality.report.workbook import csv_bytes, workbook_bytes
from svcquality.storage import whole_directory, write_atomic
from svcquality.study import NotAsked, StudyResult

STAMP = "provenance.json"


def write_report(result: StudyResult, out: Path, progress: Progress = QUIET) -> Path:
    """Write the report of a study into ``out``.

    Writes report.html, findings.json, numbers.csv, tables/*.csv, report.xlsx, figures/*, models/*
    (publication tables for Word, LaTeX and Excel) and provenance.json. Nothing depends on the clock: the same result gives the same bytes.

    Returns
    -------
    Path
        ``out``.

    Raises
    ------
    InputError
        If ``out`` holds something that is not a report, or cannot be written.
    """
    _refuse_foreign(out)
    try:
        with whole_directory(out) as work:
            drawn = [f for f in result.findings if has_figure(f)]
            drawings, further = {}, {}
            for finding in progress.each(drawn, "figures"):
                drawings[finding.id] = write_figures(finding, work / "figures")
                further[finding.id] = write_appendix(finding, work / "figures")
            models = {
                f.id: write_models(f, work / "models")
                for f in result.findings
                if f.models and not f.blocked
            }
            table = numbers(result)
            write_numbers(table, work / "numbers.csv")
            for name, frame in _tables(result).items():
                write_atomic(work / "tables" / f"{name}.csv", csv_bytes(frame))
            sheets = [("summary", _summary(result)), ("numbers", table), *_tables(result).items()]
            write_atomic(work / "report.xlsx", workbook_bytes(sheets))
            write_atomic(work / "findings.json", _json(_findings(result)))
            write_atomic(work / STAMP, _json(result.provenance))
            page = progress.stage("page", lambda: render(result, drawings, further, models))
            write_atomic(work / "report.html", page)
    except OSError as error:
        raise InputError(
            f"The report could not be written to {out}: {error.strerror or error}.",
            f"无法将报告写入 {out}：{error.strerror or error}。",
        ) from error
    return out


def _refuse_foreign(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir() or (any(out.iterdir()) and not (out / STAMP).exists()):
        raise InputError(
            f"{out} exists and is not a report of svcquality; nothing was overwritten. "
            "Choose another directory with --out.",
            f"{out} 已存在且不是 svcquality 的报告，未作覆盖；请用 --out 另选目录。",
        )


def _tables(result: StudyResult) -> dict[str, pd.DataFrame]:
    return {f.id: f.table for f in result.findings if not f.blocked}


def _summary(result: StudyResult) -> pd.DataFrame:
    """One row a question: its grade and its sentence in both languages."""
    rows = [
        {"question": f.id, "design": f.design, "grade": f.grade.value,
         "sentence_zh": f.sentence("zh"), "sentence_en": f.sentence("en")}
        for f in result.findings
    ]  # fmt: skip
    rows += [
        {"question": q.id, "design": q.design, "grade": "",
         "sentence_zh": q.reason.zh, "sentence_en": q.reason.en}
        for q in (*result.not_asked, *result.failed)
    ]  # fmt: skip
    columns = ["question", "design", "grade", "sentence_zh", "sentence_en"]
    return pd.DataFrame(rows, columns=columns)


def _findings(result: StudyResult) -> dict[str, Any]:
    return {
        "title": asdict(result.study.title),
        "findings": [_finding(f) for f in result.findings],
        "not_asked": [_question(q) for q in result.not_asked],
        "failed": [_question(q) for q in result.failed],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "design": finding.design,
        "question": asdict(finding.question),
        "grade": finding.grade.value,
        "blocked": finding.blocked,
        "sentence": {language: finding.sentence(language) for language in LANGUAGES},
        "claims": [] if finding.blocked else [asdict(c) for c in finding.claims],
        "table": [] if finding.blocked else json.loads(finding.table.to_json(orient="records")),
        "checks": [asdict(c) for c in finding.checks],
        "method": asdict(finding.method),
        "flow": json.loads(finding.flow.to_json(orient="records")),
    }


def _question(question: NotAsked) -> dict[str, Any]:
    return {"id": question.id, "design": question.design, "reason": asdict(question.reason)}


def _json(value: object) -> str:
    """JSON without NaN, which no standard parser reads."""
    return json.dumps(_finite(value), ensure_ascii=False, indent=1, default=str) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
