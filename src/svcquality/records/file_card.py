"""The card of an export: what it looks like, for a terminal, a notebook and a draft."""

from __future__ import annotations

import html
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from svcquality.language import Language, Text
from svcquality.records.mapping import KeyRule
from svcquality.records.raw import Note

_HEAD = {
    "column": Text("列", "column"),
    "kind": Text("类型", "kind"),
    "missing": Text("缺失", "missing"),
    "distinct": Text("不同值", "distinct"),
    "unit": Text("单位", "unit"),
    "codes": Text("缺失代码", "missing codes"),
    "example": Text("示例", "example"),
    "meaning": Text("可能含义", "meaning"),
    "label": Text("标签", "label"),
    "personal": Text("个人信息", "personal"),
    "what": Text("值得留意", "worth a look"),
    "values": Text("数量", "values"),
    "where": Text("示例", "example"),
}
_KINDS = {
    "time": Text("时间", "time"),
    "number": Text("数值", "number"),
    "text": Text("文本", "text"),
    "category": Text("类别", "category"),
    "id": Text("编号", "id"),
    "empty": Text("空", "empty"),
}
_WIDEST = 36
_SHOWN = ("column", "kind", "missing", "distinct", "unit", "codes", "example", "meaning", "label", "personal")  # fmt: skip


@dataclass(frozen=True, eq=False)
class FileCard:
    """What an export looks like.

    Parameters
    ----------
    path : Path
    rows : int
    encoding, delimiter, sheet : str
        How it was read; empty where it does not apply.
    table : str
        The table it most looks like; empty if none.
    columns : DataFrame
        ``column, kind, missing`` (number of values)``, distinct, low, high`` (of numbers)``, unit,
        codes`` (that may mean missing)``, example, meaning, label, personal``; examples are masked,
        and left out where the column looks personal.
    odd : DataFrame
        ``column, code, what_zh, what_en, values, example``: values that deserve a look.
    formats : dict
        Column → the day-first or month-first formats that fit all of its values.
    notes : tuple of Note
        How the file was read, and what was set aside.
    labels : dict
        Column → label, in files that carry labels.
    keys : tuple of Text
        Columns whose values another of the inspected files holds too.
    key_rules : dict
        Column → how its spelling may be made even with that of the other files: a proposal.
    items : dict
        Column of a rated item → highest rating.
    scales : dict
        The same, columns with a meaning of their own included.
    clocks : tuple of str
        Columns that hold a clock time only.
    values : dict
        Column of a few codes → these.
    turned : dict
        Column of a scale that runs from best to worst → the codes that turn it round.
    """

    path: Path
    rows: int
    encoding: str
    delimiter: str
    sheet: str
    table: str
    columns: pd.DataFrame
    odd: pd.DataFrame
    formats: dict[str, list[str]]
    notes: tuple[Note, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    keys: tuple[Text, ...] = ()
    key_rules: Mapping[str, KeyRule] = field(default_factory=dict)
    items: Mapping[str, int] = field(default_factory=dict)
    scales: Mapping[str, int] = field(default_factory=dict)
    clocks: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    turned: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def text(self, language: Language = "en") -> str:
        """The card as lines for a terminal."""
        lines = [self._title(language)]
        lines += [f"  {note.text[language]}" for note in self.notes]
        lines += self._shortfall(language)
        lines.append(_aligned(self._shown(language)))
        if len(self.odd):
            lines.append(Text("值得留意：", "Worth a look:")[language])
        lines += [
            f"  {row.column!s}: {getattr(row, f'what_{language}')} ({row.number:,}"
            + (f"; {row.example!s})" if row.example else ")")
            for row in self.odd.rename(columns={"values": "number"}).itertuples()
        ]
        lines += [f"  {key[language]}" for key in self.keys]
        return "\n".join(lines) + "\n"

    def html(self, language: Language = "en") -> str:
        """The card as a block of HTML in one language."""
        title, *rest = self._title(language).split(": ", 1)
        notes = [n.text[language] for n in self.notes] + self._shortfall(language)
        listed = "".join(
            f"<li>{html.escape(note)}</li>" for note in [*notes, *(k[language] for k in self.keys)]
        )
        odd = self.odd[["column", f"what_{language}", "values", "example"]].set_axis(
            [_HEAD[n][language] for n in ("column", "what", "values", "example")], axis=1
        )
        with pd.option_context("display.max_colwidth", 80):
            tables = [
                f.to_html(index=False, border=0) for f in (self._shown(language), odd) if len(f)
            ]
        return (
            f'<div lang="{language}"><b>{html.escape(title)}</b>: {html.escape("".join(rest))}'
            f"<ul>{listed}</ul>{''.join(tables)}</div>"
        )

    def _repr_html_(self) -> str:
        return self.html("zh") + "<hr>" + self.html("en")

    def _title(self, language: Language) -> str:
        read = [self.encoding, json.dumps(self.delimiter) if self.delimiter else "", self.sheet]
        how = ", ".join(part for part in read if part)
        looks = Text("像是 {table} 表", "looks like {table}").format(table=self.table)
        none = Text("不像任何已定义的表", "looks like none of the tables")
        size = Text("{n} 行 × {k} 列", "{n} rows × {k} columns").format(
            n=f"{self.rows:,}", k=len(self.columns)
        )[language]
        head = f"{self.path.name}: {size}" + (f" ({how})" if how else "")
        return f"{head}, {(looks if self.table else none)[language]}"

    def _shortfall(self, language: Language) -> list[str]:
        """Missing values over all columns in one line."""
        missing = self.columns.loc[self.columns["kind"] != "empty", "missing"]
        missing = missing[missing > 0]
        if missing.empty:
            return []
        low, high = int(missing.min()), int(missing.max())
        span = f"{low:,}" if low == high else f"{low:,}–{high:,}"
        found = Text(f"有缺失值的列：{len(missing)} 个（每列 {span} 个）",
                     f"columns with missing values: {len(missing)} ({span} each)")  # fmt: skip
        return [f"  {found[language]}"]

    def _shown(self, language: Language) -> pd.DataFrame:
        """The columns in a reader's words; what says nothing about any column is left out."""
        shares = self.columns["missing"] / max(self.rows, 1)
        counts = self.columns["missing"]
        shown = self.columns.assign(
            kind=self.columns["kind"].map({k: t[language] for k, t in _KINDS.items()}),
            missing=[f"{n:,} ({s:.1%})" if n else "" for n, s in zip(counts, shares, strict=True)],
            distinct=self.columns["distinct"].map("{:,}".format),
            personal=self.columns["personal"].map({True: "!", False: ""}),
        )[list(_SHOWN)]
        told = [name for name in _SHOWN if name == "column" or shown[name].ne("").any()]
        return shown[told].rename(columns=lambda name: _HEAD[name][language])


def _aligned(frame: pd.DataFrame) -> str:
    """A table whose columns stand under each other, Chinese characters being two wide."""
    columns = []
    for name in frame.columns:
        cells = [_cut(str(cell)) for cell in [name, *frame[name]]]
        width = max(map(_width, cells))
        columns.append([cell + " " * (width - _width(cell)) for cell in cells])
    return "\n".join("  ".join(row).rstrip() for row in zip(*columns, strict=True))


def _cut(cell: str) -> str:
    line = " ".join(cell.split())
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"


def _width(cell: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in cell)
