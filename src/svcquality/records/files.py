"""Files as exports come: text of any encoding, Excel sheets, Parquet; every value still raw."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pandas as pd

from svcquality.errors import InputError
from svcquality.records.raw import RawFile, empty
from svcquality.records.text_file import read_text
from svcquality.storage import hash_bytes

__all__ = ["SUFFIXES", "RawFile", "empty", "read_file"]

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".parquet")


def read_file(
    path: Path, *, sheet: str | None = None, encoding: str = "", delimiter: str = ""
) -> RawFile:
    """Read a CSV, Excel or Parquet file without interpreting its values.

    Parameters
    ----------
    path : Path
    sheet : str, optional
        Sheet of an Excel file; its first by default.
    encoding, delimiter : str
        Of a text file; found out when empty.

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
    if suffix not in SUFFIXES:
        raise InputError(
            f"{path.name} is neither CSV, Excel nor Parquet; export it as one of these.",
            f"{path.name} 不是 CSV、Excel 或 Parquet 文件；请导出为其中一种格式。",
        )
    data = path.read_bytes()
    sha256 = hash_bytes(data)
    if not data.strip():
        raise empty(path.name)
    try:
        if suffix == ".parquet":
            raw = RawFile(pd.read_parquet(io.BytesIO(data)), path, sha256)
        elif suffix in (".xlsx", ".xls"):
            raw = _read_excel(data, path, sha256, sheet)
        else:
            raw = read_text(data, path, sha256, encoding, delimiter)
    except (ValueError, OSError, KeyError, LookupError, ImportError, zipfile.BadZipFile,
            csv.Error) as error:  # fmt: skip
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


def _read_excel(data: bytes, path: Path, sha256: str, sheet: str | None) -> RawFile:
    with pd.ExcelFile(io.BytesIO(data)) as book:
        names = [str(name) for name in book.sheet_names]
        if sheet is not None and sheet not in names:
            raise InputError(
                f"{path.name} has no sheet {sheet!r}; it has {', '.join(names)}.",
                f"{path.name} 没有工作表 {sheet!r}；现有：{'、'.join(names)}。",
            )
        chosen = names[0] if sheet is None else sheet
        cells = pd.read_excel(
            book, sheet_name=chosen, dtype=object, keep_default_na=False, na_values=[""]
        )
    # A column may mix true dates, numbers and text: as text they meet the same readers.
    return RawFile(cells.astype("str"), path, sha256, sheet=chosen)
