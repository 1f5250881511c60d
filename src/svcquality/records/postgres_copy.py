"""Rows of PostgreSQL as fast as it can send them: ``COPY … TO STDOUT`` straight into Arrow columns."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv

BLOCK_BYTES = 16 << 20

_TYPES: dict[int, pa.DataType] = {
    16: pa.bool_(),
    20: pa.int64(), 21: pa.int64(), 23: pa.int64(),
    700: pa.float64(), 701: pa.float64(), 1700: pa.float64(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", "UTC"),
}  # fmt: skip
"""Object identifiers of PostgreSQL's types; every other one is read as text."""


def copy_pieces(connection: Any, query: str) -> Iterator[pa.RecordBatch]:
    """Stream the result of a query.

    Parameters
    ----------
    connection : psycopg.Connection
    query : str
        A ``SELECT``.

    Yields
    ------
    pyarrow.RecordBatch
        Typed columns; memory stays at a few blocks of 16 MB. Nothing where there are no rows.
    """
    query = query.strip().rstrip(";")
    with connection.cursor() as cursor:
        cursor.execute("SET datestyle TO ISO")
        cursor.execute(f"SELECT * FROM ({query}) AS rows WHERE false")
        types = {c.name: _TYPES.get(c.type_code, pa.string()) for c in cursor.description}
        with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as sent:
            stream = io.BufferedReader(_Sent(sent), 1 << 20)
            if not stream.peek(1):
                return
            yield from arrow_csv.open_csv(
                stream,
                read_options=arrow_csv.ReadOptions(
                    column_names=list(types), block_size=BLOCK_BYTES
                ),
                parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=types, null_values=[""], strings_can_be_null=True,
                    quoted_strings_can_be_null=False, true_values=["t"], false_values=["f"],
                ),
            )  # fmt: skip


class _Sent(io.RawIOBase):
    """What the server sends, as a file to read from."""

    def __init__(self, sent: Any) -> None:
        self._blocks = iter(sent)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:  # a block a row: taken by the thousand
            self._left = memoryview(b"".join(itertools.islice(self._blocks, 1_000)))
        number = min(len(buffer), len(self._left))
        buffer[:number] = self._left[:number]
        self._left = self._left[number:]
        return number
