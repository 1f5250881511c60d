"""Branch x month panel of a ticket log that does not fit into memory.

Every piece of the log goes through the same steps as a table in memory (mapping, validation, waits);
what is kept of it are sums by branch and month, which add up over pieces.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from svcquality.errors import InputError
from svcquality.progress import QUIET, Progress
from svcquality.records.database import database_pieces, is_database
from svcquality.records.mapping import TableMapping
from svcquality.records.mapping_file import parse_mapping
from svcquality.records.pieces import Account, parquet_pieces, text_pieces
from svcquality.records.tables import VISITS
from svcquality.records.validate import STEPS
from svcquality.records.visits_total import CELL, NEEDED, Part, Total, part_of, repeated, total_of


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

    def every_piece(skip: np.ndarray) -> Total:
        account = Account()
        pieces = _pieces(source, query, rules, account)
        shown = progress.each(pieces, f"visits of {Path(source).name}")
        parts = _ahead(_numbered(shown, rules), lambda frame: part_of(frame, rules), workers)
        return total_of(parts, skip, account)

    total = every_piece(np.zeros(0, dtype=bool))
    again = repeated(total.keys, total.contents)
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
    wanted = list(NEEDED)
    if rules is not None:
        used = [rule for name, rule in rules.columns.items() if name in NEEDED]
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
    declared = {name for name in NEEDED if VISITS.columns[name].kind == "time"}
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
    items: Iterator[pd.DataFrame], work: Callable[[pd.DataFrame], Part], workers: int
) -> Iterator[Part]:
    """``work`` of every item in order, a few of them at once while the next is read."""
    waiting: deque[Future[Part]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _balanced(counted: pd.DataFrame) -> pd.DataFrame:
    branches = counted.index.get_level_values("branch_id").unique().sort_values()
    months = counted.index.get_level_values("month")
    every = pd.date_range(months.min(), months.max(), freq="MS", unit="ns")
    grid = pd.MultiIndex.from_product([branches, every], names=CELL)
    panel = counted.reindex(grid, fill_value=0)
    panel["wait_minutes_mean"] = panel["wait_minutes"] / panel["waits"].where(panel["waits"] > 0)
    services = panel["services"].where(panel["services"] > 0)
    panel["service_minutes_mean"] = panel["service_minutes"] / services
    shown = ["visits", "abandoned", "waits", "wait_minutes_mean", "service_minutes_mean"]
    return panel[shown].reset_index()
