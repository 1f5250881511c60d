"""One file as it was read: a frame of raw values, how it was read, and what was noticed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pandas as pd

from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.records.value_labels import Coded

MENDED_COLUMNS = ("row", "column", "before", "after", "rule")
WHOLE_ROW = "*"
"""Stands for the column of a repair that concerns a whole row."""


@dataclass(frozen=True)
class Note:
    """Something noticed while a file was read.

    Parameters
    ----------
    code : str
        What it is: ``encoding, dialect, preamble, header_rows, no_header, footnotes,
        second_table, repeated_header, side_by_side, sheets, undecodable …``.
    text : Text
        One sentence.
    rows : int
        Rows of the file that were set aside for it; 0 where none was.
    """

    code: str
    text: Text
    rows: int = 0


@dataclass(frozen=True)
class RawFile:
    """One file as it was read.

    Parameters
    ----------
    frame : DataFrame
        Text columns (CSV, Excel) or typed ones (Parquet, databases); the index counts the data
        rows from 1.
    path : Path
    sha256 : str
        Of the file's bytes; of the frame's where there is no file.
    encoding, delimiter, sheet : str
        How it was read; empty where it does not apply.
    notes : tuple of Note
        The choices made and what was set aside, in the order of reading.
    mended : DataFrame
        ``row, column, before, after, rule``: rows put together again.
    labels : dict of str to str
        Column → its label, in files that carry labels (SPSS, Stata).
    coded : dict of str to Coded
        Column of labelled codes → its numbers and its words.
    """

    frame: pd.DataFrame
    path: Path
    sha256: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    notes: tuple[Note, ...] = ()
    mended: pd.DataFrame = field(default_factory=lambda: mended_frame([]))
    labels: dict[str, str] = field(default_factory=dict)
    coded: dict[str, Coded] = field(default_factory=dict)

    @property
    def set_aside(self) -> int:
        """Rows of the file that are in no frame: preambles, footnotes, other tables."""
        return sum(note.rows for note in self.notes)


def mended_frame(rows: Sequence[tuple[int, str, str, str, str]]) -> pd.DataFrame:
    """Mended rows as a frame with `MENDED_COLUMNS`."""
    if not rows:
        return _nothing_mended().copy()  # most files; a frame of typed columns takes a while
    numbers, *texts = zip(*rows, strict=True)
    frame = {
        name: pd.Series(t, dtype="str") for name, t in zip(MENDED_COLUMNS[1:], texts, strict=True)
    }
    return pd.DataFrame({"row": pd.Series(numbers, dtype="int64"), **frame})


@lru_cache(maxsize=1)
def _nothing_mended() -> pd.DataFrame:
    frame = pd.DataFrame(columns=list(MENDED_COLUMNS), dtype="str")
    return frame.astype({"row": "int64"})


def empty(name: str) -> InputError:
    """The error for a table without rows."""
    return InputError(
        f"{name} has no rows; leave it out of the study or export it again.",
        f"{name} 没有数据行；请从研究中去掉它，或重新导出。",
    )
