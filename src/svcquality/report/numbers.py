"""A study's numbers as a tidy table: what a baseline is made of."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

import pandas as pd

from svcquality.findings import Finding
from svcquality.study import StudyResult

COLUMNS = ["id", "value", "low", "high", "unit", "n", "tolerance"]
DIGITS = 10
"""Significant digits kept: more than a reader needs, fewer than machines disagree in."""
RELATIVE = 1e-6
"""Tolerance where the study sets none, relative to a number (absolute below 1)."""


def numbers(result: StudyResult) -> pd.DataFrame:
    """Every number of a study.

    Returns
    -------
    DataFrame
        ``id, value, low, high, unit, n, tolerance``; an id is ``<question id>.<term>``, or
        ``records.<table>.rows``. A finding whose numbers are withheld has one row,
        ``<question id>.blocked``. ``tolerance`` is absolute.
    """
    parts = [_records(result), *(_finding(f) for f in result.findings)]
    table = pd.concat([p for p in parts if len(p)], ignore_index=True)
    for column in ("value", "low", "high"):
        table[column] = table[column].astype(float).map(_rounded)
    table["n"] = table["n"].astype("Int64")
    table["tolerance"] = [
        _tolerance(i, v, result.study.tolerances)
        for i, v in zip(table["id"], table["value"], strict=True)
    ]
    return table[COLUMNS]


def _records(result: StudyResult) -> pd.DataFrame:
    rows = [
        {"id": f"records.{name}.rows", "value": len(frame), "unit": "count", "n": len(frame)}
        for name, frame in result.records.tables.items()
    ]
    repairs = len(result.records.repairs)
    rows.append({"id": "records.repairs", "value": repairs, "unit": "count", "n": repairs})
    return pd.DataFrame(rows).assign(low=float("nan"), high=float("nan"))


def _finding(finding: Finding) -> pd.DataFrame:
    if finding.blocked:
        blocked = {"id": f"{finding.id}.blocked", "value": 1.0, "unit": "count", "n": pd.NA}
        return pd.DataFrame([blocked]).assign(low=float("nan"), high=float("nan"))
    table = finding.table
    return pd.DataFrame(
        {
            "id": f"{finding.id}." + table["term"].astype(str),
            "value": table["estimate"].astype(float),
            "low": table["low"].astype(float),
            "high": table["high"].astype(float),
            "unit": table["unit"],
            "n": table["n"],
        }
    )


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}") + 0.0


def _tolerance(name: str, value: float, patterns: Mapping[str, float]) -> float:
    for pattern, tolerance in patterns.items():
        if fnmatchcase(name, pattern):
            return tolerance
    return _rounded(RELATIVE * max(1.0, abs(value))) if value == value else RELATIVE
