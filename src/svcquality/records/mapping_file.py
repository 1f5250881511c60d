"""Mapping files: how the columns and codes of a real export become those of the declared tables.

One section a table, everything declared and nothing guessed::

    [complaints]
    source = "crm_events.csv"        # a file or a pattern with *; may stand in the study instead
    key    = "row"                   # only where the export has no key: each row is a record

    [complaints.columns]
    complaint_id = "id"                                          # declared = exported
    received     = { from = "date_received", format = "%d-%m-%Y" }
    responded    = { date = "day", clock = "time" }              # a day and a clock time
    channel      = { value = "hotline" }                         # the same in every row
    wait_minutes = { from = "wait", unit = "seconds" }
    resolved     = { from = "closed_at", zone = "UTC" }          # local is the section's time_zone
    text         = ["google_review", "yelp_review"]              # records side by side in a row

    [complaints.codes.channel]       # exported code = declared code
    "Web" = "online"

    [complaints.keys]                # how a key is written
    customer_id = { strip_prefix = "C", zeros = true, integer = true }

    [complaints.missing]             # codes that mean "nothing"
    text = ["N/A"]
    "item_*" = [0]

    [complaints.parallel]            # what tells records side by side apart
    platform = ["Google", "Yelp"]

    [complaints.extra]               # columns kept behind the declared ones
    keep   = ["product"]
    rename = { travel = "Type of Travel" }
"""

from __future__ import annotations

import fnmatch
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from svcquality.errors import InputError
from svcquality.records.mapping import (
    UNITS,
    WHOLE,
    ColumnRule,
    KeyRule,
    TableMapping,
    refuse_unknown,
)
from svcquality.records.tables import ITEM_PREFIX, TABLES, Table
from svcquality.records.zones import is_zone
from svcquality.storage import hash_file

_SECTION = ("source", "key", "sheet", "encoding", "delimiter", "time_zone",
            "columns", "codes", "keys", "missing", "extra", "parallel")  # fmt: skip
_RULE_KEYS = ("from", "format", "unit", "value", "date", "clock", "zone")
_KEY_RULES = ("strip_prefix", "zeros", "integer")


def parse_mapping(path: Path) -> dict[str, TableMapping]:
    """Read a mapping file.

    Returns
    -------
    dict of str to TableMapping
        By table name.

    Raises
    ------
    InputError
        If the file is missing, not TOML, or says something that is not understood.
    """
    if not path.is_file():
        raise InputError(
            f"There is no mapping file {path}; check the path in the study.",
            f"映射文件 {path} 不存在；请检查研究文件中的路径。",
        )
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} is not valid TOML: {error}.", f"{path} 不是有效的 TOML：{error}。"
        ) from error
    refuse_unknown("table", raw, TABLES, path.name)
    sha256 = hash_file(path)
    return {name: _parse_table(TABLES[name], raw[name], path.name, sha256) for name in raw}


def _parse_table(table: Table, raw: Any, file: str, sha256: str) -> TableMapping:
    where = f"{file} [{table.name}]"
    section = _as_section(raw, where)
    refuse_unknown("key", section, _SECTION, where)
    for name in ("source", "sheet", "encoding", "delimiter", "key", "time_zone"):
        if name in section and not isinstance(section[name], str):
            raise _wrong(where, name, "a text", "文本")
    if section.get("key", "row") != "row":
        raise _wrong(where, "key", '"row" (each row is a record)', '"row"（每行为一条记录）')
    rules = {
        name: _parse_rule(table, name, value, where)
        for name, value in _as_section(section.get("columns", {}), f"{where} columns").items()
    }
    if not rules:
        raise InputError(
            f"{where} maps no column; list them in [{table.name}.columns].",
            f"{where} 没有映射任何列；请在 [{table.name}.columns] 中列出。",
        )
    extras = _parse_extras(table, section.get("extra", {}), where)
    parallel = _parse_parallel(table, section.get("parallel", {}), rules, where)
    _check_zones(section.get("time_zone", ""), rules, where)
    targets = [*rules, *extras]
    codes = _as_section(section.get("codes", {}), f"{where} codes")
    keys = _as_section(section.get("keys", {}), f"{where} keys")
    missing = _as_section(section.get("missing", {}), f"{where} missing")
    refuse_unknown("column in codes", codes, targets, where)
    refuse_unknown("column in keys", keys, targets, where)
    for pattern in missing:
        if not fnmatch.filter(targets, pattern):
            refuse_unknown("column in missing", [pattern], targets, where)
    return TableMapping(
        table=table,
        columns=rules,
        source=section.get("source", ""),
        row_key="key" in section,
        reading={k: section[k] for k in ("sheet", "encoding", "delimiter") if k in section},
        codes={name: _parse_codes(table, name, c, where) for name, c in codes.items()},
        keys={name: _parse_key(name, k, where) for name, k in keys.items()},
        missing={name: _parse_missing(name, m, where) for name, m in missing.items()},
        extras=extras,
        parallel=parallel,
        time_zone=section.get("time_zone", ""),
        sha256=sha256,
    )


def _parse_rule(table: Table, name: str, raw: Any, where: str) -> ColumnRule:
    item = table.name == "surveys" and name.startswith(ITEM_PREFIX)
    if not item:
        refuse_unknown("column", [name], table.columns, where)
    if isinstance(raw, str):
        return ColumnRule(source=raw)
    if isinstance(raw, list) and len(raw) > 1:
        return ColumnRule(parallel=_texts(raw, name, where))
    if not isinstance(raw, dict):
        raise _wrong(where, name, 'a column name or { from = "…" }', '列名或 { from = "…" }')
    refuse_unknown(f"key of {name}", raw, _RULE_KEYS, where)
    ways = [way for way in ("from", "value", "date") if way in raw]
    if len(ways) != 1 or ("date" in raw) != ("clock" in raw):
        raise _wrong(
            where, name, "one of { from }, { date, clock }, { value }",
            "{ from }、{ date, clock }、{ value } 之一",
        )  # fmt: skip
    for key in ("from", "date", "clock", "unit", "zone"):
        if not isinstance(raw.get(key, ""), str):
            raise _wrong(where, f"{name}.{key}", "a text", "文本")
    unit = raw.get("unit", "")
    if unit:
        declared = "" if item else table.columns[name].unit
        refuse_unknown(f"unit of {name}", [unit], list(UNITS.get(declared, {})), where)
    return ColumnRule(
        source=raw.get("from", ""),
        formats=_texts(raw.get("format", []), f"{name}.format", where),
        unit=unit,
        value=raw.get("value"),
        date=raw.get("date", ""),
        clock=raw.get("clock", ""),
        zone=raw.get("zone", ""),
    )


def _parse_parallel(
    table: Table, raw: Any, rules: Mapping[str, ColumnRule], where: str
) -> dict[str, tuple[str, ...]]:
    """What tells records side by side apart; every list of a section is as long as the others."""
    section = _as_section(raw, f"{where} parallel")
    named = {name: _texts(words, f"parallel.{name}", where) for name, words in section.items()}
    lists = {n: r.parallel for n, r in rules.items() if r.parallel} | named
    lengths = {len(words) for words in lists.values()}
    if len(lengths) > 1 or (named and len(lists) == len(named)):
        raise InputError(
            f"{where}: lists of columns side by side must be equally long, one name for each record "
            f"of a row ({', '.join(f'{n}: {len(w)}' for n, w in lists.items())}).",
            f"{where}：并列列的列表长度必须一致，一行中的每条记录对应一个列名"
            f"（{'、'.join(f'{n}：{len(w)}' for n, w in lists.items())}）。",
        )
    for name in named:
        _refuse_declared(table, name, where)
    return named


def _check_zones(local: str, rules: Mapping[str, ColumnRule], where: str) -> None:
    zoned = {name: rule.zone for name, rule in rules.items() if rule.zone}
    for name, zone in {"time_zone": local, **zoned}.items():
        if zone and not is_zone(zone):
            raise InputError(
                f'{where}: {name} names no time zone {zone!r}; write one such as "Asia/Shanghai" or "UTC".',
                f'{where}：{name} 的时区 {zone!r} 不存在；请写成 "Asia/Shanghai" 或 "UTC" 这样的名称。',
            )
    if zoned and not local:
        raise InputError(
            f'{where}: {next(iter(zoned))} has a zone; say which zone is local: time_zone = "Asia/Shanghai".',
            f'{where}：{next(iter(zoned))} 声明了 zone；请写明当地时区：time_zone = "Asia/Shanghai"。',
        )


def _parse_codes(table: Table, name: str, raw: Any, where: str) -> dict[str, Any]:
    given = _as_section(raw, f"{where} codes.{name}")
    codes = {re.sub(*WHOLE, str(k)): str(v) for k, v in given.items()}
    declared = table.columns.get(name)
    if declared is not None and declared.allowed:
        refuse_unknown(f"code of {name}", codes.values(), declared.allowed, where)
    return codes


def _parse_key(name: str, raw: Any, where: str) -> KeyRule:
    rule = _as_section(raw, f"{where} keys.{name}")
    refuse_unknown(f"rule for the key {name}", rule, _KEY_RULES, where)
    prefix, zeros, integer = (
        rule.get(k, d) for k, d in zip(_KEY_RULES, ("", False, False), strict=True)
    )
    if not isinstance(prefix, str) or not isinstance(zeros, bool) or not isinstance(integer, bool):
        raise _wrong(
            where, f"keys.{name}", '{ strip_prefix = "…", zeros = true, integer = true }',
            '{ strip_prefix = "…", zeros = true, integer = true }',
        )  # fmt: skip
    return KeyRule(prefix, zeros, integer)


def _parse_missing(name: str, raw: Any, where: str) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(v, str | int | float) for v in raw):
        raise _wrong(where, f"missing.{name}", 'a list such as ["N/A", 0]', '列表，例如 ["N/A", 0]')
    return tuple(re.sub(*WHOLE, str(v)) for v in raw)


def _parse_extras(table: Table, raw: Any, where: str) -> dict[str, str]:
    section = _as_section(raw, f"{where} extra")
    refuse_unknown("key of extra", section, ("keep", "rename"), where)
    extras = {name: name for name in _texts(section.get("keep", []), "extra.keep", where)}
    for name, source in _as_section(section.get("rename", {}), f"{where} extra.rename").items():
        if not isinstance(source, str):
            raise _wrong(where, f"extra.rename.{name}", "a column name", "列名")
        extras[name] = source
    for name in extras:
        _refuse_declared(table, name, where)
    return extras


def _refuse_declared(table: Table, name: str, where: str) -> None:
    if name in table.columns:
        raise InputError(
            f"{where}: {name!r} is a declared column; map it in [{table.name}.columns].",
            f"{where}：{name!r} 是已定义的列；请写在 [{table.name}.columns] 中。",
        )


def _texts(raw: Any, name: str, where: str) -> tuple[str, ...]:
    values = [raw] if isinstance(raw, str) else raw
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise _wrong(where, name, "a text or a list of texts", "文本或文本列表")
    return tuple(values)


def _as_section(raw: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise InputError(f"{where} must be a section.", f"{where} 应为一个小节。")
    return raw


def _wrong(where: str, name: str, wanted: str, wanted_zh: str) -> InputError:
    return InputError(f"{where}: {name} must be {wanted}.", f"{where}：{name} 应为{wanted_zh}。")
