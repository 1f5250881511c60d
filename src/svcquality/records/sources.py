"""Where the tables of a bank are: a study file, a mapping file, or files named after tables."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from svcquality.errors import InputError
from svcquality.records.files import SUFFIXES
from svcquality.records.mapping import TableMapping, refuse_unknown
from svcquality.records.mapping_file import parse_mapping
from svcquality.records.tables import TABLES

STUDY_FILE = "study.toml"
_ENTRY = ("path", "mapping", "sheet", "database", "query")
MAPPING_FILE = "mapping.toml"
CALENDAR = "calendar"
"""Section of the records that declares the days on which the bank was closed."""


@dataclass(frozen=True)
class Source:
    """Where one table is and how its columns map.

    Parameters
    ----------
    path : Path
        A file, or a pattern with ``*`` whose files are read one after the other.
    mapping : TableMapping, optional
        None where the columns have their declared names already.
    name : str
        The path as the study writes it, for the record of sources.
    mapping_name : str
        The mapping file as the study writes it.
    sheet : str
        Sheet of an Excel file; its first, or the mapping's, when empty.
    database, query : str
        Address of a database, and the table or query to read there, instead of a file.
    """

    path: Path
    mapping: TableMapping | None = None
    name: str = ""
    mapping_name: str = ""
    sheet: str = ""
    database: str = ""
    query: str = ""


def read_sources(
    section: Mapping[str, Any], folder: Path, file: str = STUDY_FILE
) -> dict[str, Source]:
    """Sources from the section ``[records]`` of a study.

    Parameters
    ----------
    section : mapping
        ``table = "file"`` or ``table = { path = "file", mapping = "mapping.toml", sheet = "…" }``
        or ``table = { database = "sqlite:///bank.db", query = "visits" }``. Without either the
        mapping's own ``source`` is used.
    folder : Path
        Where relative paths start.
    file : str
        Name of the study file, for messages.

    Raises
    ------
    InputError
        If a table or key is unknown, or a path is missing.
    """
    section = {name: given for name, given in section.items() if name != CALENDAR}
    refuse_unknown("table in [records]", section, TABLES, file)
    sources: dict[str, Source] = {}
    mappings: dict[str, dict[str, TableMapping]] = {}
    for name, given in section.items():
        entry = {"path": given} if isinstance(given, str) else given
        if not isinstance(entry, dict) or not all(isinstance(v, str) for v in entry.values()):
            raise InputError(
                f'{file}: write [records] {name} as "file.csv" or '
                '{ path = "file.csv", mapping = "mapping.toml" }.',
                f'{file}：[records] 中的 {name} 应写成 "file.csv" 或 '
                '{ path = "file.csv", mapping = "mapping.toml" }。',
            )
        refuse_unknown(f"key of [records] {name}", entry, _ENTRY, file)
        mapping = None
        if "mapping" in entry:
            tables = mappings.setdefault(entry["mapping"], parse_mapping(folder / entry["mapping"]))
            if name not in tables:
                raise InputError(
                    f"{entry['mapping']} has no section [{name}]; add it, or leave the mapping "
                    f"of {name} out of {file}.",
                    f"{entry['mapping']} 没有 [{name}] 小节；请补上，或在 {file} 中去掉该映射。",
                )
            mapping = tables[name]
        if "database" in entry:
            query = entry.get("query", name)
            sources[name] = Source(
                folder, mapping, query, entry.get("mapping", ""),
                database=_beside(entry["database"], folder), query=query,
            )  # fmt: skip
            continue
        where = entry.get("path") or (mapping.source if mapping else "")
        if not where:
            raise InputError(
                f"{file}: [records] {name} names no file; give path, or source in its mapping.",
                f"{file}：[records] 中的 {name} 没有指定文件；请给出 path，或在映射中给出 source。",
            )
        sources[name] = Source(
            folder / where, mapping, where, entry.get("mapping", ""), entry.get("sheet", "")
        )
    return sources


def _beside(address: str, folder: Path) -> str:
    """An embedded database lies beside the study, as files do."""
    kind, mark, file = address.partition(":///")
    if not mark or not file or Path(file).is_absolute():
        return address
    return f"{kind}:///{folder / file}"


def find_sources(path: Path, mapping: str | Path | None) -> dict[str, Source]:
    study = path / STUDY_FILE if path.is_dir() else path
    folder = path if path.is_dir() else path.parent
    if mapping is None and study.is_file():
        if study.suffix != ".toml":
            raise InputError(
                f"{path} is neither a study.toml nor a directory of tables; "
                "for a single table use its directory.",
                f"{path} 既不是 study.toml，也不是存放数据表的目录；单个表请给出其所在目录。",
            )
        section = _records_section(study)
        if section is not None:
            given = read_sources(section, folder, study.name)
            given |= {
                name: Source(found, None, found.name)
                for name, found in _named_after_tables(folder, besides=given).items()
            }
            return {name: given[name] for name in TABLES if name in given}
    if mapping is None and (folder / MAPPING_FILE).is_file():
        mapping = folder / MAPPING_FILE
    named = _named_after_tables(folder)
    if mapping is None:
        if not named:
            raise InputError(
                f"{folder} holds no table; name its files after the tables "
                f"({', '.join(TABLES)}) or add a study.toml with [records].",
                f"{folder} 中没有数据表；请按表名命名文件（{'、'.join(TABLES)}），"
                "或添加含 [records] 的 study.toml。",
            )
        return {name: Source(file, None, file.name) for name, file in named.items()}
    mapping = Path(mapping)
    sources = {name: Source(file, None, file.name) for name, file in named.items()}
    for name, table in parse_mapping(mapping).items():
        if table.source:
            sources[name] = Source(folder / table.source, table, table.source, mapping.name)
        elif name in named:
            sources[name] = Source(named[name], table, named[name].name, mapping.name)
        else:
            raise InputError(
                f'{mapping.name}: [{name}] names no source; add source = "file.csv".',
                f'{mapping.name}：[{name}] 没有指定来源文件；请添加 source = "file.csv"。',
            )
    return {name: sources[name] for name in TABLES if name in sources}


def find_holidays(path: Path) -> pd.DatetimeIndex:
    """The days on which the bank was closed, as ``[records.calendar]`` of a study declares them.

    ``holidays`` is a list of days (``"2024-10-01"``) and of spans (``"2024-10-01/2024-10-07"``).

    Raises
    ------
    InputError
        If the section holds anything else.
    """
    study = path / STUDY_FILE if path.is_dir() else path
    section = _records_section(study) if study.is_file() and study.suffix == ".toml" else None
    calendar = (section or {}).get(CALENDAR, {})
    given = calendar.get("holidays", []) if isinstance(calendar, dict) else None
    if not isinstance(given, list) or set(calendar) - {"holidays"}:
        raise _no_calendar(study.name)
    days: list[pd.Timestamp] = []
    for entry in map(str, given):
        first, _, last = entry.partition("/")
        try:
            span = pd.date_range(pd.Timestamp(first), pd.Timestamp(last or first), freq="D")
        except ValueError as error:
            raise _no_calendar(study.name) from error
        if span.empty:
            raise _no_calendar(study.name)
        days += list(span)
    return pd.DatetimeIndex(sorted(set(days))).normalize()


def _no_calendar(file: str) -> InputError:
    example = '[records.calendar] holidays = ["2024-01-01", "2024-10-01/2024-10-07"]'
    return InputError(
        f"{file}: write the days on which the bank was closed as {example}.",
        f"{file}：请把停业日写成 {example}。",
    )


def _named_after_tables(folder: Path, besides: Collection[str] = ()) -> dict[str, Path]:
    """Files named after tables; two for one table are refused."""
    found: dict[str, Path] = {}
    for name in (table for table in TABLES if table not in besides):
        files = [f for f in (folder / f"{name}{suffix}" for suffix in SUFFIXES) if f.is_file()]
        if len(files) > 1:
            raise InputError(
                f"{folder} holds {name} twice ({', '.join(f.name for f in files)}); keep one.",
                f"{folder} 中 {name} 有两个文件（{'、'.join(f.name for f in files)}）；请只保留一个。",
            )
        if files:
            found[name] = files[0]
    return found


def _records_section(study: Path) -> Mapping[str, Any] | None:
    try:
        section = tomllib.loads(study.read_text("utf-8-sig")).get("records")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{study} is not valid TOML: {error}.", f"{study} 不是有效的 TOML：{error}。"
        ) from error
    if section is not None and not isinstance(section, dict):
        raise InputError(
            f"{study}: write the records as a section [records].",
            f"{study}：请把数据来源写成 [records] 小节。",
        )
    return section
