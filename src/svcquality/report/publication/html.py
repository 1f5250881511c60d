"""A printed table as HTML, styled in place so that it survives notebooks, mail and copying."""

from __future__ import annotations

from html import escape

from svcquality.report.publication.cells import Cell, Grid, Row, visible

_TABLE = "border-collapse:collapse;border-top:2px solid;border-bottom:2px solid;margin:.4em 0"
_THIN = "border-top:1px solid"
_UNDER = "border-bottom:1px solid"
_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>body {{ font-family: "Noto Serif CJK SC", "SimSun", "Times New Roman", serif; margin: 2em }}</style>
</head>
<body>
{table}
</body>
</html>
"""


def html(grid: Grid) -> str:
    """The table as one ``<table>`` element; every word is escaped."""
    head = "\n".join(_head(row, last=row is grid.head[-1]) for row in grid.head)
    body = "\n".join(_body(row) for row in grid.body)
    caption = f"<caption>{_words(grid.caption)}</caption>\n" if grid.caption else ""
    notes = "<br>".join(map(_words, grid.notes))
    foot = (
        f'<tfoot><tr><td colspan="{grid.columns + 1}" style="{_THIN};text-align:left;'
        f'font-size:.85em;max-width:50em;white-space:normal">{notes}</td></tr></tfoot>\n'
        if notes
        else ""
    )
    return (
        f'<table lang="{grid.language}" style="{_TABLE}">\n{caption}'
        f"<thead>\n{head}\n</thead>\n<tbody>\n{body}\n</tbody>\n{foot}</table>"
    )


def page(grid: Grid) -> str:
    """The table as a whole page in UTF-8."""
    title = _words(grid.caption or "svcquality")
    return _PAGE.format(language=grid.language, title=title, table=html(grid))


def _words(text: str) -> str:
    return escape(visible(text))


def _head(row: Row, *, last: bool) -> str:
    cells = "".join(_heading(cell, under=last or cell.span > 1) for cell in row.cells)
    stub = _style("text-align:left", _UNDER if last else "")
    return f'<tr><th scope="col"{stub}>{_words(row.label)}</th>{cells}</tr>'


def _heading(cell: Cell, *, under: bool) -> str:
    scope = f' scope="colgroup" colspan="{cell.span}"' if cell.span > 1 else ' scope="col"'
    style = _style("text-align:center", "padding:0 .8em", _UNDER if under and cell.words else "")
    return f"<th{scope}{style}>{_words(cell.text)}</th>"


def _body(row: Row) -> str:
    rule = _THIN if row.rule else ""
    inner = "padding-left:1.2em" if row.inner else ""
    label = _style("text-align:left", "font-weight:normal", inner, rule)
    style = _style("text-align:center", "padding:0 .8em", "white-space:nowrap", rule)
    cells = "".join(f"<td{style}>{_words(cell.text)}</td>" for cell in row.cells)
    return f'<tr><th scope="row"{label}>{_words(row.label)}</th>{cells}</tr>'


def _style(*parts: str) -> str:
    return f' style="{";".join(filter(None, parts))}"'
