"""SPSS and Stata files: values through their labels, the labels of the columns kept."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from svcquality.language import Text
from svcquality.records.raw import Note, RawFile

SUFFIXES = (".sav", ".zsav", ".por", ".dta")
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
        Codes of a column all of whose values are labelled are replaced by their labels; a scale of
        which only the ends are labelled (1 = very bad … 5 = very good) keeps its numbers, and its
        labels stand in a note. Values that the file declares missing are missing.
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
        if labels and seen.isin(list(labels)).all() and not _is_scale(labels):
            values = values.map(labels).astype("str")
        elif labels:
            notes.append(_scale(name, labels))
        columns[str(name)] = values
    named = {str(k): str(v) for k, v in meta.column_names_to_labels.items() if v}
    table = pd.DataFrame(columns).set_axis(pd.RangeIndex(1, len(frame) + 1))
    return RawFile(table, path, sha256, meta.file_encoding or "", notes=tuple(notes), labels=named)


def _is_scale(labels: dict) -> bool:
    """Numbers from 0 or 1 upwards in steps of one, three or more: an ordered scale keeps them."""
    codes = sorted(code for code in labels if isinstance(code, (int, float)) and code < 90)
    steps = {b - a for a, b in itertools.pairwise(codes)}
    return len(codes) >= 5 and codes[0] in (0, 1) and steps == {1}


def _about(meta: object) -> Note:
    rows, columns = getattr(meta, "number_rows", None), getattr(meta, "number_columns", None)
    return Note(
        "labels",
        Text(
            f"带标签的数据文件：{rows} 行 {columns} 列",
            f"a labelled file of {rows} rows, {columns} columns",
        ),
    )


def _scale(name: str, labels: dict) -> Note:
    shown = ", ".join(f"{float(code):g} = {label}" for code, label in list(labels.items())[:7]
                      if isinstance(code, (int, float)))  # fmt: skip
    return Note(
        "scale",
        Text(
            f"{name} 保留数值；标签：{shown.replace(', ', '，')}",
            f"{name} keeps its numbers; labels: {shown}",
        ),
    )
