"""Where the table stands in a sheet of cells: preamble, header rows, body, footnotes, other tables."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from svcquality.records.profile import exact_shape

Row = Sequence[str]

_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(
    r"[+-]?(?:[$€£¥￥]\s?)?[+-]?(?:\d{1,3}(?:[,. ]\d{3})+|\d+)?(?:[.,]\d+)?(?:[eE][+-]?\d+)?\s?(?:%|元|€)?"
)
_DAY = re.compile(
    r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?.*|\d{1,2}[-/ ][A-Za-z]{3,9}[-/ ]\d{2,4}.*|\d{1,2}:\d{2}(?::\d{2})?.*"
)
_NOTHING = frozenset(
    ("", "-", "--", "n/a", "na", "nan", "null", "none", "..", "...", ":", "无", "*", "x", "?")
)
_NOTE = re.compile(
    r"^(?:note|source|\*|total|sum|grand total|注|备注|说明|来源|数据来源|合计|总计|资料来源|制表|填表|共\s*\d+)",
    re.IGNORECASE,
)
_UNIT = re.compile(r"[(（\[][^()（）\[\]]{1,20}[)）\]]")
_SENTENCE = re.compile(r"[。！？!?，；]|\.\s|\.$")
_MOST_HEADER_ROWS = 5
_LONG_NAME = 80
_LOOKED_AT = 400


@dataclass(frozen=True)
class Layout:
    """Rows of a sheet, from 0.

    Parameters
    ----------
    header : range
        Rows that name the columns; empty where none does.
    body : range
        Rows of the table.
    notes : range
        Rows after the table that are footnotes.
    more : int
        First row of a second table, or -1.
    """

    header: range
    body: range
    notes: range
    more: int = -1


@lru_cache(maxsize=1 << 16)
def kind_of(cell: str) -> str:
    """Number, day (or clock time), nothing, or text."""
    cell = cell.strip()
    if cell.lower() in _NOTHING:
        return ""
    if _DIGIT.search(cell, 0, 24):
        if _NUMBER.fullmatch(cell):
            return "number"
        if len(cell) < 40 and _DAY.fullmatch(cell):
            return "day"
    return "text"


def find_layout(head: Sequence[Row], tail: Sequence[Row], total: int, usual: int = 0) -> Layout:
    """Find the parts of a sheet from its first and last rows.

    Parameters
    ----------
    head, tail : sequence of rows
        The first and the last rows, equally wide; they may be the same.
    total : int
        Rows of the whole sheet.
    usual : int
        Columns of most rows; a row above them that fills more is no header. 0: all.
    """
    width = max((len(row) for row in head), default=0)
    body = list(head[len(head) // 3 :]) if len(head) > 6 else list(head[1:])
    kinds = [_column_kind([row[c] for row in body if c < len(row)]) for c in range(width)]
    typical = _median([_filled(row) for row in body if _filled(row)]) if body else width
    first = next(
        (
            i
            for i, row in enumerate(head)
            if _filled(row) >= max(1 + (width > 1), 0.5 * typical)
            and not (usual and _filled(row[usual:]) and _is_header(head, i + 1, kinds))
        ),
        next((i for i, row in enumerate(head) if _filled(row)), 0),
    )
    if not _is_header(head, first, kinds):
        start, names = first, 0
    else:
        names = 1
        while (
            names < _MOST_HEADER_ROWS
            and first + names + 1 < len(head)
            and _goes_on(head[first + names], kinds)
        ):
            names += 1
        start = first
        if _groups(head, start):
            start, names = start - 1, names + 1
    begin = start + names
    end = total - _footnotes(tail, kinds, typical, total - begin)
    return Layout(range(start, begin), range(begin, end), range(end, total))


def _groups(head: Sequence[Row], header: int) -> bool:
    """Whether the row above a header names groups of its columns: fewer cells, and words only."""
    if not header or (header > 1 and _filled(head[header - 2])):
        return False  # under other lines it is the last of a preamble
    above, row = head[header - 1], head[header]
    kinds = [kind_of(cell) for cell in above if cell.strip()]
    if not 2 <= len(kinds) < _filled(row) or {"number", "day"} & set(kinds):
        return False
    # A sentence cut by a delimiter fills the first cells only; groups are spread over the columns.
    leading = all(cell.strip() for cell in above[: len(kinds)])
    return not (leading and len(kinds) <= 0.5 * _filled(row))


def names_of(rows: Sequence[Row], width: int) -> list[str]:
    """One name a column from one or more header rows; a group's name is carried to its columns."""
    carried = []
    for number, row in enumerate(rows):
        cells = [cell.strip() for cell in row] + [""] * (width - len(row))
        if number < len(rows) - 1:  # a merged cell stands over the first of its columns only
            below = rows[number + 1]
            for i in range(1, len(cells)):
                if not cells[i] and i < len(below) and below[i].strip():
                    cells[i] = cells[i - 1]
        carried.append(cells)
    names = []
    for i in range(width):
        parts = list(dict.fromkeys(cells[i] for cells in carried if i < len(cells) and cells[i]))
        names.append(" ".join(parts))
    return names


def unique_names(names: Sequence[str]) -> list[str]:
    """Names that can be asked for: an empty one is ``col_<i>``, a repeated one numbered."""
    seen: Counter[str] = Counter()
    taken = set(names)
    result = []
    for index, name in enumerate(names):
        base = name or f"col_{index}"
        seen[base] += 1
        unique = base
        while seen[base] > 1 and (unique == base or unique in taken):
            unique = f"{base}.{seen[base] - 1}"
            seen[base] += unique in taken
        taken.add(unique)
        result.append(unique)
    return result


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell and not cell.isspace())


def _median(counts: list[int]) -> float:
    ordered = sorted(counts)
    return ordered[len(ordered) // 2] if ordered else 0


def _column_kind(cells: list[str]) -> str:
    """The kind of most cells; a column of codes is known by the shape that they share."""
    kinds = Counter(kind for cell in cells if (kind := kind_of(cell)))
    if not kinds:
        return ""
    kind, most = kinds.most_common(1)[0]
    total = sum(kinds.values())
    if kind != "text":
        return kind if most >= 0.7 * total else "text"
    short = [cell.strip() for cell in cells if 0 < len(cell.strip()) <= 20]
    shapes = Counter(map(exact_shape, short))
    if shapes and total > 2:
        shape, most = shapes.most_common(1)[0]
        if most >= 0.8 * total and "9" in shape:
            return f"shape {shape}"
    return "text"


def _agrees(cell: str, kind: str) -> int:
    """1 where a cell is of its column's kind, -1 where it is not, 0 where that says nothing."""
    cell = cell.strip()
    if not cell or cell.lower() in _NOTHING or kind in ("", "text"):
        return 0
    if kind.startswith("shape "):
        return 1 if exact_shape(cell) == kind[6:] else -1
    return 1 if kind_of(cell) == kind else -1


def _is_header(head: Sequence[Row], first: int, kinds: list[str]) -> bool:
    if first >= len(head):
        return False
    row = head[first]
    rest = head[first + 1 : first + _LOOKED_AT]
    votes = sum(_agrees(cell, kind) for cell, kind in zip(row, kinds, strict=False))
    if votes < 0:
        return True
    if votes > 0:
        return _are_years(row)
    filled = [cell.strip() for cell in row if cell.strip()]
    if not rest:
        return all(kind_of(cell) not in ("number", "day") for cell in filled)
    if any(_SENTENCE.search(cell) and len(cell) > 12 for cell in filled) and len(filled) <= 2:
        return False
    if any(len(cell) > 100 for cell in filled) or any(
        kind_of(c) in ("number", "day") for c in filled
    ):
        return False
    if len(row) == 1:
        mean = sum(len(other[0]) for other in rest if other) / len(rest)
        said = bool(_SENTENCE.search(row[0])) or [row[0]] in [list(other) for other in rest]
        return (
            not said and len(row[0]) <= 20 and (" " not in row[0].strip() or mean > 3 * len(row[0]))
        )
    # A value that its column repeats is data, unless the whole row is repeated.
    again = sum(
        bool(cell.strip()) and any(i < len(other) and other[i] == cell for other in rest)
        for i, cell in enumerate(row)
    )
    return again <= len(filled) / 4 or any(list(other) == list(row) for other in rest)


def _are_years(row: Row) -> bool:
    """Years in a row name columns (2019, 2020, 2021)."""
    numbers = [int(c) for cell in row if (c := cell.strip()).isdecimal() and len(c) == 4]
    odd = [
        cell for cell in row if kind_of(cell) in ("number", "day") and not cell.strip().isdecimal()
    ]
    steps = {b - a for a, b in itertools.pairwise(numbers)}
    return len(numbers) > 1 and not odd and steps in ({1}, {-1}) and 1900 <= numbers[0] <= 2100


def _goes_on(row: Row, kinds: list[str]) -> bool:
    """Whether a row under a header is one more header row."""
    votes = [_agrees(cell, kind) for cell, kind in zip(row, kinds, strict=False)]
    typed = sum(kind not in ("", "text") for kind in kinds)
    if all(_UNIT.fullmatch(cell.strip()) for cell in row if cell.strip()) and _filled(row):
        return True
    short = all(len(cell) <= _LONG_NAME for cell in row)
    return typed > 0 and short and 1 not in votes and votes.count(-1) >= min(2, 0.5 * typed)


def _footnotes(tail: Sequence[Row], kinds: list[str], typical: float, most: int) -> int:
    """How many of the last rows are no data: a single cell that does not fit its column."""
    if len(kinds) < 2 or typical < 2:
        return 0
    count = notes = 0
    for row in reversed(tail):
        if count >= most:
            break
        count += 1
        filled = [cell for cell in row if cell.strip()]
        if not filled:
            continue  # empty rows are no footnote, and are dropped as any other
        first = row[0].strip()
        alone = len(filled) == 1 and bool(first) and typical >= 3 and _agrees(first, kinds[0]) <= 0
        if not (alone or (len(filled) == 1 and _NOTE.match(first))):
            break
        notes = count
    return notes
