"""Values that deserve a look before a column is mapped: placeholders, codes, masks, damage."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from svcquality.language import Text
from svcquality.records.masking import mask
from svcquality.records.oddity import Oddity, rows_of
from svcquality.records.synonyms import looks_personal

EXAMPLE_CHARACTERS = 24
_CODES_SHOWN = 4

MISSING_CODES = (
    r"^(?:N/?A|n/?a|None|none|NONE|Unknown|unknown|UNKNOWN|NULL|null|nan|-|--|\.|\?|无|未知|不详|不适用|不清楚|空"
    r"|없음|모름|해당\s?없음|무응답|NO_\w+|[Nn]ot (?:applicable|available|stated)|[Nn]o answer|[Rr]efused|-[19](?:\.0)?)$"
)
_PATTERNS: dict[str, tuple[str, Text]] = {
    "placeholder": (
        r"^(?:1900[-/]0?1[-/]0?[01]|1899[-/]12[-/]3[01]|1970[-/]0?1[-/]0?1(?:$|[T ]00:00)|0001[-/]0?1[-/]0?1|9999[-/]12[-/]31|0000[-/]00[-/]00)",
        Text("占位日期（如 1900-01-01）", "placeholder dates (such as 1900-01-01)"),
    ),
    "code": (MISSING_CODES, Text("疑似表示缺失的代码：{codes}", "codes that may mean missing: {codes}")),
    "decimal": (r"^-?\d+\.0$", Text("整数写成小数", "whole numbers written as decimals")),
    "scientific": (r"^\d(?:\.\d+)?[Ee]\+\d+$", Text("科学计数法，可能丢失位数", "scientific notation: digits may be lost")),
    "zero_first": (
        r"^0\d[\dXx]*$",
        Text("以 0 开头的编码，须按文本读取", "codes that begin with 0: text, not numbers"),
    ),
    "day_first": (
        r"^\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?:\s|$)",
        Text("日期以日或月开头，须声明格式", "dates begin with a day or month: declare the format"),
    ),
    "broken": ("锟斤拷|\ufffd|烫烫|Ã[\x80-\xbf]|â€", Text("疑似乱码", "damaged characters")),
    "masked": ("XXXX|[*＊]{2,}", Text("已有的遮盖（XXXX、**）", "masks that are there already (XXXX, **)")),
    "cut_code": (r"^\d{2,6}(?:X{2,4}|\*{2,4})$", Text("末位被遮盖的编码（070XX）", "codes whose end is masked (070XX)")),
    "money": (r"\{\$[\d.,]+\}", Text("花括号中的金额", "amounts in braces")),
    "emoji": ("[\U0001f300-\U0001faff\u2600-\u27bf]", Text("表情符号", "emoji")),
    "full_width": ("[０-９Ａ-Ｚａ-ｚ]", Text("全角字母或数字", "full-width letters or digits")),
    "version": (
        r"(?i:ios|android|version|版本|\bv)\s?\d+(?:\.\d+)+|(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.])",
        Text("含软件版本号", "version numbers of software inside"),
    ),
    "markup": (r"<(?:br|p|div|span|a)\b[^>]*>|&(?:nbsp|amp|lt|gt|quot);", Text("含网页标记", "markup of web pages inside")),
}  # fmt: skip
_PROSE_ONLY = ("version", "markup", "money")
_LINE_BREAKS = Text("含换行或制表符", "line breaks or tabs inside")
_NINES = Text("疑似表示缺失的数字代码：{codes}", "numeric codes that may mean missing: {codes}")


def odd_values(frame: pd.DataFrame, kinds: dict[str, str]) -> Iterator[Oddity]:
    """Go through the values of each column.

    Parameters
    ----------
    frame : DataFrame
        Raw columns; the index counts the rows from 1.
    kinds : dict of str to str
        Column → ``time, number, category, text, id`` or ``empty``.

    Yields
    ------
    Oddity
    """
    for name in map(str, frame.columns):
        raw = frame[name].astype("str").dropna()
        text = raw.str.strip()
        seen = text.drop_duplicates()  # a pattern is tried once on each distinct value
        for code, (pattern, what) in _PATTERNS.items():
            if code in _PROSE_ONLY and kinds[name] not in ("text", "id"):
                continue
            if code == "decimal" and kinds[name] != "number":
                continue
            met = seen[seen.str.contains(pattern, regex=True)]
            if met.empty or (code == "day_first" and kinds[name] != "time"):
                continue
            hit = text[text.isin(met)]
            if code == "code":
                what = what.format(codes=_listed(hit))
            yield _oddity(name, code, what, hit)
        lines = raw[raw.str.contains(r"[\n\r\t]", regex=True)]
        if len(lines):
            yield _oddity(name, "line_breaks", _LINE_BREAKS, lines)
        if kinds[name] == "number":
            yield from _nines(name, text)


def missing_codes(frame: pd.DataFrame, name: str) -> list[str]:
    """Distinct values of a column that may mean missing, the most frequent first."""
    text = frame[name].astype("str").dropna().str.strip()
    coded = text[text.str.contains(MISSING_CODES, regex=True)]
    numbers = pd.to_numeric(text, errors="coerce")
    nines = text[numbers.isin(_far_codes(numbers))]
    return [str(code) for code in pd.concat([coded, nines[~nines.index.isin(coded.index)]]).value_counts().index]  # fmt: skip


def shown(values: pd.Series) -> str:
    """An example fit to be shown: masked first, cut after."""
    text = mask(values.iloc[[0]])[0].str.replace(r"\s+", " ", regex=True).str.strip()
    return str(text.str.slice(0, EXAMPLE_CHARACTERS).iloc[0])


def _oddity(name: str, code: str, what: Text, hit: pd.Series) -> Oddity:
    example = "" if looks_personal(name) or code == "code" else shown(hit)
    if code in ("masked", "money", "version", "emoji", "full_width", "broken", "markup"):
        found = re.search(_PATTERNS[code][0], str(hit.iloc[0]))
        example = "" if looks_personal(name) else (found[0] if found else example)
    rows = () if code == "code" else rows_of(hit.index)
    return Oddity(name, code, what, len(hit), rows, example)


def _listed(hit: pd.Series) -> str:
    counts = hit.value_counts()
    words = [f"{value} ({number:,})" for value, number in counts.head(_CODES_SHOWN).items()]
    return ", ".join(words) + (" …" if len(counts) > _CODES_SHOWN else "")


def _nines(name: str, text: pd.Series) -> Iterator[Oddity]:
    numbers = pd.to_numeric(text, errors="coerce")
    codes = _far_codes(numbers)
    if codes:
        hit = text[numbers.isin(codes)]
        yield Oddity(
            name,
            "code",
            _NINES.format(codes=_listed(hit)),
            len(hit),
            rows_of(hit.index),
            shown(hit),
        )


def _far_codes(numbers: pd.Series) -> list[float]:
    """99, 999, -9 and the like, where they stand far from all other values."""
    values = np.sort(numbers.dropna().unique())
    codes: list[float] = []
    for sign in (1, -1):
        ordered = values if sign == 1 else -values[::-1]
        while len(ordered) > 3:
            last, rest = ordered[-1], ordered[:-1]
            shape = re.fullmatch(r"(?:7{2,5}|8{2,5}|9{2,5}|9[6-9]+)", f"{last:g}") or (
                sign == -1 and last in (9.0, 8.0)
            )
            inner = rest[~np.isin(rest, [77, 88, 96, 97, 98, 99, 777, 888, 997, 998, 999])]
            if not shape or len(inner) < 3 or last < 3 * max(abs(inner[-1]), 1):
                break
            codes.append(float(sign * last))
            ordered = rest
    return codes
