"""The report's tables as CSV and as one workbook; nothing in them is ever a formula."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
import zipfile
from collections.abc import Sequence

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

_FORMULA = re.compile(r"^[=+\-@\t\r\n＝＋－＠]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CELL_LIMIT = 32_000
SHEET_NAME = 31
_FIXED = dt.datetime(2000, 1, 1)


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts that a spreadsheet would read as a formula get a leading apostrophe.

    Control characters that XML forbids are dropped, and giant cells cut.
    """
    return frame.map(_harmless_cell)


def _harmless_cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    value = _CONTROL.sub("", value)[:_CELL_LIMIT]
    return f"'{value}" if _FORMULA.match(value) else value


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """CSV that spreadsheet programs open in the right encoding (UTF-8 with a byte-order mark)."""
    text = harmless(frame).to_csv(index=False, lineterminator="\n", float_format="%.10g")
    return text.encode("utf-8-sig")


def workbook_bytes(sheets: Sequence[tuple[str, pd.DataFrame]]) -> bytes:
    """An Excel workbook with one sheet a frame, the same bytes for the same frames.

    Parameters
    ----------
    sheets : sequence of (str, DataFrame)
        Names and contents; a name that Excel could not take, or that was there before, is changed.
    """
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, frame in sheets:
        sheet = book.create_sheet(_sheet_name(name, book.sheetnames))
        safe = harmless(frame)
        sheet.append([str(c) for c in safe.columns])
        for row in safe.astype(object).where(safe.notna(), None).itertuples(index=False):
            sheet.append([_plain(v) for v in row])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor="E8EEF3")
        for number, column in enumerate(safe.columns, 1):
            longest = max([len(str(column)), *safe[column].astype(str).str.len().head(200)])
            letter = get_column_letter(number)
            sheet.column_dimensions[letter].width = min(max(10, longest + 2), 80)
            if longest > 60:
                for cell in sheet[letter]:
                    cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.freeze_panes = "A2"
    book.properties.creator = "svcquality"
    raw = io.BytesIO()
    book.save(raw)
    return same_bytes(raw.getvalue())


def _sheet_name(name: str, taken: Sequence[str]) -> str:
    """At most 31 characters, and one of its kind even where capitals do not count."""
    name = re.sub(r"[\[\]:*?/\\]", "_", name)
    used = {n.lower() for n in taken}
    endings = ("" if number == 1 else f" ({number})" for number in itertools.count(1))
    names = (name[: SHEET_NAME - len(ending)] + ending for ending in endings)
    return next(n for n in names if n.lower() not in used)


def _plain(value: object) -> object:
    if hasattr(value, "item"):
        value = value.item()
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def same_bytes(archive: bytes) -> bytes:
    """Take the clock out of a workbook: dates of its entries and of its properties."""
    out = io.BytesIO()
    stamp = _FIXED.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist()):
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, data)
            entry = zipfile.ZipInfo(name, date_time=_FIXED.timetuple()[:6])
            new.writestr(entry, data, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()
