"""Branch x month panel of a ticket log that does not fit into memory.

Every piece of the log goes through the same steps as a table in memory (mapping, validation, waits);
what is kept of it are sums by branch and month, which add up over pieces.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from svcquality.errors import InputError
from svcquality.progress import QUIET, Progress
from svcquality.records.database import database_pieces, is_database
from svcquality.records.mapping import TableMapping, apply_mapping
from svcquality.records.mapping_file import parse_mapping
from svcquality.records.pieces import Account, parquet_pieces, text_pieces
from svcquality.records.tables import VISITS
from svcquality.records.validate import STEPS, validate
from svcquality.records.waits import with_waits

_NEEDED = ("visit_id", "branch_id", "arrived", "called", "started", "ended", "abandoned")
_CELL = ["branch_id", "month"]


@dataclass(frozen=True)
class VisitsPanel:
    """What a ticket log tells by branch and month.

    Parameters
    ----------
    frame : DataFrame
        ``branch_id, month, visits, abandoned, waits`` (visits whose wait is known)``,
        wait_minutes_mean, service_minutes_mean``. Every branch has every month from the first to
        the last of the log, with zeros where nothing happened.
    flow : DataFrame
        ``table, step_zh, step_en, rows``: from the rows read to the rows counted.
    repairs : DataFrame
        ``column, rule, values``: how many values each rule changed; mended rows have column ``*``.
    """

    frame: pd.DataFrame
    flow: pd.DataFrame
    repairs: pd.DataFrame

    def denominators(self) -> pd.DataFrame:
        """The visits as the table ``denominators``, for the records of a bank without its log."""
        counts = self.frame.rename(columns={"branch_id": "unit_id", "visits": "value"})
        counts = counts.assign(unit="branch", measure="visits")
        return counts[["month", "unit", "unit_id", "measure", "value"]].astype({"value": "float64"})


@dataclass(frozen=True)
class _Part:
    """What is kept of one piece: sums, hashes of keys and of whole rows, repairs."""

    rows: pd.DataFrame
    keys: np.ndarray
    contents: np.ndarray
    repairs: pd.Series
    read: int


@dataclass(frozen=True)
class _Total:
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


def visits_panel(
    source: str | Path,
    *,
    query: str = "visits",
    mapping: str | Path | None = None,
    workers: int = 2,
    progress: Progress = QUIET,
) -> VisitsPanel:
    """Make the branch x month panel of a ticket log of any size.

    Parameters
    ----------
    source : str or Path
        A delimited text, a Parquet file, or the address of a database.
    query : str
        Table or ``SELECT`` of a database.
    mapping : str or Path, optional
        Mapping file with a section ``[visits]``; without one the columns have declared names.
    workers : int
        Threads that validate pieces while the next one is read.
    progress : Progress

    Returns
    -------
    VisitsPanel
        The same numbers as reading the log whole. Memory holds a few pieces and sixteen bytes a
        visit, by which one that comes twice is known.

    Raises
    ------
    InputError
        As `svcquality.records.read.read_records`; also if a visit comes twice with different
        content, or no visit names its branch.
    """
    rules = _rules(mapping)

    def every_piece(skip: np.ndarray) -> _Total:
        account = Account()
        pieces = _pieces(source, query, rules, account)
        shown = progress.each(pieces, f"visits of {Path(source).name}")
        parts = _ahead(_numbered(shown, rules), lambda frame: _part(frame, rules), workers)
        return _total(parts, skip, account)

    total = every_piece(np.zeros(0, dtype=bool))
    again = _repeated(total.keys, total.contents)
    if again.any():  # rare, and worth a second reading: no row has to be kept for it
        total = every_piece(again)
    if total.sums.empty:
        raise InputError(
            "No visit names its branch; map branch_id.",
            "没有到店记录给出所属网点；请映射 branch_id 列。",
        )
    different = total.known - int(again.sum())
    steps = [
        ("read", total.read),
        ("duplicate", different),
        ("kept", int(total.sums["visits"].sum())),
    ]
    flow = pd.DataFrame(
        [("visits", STEPS[step].zh, STEPS[step].en, rows) for step, rows in steps
         if step != "duplicate" or rows < total.read],
        columns=["table", "step_zh", "step_en", "rows"],
    )  # fmt: skip
    return VisitsPanel(_balanced(total.sums), flow, total.repairs)


def _rules(mapping: str | Path | None) -> TableMapping | None:
    if mapping is None:
        return None
    tables = parse_mapping(Path(mapping))
    if "visits" not in tables:
        raise InputError(
            f"{Path(mapping).name} has no section [visits]; add it.",
            f"{Path(mapping).name} 没有 [visits] 小节；请补上。",
        )
    return tables["visits"]


def _pieces(
    source: str | Path, query: str, rules: TableMapping | None, account: Account
) -> Iterator[pa.RecordBatch]:
    wanted = list(_NEEDED)
    if rules is not None:
        used = [rule for name, rule in rules.columns.items() if name in _NEEDED]
        wanted = [name for rule in used for name in rule.sources]
    if is_database(str(source)):
        return database_pieces(str(source), query, wanted)
    path = Path(source)
    if not path.is_file():
        raise InputError(
            f"There is no file {path}; check the path.", f"文件 {path} 不存在；请检查路径。"
        )
    if path.suffix.lower() == ".parquet":
        return parquet_pieces(path, wanted)
    return text_pieces(path, account, wanted)


def _time_columns(rules: TableMapping | None) -> set[str]:
    """Columns of the source that are times in no declared format."""
    declared = {name for name in _NEEDED if VISITS.columns[name].kind == "time"}
    if rules is None:
        return declared
    return {
        rule.source for name, rule in rules.columns.items() if name in declared and not rule.formats
    }


def _with_times(piece: pa.RecordBatch, columns: set[str]) -> pa.Table:
    """A column all of whose texts are ISO times as times; any other is left for validation."""
    table = pa.Table.from_batches([piece])
    for name in columns & set(table.column_names):
        at = table.column_names.index(name)
        if pa.types.is_string(table.schema.field(at).type):
            try:
                table = table.set_column(at, name, table[name].cast(pa.timestamp("ns")))
            except pa.ArrowInvalid:
                continue
    return table


def _numbered(
    pieces: Iterator[pa.RecordBatch], rules: TableMapping | None
) -> Iterator[pd.DataFrame]:
    """Pieces as frames whose index goes on counting the rows of the source."""
    times = _time_columns(rules)
    first = 1
    for piece in pieces:
        frame = _with_times(piece, times).to_pandas()
        frame.index = pd.RangeIndex(first, first + len(frame))
        first += len(frame)
        yield frame


def _ahead(
    items: Iterator[pd.DataFrame], work: Callable[[pd.DataFrame], _Part], workers: int
) -> Iterator[_Part]:
    """``work`` of every item in order, a few of them at once while the next is read."""
    waiting: deque[Future[_Part]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _part(frame: pd.DataFrame, rules: TableMapping | None) -> _Part:
    read = len(frame)
    formats: dict[str, Sequence[str]] = {}
    row_key = False
    if rules is not None:
        mapped = apply_mapping(frame, rules, "visits")
        frame, formats, row_key = mapped.frame, dict(mapped.formats), rules.row_key
    known = frame[[name for name in _NEEDED if name in frame]]
    part = validate(known, VISITS, formats=formats, row_key=row_key)
    rows = with_waits(part.frame)
    keys = pd.util.hash_array(rows["visit_id"].to_numpy(dtype=object))
    used = rows[[name for name in _NEEDED if name != "visit_id"]]
    contents = pd.util.hash_pandas_object(used, index=False).to_numpy()
    changed = [p.groupby(["column", "rule"]).size() for p in part.ledger.parts if len(p)]
    return _Part(rows[[*_CELL, "abandoned", "wait_minutes", "service_minutes"]], keys, contents,
                 pd.concat(changed) if changed else pd.Series(dtype="int64"), read)  # fmt: skip


def _total(parts: Iterator[_Part], skip: np.ndarray, account: Account) -> _Total:
    """The parts added up, without the visits that ``skip`` names by their place in the log."""
    sums: list[pd.DataFrame] = []
    every: list[_Part] = []
    known = 0
    for part in parts:
        rows = part.rows
        if len(skip):
            rows = rows[~skip[known : known + len(rows)]]
        sums.append(_sums(rows))
        known += len(part.rows)
        every.append(replace(part, rows=part.rows.iloc[:0]))
    none = np.zeros(0, dtype="uint64")
    return _Total(
        pd.concat(sums).groupby(_CELL, sort=True).sum() if sums else pd.DataFrame(),
        np.concatenate([none, *(part.keys for part in every)]),
        np.concatenate([none, *(part.contents for part in every)]),
        _counted([part.repairs for part in every], account),
        sum(part.read for part in every),
    )


def _repeated(keys: np.ndarray, contents: np.ndarray) -> np.ndarray:
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
    groups = rows.dropna(subset=_CELL).groupby(_CELL, sort=False)
    return groups.agg(
        visits=("abandoned", "size"), abandoned=("abandoned", "sum"), waits=("wait_minutes", "count"),
        wait_minutes=("wait_minutes", "sum"), services=("service_minutes", "count"),
        service_minutes=("service_minutes", "sum"),
    )  # fmt: skip


def _balanced(counted: pd.DataFrame) -> pd.DataFrame:
    branches = counted.index.get_level_values("branch_id").unique().sort_values()
    months = counted.index.get_level_values("month")
    every = pd.date_range(months.min(), months.max(), freq="MS", unit="ns")
    grid = pd.MultiIndex.from_product([branches, every], names=_CELL)
    panel = counted.reindex(grid, fill_value=0)
    panel["wait_minutes_mean"] = panel["wait_minutes"] / panel["waits"].where(panel["waits"] > 0)
    services = panel["services"].where(panel["services"] > 0)
    panel["service_minutes_mean"] = panel["service_minutes"] / services
    shown = ["visits", "abandoned", "waits", "wait_minutes_mean", "service_minutes_mean"]
    return panel[shown].reset_index()


def _counted(repairs: list[pd.Series], account: Account) -> pd.DataFrame:
    mended = account.mended_frame()
    every = pd.concat([*repairs, mended.groupby(["column", "rule"]).size()])
    every = every[every > 0]
    if every.empty:
        return pd.DataFrame({"column": [], "rule": [], "values": []}).astype({"values": "int64"})
    every.index = pd.MultiIndex.from_tuples(every.index, names=["column", "rule"])
    return every.groupby(level=[0, 1]).sum().reset_index(name="values")
