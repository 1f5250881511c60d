"""A finding kept in a directory and read back: JSON for words, Parquet for frames, no pickle."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from svcquality.findings import Check, Claim, Finding, Grade, ModelSummary
from svcquality.language import Text


def save_finding(finding: Finding, directory: Path) -> None:
    """Write ``finding.json`` and one Parquet file a frame into ``directory``."""
    (directory / "frames").mkdir(parents=True, exist_ok=True)
    words: dict[str, Any] = {
        "id": finding.id,
        "design": finding.design,
        "question": asdict(finding.question),
        "grade": finding.grade.value,
        "claims": [asdict(c) for c in finding.claims],
        "checks": [asdict(c) for c in finding.checks],
        "method": asdict(finding.method),
        "figure": finding.figure,
        "title": asdict(finding.title) if finding.title else None,
        "frames": list(finding.frames),
        "appendix": {name: asdict(title) for name, title in finding.appendix.items()},
        "models": [_model_words(m) for m in finding.models],
    }
    (directory / "finding.json").write_text(
        json.dumps(words, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    finding.table.to_parquet(directory / "table.parquet")
    finding.flow.to_parquet(directory / "flow.parquet")
    for name, frame in finding.frames.items():
        frame.to_parquet(directory / "frames" / f"{name}.parquet")
    for index, model in enumerate(finding.models):
        model.terms.to_parquet(directory / f"model_{index}.parquet")


def load_finding(directory: Path) -> Finding:
    """Read what `save_finding` wrote."""
    words = json.loads((directory / "finding.json").read_text("utf-8"))
    return Finding(
        id=words["id"],
        design=words["design"],
        question=Text(**words["question"]),
        grade=Grade(words["grade"]),
        claims=tuple(_claim(c) for c in words["claims"]),
        table=pd.read_parquet(directory / "table.parquet"),
        checks=tuple(Check(**{**c, "text": Text(**c["text"])}) for c in words["checks"]),
        method=Text(**words["method"]),
        flow=pd.read_parquet(directory / "flow.parquet"),
        figure=words["figure"],
        frames={
            name: pd.read_parquet(directory / "frames" / f"{name}.parquet")
            for name in words["frames"]
        },
        title=Text(**words["title"]) if words["title"] else None,
        appendix={name: Text(**title) for name, title in words["appendix"].items()},
        models=tuple(
            _model(m, pd.read_parquet(directory / f"model_{index}.parquet"))
            for index, m in enumerate(words["models"])
        ),
    )


def _model_words(model: ModelSummary) -> dict[str, Any]:
    return {
        **{name: asdict(getattr(model, name)) for name in ("name", "outcome", "scale")},
        "facts": dict(model.facts),
        "absorbed": [asdict(t) for t in model.absorbed],
    }


def _model(words: dict[str, Any], terms: pd.DataFrame) -> ModelSummary:
    return ModelSummary(
        **{name: Text(**words[name]) for name in ("name", "outcome", "scale")},
        terms=terms,
        facts=words["facts"],
        absorbed=tuple(Text(**t) for t in words["absorbed"]),
    )


def _claim(fields: dict[str, Any]) -> Claim:
    return Claim(
        **{**fields, "subject": Text(**fields["subject"]), "outcome": Text(**fields["outcome"])}
    )
