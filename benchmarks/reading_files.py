"""Damaged delimited files with their clean versions, at least two thousand, drawn from a seed.

The kinds of damage follow those that Vitagliano, Hameed, Jiang, Reisener, Wu & Naumann (2023),
"Pollock: A data loading benchmark", counted in public files; tables and damage are our own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.reading_tables import TABLES, CleanTable, Row

ONE_ROW, WHOLE_FILE, SEVERAL = "one row", "whole file", "several"


@dataclass(frozen=True)
class DamagedFile:
    """A damaged file and what it held.

    Parameters
    ----------
    name, kind : str
        ``kind`` is `ONE_ROW`, `WHOLE_FILE` or `SEVERAL` (more than one damage).
    data : bytes
    header : list of str or None
        None where the file names no columns.
    rows : list of list of str
        The records of its (first) table.
    encoding : str
    """

    name: str
    kind: str
    data: bytes
    header: Row | None
    rows: list[Row]
    encoding: str = "utf-8"


@dataclass(frozen=True)
class _Page:
    """A table on its way into a file: how it is written, and the lines around it."""

    table: CleanTable
    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    end: str = "\n"
    encoding: str = "utf-8"
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    headers: tuple[tuple[str, ...], ...] = ()
    last_end: bool = True
    changes: dict[int, str] = field(default_factory=dict)  # row → its line
    blank_after: tuple[int, ...] = ()
    quote_all: bool = False

    def line(self, cells: Row) -> str:
        return self.delimiter.join(self._cell(cell) for cell in cells)

    def _cell(self, cell: str) -> str:
        quote = self.quote
        special = (self.delimiter, quote, "\n", *(" ",) * self.delimiter.isspace())
        if not self.quote_all and not any(mark in cell for mark in special):
            return cell
        doubled = {"": quote * 2, "\\": "\\" + quote, "none": quote}[self.escape]
        return quote + cell.replace(quote, doubled) + quote

    def data(self) -> bytes:
        lines = [*self.above, *(self.line(list(names)) for names in self.headers)]
        for number, row in enumerate(self.table.rows):
            lines.append(self.changes.get(number, self.line(row)))
            lines += [""] * self.blank_after.count(number)
        text = self.end.join([*lines, *self.below]) + self.end * self.last_end
        return text.encode(self.encoding)


def _page(table: CleanTable) -> _Page:
    return _Page(table, headers=(tuple(table.header),))


def _second(page: _Page, width: int, blank: bool) -> tuple[str, ...]:
    """A further table below: other names, `width` columns."""
    names = [f"{name}_2" for name in page.table.header][:width]
    names += [f"extra_{i}" for i in range(width - len(names))]
    body = [[*row, *row][:width] for row in page.table.rows[:12]]
    return ("",) * blank + tuple(page.line(row) for row in [names, *body])


def _side_by_side(page: _Page) -> _Page:
    """Another table to the right, an empty column between; the clean version is as wide."""
    rows = [[*row, "", f"B{i:03d}", str(i * 7 % 50)] if i < 20 else [*row, "", "", ""]
            for i, row in enumerate(page.table.rows)]  # fmt: skip
    header = [*page.table.header, "", "outlet", "staff"]
    table = replace(page.table, header=header, rows=rows)
    return replace(page, table=table, headers=(tuple(header),))


def _grouped(page: _Page, rows: int) -> tuple[_Page, Row]:
    """Header rows above the names; and the names that come of joining them."""
    table, width = page.table, len(page.table.header)
    groups = table.groups or [["A", "", "B", "", ""][i % 5] for i in range(width)]
    carried, last = [], ""
    for group in groups:
        last = group or last
        carried.append(last)
    names = [f"{g} {n}" for g, n in zip(carried, table.header, strict=True)]
    above = [tuple(groups)]
    if rows == 3:
        units = [f"({'abcdefgh'[i]})" for i in range(width)]
        names = [f"{n} {u}" for n, u in zip(names, units, strict=True)]
        return replace(page, headers=(*above, tuple(table.header), tuple(units))), names
    return replace(page, headers=(*above, tuple(table.header))), names


def _pad(page: _Page, text: str) -> str:
    return page.line([text, *[""] * (len(page.table.header) - 1)])


_Change = Callable[[_Page, np.random.Generator], _Page]
_KEEP_NAMES: dict[str, _Change] = {
    **{f"delimiter {mark!r}": lambda p, r, m=mark: replace(p, delimiter=m)
       for mark in (";", "\t", "|", " ", "^", "~", ", ", "||", "::", "¦")},
    "single quotes": lambda p, r: replace(p, quote="'"),
    "single quotes everywhere": lambda p, r: replace(p, quote="'", quote_all=True),
    "every field quoted": lambda p, r: replace(p, quote_all=True),
    "backslash before quotes": lambda p, r: replace(p, escape="\\"),
    "quotes not escaped": lambda p, r: replace(p, escape="none"),
    "carriage returns": lambda p, r: replace(p, end="\r"),
    "carriage returns and line feeds": lambda p, r: replace(p, end="\r\n"),
    "no last line end": lambda p, r: replace(p, last_end=False),
    "several last line ends": lambda p, r: replace(p, below=("", "")),
    "own encoding": lambda p, r: replace(p, encoding=p.table.encoding),
    "utf-16": lambda p, r: replace(p, encoding="utf-16"),
    "preamble": lambda p, r: replace(p, above=("Report of the branch network, internal",)),
    "preamble, empty line": lambda p, r: replace(p, above=("某银行客户服务部", "导出时间：2024-06-30", "")),
    "preamble, padded": lambda p, r: replace(p, above=(_pad(p, "Monthly report"), _pad(p, ""))),
    "preamble of pairs": lambda p, r: replace(p, above=(f"Bank{p.delimiter}Example", f"Rows{p.delimiter}{len(p.table.rows)}", "")),
    "footnotes": lambda p, r: replace(p, below=("", "Note: figures are provisional.", "Source: branch network")),
    "footnotes, padded": lambda p, r: replace(p, below=(_pad(p, "注：仅供内部使用"),)),
    "a narrower table below": lambda p, r: replace(p, below=_second(p, len(p.table.header) - 2, True)),
    "a wider table below": lambda p, r: replace(p, below=_second(p, len(p.table.header) + 2, True)),
    "an equally wide table below": lambda p, r: replace(p, below=_second(p, len(p.table.header), True)),
    "a narrower table below, no empty line": lambda p, r: replace(p, below=_second(p, len(p.table.header) - 2, False)),
    "a table beside": lambda p, r: _side_by_side(p),
    "empty lines inside": lambda p, r: replace(p, blank_after=tuple(r.integers(0, len(p.table.rows) - 1, 4).tolist())),
    "only a header": lambda p, r: replace(p, table=replace(p.table, rows=[])),
    "one row": lambda p, r: replace(p, table=replace(p.table, rows=p.table.rows[:1])),
}  # fmt: skip
"""Damage of whole files that leaves the names of the columns as they are."""


def _whole_files(table: CleanTable, rng: np.random.Generator) -> Iterator[DamagedFile]:
    page = _page(table)
    for name, change in _KEEP_NAMES.items():
        changed = change(page, rng)
        yield DamagedFile(
            name, WHOLE_FILE, changed.data(), changed.table.header, changed.table.rows,
            changed.encoding,
        )  # fmt: skip
    for rows in (2, 3):
        grouped, names = _grouped(page, rows)
        yield DamagedFile(f"{rows} header rows", WHOLE_FILE, grouped.data(), names, table.rows)
    bare = replace(page, headers=())
    yield DamagedFile("no header", WHOLE_FILE, bare.data(), None, table.rows)


def _one_row(page: _Page, number: int, kind: str, column: int) -> tuple[str, Row] | None:
    """The damaged line of a row, and what the row should read as; None where it cannot be so damaged."""
    row = list(page.table.rows[number])
    fields = [page._cell(cell) for cell in row]
    mark = page.delimiter
    if kind == "quote":
        if fields[column].startswith(page.quote):
            return None  # a quote before a quoted field is an escaped one
        fields[column] = page.quote + fields[column]
        row[column] = page.quote + row[column]
    elif kind == "lost delimiter":
        if column == 0 or not (row[column] and row[column - 1]):
            return None  # beside an empty field nobody could tell which one is lost
        fields[column - 1 : column + 1] = [fields[column - 1] + fields[column]]
    elif kind == "surplus delimiter":
        fields.insert(column, "")
    elif kind == "other delimiter":
        mark = ";" if column % 2 else "\t"
        if any(mark in cell for cell in row):
            return None
    elif kind == "cut off":
        if column == 0:
            return None
        fields, row = fields[:column], row[:column] + [""] * (len(row) - column)
    elif kind == "line break":
        cell = row[column]
        if len(cell) < 8 or fields[column] != cell or " " not in cell:
            return None
        row[column] = cell.replace(" ", "\n", 1)
        fields[column] = row[column]
    return mark.join(fields), row


_ROW_KINDS = ("quote", "lost delimiter", "surplus delimiter", "other delimiter", "cut off", "line break")  # fmt: skip


def _one_row_files(table: CleanTable, rng: np.random.Generator, each: int) -> Iterator[DamagedFile]:
    page = _page(table)
    for kind in _ROW_KINDS:
        places = [(int(i), int(c)) for i, c in zip(
            rng.integers(0, len(table.rows), 4 * each), rng.integers(0, len(table.header), 4 * each), strict=True)]  # fmt: skip
        found = [(i, damaged) for i, c in dict.fromkeys(places)
                 if (damaged := _one_row(page, i, kind, c)) is not None]  # fmt: skip
        for number, (line, row) in found[:each]:
            rows = [*table.rows[:number], row, *table.rows[number + 1 :]]
            data = replace(page, changes={number: line}).data()
            yield DamagedFile(f"one row: {kind}", ONE_ROW, data, table.header, rows)


def _several(table: CleanTable, rng: np.random.Generator) -> DamagedFile:
    """Ragged rows and one damage of the whole file."""
    rows, changes = [list(row) for row in table.rows], {}
    page = _page(table)
    way = rng.choice([";", "\t", "|", ","])
    page = replace(page, delimiter=str(way))
    for number in rng.choice(len(rows), max(2, len(rows) // 20), replace=False).tolist():
        kind = _ROW_KINDS[int(rng.integers(0, 5))]
        if kind == "other delimiter":
            continue
        damaged = _one_row(page, number, kind, int(rng.integers(0, len(table.header))))
        if damaged:
            changes[number], rows[number] = damaged
    page = replace(page, changes=changes)
    names = ("preamble", "preamble, padded", "footnotes", "carriage returns and line feeds",
             "own encoding", "no last line end", "a narrower table below")  # fmt: skip
    name = str(rng.choice(names))
    changed = _KEEP_NAMES[name](page, rng)
    return DamagedFile(
        f"ragged rows, {name}", SEVERAL, changed.data(), table.header, rows, changed.encoding
    )


def damaged_files(seed: int = 20260101, *, rounds: int = 3) -> Iterator[DamagedFile]:
    """Draw damaged files.

    Parameters
    ----------
    seed : int
    rounds : int
        Tables of each sort; three give more than two thousand files.

    Yields
    ------
    DamagedFile
    """
    rng = np.random.default_rng(seed)
    for _ in range(rounds):
        for draw in TABLES:
            table = draw(rng, int(rng.integers(40, 90)))
            yield from _whole_files(table, rng)
            yield from _one_row_files(table, rng, 20)
            for _ in range(12):
                yield _several(table, rng)
