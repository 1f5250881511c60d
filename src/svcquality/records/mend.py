"""Rows that came apart, put together again with the fewest changes that restore the columns.

A row that does not split into as many fields as its table is tried with a delimiter lost or added,
a stray quote taken as text, another delimiter, or fields missing at its end; what fits its columns
best (`svcquality.records.profile`), less a price a change, is kept. Rows that nothing mends stay.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from svcquality.language import Text
from svcquality.records.dialect import Dialect
from svcquality.records.profile import Column
from svcquality.records.tokens import split_line, tokens

MENDING_RULES: dict[str, Text] = {
    "stray_quote": Text("多余的引号，按文字保留", "stray quote kept as text"),
    "lost_delimiter": Text("缺少分隔符，已按列内容拆开", "lost delimiter, cell split where its columns fit"),
    "surplus_delimiter": Text("多余的分隔符，已去除或并入文字", "surplus delimiter removed or taken as text"),
    "other_delimiter": Text("该行用了另一种分隔符", "row written with another delimiter"),
    "short_row": Text("该行列数不足，其余记为缺失", "short row, the rest set missing"),
    "broken_row": Text("一条记录被换行拆开，已合并", "row broken over several lines, joined"),
    "long_row": Text("该行列数过多，多出的值另列保存", "long row, surplus values kept in further columns"),
    "undecodable": Text("无法解码的字节，以 � 代替", "bytes that could not be decoded, replaced by �"),
}  # fmt: skip
"""Every way of mending a row in words."""

PRICE = {
    "stray_quote": 1.0,
    "broken": 1.0,
    "surplus": 3.0,
    "text": 4.5,
    "lost": 4.0,
    "other": 6.0,
    "missing": 2.0,
}
_LONGEST_SPLIT = 1200
_QUOTE_BONUS = 3.0
_BREAK_BONUS = 0.7
_BAD = -4.0


@dataclass(frozen=True)
class Mended:
    """One row, mended.

    Parameters
    ----------
    fields : tuple of str
    rule : str
        A key of `MENDING_RULES`.
    fit : float
        Mean log-likelihood of its cells, less the price of its changes.
    """

    fields: tuple[str, ...]
    rule: str
    fit: float


def mend_row(
    line: str,
    dialect: Dialect,
    columns: Sequence[Column],
    others: Sequence[str] = (),
    *,
    quotes_only: bool = False,
) -> Mended | None:
    """Put one row together again.

    Parameters
    ----------
    line : str
        The row as it stands in the file.
    dialect : Dialect
    columns : sequence of Column
        Profiles of the columns that the row should have.
    others : sequence of str
        Delimiters that the row may have been written with instead.
    quotes_only : bool
        Change no delimiters: rows of other widths are common in this file.

    Returns
    -------
    Mended or None
        None where no way fits better than leaving the row as it is.
    """
    width = len(columns)
    found: list[Mended] = []
    for number, split in enumerate(itertools.islice(tokens(line, dialect), 16)):
        fields = [field for field, _ in split]
        price = PRICE["stray_quote"] * (number > 0)
        if len(fields) == width:
            broken = any("\n" in field and not quoted for field, quoted in split)
            rule = "broken_row" if broken else "stray_quote"
            whole = [" ".join(field.split("\n")) for field in fields] if broken else fields
            fit = _scored(whole, columns, rule, price + PRICE["broken"] * broken).fit
            found.append(Mended(tuple(fields), rule, fit))
        if quotes_only:
            continue
        if len(fields) > width:
            found += _joined(split, dialect.delimiter, columns, price)
        if len(fields) == width - 1:
            found += _parted(split, dialect, columns, price)
        if width - 4 <= len(fields) < width and len(fields) > 1:
            found += _filled_up(fields, columns, price)
    if not quotes_only:
        for restored in _beside_quotes(line, dialect):
            fields = [field for field, _ in next(tokens(restored, dialect))]
            if len(fields) == width:
                found.append(_scored(fields, columns, "lost_delimiter", PRICE["lost"]))
    if not quotes_only:
        few = line.count(dialect.delimiter) < (width - 1) / 2  # words are parted by spaces anyway
        for other in others:
            if line.count(other) >= width - 1 and (few or other != " "):
                found += _written_otherwise(line, dialect, other, columns)
    best = max(found, key=lambda mended: mended.fit, default=None)
    return best if best is not None and best.fit > _BAD else None


def _beside_quotes(line: str, dialect: Dialect) -> Iterator[str]:
    """The line with a delimiter put back where a quote touches other text."""
    if not dialect.quote:
        return
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    border = re.compile(
        rf"(?<=[^{quote}{delimiter}\s])(?={quote}[^{quote}])|(?<={quote})(?=[^{quote}{delimiter}\s])"
    )
    for match in itertools.islice(border.finditer(line), 8):
        yield line[: match.start()] + dialect.delimiter + line[match.start() :]


def _scored(fields: Sequence[str], columns: Sequence[Column], rule: str, price: float) -> Mended:
    likely = sum(column.fit(field.strip()) for column, field in zip(columns, fields, strict=True))
    return Mended(tuple(fields), rule, (likely - price) / len(columns))


def _filled_up(fields: list[str], columns: Sequence[Column], price: float) -> list[Mended]:
    lacking = len(columns) - len(fields)
    padded = [*fields, *[""] * lacking]
    # What is empty anyway costs nothing more; a cut-off row is likelier than its empty cells are.
    gain = sum(min(0.0, column.fit("") + PRICE["missing"]) for column in columns[len(fields) :])
    return [_scored(padded, columns, "short_row", price + gain + 0.5)]


def _parted(
    split: list[tuple[str, bool]], dialect: Dialect, columns: Sequence[Column], price: float
) -> list[Mended]:
    """One delimiter lost: the best place in any field to put it back."""
    fields = [field for field, _ in split]
    before = list(itertools.accumulate(
        (c.fit(f.strip()) for c, f in zip(columns[:-1], fields, strict=True)), initial=0.0))  # fmt: skip
    after = list(itertools.accumulate(
        (c.fit(f.strip()) for c, f in zip(reversed(columns), reversed(fields), strict=False)),
        initial=0.0))  # fmt: skip
    best: Mended | None = None
    for index, field in enumerate(fields):
        rest = before[index] + after[len(fields) - 1 - index]
        for left, right, bonus in _places(field, split[index][1], dialect):
            likely = rest + bonus + columns[index].fit(left.strip())
            likely += columns[index + 1].fit(right.strip())
            fit = (likely - price - PRICE["lost"]) / len(columns)
            if best is None or fit > best.fit:
                parted = (*fields[:index], left, right, *fields[index + 1 :])
                best = Mended(parted, "lost_delimiter", fit)
    return [best] if best else []


_BREAK = re.compile(
    r"(?<=[0-9])(?=[^0-9.,:/\-\s])|(?<=[a-z.!?)])(?=[A-Z$€£])|(?<=[A-Za-z])(?=[0-9$€£])|(?<=\S)(?= )"
    r"|(?=(?:https?|ftp)://)"
)


def _places(field: str, quoted: bool, dialect: Dialect) -> Iterator[tuple[str, str, float]]:
    """Where a field may be parted: at a quote inside it, at a change of kind, or anywhere."""
    if len(field) > _LONGEST_SPLIT:
        return
    quote = dialect.quote
    if quote:
        for match in re.finditer(re.escape(quote), field):
            left, right = field[: match.start()], field[match.end() :]
            if left.endswith(dialect.delimiter) or right.startswith(dialect.delimiter):
                continue  # a delimiter stands there already
            if left.startswith(quote):  # it closed a quoted field
                left = left[len(quote) :].replace(quote * 2, quote)
            if right.endswith(quote):  # it opened one
                right = right[: -len(quote)].replace(quote * 2, quote)
            yield left, right, _QUOTE_BONUS if left or quoted else 0.0
    yield "", field, 0.0
    yield field, "", 0.0
    breaks = {m.start() for m in _BREAK.finditer(field)}
    every = range(1, len(field)) if len(field) <= 40 else sorted(breaks)
    for place in every:
        yield field[:place], field[place:], _BREAK_BONUS if place in breaks else 0.0


def _joined(
    split: list[tuple[str, bool]], delimiter: str, columns: Sequence[Column], price: float,
    rule: str = "surplus_delimiter", each: float = PRICE["surplus"],
) -> list[Mended]:  # fmt: skip
    """Too many fields: the cheapest way to leave out empty ones and to join neighbours."""
    width, count = len(columns), len(split)
    surplus = count - width
    if (surplus > max(3, width) and rule == "surplus_delimiter") or count > 400:
        return []
    fields = [field for field, _ in split]
    # best[i][j]: the first i fields fill the first j columns
    best: list[list[tuple[float, tuple[str, ...]]]] = [
        [(-1e9, ())] * (width + 1) for _ in range(count + 1)
    ]
    best[0][0] = (0.0, ())
    for i in range(1, count + 1):
        for j in range(max(0, width - (count - i)), min(i, width) + 1):
            options = []
            if not fields[i - 1].strip():
                score, cells = best[i - 1][j]
                options.append((score - each, cells))
            if j:
                for k in range(i - 1, max(-1, i - surplus - 2), -1):
                    score, cells = best[k][j - 1]
                    if score <= -1e8:
                        continue
                    several = i - k > 1
                    if several and (
                        any(q for _, q in split[k:i]) or not (fields[k] and fields[i - 1])
                    ):
                        continue
                    value = delimiter.join(fields[k:i])
                    cost = (PRICE["text"] if rule == "surplus_delimiter" else 0.2) * (i - k - 1)
                    options.append(
                        (score + columns[j - 1].fit(value.strip()) - cost, (*cells, value))
                    )
            if options:
                best[i][j] = max(options, key=lambda option: option[0])
    score, cells = best[count][width]
    return [Mended(cells, rule, (score - price) / width)] if score > -1e8 else []


def mend_header(
    line: str, dialect: Dialect, columns: Sequence[Column], others: Sequence[str]
) -> list[str]:
    """Names of columns from a line that does not split into as many; at worst padded or wider."""
    width = len(columns)
    ways = [
        [field.strip() for field, _ in way] for way in itertools.islice(tokens(line, dialect), 8)
    ]
    for fields in ways:
        if len(fields) == width:
            return fields
        filled = [field for field in fields if field]
        if len(fields) > width == len(filled):
            return filled
    for other in others if dialect.delimiter not in line else ():
        fields = [
            field for field, _ in split_line(line, Dialect(other, dialect.quote), frozenset())
        ]
        if len(fields) == width and all(fields[:-1]):
            return fields
    fields = ways[0]
    if len(fields) == width - 1 and columns[-1].empty_share < 1:
        places = [
            (bonus, (*fields[:i], left, right, *fields[i + 1 :]))
            for i, field in enumerate(fields)
            for left, right, bonus in _places(field, False, dialect)
            if bonus and left and right
        ]
        best = max((bonus for bonus, _ in places), default=0.0)
        chosen = [names for bonus, names in places if bonus == best]
        if len(chosen) == 1:  # of several equally good places none is known to be the right one
            return list(chosen[0])
    return [*fields, *[""] * (width - len(fields))]


def _written_otherwise(
    line: str, dialect: Dialect, other: str, columns: Sequence[Column]
) -> list[Mended]:
    changed = Dialect(other, dialect.quote)
    found: list[Mended] = []
    for split in itertools.islice(tokens(line, changed), 8):
        if len(split) >= len(columns):
            found += _joined(split, other, columns, PRICE["other"], "other_delimiter", 0.5)
    return found
