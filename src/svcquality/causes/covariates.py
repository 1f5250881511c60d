"""Covariates of documents as the columns of a matrix, the same way for new documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.estimators.likelihood import dependent, inverse_information
from svcquality.estimators.splines import RestrictedCubicSpline

MISSING = "(missing)"
ENOUGH_MISSING = 10
"""From so many missing numbers on, they have an indicator beside the mean that stands for them."""
MOST_LEVELS = 200
"""A text column with more distinct values is an identifier or free text, not a category."""


@dataclass(frozen=True)
class Term:
    """One covariate: a category by its levels (the first is the reference), or a number."""

    name: str
    levels: tuple[str, ...] = ()
    middle: float = 0.0
    knots: tuple[float, ...] = ()
    flagged: bool = False

    def columns(self, values: pd.Series) -> tuple[np.ndarray, list[str]]:
        """Columns (n, m) in the covariate's own units, and their names."""
        if self.levels:
            text = _as_text(values)
            known = pd.Index(self.levels)
            codes = known.get_indexer(pd.Index(text))
            if (codes < 0).any():
                new = str(text[codes < 0].iloc[0])
                raise InputError(
                    f"The covariate {self.name} has a level {new!r} that the fit has not seen; "
                    "fit again with it or merge it into a known level.",
                    f"协变量“{self.name}”出现了拟合时没有的取值“{new}”；请重新拟合，或将其并入已有取值。",
                )
            indicator = np.eye(len(known))[codes][:, 1:]
            return indicator, [f"{self.name}={level}" for level in self.levels[1:]]
        x = _as_numbers(values)
        missing = np.isnan(x)
        x = np.where(missing, self.middle, x)
        columns, names = x[:, None], [self.name]
        if self.knots:
            columns = RestrictedCubicSpline(self.knots).transform(x)
            names += [f"{self.name} (curve {j})" for j in range(1, columns.shape[1])]
        if self.flagged:
            columns = np.column_stack([columns, missing])
            names.append(f"{self.name}={MISSING}")
        return columns, names


@dataclass(frozen=True, eq=False)
class CovariateDesign:
    """How covariates become columns.

    Parameters
    ----------
    terms : tuple of Term
    names : tuple of str
        Of the p columns; the first is ``intercept``.
    centre, scale : ndarray of shape (p,)
        Columns are centred and scaled to standard deviation 1; 0 and 1 for the intercept.
    missing : dict of str to int
        Documents without a value, by covariate (those that have any).
    """

    terms: tuple[Term, ...]
    names: tuple[str, ...]
    centre: np.ndarray
    scale: np.ndarray
    missing: dict[str, int]

    def transform(self, covariates: pd.DataFrame | np.ndarray | None, documents: int) -> np.ndarray:
        """Columns of documents, shape (documents, p).

        Raises
        ------
        InputError
            If a covariate is absent, has another length, or a level that the fit has not seen.
        """
        frame = as_frame(covariates, documents)
        absent = [term.name for term in self.terms if term.name not in frame]
        if absent:
            raise InputError(
                f"The covariate {absent[0]} of the fit is not in the table; add this column.",
                f"表中缺少拟合时使用的协变量“{absent[0]}”；请补充该列。",
            )
        parts = [term.columns(frame[term.name])[0] for term in self.terms]
        return (np.column_stack([np.ones(documents), *parts]) - self.centre) / self.scale

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "terms": [asdict(term) for term in self.terms],
            "names": list(self.names),
            "centre": self.centre.tolist(),
            "scale": self.scale.tolist(),
            "missing": self.missing,
        }

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> CovariateDesign:
        """From what `to_json` gave."""
        terms = tuple(
            Term(t["name"], tuple(t["levels"]), t["middle"], tuple(t["knots"]), t["flagged"])
            for t in plain["terms"]
        )
        return cls(
            terms, tuple(plain["names"]), np.array(plain["centre"]), np.array(plain["scale"]),
            plain["missing"],
        )  # fmt: skip


def design_covariates(
    covariates: pd.DataFrame | np.ndarray | None, documents: int, *, splines: Sequence[str] = ()
) -> tuple[CovariateDesign, np.ndarray]:
    """Decide how covariates become columns, and make them.

    Numbers are centred and scaled; texts, categories and flags become indicators beside their most
    frequent level. A missing category is a level of its own; a missing number takes the mean, and
    an indicator where ten or more are missing.

    Parameters
    ----------
    covariates : DataFrame or ndarray of shape (documents, q), or None
        ``None``: an intercept only.
    documents : int
    splines : sequence of str
        Numbers that act by a restricted cubic spline with four knots in place of a line.

    Returns
    -------
    design : CovariateDesign
    X : ndarray of shape (documents, p)

    Raises
    ------
    InputError
        If the table has another length, a covariate is constant or repeats others, has too many
        levels, or a spline is asked for what is not a covariate or not a number.
    """
    frame = as_frame(covariates, documents)
    for name in splines:
        if name not in frame or not _is_number(frame[name]):
            raise InputError(
                f"A curve is asked for {name}, which is not a numeric covariate; "
                f"numeric ones are: {', '.join(str(c) for c in frame if _is_number(frame[c]))}.",
                f"要求对“{name}”拟合曲线，但它不是数值型协变量；"
                f"可用：{'、'.join(str(c) for c in frame if _is_number(frame[c]))}。",
            )
    terms = tuple(_term(str(name), frame[name], name in splines) for name in frame)
    parts = [term.columns(frame[term.name]) for term in terms]
    names = ("intercept", *(name for _, columns in parts for name in columns))
    X = np.column_stack([np.ones(documents), *(columns for columns, _ in parts)])
    centre, scale = X.mean(axis=0), X.std(axis=0)
    centre[0], scale[0] = 0.0, 1.0
    constant = scale <= 1e-12 * np.maximum(1, np.abs(centre))
    if constant.any():
        raise dependent([names[j] for j in np.flatnonzero(constant)])
    X = (X - centre) / scale
    inverse_information(X.T @ X, names)  # refuses columns that repeat others, by name
    missing = {str(c): int(n) for c, n in frame.isna().sum().items() if n}
    return CovariateDesign(terms, names, centre, scale, missing), X


def as_frame(covariates: pd.DataFrame | np.ndarray | None, documents: int) -> pd.DataFrame:
    """Covariates as a table with text column names.

    Raises
    ------
    InputError
        If it has not one row a document.
    """
    if covariates is None:
        return pd.DataFrame(index=range(documents))
    if isinstance(covariates, pd.DataFrame):
        frame = covariates.rename(columns=str)
    else:
        values = np.asarray(covariates, dtype=float)
        values = values[:, None] if values.ndim == 1 else values
        frame = pd.DataFrame(values, columns=[f"x{j + 1}" for j in range(values.shape[1])])
    if len(frame) != documents:
        raise InputError(
            f"There are {documents} documents but {len(frame)} rows of covariates; "
            "give one row for each document, in the same order.",
            f"共有 {documents} 篇文本，但协变量有 {len(frame)} 行；请按相同顺序为每篇文本提供一行。",
        )
    return frame


def _is_number(values: pd.Series) -> bool:
    kind = values.dtype
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)


def _as_numbers(values: pd.Series) -> np.ndarray:
    x = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(x), x, np.nan)


def _as_text(values: pd.Series) -> pd.Series:
    return values.astype("string").fillna(MISSING).astype("str")


def _term(name: str, values: pd.Series, curved: bool) -> Term:
    if _is_number(values):
        x = _as_numbers(values)
        seen = x[~np.isnan(x)]
        if not len(seen):
            raise InputError(
                f"The covariate {name} has no value in any document; leave it out.",
                f"协变量“{name}”在所有文本中均无取值；请去掉该变量。",
            )
        knots = RestrictedCubicSpline.at_quantiles(seen).knots if curved else ()
        flagged = len(x) - len(seen) >= ENOUGH_MISSING
        return Term(name, middle=float(seen.mean()), knots=knots, flagged=flagged)
    counts = _as_text(values).value_counts(sort=False)
    if len(counts) > MOST_LEVELS:
        raise InputError(
            f"The covariate {name} has {len(counts)} different values; group them into at most "
            f"{MOST_LEVELS} levels, or give it as a number.",
            f"协变量“{name}”有 {len(counts)} 种取值；请归并为至多 {MOST_LEVELS} 类，或以数值形式提供。",
        )
    first = max(sorted(counts.index), key=lambda level: counts[level])
    if len(counts) < 2:
        raise InputError(
            f"The covariate {name} has the same value in every document; leave it out.",
            f"协变量“{name}”在所有文本中取值相同；请去掉该变量。",
        )
    return Term(name, levels=(first, *(level for level in sorted(counts.index) if level != first)))
