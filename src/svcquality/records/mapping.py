"""Apply a mapping: the columns and codes of a real export become those of the declared tables."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from svcquality.errors import InputError
from svcquality.records.ledger import DECLARED_COLUMNS, Ledger
from svcquality.records.tables import Table
from svcquality.records.times import to_clock, to_times
from svcquality.records.zones import to_local

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
    """Where one declared column comes from: a column, a day and a clock time, or a constant.

    Parameters
    ----------
    source : str
    formats : tuple of str
    unit : str
        Of the export.
    value
        The same for every row.
    date, clock : str
        Columns of the day and of the time of day.
    zone : str
        Time zone of the export.
    parallel : tuple of str
        Columns side by side that mean the same, one for each record of a row.
    """

    source: str = ""
    formats: tuple[str, ...] = ()
    unit: str = ""
    value: Any = None
    date: str = ""
    clock: str = ""
    zone: str = ""
    parallel: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns of the export that it reads."""
        return tuple(name for name in (self.source, self.date, self.clock, *self.parallel) if name)


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
    parallel: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    time_zone: str = ""
    sha256: str = ""

    @property
    def records_a_row(self) -> int:
        """How many records stand side by side in a row of the export."""
        return max((len(rule.parallel) for rule in self.columns.values()), default=0) or 1

    def part(self, number: int) -> TableMapping:
        """The mapping of the records that stand at one place in each row."""
        columns = {
            name: replace(rule, source=rule.parallel[number], parallel=())
            if rule.parallel
            else rule
            for name, rule in self.columns.items()
        }
        return replace(self, columns=columns)


@dataclass(frozen=True)
class Mapped:
    """An export under declared names, values still raw.

    Parameters
    ----------
    frame : DataFrame
        The index counts the rows of the export from 1; where records stand side by side, on
        through those of each place.
    formats : mapping of str to tuple of str
    extras, ignored : tuple of str
    ledger : Ledger
        Repairs that mapping had to make.
    declared : DataFrame
        ``table, column, rule, before, after, values``: what was done as declared, counted.
    empty_places : int
        Places for a record in the rows of the export that held none.
    """

    frame: pd.DataFrame
    formats: Mapping[str, tuple[str, ...]]
    extras: tuple[str, ...]
    ignored: tuple[str, ...]
    ledger: Ledger
    declared: pd.DataFrame
    empty_places: int = 0


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
    work = _Applied(mapping)
    places = [_place(frame, mapping, number, work) for number in range(mapping.records_a_row)]
    filled = [place.dropna(how="all", subset=_told(mapping, place)) for place in places]
    whole = pd.concat(filled) if len(places) > 1 else places[0]
    return Mapped(
        whole,
        {n: r.formats for n, r in rules.items() if r.formats and not r.date and not r.zone},
        (*mapping.extras, *mapping.parallel),
        tuple(str(c) for c in frame.columns if c not in asked),
        work.ledger,
        work.declared(),
        sum(map(len, places)) - len(whole),
    )


def _told(mapping: TableMapping, place: pd.DataFrame) -> list[str]:
    """Columns that say whether a place in a row holds a record: those that stand side by side."""
    return [n for n, r in mapping.columns.items() if r.parallel] or list(place.columns)


def _place(frame: pd.DataFrame, mapping: TableMapping, number: int, work: _Applied) -> pd.DataFrame:
    """The records at one place of each row, numbered on from those before."""
    rows = frame.set_axis(frame.index + number * len(frame), axis=0) if number else frame
    part = mapping.part(number)
    columns = {name: work.derive(rows, rule, name) for name, rule in part.columns.items()}
    columns |= {name: work.clean(rows[source], name) for name, source in mapping.extras.items()}
    columns |= {
        name: pd.Series(w[number], index=rows.index) for name, w in mapping.parallel.items()
    }
    return pd.DataFrame(columns, index=rows.index)


class _Applied:
    """One mapping at work: what it changes is counted, what it must repair goes to the ledger."""

    def __init__(self, mapping: TableMapping) -> None:
        self.mapping = mapping
        self.ledger = Ledger(mapping.table.name)
        self._counts: list[pd.DataFrame] = []

    def declared(self) -> pd.DataFrame:
        """What was done as declared, summed over places."""
        if not self._counts:
            return pd.DataFrame(columns=list(DECLARED_COLUMNS))
        by = list(DECLARED_COLUMNS[:-1])
        counted = pd.concat(self._counts, ignore_index=True).assign(table=self.mapping.table.name)
        return counted.groupby(by, sort=False)["values"].sum().reset_index()

    def derive(self, frame: pd.DataFrame, rule: ColumnRule, name: str) -> pd.Series:
        """One declared column, its values still raw."""
        if rule.value is not None:
            return pd.Series(rule.value, index=frame.index)
        if rule.date:
            day = to_times(frame[rule.date], self.ledger, name, rule.formats)
            clock = to_clock(frame[rule.clock])
            given = frame[rule.clock].notna()
            self.ledger.add(
                name, given & clock.isna(), frame[rule.clock], clock, "unreadable_clock"
            )
            return day.dt.normalize() + clock
        values = self.clean(frame[rule.source], name)
        if rule.zone:
            times = to_local(
                values, self.ledger, name, rule.formats, rule.zone, self.mapping.time_zone
            )
            self._count(
                name, "time_zone", int(times.notna().sum()), rule.zone, self.mapping.time_zone
            )
            return times
        return self._convert(values, rule, name) if rule.unit else values

    def clean(self, values: pd.Series, name: str) -> pd.Series:
        """Declared missing codes, codes and spellings of keys."""
        mapping = self.mapping
        missing = _for_column(mapping.missing, name)
        if missing is not None:
            code = _as_code(values)
            gone = code.isin(missing)
            self._count_each(name, "missing", code[gone], pd.Series("", index=code.index)[gone])
            values = values.mask(gone)
        if name in mapping.codes:
            code = _as_code(values)
            replaced = code.map(mapping.codes[name]).astype("str")
            values = replaced.where(replaced.notna(), code)
            changed = replaced.notna() & (replaced != code)
            self._count_each(name, "code", code[changed], replaced[changed])
        if name in mapping.keys:
            spelled = values.astype("str").str.strip()
            values = _normalise_key(spelled, mapping.keys[name])
            self._count(name, "key", int((spelled.notna() & (values != spelled)).sum()))
        return values

    def _convert(self, values: pd.Series, rule: ColumnRule, name: str) -> pd.Series:
        declared = self.mapping.table.columns[name].unit
        numbers = pd.to_numeric(values, errors="coerce")
        scaled = numbers * UNITS[declared][rule.unit]
        self._count(name, "unit", int(numbers.notna().sum()), rule.unit, declared)
        if numbers.notna().sum() == values.notna().sum():
            return scaled
        return scaled.astype("str").where(numbers.notna(), values.astype("str"))

    def _count(self, name: str, rule: str, number: int, before: str = "", after: str = "") -> None:
        row = pd.DataFrame(
            {"column": [name], "rule": rule, "before": before, "after": after, "values": number}
        )
        if number:
            self._counts.append(row)

    def _count_each(self, name: str, rule: str, before: pd.Series, after: pd.Series) -> None:
        pairs = pd.DataFrame({"before": before, "after": after})
        counted = pairs.value_counts(sort=True).reset_index(name="values")
        if len(counted):
            self._counts.append(counted.assign(column=name, rule=rule))


def _as_code(values: pd.Series) -> pd.Series:
    """Text as a mapping file writes it."""
    return values.astype("str").str.strip().str.replace(*WHOLE, regex=True)


def _normalise_key(key: pd.Series, rule: KeyRule) -> pd.Series:
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
