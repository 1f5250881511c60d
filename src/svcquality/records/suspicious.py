"""What in a table deserves a look before it is mapped: values, columns and rows that mislead."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from svcquality.language import Text
from svcquality.records.disguise import disguises
from svcquality.records.odd_values import odd_values
from svcquality.records.oddity import WHOLE_TABLE, Oddity, first
from svcquality.records.parallel import parallel_oddities
from svcquality.records.rated_items import Battery, find_batteries, item_oddities
from svcquality.records.synonyms import looks_personal, normalise
from svcquality.records.time_checks import is_placeholder, read_times, time_oddities

_MOSTLY = 0.9
_DURATION = re.compile(r"^\d+ days? \d\d:\d\d:\d\d")
_CONTENT: dict[str, tuple[str, Text]] = {
    "email": (r"^[\w.+-]+@[\w-]+\.[\w.]+$", Text("电子邮箱", "e-mail addresses")),
    "telephone": (
        r"^(?:\+?\d{1,3}[- ])?(?:1[3-9]\d{9}|\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}|0\d{2,3}-?[2-9]\d{6,7}|01[016-9]-?\d{3,4}-?\d{4})$",
        Text("电话号码", "telephone numbers"),
    ),
    "identity": (r"^(?:\d{3}-\d{2}-\d{4}|[1-9]\d{16}[\dXx]|\d{6}-[1-4]\d{6})$", Text("身份号码", "identity numbers")),
    "card": (r"^\d{16}(?:\d{3})?$", Text("银行卡号", "card numbers")),
    "address": (r"^(?:\d{1,3}\.){3}\d{1,3}$", Text("网络地址", "network addresses")),
}  # fmt: skip
_KEY = re.compile(r"\bid\b|编号|流水|单号|번호")


def suspicious(frame: pd.DataFrame, kinds: dict[str, str]) -> tuple[list[Oddity], list[Battery]]:
    """Look through a table.

    Parameters
    ----------
    frame : DataFrame
        Raw columns; the index counts the rows from 1.
    kinds : dict of str to str
        Column → ``time, number, category, text, id`` or ``empty``.

    Returns
    -------
    list of Oddity
        In the order of the checks; personal columns are named, their values never shown.
    list of Battery
        Rated items that were found on the way.
    """
    text = {str(name): frame[name].astype("str").str.strip() for name in frame.columns}
    numbers = {
        name: pd.to_numeric(text[name], errors="coerce")
        for name, kind in kinds.items()
        if kind == "number"
    }
    batteries = find_batteries(text, numbers)
    found = [
        *odd_values(frame, kinds),
        *_columns(text, kinds),
        *_personal(text, numbers, kinds),
        *_repeats(frame, text, kinds),
        *item_oddities(batteries),
        *time_oddities(text, kinds),
        *disguises(text, numbers, kinds, batteries),
        *parallel_oddities(frame, kinds),
        *_last_row(frame),
    ]
    return found, batteries


def _columns(text: dict[str, pd.Series], kinds: dict[str, str]) -> Iterator[Oddity]:
    for name, values in text.items():
        seen = values.dropna()
        if seen.empty:
            yield Oddity(name, "empty", Text("整列为空", "a column without a value"), len(values))
            continue
        if seen.nunique() == 1 and len(seen) > 1:
            yield Oddity(name, "constant", Text("整列只有一个值", "one value only"), len(seen))
        durations = seen.str.match(_DURATION)
        if durations.mean() > _MOSTLY:
            yield Oddity(
                name, "duration", Text("时长写成文字（如 0 days 00:06:12）", "durations as text (0 days 00:06:12)"),
                int(durations.sum()),
            )  # fmt: skip
        if "zip" in normalise(name) or "邮编" in name:
            digits = seen[seen.str.fullmatch(r"\d+")]
            lengths = digits.str.len()
            short = lengths < lengths.max() if len(lengths) else lengths.astype(bool)
            if short.any():
                yield Oddity(
                    name, "leading_zero", Text("邮编位数不一，可能丢失前导零", "codes of unequal length: leading zeros may be lost"),
                    int(short.sum()), first(short),
                )  # fmt: skip
        if kinds.get(name) == "text" or len(text) == 1:
            short = seen.str.len() <= 2
            if short.any():
                yield Oddity(
                    name, "short_texts", Text("只有一两个字的文本", "texts of one or two characters"),
                    int(short.sum()), first(short),
                )  # fmt: skip


def _personal(
    text: dict[str, pd.Series], numbers: dict[str, pd.Series], kinds: dict[str, str]
) -> Iterator[Oddity]:
    ages = [numbers[n] for n in numbers if re.search(r"\bage\b|年龄|나이|연령", normalise(n))]
    for name, values in text.items():
        seen = values.dropna().iloc[:2000]
        if seen.empty:
            continue
        kind = next((w for p, w in _CONTENT.values() if seen.str.match(p).mean() > 0.5), None)
        if kind is None and looks_personal(name):
            kind = Text("列名像个人信息", "named like personal data")
        if kind is None and kinds[name] == "time" and ages and _is_birth(values, ages[0]):
            kind = Text("出生日期（与年龄吻合）", "days of birth (they go with the age)")
        if kind:
            what = Text("可能是个人信息：{kind}", "may be personal data: {kind}").format(kind=kind)
            yield Oddity(name, "personal", what, int(values.notna().sum()))


def _is_birth(values: pd.Series, age: pd.Series) -> bool:
    """A year and an age that add up to nearly the same for everybody."""
    total = (read_times(values.iloc[:2000]).dt.year + age.iloc[:2000]).dropna()
    return len(total) >= 20 and bool(total.std() < 1)


def _repeats(
    frame: pd.DataFrame, text: dict[str, pd.Series], kinds: dict[str, str]
) -> Iterator[Oddity]:
    rows = frame.duplicated()
    if rows.any() and frame.shape[1] > 1:
        yield Oddity(
            WHOLE_TABLE, "duplicate_rows", Text("完全重复的行", "rows that repeat another"),
            int(rows.sum()), first(rows),
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
            yield Oddity(name, "duplicate_texts", what, int(again.sum()), first(again))
        elif again.mean() < 0.05 and _KEY.search(normalise(name)):
            yield Oddity(
                name, "duplicate_keys", Text("像主键，但有重复", "looks like a key, but values repeat"),
                int(again.sum()), first(again),
            )  # fmt: skip


def _last_row(frame: pd.DataFrame) -> Iterator[Oddity]:
    """A last row that lacks the columns which every row before it fills: a transfer cut off."""
    if len(frame) < 20 or frame.shape[1] < 3:
        return
    always = frame.iloc[:-1].notna().all()
    last = frame.iloc[-1]
    lacking = [name for name in frame.columns[always.to_numpy()] if pd.isna(last[name])]
    if lacking and lacking[-1] == frame.columns[always.to_numpy()][-1]:
        yield Oddity(
            WHOLE_TABLE, "truncated", Text("最后一行不完整，文件可能被截断", "the last row is cut off: the transfer may be incomplete"),
            1, (len(frame),),
        )  # fmt: skip


def clock_only(values: pd.Series) -> bool:
    """Whether a column of times holds clock times only: all on the placeholder day."""
    times = read_times(values.astype("str").str.strip()).dropna()
    return bool(len(times)) and bool(is_placeholder(times).mean() > _MOSTLY)
