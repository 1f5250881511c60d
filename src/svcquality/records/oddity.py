"""One thing in an export that deserves a look before it is mapped."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from svcquality.language import Text

WHOLE_TABLE = "*"
"""Stands for the column of what concerns rows or several columns."""


@dataclass(frozen=True)
class Oddity:
    """One thing to look at.

    Parameters
    ----------
    column : str
        `WHOLE_TABLE` where it concerns rows or several columns.
    code : str
        What it is, for programs.
    what : Text
        What it is, for people.
    values : int
        How many values or rows.
    rows : tuple of int
        The first rows, counted from 1.
    example : str
        A value, masked; empty where none may be shown.
    """

    column: str
    code: str
    what: Text
    values: int
    rows: tuple[int, ...] = ()
    example: str = ""

    @property
    def where(self) -> str:
        """The example, else the first rows."""
        return self.example or ", ".join(f"#{row}" for row in self.rows)


def rows_of(index: pd.Index) -> tuple[int, ...]:
    """The first three row numbers of an index."""
    return tuple(int(i) for i in index[:3])


def first(rows: pd.Series) -> tuple[int, ...]:
    """The first three rows where a boolean series is true."""
    return rows_of(rows.index[rows.to_numpy(dtype=bool, na_value=False)])
