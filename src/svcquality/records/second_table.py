"""A further table under the first one, after an empty line: where it begins."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from svcquality.records.dialect import LINE_END, Dialect
from svcquality.records.layout import kind_of
from svcquality.records.tokens import tokens

_EMPTY_LINE = re.compile(r"(?:\r\n|\n|\r)[ \t,;|]*(?=\r\n|\n|\r)")
_PLACES = 40
_ROWS = 12
_LOOKED_AT = 8_000


def second_table(text: str, dialect: Dialect, width: int) -> int:
    """Where a second table begins that the width of its rows does not give away.

    Looked for is an empty line with whole rows above it and below it a line of names other than the
    first ones: words only, over columns of numbers or days.

    Parameters
    ----------
    text : str
    dialect : Dialect
    width : int
        Columns of the first table.

    Returns
    -------
    int
        Position in the text; -1 where there is none, or more text below than above it: then it is
        not known which one is meant.
    """
    if not dialect.delimiter or width < 2:
        return -1
    for match in itertools.islice(_EMPTY_LINE.finditer(text), _PLACES):
        start = match.end() + 1
        names, *rows = _rows(text[start : start + _LOOKED_AT], dialect, 1 + _ROWS) or [[]]
        if len(rows) < 3 or not _are_names(names, rows):
            continue
        above = text[: match.start()]
        quoted = bool(dialect.quote) and above.count(dialect.quote) % 2 == 1
        if quoted or len(text) - start > start or names == _rows(text[:_LOOKED_AT], dialect, 1)[0]:
            continue
        last = [_fields(line, dialect) for line in LINE_END.split(above[-_LOOKED_AT:])[-_ROWS:]]
        if sum(len(row) == width for row in last) >= 2:
            return start
    return -1


def _rows(text: str, dialect: Dialect, most: int) -> list[list[str]]:
    """The first rows of a text that hold anything."""
    lines = [line for line in LINE_END.split(text) if line.strip()]
    return [[cell.strip() for cell in row] for row in dialect.rows(lines[: 4 * most])[:most]]


def _fields(line: str, dialect: Dialect) -> list[str]:
    return [cell for cell, _ in next(tokens(line, dialect))]


def _are_names(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Words over rows as wide as they are, with a column of numbers or days under one of them."""
    filled = [name for name in names if name]
    if len(filled) < 2 or any(kind_of(name) != "text" or len(name) > 60 for name in filled):
        return False
    wide = [row for row in rows if len(row) == len(names)]
    if len(wide) < max(3, 0.7 * len(rows)) or len(set(filled)) < len(filled):
        return False
    kinds = [{kind_of(row[i]) for row in wide} - {""} for i in range(len(names))]
    return any(kind in ({"number"}, {"day"}) for kind in kinds)
