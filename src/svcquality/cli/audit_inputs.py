"""What the audit commands work on: a study, its measured causes, codes of a pilot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svcquality.errors import InputError
from svcquality.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

    from svcquality.causes.accuracy import Accuracy
    from svcquality.causes.measured import MeasuredCauses
    from svcquality.records.read import Records
    from svcquality.study_file import Study
    from svcquality.text.codebook import Codebook


def open_study(study: Path, quiet: bool) -> tuple[Study, Records]:
    """A study and its records, which must have complaints."""
    from svcquality.records.read import read_records
    from svcquality.study_file import read_study

    declared = read_study(study)
    progress = Progress.for_terminal(quiet=quiet)
    records = progress.stage("records", lambda: read_records(study, progress=progress))
    if "complaints" not in records.tables:
        raise InputError(
            f"{study} has no complaints; hand-coding needs complaint texts.",
            f"{study} 没有投诉记录；人工编码需要投诉文本。",
        )
    return declared, records


def measure(declared: Study, records: Records, quiet: bool) -> MeasuredCauses:
    """The study's causes, measured as its report does."""
    from svcquality.causes.measure import measure_causes

    instrument: Any = declared.instrument
    return measure_causes(
        records.tables["complaints"], codebook=_codebook(declared), seed=declared.seed,
        instrument=instrument, covariates=declared.covariates, starts=declared.starts,
        progress=Progress.for_terminal(quiet=quiet),
    )  # fmt: skip


def _codebook(declared: Study) -> str:
    file = declared.directory / declared.codebook
    return str(file) if file.is_file() else declared.codebook


def strata_of(name: str, records: Records) -> Any:
    """The instrument's answer, or a column of the complaints by complaint id."""
    if name in ("cause", "family", "none"):
        return name
    complaints = records.tables["complaints"]
    if name not in complaints or name in ("complaint_id", "text"):
        raise InputError(
            f"There are no strata {name!r}; use cause, family, none, or a column of the complaints "
            "such as channel.",
            f"无法按“{name}”分层；请用 cause、family、none 或投诉表的列（如 channel）。",
        )
    return complaints.set_index("complaint_id")[name]


@dataclass(frozen=True)
class Judged:
    """Every instrument against the hand-given codes.

    Parameters
    ----------
    results : dict of str to Accuracy
        By instrument.
    refused : dict of str to InputError
        Instruments that these complaints do not allow, and why.
    codebook : Codebook
        What was measured with.
    """

    results: dict[str, Accuracy]
    refused: dict[str, InputError]
    codebook: Codebook


def judge(
    declared: Study, complaints: pd.DataFrame, coded: pd.DataFrame, covariates: str, quiet: bool
) -> Judged:
    """Accuracy of every instrument that these complaints allow.

    The supervised coder learns from the same codes, but each coded text is measured without its own.
    """
    from svcquality.causes.accuracy import accuracy
    from svcquality.causes.measure import measure_causes
    from svcquality.text.codebook_file import load_codebook

    codebook = load_codebook(_codebook(declared))
    columns = tuple(name for name in re.split(r"[,，]\s*", covariates.strip()) if name)
    columns = columns or declared.covariates
    asked: list[Any] = ["codebook", "seeded", *(["prevalence"] if columns else []), "supervised"]
    results, refused = {}, {}
    for name in asked:
        try:
            measured = measure_causes(
                complaints, codebook=codebook, instrument=name, seed=declared.seed,
                covariates=columns if name == "prevalence" else (), starts=declared.starts,
                progress=Progress.for_terminal(quiet=quiet),
            )  # fmt: skip
        except InputError as error:
            if name != "supervised":  # the only one that needs codes, of which there may be few
                raise
            refused[name] = error
            continue
        results[name] = accuracy(
            measured.primary, coded, codebook, probabilities=measured.probabilities
        )
    return Judged(results, refused, codebook)


def accuracy_tables(results: dict[str, Accuracy]) -> dict[str, pd.DataFrame]:
    """The frames of several `Accuracy` one above the other, by name, the instrument first."""
    import pandas as pd

    frames: dict[str, list[pd.DataFrame]] = {}
    for name, result in results.items():
        parts = {
            "accuracy": result.overall,
            "accuracy_by_class": result.by_class,
            "confusion": result.confusion.rename_axis("true").reset_index(),
        }
        if result.calibration is not None:
            parts |= {
                "calibration": result.calibration.overall,
                "calibration_by_class": result.calibration.by_class,
                "reliability": result.calibration.bins,
            }
        for kind, frame in parts.items():
            frames.setdefault(kind, []).append(frame.assign(instrument=name))
    return {
        kind: pd.concat([f[["instrument", *f.columns[:-1]]] for f in parts], ignore_index=True)
        for kind, parts in frames.items()
    }


def read_pilot(path: Path, declared: Study) -> pd.DataFrame:
    """Codes that ``audit read --out`` wrote."""
    import pandas as pd

    from svcquality.text.codebook_file import load_codebook

    wanted = ["complaint_id", "coded_cause", "coding_probability"]
    try:
        codes = pd.read_csv(path, encoding="utf-8-sig", dtype={"complaint_id": "str"})
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} cannot be read as CSV; give what 'audit read --out' wrote.",
            f"无法读取 {path}；请给出 audit read --out 写出的 CSV。",
        ) from error
    if not set(wanted) <= set(codes) or not codes["coded_cause"].isin(
        [*load_codebook(_codebook(declared)).ids, "residual"]
    ).all():  # fmt: skip
        raise InputError(
            f"{path} lacks {', '.join(wanted)}, or has a cause that is not in the codebook; give what "
            "'audit read --out' wrote.",
            f"{path} 缺少 {'、'.join(wanted)}，或含有编码本中没有的原因；请给出 audit read --out 写出的文件。",
        )
    codes = codes[wanted].dropna()
    return codes.rename(columns={"coded_cause": "cause", "coding_probability": "probability"})


def outcome_share(records: Records) -> float:
    """Share of complaints with an answered survey about them."""
    surveys = records.tables.get("surveys")
    answered = surveys[surveys["satisfaction"].notna()] if surveys is not None else None
    complaints = records.tables["complaints"]["complaint_id"]
    share = 0.0 if answered is None else float(complaints.isin(answered["complaint_id"]).mean())
    if share == 0:
        raise InputError(
            "No survey names the complaint it is about, so a cost cannot be estimated; plan for "
            "shares with --for share.",
            "没有问卷注明所涉及的投诉，无法估计代价；请用 --for share 规划占比。",
        )
    return share


def whole_numbers(text: str) -> list[int]:
    """Numbers with commas between them."""
    try:
        return [int(part) for part in text.replace("，", ",").split(",")]
    except ValueError as error:
        raise InputError(
            f"--n takes whole numbers with commas, not {text!r}.",
            f"--n 须为逗号分隔的整数，而不是“{text}”。",
        ) from error


def harmless_csv(complaints: pd.DataFrame) -> bytes:
    """CSV in which no text starts a formula; identifiers stay as they are."""
    from svcquality.report.workbook import harmless

    safe = complaints.assign(text=harmless(complaints[["text"]])["text"])
    return safe.to_csv(index=False, lineterminator="\n").encode("utf-8-sig")
