"""Rated items of a survey: batteries on one scale, values outside it, straight-lining."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.language import Text
from svcquality.records.oddity import WHOLE_TABLE, Oddity, first
from svcquality.records.synonyms import normalise

FEWEST_ITEMS = 4
_ANSWERED = 0.75
_SCALE = (3, 10)
_LABELS = (3, 11)
_RARE = 0.5


@dataclass(frozen=True, eq=False)
class Battery:
    """Columns rated on one scale.

    Parameters
    ----------
    columns : tuple of str
    answers : DataFrame
        Codes; missing where not answered. Labelled answers are numbered as they come.
    top : int
        Highest rating; 0 where the answers are labels.
    """

    columns: tuple[str, ...]
    answers: pd.DataFrame
    top: int = 0


def find_batteries(text: dict[str, pd.Series], numbers: dict[str, pd.Series]) -> list[Battery]:
    """Sets of at least four columns that share a scale, of numbers or of labels.

    Parameters
    ----------
    text, numbers : dict of str to Series
        All columns as text, and those of numbers as numbers.

    Returns
    -------
    list of Battery
        The largest first.
    """
    tops: dict[int, list[str]] = {}
    for name, values in numbers.items():
        top = scale_top(values)
        if top:
            tops.setdefault(top, []).append(name)
    rated = [
        Battery(tuple(names), pd.DataFrame({n: numbers[n] for n in names}), top)
        for top, names in tops.items()
        if len(names) >= FEWEST_ITEMS
    ]
    found = [*rated, *_labelled({n: v for n, v in text.items() if n not in numbers})]
    return sorted(found, key=lambda battery: -len(battery.columns))


def scale_top(values: pd.Series) -> int:
    """The highest rating of a column of small whole numbers; 0 if it is none.

    Codes far above the ratings (8, 9, 99 beside 1 to 5) are not part of the scale.
    """
    seen = values.dropna()
    if seen.empty or (seen % 1 != 0).any() or seen.min() < -99 or seen.nunique() > 16:
        return 0
    counts = seen[seen.between(1, _SCALE[1])].value_counts().sort_index()
    met = [int(v) for v in counts.index]
    gap = next(
        (
            i
            for i in range(1, len(met))
            if met[i] - met[i - 1] > 2 or (met[i] >= 8 and met[i] - met[i - 1] > 1)
        ),
        len(met),
    )
    ratings = met[:gap]
    if len(ratings) < 3 or ratings[0] > 2 or ratings[-1] < _SCALE[0]:
        return 0
    inside = seen.isin(ratings).mean()
    return ratings[-1] if inside >= _RARE else 0


def _labelled(text: dict[str, pd.Series]) -> list[Battery]:
    """Columns of labels that draw on one small set of words (strongly agree … strongly disagree)."""
    groups: list[tuple[set[str], list[str]]] = []
    for name, values in text.items():
        seen = values.dropna()
        words = set(seen.iloc[:5000].unique())
        if not 2 <= len(words) <= _LABELS[1] or len(seen) < 2 * len(words):
            continue
        for known, names in groups:
            if (
                len(words & known) >= 0.6 * min(len(words), len(known))
                and len(words | known) <= _LABELS[1]
            ):
                known |= words
                names.append(name)
                break
        else:
            groups.append((words, [name]))
    return [
        Battery(tuple(names), pd.DataFrame({n: _coded(text[n], sorted(words)) for n in names}))
        for words, names in groups
        if len(names) >= FEWEST_ITEMS and len(words) >= _LABELS[0]
    ]


def _coded(values: pd.Series, words: Sequence[str]) -> pd.Series:
    codes = pd.Categorical(values, categories=list(words)).codes.astype("float64")
    return pd.Series(np.where(codes < 0, np.nan, codes), index=values.index)


def item_oddities(batteries: Sequence[Battery]) -> Iterator[Oddity]:
    """Ratings outside their scale, and rows that give every item the same.

    Yields
    ------
    Oddity
    """
    for battery in batteries:
        if battery.top:
            yield from _outside(battery)
        yield from _straight(battery)


def _outside(battery: Battery) -> Iterator[Oddity]:
    for name in battery.columns:
        values = battery.answers[name]
        zeros = values == 0
        if zeros.any() and zeros.mean() < _RARE:
            yield Oddity(
                name, "zero", Text("量表中的 0，可能表示“不适用”", "0 in a scale: may mean not applicable"),
                int(zeros.sum()), first(zeros),
            )  # fmt: skip
        beyond = (values > battery.top) | (values < 0)
        if beyond.any():
            codes = ", ".join(
                f"{code:g} ({number:,})"
                for code, number in values[beyond].value_counts().head(4).items()
            )
            what = Text(
                f"超出 1–{battery.top} 量表的值：{codes}",
                f"outside the scale of 1 to {battery.top}: {codes}",
            )
            yield Oddity(name, "out_of_scale", what, int(beyond.sum()), first(beyond))


def _straight(battery: Battery) -> Iterator[Oddity]:
    blocks = [block for block in _blocks(battery.columns) if len(block) >= FEWEST_ITEMS]
    for columns in [battery.columns, *(blocks if len(blocks) > 1 else [])]:
        answers = battery.answers[list(columns)]
        if battery.top:
            answers = answers.mask((answers > battery.top) | (answers < 0))
        answered = answers.notna().sum(axis=1)
        straight = (answered >= max(FEWEST_ITEMS, _ANSWERED * len(columns))) & (
            answers.nunique(axis=1) == 1
        )
        if not straight.any():
            continue
        share = straight.mean()
        span = (
            Text("", "")
            if columns is battery.columns
            else Text(f"（{columns[0]} 至 {columns[-1]}）", f" ({columns[0]} to {columns[-1]})")
        )
        what = Text(f"{len(columns)} 个评分项全部同分（直线作答），占 {share:.2%}",
                    f"all {len(columns)} rated items alike (straight-lining), {share:.2%} of the rows") + span  # fmt: skip
        yield Oddity(WHOLE_TABLE, "straight_lining", what, int(straight.sum()), first(straight))


def _blocks(columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Items by the stem of their names: Q5_1, Q5_2 … are one block, Q6_1 begins another."""
    blocks: dict[str, list[str]] = {}
    for name in columns:
        stem = re.sub(r"\s*(?:\d+|(?<=\d)[a-z]|(?<=\s)[a-z])$", "", normalise(name))
        blocks.setdefault(stem, []).append(name)
    return [tuple(names) for names in blocks.values()]
