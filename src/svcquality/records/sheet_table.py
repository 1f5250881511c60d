"""A sheet of cells into a table with named columns, saying which rows were set aside and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from svcquality.language import Text
from svcquality.records.cells import equal_rows, filled_rows, rows_of
from svcquality.records.layout import Layout, find_layout, names_of, unique_names
from svcquality.records.raw import Note

_HEAD, _TAIL = 200, 60


@dataclass(frozen=True)
class SheetTable:
    """The table of a sheet.

    Parameters
    ----------
    frame : DataFrame
        The body under its names; the index counts its rows from 1.
    place : ndarray of int
        Rows of the frame (from 1) that the rows of the sheet became; 0 where they are in none.
    notes : tuple of Note
    """

    frame: pd.DataFrame
    place: np.ndarray
    notes: tuple[Note, ...]


def table_of(cells: pa.Table, width: int = 0) -> SheetTable:
    """Find the header and the body of a sheet.

    Parameters
    ----------
    cells : pyarrow.Table
        Text, columns 0 … n-1.
    width : int
        Columns of most rows; further ones that only rows above or below the table fill are left
        out with these.
    """
    filled = filled_rows(cells)
    total = int(filled.nonzero()[0][-1]) + 1 if filled.any() else 0
    head, tail = (
        rows_of(cells.slice(0, min(total, _HEAD))),
        rows_of(cells.slice(max(total - _TAIL, 0), min(total, _TAIL))),
    )
    layout = find_layout(head, tail, total, width)
    names = [head[i] for i in layout.header]
    notes = _notes(layout, head, tail)
    # Empty rows end a table together with what stands below it; inside they are rows without values.
    stop = layout.body.stop
    while layout.notes and stop > layout.body.start and not filled[stop - 1]:
        stop -= 1
    kept = np.zeros(cells.num_rows, dtype=bool)
    kept[layout.body.start : stop] = True
    blank = layout.body.stop - stop + cells.num_rows - total
    if blank:
        notes.append(_blank(blank))
    if names:
        repeated = kept & equal_rows(cells, names[-1])
        if repeated.any():
            notes.append(_repeated(int(repeated.sum())))
            kept &= ~repeated
    body = cells.filter(pa.array(kept))
    found = names_of(names, cells.num_columns)
    used = [column.null_count < len(column) for column in body.columns]
    while len(found) > max(width, 1) and not found[-1] and not used[len(found) - 1]:
        found.pop()
    notes += _side_by_side(used[: len(found)], found)
    frame = body.select(range(len(found))).to_pandas(use_threads=False)
    frame.columns = pd.Index(unique_names(found), dtype="str")
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return SheetTable(frame, np.where(kept, kept.cumsum(), 0), tuple(notes))


def _side_by_side(filled: list[bool], names: list[str]) -> list[Note]:
    """Columns with neither name nor value between others part two tables."""
    used = [i for i, name in enumerate(names) if name or filled[i]]
    between = [str(i + 1) for i in range(used[0], used[-1]) if i not in used] if used else []
    if not between or sum(bool(name) for name in names) < 3:
        return []
    return [
        Note(
            "side_by_side",
            Text(
                f"第 {'、'.join(between)} 列为空，可能是并排的多个表；已按一张表读取",
                f"column {', '.join(between)} is empty: tables may stand side by side; "
                "they are read as one",
            ),
        )
    ]


def _blank(rows: int) -> Note:
    return Note(
        "blank_rows",
        Text(f"有 {rows} 个空行，已去除", f"{rows} blank rows, dropped"),
        rows,
    )


def _repeated(rows: int) -> Note:
    return Note(
        "repeated_header",
        Text(
            f"表头在数据中重复出现 {rows} 次，已去除",
            f"the header is repeated {rows} times, dropped",
        ),
        rows,
    )


def _notes(layout: Layout, head: list[list[str]], tail: list[list[str]]) -> list[Note]:
    notes = []
    before = layout.header.start
    if before:
        first = _first_words(head[:before])
        notes.append(
            Note(
                "preamble",
                Text(f"表前有 {before} 行说明，未计入数据：{first}",
                     f"{before} rows above the table, set aside: {first}"),
                before,
            )
        )  # fmt: skip
    if not layout.header:
        notes.append(
            Note(
                "no_header",
                Text(
                    "没有表头，列名为 col_0、col_1 …", "no header; columns are named col_0, col_1 …"
                ),
            )
        )
    elif len(layout.header) > 1:
        number = len(layout.header)
        notes.append(
            Note(
                "header_rows",
                Text(f"表头有 {number} 行，已合并为一行", f"{number} header rows, joined into one"),
            )
        )
    after = len(layout.notes)
    if after:
        last = _first_words(tail[-after:])
        notes.append(
            Note(
                "footnotes",
                Text(f"表后有 {after} 行附注，未计入数据：{last}",
                     f"{after} rows below the table, set aside: {last}"),
                after,
            )
        )  # fmt: skip
    return notes


def _first_words(rows: list[list[str]]) -> str:
    cell = next((cell.strip() for row in rows for cell in row if cell.strip()), "")
    return f"{cell[:40]}…" if len(cell) > 40 else cell
