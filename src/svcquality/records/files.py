"""Files as exports come, whatever their kind: every value still raw, every choice noted."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa

from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.records import statistical
from svcquality.records.encoding import choose_encoding, decode
from svcquality.records.excel import read_excel
from svcquality.records.packed import unpack_gzip, unpack_zip
from svcquality.records.raw import Note, RawFile, empty
from svcquality.records.text_file import read_text
from svcquality.storage import hash_bytes

__all__ = ["SUFFIXES", "RawFile", "empty", "read_file"]

_TEXT = (".csv", ".tsv", ".txt", ".tab", ".dat")
_EXCEL = (".xlsx", ".xlsm", ".xls")
_COLUMNAR = (".parquet", ".feather", ".arrow")
_JSON = (".jsonl", ".ndjson", ".json")
_PLAIN = (*_TEXT, *_EXCEL, *_COLUMNAR, *_JSON, *statistical.SUFFIXES)
_PACKED = (".gz", ".zip")
# The order in which a directory is searched for a table by its name.
SUFFIXES = (*_PLAIN, *(f"{suffix}.gz" for suffix in (*_TEXT, *_JSON)), ".zip")
"""Ends of file names that can be read."""


def read_file(
    path: Path, *, sheet: str | None = None, encoding: str = "", delimiter: str = ""
) -> RawFile:
    """Read a file without interpreting its values.

    Parameters
    ----------
    path : Path
        CSV and other delimited text, Excel, Parquet, Feather, JSON lines, SPSS, Stata; also packed
        with gzip or zip.
    sheet : str, optional
        Sheet of an Excel file, or file in a zip with several; the first by default.
    encoding, delimiter : str
        Of a text file; found out when empty.

    Returns
    -------
    RawFile

    Raises
    ------
    InputError
        If the file is missing, of an unknown kind, empty or cannot be read.
    """
    if not path.is_file():
        raise InputError(
            f"There is no file {path}; check the path in the study or mapping file.",
            f"文件 {path} 不存在；请检查研究文件或映射文件中的路径。",
        )
    suffix = path.suffix.lower()
    if suffix not in (*_PLAIN, *_PACKED):
        raise InputError(
            f"{path.name} is neither CSV, Excel, Parquet, JSON lines, SPSS nor Stata; "
            "export it as one of these.",
            f"{path.name} 不是 CSV、Excel、Parquet、JSON Lines、SPSS 或 Stata 文件；请导出为其中一种格式。",
        )
    data = path.read_bytes()
    sha256 = hash_bytes(data)
    if not data.strip():
        raise empty(path.name)
    try:
        raw = _read(data, path, sha256, sheet, encoding, delimiter)
    except (ValueError, OSError, KeyError, LookupError, ImportError, zipfile.BadZipFile, csv.Error,
            pa.ArrowException, *statistical.ERRORS) as error:  # fmt: skip
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            f"{path.name} cannot be read ({reason}); check that it opens in a spreadsheet, "
            "or declare its encoding, delimiter or sheet in the mapping file.",
            f"无法读取 {path.name}（{reason}）；请确认它能用表格软件打开，"
            "或在映射文件中写明 encoding、delimiter 或 sheet。",
        ) from error
    frame = raw.frame
    frame.columns = frame.columns.astype(str).str.strip().str.removeprefix("\ufeff")
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return raw


def _read(
    data: bytes, path: Path, sha256: str, sheet: str | None, encoding: str, delimiter: str
) -> RawFile:
    suffix = _kind(data, path)
    if suffix == ".gz":
        inner = unpack_gzip(data, path.name)
        return _read(inner, path.with_suffix(""), sha256, sheet, encoding, delimiter)
    if suffix == ".zip":
        members = unpack_zip(data, path.name, _PLAIN)
        return _read_members(members, path, sha256, sheet, encoding, delimiter)
    if suffix in _EXCEL:
        return read_excel(data, path, sha256, sheet)
    if suffix in statistical.SUFFIXES:
        return statistical.read_statistical(data, path, sha256, suffix)
    if suffix == ".parquet":
        return RawFile(pd.read_parquet(io.BytesIO(data)), path, sha256)
    if suffix in _COLUMNAR:
        return RawFile(pd.read_feather(io.BytesIO(data)), path, sha256)
    if suffix in _JSON:
        return _read_json(data, path, sha256, encoding)
    return read_text(data, path, sha256, encoding, delimiter)


def _kind(data: bytes, path: Path) -> str:
    """The kind by content where that is certain, else by name: a .xls is often a renamed text."""
    suffix = path.suffix.lower()
    if data.startswith(b"PK\x03\x04") and suffix in _TEXT:
        return ".xlsx"
    if data.startswith(b"\x1f\x8b") and suffix in _TEXT:
        return ".gz"
    if suffix == ".xls" and not data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return ".txt"
    return suffix


def _read_members(
    members: dict[str, bytes], path: Path, sha256: str, sheet: str | None, *how: str
) -> RawFile:
    """The file of a zip; several of the same columns (a file a month) follow each other."""
    if sheet is not None:
        if sheet not in members:
            raise InputError(
                f"{path.name} holds no {sheet!r}; it holds {', '.join(members)}.",
                f"{path.name} 中没有 {sheet!r}；现有：{'、'.join(members)}。",
            )
        members = {sheet: members[sheet]}
    raws = [
        _read(members[name], path.with_name(Path(name).name), sha256, None, *how)
        for name in sorted(members)
    ]
    first = raws[0]
    if len(raws) == 1:
        return first
    if any(list(raw.frame.columns) != list(first.frame.columns) for raw in raws[1:]):
        raise InputError(
            f"{path.name} holds files of different columns ({', '.join(sorted(members))}); "
            "unpack it, or name one with sheet.",
            f"{path.name} 中各文件的列不同（{'、'.join(sorted(members))}）；请解压，或用 sheet 指定其一。",
        )
    starts = [0, *pd.Series([len(raw.frame) for raw in raws]).cumsum().tolist()]
    mended = [
        raw.mended.assign(row=raw.mended["row"] + s) for raw, s in zip(raws, starts, strict=False)
    ]
    note = Note(
        "members",
        Text(
            f"压缩包内 {len(raws)} 个同样列的文件，依次连接",
            f"{len(raws)} files of the same columns, one after the other",
        ),
    )
    return RawFile(
        pd.concat([raw.frame for raw in raws], ignore_index=True), path, sha256, first.encoding,
        first.delimiter, notes=(note, *(n for raw in raws for n in raw.notes)),
        mended=pd.concat(mended, ignore_index=True),
    )  # fmt: skip


def _read_json(data: bytes, path: Path, sha256: str, encoding: str) -> RawFile:
    """JSON lines, or an array of objects; nested objects become columns ``outer.inner``."""
    name = encoding or choose_encoding(data).name
    text, _ = decode(data, name)
    stripped = text.lstrip()
    read: Callable[[str], object] = json.loads
    rows = read(stripped) if stripped.startswith("[") else [
        read(line) for line in text.splitlines() if line.strip()
    ]  # fmt: skip
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(
            f"{path.name} is no table; write one JSON object a line.",
            f"{path.name} 不是数据表；请每行写一个 JSON 对象。",
        )
    frame = pd.json_normalize(rows)
    for column in frame.select_dtypes("object").columns:
        frame[column] = frame[column].map(_as_text, na_action="ignore").astype("str")
    return RawFile(frame, path, sha256, name)


def _as_text(value: object) -> str:
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
