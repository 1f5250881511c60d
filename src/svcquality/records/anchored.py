"""A damaged delimited text: rows that are well formed are anchors, what lies between is mended."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from svcquality.records.cells import cells_of, rows_of, stack
from svcquality.records.delimited import Sheet, quoted_field, whole_cells
from svcquality.records.dialect import DELIMITERS, LINE_END, Dialect
from svcquality.records.layout import kind_of
from svcquality.records.mend import Mended, mend_header, mend_row
from svcquality.records.profile import Column, columns_of
from svcquality.records.tokens import tokens

_PROFILE_ROWS = 1_000
_ROW_LIMIT = 1 << 20
_SYSTEMATIC = 0.2
_JOINED_LINES = 60
_PLAUSIBLE_HEADER = -2.0
_GOOD_ENOUGH = -3.0
HEADER = "header"
"""Stands for a rule where the line of names is not as wide as its table."""


@dataclass(frozen=True)
class _Odd:
    """A row that is not well formed: its line or lines, and the fields they were read as."""

    text: str
    fields: Sequence[str]
    rule: str = ""


@dataclass(frozen=True)
class _Bench:
    """What every row is mended with."""

    dialect: Dialect
    columns: list[Column]
    others: list[str]
    systematic: bool

    @property
    def width(self) -> int:
        return len(self.columns)

    def mend(self, line: str) -> Mended | None:
        return mend_row(line, self.dialect, self.columns, self.others, quotes_only=self.systematic)

    def split(self, line: str) -> list[str]:
        return [cell for cell, _ in next(tokens(line, self.dialect))]


def read_between_anchors(text: str, dialect: Dialect, width: int) -> Sheet:
    """Read a text of which some rows are damaged.

    Parameters
    ----------
    text : str
    dialect : Dialect
    width : int
        Columns of most rows.

    Returns
    -------
    Sheet
        As wide as its widest row; rows that nothing mends keep all their fields.
    """
    good, runs = _anchors(text, dialect, width)
    cells = _good_cells(good, dialect, width)
    sample = cells.slice(1, _PROFILE_ROWS) if len(good) > 1 else cells
    odd_lines = sum(len(lines) for _, lines in runs)
    bench = _Bench(
        dialect,
        columns_of(rows_of(sample), width),
        [d for d in DELIMITERS[:5] if d != dialect.delimiter],
        systematic=odd_lines > max(3, _SYSTEMATIC * len(good)),
    )
    odd: list[tuple[int, _Odd]] = []
    second = (0, "")
    for after, lines in runs:
        if after == len(good) and _is_second_table(lines, bench):
            second = (len(lines), lines[0])
            continue
        rows = _leading(lines, bench) if after == 0 and good else _mended(lines, bench)
        odd += [(after, row) for row in rows]
    return Sheet(*_together(cells, odd, width), second)


def _anchors(
    text: str, dialect: Dialect, width: int
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Well-formed rows, and the runs of lines between them: (good rows before, lines)."""
    row = _row_pattern(dialect, width)
    good: list[str] = []
    runs: list[tuple[int, list[str]]] = []
    position, length = 0, len(text)
    while position < length:
        match = row.match(text, position, min(length, position + _ROW_LIMIT))
        end = match.end() if match else -1
        if match and (end == length or text[end] in "\r\n"):
            if end > position:
                good.append(match.group())
        else:
            found = LINE_END.search(text, position)
            end = found.start() if found else length
            if text[position:end].strip():
                if not runs or runs[-1][0] != len(good):
                    runs.append((len(good), []))
                runs[-1][1].append(text[position:end])
        position = end + (2 if text.startswith("\r\n", end) else 1)
    return good, runs


def _row_pattern(dialect: Dialect, width: int) -> re.Pattern[str]:
    """A well-formed row. A quote inside an unquoted field is text, but not at the field's ends:
    5 " tubes need no mending, a field that ends in a quote may have lost the one it began with.
    """
    space = " ?" if dialect.spaced else ""
    inside = rf"[^{re.escape(dialect.delimiter[0])}\r\n]*"
    one = rf"{space}{inside}"
    if dialect.quote:
        quote = re.escape(dialect.quote)
        one = rf"{space}(?:{quoted_field(dialect)}|(?!{quote}){inside}(?<!{quote}))"
    return re.compile(
        rf"{one}(?:{re.escape(dialect.delimiter)}{one}){{{width - 1}}}(?=\r\n|\n|\r|\Z)"
    )


def _good_cells(good: list[str], dialect: Dialect, width: int) -> pa.Table:
    if good and not dialect.spaced:
        cells = whole_cells("\n".join(good), dialect, width)
        if cells is not None and cells.num_rows == len(good):
            return cells
    return cells_of([[cell for cell, _ in next(tokens(row, dialect))] for row in good], width)


def _leading(lines: list[str], bench: _Bench) -> list[_Odd]:
    """Lines above the first whole row: a preamble, and last the header or a broken first row."""
    *preamble, last = lines
    records = [_Odd(line, bench.split(line)) for line in preamble]
    mended = bench.mend(last)
    if mended and mended.fit > _PLAUSIBLE_HEADER:
        return [*records, _Odd(last, mended.fields, mended.rule)]
    header = mend_header(last, bench.dialect, bench.columns, bench.others)
    if sum(map(bool, header)) < max(2, 0.5 * bench.width):
        return [*records, _Odd(last, bench.split(last))]
    return [*records, _Odd(last, header, HEADER)]


def _is_second_table(lines: list[str], bench: _Bench) -> bool:
    """Lines at the end that agree on another width and begin with names, not values."""
    first, *rest = (bench.split(line) for line in lines)
    others = Counter(len(fields) for fields in rest if 1 < len(fields) != bench.width)
    named = len(first) > 1 and all(kind_of(cell) in ("", "text") for cell in first)
    return named and others.total() >= max(4, 0.9 * len(rest)) and max(others.values()) >= 4


def _mended(lines: list[str], bench: _Bench) -> list[_Odd]:
    """Mend the lines between two whole rows, joining those of one record that spans lines."""
    rows: list[_Odd] = []
    index = 0
    while index < len(lines):
        best, used = bench.mend(lines[index]), 1
        if bench.dialect.quote and _is_open(lines[index], bench.dialect):
            for count in range(2, min(_JOINED_LINES, len(lines) - index) + 1):
                if best and best.fit > _GOOD_ENOUGH:
                    break
                found = bench.mend("\n".join(lines[index : index + count]))
                if found and (best is None or found.fit > best.fit + 1.0):
                    best, used = found, count
        text = "\n".join(lines[index : index + used])
        if best:
            rows.append(_Odd(text, best.fields, best.rule))
        else:
            fields = bench.split(text)
            rule = "short_row" if len(fields) < bench.width else "long_row"
            rows.append(_Odd(text, fields, rule))
        index += used
    return rows


def _is_open(line: str, dialect: Dialect) -> bool:
    """Whether a quoted field may go on in the next line."""
    return line.count(dialect.quote) % 2 == 1


def _together(
    good: pa.Table, odd: list[tuple[int, _Odd]], width: int
) -> tuple[pa.Table, dict[int, tuple[str, str]]]:
    """Good and odd rows in the order of the file, as wide as the widest."""
    if not odd:
        return good, {}
    widest = max(width, *(len(row.fields) for _, row in odd))
    both = stack(good, cells_of([row.fields for _, row in odd], widest))
    # An odd row after k good ones comes before the good row k; sorting keeps equals in order.
    number = good.num_rows
    place = np.r_[np.arange(number) + 0.5, [float(after) for after, _ in odd]]
    order = np.argsort(place, kind="stable")
    at = np.argsort(order)
    mended = {
        int(at[number + i]): (row.text, row.rule) for i, (_, row) in enumerate(odd) if row.rule
    }
    return both.take(pa.array(order)), mended
