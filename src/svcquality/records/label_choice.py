"""Labelled columns as a table wants them: ratings as numbers, whatever their labels are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from svcquality.errors import InputError
from svcquality.records.mapping import TableMapping
from svcquality.records.raw import RawFile
from svcquality.records.tables import ITEM_PREFIX
from svcquality.records.value_labels import Coded

HIGHER_IS_BETTER = ("satisfaction", "recommendation")
_RATED = (*HIGHER_IS_BETTER, "effort")


def is_rated(name: str) -> bool:
    """Whether a declared column holds ratings."""
    return name in _RATED or name.startswith(ITEM_PREFIX)


def as_declared(raw: RawFile, mapping: TableMapping | None) -> RawFile:
    """The file with each labelled column as its declaration reads it.

    Parameters
    ----------
    raw : RawFile
    mapping : TableMapping, optional
        None where the columns have their declared names already.

    Returns
    -------
    RawFile
        A column mapped to ratings gives its numbers; one whose mapping names codes by their labels
        gives these; all others stay.

    Raises
    ------
    InputError
        If a scale mapped to satisfaction, recommendation or an item runs from best to worst and
        the mapping does not turn it round: every sentence would be upside down.
    """
    if not raw.coded:
        return raw
    frame = raw.frame.copy()
    for name, source, codes in _targets(raw, mapping):
        column = raw.coded.get(source)
        if column is None:
            continue
        if set(codes) & set(column.labels.values()):
            frame[source] = column.words.set_axis(frame.index)
        elif is_rated(name):
            if column.falling and not codes and name != "effort":
                raise _falling(name, source, column, raw.path.name)
            frame[source] = column.numbers.set_axis(frame.index)
    return replace(raw, frame=frame)


def turned_round(column: Coded) -> dict[str, str]:
    """Codes that turn a scale round: 1 = 5 … 5 = 1."""
    return {f"{a:g}": f"{b:g}" for a, b in zip(column.run, reversed(column.run), strict=True)}


def _targets(
    raw: RawFile, mapping: TableMapping | None
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Declared name, exported column, codes."""
    if mapping is None:
        yield from ((str(name), str(name), {}) for name in raw.frame.columns)
        return
    for name, rule in mapping.columns.items():
        for source in rule.sources:
            yield name, source, mapping.codes.get(name, {})


def _falling(name: str, source: str, column: Coded, file: str) -> InputError:
    codes = ", ".join(f"{json.dumps(a)} = {b}" for a, b in turned_round(column).items())
    low, high = column.run[0], column.run[-1]
    ends = f"{low:g} = {column.labels[low]}", f"{high:g} = {column.labels[high]}"
    return InputError(
        f"{file}: {source} ({name}) runs from best to worst ({ends[0]}, {ends[1]}); higher must be "
        f"better, so add to the mapping file: [surveys.codes] {name} = {{ {codes} }}.",
        f"{file}：{source}（{name}）的量表由好到差（{ends[0]}，{ends[1]}），而数值越大应越好；"
        f"请在映射文件中写明：[surveys.codes] {name} = {{ {codes} }}。",
    )
