"""Walk long arrays in blocks, so that a product never needs a second copy of the data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

ROWS_PER_BLOCK = 32_768


def row_blocks(n: int, size: int = ROWS_PER_BLOCK) -> Iterator[slice]:
    """Slices that cover ``range(n)`` in order, each of at most ``size`` rows."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


def shares(n: int, weights: np.ndarray | None) -> np.ndarray:
    """Each row's part in a (weighted) mean, shape (n,)."""
    return np.full(n, 1 / n) if weights is None else weights / weights.sum()
