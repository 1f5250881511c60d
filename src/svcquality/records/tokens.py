"""A line into fields where its quotes cannot be trusted: every way to take them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Set

from svcquality.records.dialect import Dialect

_MOST_QUOTES = 4


def tokens(line: str, dialect: Dialect) -> Iterator[list[tuple[str, bool]]]:
    """Every way to split a line whose quotes are not well placed.

    Parameters
    ----------
    line : str
    dialect : Dialect

    Yields
    ------
    list of (str, bool)
        Fields, and whether each was taken out of quotes. The first way trusts most quotes; a quote
        that does not stand at a border of a field is text.
    """
    opening = _opening(dialect)
    places = [m.end() for m in opening.finditer(line)][:_MOST_QUOTES] if opening else []
    seen: set[tuple[str, ...]] = set()
    for literal in itertools.product((False, True), repeat=len(places)):
        as_text = {place for place, is_text in zip(places, literal, strict=True) if is_text}
        found = split_line(line, dialect, as_text)
        key = tuple(field for field, _ in found)
        if key not in seen:
            seen.add(key)
            yield found


def _opening(dialect: Dialect) -> re.Pattern[str] | None:
    if not dialect.quote:
        return None
    return re.compile(rf"(?:^|{re.escape(dialect.delimiter)}) ?{re.escape(dialect.quote)}")


def split_line(line: str, dialect: Dialect, as_text: Set[int]) -> list[tuple[str, bool]]:
    """Fields of a line; an opening quote whose end is in ``as_text`` is no quotation mark."""
    delimiter, quote = dialect.delimiter, dialect.quote
    fields: list[tuple[str, bool]] = []
    position = 0
    while True:
        begin = position
        if dialect.spaced or (quote and line[begin : begin + 1] == " "):
            while line[begin : begin + 1] == " " and delimiter != " ":
                begin += 1
        if quote and line.startswith(quote, begin) and begin + len(quote) not in as_text:
            end = _closing(line, begin + 1, dialect)
            if end >= 0:
                inner = line[begin + 1 : end].replace(quote * 2, quote)
                fields.append((inner, True))
                position = end + 1
                while line[position : position + 1] == " " and delimiter != " ":
                    position += 1
                if position >= len(line):
                    return fields
                position += len(delimiter)
                continue
        end = line.find(delimiter, position)
        if end < 0:
            fields.append((line[begin if dialect.spaced else position :], False))
            return fields
        fields.append((line[begin if dialect.spaced else position : end], False))
        position = end + len(delimiter)


def _closing(line: str, start: int, dialect: Dialect) -> int:
    """The quote that ends a field: the first that a delimiter or the end follows."""
    position = start
    while True:
        end = line.find(dialect.quote, position)
        if end < 0:
            return -1
        if line.startswith(dialect.quote * 2, end):
            after = line[end + 2 :].lstrip(" ")
            if not after or after.startswith(dialect.delimiter):
                return end + 1  # a quote that was not doubled, and the end
            position = end + 2
            continue
        rest = line[end + 1 :].lstrip(" ") if dialect.delimiter != " " else line[end + 1 :]
        if not rest or rest.startswith(dialect.delimiter):
            return end
        position = end + 1
