"""A printed table as Markdown (pipes), safe in any renderer that also reads HTML."""

from __future__ import annotations

import re

from svcquality.report.publication.cells import Cell, Grid, Row, visible

_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")


def markdown(grid: Grid) -> str:
    """The table with pipes; every word is escaped. Markdown has no spans, so headings repeat."""
    first, *rest = (_line(row) for row in grid.head)
    lines = [first, "|:--|" + ":-:|" * grid.columns, *rest, *map(_line, grid.body)]
    caption = [f"**{_words(grid.caption)}**", ""] if grid.caption else []
    notes = [line for note in grid.notes for line in ("", _words(note))]
    return "\n".join([*caption, *lines, *notes]) + "\n"


def _line(row: Row) -> str:
    cells = [text for cell in row.cells for text in _spread(cell)]
    label = ("&emsp;" if row.inner else "") + _words(row.label)
    return "| " + " | ".join([label, *cells]) + " |"


def _spread(cell: Cell) -> list[str]:
    return [_words(cell.text)] * cell.span


def _words(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", visible(text).translate(_HTML))
