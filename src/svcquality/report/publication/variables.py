"""Variables of a table that describes a sample: an amount by its moments, a category by levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.language import Language, Text, plain
from svcquality.report.publication import words as say
from svcquality.report.publication.cells import Cell, Number, Row
from svcquality.report.publication.suppression import suppressed

MOST_LEVELS = 30


@dataclass(frozen=True)
class Groups:
    """Rows of each group, all of them last; how many; whose sizes are hidden."""

    rows: tuple[np.ndarray, ...]
    names: tuple[Text, ...]
    sizes: np.ndarray
    hidden: np.ndarray

    @property
    def several(self) -> bool:
        return len(self.rows) > 1


def size_row(groups: Groups, language: Language) -> Row:
    cells = [
        Cell(say.HIDDEN[language]) if hidden else Cell("{}", (Number(size),))
        for size, hidden in zip(groups.sizes, groups.hidden, strict=True)
    ]
    return Row(say.ROWS[language], tuple(cells))


def amount(
    values: pd.Series, label: Text, w: np.ndarray | None, groups: Groups, below: int, digits: int,
    language: Language,
) -> tuple[list[Row], list[pd.DataFrame]]:  # fmt: skip
    x = values.to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(x)
    counts = np.array(
        [
            [(known & r).sum() for r in groups.rows],
            [(~known & r).sum() for r in groups.rows],
            groups.sizes,
        ],
        dtype=float,
    )
    hidden = _hidden(counts, groups, below, missing=1)
    summary = [_summary(x[known & r], None if w is None else w[known & r]) for r in groups.rows]
    mean, sd, q1, median, q3 = np.array(summary).T
    rows = [
        Row(label[language], tuple(Cell() for _ in groups.rows), rule=True),
        _row(say.RECORDED, "{}", [counts[0]], [0], hidden[0], language),
        _row(say.MISSING, "{}", [counts[1]], [0], hidden[1], language),
        _row(say.MEAN_SD, "{} ({})", [mean, sd], [digits] * 2, hidden[0], language),
        _row(say.QUARTILES, "{} [{}, {}]", [median, q1, q3], [digits] * 3, hidden[0], language),
    ]
    name = str(values.name)
    tidy = [
        tidy_rows(name, label, "", groups, {"n": counts[0]}, hidden[0]),
        tidy_rows(name, label, "", groups, {"missing": counts[1]}, hidden[1]),
        tidy_rows(name, label, "", groups,
              {"mean": mean, "sd": sd, "median": median, "q1": q1, "q3": q3}, hidden[0]),
    ]  # fmt: skip
    return rows, tidy


def categories(
    values: pd.Series, label: Text, w: np.ndarray | None, groups: Groups, below: int, digits: int,
    language: Language,
) -> tuple[list[Row], list[pd.DataFrame]]:  # fmt: skip
    levels = ordered(values)
    if len(levels) > MOST_LEVELS:
        raise InputError(
            f"{values.name!r} has {len(levels)} levels; at most {MOST_LEVELS} make a table: "
            "combine them, or describe it as a number.",
            f"{values.name!r} 有 {len(levels)} 个取值，最多列 {MOST_LEVELS} 个；请合并取值，或按数值描述。",
        )
    text = values.astype("string")
    is_level = [text.eq(level).fillna(False).to_numpy(dtype=bool) for level in levels]
    masks = [*is_level, text.isna().to_numpy(dtype=bool)]
    counts = np.array([[(m & r).sum() for r in groups.rows] for m in masks] + [groups.sizes])
    hidden = _hidden(counts.astype(float), groups, below, missing=len(levels))
    weight = np.ones(len(text)) if w is None else w
    mass = np.array([[weight[m & r].sum() for r in groups.rows] for m in is_level])
    mass = mass.reshape(len(levels), len(groups.rows))
    with np.errstate(invalid="ignore"):
        shares = mass / mass.sum(axis=0)
    shares[:, hidden[-2]] = np.nan  # a share tells how many were recorded, so how many were not
    flag = pd.api.types.is_bool_dtype(values)
    rows = [Row(label[language], tuple(Cell() for _ in groups.rows), rule=True)]
    tidy = []
    for number, level in enumerate(levels):
        words = say.FLAGS.get(level, plain(level)) if flag else plain(level)
        parts = [counts[number].astype(float), shares[number]]
        rows.append(_row(words, "{} ({})", parts, [0, digits], hidden[number], language, share=1))
        both = {"count": parts[0], "share": parts[1]}
        tidy.append(tidy_rows(str(values.name), label, level, groups, both, hidden[number]))
    missing = counts[-2].astype(float)
    rows.append(_row(say.MISSING, "{}", [missing], [0], hidden[-2], language))
    tidy.append(tidy_rows(str(values.name), label, "", groups, {"missing": missing}, hidden[-2]))
    return rows, tidy


def _hidden(counts: np.ndarray, groups: Groups, below: int, *, missing: int) -> np.ndarray:
    """Cells to hide of a variable's counts, whose last row are the sizes of the groups.

    A group with a few recorded values is hidden as one with a few rows is.
    """
    recorded = groups.sizes - counts[missing]
    few = (recorded > 0) & (recorded < below) & (np.arange(len(counts)) < len(counts) - 1)[:, None]
    return suppressed(
        counts,
        below,
        hidden=groups.hidden | few,
        exempt=(missing,),
        fixed=(len(counts) - 1,),
        total_column=groups.several,
    )


def _row(
    label: Text, pattern: str, parts: Sequence[np.ndarray], digits: Sequence[int],
    hidden: np.ndarray, language: Language, *, share: int | None = None,
) -> Row:  # fmt: skip
    cells = []
    for column, secret in enumerate(hidden):
        if secret:
            cells.append(Cell(say.HIDDEN[language]))
            continue
        numbers = tuple(
            Number(float(part[column]), d, percent=place == share)
            for place, (part, d) in enumerate(zip(parts, digits, strict=True))
        )
        cells.append(Cell(pattern, numbers))
    return Row(label[language], tuple(cells), inner=True)


def _summary(x: np.ndarray, w: np.ndarray | None) -> tuple[float, float, float, float, float]:
    """Mean, standard deviation and quartiles, weighted."""
    if not len(x):
        return (np.nan,) * 5
    w = np.ones(len(x)) if w is None else w
    mean = float(np.average(x, weights=w))
    n = len(x)
    sd = float(np.sqrt(np.average((x - mean) ** 2, weights=w) * n / (n - 1))) if n > 1 else np.nan
    return mean, sd, *weighted_quantiles(x, w, (0.25, 0.5, 0.75))


def weighted_quantiles(
    x: np.ndarray, w: np.ndarray, at: Sequence[float]
) -> tuple[float, float, float]:
    """Three quantiles of a weighted sample: where its distribution function passes ``at``."""
    order = np.argsort(x, kind="stable")
    x, reached = x[order], np.cumsum(w[order])
    reached = reached / reached[-1]
    # Rounding must not miss a step that falls on the quantile.
    first = np.searchsorted(reached, np.asarray(at) - 1e-12)
    after = np.minimum(np.searchsorted(reached, np.asarray(at) + 1e-12), len(x) - 1)
    low, middle, high = (x[first] + x[after]) / 2
    return float(low), float(middle), float(high)


def tidy_rows(
    name: str, label: Text, level: str, groups: Groups, values: Mapping[str, np.ndarray],
    hidden: np.ndarray,
) -> pd.DataFrame:  # fmt: skip
    parts = [
        pd.DataFrame(
            {
                "variable": name,
                "label_zh": label.zh,
                "label_en": label.en,
                "level": level,
                "group": [g.en for g in groups.names],
                "statistic": statistic,
                "value": np.where(hidden, np.nan, value),
                "suppressed": hidden,
            }
        )
        for statistic, value in values.items()
    ]
    return pd.concat(parts, ignore_index=True)


def ordered(values: pd.Series) -> list[str]:
    """Levels that occur: in the order of a categorical, else sorted."""
    known = values.dropna()
    if isinstance(values.dtype, pd.CategoricalDtype):
        used = [level for level in values.cat.categories if (known == level).any()]
    else:
        used = sorted(known.unique(), key=_by_kind)
    return list(dict.fromkeys(map(str, used)))


def _by_kind(value: object) -> tuple[str, object]:
    """Values of one kind in their order, kinds by name: a column may mix numbers and words."""
    return ("", value) if isinstance(value, int | float) else (type(value).__name__, value)
