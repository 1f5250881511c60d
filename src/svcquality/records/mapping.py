"""Apply a mapping: the columns and codes of a real export become those of the declared tables."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from svcquality.errors import InputError
from svcquality.records.ledger import Ledger
from svcquality.records.tables import Table
from svcquality.records.times import to_clock, to_times

UNITS: dict[str, dict[str, float]] = {
    "minutes": {"seconds": 1 / 60, "minutes": 1.0, "hours": 60.0, "days": 1440.0},
    "hours": {"minutes": 1 / 60, "hours": 1.0, "days": 24.0},
    "yuan": {"fen": 0.01, "yuan": 1.0, "thousand_yuan": 1e3, "ten_thousand_yuan": 1e4},
}
"""Declared unit → unit of an export → factor."""


WHOLE = (r"^(-?\d+)\.0+$", r"\1")
"""Pattern and replacement: 0 and 0.0 are the same code."""


@dataclass(frozen=True)
class ColumnRule:
    """Where one declared column comes from: a column, a day and a clock time, or a constant."""

    source: str = ""
    formats: tuple[str, ...] = ()
    unit: str = ""
    value: Any = None
    date: str = ""
    clock: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns of the export that it reads."""
        return tuple(name for name in (self.source, self.date, self.clock) if name)


@dataclass(frozen=True)
class KeyRule:
    """How an export writes a key: ``C00000001`` and ``1.0`` may both be customer 1."""

    strip_prefix: str = ""
    zeros: bool = False
    integer: bool = False


@dataclass(frozen=True)
class TableMapping:
    """One section of a mapping file."""

    table: Table
    columns: Mapping[str, ColumnRule]
    source: str = ""
    row_key: bool = False
    reading: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    keys: Mapping[str, KeyRule] = field(default_factory=dict)
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extras: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""


@dataclass(frozen=True)
class Mapped:
    """An export under declared names, values still raw."""

    frame: pd.DataFrame
    formats: Mapping[str, tuple[str, ...]]
    extras: tuple[str, ...]
    ignored: tuple[str, ...]


def refuse_unknown(what: str, given: Iterable[str], allowed: Collection[str], where: str) -> None:
    """Refuse a word that is not allowed, proposing the nearest one.

    Raises
    ------
    InputError
        For the first unknown word.
    """
    for word in given:
        if word in allowed:
            continue
        near = difflib.get_close_matches(str(word), [str(a) for a in allowed], n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(map(str, allowed))}."
        hint_zh = f"是否想写 {near[0]!r}？" if near else f"可用：{'、'.join(map(str, allowed))}。"
        raise InputError(
            f"{where}: unknown {what} {word!r}; {hint}",
            f"{where}：未知的 {what} {word!r}；{hint_zh}",
        )


def apply_mapping(frame: pd.DataFrame, mapping: TableMapping, label: str) -> Mapped:
    """Rename, combine and recode the columns of an export.

    Parameters
    ----------
    frame : DataFrame
        The export as read.
    mapping : TableMapping
        How its columns map.
    label : str
        Name of the export, for messages.

    Raises
    ------
    InputError
        If the mapping names a column that the export does not have.
    """
    rules = mapping.columns
    asked = [name for rule in rules.values() for name in rule.sources]
    asked += list(mapping.extras.values())
    refuse_unknown("column", asked, list(frame.columns), label)
    columns: dict[str, pd.Series] = {}
    for name, rule in rules.items():
        columns[name] = _derive(frame, rule, mapping, name)
    for name, source in mapping.extras.items():
        columns[name] = _clean(frame[source], mapping, name)
    ignored = tuple(str(c) for c in frame.columns if c not in asked)
    return Mapped(
        pd.DataFrame(columns, index=frame.index),
        {name: rule.formats for name, rule in rules.items() if rule.formats and not rule.date},
        tuple(mapping.extras),
        ignored,
    )


def _derive(frame: pd.DataFrame, rule: ColumnRule, mapping: TableMapping, name: str) -> pd.Series:
    if rule.value is not None:
        return pd.Series(rule.value, index=frame.index)
    if rule.date:
        day = to_times(frame[rule.date], Ledger(mapping.table.name), name, rule.formats)
        return day.dt.normalize() + to_clock(frame[rule.clock])
    values = _clean(frame[rule.source], mapping, name)
    if not rule.unit:
        return values
    factor = UNITS[mapping.table.columns[name].unit][rule.unit]
    numbers = pd.to_numeric(values, errors="coerce")
    scaled = numbers * factor
    return (
        scaled
        if numbers.notna().sum() == values.notna().sum()
        else scaled.astype("str").where(numbers.notna(), values.astype("str"))
    )


def _clean(values: pd.Series, mapping: TableMapping, name: str) -> pd.Series:
    """Declared missing codes, codes and spellings of keys."""
    missing = _for_column(mapping.missing, name)
    if missing is not None:
        values = values.mask(_as_code(values).isin(missing))
    if name in mapping.codes:
        code = _as_code(values)
        replaced = code.map(mapping.codes[name])
        values = replaced.astype("str").where(replaced.notna(), code)
    if name in mapping.keys:
        values = _normalise_key(values, mapping.keys[name])
    return values


def _as_code(values: pd.Series) -> pd.Series:
    """Text as a mapping file writes it."""
    return values.astype("str").str.strip().str.replace(*WHOLE, regex=True)


def _normalise_key(values: pd.Series, rule: KeyRule) -> pd.Series:
    key = values.astype("str").str.strip()
    if rule.strip_prefix:
        key = key.str.removeprefix(rule.strip_prefix)
    if rule.integer:
        key = key.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    if rule.zeros:
        key = key.str.replace(r"^0+(?=.)", "", regex=True)
    return key


def _for_column(missing: Mapping[str, tuple[str, ...]], name: str) -> tuple[str, ...] | None:
    if name in missing:
        return missing[name]
    return next((codes for p, codes in missing.items() if fnmatch.fnmatchcase(name, p)), None)
