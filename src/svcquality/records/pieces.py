"""Files and queries larger than memory: piece by piece into one Parquet file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv as arrow_csv

from svcquality.errors import InputError
from svcquality.progress import QUIET, Progress
from svcquality.records.dialect import ONE_COLUMN, choose_dialect
from svcquality.records.encoding import choose_encoding, decode
from svcquality.records.text_file import read_text
from svcquality.storage import hash_bytes

HEAD_BYTES = 1 << 20
BLOCK_BYTES = 32 << 20


def to_parquet(source: Path, target: Path, *, progress: Progress = QUIET) -> int:
    """Turn a delimited text of any size into a Parquet file of text columns.

    Parameters
    ----------
    source : Path
        A healthy delimited text: damaged rows are not mended here but refused, since a repair
        needs its row in the ledger. Preambles are skipped.
    target : Path
        Written whole or not at all.
    progress : Progress

    Returns
    -------
    int
        Rows written. Memory stays at a few blocks of 32 MB.

    Raises
    ------
    InputError
        If a row is wider or narrower than the header; the message names the first one.
    """
    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
    encoding = choose_encoding(head).name
    whole = head[: head.rfind(b"\n") + 1] or head
    text, _ = decode(whole, encoding)
    dialect = choose_dialect(text)
    used = dialect.dialect
    if used.delimiter == ONE_COLUMN or len(used.delimiter) > 1 or used.spaced or used.escape:
        raise InputError(
            f"{source.name} cannot be read in pieces (delimiter {used.delimiter!r}); "
            "export it with commas or tabs.",
            f"{source.name} 无法分块读取（分隔符 {used.delimiter!r}）；请用逗号或制表符导出。",
        )
    first = read_text(whole, source, hash_bytes(whole))
    names = list(first.frame.columns)
    above = next((note.rows for note in first.notes if note.code == "preamble"), 0)
    headers = 0 if any(note.code == "no_header" for note in first.notes) else 1
    skipped: list[object] = []

    def refuse(row: object) -> str:
        skipped.append(row)
        return "error"

    arrow_encoding = "utf8" if encoding.startswith("utf-8") else encoding
    with source.open("rb") as file:
        try:
            reader = arrow_csv.open_csv(
                file,
                read_options=arrow_csv.ReadOptions(
                    column_names=names, skip_rows=above + headers, block_size=BLOCK_BYTES,
                    encoding=arrow_encoding,
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=used.delimiter, quote_char=used.quote or False,
                    newlines_in_values=bool(used.quote) and used.quote in text,
                    invalid_row_handler=refuse,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), null_values=[""],
                    strings_can_be_null=True,
                ),
            )  # fmt: skip
            return write_pieces(progress.each(reader, f"reading {source.name}"), target)
        except pa.ArrowInvalid as error:
            raise _refused(source, str(error)) from error


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


def _refused(source: Path, reason: str) -> InputError:
    place = re.search(r"Row #?(\d+)", reason)
    where = f" (row {place[1]})" if place else ""
    where_zh = f"（第 {place[1]} 行）" if place else ""
    first = reason.splitlines()[0][:160]
    return InputError(
        f"{source.name} has a damaged row{where}: {first} Files of this size are not mended; "
        "correct the row or split the file.",
        f"{source.name} 有损坏的行{where_zh}：{first} 这样大的文件不作修复；请改正该行或拆分文件。",
    )
