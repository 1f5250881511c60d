"""Columns of times: how they are written, which comes first, how long lies between them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pandas as pd

from svcquality.language import Text
from svcquality.records.oddity import Oddity, first
from svcquality.records.times import DAY_OR_MONTH_FIRST, PLAUSIBLE, read_formats

_MOST_COLUMNS = 8
_FEWEST = 20
_DAY_FIRST = r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"


def time_oddities(text: dict[str, pd.Series], kinds: dict[str, str]) -> Iterator[Oddity]:
    """Ways of writing, days and months that change places, impossible orders, delays.

    Parameters
    ----------
    text : dict of str to Series
        Stripped columns; the index counts the rows from 1.
    kinds : dict of str to str
        Column → its kind.

    Yields
    ------
    Oddity
    """
    names = [name for name, kind in kinds.items() if kind == "time"][:_MOST_COLUMNS]
    for name in names:
        yield from _written(name, text[name].dropna())
    times = {name: read_times(text[name]) for name in names}
    for one, two in itertools.combinations(names, 2):
        yield from _between(one, two, times)


def read_times(values: pd.Series) -> pd.Series:
    """Times for a look: every year-first way of writing, and the day- or month-first one that fits."""
    sample = values.dropna().iloc[:2000]
    declared: tuple[str, ...] = ()
    if sample.str.match(_DAY_FIRST).any():
        forms = fitting_formats(sample) or most_fitting(sample)
        declared = tuple(
            f"{form}{clock}" for form in forms[:1] for clock in ("", " %H:%M", " %H:%M:%S")
        )
    read, _ = read_formats(values, declared)
    return read


def fitting_formats(values: pd.Series) -> list[str]:
    """The day- and month-first formats that read all of a column."""
    day = values.str.strip().str.split(" ").str[0].drop_duplicates()
    return [
        f
        for f in DAY_OR_MONTH_FIRST
        if pd.to_datetime(day, format=f, errors="coerce").notna().all()
    ]


def most_fitting(values: pd.Series) -> list[str]:
    """The day- or month-first format that reads most of a column, if more than half."""
    day = values.str.strip().str.split(" ").str[0]
    shares = {
        f: float(pd.to_datetime(day, format=f, errors="coerce").notna().mean())
        for f in DAY_OR_MONTH_FIRST
    }
    best = max(shares, key=lambda form: shares[form])
    return [best] if shares[best] > 0.5 else []


def is_placeholder(times: pd.Series) -> pd.Series:
    """Days that stand for no day (1900-01-01), or for a clock time without one."""
    return (times < PLAUSIBLE[0]) | (times >= PLAUSIBLE[1])


def _written(name: str, seen: pd.Series) -> Iterator[Oddity]:
    """Several ways of writing a time in one column, days and months that may have changed places."""
    shapes = seen.str.replace(r"\d+", "9", regex=True).value_counts()
    if len(shapes) > 1:
        listed = [f"{shape} ({number:,})" for shape, number in shapes.head(3).items()]
        what = Text(f"有 {len(shapes)} 种时间写法：{'、'.join(listed)}",
                    f"{len(shapes)} ways of writing a time: {', '.join(listed)}")  # fmt: skip
        yield Oddity(name, "formats", what, int(shapes.iloc[1:].sum()))
    parts = seen.str.extract(r"^(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}").dropna().astype(int)
    if len(parts):
        day_first, month_first = parts[0] > 12, parts[1] > 12
        if day_first.any() and month_first.any():
            fewer = day_first if day_first.sum() < month_first.sum() else month_first
            what = Text("日与月的次序不一致", "day and month change places")
            yield Oddity(name, "swapped", what, int(fewer.sum()), first(fewer))


def _between(one: str, two: str, times: dict[str, pd.Series]) -> Iterator[Oddity]:
    """A pair of times of which one nearly always comes first: where it does not, and the delay."""
    pair = pd.DataFrame({"a": times[one], "b": times[two]}).dropna()
    placeholders = is_placeholder(pair["a"]), is_placeholder(pair["b"])
    if placeholders[0].mean() < 0.5 or placeholders[1].mean() < 0.5:
        pair = pair[~placeholders[0] & ~placeholders[1]]
    if len(pair) < _FEWEST:
        return
    earlier, later = ("a", "b") if (pair["b"] >= pair["a"]).mean() >= 0.5 else ("b", "a")
    names = {"a": one, "b": two}
    wrong = pair[later] < pair[earlier]
    right = int((pair[later] > pair[earlier]).sum())
    if wrong.mean() >= 0.1 or right <= 5 * wrong.sum():
        return
    first_name, second_name = names[earlier], names[later]
    if wrong.any():
        yield Oddity(
            second_name, "order",
            Text(f"{second_name} 早于 {first_name}", f"{second_name} before {first_name}") + _mended_by_swap(pair[wrong], earlier, later),
            int(wrong.sum()), first(wrong),
        )  # fmt: skip
    delay = (pair[later] - pair[earlier])[~wrong].dt.total_seconds()
    unit, seconds = _unit(float(delay.median()))
    low, mean, high = (value / seconds for value in (delay.median(), delay.mean(), delay.max()))
    yield Oddity(
        second_name, "delay",
        Text(f"距 {first_name}：中位数 {low:,.2f} {unit.zh}，均值 {mean:,.2f}，最长 {high:,.1f}",
             f"after {first_name}: median {low:,.2f} {unit.en}, mean {mean:,.2f}, longest {high:,.1f}"),
        len(delay),
    )  # fmt: skip


def _unit(seconds: float) -> tuple[Text, float]:
    if seconds >= 86_400 or seconds == 0:
        return Text("天", "days"), 86_400.0
    return (Text("小时", "hours"), 3600.0) if seconds >= 7200 else (Text("分钟", "minutes"), 60.0)


def _mended_by_swap(pair: pd.DataFrame, earlier: str, later: str) -> Text:
    """How many of the wrong pairs are right once day and month of one of them change places."""
    swapped = {name: _swap(pair[name]) for name in (earlier, later)}
    mended = (swapped[later] >= pair[earlier]) | (pair[later] >= swapped[earlier])
    if not mended.any():
        return Text("", "")
    number = int(mended.sum())
    return Text(
        f"；日月对调后其中 {number:,} 个次序正确",
        f"; with day and month swapped {number:,} are in order",
    )


def _swap(times: pd.Series) -> pd.Series:
    """Day and month changed places; missing where that is no day."""
    parts = {"year": times.dt.year, "month": times.dt.day, "day": times.dt.month}
    days = pd.to_datetime(pd.DataFrame(parts), errors="coerce")
    return days + (times - times.dt.normalize())
