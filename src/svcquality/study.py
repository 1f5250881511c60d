"""Run a study: read the records, measure the causes, ask the questions, keep what was computed."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache as once
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import pandas as pd
from threadpoolctl import threadpool_limits

import svcquality
from svcquality.designs import DESIGNS, Design
from svcquality.designs._families import adjust_over_findings
from svcquality.errors import InputError
from svcquality.findings import Finding
from svcquality.findings_store import load_finding, save_finding
from svcquality.language import Text
from svcquality.progress import QUIET, Progress
from svcquality.records.read import Records, read_records
from svcquality.records.tables import TABLES
from svcquality.storage import Cache, hash_file, hash_key
from svcquality.study_file import Question, Study, known, read_study

NUMERIC_PACKAGES = ("numpy", "scipy", "pandas", "statsmodels", "gensim", "jieba", "numba")


@dataclass(frozen=True)
class NotAsked:
    """A question without an answer, and why."""

    id: str
    design: str
    reason: Text


@dataclass(frozen=True)
class StudyResult:
    """What a study found.

    Parameters
    ----------
    study : Study
    records : Records
    findings : tuple of Finding
        One an answered question, in the study's order.
    not_asked : tuple of NotAsked
        Questions whose tables this bank does not have.
    failed : tuple of NotAsked
        Questions that the data cannot carry (one class only, too few units …).
    examples : DataFrame
        Columns ``cause, label_zh, label_en, complaint_id, text``: masked texts, none of a cause
        with fewer complaints than the study's ``suppress_below``.
    provenance : dict
        Versions, seed and hashes of everything that the numbers depend on; JSON-able.
    """

    study: Study
    records: Records
    findings: tuple[Finding, ...]
    not_asked: tuple[NotAsked, ...]
    failed: tuple[NotAsked, ...]
    examples: pd.DataFrame
    provenance: dict[str, Any]


def run_study(
    study: Study | str | Path, *, cache: str | Path | None = None, progress: Progress = QUIET
) -> StudyResult:
    """Run every question of a study on the tables there are.

    Parameters
    ----------
    study : Study, str or Path
        A study, or the path of one (see `read_study`).
    cache : str or Path, optional
        Directory for measured causes and findings. What was computed from the same records,
        options, seed, code and library versions is read back instead.
    progress : Progress
        How to tell that work goes on.

    Raises
    ------
    InputError
        If the study or its records cannot be read, or a question names an unknown design or
        option. A question that these records cannot answer does not raise: it is listed.
    """
    # One thread for linear algebra: the last digits do not depend on the number of cores.
    with threadpool_limits(limits=1, user_api="blas"):
        return _run(study if isinstance(study, Study) else read_study(study), cache, progress)


def _run(study: Study, cache: str | Path | None, progress: Progress) -> StudyResult:
    questions = study.questions or tuple(
        Question(name, name) for name, d in DESIGNS.items() if d.by_default
    )
    for question in questions:
        _validate(question, study.path)
    records = progress.stage("records", lambda: read_records(study.path, progress=progress))
    provenance = _provenance(study, records)
    work = _Work(study, records, Cache(Path(cache) if cache else None), provenance, progress)

    findings, not_asked, failed = [], [], []
    for question in progress.each(questions, "questions"):
        design = DESIGNS[question.design]
        missing = [name for name in design.needs if name not in records.tables]
        if missing:
            not_asked.append(NotAsked(question.id, question.design, _needs(missing)))
            continue
        try:
            findings.append(work.finding(question, design))
        except InputError as error:
            failed.append(NotAsked(question.id, question.design, Text(error.zh, error.en)))
    findings = _adjusted(study, questions, findings)
    causes = work.measured  # measured only if a question needed them
    if causes is not None:
        provenance["codebook"] = causes.codebook.sha256
        provenance["dictionary"] = causes.dictionary_sha256
    return StudyResult(
        study=study,
        records=records,
        findings=tuple(findings),
        not_asked=tuple(not_asked),
        failed=tuple(failed),
        examples=_examples(causes, study),
        provenance=provenance,
    )


class _Work:
    """One run's shared ground: the causes are measured once, and only if a question wants them."""

    def __init__(
        self, study: Study, records: Records, cache: Cache, base: dict[str, Any], progress: Progress
    ) -> None:
        self.study, self.records, self.cache, self.progress = study, records, cache, progress
        self.base = {k: base[k] for k in ("code", "versions", "records", "seed")}
        self.measured: Any = None

    def causes(self) -> Any:
        if self.measured is None and _has_text(self.records):
            self.measured = self._measure()
        return self.measured

    def finding(self, question: Question, design: Design) -> Finding:
        wanted = design.by_cause or question.options.get("by") == "cause"
        extra = {"causes": self.causes()} if wanted else {}

        def run() -> Finding:
            label = f"{question.id} ({question.design})"
            return self.progress.stage(
                label,
                lambda: design.run(
                    self.records, id=question.id, seed=self.study.seed, **question.options, **extra
                ),
            )

        if self.cache.directory is None:
            return run()
        key = hash_key(
            [self.base, question.id, question.design, dict(question.options), *self._settings()]
        )
        return load_finding(self.cache.entry(key, lambda d: save_finding(run(), d)))

    def _settings(self) -> list[Any]:
        codebook = Path(self.study.codebook)
        file = self.study.directory / codebook
        study = self.study
        return [
            study.codebook, hash_file(file) if file.is_file() else "", study.starts,
            study.instrument, list(study.covariates),
        ]  # fmt: skip

    def _measure(self) -> Any:
        from svcquality.causes.measure import MeasuredCauses, measure_causes  # gensim is slow

        file = self.study.directory / self.study.codebook

        def measure() -> MeasuredCauses:
            return self.progress.stage(
                "causes",
                lambda: measure_causes(
                    self.records.tables["complaints"],
                    codebook=str(file) if file.is_file() else self.study.codebook,
                    seed=self.study.seed,
                    instrument=cast(Any, self.study.instrument),
                    covariates=self.study.covariates,
                    starts=self.study.starts,
                    progress=self.progress,
                ),
            )

        if self.cache.directory is None:
            return measure()
        key = hash_key([self.base, "causes", *self._settings()])
        return MeasuredCauses.from_directory(
            self.cache.entry(key, lambda d: measure().to_directory(d))
        )


def _adjusted(
    study: Study, questions: Sequence[Question], findings: list[Finding]
) -> list[Finding]:
    """p-values adjusted over the families that the study declares."""
    asked, answered = [q.id for q in questions], {f.id for f in findings}
    patterns = {}
    for family in study.families:
        named = [_question_of(member) for member in family.members]
        known(f"question in family {family.name!r}", named, asked, study.path)
        # What was not asked, or could not be answered, tests nothing.
        members = [m for m in family.members if _question_of(m) in answered]
        if members:
            patterns[family.name] = members
    if not patterns:
        return findings
    methods = {f.name: cast(Any, f.method) for f in study.families}
    return list(adjust_over_findings(findings, patterns, methods))


def _question_of(pattern: str) -> str:
    return pattern.partition(".")[0]


def _validate(question: Question, path: Path) -> None:
    known("design", [question.design], DESIGNS, path)
    options = DESIGNS[question.design].options
    known(f"option of question {question.id!r}", question.options, options, path)


def _has_text(records: Records) -> bool:
    return "complaints" in records.tables and bool(
        records.tables["complaints"]["text"].notna().any()
    )


def _needs(missing: list[str]) -> Text:
    zh = "、".join(TABLES[name].meaning.zh for name in missing)
    return Text(f"未提问：缺少{zh}记录。", f"Not asked: needs {', '.join(missing)} records.")


def _examples(causes: Any, study: Study) -> pd.DataFrame:
    columns = ["cause", "label_zh", "label_en", "complaint_id", "text"]
    if causes is None or study.examples == 0:
        return pd.DataFrame(columns=columns)
    counts = causes.primary.value_counts()
    shown = [c for c in counts.index if c != "residual" and counts[c] >= study.suppress_below]
    rows = [
        causes.read(cause, n=study.examples).assign(
            cause=cause, label_zh=causes.labels[cause].zh, label_en=causes.labels[cause].en
        )
        for cause in shown
    ]
    if not rows:
        return pd.DataFrame(columns=columns)
    return pd.concat(rows, ignore_index=True)[columns]


def _provenance(study: Study, records: Records) -> dict[str, Any]:
    return {
        "svcquality": svcquality.__version__,
        "code": _code_hash(),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": {name: version(name) for name in NUMERIC_PACKAGES},
        "seed": study.seed,
        "study": hash_file(study.path) if study.path.is_file() else "",
        "records": _source_hashes(records),
    }


def _source_hashes(records: Records) -> Mapping[str, str]:
    return {name: source.sha256 for name, source in sorted(records.sources.items())}


@once
def _code_hash() -> str:
    """Hash of the files that numbers come from: results of other code are not read back."""
    root = Path(__file__).parent
    files = [p for p in root.rglob("*") if p.suffix in {".py", ".yaml", ".txt"}]
    names = sorted((p.relative_to(root), p) for p in files)
    return hash_key(
        [(n.as_posix(), hash_file(p)) for n, p in names if n.parts[0] not in _NOT_IN_NUMBERS]
    )


_NOT_IN_NUMBERS = {"cli", "notebooks.py", "plots", "report", "simulate"}
"""Rooms that no number of a finding depends on."""
