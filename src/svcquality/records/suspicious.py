"""What in a table deserves a look before it is mapped: values, columns and rows that mislead."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.language import Text
from svcquality.records.synonyms import PERSONAL, normalise
from svcquality.records.times import DAY_OR_MONTH_FIRST

WHOLE_TABLE = "*"
_ROWS = 50_000
_MOST_COLUMNS = 60
_MOSTLY = 0.9
_DURATION = re.compile(r"^\d+ days? \d\d:\d\d:\d\d")
_CONTENT: dict[str, tuple[str, Text]] = {
    "email": (r"^[\w.+-]+@[\w-]+\.[\w.]+$", Text("电子邮箱", "e-mail addresses")),
    "telephone": (
        r"^(?:\+?\d{1,3}[- ])?(?:1[3-9]\d{9}|\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}|0\d{2,3}-?[2-9]\d{6,7})$",
        Text("电话号码", "telephone numbers"),
    ),
    "identity": (r"^(?:\d{3}-\d{2}-\d{4}|[1-9]\d{16}[\dXx])$", Text("身份号码", "identity numbers")),
    "card": (r"^\d{16}(?:\d{3})?$", Text("银行卡号", "card numbers")),
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing to look at.

    Parameters
    ----------
    column : str
        `WHOLE_TABLE` where it concerns rows or several columns.
    code : str
    what : Text
    values : int
        How many values or rows.
    rows : tuple of int
        The first rows, counted from 1.
    """

    column: str
    code: str
    what: Text
    values: int
    rows: tuple[int, ...] = ()


def suspicious(frame: pd.DataFrame, kinds: dict[str, str]) -> list[Finding]:
    """Look through a table.

    Parameters
    ----------
    frame : DataFrame
        Raw columns; the index counts the rows from 1.
    kinds : dict of str to str
        Column → ``time, number, category, text, id`` or ``empty``.

    Returns
    -------
    list of Finding
        In the order of the checks; personal columns are named, their values never shown.
    """
    text = {name: frame[name].astype("str").str.strip() for name in frame.columns}
    numbers = {
        name: pd.to_numeric(text[name], errors="coerce")
        for name, kind in kinds.items()
        if kind == "number"
    }
    return [
        *_columns(text, kinds),
        *_personal(text),
        *_repeats(frame, text, kinds),
        *_items(numbers),
        *_order(text, kinds),
        *_disguises(text, numbers, kinds),
        *_last_row(frame),
    ]


def _columns(text: dict[str, pd.Series], kinds: dict[str, str]) -> Iterator[Finding]:
    for name, values in text.items():
        seen = values.dropna()
        if seen.empty:
            yield Finding(name, "empty", Text("整列为空", "a column without a value"), len(values))
            continue
        if seen.nunique() == 1 and len(seen) > 1:
            yield Finding(name, "constant", Text("整列只有一个值", "one value only"), len(seen))
        durations = seen.str.match(_DURATION)
        if durations.mean() > _MOSTLY:
            yield Finding(
                name, "duration", Text("时长写成文字（如 0 days 00:06:12）", "durations as text (0 days 00:06:12)"),
                int(durations.sum()),
            )  # fmt: skip
        if "zip" in normalise(name) or "邮编" in name:
            digits = seen[seen.str.fullmatch(r"\d+")]
            lengths = digits.str.len()
            short = lengths < lengths.max() if len(lengths) else lengths.astype(bool)
            if short.any():
                yield Finding(
                    name, "leading_zero", Text("邮编位数不一，可能丢失前导零", "codes of unequal length: leading zeros may be lost"),
                    int(short.sum()), _first(short),
                )  # fmt: skip
        if kinds.get(name) == "time":
            yield from _written(name, seen)
        if kinds.get(name) == "text" or len(text) == 1:
            short = seen.str.len() <= 2
            if short.any():
                yield Finding(
                    name, "short_texts", Text("只有一两个字的文本", "texts of one or two characters"),
                    int(short.sum()), _first(short),
                )  # fmt: skip


def _written(name: str, seen: pd.Series) -> Iterator[Finding]:
    """Several ways of writing a time in one column, days and months that may have changed places."""
    shapes = seen.str.replace(r"\d+", "9", regex=True).value_counts()
    if len(shapes) > 1:
        yield Finding(
            name, "formats",
            Text(f"有 {len(shapes)} 种时间写法：{'、'.join(shapes.index[:3])}",
                 f"{len(shapes)} ways of writing a time: {', '.join(shapes.index[:3])}"),
            int(shapes.iloc[1:].sum()),
        )  # fmt: skip
    parts = seen.str.extract(r"^(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}").dropna().astype(int)
    if len(parts):
        day_first, month_first = parts[0] > 12, parts[1] > 12
        if day_first.any() and month_first.any():
            fewer = day_first if day_first.sum() < month_first.sum() else month_first
            yield Finding(
                name, "swapped", Text("日与月的次序不一致", "day and month change places"),
                int(fewer.sum()), _first(fewer),
            )  # fmt: skip


def _personal(text: dict[str, pd.Series]) -> Iterator[Finding]:
    for name, values in text.items():
        seen = values.dropna().iloc[:2000]
        if seen.empty:
            continue
        kind = next((w for p, w in _CONTENT.values() if seen.str.match(p).mean() > 0.5), None)
        if kind is None and PERSONAL.search(normalise(name)):
            kind = Text("列名像个人信息", "named like personal data")
        if kind:
            what = Text("可能是个人信息：{kind}", "may be personal data: {kind}").format(kind=kind)
            yield Finding(name, "personal", what, int(values.notna().sum()))


def _repeats(
    frame: pd.DataFrame, text: dict[str, pd.Series], kinds: dict[str, str]
) -> Iterator[Finding]:
    rows = frame.duplicated()
    if rows.any() and frame.shape[1] > 1:
        yield Finding(
            WHOLE_TABLE, "duplicate_rows", Text("完全重复的行", "rows that repeat another"),
            int(rows.sum()), _first(rows),
        )  # fmt: skip
    for name, values in text.items():
        seen = values.dropna()
        again = seen.duplicated()
        if not again.any():
            continue
        if (kinds[name] == "text" and seen.nunique() > 1) or frame.shape[1] == 1:
            what = Text(
                f"重复的文本；不同的有 {seen.nunique():,} 条",
                f"repeated texts; {seen.nunique():,} are distinct",
            )
            yield Finding(name, "duplicate_texts", what, int(again.sum()), _first(again))
        elif again.mean() < 0.05 and re.search(r"\bid\b|编号|流水|单号", normalise(name)):
            yield Finding(
                name, "duplicate_keys", Text("像主键，但有重复", "looks like a key, but values repeat"),
                int(again.sum()), _first(again),
            )  # fmt: skip


def _items(numbers: dict[str, pd.Series]) -> Iterator[Finding]:
    """Rated items: columns of small whole numbers; 0 outside the scale, and straight-lining."""
    items = {
        name: values
        for name, values in numbers.items()
        if values.notna().any() and (values.dropna() % 1 == 0).all()
        and values.min() >= 0 and 3 <= values.max() <= 10 and values.nunique() >= 3
    }  # fmt: skip
    if len(items) < 4:
        return
    tops = pd.Series({name: values.max() for name, values in items.items()})
    usual = tops.mode().iloc[0]
    battery = [name for name in items if tops[name] == usual]
    for name in battery:
        zeros = items[name] == 0
        if zeros.any() and zeros.mean() < 0.5 and items[name].nunique() > 4:
            yield Finding(
                name, "zero", Text("量表中的 0，可能表示“不适用”", "0 in a scale: may mean not applicable"),
                int(zeros.sum()), _first(zeros),
            )  # fmt: skip
    if len(battery) >= 4:
        table = pd.DataFrame({name: items[name] for name in battery})
        complete = table.notna().all(axis=1)
        straight = complete & (table.nunique(axis=1) == 1)
        if straight.any():
            what = Text(
                f"{len(battery)} 个评分项全部同分（直线作答）",
                f"all {len(battery)} rated items alike (straight-lining)",
            )
            yield Finding(
                WHOLE_TABLE, "straight_lining", what, int(straight.sum()), _first(straight)
            )


def _order(text: dict[str, pd.Series], kinds: dict[str, str]) -> Iterator[Finding]:
    """Pairs of times of which one nearly always comes first, and the rows where it does not."""
    names = [name for name, kind in kinds.items() if kind == "time"][:8]
    times = {name: read_times(text[name]) for name in names}
    for first, second in itertools.permutations(names, 2):
        both = times[first].notna() & times[second].notna()
        if both.sum() < 20:
            continue
        wrong = both & (times[second] < times[first])
        right = (both & (times[second] > times[first])).sum()
        if 0 < wrong.sum() < 0.1 * both.sum() and right > 5 * wrong.sum():
            what = Text(f"{second} 早于 {first}", f"{second} before {first}")
            yield Finding(second, "order", what, int(wrong.sum()), _first(wrong))


def read_times(values: pd.Series) -> pd.Series:
    """Times for a look: the one format that fits most values, day- or month-first ones included."""
    sample = values.dropna().iloc[:200]
    best, most = None, 0.0
    for form in ("ISO8601", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d", *DAY_OR_MONTH_FIRST, "mixed"):
        if form == "mixed" and not sample.str.match(r"\d{4}").all():
            continue
        share = float(pd.to_datetime(sample, format=form, errors="coerce").notna().mean())
        if share > most:
            best, most = form, share
    if best is None or most < _MOSTLY / 2:
        return pd.Series(pd.NaT, index=values.index)
    return pd.to_datetime(values, format=best, errors="coerce")


def _disguises(
    text: dict[str, pd.Series], numbers: dict[str, pd.Series], kinds: dict[str, str]
) -> Iterator[Finding]:
    """Columns that say what another says already: the same value, or one value for each of its own."""
    names = [n for n in text if text[n].iloc[:_ROWS].nunique() > 1][:_MOST_COLUMNS]
    codes = {n: pd.factorize(text[n].iloc[:_ROWS])[0] for n in names}
    counts = {n: int(codes[n].max()) + 1 for n in names}
    taken: set[str] = set()
    for one, other in itertools.combinations(names, 2):
        if other in taken or counts[one] != counts[other]:
            continue
        if kinds[one] == kinds[other] == "id" and counts[one] > 0.9 * len(codes[one]):
            continue  # two keys are always one value for each other
        pairs = len(np.unique(codes[one].astype(np.int64) * (counts[other] + 1) + codes[other]))
        if pairs != counts[one] or counts[one] > 0.5 * len(codes[one]):
            continue
        taken.add(other)
        what = Text(
            f"与 {one} 一一对应，是同一信息", f"one value for each of {one}: the same again"
        )
        yield Finding(other, "disguise", what, counts[other])
    for one, other in itertools.combinations(numbers, 2):
        if other in taken:
            continue
        both = (numbers[one].notna() & numbers[other].notna()) & (numbers[one] != 0)
        if both.sum() < 20 or numbers[one][both].nunique() < 10:
            continue
        ratio = numbers[other][both] / numbers[one][both]
        if ratio.median() != 0 and (ratio / ratio.median() - 1).abs().max() < 1e-6:
            what = Text(f"等于 {one} 的 {ratio.median():g} 倍", f"{ratio.median():g} times {one}")
            yield Finding(other, "disguise", what, int(both.sum()))


def _last_row(frame: pd.DataFrame) -> Iterator[Finding]:
    """A last row that lacks the columns which every row before it fills: a transfer cut off."""
    if len(frame) < 20 or frame.shape[1] < 3:
        return
    always = frame.iloc[:-1].notna().all()
    last = frame.iloc[-1]
    lacking = [name for name in frame.columns[always.to_numpy()] if pd.isna(last[name])]
    if lacking and lacking[-1] == frame.columns[always.to_numpy()][-1]:
        yield Finding(
            WHOLE_TABLE, "truncated", Text("最后一行不完整，文件可能被截断", "the last row is cut off: the transfer may be incomplete"),
            1, (len(frame),),
        )  # fmt: skip


def _first(rows: pd.Series) -> tuple[int, ...]:
    return tuple(int(i) for i in rows.index[rows.to_numpy(dtype=bool)][:3])
