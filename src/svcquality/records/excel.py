"""Excel workbooks: the sheet with the table, merged headers, both date epochs, numbers kept as text."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa

from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.records.cells import cells_of
from svcquality.records.raw import Note, RawFile, empty
from svcquality.records.sheet_table import table_of

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read_excel(data: bytes, path: Path, sha256: str, sheet: str | None = None) -> RawFile:
    """Read one sheet of a workbook.

    Parameters
    ----------
    data : bytes
    path : Path
    sha256 : str
    sheet : str, optional
        By default the first sheet that is not hidden and has more than one row.

    Raises
    ------
    InputError
        If there is no such sheet, it is empty, or the workbook is protected by a password or of
        the format before 2007.

    Notes
    -----
    A cell of a merged range has the range's value; dates are turned by the workbook's own epoch
    (1900 or 1904); a number stored as text stays the text that it is.
    """
    if data.startswith(_OLD_EXCEL):
        raise InputError(
            f"{path.name} is protected by a password or of the format before 2007; "
            "save it as .xlsx without a password.",
            f"{path.name} 有密码保护，或为 2007 年以前的格式；请另存为不加密的 .xlsx。",
        )
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    sheets = {ws.title: ws for ws in book.worksheets}
    if sheet is not None and sheet not in sheets:
        raise InputError(
            f"{path.name} has no sheet {sheet!r}; it has {', '.join(sheets)}.",
            f"{path.name} 没有工作表 {sheet!r}；现有：{'、'.join(sheets)}。",
        )
    chosen = sheet if sheet is not None else _first_with_rows(sheets)
    cells = _cells(sheets[chosen])
    if not cells.num_rows:
        raise empty(f"{path.name} [{chosen}]")
    table = table_of(cells)
    notes = [*_about(book, sheets, chosen), *table.notes]
    return RawFile(table.frame, path, sha256, sheet=chosen, notes=tuple(notes))


def _first_with_rows(sheets: dict[str, Any]) -> str:
    shown = [name for name, ws in sheets.items() if ws.sheet_state == "visible"] or list(sheets)
    return next((name for name in shown if (sheets[name].max_row or 0) > 1), shown[0])


def _cells(sheet: Any) -> pa.Table:
    """All cells as text, merged ranges filled."""
    rows = [[_as_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    for merged in sheet.merged_cells.ranges:
        value = rows[merged.min_row - 1][merged.min_col - 1]
        for row in rows[merged.min_row - 1 : merged.max_row]:
            row[merged.min_col - 1 : merged.max_col] = [value] * (
                merged.max_col - merged.min_col + 1
            )
    used = max((i + 1 for row in rows for i, cell in enumerate(row) if cell), default=0)
    return cells_of([row[:used] for row in rows] if used else [], used)


def _as_text(value: Any) -> str | None:
    """A cell as it would be written in a text file: days without a midnight, 5.0 as 5."""
    if value is None or value == "":
        return None
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _about(book: Any, sheets: dict[str, Any], chosen: str) -> list[Note]:
    notes = []
    others = [name for name in sheets if name != chosen]
    if others:
        notes.append(
            Note(
                "sheets",
                Text(f"读取工作表“{chosen}”；另有：{'、'.join(others)}",
                     f"read the sheet {chosen!r}; there are also {', '.join(others)}"),
            )
        )  # fmt: skip
    if book.epoch.year == 1904:
        notes.append(Note("epoch", Text("日期以 1904 年为起点", "its dates count from 1904")))
    merged = len(sheets[chosen].merged_cells.ranges)
    if merged:
        notes.append(
            Note(
                "merged_cells",
                Text(
                    f"有 {merged} 处合并单元格，已逐格填充",
                    f"{merged} merged ranges, filled cell by cell",
                ),
            )
        )
    return notes
