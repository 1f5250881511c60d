"""Read a bank's records: files and databases into validated tables, with an account of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from svcquality.errors import InputError
from svcquality.progress import QUIET, Progress
from svcquality.records.bank import NO_HOLIDAYS, Records, SourceFile, assemble
from svcquality.records.database import read_database
from svcquality.records.files import RawFile, read_file
from svcquality.records.label_choice import as_declared
from svcquality.records.mapping import apply_mapping, refuse_unknown
from svcquality.records.reading_account import with_reading
from svcquality.records.sources import Source, find_holidays, find_sources, read_sources
from svcquality.records.tables import TABLES
from svcquality.records.validate import Validated, validate
from svcquality.storage import hash_bytes

__all__ = ["Records", "Source", "read_records", "read_sources", "read_tables"]


def read_records(
    path: str | Path, *, mapping: str | Path | None = None, progress: Progress = QUIET
) -> Records:
    """Read and validate the records of one bank.

    Parameters
    ----------
    path : str or Path
        A ``study.toml`` whose section ``[records]`` names files (the other tables are found beside
        it by their names); a directory that holds one; a directory with a ``mapping.toml`` whose sections name their source; or a directory of
        CSV, Excel or Parquet files named after the tables (``complaints.csv`` …).
    mapping : str or Path, optional
        Mapping file for the directory's files.
    progress : Progress
        How to tell that work goes on.

    Returns
    -------
    Records

    Raises
    ------
    InputError
        If a file is missing, unreadable or empty, a column or key is missing, a mapping or the
        section of the study is wrong. The message says which and what to do.

    Examples
    --------
    >>> bank = read_records("data/demo")  # doctest: +SKIP
    >>> bank.card()  # doctest: +SKIP
    """
    path = Path(path)
    if not path.exists():
        raise InputError(
            f"There is nothing at {path}; give a study.toml or a directory of tables.",
            f"{path} 不存在；请给出 study.toml 或存放数据表的目录。",
        )
    holidays = find_holidays(path)
    return read_tables(find_sources(path, mapping), holidays=holidays, progress=progress)


def read_tables(
    sources: Mapping[str, Source],
    *,
    holidays: pd.DatetimeIndex = NO_HOLIDAYS,
    progress: Progress = QUIET,
) -> Records:
    """Read and validate the given tables.

    Parameters
    ----------
    sources : mapping of str to Source
        By table name.
    holidays : DatetimeIndex
        Days on which the bank was closed.
    progress : Progress
        How to tell that work goes on.

    Raises
    ------
    InputError
        As `read_records`.
    """
    refuse_unknown("table", sources, TABLES, "[records]")
    parts: list[Validated] = []
    files: dict[str, SourceFile] = {}
    notes: list[tuple[str, str, str, str, str]] = []
    for name, source in progress.each(list(sources.items()), "tables"):
        raws = [as_declared(raw, source.mapping) for raw in _read_source(source)]
        label = source.name or source.path.name
        hashes = [raw.sha256 for raw in raws]
        whole = hashes[0] if len(hashes) == 1 else hash_bytes("".join(hashes).encode())
        files[name] = SourceFile(label, whole)
        frame = _joined(raws, label)
        notes += [(name, r.path.name, n.code, n.text.zh, n.text.en) for r in raws for n in r.notes]
        if source.mapping is None:
            parts.append(with_reading(validate(frame, TABLES[name]), raws))
            continue
        files[f"{name}.mapping"] = SourceFile(source.mapping_name, source.mapping.sha256)
        mapped = apply_mapping(frame, source.mapping, label)
        part = validate(
            mapped.frame, TABLES[name], keep=mapped.extras, formats=mapped.formats,
            row_key=source.mapping.row_key,
        )  # fmt: skip
        parts.append(with_reading(part.with_mapping(mapped, len(frame)), raws))
    read = pd.DataFrame(notes, columns=["table", "file", "code", "what_zh", "what_en"], dtype="str")
    return replace(assemble(parts, files, holidays), notes=read)


def _joined(raws: Sequence[RawFile], label: str) -> pd.DataFrame:
    """Files of the same columns under each other, rows numbered on."""
    columns = list(raws[0].frame.columns)
    for raw in raws[1:]:
        other = set(columns) ^ set(raw.frame.columns)
        if other:
            listed = ", ".join(sorted(map(str, other))[:5])
            raise InputError(
                f"The files of {label} have different columns: {raws[0].path.name} and "
                f"{raw.path.name} differ in {listed}; rename these, or read the files as they are "
                "one by one.",
                f"{label} 的各文件列不一致：{raws[0].path.name} 与 {raw.path.name} 在 {listed} 上不同；"
                "请统一列名，或逐个读取这些文件。",
            )
    frame = pd.concat([raw.frame for raw in raws]) if len(raws) > 1 else raws[0].frame
    return frame.set_axis(pd.RangeIndex(1, len(frame) + 1), axis=0)


def _read_source(source: Source) -> list[RawFile]:
    if source.database:
        return [read_database(source.database, source.query)]
    options: dict[str, Any] = dict(source.mapping.reading) if source.mapping else {}
    if source.sheet:
        options["sheet"] = source.sheet
    if "*" not in source.path.name:
        return [read_file(source.path, **options)]
    files = sorted(source.path.parent.glob(source.path.name))
    if not files:
        raise InputError(
            f"No file fits {source.name or source.path}; check the pattern.",
            f"没有与 {source.name or source.path} 匹配的文件；请检查通配符。",
        )
    return [read_file(file, **options) for file in files]
