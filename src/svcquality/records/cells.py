"""Sheets of text cells, before any row is taken for a header: Arrow tables with columns 0 … n-1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def cells_of(rows: Sequence[Sequence[str | None]], width: int) -> pa.Table:
    """Rows, none wider than ``width``, as columns of text; what is empty or lacking is null."""
    padded = [[cell or None for cell in row] + [None] * (width - len(row)) for row in rows]
    columns = zip(*padded, strict=True) if padded else [()] * width
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.Table.from_arrays(arrays, names=[str(i) for i in range(width)])


def rows_of(cells: pa.Table) -> list[list[str]]:
    """The rows of a sheet, or of a part of it; an empty cell is ``""``."""
    columns = [column.fill_null("").to_pylist() for column in cells.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def filled_rows(cells: pa.Table) -> np.ndarray:
    """Which rows hold anything: booleans."""
    filled = np.zeros(cells.num_rows, dtype=bool)
    for column in cells.columns:
        filled |= column.is_valid().to_numpy()
    return filled


def equal_rows(cells: pa.Table, row: Sequence[str]) -> np.ndarray:
    """Which rows are the same as ``row``, as far as it goes: booleans."""
    same = np.ones(cells.num_rows, dtype=bool)
    for column, cell in zip(cells.columns, row, strict=False):
        same &= pc.equal(column.fill_null(""), cell).to_numpy()
        if not same.any():
            break
    return same


def stack(above: pa.Table, below: pa.Table) -> pa.Table:
    """Two sheets under each other, as wide as the wider one."""
    return pa.concat_tables([above, below], promote_options="default")
