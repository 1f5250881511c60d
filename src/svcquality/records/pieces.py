"""Files larger than memory, read piece by piece.

A healthy row goes through pyarrow and is not looked at again. What is not as wide as its table is set
aside with its text, mended together at the end (`svcquality.records.anchored`), and comes last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv as arrow_csv

from svcquality.errors import InputError
from svcquality.progress import QUIET, Progress
from svcquality.records.delimited import read_sheet
from svcquality.records.dialect import LINE_END, ONE_COLUMN, Dialect, choose_dialect
from svcquality.records.encoding import choose_encoding, decode
from svcquality.records.raw import empty, mended_frame
from svcquality.records.sheet_table import table_of
from svcquality.records.text_file import SHOWN

HEAD_BYTES = 1 << 20
BLOCK_BYTES = 16 << 20
PIECE_ROWS = 250_000
_SAMPLE_LINES = 500
_MOST_DAMAGED = 20_000
"""Rows to mend that are kept in memory; where there are more, the dialect is not what it seems."""


@dataclass(frozen=True)
class TextPlan:
    """How a delimited text is read in pieces, found out from its first megabyte.

    Parameters
    ----------
    encoding : str
    dialect : Dialect
    names : tuple of str
    skip : int
        Lines above the first data row.
    sample : tuple of str
        Lines of whole data rows: what a damaged row is held against.
    quoted : bool
        Whether fields of the sample are quoted, and so may hold line breaks.
    """

    encoding: str
    dialect: Dialect
    names: tuple[str, ...]
    skip: int
    sample: tuple[str, ...]
    quoted: bool


@dataclass
class Account:
    """What reading in pieces noticed; complete when the last piece is read.

    Parameters
    ----------
    rows : int
        Rows read, the mended ones among them.
    mended : list of (int, str, str, str, str)
        As `svcquality.records.raw.MENDED_COLUMNS`; rows are counted as they are read, where the
        mended ones come last.
    aside : int
        Rows of other widths that are no data: footnotes.
    """

    rows: int = 0
    mended: list[tuple[int, str, str, str, str]] = field(default_factory=list)
    aside: int = 0

    def mended_frame(self) -> pd.DataFrame:
        """The mended rows as a frame."""
        return mended_frame(self.mended)


def plan_text(source: Path) -> TextPlan:
    """Find out how a delimited text is written and where its rows begin.

    Raises
    ------
    InputError
        If its delimiter is more than one byte: such a file is read whole or not at all.
    """
    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.strip():
        raise empty(source.name)
    encoding = choose_encoding(head).name
    text, _ = decode(head[: head.rfind(b"\n") + 1] or head, encoding)
    found = choose_dialect(text)
    used = found.dialect
    if (
        used.delimiter == ONE_COLUMN
        or len(used.delimiter.encode()) > 1
        or used.spaced
        or used.escape
    ):
        raise InputError(
            f"{source.name} cannot be read in pieces (delimiter {used.delimiter!r}); "
            "export it with commas or tabs.",
            f"{source.name} 无法分块读取（分隔符 {used.delimiter!r}）；请用逗号或制表符导出。",
        )
    table = table_of(read_sheet(text, used, found.width).cells, found.width)
    above = int((table.place > 0).argmax())  # rows of the sheet above the first one of the table
    lines = LINE_END.split(text)
    filled = [i for i, line in enumerate(lines) if line.strip()]
    skip = filled[above] if above < len(filled) else len(lines)
    whole = [line for line in lines[skip:-1] if line.count(used.delimiter) == found.width - 1]
    quoted = bool(used.quote) and used.quote in text
    names = tuple(table.frame.columns)
    return TextPlan(encoding, used, names, skip, tuple(whole[:_SAMPLE_LINES]), quoted)


def text_pieces(
    source: Path, account: Account, columns: Sequence[str] = ()
) -> Iterator[pa.RecordBatch]:
    """Read a delimited text of any size, a piece at a time.

    Parameters
    ----------
    source : Path
    account : Account
        Filled on the way.
    columns : sequence of str
        Those that are wanted; all by default. The others are not even decoded.

    Yields
    ------
    pyarrow.RecordBatch
        Text columns; what is empty is null. Memory stays at a few blocks of 16 MB.

    Raises
    ------
    InputError
        If the file cannot be read in pieces, or more than `_MOST_DAMAGED` rows are damaged.
    """
    plan = plan_text(source)
    odd: list[str] = []

    def set_aside(row: arrow_csv.InvalidRow) -> str:
        odd.append(row.text)
        return "skip" if len(odd) <= _MOST_DAMAGED else "error"

    kept = [name for name in plan.names if not columns or name in columns]
    with source.open("rb") as file:
        try:
            reader = arrow_csv.open_csv(
                file,
                read_options=arrow_csv.ReadOptions(
                    column_names=list(plan.names), skip_rows=plan.skip, block_size=BLOCK_BYTES,
                    encoding="utf8" if plan.encoding.startswith("utf-8") else plan.encoding,
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=plan.dialect.delimiter, quote_char=plan.dialect.quote or False,
                    newlines_in_values=plan.quoted, invalid_row_handler=set_aside,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(plan.names, pa.string()), null_values=[""],
                    strings_can_be_null=True, include_columns=kept,
                ),
            )  # fmt: skip
            for batch in reader:
                account.rows += batch.num_rows
                yield batch
        except pa.ArrowInvalid as error:
            raise _refused(source, str(error), len(odd)) from error
    if odd:
        mended = _mended(plan, odd, account)
        if len(mended):
            yield pa.RecordBatch.from_pandas(mended[kept], reader.schema, preserve_index=False)
            account.rows += len(mended)


def _mended(plan: TextPlan, odd: list[str], account: Account) -> pd.DataFrame:
    """The rows set aside, mended beside whole ones; what is a footnote there is none of them."""
    header = plan.dialect.delimiter.join(f"col_{i}" for i in range(len(plan.names)))
    text = "\n".join([header, *plan.sample, *odd])
    sheet = read_sheet(text, plan.dialect, len(plan.names))
    table = table_of(sheet.cells, len(plan.names))
    first = len(plan.sample)
    frame = table.frame.iloc[first:, : len(plan.names)].set_axis(list(plan.names), axis=1)
    account.aside = sum(note.rows for note in table.notes) + sheet.second[0]
    for number, (before, rule) in sheet.mended.items():
        row = int(table.place[number]) - first
        if row > 0:
            after = " | ".join(frame.iloc[row - 1].fillna(""))
            account.mended.append((account.rows + row, "*", before[:SHOWN], after[:SHOWN], rule))
    return frame


def parquet_pieces(source: Path, columns: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
    """Read a Parquet file a piece at a time.

    Raises
    ------
    InputError
        If it is damaged.
    """
    try:
        with pq.ParquetFile(source) as file:
            kept = [name for name in file.schema_arrow.names if not columns or name in columns]
            yield from file.iter_batches(PIECE_ROWS, columns=kept)
    except pa.ArrowException as error:
        raise _refused(source, str(error), 0) from error


def to_parquet(source: Path, target: Path, *, progress: Progress = QUIET) -> Account:
    """Turn a delimited text of any size into a Parquet file of text columns.

    Parameters
    ----------
    source : Path
        Preambles are skipped and damaged rows mended; the mended ones come last.
    target : Path
        Written whole or not at all.
    progress : Progress

    Returns
    -------
    Account

    Raises
    ------
    InputError
        As `text_pieces`.
    """
    account = Account()
    pieces = progress.each(text_pieces(source, account), f"reading {source.name}")
    write_pieces(pieces, target)
    return account


def write_pieces(pieces: Iterator[pa.RecordBatch], target: Path) -> int:
    """Write record batches to a Parquet file that appears when it is complete.

    Returns
    -------
    int
        Rows written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    writer: pq.ParquetWriter | None = None
    rows = 0
    try:
        for piece in pieces:
            if writer is None:
                writer = pq.ParquetWriter(partial, piece.schema, compression="zstd")
            writer.write_batch(piece)
            rows += piece.num_rows
        if writer is None:
            raise InputError(
                f"Nothing was read for {target.name}; check the file or the query.",
                f"没有读到 {target.name} 的数据；请检查文件或查询。",
            )
        writer.close()
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return rows


def _refused(source: Path, reason: str, damaged: int) -> InputError:
    first = reason.strip().splitlines()[0][:160] if reason.strip() else "damaged"
    if damaged > _MOST_DAMAGED:
        return InputError(
            f"More than {_MOST_DAMAGED:,} rows of {source.name} are not as wide as its first ones; "
            "declare its delimiter, or export it again.",
            f"{source.name} 有超过 {_MOST_DAMAGED:,} 行与开头各行的列数不同；请指定分隔符或重新导出。",
        )
    return InputError(
        f"{source.name} cannot be read in pieces ({first}); check that it is whole.",
        f"{source.name} 无法分块读取（{first}）；请确认文件完整。",
    )
