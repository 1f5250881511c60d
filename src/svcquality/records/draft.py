"""A draft of the mapping file, from what inspection recognised; every open question a comment."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from svcquality.records.file_card import FileCard
from svcquality.records.label_choice import HIGHER_IS_BETTER
from svcquality.records.mapping import UNITS, KeyRule
from svcquality.records.repair import NO, YES
from svcquality.records.synonyms import normalise
from svcquality.records.tables import ITEM_PREFIX, TABLES, Column

_HEAD = """# A draft: check every line. Columns that are not listed are not read.
# 草稿：请逐行核对。未列出的列不会读取。"""
_SAYING = 24
"""Longest label, in characters, that names an item."""
_POINTS = re.compile(r"[（(\[【]\s*\d+\s*[-–—~～至到]\s*\d+\s*分?\s*[）)\]】]")
"""The points of a scale, in brackets behind a name."""
_BESIDE = ("zero", "out_of_scale")
_NUMBERS = ("number", "integer")


def draft_mapping(cards: FileCard | Sequence[FileCard], folder: Path | None = None) -> str:
    """A mapping file to correct by hand: what was recognised, and what still needs a decision.

    Parameters
    ----------
    cards : FileCard or sequence of FileCard
        Files of the same columns whose names differ in one part (a file a month) become one source;
        of two others that look like the same table, the first is drafted and the second named.
    folder : Path, optional
        Where the mapping file will stand; sources are given from there. By default beside the
        files.

    Returns
    -------
    str
        Valid TOML; open questions stand as comments.
    """
    given = list(cards) if isinstance(cards, Sequence) else [cards]
    drafted: set[str] = set()
    parts = [_HEAD]
    for group in _same_columns(given):
        card = group[0]
        source = _source(group, folder)
        if not card.table or card.table in drafted:
            why = f"also looks like {card.table}" if card.table else "looks like none of the tables"
            parts.append(f"# {quoted(source)} {why}: not drafted.")
            continue
        drafted.add(card.table)
        parts.append("\n".join(_Draft(card, source).lines()))
    return "\n\n\n".join(parts) + "\n"


def quoted(word: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(word, ensure_ascii=False)


def _same_columns(cards: Sequence[FileCard]) -> list[list[FileCard]]:
    groups: dict[tuple[object, ...], list[FileCard]] = {}
    for card in cards:
        shape = re.sub(r"\d+", "*", card.path.name)
        groups.setdefault((card.path.parent, shape, *card.columns["column"]), []).append(card)
    return list(groups.values())


def _source(group: Sequence[FileCard], folder: Path | None) -> str:
    names = [card.path.name for card in group]
    name = names[0] if len(names) == 1 else re.sub(r"(?:\d+[-_.]?)*\d+", "*", names[0])
    if folder is None:
        return name
    path = os.path.relpath(group[0].path.parent.resolve() / name, folder.resolve())
    return Path(path).as_posix()


class _Draft:
    """The section of one table."""

    def __init__(self, card: FileCard, source: str) -> None:
        self.card, self.table, self.source = card, TABLES[card.table], source
        self.about = card.columns.set_index("column")
        self.places = {str(name): i for i, name in enumerate(card.columns["column"])}
        known = card.columns[card.columns["meaning"] != ""]
        self.of = {str(row.meaning): str(row.column) for row in known.itertuples()}
        self.key = self.table.key[0]
        self.no_arrival = self.table.name == "visits" and "arrived" not in self.of
        if self.no_arrival and "started" in self.of:
            self.of["arrived"] = self.of.pop("started")
        self.by_row = len(self.table.key) == 1 and not self._is_key(self.of.get(self.key))

    def lines(self) -> list[str]:
        """The section, line by line."""
        head = [f"[{self.table.name}]", f"source = {quoted(self.source)}"]
        if self.by_row:
            named = self.of.get(self.key)
            why = f"{named} repeats or has gaps" if named else "no key was recognised"
            head.append(f'key = "row"  # {why}: each row is a record')
        columns = list(self._columns())
        return [*head, "", f"[{self.table.name}.columns]", *columns, *self._turned(), *self._codes(),
                *self._keys(), *self._missing(), *self._extra()]  # fmt: skip

    def _is_key(self, column: str | None) -> bool:
        """Whether a column has one value of its own for every row."""
        if column is None:
            return False
        row = self.about.loc[column]
        return bool(row["distinct"] == self.card.rows and not row["missing"] and not row["codes"])

    def _row(self, column: str) -> pd.Series:
        return self.card.columns.iloc[self.places[column]]

    def _columns(self) -> Iterator[str]:
        for name, declared in self.table.columns.items():
            if name == self.key and self.by_row:
                continue
            if name in self.of:
                yield self._column(name, declared, self.of[name])
            elif declared.required:
                yield f'# {name} = "…"  # required: {_words(declared)}'
                if declared.kind in ("time", "date"):
                    yield f'# {name} = {{ value = "2024-12-31" }}  # where the export has no time: the same for every row'  # fmt: skip
        if self.table.name == "surveys":
            for column, name in self._items().items():
                top = self.card.items[column]
                mark = "" if top <= 5 else "# "
                note = "" if top <= 5 else f"  # rated up to {top}: items are rated 1 to 5"
                yield f"{mark}{name} = {quoted(column)}{note}"

    def _items(self) -> dict[str, str]:
        """Rated column → what the report calls it: its label where it has a short one, else its name."""
        names: dict[str, str] = {}
        for column in self.card.items:
            label, place = self.card.labels.get(column, ""), self.places[column]
            said = [label, column] if label and len(label) <= _SAYING else [column]
            ways = [*(_slug(_POINTS.sub("", words), place) for words in said), f"q{place + 1}"]
            name = next((w for w in ways if ITEM_PREFIX + w not in names.values()), column)
            names[column] = ITEM_PREFIX + name
        return {c: name if name.isascii() else quoted(name) for c, name in names.items()}

    def _turned(self) -> Iterator[str]:
        """Codes that turn scales round of which 1 is the best: higher must be better."""
        if self.table.name != "surveys":
            return
        rated = {n: c for n, c in self.of.items() if n in HIGHER_IS_BETTER}
        rated |= {name: c for c, name in self._items().items() if self.card.items[c] <= 5}
        turned = {n: self.card.turned[c] for n, c in rated.items() if c in self.card.turned}
        if turned:
            yield from ("", "[surveys.codes]  # these scales run from best to worst: turned round")
        for name, codes in turned.items():
            pairs = ", ".join(f"{quoted(a)} = {b}" for a, b in codes.items())
            yield f"{name} = {{ {pairs} }}"

    def _column(self, name: str, declared: Column, column: str) -> str:
        row = self._row(column)
        value, note = quoted(column), ""
        if declared.kind in ("time", "date"):
            forms = self.card.formats.get(column, [])
            day = self._day_column()
            if column in self.card.clocks and day:
                value = f"{{ date = {quoted(day)}, clock = {value} }}"
            elif forms:
                value = f"{{ from = {value}, format = {quoted(forms[0])} }}"
                note = f" (or {', '.join(forms[1:])})" if len(forms) > 1 else ""
        elif declared.kind in _NUMBERS:
            unit = str(row["unit"])
            if unit != declared.unit and unit in UNITS.get(declared.unit, {}):
                value = f"{{ from = {value}, unit = {quoted(unit)} }}"
            problem = _unfit(row, declared)
            if problem and self._is_scale_with_codes(column, declared):
                note, problem = "; values outside the scale are set missing, and counted", ""
            if problem:
                return f"# {name} = {value}  # {_words(declared)}; {problem}"
        if row["personal"]:
            return f"# {name} = {value}  # {_words(declared)}; may be personal data"
        if name == "arrived" and self.no_arrival:
            note = "; no time of arrival was found: with the start of service waits are not known"
        return f"{name} = {value}  # {_words(declared)}{note}"

    def _is_scale_with_codes(self, column: str, declared: Column) -> bool:
        """Whether the values out of bounds are codes beside a scale that fits them."""
        codes = self.card.odd.loc[self.card.odd["column"] == column, "code"]
        top = self.card.scales.get(column)
        return top is not None and top == declared.high and bool(codes.isin(_BESIDE).any())

    def _day_column(self) -> str:
        """A column of days to which clock times may belong."""
        times = self.card.columns[self.card.columns["kind"] == "time"]["column"]
        return next((str(c) for c in times if c not in self.card.clocks), "")

    def _codes(self) -> Iterator[str]:
        for name, column in self.of.items():
            declared = self.table.columns[name]
            words = self.card.values.get(column, ())
            flag = declared.kind == "flag" and not _are_flags(words)
            if not words or not (
                flag or (declared.allowed and not set(words) <= set(declared.allowed))
            ):
                continue
            allowed = "true, false" if flag else ", ".join(declared.allowed)
            yield from ("", f"# [{self.table.name}.codes.{name}]  # exported = one of: {allowed}")
            yield from (
                f"# {quoted(word)} = {'true' if flag else quoted('other')}" for word in words
            )

    def _keys(self) -> Iterator[str]:
        rules = {n: self.card.key_rules[c] for n, c in self.of.items() if c in self.card.key_rules}
        if rules and not (set(rules) == {self.key} and self.by_row):
            yield from ("", f"[{self.table.name}.keys]  # so that the files join: see the card")
            yield from (f"{name} = {_rule(rule)}" for name, rule in rules.items())

    def _missing(self) -> Iterator[str]:
        codes = {n: str(self.about.at[c, "codes"]).split(", ") for n, c in self.of.items() if self.about.at[c, "codes"]}  # fmt: skip
        if self.by_row:
            codes.pop(self.key, None)
        zero = set(self.card.odd.loc[self.card.odd["code"] == "zero", "column"]) & set(
            self.card.items
        )
        if not codes and not zero:
            return
        yield from ("", f'[{self.table.name}.missing]  # values that mean "nothing"')
        yield from (f"{name} = [{', '.join(map(quoted, given))}]" for name, given in codes.items())
        if zero and self.table.name == "surveys":
            yield f'"{ITEM_PREFIX}*" = [0]'

    def _extra(self) -> Iterator[str]:
        used = set(self.of.values()) | (
            set(self.card.items) if self.table.name == "surveys" else set()
        )
        rest = self.card.columns[
            ~self.card.columns["column"].isin(used) & ~self.card.columns["personal"]
        ]
        keep = [str(name) for name in rest["column"] if str(name) not in self.table.columns]
        if keep:
            yield from ("", f"# [{self.table.name}.extra]")
            yield f"# keep = [{', '.join(map(quoted, keep))}]"


def _words(declared: Column) -> str:
    return f"{declared.meaning.zh} {declared.meaning.en}"


def _unfit(row: pd.Series, declared: Column) -> str:
    """Why the values of a column cannot be those of a declared number; empty if they can."""
    if row["kind"] != "number":
        return "its values are no numbers"
    low, high = declared.low, declared.high
    above = high is not None and row["high"] > high
    below = low is not None and low > 0 and row["low"] < low and not row["codes"]
    if above or below:
        return f"its values go from {row['low']:g} to {row['high']:g}, not from {low:g} to {high:g}"
    return ""


def _are_flags(words: Sequence[str]) -> bool:
    return {word.lower() for word in words} <= {*YES, *NO}


def _rule(rule: KeyRule) -> str:
    parts = [f"strip_prefix = {quoted(rule.strip_prefix)}"] if rule.strip_prefix else []
    parts += [f"{name} = true" for name in ("zeros", "integer") if getattr(rule, name)]
    return f"{{ {', '.join(parts)} }}"


def _slug(column: str, place: int) -> str:
    """A column's name as an identifier of letters and digits; its place where it has none."""
    slug = re.sub(r"[\W_]+", "_", normalise(column)).strip("_")
    return slug or f"q{place + 1}"
