"""SPSS and Stata files: values through their labels, the labels of the columns kept."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from svcquality.language import Text
from svcquality.records.raw import Note, RawFile

SUFFIXES = (".sav", ".zsav", ".por", ".dta")
_NO_ANSWER = re.compile(
    r"不适用|不知道|说不清|拒答|拒绝|未回答|未作答|无应答|缺失|未使用|"
    r"n/?a\b|not applicable|does ?n.t apply|do(es)? not apply|don.?t know|refus|no answer|missing|"
    r"prefer not|not used|unsure",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"满意|同意|认同|赞同|重要|可能|一般|非常|十分|比较|很|较|极|完全|经常|偶尔|从不|总是|好|差|中立|"
    r"\d|satisf|agree|likel|import|very|extreme|strong|neutral|neither|never|always|often|seldom|rarely|"
    r"sometimes|good|bad|poor|excellent|fair|average|better|worse|easy|difficult|low|high|somewhat",
    re.IGNORECASE,
)
ERRORS: tuple[type[Exception], ...] = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError)
"""What the library raises for a file that it cannot read."""


def read_statistical(data: bytes, path: Path, sha256: str, suffix: str) -> RawFile:
    """Read an SPSS or Stata file.

    Parameters
    ----------
    data : bytes
    path : Path
    sha256 : str
    suffix : str
        One of `SUFFIXES`.

    Returns
    -------
    RawFile
        Codes of a column all of whose values are labelled are replaced by their labels; a rating
        scale (1 = very bad … 5 = very good) keeps its numbers, its labels stand in a note, and
        labelled answers beside the scale (9 = does not apply) are missing, which the note counts.
        Values that the file declares missing are missing.
    """
    readers = {".dta": pyreadstat.read_dta, ".por": pyreadstat.read_por}
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:  # the library reads from paths only
        file.write(data)
        file.flush()
        read: Any = readers.get(suffix, pyreadstat.read_sav)
        frame, meta = read(file.name)
    notes = [_about(meta)]
    columns: dict[str, pd.Series] = {}
    for name in frame.columns:
        labels: dict = meta.variable_value_labels.get(name, {})
        values = frame[name].replace("", None)
        seen = values.dropna()
        scale = _scale_of(labels, shared=_shared(labels, meta))
        if scale:
            beside = values.isin([code for code in labels if code not in scale])
            values = values.mask(beside)
            notes.append(_scale(name, labels, int(beside.sum())))
        elif labels and seen.isin(list(labels)).all():
            values = values.map(labels).astype("str")
        elif labels:
            notes.append(_scale(name, labels, 0))
        columns[str(name)] = values
    named = {str(k): str(v) for k, v in meta.column_names_to_labels.items() if v}
    table = pd.DataFrame(columns).set_axis(pd.RangeIndex(1, len(frame) + 1))
    return RawFile(table, path, sha256, meta.file_encoding or "", notes=tuple(notes), labels=named)


def _scale_of(labels: dict, *, shared: bool) -> list[float]:
    """The codes of a rating scale; none where the labels name kinds instead.

    A scale runs in steps of one from −5 … 1 upwards, apart from codes that say there is no answer.
    A run alone is no scale: channels are numbered too. Its labels speak of degrees, only some of
    its points are labelled, or several columns share them, as the items of a battery do.
    """
    codes = sorted(
        code
        for code, label in labels.items()
        if isinstance(code, (int, float)) and not _NO_ANSWER.search(str(label))
    )
    if len(codes) < 2 or not -5 <= codes[0] <= 1:
        return []
    run = [codes[0]]
    for code in codes[1:]:
        if code != run[-1] + 1:
            break
        run.append(code)
    degrees = sum(bool(_DEGREE.search(str(labels[code]))) for code in run)
    wordy = degrees >= max(2, len(run) / 3)
    return run if len(run) >= 3 and (wordy or (shared and len(run) >= 5)) else []


def _shared(labels: dict, meta: Any) -> bool:
    """Whether several columns carry the same labels."""
    return sum(other == labels for other in meta.variable_value_labels.values()) >= 3


def _about(meta: object) -> Note:
    rows, columns = getattr(meta, "number_rows", None), getattr(meta, "number_columns", None)
    return Note(
        "labels",
        Text(
            f"带标签的数据文件：{rows} 行 {columns} 列",
            f"a labelled file of {rows} rows, {columns} columns",
        ),
    )


def _scale(name: str, labels: dict, beside: int) -> Note:
    shown = ", ".join(f"{float(code):g} = {label}" for code, label in list(labels.items())[:7]
                      if isinstance(code, (int, float)))  # fmt: skip
    return Note(
        "scale",
        Text(
            f"{name} 保留数值；标签：{shown.replace(', ', '，')}"
            + (f"；量表之外的 {beside:,} 个答复视为缺失" if beside else ""),
            f"{name} keeps its numbers; labels: {shown}"
            + (f"; {beside:,} answers beside the scale are missing" if beside else ""),
        ),
    )
