"""A printed table as LaTeX with booktabs; Chinese wants XeLaTeX or LuaLaTeX with ctex."""

from __future__ import annotations

import re

from svcquality.report.publication.cells import Cell, Grid, Row, visible

_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "`": r"\textasciigrave{}",
        '"': "''",
        "−": r"\ensuremath{-}",
        "∞": r"\ensuremath{\infty}",
        "×": r"\ensuremath{\times}",
        "Δ": r"\ensuremath{\Delta}",
        "²": r"\textsuperscript{2}",
        "≥": r"\ensuremath{\geq}",
        "≤": r"\ensuremath{\leq}",
    }
)
_ENGINE = "XeLaTeX or LuaLaTeX, for the Chinese: \\usepackage{ctex}"


def latex(grid: Grid, *, threeparttable: bool = True, label: str = "") -> str:
    r"""The table as a ``table`` environment; every word is escaped.

    Parameters
    ----------
    grid : Grid
    threeparttable : bool
        Set the notes with the package of that name, as wide as the table; else as a paragraph
        beneath, with booktabs alone.
    label : str
        For ``\ref``: letters, digits and ``:.-`` are kept.
    """
    head = [line for row in grid.head for line in _head(row)]
    body = [line for row in grid.body for line in _body(row)]
    tabular = [
        rf"\begin{{tabular}}{{l{'c' * grid.columns}}}", r"\toprule", *head, r"\midrule", *body,
        r"\bottomrule", r"\end{tabular}",
    ]  # fmt: skip
    notes = [_words(note) for note in grid.notes]
    if threeparttable:
        items = [rf"\item {note}" for note in notes]
        below = [r"\begin{tablenotes}[flushleft]", r"\footnotesize", *items, r"\end{tablenotes}"]
        tabular = [r"\begin{threeparttable}", *_caption(grid, label), *tabular,
                   *(below if notes else []), r"\end{threeparttable}"]  # fmt: skip
    else:
        below = [r"\par\smallskip", r"{\footnotesize\raggedright", *_lines(notes), r"\par}"]
        tabular = [*_caption(grid, label), *tabular, *(below if notes else [])]
    lines = [*_needs(grid, threeparttable), r"\begin{table}[htbp]", r"\centering", *tabular]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def _needs(grid: Grid, threeparttable: bool) -> list[str]:
    packages = "booktabs,threeparttable" if threeparttable else "booktabs"
    words = [grid.caption, *grid.notes]
    words += [w for row in (*grid.head, *grid.body) for w in (row.label, *_texts(row))]
    chinese = any("\u2e80" <= c <= "\uffef" for c in "".join(words))
    return [rf"% \usepackage{{{packages}}}", *([f"% {_ENGINE}"] if chinese else [])]


def _texts(row: Row) -> list[str]:
    return [cell.text for cell in row.cells]


def _caption(grid: Grid, label: str) -> list[str]:
    safe = re.sub(r"[^A-Za-z0-9:.-]", "", label)
    caption = [rf"\caption{{{_words(grid.caption)}}}"] if grid.caption else []
    return [*caption, *([rf"\label{{{safe}}}"] if safe else [])]


def _lines(notes: list[str]) -> list[str]:
    return [rf"{note}\\" for note in notes[:-1]] + notes[-1:]


def _words(text: str) -> str:
    words = visible(text).translate(_ESCAPES)
    # After a line break or \\item these would be read as its option.
    return "{}" + words if words.startswith(("[", "*")) else words


def _head(row: Row) -> list[str]:
    cells = [_words(row.label), *map(_heading, row.cells)]
    rules, column = [], 2
    for cell in row.cells:
        if cell.span > 1 and cell.words:
            rules.append(rf"\cmidrule(lr){{{column}-{column + cell.span - 1}}}")
        column += cell.span
    return [_line(cells), *([" ".join(rules)] if rules else [])]


def _heading(cell: Cell) -> str:
    words = _words(cell.text)
    return rf"\multicolumn{{{cell.span}}}{{c}}{{{words}}}" if cell.span > 1 else words


def _body(row: Row) -> list[str]:
    label = (r"\quad " if row.inner else "") + _words(row.label)
    line = _line([label, *map(_words, _texts(row))])
    return [r"\midrule", line] if row.rule else [line]


def _line(cells: list[str]) -> str:
    return " & ".join(cells).strip() + r" \\"
