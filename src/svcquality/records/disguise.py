"""Columns that say what others say already: copies, codes of one another, parts, means."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from svcquality.language import Text
from svcquality.records.oddity import Oddity
from svcquality.records.rated_items import Battery
from svcquality.records.time_checks import read_times

_ROWS = 50_000
_MOST_COLUMNS = 60
_NEARLY = 0.95
_ALMOST_ALL = 0.99
_FEWEST = 20
_PARTS: tuple[tuple[str, Text], ...] = (
    ("year", Text("年", "year")),
    ("month", Text("月", "month")),
    ("day", Text("日", "day")),
    ("hour", Text("小时", "hour")),
)


def disguises(
    text: dict[str, pd.Series],
    numbers: dict[str, pd.Series],
    kinds: dict[str, str],
    batteries: Sequence[Battery],
) -> Iterator[Oddity]:
    """Name each column once, by the first thing that it repeats.

    Parameters
    ----------
    text, numbers : dict of str to Series
        All columns as text, and those of numbers as numbers.
    kinds : dict of str to str
    batteries : sequence of Battery

    Yields
    ------
    Oddity
        ``disguise`` (exactly the same information), ``derived`` (part of a time, mean or sum of
        others), ``determined`` (follows from another) or ``near_copy`` (correlation of 0.95 or more).
    """
    taken: set[str] = set()
    checks = (
        _one_to_one(text, kinds), _multiples(numbers), _parts_of_times(text, numbers, kinds),
        _means(numbers, batteries), _determined(text, kinds), _near_copies(numbers),
    )  # fmt: skip
    for found in itertools.chain.from_iterable(checks):
        if found.column not in taken:
            taken.add(found.column)
            yield found


def _codes(text: dict[str, pd.Series]) -> dict[str, np.ndarray]:
    names = [n for n in text if text[n].iloc[:_ROWS].nunique() > 1][:_MOST_COLUMNS]
    return {n: pd.factorize(text[n].iloc[:_ROWS])[0].astype(np.int64) for n in names}


def _one_to_one(text: dict[str, pd.Series], kinds: dict[str, str]) -> Iterator[Oddity]:
    codes = _codes(text)
    counts = {name: int(code.max()) + 1 for name, code in codes.items()}
    for one, other in itertools.combinations(codes, 2):
        if counts[one] != counts[other] or counts[one] > 0.5 * len(codes[one]):
            continue
        if kinds[one] == kinds[other] == "id" and counts[one] > 0.9 * len(codes[one]):
            continue  # two keys are always one value for each other
        pairs = len(np.unique(codes[one] * (counts[other] + 1) + codes[other]))
        if pairs == counts[one]:
            what = Text(
                f"与 {one} 一一对应，是同一信息", f"one value for each of {one}: the same again"
            )
            yield Oddity(other, "disguise", what, counts[other])


def _multiples(numbers: dict[str, pd.Series]) -> Iterator[Oddity]:
    for one, other in itertools.combinations(list(numbers)[:_MOST_COLUMNS], 2):
        both = numbers[one].notna() & numbers[other].notna() & (numbers[one] != 0)
        if both.sum() < _FEWEST or numbers[one][both].nunique() < 10:
            continue
        ratio = numbers[other][both] / numbers[one][both]
        middle = ratio.median()
        if middle != 0 and (ratio / middle - 1).abs().max() < 1e-6:
            what = Text(f"等于 {one} 的 {middle:g} 倍", f"{middle:g} times {one}")
            yield Oddity(other, "disguise", what, int(both.sum()))


def _parts_of_times(
    text: dict[str, pd.Series], numbers: dict[str, pd.Series], kinds: dict[str, str]
) -> Iterator[Oddity]:
    times = {n: read_times(text[n].iloc[:_ROWS]) for n, kind in kinds.items() if kind == "time"}
    for (name, values), (source, time) in itertools.product(numbers.items(), times.items()):
        given = values.iloc[:_ROWS]
        both = given.notna() & time.notna()
        if both.sum() < _FEWEST or given[both].nunique() < 3:
            continue
        for part, word in _PARTS:
            if (given[both] == getattr(time[both].dt, part)).mean() >= _ALMOST_ALL:
                what = Text(f"是 {source} 的{word.zh}", f"the {word.en} of {source}")
                yield Oddity(name, "derived", what, int(both.sum()))
    for name, source in itertools.product([n for n, k in kinds.items() if k == "category"], times):
        given, weekday = text[name].iloc[:_ROWS], times[source].dt.day_name()
        both = given.notna() & weekday.notna()
        if (
            both.sum() >= _FEWEST
            and (given[both].str.casefold().str[:3] == weekday[both].str.casefold().str[:3]).mean()
            >= _ALMOST_ALL
        ):
            what = Text(f"是 {source} 的星期", f"the day of the week of {source}")
            yield Oddity(name, "derived", what, int(both.sum()))


def _means(numbers: dict[str, pd.Series], batteries: Sequence[Battery]) -> Iterator[Oddity]:
    """Means and sums of items that stand side by side."""
    items = [name for battery in batteries if battery.top for name in battery.columns]
    order = list(numbers)
    for name, values in numbers.items():
        if name in items or values.nunique() < 5:
            continue
        place = order.index(name)
        for step in (-1, 1):
            beside: list[str] = []
            at = place + step
            while 0 <= at < len(order) and order[at] in items:
                beside.append(order[at])
                at += step
            for size in range(2, len(beside) + 1):
                table = pd.DataFrame({n: numbers[n] for n in beside[:size]})
                found = _mean_or_sum(values, table)
                if found:
                    span = (
                        f"{beside[size - 1]} … {beside[0]}"
                        if step < 0
                        else f"{beside[0]} … {beside[size - 1]}"
                    )
                    what = Text(f"是 {span} 的{found.zh}", f"the {found.en} of {span}")
                    yield Oddity(name, "derived", what, int(values.notna().sum()))


def _mean_or_sum(values: pd.Series, table: pd.DataFrame) -> Text | None:
    both = values.notna() & table.notna().any(axis=1)
    if both.sum() < _FEWEST:
        return None
    for word, made in (
        (Text("均值", "mean"), table.mean(axis=1)),
        (Text("总和", "sum"), table.sum(axis=1)),
    ):
        if ((values - made).abs()[both] < 0.006).mean() >= _ALMOST_ALL:
            return word
    return None


def _determined(text: dict[str, pd.Series], kinds: dict[str, str]) -> Iterator[Oddity]:
    """Categories of which each value of another leaves one only."""
    codes = {
        n: c for n, c in _codes(text).items() if kinds[n] in ("category", "number") and c.max() < 60
    }
    for other, one in itertools.permutations(codes, 2):
        known = (codes[one] >= 0) & (codes[other] >= 0)
        fewer, more = int(codes[other].max()) + 1, int(codes[one].max()) + 1
        if (
            known.sum() < 10 * more
            or fewer >= more
            or _share_of_commonest(codes[other][known]) > 0.97
        ):
            continue
        pairs = len(np.unique(codes[one][known] * fewer + codes[other][known]))
        if pairs == len(np.unique(codes[one][known])):
            what = Text(
                f"由 {one} 决定：{one} 的每个值只对应一个值",
                f"follows from {one}: each of its values leaves one only",
            )
            yield Oddity(other, "determined", what, fewer)


def _share_of_commonest(codes: np.ndarray) -> float:
    return float(np.bincount(codes).max() / len(codes)) if len(codes) else 1.0


def _near_copies(numbers: dict[str, pd.Series]) -> Iterator[Oddity]:
    names = [n for n, v in numbers.items() if v.nunique() >= 10][:_MOST_COLUMNS]
    if len(names) < 2:
        return
    table = pd.DataFrame({n: numbers[n].iloc[:_ROWS] for n in names}).astype("float64")
    correlation = table.corr(min_periods=_FEWEST)
    for one, other in itertools.combinations(names, 2):
        r = float(correlation.to_numpy()[names.index(one), names.index(other)])
        if abs(r) >= _NEARLY:
            what = Text(
                f"与 {one} 几乎相同（相关系数 {r:.2f}）",
                f"nearly the same as {one} (correlation {r:.2f})",
            )
            yield Oddity(
                other, "near_copy", what, int(table[[one, other]].notna().all(axis=1).sum())
            )
