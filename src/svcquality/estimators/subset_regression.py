"""Least squares on many choices of rows and columns of the same data, from one pass each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.estimators.blocks import row_blocks
from svcquality.estimators.clustered import sandwich
from svcquality.estimators.marginal import Contrast, contrast

TOLERANCE = 1e-8
"""Share of a column's variance that must be its own for it to count as another column."""


@dataclass(frozen=True, eq=False)
class SubsetRegression:
    """Some of the rows of a linear model, ready to be fitted on any of its columns.

    The cross-products are formed once. A fit then needs a small system, and one product with the
    data for its error, instead of a factorisation of the data.

    Parameters
    ----------
    parts : tuple of ndarray
        Columns side by side, each (n, k): together p columns, no intercept.
    y : ndarray of shape (n,)
    weights : ndarray of shape (n,)
        0 for the rows left out.
    clusters : ndarray or Series of shape (n,), or None
    means : ndarray of shape (p,)
        Of the columns over the rows kept.
    gram : ndarray of shape (p, p)
        Their centred cross-products.
    moments : ndarray of shape (p,)
        Their centred products with ``y``.
    """

    parts: tuple[np.ndarray, ...]
    y: np.ndarray
    weights: np.ndarray
    clusters: np.ndarray | pd.Series | None
    means: np.ndarray
    gram: np.ndarray
    moments: np.ndarray

    @classmethod
    def of(
        cls,
        y: np.ndarray,
        parts: Sequence[np.ndarray],
        *,
        kept: np.ndarray | None = None,
        clusters: np.ndarray | pd.Series | None = None,
        weights: np.ndarray | None = None,
    ) -> SubsetRegression:
        """Form the cross-products over the rows kept.

        Parameters
        ----------
        y : ndarray of shape (n,)
        parts : sequence of ndarray, each (n, k)
        kept : ndarray of bool, shape (n,), optional
            All rows by default.
        clusters, weights : as in `linear.linear_model`
        """
        w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
        w = w if kept is None else w * kept
        p = sum(part.shape[1] for part in parts)
        total, sums, gram, moments = float(w.sum()), np.zeros(p), np.zeros((p, p)), np.zeros(p)
        for rows in row_blocks(len(y)):
            block = np.column_stack([part[rows] for part in parts])
            weighed = block * w[rows, None]
            sums += weighed.sum(axis=0)
            gram += weighed.T @ block
            moments += weighed.T @ y[rows]
        means = sums / total
        gram -= np.outer(sums, means)
        moments -= sums * float(w @ y) / total
        return cls(tuple(parts), y, w, clusters, means, gram, moments)

    def with_outcome(self, y: np.ndarray) -> SubsetRegression:
        """The same rows and columns with another outcome: one product with the data."""
        w, total = self.weights, float(self.weights.sum())
        weighed = w * (y - float(w @ y) / total)
        moments = np.concatenate([weighed @ part for part in self.parts])
        return replace(self, y=y, moments=moments)

    def contrast(
        self, exposure: Sequence[int], held: Sequence[int], change: np.ndarray
    ) -> Contrast:
        """What a change of some columns goes with, others held equal.

        Parameters
        ----------
        exposure : sequence of int
            Columns that change.
        held : sequence of int
            Columns held equal; those that repeat others are passed over.
        change : ndarray of shape (len(exposure),)
            By how much.

        Returns
        -------
        Contrast
            Errors CR1 with clusters, else HC1, as `linear.linear_model` gives.

        Raises
        ------
        InputError
            If the exposure does not vary beside what is held equal, or there are too few rows.
        """
        columns = np.array([*held, *exposure])
        free = _independent(self.gram[np.ix_(columns, columns)], self._size(columns))
        if not free[len(held) :].all():
            raise InputError(
                "The exposure does not vary beside what is held equal; hold fewer things equal.",
                "控制这些因素之后，该因素不再变动；请减少控制变量。",
            )
        used = columns[free]
        scale = np.sqrt(np.diag(self.gram)[used])
        scaled = self.gram[np.ix_(used, used)] / np.outer(scale, scale)
        wanted = np.concatenate([np.zeros(free[: len(held)].sum()), change])
        solved = np.linalg.solve(
            scaled, np.column_stack([self.moments[used] / scale, wanted / scale])
        )
        both = np.zeros((len(self.means), 2))
        both[used] = solved / scale[:, None]
        fitted = self._product(both)
        kept = self.weights > 0
        centre = np.average(self.y, weights=self.weights)
        residual = self.y[kept] - centre - fitted[kept, 0]
        # The change's own direction of the sandwich: one score a row instead of one a column.
        score = self.weights[kept] * residual * fitted[kept, 1]
        clusters = None if self.clusters is None else np.asarray(self.clusters, dtype=object)[kept]
        inference = sandwich(
            np.ones((1, 1)), [score[:, None]], int(kept.sum()), clusters, parameters=len(used) + 1
        )
        estimate = float(change @ both[list(exposure), 0])
        return contrast(estimate, float(inference.errors[0]), inference.df)

    def _size(self, columns: np.ndarray) -> np.ndarray:
        """What rounding leaves of a constant column: its cross-product before centring."""
        total = float(self.weights.sum())
        return np.diag(self.gram)[columns] + total * self.means[columns] ** 2

    def _product(self, coefficients: np.ndarray) -> np.ndarray:
        """Centred columns times coefficients (p, m), shape (n, m)."""
        start, out = 0, np.zeros((len(self.y), coefficients.shape[1]))
        for part in self.parts:
            out += part @ coefficients[start : start + part.shape[1]]
            start += part.shape[1]
        return out - self.means @ coefficients


def _independent(gram: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Which columns are no combination of an intercept and the columns before them."""
    spread = np.diag(gram)
    free = spread > 1e-12 * size
    scale = np.sqrt(np.where(free, spread, 1.0))
    correlation = gram / np.outer(scale, scale)
    factor = np.zeros_like(correlation)
    for j in range(len(gram)):
        rest = correlation[j, j:] - factor[:j, j] @ factor[:j, j:]
        free[j] = free[j] and rest[0] > TOLERANCE
        if free[j]:
            factor[j, j:] = rest / np.sqrt(rest[0])
    return free
