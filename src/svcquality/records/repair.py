"""Raw values into declared types, one reader a kind of column; every change goes to the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from svcquality.records.ledger import Ledger
from svcquality.records.tables import Column
from svcquality.records.times import to_months, to_times

NOTHING = ("", "NaN", "nan", "NaT", "NULL", "null", "<NA>", "#N/A")
"""Texts that mean a missing value in every export; others ("N/A", 0) a mapping declares."""

YES = ("y", "yes", "t", "true", "1", "1.0", "是", "有", "√")
NO = ("n", "no", "f", "false", "0", "0.0", "否", "无", "×")

_FULL_WIDTH = {
    code: code - 0xFEE0
    for first, last in (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"))
    for code in range(ord(first), ord(last) + 1)
} | {ord("．"): ord("."), ord("："): ord(":"), ord("／"): ord("/"), ord("－"): ord("-")}

# Spaces written out, zero-width ones too: a class like \s would send every column through a slow
# regular expression engine.
_SPACE = " \t\n\r\x0b\x0c\u3000\u00a0\u200b\ufeff"
_UNTIDY = f"^[{_SPACE}]|[{_SPACE}]$|[{_SPACE}][{_SPACE}]|[{_SPACE[1:]}]"

SHOWN_CHARACTERS = 60
"""Length to which a text is cut in the ledger."""


def read_column(
    values: pd.Series, declared: Column, ledger: Ledger, name: str, formats: Sequence[str] = ()
) -> pd.Series:
    """Read one column into its declared type.

    Parameters
    ----------
    values : Series
        As exported; its index holds the row numbers of the source, from 1.
    declared : Column
        Kind, bounds and codes.
    ledger : Ledger
        Takes the repairs.
    name : str
        Declared name of the column.
    formats : sequence of str
        Declared time formats.

    Returns
    -------
    Series
        ``str``, ``datetime64[ns]``, ``boolean``, ``float64`` or ``Int64`` on the same index.

    Raises
    ------
    InputError
        If times cannot be read without a declared format.
    """
    if declared.kind in ("time", "date", "month"):
        folded = _fold(values, ledger, name) if is_text(values) else values
        times = to_times(folded, ledger, name, formats)
        if declared.kind == "date":
            days = times.dt.normalize()
            ledger.add(name, times.notna() & (days != times), times, days, "time_of_day")
            return days
        return to_months(times) if declared.kind == "month" else times
    readers: dict[str, Callable[[pd.Series, Column, Ledger, str], pd.Series]] = {
        "id": _read_id,
        "category": _read_category,
        "text": _read_text,
        "number": _read_number,
        "integer": _read_integer,
        "flag": _read_flag,
    }
    return readers[declared.kind](values, declared, ledger, name)


def is_text(values: pd.Series) -> bool:
    """Whether a column holds text (and not numbers, times or booleans)."""
    return pd.api.types.is_string_dtype(values.dtype) or values.dtype == object


def to_text(values: pd.Series) -> pd.Series:
    """Any column as text, the usual words for nothing as missing."""
    text = values.astype("str")
    return text.mask(text.isin(NOTHING))


def order_times(frame: pd.DataFrame, columns: Sequence[str], ledger: Ledger) -> pd.DataFrame:
    """Set missing each time that is earlier than a step that must come before it.

    Parameters
    ----------
    frame : DataFrame
        With the time columns, read already.
    columns : sequence of str
        In the order in which they must fall.
    """
    ordered = frame.copy()
    latest = ordered[columns[0]]
    for name in columns[1:]:
        times = ordered[name]
        wrong = times < latest
        ordered[name] = times.mask(wrong)
        ledger.add(name, wrong, times, ordered[name], "out_of_order")
        latest = latest.where(latest > ordered[name], ordered[name]).fillna(latest)
    return ordered


def _fold(values: pd.Series, ledger: Ledger, name: str) -> pd.Series:
    """Trim, and fold full-width letters and digits."""
    text = _without_words_for_nothing(values, ledger, name)
    wide = text.str.contains(r"[０-９Ａ-Ｚａ-ｚ．：／－]", na=False)
    if wide.any():
        folded = text.where(~wide, text.str.translate(_FULL_WIDTH))
        ledger.add(name, wide, text, folded, "full_width")
        text = folded
    return _trim(text, ledger, name)


def _without_words_for_nothing(values: pd.Series, ledger: Ledger, name: str) -> pd.Series:
    raw, text = values.astype("str"), to_text(values)
    if is_text(values):
        ledger.add(name, raw.notna() & (raw != "") & text.isna(), raw, text, "word_for_nothing")
    return text


def _trim(text: pd.Series, ledger: Ledger, name: str) -> pd.Series:
    untidy = text.str.contains(_UNTIDY, na=False)
    if not untidy.any():
        return text
    tidy = text[untidy].str.replace(f"[{_SPACE}]+", " ", regex=True).str.strip()
    trimmed = text.copy()
    trimmed.loc[untidy] = tidy.mask(tidy == "")
    ledger.add(
        name,
        untidy[untidy],
        text[untidy].str.slice(0, SHOWN_CHARACTERS),
        trimmed[untidy].str.slice(0, SHOWN_CHARACTERS),
        "whitespace",
    )
    return trimmed


def _read_id(values: pd.Series, declared: Column, ledger: Ledger, name: str) -> pd.Series:
    if pd.api.types.is_float_dtype(values.dtype):
        # A gap in a column of whole numbers turns 1925 into 1925.0.
        text = to_text(values)
        whole = text.str.replace(r"\.0$", "", regex=True)
        ledger.add(name, text.notna() & (text != whole), text, whole, "whole_number_key")
        return whole
    return _fold(values, ledger, name)


def _read_text(values: pd.Series, declared: Column, ledger: Ledger, name: str) -> pd.Series:
    return _trim(_without_words_for_nothing(values, ledger, name), ledger, name)


def _read_category(values: pd.Series, declared: Column, ledger: Ledger, name: str) -> pd.Series:
    text = _trim(_without_words_for_nothing(values, ledger, name), ledger, name)
    if not declared.allowed:
        return text
    known = text.isin(declared.allowed) | text.isna()
    if known.all():
        return text
    lowered = text.str.lower()
    spelled = ~known & lowered.isin(declared.allowed)
    unknown = ~known & ~spelled
    fallback = "other" if "other" in declared.allowed else None
    read = text.where(~spelled, lowered)
    read = read.where(~unknown, fallback).astype("str")
    ledger.add(name, spelled, text, read, "category_case")
    ledger.add(name, unknown, text, read, "unknown_code")
    return read


def _read_number(values: pd.Series, declared: Column, ledger: Ledger, name: str) -> pd.Series:
    if is_text(values):
        text = _fold(values, ledger, name)
        numbers = pd.to_numeric(text, errors="coerce")
        failed = numbers.isna() & text.notna()
        if failed.any():
            cleaned = text[failed].str.replace(r"[,，\s¥￥$€£]|元$", "", regex=True)
            numbers.loc[failed] = pd.to_numeric(cleaned, errors="coerce")
            ledger.add(name, failed & numbers.notna(), text, numbers, "number_format")
            ledger.add(name, failed & numbers.isna(), text, numbers, "unreadable_number")
    else:
        numbers = values
    numbers = numbers.astype("float64")
    endless = numbers.abs() == float("inf")
    if endless.any():
        ledger.add(name, endless, numbers, numbers.mask(endless), "unreadable_number")
        numbers = numbers.mask(endless)
    wrong = pd.Series(False, index=numbers.index)
    if declared.low is not None:
        wrong |= numbers < declared.low
    if declared.high is not None:
        wrong |= numbers > declared.high
    kept = numbers.mask(wrong)
    ledger.add(name, wrong, numbers, kept, "out_of_range")
    return kept


def _read_integer(values: pd.Series, declared: Column, ledger: Ledger, name: str) -> pd.Series:
    numbers = _read_number(values, declared, ledger, name)
    broken = numbers.notna() & (numbers % 1 != 0)
    kept = numbers.mask(broken)
    ledger.add(name, broken, numbers, kept, "not_whole")
    return kept.astype("Int64")


def _read_flag(values: pd.Series, declared: Column, ledger: Ledger, name: str) -> pd.Series:
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype("boolean")
    text = _fold(values, ledger, name)
    lowered = text.str.lower()
    read = pd.Series(pd.NA, index=values.index, dtype="boolean")
    read = read.mask(lowered.isin(YES), True).mask(lowered.isin(NO), False)
    ledger.add(name, text.notna() & read.isna(), text, read, "unknown_flag")
    return read
