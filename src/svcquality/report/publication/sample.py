"""The table that describes a sample: how many, how much is missing, what the values are like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.language import Language, Text, plain
from svcquality.report.publication import words as say
from svcquality.report.publication.cells import Cell, Grid, Row
from svcquality.report.publication.suppression import suppressed
from svcquality.report.publication.table import PublicationTable
from svcquality.report.publication.variables import (
    Groups,
    amount,
    categories,
    ordered,
    size_row,
    tidy_rows,
)

MOST_GROUPS = 12


def sample_table(
    frame: pd.DataFrame,
    columns: Sequence[str] | Mapping[str, Text | str],
    by: str | None = None,
    weights: str | None = None,
    *,
    language: Language = "en",
    digits: int = 1,
    suppress_below: int = 10,
    caption: Text | str | None = None,
    notes: Sequence[Text | str] = (),
) -> PublicationTable:
    """Describe a sample, by groups if asked for ("Table 1").

    Numbers: how many are recorded and missing, mean with standard deviation, median with
    quartiles. Flags and categories: how many and which share of those recorded, by level.

    Parameters
    ----------
    frame : DataFrame
        One row a unit.
    columns : sequence of str, or mapping of str to Text or str
        What to describe; a mapping gives labels. Columns of the records are named in both
        languages.
    by : str, optional
        Column of groups, beside one another; rows without a group are a group.
    weights : str, optional
        Positive weights for shares, means, deviations and quantiles; counts stay counts.
    language : {"zh", "en"}
    digits : int
        Decimals of means and percentages.
    suppress_below : int
        Counts from 1 to less than this are hidden, with as many others as keep them from being
        worked out; a group so small is hidden whole. 0 or 1 hides nothing. How many values are
        missing is not hidden for being few.
    caption : Text or str, optional
    notes : sequence of Text or str

    Returns
    -------
    PublicationTable
        Its ``frame``: ``variable, label_zh, label_en, level, group, statistic, value,
        suppressed``; a suppressed value is NaN.

    Notes
    -----
    Quantiles invert the weighted distribution function and average at its steps (definition 2 of
    Hyndman & Fan 1996, American Statistician 50). The deviation has the factor ``n / (n − 1)``.

    Raises
    ------
    InputError
        If there are no rows, a column is missing, a time, or has more than 30 levels, there are
        more than 12 groups, or a weight is not positive.
    """
    names = [columns] if isinstance(columns, str) else list(columns)
    _check(frame, [*names, *([by] if by else []), *([weights] if weights else [])], names)
    w = _weights(frame, weights)
    groups = _groups(frame, by, suppress_below)
    body = [size_row(groups, language)]
    tidy: list[pd.DataFrame] = [
        tidy_rows("", say.ROWS, "", groups, {"n": groups.sizes}, groups.hidden)
    ]
    for name in names:
        given = columns[name] if isinstance(columns, Mapping) else say.column_words(name)
        label = given if isinstance(given, Text) else plain(given)
        describe = amount if _is_amount(frame[name]) else categories
        rows, parts = describe(frame[name], label, w, groups, suppress_below, digits, language)
        body += rows
        tidy += parts
    numbers = pd.concat(tidy, ignore_index=True)
    lines = [say.in_language(note, language) for note in notes]
    lines += [line[language] for line in _notes(numbers, w is not None, suppress_below)]
    grid = Grid(
        head=_head(groups, by, language),
        body=tuple(body),
        notes=tuple(lines),
        caption=say.in_language(caption or "", language),
        language=language,
    )
    return PublicationTable(numbers, grid)


def _is_amount(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _check(frame: pd.DataFrame, needed: Sequence[str], described: Sequence[str]) -> None:
    absent = [name for name in needed if name not in frame]
    if absent:
        has = [str(c) for c in frame.columns]
        raise InputError(
            f"The data have no column {absent[0]!r}; they have {', '.join(has)}.",
            f"数据中没有列 {absent[0]!r}；现有列：{'、'.join(has)}。",
        )
    if not described or not len(frame):
        raise InputError(
            "There is nothing to describe; give at least one row and one column.",
            "没有可描述的内容；请至少给出一行数据和一列变量。",
        )
    times = [n for n in described if pd.api.types.is_datetime64_any_dtype(frame[n])]
    if times:
        raise InputError(
            f"{times[0]!r} holds times, which have no mean; describe an amount or a group made of it.",
            f"{times[0]!r} 是时间，没有均值可言；请改用由其计算的数值或分组。",
        )


def _weights(frame: pd.DataFrame, name: str | None) -> np.ndarray | None:
    if name is None:
        return None
    w = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if not (np.isfinite(w).all() and (w > 0).all()):
        raise InputError(
            f"The weights {name!r} must be positive numbers; leave out rows with a weight of 0.",
            f"权重 {name!r} 必须为正数；请剔除权重为 0 的行。",
        )
    return w


def _groups(frame: pd.DataFrame, by: str | None, below: int) -> Groups:
    everyone = np.ones(len(frame), dtype=bool)
    rows, names = [everyone], [say.ALL]
    if by is not None:
        values = frame[by].astype("string")
        levels = ordered(frame[by])
        if len(levels) > MOST_GROUPS:
            raise InputError(
                f"{by!r} has {len(levels)} groups; at most {MOST_GROUPS} stand side by side: "
                "combine some.",
                f"{by!r} 有 {len(levels)} 个组，最多并列 {MOST_GROUPS} 个；请合并部分组别。",
            )
        own = [values.eq(level).fillna(False).to_numpy(dtype=bool) for level in levels]
        titles = [plain(level) for level in levels]
        without = values.isna().to_numpy()
        if without.any():
            own, titles = [*own, without], [*titles, say.UNRECORDED]
        rows, names = [*own, everyone], [*titles, say.ALL]
    sizes = np.array([[r.sum() for r in rows]], dtype=float)
    hidden = suppressed(sizes, below, total_row=False)
    return Groups(tuple(rows), tuple(names), sizes[0], hidden[0])


def _head(groups: Groups, by: str | None, language: Language) -> tuple[Row, ...]:
    titles = Row("", tuple(Cell(name[language]) for name in groups.names))
    if by is None:
        return (titles,)
    over = Cell(say.column_words(by)[language], span=len(groups.rows) - 1)
    return Row("", (over, Cell())), titles


def _notes(numbers: pd.DataFrame, weighted: bool, below: int) -> list[Text]:
    lines = [say.SHARES]
    if weighted:
        lines.append(say.WEIGHTED)
    if numbers["suppressed"].any():
        lines.append(say.SUPPRESSED.format(below=below))
    return lines
