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
_NO_FIT = -5.0
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

    def likely(self, fields: Sequence[str]) -> float:
        """Mean log-likelihood of the cells of a row as wide as the table."""
        return sum(c.fit(f.strip()) for c, f in zip(self.columns, fields, strict=True)) / self.width

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
    second = (0, "")
    if runs and runs[-1][0] == len(good) and _is_second_table(runs[-1][1], dialect, width):
        _, lines = runs.pop()
        second = (len(lines), lines[0])
    odd_lines = sum(len(lines) for _, lines in runs)
    bench = _Bench(
        dialect,
        columns_of(rows_of(sample), width),
        [d for d in DELIMITERS[:5] if d != dialect.delimiter],
        systematic=odd_lines > max(3, _SYSTEMATIC * len(good)),
    )
    odd: list[tuple[int, _Odd]] = []
    joined: list[int] = []
    for after, lines in runs:
        if 0 < after < len(good) and (
            whole := _last_cell_goes_on(good[after - 1], lines[0], bench)
        ):
            joined.append(after - 1)
            odd.append((after, whole))
            lines = lines[1:]
        if after == 0 and good:
            named = bench.likely(rows_of(cells.slice(0, 1))[0]) < _PLAUSIBLE_HEADER
            rows = _leading(lines, bench, named)
        else:
            rows = _mended(lines, bench)
        odd += [(after, row) for row in rows]
    return Sheet(*_together(cells, odd, width, joined), second)


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
    first = re.escape(dialect.delimiter[0])
    inside = rf"[^{first}\r\n]*"
    if len(dialect.delimiter) > 1:  # a part of it is text
        inside += rf"(?:(?!{re.escape(dialect.delimiter)}){first}{inside})*"
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


def _leading(lines: list[str], bench: _Bench, named: bool) -> list[_Odd]:
    """Lines above the first whole row: a preamble, and last the header or a broken first row.

    Where the whole row holds names itself, all of them are a preamble.
    """
    *preamble, last = lines
    records = [_Odd(line, bench.split(line)) for line in preamble]
    if named:
        return [*records, _Odd(last, bench.split(last))]
    mended = bench.mend(last)
    if mended and mended.fit > _PLAUSIBLE_HEADER:
        return [*records, _Odd(last, mended.fields, mended.rule)]
    header = mend_header(last, bench.dialect, bench.columns, bench.others)
    if sum(map(bool, header)) < max(2, 0.5 * bench.width):
        return [*records, _Odd(last, bench.split(last))]
    return [*records, _Odd(last, header, HEADER)]


def _is_second_table(lines: list[str], dialect: Dialect, width: int) -> bool:
    """Lines at the end that agree on another width and begin with names, not values."""
    first, *rest = ([cell for cell, _ in next(tokens(line, dialect))] for line in lines)
    others = Counter(len(fields) for fields in rest if 1 < len(fields) != width)
    named = len(first) > 1 and all(kind_of(cell) in ("", "text") for cell in first)
    return named and others.total() >= max(4, 0.9 * len(rest)) and max(others.values()) >= 4


def _mended(lines: list[str], bench: _Bench) -> list[_Odd]:
    """Mend the lines between two whole rows, joining those of one record that spans lines."""
    rows: list[_Odd] = []
    index = 0
    while index < len(lines):
        best, used = _joined(lines[index : index + _JOINED_LINES], bench)
        text = "\n".join(lines[index : index + used])
        if best:
            rows.append(_Odd(text, best.fields, best.rule))
        else:
            fields = bench.split(text)
            rule = "short_row" if len(fields) < bench.width else "long_row"
            rows.append(_Odd(text, fields, rule))
        index += used
    return rows


def _joined(lines: list[str], bench: _Bench) -> tuple[Mended | None, int]:
    """The first line mended, or with the lines after it where together they fit better than apart."""
    best, used = bench.mend(lines[0]), 1
    apart = [best.fit if best else _NO_FIT]
    text = lines[0]
    for line in lines[1:]:
        if not _goes_on(text, line, bench):
            break
        text = f"{text}\n{line}"
        found = bench.mend(text)
        if found and len(apart) == 1 and best and best.fit > found.fit + 1.0:
            continue  # the first line alone is much better: spare mending the others
        alone = bench.mend(line) if found else None
        apart.append(alone.fit if alone else _NO_FIT)
        if found and found.fit > sum(apart) / len(apart):
            return found, text.count("\n") + 1
    return best, used


def _goes_on(text: str, line: str, bench: _Bench) -> bool:
    """Whether a record may go on in the next line: a quote is open, or both lines are too short."""
    if bench.dialect.quote and text.count(bench.dialect.quote) % 2 == 1:
        return True
    return (
        not bench.systematic and len(bench.split(text)) + len(bench.split(line)) == bench.width + 1
    )


def _last_cell_goes_on(whole: str, line: str, bench: _Bench) -> _Odd | None:
    """A whole row and a line without a delimiter after it, as one row: its last cell held a break."""
    if bench.systematic or bench.dialect.delimiter in line or not bench.columns[-1].is_prose:
        return None
    cells = bench.split(whole)
    if not cells[-1] or bench.columns[0].fit(line.strip()) > _NO_FIT or bench.mend(line):
        return None
    return _Odd(f"{whole}\n{line}", [*cells[:-1], f"{cells[-1]}\n{line}"], "broken_row")


def _together(
    good: pa.Table, odd: list[tuple[int, _Odd]], width: int, joined: list[int]
) -> tuple[pa.Table, dict[int, tuple[str, str]]]:
    """Good rows but those joined with odd ones, and odd rows, in the order of the file."""
    if not odd:
        return good, {}
    widest = max(width, *(len(row.fields) for _, row in odd))
    place = np.delete(np.arange(good.num_rows) + 0.5, joined)
    if joined:
        good = good.take(pa.array(place.astype("int64")))
    both = stack(good, cells_of([row.fields for _, row in odd], widest))
    # An odd row after k good ones comes before the good row k; sorting keeps equals in order.
    number = good.num_rows
    order = np.argsort(np.r_[place, [float(after) for after, _ in odd]], kind="stable")
    at = np.argsort(order)
    mended = {
        int(at[number + i]): (row.text, row.rule) for i, (_, row) in enumerate(odd) if row.rule
    }
    return both.take(pa.array(order)), mended
