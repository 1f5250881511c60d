"""Small counts hidden so that sums do not give them away."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog


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
    ``below``, found by linear programming (the audit of Fischetti & Salazar 2001, Management
    Science 47). Further cells are hidden, the smallest in its row or column first, until each is.

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
    sums = _sums(counts.shape[0], counts.shape[1], total_row, total_column)
    # What is exempt is hidden only where nothing else in reach is left.
    rank = np.where(np.isin(np.arange(len(counts)), exempt)[:, None], 1, 2) + 0 * mask
    rank[list(fixed)] = 0
    # What is hidden later only widens the ranges, so one pass over the small cells is enough.
    for row, column in zip(*np.nonzero(small), strict=True):
        while _span(counts, mask, sums, row, column) < below:
            found = _smallest(counts, mask, rank, row, column)
            if found is None:
                break
            mask[found] = True
    return mask


def _sums(rows: int, columns: int, total_row: bool, total_column: bool) -> np.ndarray:
    """Equations ``sums @ cells = 0``: parts less their total."""
    at = np.arange(rows * columns).reshape(rows, columns)
    lines = [*at.T] if total_row and rows > 1 else []
    lines += [*at] if total_column and columns > 1 else []
    equations = np.zeros((len(lines), at.size))
    for number, line in enumerate(lines):
        equations[number, line[:-1]] = 1
        equations[number, line[-1]] = -1
    return equations


def _span(counts: np.ndarray, mask: np.ndarray, sums: np.ndarray, row: int, column: int) -> float:
    """How far apart the least and the most are that a reader can work out for a hidden cell."""
    open_cells = mask.ravel()
    aim = np.zeros(counts.size)
    aim[row * counts.shape[1] + column] = 1
    known = counts.ravel() * ~open_cells
    ends = []
    for sign in (1, -1):
        found = linprog(
            sign * aim[open_cells], A_eq=sums[:, open_cells], b_eq=-sums @ known, method="highs"
        )
        if found.status == 3:  # no sum bounds it
            return np.inf
        ends.append(sign * found.fun)
    return float(round(ends[1] - ends[0], 6))


def _smallest(
    counts: np.ndarray, mask: np.ndarray, rank: np.ndarray, row: int, column: int
) -> tuple[int, int] | None:
    """The smallest cell still shown: in the same row or column, else anywhere; zeros last.

    ``rank`` is 2 for cells to take first, 1 for others, 0 for those that stay.
    """
    near = np.zeros(counts.shape, dtype=bool)
    near[row], near[:, column] = True, True
    shown, some = ~mask & (rank > 0), counts > 0
    for among in (shown & near & some & (rank == 2), shown & near & some, shown & some, shown):
        if among.any():
            at = int(np.where(among, counts, np.inf).argmin())
            return at // counts.shape[1], at % counts.shape[1]
    return None
