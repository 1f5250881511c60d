"""Tables of a database through SQLAlchemy, a piece at a time; PostgreSQL sends them by ``COPY``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from svcquality.errors import InputError
from svcquality.progress import QUIET, Progress
from svcquality.records.pieces import write_pieces
from svcquality.records.postgres_copy import copy_pieces
from svcquality.records.raw import RawFile
from svcquality.storage import hash_bytes

PIECE_ROWS = 100_000


def is_database(url: str) -> bool:
    """Whether a source is the address of a database (``postgresql+psycopg://…``), not a path."""
    return "://" in url


def read_database(url: str, query: str) -> RawFile:
    """Read a table or the result of a query into memory.

    Parameters
    ----------
    url : str
        An SQLAlchemy address, such as ``sqlite:///bank.db`` or ``postgresql+psycopg://host/db``.
        A password belongs into the environment or a password file, not into a study.
    query : str
        Name of a table, or a ``SELECT``.

    Returns
    -------
    RawFile
        Typed columns; the hash is that of the values read.

    Raises
    ------
    InputError
        If there is no connection, no such table, or the query fails.
    """
    with _connected(url) as connection:
        frame = pd.concat(_frames(_selected(query, connection, ()), connection), ignore_index=True)
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    digest = hash_bytes(pd.util.hash_pandas_object(frame).to_numpy().tobytes())
    return RawFile(frame, Path(query), digest)


def database_to_parquet(url: str, query: str, target: Path, *, progress: Progress = QUIET) -> int:
    """Stream a table or query into a Parquet file with bounded memory.

    Parameters
    ----------
    url, query : str
        As `read_database`.
    target : Path
        Written whole or not at all.
    progress : Progress

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    InputError
        As `read_database`; also if a column changes its type between pieces.
    """
    pieces = progress.each(database_pieces(url, query), "reading the database")
    return write_pieces(pieces, target)


def database_pieces(url: str, query: str, columns: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
    """Read a table or query a piece at a time; all pieces have the types of the first.

    Parameters
    ----------
    url, query : str
        As `read_database`.
    columns : sequence of str
        Those of a table that are wanted, as far as it has them; all by default.

    Raises
    ------
    InputError
        As `database_to_parquet`.
    """
    with _connected(url) as connection:
        selected = _selected(query, connection, columns)
        if connection.dialect.driver == "psycopg":
            yield from copy_pieces(connection.connection.driver_connection, str(selected))
            return
        schema: pa.Schema | None = None
        for frame in _frames(selected, connection):
            if schema is None:
                found = pa.Schema.from_pandas(frame, preserve_index=False)
                # A first piece without a value of a column says nothing about its type: text.
                schema = pa.schema(
                    [f.with_type(pa.string()) if pa.types.is_null(f.type) else f for f in found]
                )
            texts = [f.name for f in schema if pa.types.is_string(f.type)]
            kinds = dict.fromkeys(texts, "str")
            table = pa.Table.from_pandas(frame.astype(kinds), schema, preserve_index=False)
            yield from table.combine_chunks().to_batches()


@contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    """A connection; what goes wrong with it becomes a sentence."""
    try:
        engine = sa.create_engine(url)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
        raise InputError(
            f"The address of the database is not understood ({error}); write one such as "
            "postgresql+psycopg://host/name, and install its driver.",
            f"无法识别数据库地址（{error}）；请写成 postgresql+psycopg://主机/库名，并安装其驱动。",
        ) from error
    driver = getattr(engine.dialect.dbapi, "Error", sa.exc.SQLAlchemyError)
    try:
        with engine.connect() as connection:
            yield connection
    except (sa.exc.SQLAlchemyError, pd.errors.DatabaseError, pa.ArrowException, driver) as error:
        cause = error.__cause__ if isinstance(error, pd.errors.DatabaseError) else error
        raise _failed(str(getattr(cause, "orig", None) or cause)) from error
    finally:
        engine.dispose()


def _frames(selected: sa.TextClause, connection: sa.Connection) -> Iterator[pd.DataFrame]:
    # A cursor on the server: the client never holds more than a piece.
    streaming = connection.execution_options(stream_results=True, max_row_buffer=PIECE_ROWS)
    statement: Any = selected
    yield from pd.read_sql(statement, streaming, chunksize=PIECE_ROWS)


def _selected(query: str, connection: sa.Connection, columns: Sequence[str]) -> sa.TextClause:
    if " " in query.strip():
        return sa.text(query)
    schema, _, name = query.strip().rpartition(".")
    known = sa.inspect(connection)
    names = [*known.get_table_names(schema or None), *known.get_view_names(schema or None)]
    if name not in names:
        raise InputError(
            f"The database has no table {query!r}; it has {', '.join(names[:20]) or 'none'}.",
            f"数据库中没有表 {query!r}；现有：{'、'.join(names[:20]) or '无'}。",
        )
    quote = connection.dialect.identifier_preparer.quote
    full = f"{quote(schema)}.{quote(name)}" if schema else quote(name)
    if not columns:
        return sa.text(f"SELECT * FROM {full}")
    has = connection.execute(sa.text(f"SELECT * FROM {full} WHERE 1 = 0")).keys()
    wanted = ", ".join(quote(column) for column in has if column in columns) or "*"
    return sa.text(f"SELECT {wanted} FROM {full}")


def _failed(reason: str) -> InputError:
    first = reason.strip().splitlines()[0] if reason.strip() else "no reason given"
    return InputError(
        f"The database could not be read ({first}); check its address, rights and the query.",
        f"无法读取数据库（{first}）；请检查地址、权限与查询语句。",
    )
