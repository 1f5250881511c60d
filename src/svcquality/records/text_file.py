"""Delimited text files: encoding, dialect, cells, header; each choice noted."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.records.anchored import HEADER
from svcquality.records.delimited import Sheet, read_sheet
from svcquality.records.dialect import ONE_COLUMN, DialectChoice, choose_dialect, name_of
from svcquality.records.encoding import EncodingChoice, choose_encoding, decode
from svcquality.records.raw import WHOLE_ROW, Note, RawFile, empty, mended_frame
from svcquality.records.sheet_table import SheetTable, table_of

SHOWN = 300
"""Length to which a mended line is cut in the ledger."""

SAMPLE = 100_000
_CONTROLS = re.compile("[\x02-\x06\x08\x0e-\x1d\x7f]")
_EXCEL_HINT = re.compile(r"\A\s*sep=(.)\r?\n", re.IGNORECASE)


def read_text(
    data: bytes, path: Path, sha256: str, encoding: str = "", delimiter: str = ""
) -> RawFile:
    """Read a delimited text file.

    Parameters
    ----------
    data : bytes
    path : Path
    sha256 : str
    encoding, delimiter : str
        Found out when empty.

    Raises
    ------
    InputError
        If the bytes are no text, or the declared encoding is not theirs.
    """
    chosen = (
        EncodingChoice(encoding, Text("由使用者指定", "declared"))
        if encoding
        else choose_encoding(data)
    )
    text, broken = decode(data, chosen.name)
    text = text.replace("\x00", "")
    if len(_CONTROLS.findall(text[:SAMPLE])) > 0.02 * len(text[:SAMPLE]):
        raise InputError(
            f"{path.name} is no text ({chosen.name} gives control characters); "
            "export it as CSV, Excel or Parquet.",
            f"{path.name} 不是文本文件（按 {chosen.name} 解码得到控制字符）；"
            "请导出为 CSV、Excel 或 Parquet。",
        )
    hint = _EXCEL_HINT.match(text)
    if hint:
        delimiter, text = delimiter or hint[1], text[hint.end() :]
    if not text.strip():
        raise empty(path.name)
    dialect = choose_dialect(text, delimiter)
    sheet = read_sheet(text, dialect.dialect, dialect.width)
    table = table_of(sheet.cells, dialect.width)
    notes = [_encoding_note(chosen), _dialect_note(dialect)]
    if broken:
        notes.append(_broken_note(broken, chosen.name))
    notes += [_header_note(line) for line, rule in sheet.mended.values() if rule == HEADER]
    if sheet.second[0]:
        notes.append(_second_note(*sheet.second))
    used = dialect.dialect.delimiter
    return RawFile(
        table.frame, path, sha256, chosen.name, "" if used == ONE_COLUMN else used,
        notes=(*notes, *table.notes), mended=_mended(sheet, table, broken),
    )  # fmt: skip


def _mended(sheet: Sheet, table: SheetTable, broken: int) -> pd.DataFrame:
    rows = []
    for number, (before, rule) in sheet.mended.items():
        row = int(table.place[number])
        if rule == HEADER or not row:
            continue
        cells: list[object] = [column.iat[row - 1] for _, column in table.frame.items()]
        after = " | ".join(cell if isinstance(cell, str) else "" for cell in cells)
        rows.append((row, WHOLE_ROW, before[:SHOWN], after[:SHOWN], rule))
    if broken:
        for name in table.frame.columns:
            hit = table.frame[name][table.frame[name].str.contains("\ufffd", na=False)]
            rows += [
                (row, str(name), "", value[:SHOWN], "undecodable")
                for row, value in zip(hit.index.tolist(), hit.tolist(), strict=True)
            ]
    return mended_frame(sorted(rows))


def _encoding_note(chosen: EncodingChoice) -> Note:
    return Note(
        "encoding",
        Text(f"编码 {chosen.name}：{chosen.why.zh}", f"encoding {chosen.name}: {chosen.why.en}"),
    )


def _dialect_note(choice: DialectChoice) -> Note:
    name = name_of(choice.dialect.delimiter)
    return Note(
        "dialect",
        Text(f"分隔符 {name.zh}：{choice.why.zh}", f"delimiter {name.en}: {choice.why.en}"),
    )


def _broken_note(broken: int, encoding: str) -> Note:
    return Note(
        "undecodable",
        Text(
            f"有 {broken:,} 处字节无法按 {encoding} 解码，以 � 代替",
            f"{broken:,} places hold bytes that are no {encoding}, replaced by �",
        ),
    )


def _header_note(line: str) -> Note:
    return Note(
        "header_width",
        Text(f"表头的列数与数据不符，请核对列名：{line[:80]}",
             f"the header has not as many names as the table has columns; check them: {line[:80]}"),
    )  # fmt: skip


def _second_note(lines: int, first: str) -> Note:
    return Note(
        "second_table",
        Text(
            f"表下还有另一个表，共 {lines:,} 行，未读取；首行：{first[:60]}",
            f"a second table of {lines:,} lines stands below, not read; it begins: {first[:60]}",
        ),
        lines,
    )
