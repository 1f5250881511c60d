"""The parts of a printed table: numbers that stay numbers, cells, rows, and the whole grid."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from svcquality.language import Language

DASH = "—"
_UNSEEN = {"Cc", "Cf", "Cs", "Cn"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number and how it is printed.

    Parameters
    ----------
    value : float
    decimals : int
    percent : bool
        A share, printed as a percentage.
    shown : str
        Printed in place of the digits ("p < 0.001"); the value stays what it is.
    """

    value: float
    decimals: int = 0
    percent: bool = False
    shown: str = ""

    @property
    def text(self) -> str:
        """The digits, with a true minus sign and thousands separated; a dash where there is none."""
        if self.shown:
            return self.shown
        value = float(self.value)
        if math.isnan(value):
            return DASH
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        digits = f"{value:,.{self.decimals}{'%' if self.percent else 'f'}}"
        if not any(c in "123456789" for c in digits):
            digits = digits.lstrip("-")  # what rounds to zero has no sign
        return digits.replace("-", "−")


@dataclass(frozen=True, slots=True)
class Cell:
    """Words, or numbers within a pattern.

    Parameters
    ----------
    words : str
        What is written; with ``numbers``, the pattern around them: ``"({})"``, ``"[{}, {}]"``.
        Without numbers nothing in it is special.
    numbers : tuple of Number
    span : int
        How many columns it covers.
    """

    words: str = ""
    numbers: tuple[Number, ...] = ()
    span: int = 1

    @property
    def text(self) -> str:
        """The cell as printed."""
        if not self.numbers:
            return self.words
        if all(math.isnan(n.value) and not n.shown for n in self.numbers):
            return DASH
        return self.words.format(*(n.text for n in self.numbers))

    @property
    def around(self) -> list[tuple[str, str]]:
        """What stands before and behind each number: ``[("[", ","), ("", "]")]``."""
        first, *behind = self.words.split("{}")
        before = [first] + [""] * (len(behind) - 1)
        return [(b, a.strip()) for b, a in zip(before, behind, strict=True)]


EMPTY = Cell()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the body.

    Parameters
    ----------
    label : str
    cells : tuple of Cell
        One a column.
    rule : bool
        Whether a line stands above it.
    inner : bool
        Whether it belongs to the row above (a level of a variable) and is set in.
    """

    label: str
    cells: tuple[Cell, ...]
    rule: bool = False
    inner: bool = False


@dataclass(frozen=True)
class Grid:
    """A table as printed, in one language, before it takes a format.

    Parameters
    ----------
    head : tuple of Row
        Rows of headings; their cells may span columns.
    body : tuple of Row
    notes : tuple of str
        Sentences under the table.
    caption : str
    language : {"zh", "en"}
    """

    head: tuple[Row, ...]
    body: tuple[Row, ...]
    notes: tuple[str, ...]
    caption: str
    language: Language

    @property
    def columns(self) -> int:
        """Columns beside that of the labels."""
        return sum(cell.span for cell in self.head[0].cells)


def merged(words: Sequence[str]) -> tuple[Cell, ...]:
    """Neighbours that say the same become one cell over their columns."""
    cells: list[Cell] = []
    for word in words:
        if cells and cells[-1].words == word:
            cells[-1] = Cell(word, span=cells[-1].span + 1)
        else:
            cells.append(Cell(word))
    return tuple(cells)


def visible(text: str) -> str:
    """A text on one line, without what shows nothing or turns around what stands beside it."""
    return "".join(c for c in " ".join(text.split()) if unicodedata.category(c) not in _UNSEEN)
