"""The workbook in which people code: guide, codebook, and one sheet a coder."""

from __future__ import annotations

import io
import math
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from svcquality.causes.audit_file import CHOICES, Draw, choices, draw_of, hide, put
from svcquality.causes.audit_sample import AuditSample
from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.storage import write_atomic
from svcquality.text.codebook import Codebook

CODERS = ("A", "B", "C", "D")
AGREED = "裁定 Agreed"
NUMBER, WORDS, KEY = "序号 No.", "投诉内容 Text", "key"
CAUSE, SECOND = "主因 Primary cause", "次因 Second cause"
DOUBT, NOTES, DECISION = "存疑 Doubt", "备注 Notes", "裁定 Agreed cause"
YES = "是 yes"

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 32_000
_HEAD = PatternFill("solid", fgColor="DCE6EC")
_FILL_IN = PatternFill("solid", fgColor="FFF8E1")
_LINE = Border(bottom=Side("hair", color="B0B8BE"))
_WIDTHS = {NUMBER: 7, WORDS: 72, CAUSE: 34, SECOND: 34, DOUBT: 9, NOTES: 28, DECISION: 34}

GUIDE = [
    Text("怎样编码", "How to code"),
    Text(
        "1. 先通读“编码本”工作表：每个原因的定义、包括与不包括的情形，以及容易混淆的相邻原因。",
        "1. Read the sheet 'Codebook' first: what each cause is, what belongs to it and what does "
        "not, and which causes are easily taken for it.",
    ),
    Text(
        "2. 两位编码员各填一张工作表，互不商量、不看对方的结果；可各用一份文件副本。",
        "2. Each coder fills in one sheet, without consulting the other or looking at the other's "
        "codes; separate copies of this file are welcome.",
    ),
    Text(
        "3. 每条投诉选一个主因：若没有这件事，客户就不会投诉。如果还说到另一个原因，填入次因。",
        "3. Give each complaint one primary cause: the thing without which there would be no "
        "complaint. If it names another cause as well, enter that as the second one.",
    ),
    Text(
        "4. 编码本中没有合适的原因时，选“residual 其他原因”。每一行都要有主因，不要跳过难判断的投诉。",
        "4. If no cause of the codebook fits, choose 'residual'. Every row needs a primary cause: do "
        "not skip the difficult ones.",
    ),
    Text(
        "5. 拿不准时仍请选最可能的原因，并在“存疑”一栏选“是”，在备注中写明理由。",
        "5. When unsure, still choose the likeliest cause, mark 'Doubt' and say why in the notes.",
    ),
    Text(
        "6. 可以排序、筛选和调整列宽；请不要删除行、工作表或隐藏的列。可直接键入编号（如 Q1）。",
        "6. Sort, filter and widen as you like; do not delete rows, sheets or the hidden column. "
        "You may type the id alone (Q1).",
    ),
]  # fmt: skip


def write_audit(sample: AuditSample, path: str | Path, *, coders: int = 2) -> Path:
    """Write a sample as a workbook for coders.

    Each coder has a sheet with the same texts in an own random order; nothing in it shows what an
    instrument said. Guide and codebook are inside, in Chinese and English.

    Parameters
    ----------
    sample : AuditSample
    path : path
        An ``.xlsx`` that does not exist yet: codes that someone entered are never overwritten.
    coders : int
        1 to 4.

    Raises
    ------
    InputError
        If the file exists, does not end in ``.xlsx`` or cannot be written, or ``coders`` is out of
        range.
    """
    if not 1 <= coders <= len(CODERS):
        raise InputError(
            f"A workbook takes 1 to {len(CODERS)} coders; correct the number and draw again.",
            f"一个工作簿可供 1 至 {len(CODERS)} 位编码员使用；请修改人数后重新抽取。",
        )
    draw = draw_of(sample)
    rows = draw.texts[["key"]].assign(text=sample.texts["text"].to_numpy())
    book = _new_book(draw)
    for number, coder in enumerate(CODERS[:coders]):
        order = np.random.default_rng([sample.seed, number]).permutation(len(rows))
        shown = rows.iloc[order]
        filled = {WORDS: shown["text"], CAUSE: None, SECOND: None, DOUBT: None, NOTES: None}
        _coding_sheet(book, coder_sheet(coder), filled, shown["key"], draw.codebook)
    return _save(book, draw, path)


def write_adjudication(draw: Draw, disputes: pd.DataFrame, path: str | Path) -> Path:
    """Write the rows on which coders differ as a workbook with a column for the agreed cause.

    Parameters
    ----------
    draw : Draw
    disputes : DataFrame
        ``key, text, notes`` and one column a coder (``A``, ``B`` …) with an id.
    path : path
        An ``.xlsx`` that does not exist yet.

    Raises
    ------
    InputError
        As `write_audit`.
    """
    book = _new_book(draw)
    shown = choices(draw.codebook)
    filled: dict[str, pd.Series | None] = {WORDS: disputes["text"]}
    for coder in (c for c in CODERS if c in disputes):
        filled[f"编码员 Coder {coder}"] = disputes[coder].map(shown)
    filled |= {NOTES: disputes["notes"], DECISION: None}
    _coding_sheet(book, AGREED, filled, disputes["key"], draw.codebook)
    return _save(book, draw, path)


def coder_sheet(coder: str) -> str:
    """Name of a coder's sheet."""
    return f"编码员{coder} Coder {coder}"


def _new_book(draw: Draw) -> Workbook:
    book = Workbook()
    book.properties.creator = "svcquality"
    guide = book.worksheets[0]
    guide.title = "说明 Guide"
    guide.column_dimensions["A"].width = 110
    source = Text(
        f"编码本 {draw.codebook.name}（版本 {draw.codebook.version}）；从 {draw.complaints:,} 条投诉中"
        f"抽取 {len(draw.texts):,} 条文本。",
        f"Codebook {draw.codebook.name}, version {draw.codebook.version}; {len(draw.texts):,} texts "
        f"drawn from {draw.complaints:,} complaints.",
    )
    for row, line in enumerate([*GUIDE, source], 1):
        cell = put(guide, row, 1, f"{line.zh}\n{line.en}")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        guide.row_dimensions[row].height = _height([cell.value], [110])
    guide["A1"].font = Font(bold=True, size=14)
    guide.row_dimensions[1].height = 42
    _codebook_sheet(book, draw.codebook)
    return book


def _codebook_sheet(book: Workbook, codebook: Codebook) -> None:
    sheet = book.create_sheet("编码本 Codebook")
    widths = [9, 20, 24, 46, 46, 46, 22]
    _header(sheet, ["编号 Id", "大类 Family", "原因 Cause", "定义 Definition", "包括 Includes",
                    "不包括 Excludes", "相邻原因 Neighbours"], widths)  # fmt: skip
    for row, cause in enumerate(codebook.causes, 2):
        family = codebook.labels[cause.family]
        texts = [family, cause.label, cause.definition, cause.include, cause.exclude]
        neighbours = "\n".join(f"{i} {codebook.labels[i].zh}" for i in cause.neighbours)
        values = [cause.id, *(f"{t.zh}\n{t.en}" for t in texts), neighbours]
        _row(sheet, row, values, widths)
    other = codebook.labels["residual"]
    note = Text("编码本中没有合适的原因。", "No cause of the codebook fits.")
    _row(sheet, len(codebook.causes) + 2,
         ["residual", "", f"{other.zh}\n{other.en}", f"{note.zh}\n{note.en}", "", "", ""], widths)  # fmt: skip
    sheet.freeze_panes = "D2"


def _coding_sheet(
    book: Workbook,
    name: str,
    filled: dict[str, pd.Series | None],
    keys: pd.Series,
    codebook: Codebook,
) -> None:
    """One row a text; columns without values are for the coder."""
    sheet = book.create_sheet(name)
    head = [NUMBER, *filled]
    widths = [_WIDTHS.get(column, 26) for column in head]
    _header(sheet, [*head, KEY], [*widths, 9])
    sheet.column_dimensions[get_column_letter(len(head) + 1)].hidden = True
    columns = [[""] * len(keys) if v is None else v.fillna("").tolist() for v in filled.values()]
    for row, (key, *values) in enumerate(zip(keys, *columns, strict=True), 2):
        _row(sheet, row, [row - 1, *(_clean(str(v)) for v in values)], widths)
        put(sheet, row, len(head) + 1, key)
    last = len(keys) + 1
    for column, given in filled.items():
        if given is None:
            letter = get_column_letter(head.index(column) + 1)
            for (cell,) in sheet[f"{letter}2:{letter}{last}"]:
                cell.fill = _FILL_IN
            _drop_down(sheet, column, f"{letter}2:{letter}{last}", codebook)
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(head) + 1)}{last}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


def _drop_down(sheet: Any, column: str, cells: str, codebook: Codebook) -> None:
    if column == NOTES:
        return
    many = len(codebook.ids) + 1
    source = f'"{YES}"' if column == DOUBT else f"{CHOICES}!$A$1:$A${many}"
    # A warning, not a stop: an id may be typed, and reading back takes it.
    rule = DataValidation(
        "list", formula1=source, allow_blank=True, showErrorMessage=True, errorStyle="warning",
        errorTitle="编码本 Codebook",
        error="不在列表中；若是编号（如 Q1）可以继续。Not in the list; an id alone (Q1) is fine.",
    )  # fmt: skip
    rule.add(cells)
    sheet.add_data_validation(rule)


def _header(sheet: Any, names: Sequence[str], widths: Sequence[float]) -> None:
    for column, (name, width) in enumerate(zip(names, widths, strict=True), 1):
        cell = put(sheet, 1, column, name)
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.row_dimensions[1].height = 32


def _row(sheet: Any, row: int, values: Sequence[object], widths: Sequence[float]) -> None:
    for column, value in enumerate(values, 1):
        cell = put(sheet, row, column, None if value == "" else value)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.border = _LINE
    sheet.row_dimensions[row].height = _height(values, widths)


def _height(values: Sequence[object], widths: Sequence[float]) -> float:
    """Points that the fullest cell needs: spreadsheets do not fit rows of a written file."""
    lines = max(
        sum(max(1, math.ceil(_columns(line) / (width - 2))) for line in str(value).split("\n"))
        for value, width in zip(values, widths, strict=True)
    )
    return min(15.5 * lines + 4, 400.0)


def _columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def _clean(text: str) -> str:
    """Without what a cell cannot hold; a cut is marked."""
    text = _CONTROL.sub("", text)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "……[截断 cut]"


def refuse_target(path: str | Path) -> Path:
    """Refuse a name that is no ``.xlsx`` or is taken: codes may be in it.

    Raises
    ------
    InputError
    """
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise InputError(
            f"{path} does not end in .xlsx; give a name that does.",
            f"{path} 不是 .xlsx 文件名；请以 .xlsx 结尾。",
        )
    if path.exists():
        raise InputError(
            f"{path} exists already and may hold codes; choose another name, nothing was "
            "overwritten.",
            f"{path} 已存在，可能已有编码；请换一个文件名，未作覆盖。",
        )
    return path


def _save(book: Workbook, draw: Draw, path: str | Path) -> Path:
    path = refuse_target(path)
    hide(book, draw)
    raw = io.BytesIO()
    book.save(raw)
    try:
        write_atomic(path, raw.getvalue())
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror}); choose another folder.",
            f"无法写入 {path}（{error.strerror}）；请换一个目录。",
        ) from error
    return path
