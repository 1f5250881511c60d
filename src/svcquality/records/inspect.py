"""Look at an export before it is mapped: how it reads, what its columns may mean, what is odd."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.records.draft import draft_mapping
from svcquality.records.file_card import FileCard
from svcquality.records.files import SUFFIXES, RawFile, read_file
from svcquality.records.join_keys import key_rules, sentence, shared_keys
from svcquality.records.label_choice import turned_round
from svcquality.records.odd_values import missing_codes, shown
from svcquality.records.oddity import Oddity
from svcquality.records.rated_items import Battery
from svcquality.records.suspicious import clock_only, suspicious
from svcquality.records.synonyms import meanings, normalise
from svcquality.records.tables import ITEM_PREFIX, TABLES
from svcquality.records.time_checks import fitting_formats

__all__ = ["FileCard", "draft_mapping", "inspect_file", "inspect_paths"]

_TIME = (
    r"(?:(?:19|20|99|00)\d\d\s?[-/.年년]\s?\d{1,2}(?:\s?[-/.月월]|\b)|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?!\d)"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{6})?$)"
)
_UNITS = {
    "seconds": r"\b(?:seconds?|secs?)\b|秒|초",
    "minutes": r"\b(?:minutes?|mins?)\b|分钟|时长(?:\(分\)|（分）)|분",
    "hours": r"\b(?:hours|hrs)\b|小时|学时|시간",
    "days": r"\bdays\b|天数|（天）|일수",
    "years": r"\bage\b|年龄|나이|연령",
    "yuan": r"\b(?:yuan|rmb|cny)\b|（元）|\(元\)|金额|余额|赔付",
    "percent": r"\b(?:percent|pct)\b|%|百分比",
}
"""Unit → names of columns that are measured in it."""
_OPINION = r"满意|评分|评价|打分|satisf|rating|score|만족"
FEW_CODES = 30
_RATED = 3
_NAMED = 3


def inspect_paths(paths: Iterable[str | Path]) -> list[FileCard]:
    """Inspect files, and all tables in directories.

    Parameters
    ----------
    paths : iterable of str or Path

    Returns
    -------
    list of FileCard
        With the keys that the files share.

    Raises
    ------
    InputError
        If a path is missing, or a directory holds no file that can be read.
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
    rules = key_rules(keys)
    return [
        replace(
            _card(raw),
            keys=tuple(sentence(row) for _, row in keys[keys["file"] == raw.path.name].iterrows()),
            key_rules={
                column: rule for (file, column), rule in rules.items() if file == raw.path.name
            },
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
    frame = raw.frame.set_axis([str(name) for name in raw.frame.columns], axis=1)
    kinds = {
        name: _kind(frame[name].astype("str").str.strip().dropna())
        for name in map(str, frame.columns)
    }
    odd, batteries = suspicious(frame, kinds)
    personal = {found.column for found in odd if found.code == "personal"}
    table, found = _guess_table(raw, frame, kinds, batteries)
    meaning = {exported: declared for declared, exported in found.items()}
    odd += _staff_names(frame, meaning)
    personal |= {o.column for o in odd if o.code == "personal"}
    scales = {name: b.top for b in batteries if b.top for name in b.columns}
    return FileCard(
        path=raw.path, rows=len(frame), encoding=raw.encoding, delimiter=raw.delimiter,
        sheet=raw.sheet, table=table, columns=_columns(raw, frame, kinds, meaning, personal),
        odd=_odd_frame(odd),
        formats={
            o.column: fitting_formats(frame[o.column].dropna().astype("str"))
            for o in odd if o.code == "day_first"
        },
        notes=raw.notes, labels=raw.labels,
        items={name: top for name, top in scales.items() if name not in meaning}, scales=scales,
        clocks=tuple(name for name, kind in kinds.items() if kind == "time" and clock_only(frame[name])),
        turned={name: turned_round(column) for name, column in raw.coded.items() if column.falling},
        values={
            name: tuple(sorted(frame[name].dropna().astype("str").str.strip().unique()))
            for name, kind in kinds.items()
            if kind in ("category", "number") and name not in personal
            and frame[name].nunique() <= FEW_CODES
        },
    )  # fmt: skip


def _columns(
    raw: RawFile, frame: pd.DataFrame, kinds: dict[str, str], meaning: dict[str, str], personal: set[str]
) -> pd.DataFrame:  # fmt: skip
    rows = []
    for name in frame.columns:
        text = frame[name].astype("str").str.strip()
        seen = text.dropna()
        hidden = name in personal
        numbers = pd.to_numeric(seen, errors="coerce") if kinds[name] == "number" else seen.iloc[:0]
        rows.append(
            {
                "column": name, "kind": kinds[name], "missing": int(text.isna().sum()),
                "distinct": int(seen.nunique()), "low": numbers.min(), "high": numbers.max(),
                "unit": _unit(name, raw.labels.get(name, "")),
                "codes": "" if hidden else ", ".join(missing_codes(frame, name)[:4]),
                "example": "" if hidden or seen.empty else shown(seen),
                "meaning": meaning.get(name, ""), "label": raw.labels.get(name, ""),
                "personal": hidden,
            }
        )  # fmt: skip
    columns = pd.DataFrame(rows)
    return columns.astype({"low": "float64", "high": "float64"})


def _odd_frame(odd: list[Oddity]) -> pd.DataFrame:
    rows = [(o.column, o.code, o.what.zh, o.what.en, o.values, o.where) for o in odd]
    return pd.DataFrame(rows, columns=["column", "code", "what_zh", "what_en", "values", "example"])


def _staff_names(frame: pd.DataFrame, meaning: dict[str, str]) -> list[Oddity]:
    """A column of staff whose values are words and not numbers may hold their names."""
    what = Text("可能是个人信息：员工姓名", "may be personal data: names of staff")
    found = []
    for name in (n for n, declared in meaning.items() if declared == "staff_id"):
        seen = frame[name].dropna().astype("str").str.strip()
        if len(seen) and seen.str.fullmatch(r"[^\W\d_]{2,}(?: [^\W\d_]+)*").mean() > 0.5:
            found.append(Oddity(name, "personal", what, len(seen)))
    return found


def _unit(name: str, label: str) -> str:
    for words in (normalise(name), name, label.lower()):
        for unit, pattern in _UNITS.items():
            if words and re.search(pattern, words):
                return unit
    return ""


def _guess_table(
    raw: RawFile, frame: pd.DataFrame, kinds: dict[str, str], batteries: list[Battery]
) -> tuple[str, dict[str, str]]:
    """The table of which most columns are recognised; a missing required one counts against it."""
    stem = normalise(raw.path.stem)
    names = list(frame.columns)
    best: tuple[int, str, dict[str, str]] = (1, "", {})
    for name, table in TABLES.items():
        found = meanings(name, names, raw.labels)
        lacking = [c for c in table.required if c not in found and (c,) != table.key]
        rated = name == "surveys" and (
            bool(batteries) or any(n.startswith(ITEM_PREFIX) for n in names)
        )
        score = len(found) - 2 * len(lacking) + _NAMED * (name in stem) + _RATED * rated
        says_something = set(found) - {"branch_id", "customer_id"} or rated
        if says_something and score > best[0]:
            best = (score, name, found)
    texts = [name for name in names if kinds[name] == "text"]
    if not best[1] and len(texts) == 1:
        return "complaints", {"text": texts[0]}
    guessed, found = best[1], best[2]
    _not_minutes(raw, found, {name for battery in batteries for name in battery.columns})
    verdict = found.get("satisfaction", "")
    if (
        verdict
        and "satisfied" not in found
        and kinds[verdict] == "category"
        and frame[verdict].nunique() == 2
    ):
        found["satisfied"] = found.pop("satisfaction")  # satisfied or not: no rating
    return guessed, found


def _not_minutes(raw: RawFile, found: dict[str, str], rated: set[str]) -> None:
    """Take back what was recognised as a wait and is how the wait was rated."""
    for minutes in ("wait_minutes", "perceived_wait_minutes"):
        name = found.get(minutes, "")
        said = f"{name} {raw.labels.get(name, '')}"
        measured = re.search(_UNITS["minutes"], said, re.IGNORECASE)
        if re.search(_OPINION, said, re.IGNORECASE) or (name in rated and not measured):
            found.pop(minutes, None)


def _kind(seen: pd.Series) -> str:
    """Time, number, category, text or identifier, by content."""
    if seen.empty:
        return "empty"
    sample = seen.iloc[:2000]
    if sample.str.match(_TIME).mean() > 0.9:
        return "time"
    if pd.to_numeric(sample, errors="coerce").notna().mean() > 0.9:
        return "number"
    few = seen.nunique() <= max(20, len(seen) // 50)
    if sample.str.len().mean() > 40 and not (few and seen.nunique() <= 20):
        return "text"
    if few:
        return "category"
    prose = (
        sample.str.contains(
            r"\s\S+\s\S+\s|[。，！？!]|[\u3400-\u9fff\uac00-\ud7a3]{8}", regex=True
        ).mean()
        > 0.5
    )
    return "text" if prose else "id"
