"""Reading back what people coded: whole, in any order, from one workbook or several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from svcquality.causes.audit_cells import CauseReader, fold, is_marked
from svcquality.causes.audit_codes import AuditReading
from svcquality.causes.audit_file import Draw, open_workbook
from svcquality.causes.audit_sheet import (
    CAUSE,
    CODERS,
    DECISION,
    DOUBT,
    KEY,
    NOTES,
    SECOND,
    WORDS,
)  # fmt: skip
from svcquality.errors import InputError

_CODES = ["coder", "key", "cause", "second", "doubt", "notes"]


def read_audit(paths: Sequence[str | Path]) -> AuditReading:
    """Read the workbooks of one draw: both coders in one, or one each, and the agreed causes.

    Rows may be sorted in any way and codes written as id, key, label or list entry, in half or full
    width. A file without a coder's sheet, or with that sheet still empty, adds nothing for them.

    Parameters
    ----------
    paths : sequence of path

    Returns
    -------
    AuditReading

    Raises
    ------
    InputError
        If a file cannot be read, belongs to another draw or another version of the codebook, lost
        rows, has a code that is no cause, or contradicts another file.
    """
    draw: Draw | None = None
    parts, decisions = [], []
    texts: dict[str, object] = {}
    for path in map(Path, paths):
        book, found = open_workbook(path)
        if draw is None:
            draw = found
        _same_draw(draw, found, path)
        reader = CauseReader(found.codebook)
        for sheet in book.worksheets:
            rows = _rows(sheet)
            if sheet.sheet_state == "veryHidden" or rows is None:
                continue
            where = f"{path.name} / {sheet.title}"
            _whole(rows, draw, where, complete=CAUSE in rows)
            texts |= dict(zip(rows[KEY], rows[WORDS], strict=True))
            column = CAUSE if CAUSE in rows else DECISION
            codes = _causes(rows, column, reader, draw, where)
            if column == DECISION:
                decisions.append(codes.assign(coder="agreed"))
                continue
            seconds = _causes(rows, SECOND, reader, draw, where) if SECOND in rows else codes
            codes["second"] = seconds["cause"] if SECOND in rows else pd.NA
            codes["doubt"] = rows[DOUBT].map(is_marked) if DOUBT in rows else False
            codes["notes"] = _notes(rows)
            parts.append(codes.assign(coder=_coder(sheet.title)))
    if draw is None:
        raise InputError("Give at least one workbook.", "请至少给出一个工作簿。")
    codes = _merge(parts)
    agreed = _merge(decisions).set_index("key")["cause"]
    return AuditReading(draw, codes.reindex(columns=_CODES), agreed, pd.Series(texts, dtype="str"))


def _rows(sheet: Any) -> pd.DataFrame | None:
    """A coding sheet with its row numbers as index, or None if it is another kind of sheet."""
    table = list(sheet.iter_rows(values_only=True))
    known = {fold(n): n for n in (WORDS, CAUSE, SECOND, DOUBT, NOTES, KEY, DECISION)}
    if not table:
        return None
    head = [known.get(fold(value), f"_{i}") for i, value in enumerate(table[0])]
    if KEY not in head or WORDS not in head or not {CAUSE, DECISION} & set(head):
        return None
    rows = pd.DataFrame(table[1:], columns=head, index=range(2, len(table) + 1), dtype=object)
    rows = rows.loc[:, ~rows.columns.duplicated()]
    entered = [c for c in (CAUSE, SECOND, DECISION) if c in rows]
    rows = rows[rows[KEY].notna() | rows[entered].notna().any(axis=1)]
    return rows.assign(**{KEY: rows[KEY].map(fold)})


def _whole(rows: pd.DataFrame, draw: Draw, where: str, *, complete: bool) -> None:
    """Refuse rows that are lost, foreign or there twice."""
    keys = set(draw.texts["key"])
    foreign = rows.index[~rows[KEY].isin(keys)]
    if len(foreign):
        raise InputError(
            f"{where}: row {foreign[0]} is not one that was drawn, or lost its hidden key; enter its "
            "code in the original row.",
            f"{where}：第 {foreign[0]} 行不是抽取的文本，或隐藏的标识已丢失；请把编码填回原来的行。",
        )
    twice = rows.index[rows[KEY].duplicated()]
    if len(twice):
        raise InputError(
            f"{where}: row {twice[0]} repeats a text that stands in another row; delete one of them.",
            f"{where}：第 {twice[0]} 行与另一行是同一条文本；请删除其中一行。",
        )
    lost = len(keys) - len(rows)
    if complete and lost:
        raise InputError(
            f"{where}: {lost} of {len(keys)} rows are missing; copy them back from the original "
            "workbook.",
            f"{where}：{len(keys)} 行中缺少 {lost} 行；请从原工作簿中补回。",
        )


def _causes(
    rows: pd.DataFrame, column: str, reader: CauseReader, draw: Draw, where: str
) -> pd.DataFrame:
    found: list[str | None] = []
    wrong: list[tuple[int, object, str]] = []
    for row, value in rows[column].items():
        try:
            found.append(reader.read(None if pd.isna(value) else value))
        except KeyError as error:
            found.append(None)
            wrong.append((int(str(row)), value, str(error.args[0])))
    if wrong:
        row, value, near = wrong[0]
        more, more_zh = "", ""
        if len(wrong) > 1:
            more, more_zh = f" ({len(wrong) - 1} more like it)", f"（另有 {len(wrong) - 1} 处）"
        raise InputError(
            f"{where}: row {row}, column '{column}': {str(value)!r} is no cause of the codebook "
            f"{draw.codebook.name}{more}; "
            + (f"did you mean '{near}'?" if near else "choose one from the list."),
            f"{where}：第 {row} 行“{column}”列：“{value}”不是编码本 {draw.codebook.name} 中的原因"
            f"{more_zh}；" + (f"是否指“{near}”？" if near else "请从列表中选择。"),
        )
    causes = pd.Series(found, index=rows.index, dtype="str")
    return pd.DataFrame({"key": rows[KEY], "cause": causes, "where": where})


def _notes(rows: pd.DataFrame) -> pd.Series:
    if NOTES not in rows:
        return pd.Series(pd.NA, index=rows.index, dtype="str")
    notes = rows[NOTES].astype("str").str.strip()
    return notes.where(notes != "")


def _coder(title: str) -> str:
    """A to D from the name of the sheet; a sheet renamed for its coder is called as it is."""
    named = re.search(rf"(?:编码员|coder)\s*([{''.join(CODERS)}])\b", title, re.IGNORECASE)
    return named[1].upper() if named else title.strip()


def _merge(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """One code a coder and text; files that say different things are refused."""
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in (*_CODES, "where")})
    every = pd.concat(parts, ignore_index=True)
    every = every[every["cause"].notna()]
    differ = every.groupby(["coder", "key"])["cause"].transform("nunique") > 1
    if differ.any():
        same = every[differ]
        one = same[same["key"] == same["key"].iloc[0]]
        en = f"{one['where'].iloc[0]} and {one['where'].iloc[1]}"
        raise InputError(
            f"{en} give different codes to the same text ({int(differ.sum()) // 2} texts); if two "
            "people used the same sheet, rename one to 'Coder C', else remove the older file.",
            f"{one['where'].iloc[0]} 与 {one['where'].iloc[1]} 对同一条文本的编码不同"
            f"（{int(differ.sum()) // 2} 条）；若两人填了同一张表，请把其中一张改名为“编码员C”，"
            "否则请去掉旧文件。",
        )
    return every.drop_duplicates(["coder", "key"], keep="last").reset_index(drop=True)


def _same_draw(first: Draw, other: Draw, path: Path) -> None:
    if other.codebook.sha256 != first.codebook.sha256:
        raise InputError(
            f"{path} was coded with another version of the codebook ({other.codebook.name} "
            f"{other.codebook.version}, not {first.codebook.name} {first.codebook.version}); codes "
            "of different codebooks cannot be put together, read it on its own.",
            f"{path} 使用了另一版编码本（{other.codebook.name} {other.codebook.version}，"
            f"而非 {first.codebook.name} {first.codebook.version}）；不同编码本的编码不能合并，请单独读取。",
        )
    if other.id != first.id:
        raise InputError(
            f"{path} belongs to another draw than the first file; give workbooks of one draw.",
            f"{path} 与第一个文件不是同一次抽取；请给出同一次抽取的工作簿。",
        )
