"""SPSS and Stata files: values through their labels, the labels of the columns kept."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from svcquality.language import Text
from svcquality.records.raw import Note, RawFile
from svcquality.records.value_labels import Coded, coded

_SHOWN = 7
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
        A rated scale keeps its numbers and kinds become their words (`value_labels.coded` tells
        them apart); labelled answers beside a scale (9 = does not apply) are missing, and a note
        counts and names them. Values that the file declares missing are missing. Labelled columns
        stand both ways in ``coded``.
    """
    readers = {".dta": pyreadstat.read_dta, ".por": pyreadstat.read_por}
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:  # the library reads from paths only
        file.write(data)
        file.flush()
        read: Any = readers.get(suffix, pyreadstat.read_sav)
        frame, meta = read(file.name)
    given = {name: _of_numbers(labels) for name, labels in meta.variable_value_labels.items()}
    alike = Counter(tuple(sorted(labels.items())) for labels in given.values())
    notes = [_about(meta)]
    columns: dict[str, pd.Series] = {}
    both: dict[str, Coded] = {}
    for name in frame.columns:
        values = frame[name].replace("", None)
        labels = given.get(name, {})
        if labels and pd.api.types.is_numeric_dtype(values.dtype):
            column = coded(values, labels, columns=alike[tuple(sorted(labels.items()))])
            both[str(name)] = column
            named = not column.rated and values.dropna().isin(list(labels)).all()
            values = column.words if named else column.numbers
            if not named:
                notes += _scale(str(name), column)
        elif meta.variable_value_labels.get(name):  # codes that are texts themselves
            texts = values.map(meta.variable_value_labels[name])
            values = texts.where(texts.notna(), values).astype("str")
        columns[str(name)] = _whole(values)
    titles = {str(k): str(v) for k, v in meta.column_names_to_labels.items() if v}
    table = pd.DataFrame(columns).set_axis(pd.RangeIndex(1, len(frame) + 1))
    return RawFile(
        table, path, sha256, meta.file_encoding or "", notes=tuple(notes), labels=titles, coded=both
    )


def _whole(values: pd.Series) -> pd.Series:
    """Whole numbers as such: these files know no other numbers than decimal ones."""
    if not pd.api.types.is_float_dtype(values.dtype):
        return values
    seen = values.dropna()
    fit = len(seen) > 0 and (seen % 1 == 0).all() and (seen.abs() < 2**53).all()
    return values.astype("Int64") if fit else values


def _of_numbers(labels: dict) -> dict[float, str]:
    return {
        float(code): str(label) for code, label in labels.items() if isinstance(code, int | float)
    }


def _about(meta: object) -> Note:
    rows, columns = getattr(meta, "number_rows", None), getattr(meta, "number_columns", None)
    return Note(
        "labels",
        Text(
            f"带标签的数据文件：{rows} 行 {columns} 列",
            f"a labelled file of {rows} rows, {columns} columns",
        ),
    )


def _scale(name: str, column: Coded) -> list[Note]:
    shown = [f"{code:g} = {label}" for code, label in list(column.labels.items())[:_SHOWN]]
    notes = [
        Note(
            "scale",
            Text(
                f"{name} 保留数值；标签：{'，'.join(shown)}",
                f"{name} keeps its numbers; labels: {', '.join(shown)}",
            ),
        )
    ]
    if column.beside:
        total = sum(column.beside.values())
        each = [f"{c:g} = {column.labels[c]} ({n:,})" for c, n in column.beside.items()]
        notes.append(
            Note(
                "no_answer",
                Text(
                    f"{name} 有 {total:,} 个答复不在量表之内，视为缺失：{'，'.join(each)}",
                    f"{name}: {total:,} answers beside the scale are missing: {', '.join(each)}",
                ),
            )
        )
    if column.falling:
        low, high = column.run[0], column.run[-1]
        notes.append(
            Note(
                "falling",
                Text(
                    f"{name} 的量表由好到差（{low:g} = {column.labels[low]}，{high:g} = "
                    f"{column.labels[high]}）；请在映射文件的 codes 中反转",
                    f"{name} runs from best to worst ({low:g} = {column.labels[low]}, {high:g} = "
                    f"{column.labels[high]}); turn it round by codes in the mapping file",
                ),
            )
        )
    return notes
