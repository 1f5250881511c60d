"""A sheet of cells into a table with named columns, saying which rows were set aside and why."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from svcquality.language import Text
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
    place : Series of int
        Row of the sheet (from 0) → row of the frame.
    notes : tuple of Note
    """

    frame: pd.DataFrame
    place: pd.Series
    notes: tuple[Note, ...]


def table_of(cells: pd.DataFrame, width: int = 0) -> SheetTable:
    """Find the header and the body of a sheet.

    Parameters
    ----------
    cells : DataFrame
        Text, columns 0 … n-1.
    width : int
        Columns of most rows; further ones that only rows above or below the table fill are left
        out with these.
    """
    filled = cells.notna().any(axis=1).to_numpy()
    last = int(filled.nonzero()[0][-1]) + 1 if filled.any() else 0
    blank = len(cells) - last
    cells = cells.iloc[:last]
    head = cells.iloc[:_HEAD].fillna("").to_numpy().tolist()
    tail = cells.iloc[-_TAIL:].fillna("").to_numpy().tolist()
    layout = find_layout(head, tail, len(cells), width)
    names = [head[i] for i in layout.header]
    body = cells.iloc[layout.body.start : layout.body.stop]
    notes = _notes(layout, head, tail)
    if blank:
        notes.append(_blank(blank))
    if names:
        repeated = _same_as(body, names[-1])
        if repeated.any():
            notes.append(_repeated(int(repeated.sum())))
            body = body[~repeated]
    found = names_of(names, cells.shape[1])
    while len(found) > max(width, 1) and not found[-1] and body[len(found) - 1].isna().all():
        found.pop()
    body = body.iloc[:, : len(found)]
    notes += _side_by_side(body, found)
    frame = body.set_axis(pd.Index(unique_names(found), dtype="str"), axis=1)
    place = pd.Series(range(1, len(frame) + 1), index=body.index)
    return SheetTable(frame.set_axis(pd.RangeIndex(1, len(frame) + 1)), place, tuple(notes))


def _same_as(body: pd.DataFrame, header: list[str]) -> pd.Series:
    """Rows that repeat the header: exports glued together, or a header on every page."""
    same = pd.Series(True, index=body.index)
    for name, cell in zip(body.columns, header, strict=False):
        same &= body[name].fillna("") == cell
        if not same.any():
            break
    return same


def _side_by_side(body: pd.DataFrame, names: list[str]) -> list[Note]:
    """Columns with neither name nor value between others part two tables."""
    used = [i for i, name in enumerate(names) if name or body.iloc[:, i].notna().any()]
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
        Text(f"文件末尾有 {rows} 个空行，已去除", f"{rows} blank rows at the end, dropped"),
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
