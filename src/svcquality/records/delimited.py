"""Delimited text into a sheet of cells: whole files at once, damaged ones line by line.

A healthy file goes to pyarrow as it is. Where that is not possible without loss (a row of another
width, a quote that stands where none can), every row that is well formed is an anchor, and only what
lies between anchors is mended (`svcquality.records.mend`): damage never reaches the next row.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from svcquality.errors import InputError
from svcquality.records.dialect import DELIMITERS, LINE_END, ONE_COLUMN, Dialect
from svcquality.records.mend import Mended, mend_header, mend_row, tokens
from svcquality.records.profile import columns_of

BLOCK_BYTES = 16 << 20
_PROFILE_ROWS = 1_000
_ROW_LIMIT = 1 << 20
_SYSTEMATIC = 0.2
_JOINED_LINES = 60
_PRIVATE = "\ue0f1"


@dataclass
class Sheet:
    """Cells as they stand in a file, before any row is taken for a header.

    Parameters
    ----------
    cells : DataFrame
        Text; columns 0 … n-1, one row a record.
    mended : dict of int to (str, str)
        Row (from 0) → the line as it stood, and the rule that mended it.
    second : tuple of (int, str)
        Lines of a second table below the first one, set aside: number, and its first line.
    """

    cells: pd.DataFrame
    mended: dict[int, tuple[str, str]] = field(default_factory=dict)
    second: tuple[int, str] = (0, "")


@dataclass
class _Record:
    """A row of the file: its text where it is well formed, its fields where it was mended."""

    text: str
    fields: Sequence[str] | None = None
    rule: str = ""


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
    if dialect.delimiter == ONE_COLUMN:
        dialect, width = _one_column(text, dialect), 1
    if not dialect.spaced and _quotes_are_whole(text, dialect):
        cells = _whole(text, dialect, width)
        if cells is not None:
            return Sheet(cells)
    return _piecewise(text, dialect, width)


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
    whole = re.compile(rf"(?<![^\r\n{_in_class(dialect.delimiter[-1])}]){_quoted(dialect)}"
                       rf"(?={re.escape(dialect.delimiter)}|[\r\n]|\Z)")  # fmt: skip
    total = sum(match.group().count(quote) for match in whole.finditer(text))
    return total == text.count(quote)


def _in_class(character: str) -> str:
    return re.escape(character)


def _quoted(dialect: Dialect) -> str:
    quote = re.escape(dialect.quote)
    if dialect.escape:
        escape = re.escape(dialect.escape)
        return rf"{quote}[^{quote}{escape}]*(?:(?:{escape}.|{quote}{quote})[^{quote}{escape}]*)*{quote}"
    return rf"{quote}[^{quote}]*(?:{quote}{quote}[^{quote}]*)*{quote}"


def _whole(text: str, dialect: Dialect, width: int) -> pd.DataFrame | None:
    """All cells through pyarrow; None if a row is wider or narrower than ``width``."""
    delimiter = dialect.delimiter
    if len(delimiter) > 1:
        text, delimiter = text.replace(delimiter, _PRIVATE), _PRIVATE
    if not delimiter.isascii():  # pyarrow takes one byte
        spare = next((c for c in "\x1f\x1e\x1d\x01\x02" if c not in text), "")
        if not spare:
            return None
        text, delimiter = text.replace(delimiter, spare), spare
    names = [str(i) for i in range(width)]
    odd: list[object] = []

    def skipped(row: object) -> str:
        odd.append(row)
        return "skip"

    options = arrow_csv.ParseOptions(
        delimiter=delimiter, quote_char=dialect.quote or False, double_quote=True,
        escape_char=dialect.escape or False, newlines_in_values=bool(dialect.quote),
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
    frame: pd.DataFrame = table.to_pandas()
    return frame.astype("str").set_axis(range(width), axis=1)


def _piecewise(text: str, dialect: Dialect, width: int) -> Sheet:
    good, odd_runs = _anchors(text, dialect, width)
    profile = [_fields(text, dialect) for text in good[: _PROFILE_ROWS + 1]]
    columns = columns_of([row for row in profile[1:] or profile if len(row) == width], width)
    others = [d for d in DELIMITERS[:6] if d != dialect.delimiter]
    odd_lines = sum(len(lines) for _, lines in odd_runs)
    systematic = odd_lines > max(3, _SYSTEMATIC * len(good))
    records: list[_Record] = []
    second = (0, "")
    place = 0
    for after, lines in odd_runs:
        records += [_Record(line) for line in good[place:after]]
        place = after
        if after == 0 and good:
            records += _leading(lines, dialect, width, columns, others)
        elif _is_second_table(lines, dialect, width, after == len(good)):
            second = (len(lines), lines[0])
        else:
            records += _mend_run(lines, dialect, columns, others, systematic)
    records += [_Record(line) for line in good[place:]]
    return Sheet(*_assembled(records, dialect, width), second)


def _anchors(
    text: str, dialect: Dialect, width: int
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Well-formed rows, and the runs of lines between them: (good rows before, lines)."""
    delimiter = re.escape(dialect.delimiter)
    space = " ?" if dialect.spaced else ""
    first = dialect.delimiter[0]
    plain = rf"[^{_in_class(first)}{re.escape(dialect.quote)}\r\n]*"
    if dialect.quote:
        # A quote inside an unquoted field is text: 5" and O'Brien need no mending.
        plain = rf"(?!{re.escape(dialect.quote)})[^{_in_class(first)}\r\n]*"
    one = rf"{space}(?:{_quoted(dialect)}|{plain})" if dialect.quote else rf"{space}{plain}"
    row = re.compile(rf"{one}(?:{delimiter}{one}){{{width - 1}}}(?=\r\n|\n|\r|\Z)")
    good: list[str] = []
    runs: list[tuple[int, list[str]]] = []
    position, length = 0, len(text)
    while position < length:
        match = row.match(text, position, min(length, position + _ROW_LIMIT))
        end = match.end() if match else -1
        if (
            match
            and (end > position or width == 1)
            and not (end < length and text[end] not in "\r\n")
        ):
            if end > position:
                good.append(match.group())
        else:
            found = LINE_END.search(text, position)
            end = found.start() if found else length
            if text[position:end].strip():
                if runs and runs[-1][0] == len(good):
                    runs[-1][1].append(text[position:end])
                else:
                    runs.append((len(good), [text[position:end]]))
        position = end + (2 if text.startswith("\r\n", end) else 1)
    return good, runs


def _fields(line: str, dialect: Dialect) -> list[str]:
    return [cell for cell, _ in next(tokens(line, dialect))]


def _leading(
    lines: list[str], dialect: Dialect, width: int, columns: list, others: list[str]
) -> list[_Record]:
    """Lines above the first whole row: a preamble, and last the header or a broken first row."""
    *preamble, last = lines
    records = [_Record(line, _fields(line, dialect)) for line in preamble]
    mended = mend_row(last, dialect, columns, others)
    if mended and mended.fit > -2.0:
        return [*records, _Record(last, mended.fields, mended.rule)]
    split = _fields(last, dialect)
    if len(split) < max(2, 0.5 * width) and not any(o in last for o in others):
        return [*records, _Record(last, split)]
    return [*records, _Record(last, mend_header(last, dialect, width, others), "header")]


def _is_second_table(lines: list[str], dialect: Dialect, width: int, at_end: bool) -> bool:
    widths = Counter(len(_fields(line, dialect)) for line in lines)
    other, most = widths.most_common(1)[0]
    return at_end and other > 1 and other != width and most >= 4 and most >= 0.9 * len(lines)


def _mend_run(
    lines: list[str], dialect: Dialect, columns: list, others: list[str], systematic: bool
) -> list[_Record]:
    """Mend the lines between two whole rows, joining those of one record that spans lines."""
    records: list[_Record] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        mended: Mended | None = None
        used = 1
        for count in range(1, min(_JOINED_LINES, len(lines) - index) + 1):
            joined = "\n".join(lines[index : index + count])
            if count > 1 and dialect.quote not in line:
                break
            found = (
                None if systematic and count == 1 else mend_row(joined, dialect, columns, others)
            )
            if found and (mended is None or found.fit > mended.fit + 1.0):
                mended, used = found, count
            if mended and mended.fit > -3.0:
                break
        if mended:
            records.append(
                _Record("\n".join(lines[index : index + used]), mended.fields, mended.rule)
            )
            index += used
            continue
        fields = _fields(line, dialect)
        rule = "short_row" if len(fields) < len(columns) else "long_row"
        records.append(_Record(line, fields, rule))
        index += 1
    return records


def _assembled(
    records: list[_Record], dialect: Dialect, width: int
) -> tuple[pd.DataFrame, dict[int, tuple[str, str]]]:
    """All records as cells, as wide as the widest."""
    widest = max([width, *(len(r.fields) for r in records if r.fields is not None)])
    mended = {i: (r.text, r.rule) for i, r in enumerate(records) if r.rule}
    if dialect.spaced or len(records) < 200:
        rows = [r.fields if r.fields is not None else _fields(r.text, dialect) for r in records]
    else:
        rows = []
    if rows or not records:
        frame = pd.DataFrame(
            [[*row, *[""] * (widest - len(row))] for row in rows],
            columns=range(widest),
            dtype="str",
        )
        return frame.replace("", None).astype("str"), mended
    fill = dialect.delimiter * (widest - width)
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter="\x1f",
        quotechar=dialect.quote or '"',
        quoting=csv.QUOTE_ALL,
        lineterminator="",
    )
    lines = []
    for record in records:
        if record.fields is None:
            lines.append(record.text + fill)
            continue
        out.seek(0)
        out.truncate()
        writer.writerow([*record.fields, *[""] * (widest - len(record.fields))])
        lines.append(out.getvalue().replace("\x1f", dialect.delimiter))
    frame_ = _whole(
        "\n".join(lines), Dialect(dialect.delimiter, dialect.quote or '"', dialect.escape), widest
    )
    if frame_ is None or len(frame_) != len(records):
        raise InputError(
            "The rows of the file could not be brought to one width; declare its delimiter.",
            "文件各行无法统一列数；请指定分隔符（delimiter）。",
        )
    return frame_, mended
