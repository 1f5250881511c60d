"""Files as exports come: encodings, delimiters, Excel sheets, Parquet; every value still raw."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from charset_normalizer import from_bytes

from svcquality.errors import InputError
from svcquality.storage import hash_bytes

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".parquet")
DELIMITERS = (",", ";", "\t", "|")

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SAMPLE_BYTES = 200_000


@dataclass(frozen=True)
class RawFile:
    """One file as it was read.

    Parameters
    ----------
    frame : DataFrame
        Text columns (CSV, Excel) or typed ones (Parquet); the index counts the data rows from 1.
    path : Path
    sha256 : str
        Of the file's bytes.
    encoding, delimiter, sheet : str
        How it was read; empty where it does not apply.
    """

    frame: pd.DataFrame
    path: Path
    sha256: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


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
            raw = _read_text(data, path, sha256, encoding, delimiter)
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


def empty(name: str) -> InputError:
    """The error for a table without rows."""
    return InputError(
        f"{name} has no rows; leave it out of the study or export it again.",
        f"{name} 没有数据行；请从研究中去掉它，或重新导出。",
    )


def find_encoding(data: bytes) -> str:
    """Encoding of a text: its byte-order mark, strict UTF-8, then the best-scored guess.

    "The first codec that works" would be wrong: most byte strings decode under GB18030.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        best = from_bytes(data[:_SAMPLE_BYTES]).best()
        guess = best.encoding if best else "gb18030"
        # GB2312 and GBK are parts of GB18030, which reads the rest of the file as well.
        return "gb18030" if guess in ("gb2312", "gbk", "gb18030", "hz") else guess
    return "utf-8"


def find_delimiter(text: str) -> str:
    """The delimiter that splits the first lines into the same number of fields, and most of them."""
    lines = text[:_SAMPLE_BYTES].splitlines()[:50]

    def score(delimiter: str) -> tuple[int, int]:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        width = len(rows[0]) if rows else 0
        return (sum(len(row) == width for row in rows) if width > 1 else 0, width)

    return max(DELIMITERS, key=score)


def _read_text(data: bytes, path: Path, sha256: str, encoding: str, delimiter: str) -> RawFile:
    encoding = encoding or find_encoding(data)
    text = data.decode(encoding)
    delimiter = delimiter or find_delimiter(text)
    frame = pd.read_csv(
        io.StringIO(text), sep=delimiter, dtype="str", keep_default_na=False, na_values=[""],
        index_col=False, skip_blank_lines=True,
    )  # fmt: skip
    return RawFile(frame, path, sha256, encoding, delimiter)


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
