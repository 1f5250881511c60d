"""A printed table as a workbook: every number a number, looking as it is printed."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from svcquality.report.publication.cells import DASH, Cell, Grid, Number, Row, visible
from svcquality.report.workbook import harmless, same_bytes

_SHEETS = {"zh": ("表", "数据"), "en": ("table", "data")}
_THICK, _THIN = Side(style="medium"), Side(style="thin")


def excel(grid: Grid, frame: pd.DataFrame) -> bytes:
    """A workbook with the table as printed and, on a second sheet, its tidy frame.

    A cell with several numbers (an interval, a mean with its deviation) takes as many columns
    under one heading, so that nothing that can be calculated with is text. The same table gives
    the same bytes.
    """
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    printed, tidy = (book.create_sheet(name) for name in _SHEETS[grid.language])
    _print(grid, printed)
    _append(frame, tidy)
    book.properties.creator = "svcquality"
    raw = io.BytesIO()
    book.save(raw)
    return same_bytes(raw.getvalue())


def _print(grid: Grid, sheet: Worksheet) -> None:
    widths = _widths(grid)
    last = 1 + sum(widths)
    line = 1
    if grid.caption:
        _write(sheet, line, 1, grid.caption).font = Font(bold=True)
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=last)
        line += 1
    top = line
    for row in grid.head:
        _heading(sheet, line, row, widths)
        line += 1
    _rule(sheet, top, last, top=_THICK)
    _rule(sheet, line - 1, last, bottom=_THIN)
    sheet.freeze_panes = sheet.cell(line, 2)
    for row in grid.body:
        _body(sheet, line, row, widths)
        if row.rule:
            _rule(sheet, line, last, top=_THIN)
        line += 1
    _rule(sheet, line - 1, last, bottom=_THICK)
    for note in grid.notes:
        _write(sheet, line, 1, note).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.merge_cells(start_row=line, end_row=line, start_column=1, end_column=last)
        sheet.row_dimensions[line].height = 15 * (1 + len(note) // (24 + 11 * sum(widths)))
        line += 1
    longest = max(len(row.label) for row in (*grid.head, *grid.body))
    sheet.column_dimensions["A"].width = min(max(14, 1.3 * longest), 60)
    for column in range(2, last + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 13


def _widths(grid: Grid) -> list[int]:
    """Columns that each column of the table needs."""
    columns = zip(*(row.cells for row in grid.body), strict=True)
    return [max(1, *(len(cell.numbers) for cell in cells)) for cells in columns]


def _heading(sheet: Worksheet, line: int, row: Row, widths: list[int]) -> None:
    _write(sheet, line, 1, row.label).font = Font(bold=True)
    at, left = 2, iter(widths)
    for cell in row.cells:
        width = sum(next(left) for _ in range(cell.span))
        written = _write(sheet, line, at, cell.text)
        written.font = Font(bold=True)
        written.alignment = Alignment(horizontal="center", wrap_text=True, vertical="center")
        if width > 1:
            sheet.merge_cells(
                start_row=line, end_row=line, start_column=at, end_column=at + width - 1
            )
        at += width


def _body(sheet: Worksheet, line: int, row: Row, widths: list[int]) -> None:
    _write(sheet, line, 1, row.label).alignment = Alignment(indent=1 if row.inner else 0)
    at = 2
    for cell, width in zip(row.cells, widths, strict=True):
        for offset, (value, shape) in enumerate(_values(cell)):
            written = _write(sheet, line, at + offset, value)
            written.number_format = shape
            written.alignment = Alignment(horizontal="center", wrap_text=isinstance(value, str))
        at += width


def _values(cell: Cell) -> Iterator[tuple[float | str, str]]:
    """What stands in each column of a cell, and its number format."""
    if cell.text == DASH or not cell.numbers:
        yield cell.text, "General"
        return
    for number, (before, behind) in zip(cell.numbers, cell.around, strict=True):
        value = float(number.value)
        if math.isfinite(value):
            yield _whole(value), _format(number, before, behind)
        else:
            yield before + number.text + behind, "General"


def _whole(value: float) -> float:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _format(number: Number, before: str, behind: str) -> str:
    if number.shown:
        return _quoted(before + number.shown + behind)
    decimals = "." + "0" * number.decimals if number.decimals else ""
    digits = f"0{decimals}%" if number.percent else f"#,##0{decimals}"
    behind = _quoted(behind)
    # A bracket opens before the sign of a negative number.
    return f"{_quoted(before)}{digits}{behind};{_quoted(before + '−')}{digits}{behind}"


def _quoted(words: str) -> str:
    return '"' + words.replace('"', "") + '"' if words else ""


def _write(sheet: Worksheet, line: int, column: int, value: float | str) -> Any:
    if isinstance(value, str):
        value = str(harmless(pd.DataFrame({"cell": [visible(value)]}))["cell"].iat[0])
    return sheet.cell(line, column, value)


def _rule(sheet: Worksheet, line: int, last: int, **sides: Side) -> None:
    for column in range(1, last + 1):
        cell = sheet.cell(line, column)
        old = cell.border
        cell.border = Border(**{"top": old.top, "bottom": old.bottom} | sides)


def _append(frame: pd.DataFrame, sheet: Worksheet) -> None:
    safe = harmless(frame)
    sheet.append([str(c) for c in safe.columns])
    for row in safe.astype(object).where(safe.notna(), None).itertuples(index=False):
        sheet.append([v.item() if hasattr(v, "item") else v for v in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
