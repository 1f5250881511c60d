"""Documents as the compiled loops take them, walked in fixed blocks by several threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from scipy import sparse

from svcquality.estimators.blocks import row_blocks

BLOCK = 1024
"""Documents that are worked on at once: bounds memory, and fixes the order of sums."""


class Task:
    """Words, topics and priors of documents, checked, as the compiled loops want them.

    Parameters
    ----------
    counts, beta, mu, sigma
        As for `logistic_normal.laplace`.
    """

    def __init__(
        self, counts: sparse.csr_matrix, beta: np.ndarray, mu: np.ndarray, sigma: np.ndarray
    ) -> None:
        K, V = beta.shape
        if (
            counts.shape != (len(mu), V)
            or mu.shape[1:] != (K - 1,)
            or sigma.shape != (K - 1, K - 1)
        ):
            raise ValueError(
                f"counts {counts.shape}, beta {beta.shape}, mu {mu.shape} and sigma {sigma.shape} "
                "do not fit"
            )
        used = np.flatnonzero(np.bincount(counts.indices, minlength=V))
        if not (beta[:, used].sum(axis=0) > 0).all():
            raise ValueError("a word that occurs has probability 0 in every topic")
        self.indptr, self.indices = counts.indptr, counts.indices
        self.data = counts.data.astype(np.float64, copy=False)
        self.beta = np.ascontiguousarray(beta.T, dtype=np.float64)
        self.mu = np.ascontiguousarray(mu, dtype=np.float64)
        self.precision = np.linalg.inv(sigma)

    def arguments(self, rows: slice) -> tuple[Any, ...]:
        """What every loop takes first."""
        words = self.indptr, self.indices, self.data, self.beta
        return (*words, self.mu, self.precision, rows.start, rows.stop)

    def blocks(self) -> Iterator[slice]:
        """Rows of each block, in order."""
        return row_blocks(len(self.mu), BLOCK)


def in_threads(work: Callable[[int, slice], None], blocks: Iterable[slice]) -> None:
    """Call ``work(number, rows)`` for every block; the compiled loops let threads run at once."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in [pool.submit(work, number, rows) for number, rows in enumerate(blocks)]:
            done.result()
