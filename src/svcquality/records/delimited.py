"""Delimited text into a sheet of cells: whole files at once, damaged ones line by line.

A healthy file goes to pyarrow as it is. Where that is not possible without loss (a row of another
width, a quote that stands where none can), every row that is well formed is an anchor, and only what
lies between anchors is mended (`svcquality.records.mend`): damage never reaches the next row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from svcquality.records.dialect import LINE_END, ONE_COLUMN, Dialect
from svcquality.records.second_table import second_table

BLOCK_BYTES = 16 << 20
_SPARE = "\x1f\x1e\x1d\x01\x02"


@dataclass
class Sheet:
    """Cells as they stand in a file, before any row is taken for a header.

    Parameters
    ----------
    cells : pyarrow.Table
        Text; columns 0 … n-1, one row a record; empty cells are null.
    mended : dict of int to (str, str)
        Row (from 0) → the line as it stood, and the rule that mended it.
    second : tuple of (int, str)
        Lines of a second table below the first one, set aside: number, and its first line.
    """

    cells: pa.Table
    mended: dict[int, tuple[str, str]] = field(default_factory=dict)
    second: tuple[int, str] = (0, "")


def read_sheet(text: str, dialect: Dialect, width: int) -> Sheet:
    """Split a text into cells.

    Parameters
    ----------
    text : str
    dialect : Dialect
    width : int
        Columns of most rows.

    Returns
    -------
    Sheet
    """
    if dialect.escape:
        text, dialect = _doubled(text, dialect), replace(dialect, escape="")
    if dialect.delimiter == ONE_COLUMN:
        dialect, width = _one_column(text, dialect), 1
    start = second_table(text, dialect, width)
    if start >= 0:
        first = read_sheet(text[:start], dialect, width)
        below = [line for line in LINE_END.split(text[start:]) if line.strip()]
        return replace(first, second=(first.second[0] + len(below), below[0]))
    if not dialect.spaced and _quotes_are_whole(text, dialect):
        cells = whole_cells(text, dialect, width)
        if cells is not None:
            return Sheet(cells)
    from svcquality.records.anchored import read_between_anchors  # it reads whole parts with this

    return read_between_anchors(text, dialect, width)


def _one_column(text: str, dialect: Dialect) -> Dialect:
    """Lines as they are; quotes count only where every line is quoted."""
    lines = [line for line in LINE_END.split(text[:20_000]) if line.strip()][:-1]
    quote = dialect.quote
    quoted = (
        bool(lines) and quote and sum(line.startswith(quote) for line in lines) > 0.9 * len(lines)
    )
    return Dialect(ONE_COLUMN, quote if quoted else "")


def _quotes_are_whole(text: str, dialect: Dialect) -> bool:
    """Whether every quotation mark opens, closes or is escaped inside a well-formed field."""
    quote = dialect.quote
    if not quote or quote not in text:
        return True
    whole = re.compile(rf"(?<![^\r\n{re.escape(dialect.delimiter[-1])}]){quoted_field(dialect)}"
                       rf"(?={re.escape(dialect.delimiter)}|[\r\n]|\Z)")  # fmt: skip
    total = sum(match.group().count(quote) for match in whole.finditer(text))
    return total == text.count(quote)


def quoted_field(dialect: Dialect) -> str:
    """Pattern of a well-formed quoted field."""
    quote = re.escape(dialect.quote)
    return rf"{quote}[^{quote}]*(?:{quote}{quote}[^{quote}]*)*{quote}"


def _doubled(text: str, dialect: Dialect) -> str:
    """Quotes that a backslash escapes, doubled instead; a backslash before anything else is text."""
    escape, quote = re.escape(dialect.escape), dialect.quote
    return re.sub(rf"(?<!{escape}){escape}{re.escape(quote)}", quote * 2, text)


def whole_cells(text: str, dialect: Dialect, width: int) -> pa.Table | None:
    """All cells through pyarrow; None if a row is wider or narrower than ``width``."""
    delimiter = dialect.delimiter
    if len(delimiter.encode()) > 1:  # pyarrow takes one byte
        spare = next((c for c in _SPARE if c not in text), "")
        if not spare:
            return None
        text, delimiter = text.replace(delimiter, spare), spare
    names = [str(i) for i in range(width)]
    odd: list[object] = []

    def skipped(row: object) -> str:
        odd.append(row)
        return "skip"

    options = arrow_csv.ParseOptions(
        delimiter=delimiter, quote_char=dialect.quote or False, double_quote=True, newlines_in_values=bool(dialect.quote),
        invalid_row_handler=skipped,
    )  # fmt: skip
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(text.encode("utf-8", "surrogatepass")),
            read_options=arrow_csv.ReadOptions(
                column_names=names, block_size=BLOCK_BYTES, use_threads=False
            ),
            parse_options=options,
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), check_utf8=False,
                null_values=[""], strings_can_be_null=True,
            ),
        )  # fmt: skip
    except pa.ArrowInvalid:
        return None
    if odd:
        return None
    if delimiter != dialect.delimiter:  # inside quotes it is a part of the text
        for i, column in enumerate(table.columns):
            restored = pc.replace_substring(column, delimiter, dialect.delimiter)
            table = table.set_column(i, names[i], restored)
    return table
