"""Automatic readers of delimited files: ours, and the best of the others, each as its makers mean it.

Every reader gets a path and no option about the file, except where a peer cannot decode: then it is
told the encoding, which ours finds out.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clevercsv
import duckdb
import pandas as pd

from benchmarks.reading_scores import Reading
from svcquality.records.files import read_file

csv.field_size_limit(1 << 30)


def ours(path: Path, encoding: str) -> Reading:
    """`svcquality.records.files.read_file`, told nothing."""
    raw = read_file(path)
    rows = raw.frame.fillna("").astype("str").to_numpy().tolist()
    bare = any(note.code == "no_header" for note in raw.notes)
    return None if bare else list(raw.frame.columns), rows


_DUCKDB = duckdb.connect()


def _duckdb(path: Path, encoding: str, **how: Any) -> Reading:
    if encoding != "utf-8":  # what it may not decode it is given decoded
        text = path.read_bytes().decode(encoding)
        path = path.with_suffix(".utf8.csv")
        path.write_bytes(text.encode())
    # Whether there is a header it tells by types, which all_varchar would take from it.
    words = "".join(f", {name} := {value}" for name, value in how.items())
    sniffed = _DUCKDB.execute(f"select HasHeader from sniff_csv(?{words})", [str(path)]).fetchall()
    header = bool(sniffed[0][0])
    relation = _DUCKDB.read_csv(str(path), all_varchar=True, header=header, **how)
    names = list(relation.columns) if header else None
    return names, [["" if cell is None else cell for cell in row] for row in relation.fetchall()]


def duckdb_strict(path: Path, encoding: str) -> Reading:
    """DuckDB's ``read_csv`` with everything detected; values kept as text."""
    return _duckdb(path, encoding)


def duckdb_lenient(path: Path, encoding: str) -> Reading:
    """The same with the options that let it go on over damaged rows."""
    return _duckdb(
        path, encoding, strict_mode=False, null_padding=True, ignore_errors=True, parallel=False
    )


def clevercsv_(path: Path, encoding: str) -> Reading:
    """CleverCSV's detector and reader."""
    text = path.read_bytes().decode(encoding).removeprefix("\ufeff")
    dialect = clevercsv.Detector().detect(text)
    rows = [list(row) for row in clevercsv.reader(io.StringIO(text, newline=""), dialect)]
    return _first_row(rows, _has_header(text))


def _has_header(text: str) -> bool:
    try:
        return csv.Sniffer().has_header(text)
    except csv.Error:
        return True


def sniffer(path: Path, encoding: str) -> Reading:
    """``csv.Sniffer`` of the standard library."""
    text = path.read_bytes().decode(encoding).removeprefix("\ufeff")
    dialect = csv.Sniffer().sniff(text)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), dialect) if row]
    return _first_row(rows, _has_header(text))


def nothing_detected(path: Path, encoding: str) -> Reading:
    """Commas, double quotes, names in the first line: ``csv.reader`` as it comes."""
    text = path.read_bytes().decode(encoding).removeprefix("\ufeff")
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    return _first_row(rows, True)


def pandas_(path: Path, encoding: str) -> Reading:
    """``pandas.read_csv`` without an option; it refuses rows that are too wide."""
    frame = pd.read_csv(path, dtype="str", keep_default_na=False, encoding=encoding)
    return list(frame.columns), frame.fillna("").to_numpy().tolist()


def _first_row(rows: list[list[str]], header: bool) -> Reading:
    return (rows[0], rows[1:]) if rows and header else (None, rows)


READERS: dict[str, Callable[[Path, str], Reading]] = {
    "svcquality": ours,
    "DuckDB, lenient": duckdb_lenient,
    "DuckDB": duckdb_strict,
    "CleverCSV": clevercsv_,
    "csv.Sniffer": sniffer,
    "csv.reader": nothing_detected,
    "pandas": pandas_,
}


def read(name: str, path: Path, encoding: str) -> Reading | None:
    """What a reader makes of a file; None where it refuses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return READERS[name](path, encoding)
        except Exception:  # a peer may fail in any way; it then scores nothing
            return None
