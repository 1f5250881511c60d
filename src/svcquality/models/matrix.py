"""Design matrices without formulas: any column name works, and every pooled level is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.estimators.blocks import row_blocks
from svcquality.estimators.splines import RestrictedCubicSpline

MISSING = "(missing)"
LEVEL_ROWS = 10
"""A level with fewer rows, or without both outcomes, is pooled with others like it."""
PERIOD_ROWS = 40
"""Months are held equal where a month has about so many rows, else quarters, else years."""


@dataclass(frozen=True)
class Columns:
    """The columns of one term: dense values (n, m), or codes (n,) of levels 0 … m, 0 left out.

    ``pooled`` counts the rows whose level was pooled.
    """

    term: str
    dense: np.ndarray | None = None
    codes: np.ndarray | None = None
    width: int = 1
    pooled: int = 0

    def write(self, target: np.ndarray) -> None:
        """Fill ``target`` (n, width)."""
        if self.codes is None:
            target[:] = self.dense
            return
        target[:] = 0.0
        rows = np.flatnonzero(self.codes)
        target[rows, self.codes[rows] - 1] = 1.0


def dense(term: str, values: np.ndarray) -> Columns:
    """Columns as they are, shape (n,) or (n, m)."""
    values = values if values.ndim == 2 else values[:, None]
    return Columns(term, dense=values, width=values.shape[1])


def as_float(values: pd.Series) -> np.ndarray:
    """Numbers or flags as floats; missing becomes nan."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.to_numpy(dtype=float, na_value=np.nan)
    return pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def category(
    term: str, values: pd.Series, event: np.ndarray, *, least: int = LEVEL_ROWS
) -> Columns | None:
    """Indicators of the levels that have enough rows and both outcomes; None if there is one.

    Missing is a level of its own. Levels that would separate the outcomes are pooled, and the
    pool joins the largest level where it is no better itself.

    Parameters
    ----------
    values : Series of shape (n,)
    event : ndarray of bool, shape (n,)
        Both outcomes must occur in a level.
    """
    codes, levels = pd.factorize(values.astype("string").fillna(MISSING), sort=True)
    healthy = _healthy(codes, event, len(levels), least)
    if not healthy.any():
        return None
    largest = int(np.argmax(np.where(healthy, np.bincount(codes), -1)))
    pooled = ~healthy[codes]
    merged = np.where(pooled, len(levels), codes)
    if pooled.any() and not _healthy(merged, event, len(levels) + 1, least)[-1]:
        merged[pooled] = largest
    kept = np.unique(merged)
    if len(kept) < 2:
        return None
    order = np.concatenate([[largest], kept[kept != largest]])
    place = np.zeros(len(levels) + 1, dtype=np.int64)
    place[order] = np.arange(len(order))
    return Columns(term, codes=place[merged], width=len(order) - 1, pooled=int(pooled.sum()))


def _healthy(codes: np.ndarray, event: np.ndarray, levels: int, least: int) -> np.ndarray:
    rows = np.bincount(codes, minlength=levels)
    events = np.bincount(codes[event], minlength=levels)
    return (rows >= least) & (events > 0) & (events < rows)


def numeric(term: str, values: pd.Series, event: np.ndarray) -> Columns | None:
    """A number as a gentle curve (three knots), or a line where it has ten values or fewer.

    Missing values take the median, and an indicator where there are enough of them.
    """
    x = as_float(values)
    missing = np.isnan(x)
    if missing.all():
        return None
    x = np.where(missing, np.nanmedian(x), x)
    if np.ptp(x) == 0:
        return None
    columns = x[:, None]
    if len(np.unique(x)) > 10:
        try:
            columns = RestrictedCubicSpline.at_quantiles(x, 3).transform(x)
        except InputError:  # nearly all values tie: a line says what there is to say
            columns = x[:, None]
    columns = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    if _healthy(missing.astype(int), event, 2, LEVEL_ROWS).all():
        columns = np.column_stack([columns, missing])
    return dense(term, columns)


def confounder(term: str, values: pd.Series, event: np.ndarray) -> Columns | None:
    """A confounder by its kind: numbers by `numeric`, all else by `category`."""
    kind = values.dtype
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind):
        return numeric(term, values, event)
    return category(term, values, event)


def period(months: pd.Series, event: np.ndarray, *, least: int = PERIOD_ROWS) -> Columns | None:
    """Indicators of month, quarter or year: the finest that has enough rows each.

    The term is ``month``, ``quarter`` or ``year``.
    """
    if months.isna().all():
        return None
    for term, frequency in (("month", "M"), ("quarter", "Q"), ("year", "Y")):
        periods = months.dt.to_period(frequency)
        if periods.value_counts().median() >= least:
            return category(term, periods.astype("string"), event)
    return None


def comparable(flag: np.ndarray, event: np.ndarray) -> bool:
    """Whether a 0/1 exposure has enough rows and both outcomes with and without it."""
    return bool(_healthy((flag > 0).astype(int), event, 2, LEVEL_ROWS).all())


@dataclass(frozen=True)
class DesignMatrix:
    """Columns side by side.

    Parameters
    ----------
    values : ndarray of shape (n, p)
    at : dict of str to list of int
        Where a term's columns stand.
    names : tuple of str
        Of the p columns.
    lost : tuple of str
        Exposures that the confounders leave no variation.
    pooled : dict of str to int
        Rows in pooled levels, by term.
    """

    values: np.ndarray
    at: dict[str, list[int]]
    names: tuple[str, ...]
    lost: tuple[str, ...]
    pooled: dict[str, int]


def design_matrix(
    exposures: Sequence[Columns], confounders: Sequence[Columns | None], n: int
) -> DesignMatrix:
    """Put exposures before confounders and leave out what repeats something else.

    A confounder's column that repeats others goes silently: nothing is lost by it. An exposure
    that the confounders already determine has no estimate of its own, and is named in ``lost``.
    """
    held = [c for c in confounders if c is not None]
    parts = [*held, *exposures]  # confounders first: what they determine is not an exposure's
    X = np.empty((n, sum(part.width for part in parts)), order="C")
    owner: list[int] = []
    for index, part in enumerate(parts):
        start = len(owner)
        part.write(X[:, start : start + part.width])
        owner += [index] * part.width
    free = _independent(X)
    lost = {i for i in range(len(held), len(parts)) if not free[np.array(owner) == i].all()}
    keep = [j for j in range(len(owner)) if free[j] and owner[j] not in lost]
    if len(keep) < X.shape[1]:
        for rows in row_blocks(n):  # moved in place: a copy of a large bank would double its memory
            X[rows, : len(keep)] = X[rows][:, keep]
        X = X[:, : len(keep)]
    at: dict[str, list[int]] = {}
    for place, j in enumerate(keep):
        at.setdefault(parts[owner[j]].term, []).append(place)
    return DesignMatrix(
        values=X,
        at=at,
        names=tuple(parts[owner[j]].term for j in keep),
        lost=tuple(parts[i].term for i in sorted(lost)),
        pooled={part.term: part.pooled for part in held if part.pooled},
    )


def _independent(X: np.ndarray, tolerance: float = 1e-8) -> np.ndarray:
    """Which columns are not a combination of an intercept and the columns before them.

    A Cholesky factorisation of the correlations, row by row, that skips what has no rest.
    """
    n, p = X.shape
    mean = X.mean(axis=0)
    gram = np.zeros((p, p))
    for rows in row_blocks(n):
        block = X[rows] - mean
        gram += block.T @ block
    scale = np.sqrt(np.diag(gram))
    free = scale > tolerance * np.sqrt(n) * (1 + np.abs(mean))
    scale[~free] = 1.0
    correlation = gram / np.outer(scale, scale)
    factor = np.zeros((p, p))
    for j in range(p):
        rest = correlation[j] - factor[:, j] @ factor if free[j] else np.zeros(p)
        free[j] = free[j] and rest[j] > tolerance
        if free[j]:
            factor[j] = rest / np.sqrt(rest[j])
    return free
