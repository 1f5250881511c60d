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


def table_of(cells: pd.DataFrame, *, header: bool | None = None) -> SheetTable:
    """Find the header and the body of a sheet.

    Parameters
    ----------
    cells : DataFrame
        Text, columns 0 … n-1.
    header : bool, optional
        Whether the first row names the columns; found out when None.
    """
    head = cells.iloc[:_HEAD].fillna("").to_numpy().tolist()
    tail = cells.iloc[-_TAIL:].fillna("").to_numpy().tolist()
    layout = find_layout(head, tail, len(cells))
    if header is not None:
        layout = Layout(range(int(header)), range(int(header), len(cells)), range(0))
    names = [head[i] for i in layout.header]
    body = cells.iloc[layout.body.start : layout.body.stop]
    notes = _notes(layout, head, tail)
    if names:
        repeated = _same_as(body, names[-1])
        if repeated.any():
            notes.append(_repeated(int(repeated.sum())))
            body = body[~repeated]
    width = cells.shape[1]
    found = names_of(names, width)
    body, found, aside = _without_empty_columns(body, found)
    notes += aside
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


def _without_empty_columns(
    body: pd.DataFrame, names: list[str]
) -> tuple[pd.DataFrame, list[str], list[Note]]:
    """Columns with neither name nor value are no columns; between others they part two tables."""
    empty = [i for i, name in enumerate(names) if not name and body.iloc[:, i].isna().all()]
    if not empty or len(empty) == len(names):
        return body, names, []
    kept = [i for i in range(len(names)) if i not in set(empty)]
    notes = []
    between = [i for i in empty if kept[0] < i < kept[-1]]
    if between and sum(bool(names[i]) for i in kept) > 2:
        place = ", ".join(str(i + 1) for i in between)
        notes.append(
            Note(
                "side_by_side",
                Text(
                    f"第 {place.replace(', ', '、')} 列为空，可能是并排的多个表；已放在同一张表中",
                    f"column {place} is empty, so tables may stand side by side; "
                    "they are read as one",
                ),
            )
        )
    return body.iloc[:, kept], [names[i] for i in kept], notes


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
