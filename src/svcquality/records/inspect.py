"""Look at an export before it is mapped: how it reads, what its columns may mean, what is odd."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from svcquality.errors import InputError
from svcquality.language import Language, Text
from svcquality.records.draft import draft_mapping
from svcquality.records.files import SUFFIXES, RawFile, read_file
from svcquality.records.join_keys import sentence, shared_keys
from svcquality.records.masking import mask
from svcquality.records.raw import Note
from svcquality.records.suspicious import suspicious
from svcquality.records.synonyms import PERSONAL, meanings, normalise
from svcquality.records.tables import ITEM_PREFIX, TABLES
from svcquality.records.times import DAY_OR_MONTH_FIRST

__all__ = ["FileCard", "draft_mapping", "inspect_file", "inspect_paths"]

EXAMPLE_CHARACTERS = 24

_ODD: dict[str, tuple[str, Text]] = {
    "placeholder": (r"^1900-01-0[01]", Text("1900-01-01 占位日期", "placeholder date 1900-01-01")),
    "code": (
        r"^(?:N/A|n/a|None|none|Unknown|unknown|NULL|-|--|无|未知|NO_\w+|-1(?:\.0)?)$",
        Text("疑似表示缺失的代码", "codes that may mean missing"),
    ),
    "decimal": (r"^\d+\.0$", Text("整数写成小数", "whole numbers written as decimals")),
    "scientific": (r"^\d(?:\.\d+)?[Ee]\+\d+$", Text("科学计数法，可能丢失位数", "scientific notation: digits may be lost")),
    "day_first": (
        r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?:\s|$)",
        Text("日期以日或月开头，须声明格式", "dates begin with a day or month: declare the format"),
    ),
    "broken": ("锟斤拷|\ufffd|烫烫|Ã.", Text("疑似乱码", "damaged characters")),
    "masked": ("XXXX|[*＊]{2,}", Text("已有的遮盖（XXXX、**）", "masks that are there already (XXXX, **)")),
    "money": (r"\{\$[\d.,]+\}", Text("花括号中的金额", "amounts in braces")),
    "emoji": ("[\U0001f300-\U0001faff\u2600-\u27bf]", Text("表情符号", "emoji")),
    "full_width": ("[０-９Ａ-Ｚａ-ｚ]", Text("全角字母或数字", "full-width letters or digits")),
    "line_breaks": (r"[\n\r\t]", Text("含换行或制表符", "line breaks or tabs inside")),
}  # fmt: skip


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
        ``column, kind, missing`` (share)``, distinct, example, meaning, personal``; examples are
        masked, and left out where the name of the column is that of personal data.
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

    def text(self, language: Language = "en") -> str:
        """The card as lines for a terminal."""
        read = [self.encoding, json.dumps(self.delimiter) if self.delimiter else "", self.sheet]
        how = ", ".join(part for part in read if part)
        looks = Text("像是 {table} 表", "looks like {table}").format(table=self.table)
        none = Text("不像任何已定义的表", "looks like none of the tables")
        rows = Text("{n} 行", "{n} rows").format(n=f"{self.rows:,}")
        head = f"{self.path.name}: {rows[language]}" + (f" ({how})" if how else "")
        lines = [f"{head}, {(looks if self.table else none)[language]}"]
        shown = self.columns.assign(
            missing=self.columns["missing"].map("{:.1%}".format),
            personal=self.columns["personal"].map({True: "!", False: ""}),
        )
        lines += [f"  {note.text[language]}" for note in self.notes]
        lines.append(shown.to_string(index=False, justify="left", max_colwidth=40))
        if len(self.odd):
            lines.append(Text("值得留意：", "Worth a look:")[language])
        lines += [
            f"  {row.column!s}: {getattr(row, f'what_{language}')} ({row.values_:,}"
            + (f"; {row.example!s})" if row.example else ")")
            for row in self.odd.rename(columns={"values": "values_"}).itertuples()
        ]
        lines += [f"  {key[language]}" for key in self.keys]
        return "\n".join(lines) + "\n"

    def html(self, language: Language = "en") -> str:
        """The card as a block of HTML in one language."""
        rows = Text("{n} 行", "{n} rows").format(n=f"{self.rows:,}")[language]
        notes = "".join(
            f"<li>{html.escape(note[language])}</li>"
            for note in (*(n.text for n in self.notes), *self.keys)
        )
        odd = self.odd[["column", f"what_{language}", "values", "example"]]
        tables = [
            frame.rename(columns={f"what_{language}": "what"}).to_html(index=False, border=0)
            for frame in (self.columns, odd)
            if len(frame)
        ]
        return (
            f'<div lang="{language}"><b>{html.escape(self.path.name)}</b>: {rows}'
            f"<ul>{notes}</ul>{''.join(tables)}</div>"
        )

    def _repr_html_(self) -> str:
        return self.html("zh") + "<hr>" + self.html("en")


def inspect_paths(paths: Iterable[str | Path]) -> list[FileCard]:
    """Inspect files, and all tables in directories.

    Parameters
    ----------
    paths : iterable of str or Path

    Raises
    ------
    InputError
        If a path is missing, or a directory holds no CSV, Excel or Parquet file.
    """
    files: list[Path] = []
    for path in map(Path, paths):
        if not path.is_dir():
            files.append(path)
            continue
        found = sorted(f for f in path.iterdir() if f.name.lower().endswith(SUFFIXES))
        if not found:
            raise InputError(
                f"{path} holds no CSV, Excel, Parquet, SPSS or Stata file; give another directory.",
                f"{path} 中没有 CSV、Excel、Parquet、SPSS 或 Stata 文件；请换一个目录。",
            )
        files += found
    raws = [read_file(file) for file in files]
    keys = shared_keys([(raw.path.name, raw.frame) for raw in raws])
    return [
        replace(
            _card(raw),
            keys=tuple(sentence(row) for _, row in keys[keys["file"] == raw.path.name].iterrows()),
        )
        for raw in raws
    ]


def inspect_file(path: str | Path) -> FileCard:
    """Inspect one file.

    Parameters
    ----------
    path : str or Path
        Any kind that `read_file` reads.

    Returns
    -------
    FileCard

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    return _card(read_file(Path(path)))


def _card(raw: RawFile) -> FileCard:
    frame = raw.frame
    names = [str(name) for name in frame.columns]
    table, found = _guess_table(raw, names)
    meaning = {exported: declared for declared, exported in found.items()}
    rows = []
    for name in names:
        text = frame[name].astype("str").str.strip()
        personal = bool(PERSONAL.search(normalise(name)))
        seen = text.dropna()
        example = "" if personal or seen.empty else _shown(seen.iloc[[0]])
        rows.append(
            (name, _kind(seen), float(text.isna().mean()), int(text.nunique()), example,
             meaning.get(name, ""), personal)
        )  # fmt: skip
    columns = pd.DataFrame(
        rows, columns=["column", "kind", "missing", "distinct", "example", "meaning", "personal"]
    )
    kinds = dict(zip(columns["column"], columns["kind"], strict=True))
    odd = pd.concat([_odd_values(frame, kinds), _odd_rows(frame, kinds)], ignore_index=True)
    return FileCard(
        path=raw.path, rows=len(frame), encoding=raw.encoding, delimiter=raw.delimiter,
        sheet=raw.sheet, table=table, columns=columns, odd=odd,
        formats={
            name: _fitting_formats(frame[name].dropna().astype("str"))
            for name in odd.loc[odd["code"] == "day_first", "column"]
        },
        notes=raw.notes, labels=raw.labels,
    )  # fmt: skip


def _guess_table(raw: RawFile, names: list[str]) -> tuple[str, dict[str, str]]:
    """The table of which most columns are recognised; a missing required one counts against it."""
    stem = normalise(raw.path.stem)
    best: tuple[int, str, dict[str, str]] = (1, "", {})
    for name, table in TABLES.items():
        found = meanings(name, names)
        lacking = [c for c in table.required if c not in found and (c,) != table.key]
        rated = name == "surveys" and any(column.startswith(ITEM_PREFIX) for column in names)
        score = len(found) - 2 * len(lacking) + 3 * (name in stem) + 3 * rated
        says_something = set(found) - {"branch_id", "customer_id"}
        if says_something and score > best[0]:
            best = (score, name, found)
    return best[1], best[2]


def _kind(seen: pd.Series) -> str:
    """Time, number, category, text or identifier, by content."""
    if seen.empty:
        return "empty"
    sample = seen.iloc[:2000]
    if sample.str.match(r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}").mean() > 0.9:
        return "time"
    if pd.to_numeric(sample, errors="coerce").notna().mean() > 0.9:
        return "number"
    if sample.str.len().mean() > 40:
        return "text"
    return "category" if seen.nunique() <= max(20, len(seen) // 50) else "id"


def _shown(values: pd.Series) -> str:
    """An example fit to be shown: masked first, cut after."""
    text = mask(values)[0].str.replace(r"\s+", " ", regex=True).str.strip()
    return str(text.str.slice(0, EXAMPLE_CHARACTERS).iloc[0])


def _odd_values(frame: pd.DataFrame, kinds: dict[str, str]) -> pd.DataFrame:
    rows = []
    for name in frame.columns:
        text = frame[name].astype("str").str.strip().dropna()
        for code, (pattern, what) in _ODD.items():
            hit = text[text.str.contains(pattern)]
            if hit.empty or (code == "decimal" and kinds[str(name)] != "number"):
                continue
            example = "" if PERSONAL.search(normalise(name)) else _shown(hit.iloc[[0]])
            rows.append((str(name), code, what.zh, what.en, len(hit), example))
    return pd.DataFrame(rows, columns=["column", "code", "what_zh", "what_en", "values", "example"])


def _odd_rows(frame: pd.DataFrame, kinds: dict[str, str]) -> pd.DataFrame:
    """Columns and rows that mislead; the first rows stand for an example."""
    rows = [
        (found.column, found.code, found.what.zh, found.what.en, found.values,
         ", ".join(f"#{row}" for row in found.rows))
        for found in suspicious(frame, kinds)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["column", "code", "what_zh", "what_en", "values", "example"])


def _fitting_formats(values: pd.Series) -> list[str]:
    day = values.str.strip().str.split(" ").str[0]
    return [
        form
        for form in DAY_OR_MONTH_FIRST
        if pd.to_datetime(day, format=form, errors="coerce").notna().all()
    ]
