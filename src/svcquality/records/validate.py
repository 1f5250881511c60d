"""A frame against its declaration: columns, types, keys, duplicates, order of times."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.records.ledger import Ledger
from svcquality.records.mapping import Mapped
from svcquality.records.masking import mask
from svcquality.records.raw import empty
from svcquality.records.repair import is_text, order_times, read_column
from svcquality.records.tables import ITEM_PREFIX, Column, Table

ROW_KEY = "row"
"""Declared as a table's key: each row of the source is a record of its own."""

ITEM = Column("integer", Text("服务评分项（1–5）", "rated service item, 1 to 5"), low=1, high=5)

COUNTS = ("table", "column", "kind", "found", "texts")

STEPS = {
    "export": Text("导出文件的行", "rows of the export"),
    "places": Text("其中并列的记录位置", "places for records side by side in them"),
    "read": Text("读入的行", "rows read"),
    "blank": Text("去除空行", "blank rows dropped"),
    "duplicate": Text("去除完全重复的行", "exact duplicate rows dropped"),
    "kept": Text("保留的行", "rows kept"),
}


@dataclass(frozen=True)
class Validated:
    """One table that fits its declaration, with the account of getting there."""

    table: Table
    frame: pd.DataFrame
    ledger: Ledger
    flow: pd.DataFrame
    masked: pd.DataFrame
    ignored: tuple[str, ...]
    declared: pd.DataFrame = field(default_factory=pd.DataFrame)

    def with_mapping(self, mapped: Mapped, rows: int) -> Validated:
        """The same, with the account of the mapping before it.

        Parameters
        ----------
        mapped : Mapped
        rows : int
            Rows of the export; records side by side are counted on from them.
        """
        parts = [*mapped.ledger.parts, *self.ledger.parts]
        ledger = Ledger(self.table.name, [p.assign(row=(p["row"] - 1) % rows + 1) for p in parts])
        steps = [("export", rows), ("places", len(mapped.frame) + mapped.empty_places)]
        flow = _flow(self.table, steps if steps[0][1] != steps[1][1] else [])
        return replace(
            self, ledger=ledger, declared=mapped.declared, ignored=(*self.ignored, *mapped.ignored),
            flow=pd.concat([flow, self.flow], ignore_index=True) if len(flow) else self.flow,
        )  # fmt: skip


def validate(
    frame: pd.DataFrame,
    table: Table,
    *,
    keep: Collection[str] | None = (),
    formats: Mapping[str, Sequence[str]] | None = None,
    row_key: bool = False,
) -> Validated:
    """Bring a frame into the declared form of a table.

    Parameters
    ----------
    frame : DataFrame
        Columns under their declared names; the index counts the rows of the source from 1.
    table : Table
        The declaration.
    keep : collection of str, optional
        Undeclared columns to keep; None keeps all.
    formats : mapping, optional
        Declared time formats by column.
    row_key : bool
        Use the row number as the key: the source has none.

    Raises
    ------
    InputError
        If the frame is empty, a required column is missing or holds nothing that can be read, or a
        key is missing or occurs twice with different content.
    """
    steps = [("read", len(frame))]
    frame = frame.dropna(how="all")
    if len(frame) < steps[0][1]:
        steps.append(("blank", len(frame)))
    if frame.empty:
        raise empty(table.name)
    if row_key:
        frame = frame.assign(**{table.key[0]: frame.index.astype("str")})
    _require_columns(frame, table)

    ledger = Ledger(table.name)
    formats = formats or {}
    columns: dict[str, pd.Series] = {}
    counts: list[pd.DataFrame] = []
    for name, declared in table.columns.items():
        if name in frame:
            values = frame[name]
            if declared.personal:  # before anything else sees it, the ledger included
                values, found = mask(values.astype("str"))
                counts.append(found.assign(table=table.name, column=name))
            columns[name] = read_column(values, declared, ledger, name, formats.get(name, ()))
        else:
            columns[name] = _missing(declared, frame.index)
    undeclared = [c for c in frame.columns if c not in table.columns]
    for name in undeclared:
        if name.startswith(ITEM_PREFIX):
            columns[name] = read_column(frame[name], ITEM, ledger, name)
        elif keep is None or name in keep:
            columns[name] = _extra(frame[name])
    ignored = tuple(name for name in undeclared if name not in columns)
    masked = pd.concat(counts) if counts else pd.DataFrame()
    read = pd.DataFrame(columns)
    _require_values(read, frame, table)
    if table.time_order:
        read = order_times(read, table.time_order, ledger)
    unique = _unique(read, table)
    if len(unique) < len(read):
        steps.append(("duplicate", len(unique)))
    steps.append(("kept", len(unique)))
    flow = _flow(table, steps)
    return Validated(
        table,
        unique.reset_index(drop=True),
        ledger,
        flow,
        masked.reindex(columns=list(COUNTS)),
        ignored,
    )


def _flow(table: Table, steps: Sequence[tuple[str, int]]) -> pd.DataFrame:
    return pd.DataFrame(
        [(table.name, STEPS[step].zh, STEPS[step].en, rows) for step, rows in steps],
        columns=["table", "step_zh", "step_en", "rows"],
    )


def _require_columns(frame: pd.DataFrame, table: Table) -> None:
    for name in table.required:
        if name in frame:
            continue
        near = difflib.get_close_matches(name, [str(c) for c in frame.columns], n=1)
        hint = f" (is it {near[0]!r}?)" if near else ""
        hint_zh = f"（是否为 {near[0]!r}？）" if near else ""
        raise InputError(
            f"The table {table.name} lacks its column {name!r}{hint}; "
            "rename the column or map it in a mapping file.",
            f"{table.meaning.zh}表（{table.name}）缺少必需的列 {name!r}{hint_zh}；"
            "请修改列名，或在映射文件中给出对应关系。",
        )
    choice = table.at_least_one_of
    if choice and not any(name in frame for name in choice):
        raise InputError(
            f"The table {table.name} needs one of the columns {', '.join(choice)}.",
            f"{table.meaning.zh}表（{table.name}）至少需要以下列之一：{'、'.join(choice)}。",
        )


def _require_values(read: pd.DataFrame, raw: pd.DataFrame, table: Table) -> None:
    for name in table.required:
        if read[name].notna().any():
            continue
        seen = raw[name].dropna()
        example = f" (such as {str(seen.iloc[0])[:30]!r})" if len(seen) else ""
        example_zh = f"（例如 {str(seen.iloc[0])[:30]!r}）" if len(seen) else ""
        raise InputError(
            f"No value of {table.name}.{name} could be read{example}; "
            "check the column or declare its format in the mapping file.",
            f"{table.name}.{name} 没有一个可识别的值{example_zh}；"
            "请检查该列，或在映射文件中写明格式。",
        )


def _missing(declared: Column, index: pd.Index) -> pd.Series:
    kinds = {"number": "float64", "integer": "Int64", "flag": "boolean"}
    if declared.kind in ("time", "date", "month"):
        return pd.Series(pd.NaT, index=index, dtype="datetime64[ns]")
    return pd.Series(None, index=index, dtype=kinds.get(declared.kind, "str"))


def _extra(values: pd.Series) -> pd.Series:
    """An undeclared column: numbers where all of it are, masked text otherwise."""
    if not is_text(values):
        return values
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().sum() == values.notna().sum():
        return numbers.astype("float64")
    return mask(values.astype("str").str.strip())[0]


def _unique(read: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Drop exact duplicates; refuse rows without a key and keys with different content."""
    key = list(table.key)
    without = read[key].isna().any(axis=1)
    if without.any():
        raise InputError(
            f"{int(without.sum()):,} rows of {table.name} have no {' or '.join(key)} (first: row "
            f'{without.idxmax()}); fill it in, or declare key = "row" in the mapping file.',
            f"{table.name} 有 {int(without.sum()):,} 行缺少 {'、'.join(key)}（首个为第 "
            f'{without.idxmax()} 行）；请补全，或在映射文件中写 key = "row"。',
        )
    repeated = read.duplicated(key, keep=False)
    if not repeated.any():
        return read
    exact = read[repeated].duplicated()
    unique = read.drop(index=exact.index[exact])
    clash = unique[unique.duplicated(key)]
    if len(clash):
        first = clash[key].drop_duplicates().head(3).astype("str").agg("/".join, axis=1)
        raise InputError(
            f"{table.name} has {len(clash):,} rows that repeat the {' + '.join(key)} of another "
            f"row with different content (first: {', '.join(first)}); remove them, or declare "
            'key = "row" in the mapping file if each row is a record of its own.',
            f"{table.name} 有 {len(clash):,} 行与其他行的 {' + '.join(key)} 相同但内容不同"
            f"（例如 {'、'.join(first)}）；请去除重复，若每行都是独立记录，"
            '请在映射文件中写 key = "row"。',
        )
    return unique
