"""What is kept of a ticket log that is read in pieces: sums by branch and month, and hashes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.records.mapping import TableMapping, apply_mapping
from svcquality.records.pieces import Account
from svcquality.records.tables import VISITS
from svcquality.records.validate import validate
from svcquality.records.waits import with_waits

NEEDED = ("visit_id", "branch_id", "arrived", "called", "started", "ended", "abandoned")
"""Columns of a ticket log that its panel needs."""

CELL = ["branch_id", "month"]


@dataclass(frozen=True)
class Part:
    """What is kept of one piece: sums, hashes of keys and of whole rows, repairs."""

    rows: pd.DataFrame
    keys: np.ndarray
    contents: np.ndarray
    repairs: pd.Series
    read: int


@dataclass(frozen=True)
class Total:
    """What is kept of a whole log."""

    sums: pd.DataFrame
    keys: np.ndarray
    contents: np.ndarray
    repairs: pd.DataFrame
    read: int

    @property
    def known(self) -> int:
        """Visits that passed validation."""
        return len(self.keys)


def part_of(frame: pd.DataFrame, rules: TableMapping | None) -> Part:
    """Map and validate a piece as any table, and keep what its panel needs.

    Raises
    ------
    InputError
        As `svcquality.records.validate.validate`.
    """
    read = len(frame)
    formats: dict[str, Sequence[str]] = {}
    row_key = False
    if rules is not None:
        mapped = apply_mapping(frame, rules, "visits")
        frame, formats, row_key = mapped.frame, dict(mapped.formats), rules.row_key
    known = frame[[name for name in NEEDED if name in frame]]
    part = validate(known, VISITS, formats=formats, row_key=row_key)
    rows = with_waits(part.frame)
    keys = pd.util.hash_array(rows["visit_id"].to_numpy(dtype=object))
    used = rows[[name for name in NEEDED if name != "visit_id"]]
    contents = pd.util.hash_pandas_object(used, index=False).to_numpy()
    changed = [p.groupby(["column", "rule"]).size() for p in part.ledger.parts if len(p)]
    return Part(rows[[*CELL, "abandoned", "wait_minutes", "service_minutes"]], keys, contents,
                 pd.concat(changed) if changed else pd.Series(dtype="int64"), read)  # fmt: skip


def total_of(parts: Iterator[Part], skip: np.ndarray, account: Account) -> Total:
    """The parts added up, without the visits that ``skip`` names by their place in the log."""
    sums: list[pd.DataFrame] = []
    every: list[Part] = []
    known = 0
    for part in parts:
        rows = part.rows
        if len(skip):
            rows = rows[~skip[known : known + len(rows)]]
        sums.append(_sums(rows))
        known += len(part.rows)
        every.append(replace(part, rows=part.rows.iloc[:0]))
    none = np.zeros(0, dtype="uint64")
    return Total(
        pd.concat(sums).groupby(CELL, sort=True).sum() if sums else pd.DataFrame(),
        np.concatenate([none, *(part.keys for part in every)]),
        np.concatenate([none, *(part.contents for part in every)]),
        _counted([part.repairs for part in every], account),
        sum(part.read for part in every),
    )


def repeated(keys: np.ndarray, contents: np.ndarray) -> np.ndarray:
    """Which visits were there before, word for word.

    Raises
    ------
    InputError
        If one was there with other content.
    """
    order = np.argsort(keys, kind="stable")
    same = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    other = contents[order[same]] != contents[order[same + 1]]
    if other.any():
        raise InputError(
            f"{int(other.sum()):,} keys of visits occur twice with different content; correct "
            'them, or declare key = "row" in the mapping file.',
            f"到店记录有 {int(other.sum()):,} 个主键重复且内容不同；请改正，"
            '或在映射文件中写 key = "row"。',
        )
    again = np.zeros(len(keys), dtype=bool)
    again[order[same + 1]] = True
    return again


def _sums(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.assign(abandoned=rows["abandoned"].fillna(False).astype("int64"))
    groups = rows.dropna(subset=CELL).groupby(CELL, sort=False)
    return groups.agg(
        visits=("abandoned", "size"), abandoned=("abandoned", "sum"), waits=("wait_minutes", "count"),
        wait_minutes=("wait_minutes", "sum"), services=("service_minutes", "count"),
        service_minutes=("service_minutes", "sum"),
    )  # fmt: skip


def _counted(repairs: list[pd.Series], account: Account) -> pd.DataFrame:
    mended = account.mended_frame()
    every = pd.concat([*repairs, mended.groupby(["column", "rule"]).size()])
    every = every[every > 0]
    if every.empty:
        return pd.DataFrame({"column": [], "rule": [], "values": []}).astype({"values": "int64"})
    every.index = pd.MultiIndex.from_tuples(every.index, names=["column", "rule"])
    return every.groupby(level=[0, 1]).sum().reset_index(name="values")
