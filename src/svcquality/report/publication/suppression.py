"""Small counts hidden so that sums do not give them away."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from scipy.optimize import linprog

Cell = tuple[int, int]


def suppressed(
    counts: np.ndarray,
    below: int,
    *,
    hidden: np.ndarray | None = None,
    exempt: tuple[int, ...] = (),
    fixed: tuple[int, ...] = (),
    total_row: bool = True,
    total_column: bool = True,
) -> np.ndarray:
    """Cells of a table of counts to hide: the small ones, and others that sums would give away.

    A small cell is safe when all that the published cells and sums allow for it spans at least
    half of ``below``, found by linear programming (as the audit of Fischetti & Salazar 2001,
    Management Science 47). Until it is, a rectangle of cells around it is hidden, along which
    counts could move from one to the other with every sum as it was: the one that costs fewest
    cells, then the smallest.

    Parameters
    ----------
    counts : ndarray of shape (rows, columns)
        With their totals.
    below : int
        Counts from 1 to ``below − 1`` are small; 0 is not.
    hidden : ndarray of bool, optional
        Cells that are hidden already.
    exempt : tuple of int
        Rows whose small counts need no hiding (values that are missing).
    fixed : tuple of int
        Rows that cannot be hidden further (sizes shown elsewhere).
    total_row, total_column : bool
        Whether the last row, and the last column, is the sum of the others.

    Returns
    -------
    ndarray of bool, shape (rows, columns)
    """
    counts = np.asarray(counts, dtype=float)
    small = (counts > 0) & (counts < below)
    small[list(exempt)] = False
    mask = small if hidden is None else small | hidden
    total = (len(counts) - 1 if total_row else -1, counts.shape[1] - 1 if total_column else -1)
    sums, needed = _sums(counts, total), below / 2
    # What is hidden later only widens the ranges, so one pass over the small cells is enough.
    for row, column in zip(*np.nonzero(small), strict=True):
        cell = (int(row), int(column))
        while _span(counts, mask, sums, cell) < needed:
            corners = _cheapest(counts, mask, cell, total, needed, exempt, fixed)
            if not corners:
                break  # all that may be hidden is
            for corner in corners:
                mask[corner] = True
    return mask


def _sums(counts: np.ndarray, total: Cell) -> np.ndarray:
    """Equations ``sums @ cells = 0``: parts less their total."""
    at = np.arange(counts.size).reshape(counts.shape)
    lines = [*at.T] if total[0] >= 0 and len(counts) > 1 else []
    lines += [*at] if total[1] >= 0 and counts.shape[1] > 1 else []
    equations = np.zeros((len(lines), at.size))
    for number, line in enumerate(lines):
        equations[number, line[:-1]] = 1
        equations[number, line[-1]] = -1
    return equations


def _span(counts: np.ndarray, mask: np.ndarray, sums: np.ndarray, cell: Cell) -> float:
    """How far apart the least and the most are that a reader can work out for a hidden cell."""
    unknown = mask.ravel()
    aim = np.zeros(counts.shape)
    aim[cell] = 1
    known = counts.ravel() * ~unknown
    ends = []
    for sign in (1, -1):
        found = linprog(
            sign * aim.ravel()[unknown], A_eq=sums[:, unknown], b_eq=-sums @ known, method="highs"
        )
        if found.status == 3:  # no sum bounds it
            return np.inf
        ends.append(sign * found.fun)
    return float(round(ends[1] - ends[0], 6))


def _cheapest(
    counts: np.ndarray,
    mask: np.ndarray,
    cell: Cell,
    total: Cell,
    needed: float,
    exempt: tuple[int, ...],
    fixed: tuple[int, ...],
) -> list[Cell]:
    """Corners still shown of the rectangle to hide; none where nothing is left to hide."""
    best: tuple[tuple[bool, int, int, float], list[Cell]] | None = None
    for room, corners in _rectangles(counts, cell, total):
        new = [corner for corner in corners if not mask[corner]]
        if not new or any(row in fixed for row, _ in new):
            continue
        of_exempt = sum(row in exempt for row, _ in new)
        cost = (room < needed, of_exempt, len(new), sum(float(counts[c]) for c in new))
        if best is None or cost < best[0]:
            best = cost, new
    return best[1] if best else []


def _rectangles(counts: np.ndarray, cell: Cell, total: Cell) -> Iterator[tuple[float, list[Cell]]]:
    """Other corners of each rectangle on a cell, and by how much the cell could grow along it.

    What one part gains another loses, while a total gains with its part. In a table of one row or
    column the rectangle is a pair.
    """
    others = [[i for i in range(n) if i != at] for n, at in zip(counts.shape, cell, strict=True)]
    signs = [
        {i: 1 if total[axis] in (i, cell[axis]) else -1 for i in others[axis]} for axis in (0, 1)
    ]
    for row, column in product(others[0] or [cell[0]], others[1] or [cell[1]]):
        down, along = signs[0].get(row, 0), signs[1].get(column, 0)
        moves = {(row, cell[1]): down, (cell[0], column): along, (row, column): down * along}
        if not (down and along):
            moves = {(row, column): down or along}
        loses = [float(counts[corner]) for corner, sign in moves.items() if sign < 0]
        yield min(loses, default=np.inf), list(moves)
