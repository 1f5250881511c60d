"""How near a table that was read comes to the clean one: names, records and cells.

Precision, recall and F1 over multisets, as in the Pollock benchmark (Vitagliano et al. 2023); a file
that cannot be read scores nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

Row = list[str]
Reading = tuple[Row | None, list[Row]]
"""The names of the columns, None where the reader takes the file to have none, and the records."""


@dataclass(frozen=True)
class Score:
    """Of one file: F1 of names, records and cells, each from 0 to 1."""

    header: float
    record: float
    cell: float

    @property
    def mean(self) -> float:
        """Of the three."""
        return (self.header + self.record + self.cell) / 3


NOTHING = Score(0.0, 0.0, 0.0)


def score(clean: Reading, read: Reading) -> Score:
    """Hold what was read against what the file held."""
    (names, rows), (found, records) = clean, read
    header = float(found is None) if names is None else _names(names, found or [])
    cells = [cell.strip() for row in rows for cell in row]
    return Score(
        header,
        f1(map(_record, rows), map(_record, records)),
        f1(cells, [cell.strip() for row in records for cell in row]),
    )


def _names(wanted: Row, found: Row) -> float:
    """F1 of the names; what a reader calls a column that has none is its own affair."""
    named = [name for name in wanted if name]
    unknown = list((Counter(found) - Counter(named)).elements())[: len(wanted) - len(named)]
    return f1(named, list((Counter(found) - Counter(unknown)).elements()))


def _record(row: Row) -> tuple[str, ...]:
    """A record without the empty cells at its end: padding is no error."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def f1(wanted: Iterable[Hashable], got: Iterable[Hashable]) -> float:
    """Harmonic mean of precision and recall of a multiset; nothing wanted and nothing got is 1."""
    left, right = Counter(wanted), Counter(got)
    total = left.total() + right.total()
    return 2 * (left & right).total() / total if total else 1.0
