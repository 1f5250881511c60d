"""How a text file separates its fields: chosen by consistency of widths and of types.

For every delimiter that might be one, the first lines are split and scored by how many of them come
out equally wide and how many cells are of a known kind (numbers, days, clock times, codes), as in
van den Burg, Nazábal & Sutton (2019), "Wrangling messy CSV files by detecting row and type
patterns"; a file that no delimiter explains is one column of text.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from svcquality.language import Text

SAMPLE_CHARACTERS = 60_000
SAMPLE_LINES = 150

DELIMITERS = (",", "\t", ";", "|", " ", ":", "^", "~", "#", "&", "*", "!", "@", "\x01", "\x1f", "\x07",
              "¦", "§", "¬", "，", "；", "、")  # fmt: skip
"""Single characters that may separate fields, the usual ones first."""

ONE_COLUMN = "\x1e"
"""Stands for the delimiter of a file that has none."""

_WEIGHT = {
    " ": 0.7,
    ":": 0.5,
    "#": 0.6,
    "&": 0.6,
    "*": 0.6,
    "!": 0.5,
    "@": 0.5,
    "、": 0.6,
    "，": 0.8,
}
_PLAIN_TEXT = 0.6
_ONE_COLUMN_SCORE = 0.16
_QUOTED = 0.3

LINE_END = re.compile("\r\n|\n|\r")

_KINDS = re.compile(
    r"""
    [+-]?\d+                                             # whole numbers
    | [+-]?(?:\d{1,3}(?:[,. ]\d{3})+|\d+)?[.,]\d+(?:[eE][+-]?\d+)?  # decimals
    | [+-]?\d+[eE][+-]?\d+
    | [+-]?\d{1,3}(?:,\d{3})+
    | [$€£¥￥]\s?[+-]?[\d.,]+ | [+-]?[\d.,]+\s?(?:[%$€£元]|USD|EUR)   # money, shares
    | \d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?(?:[T ]\s?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:[AaPp][Mm])?(?:Z|[+-]\d{2}:?\d{2})?)?
    | \d{1,2}[-/ ][A-Za-z]{3,9}[-/ ]\d{2,4}
    | \d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AaPp][Mm])?           # clock times
    | [A-Za-z]{1,4}[-_]?\d{2,}(?:-\d+)*                             # codes
    | [\w.+-]+@[\w-]+\.[\w.]+ | (?:https?|ftp)://[^\s,;|\t"]+
    | (?:true|false|yes|no|y|n|n/a|nan|null|none|na|-|--|是|否|男|女)
    """,
    re.VERBOSE | re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited text is written.

    Parameters
    ----------
    delimiter : str
        One or more characters; `ONE_COLUMN` where there is none.
    quote : str
        Empty where fields are not quoted.
    escape : str
        A character before a quote inside a quoted field; empty where quotes are doubled.
    spaced : bool
        Spaces after a delimiter do not belong to the field.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    spaced: bool = False

    def rows(self, lines: list[str]) -> list[list[str]]:
        """Split lines into fields, leniently: for looking at a sample, not for reading."""
        delimiter = self.delimiter
        if len(delimiter) > 1:
            lines = [line.replace(delimiter, ONE_COLUMN) for line in lines]
            delimiter = ONE_COLUMN
        reader = csv.reader(
            lines, delimiter=delimiter, quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar=self.escape or None, doublequote=True, skipinitialspace=self.spaced,
        )  # fmt: skip
        try:
            return [row for row in reader if row]
        except csv.Error:
            return []


@dataclass(frozen=True)
class DialectChoice:
    """The dialect of a text, and why.

    Parameters
    ----------
    dialect : Dialect
    width : int
        Columns of most rows of the sample.
    why : Text
    scores : tuple of (str, float)
        Delimiters compared, best first.
    """

    dialect: Dialect
    width: int
    why: Text
    scores: tuple[tuple[str, float], ...] = ()


def choose_dialect(text: str, delimiter: str = "") -> DialectChoice:
    """Find delimiter, quotes and escapes of a delimited text.

    Parameters
    ----------
    text : str
        The file, or its beginning.
    delimiter : str
        Declared; found out when empty.
    """
    lines = sample_lines(text)
    given = [delimiter] if delimiter else _candidates(lines)
    scored: list[tuple[float, int, Dialect]] = []
    for candidate in given:
        quote, quoted = _quote_of(lines, candidate)
        # Quotes that open and close beside a delimiter speak for it.
        sure = 1 + _QUOTED * min(1.0, quoted / max(len(lines), 1))
        for dialect in _variants(candidate, quote, lines):
            score, width = _score(dialect, lines)
            scored.append((sure * score, width, dialect))
    if not delimiter:
        alone = Dialect(ONE_COLUMN, _quote_of(lines, ONE_COLUMN)[0])
        scored.append((_ONE_COLUMN_SCORE, 1, alone))
    best = max(scored, key=lambda item: item[0])  # the first of equals: the more usual delimiter
    best_of: dict[str, float] = {}
    for value, _, dialect in scored:
        best_of[dialect.delimiter] = max(value, best_of.get(dialect.delimiter, 0.0))
    ranked = tuple(sorted(best_of.items(), key=lambda item: -item[1])[:4])
    return DialectChoice(best[2], best[1], _why(best, bool(delimiter)), ranked)


def name_of(delimiter: str) -> Text:
    """A delimiter in words where it cannot be seen."""
    names = {"\t": Text("制表符", "tab"), " ": Text("空格", "space"),
             ONE_COLUMN: Text("无（单列）", "none (one column)")}  # fmt: skip
    return names.get(delimiter) or Text(f"“{delimiter}”", f"{delimiter!r}")


def is_known(cell: str) -> bool:
    """Whether a cell is a number, day, clock time, code, address or flag."""
    return _KINDS.fullmatch(cell.strip()) is not None


def sample_lines(text: str) -> list[str]:
    """The first lines that hold something; the last may be cut off by the size of the sample."""
    head = text[:SAMPLE_CHARACTERS]
    lines = LINE_END.split(head)
    if len(text) > len(head) and len(lines) > 1:
        lines.pop()
    return [line for line in lines if line.strip()][:SAMPLE_LINES]


def _candidates(lines: list[str]) -> list[str]:
    """Delimiters seen in a good part of the lines, and runs of one that come doubled."""
    enough = max(1, len(lines) // 5)
    found = []
    sample = "\n".join(lines)
    for delimiter in DELIMITERS:
        if sample.count(delimiter) < enough:
            continue
        seen = sum(delimiter in line for line in lines)
        if seen < enough:
            continue
        found.append(delimiter)
        if delimiter in ",;|" and sum(delimiter + " " in line for line in lines) >= 0.9 * seen:
            found.append(delimiter + " ")  # the mark alone may then be part of a field: 1,5, 2,7
        if delimiter not in " :\t,;":
            doubled = delimiter * 2
            if sum(doubled in line for line in lines) >= max(1, 0.9 * seen):
                found.append(doubled)
    for several in ("::", ";;", "|:|", "<>", "$$"):
        if several in sample and sum(several in line for line in lines) >= max(1, 0.9 * len(lines)):
            found.append(several)
    return found


def _variants(delimiter: str, quote: str, lines: list[str]) -> list[Dialect]:
    spaced = len(delimiter) == 1 and delimiter != " " and _is_spaced(delimiter, lines)
    found = [Dialect(delimiter, quote, "", spaced)]
    if quote and sum("\\" + quote in line for line in lines):
        found.append(Dialect(delimiter, quote, "\\", spaced))
    return found


def _is_spaced(delimiter: str, lines: list[str]) -> bool:
    """Whether nearly every delimiter is followed by a space."""
    if delimiter == "\t":
        return False
    sample = "\n".join(lines)
    return sample.count(delimiter + " ") > 0.9 * sample.count(delimiter)


def _quote_of(lines: list[str], delimiter: str) -> tuple[str, int]:
    """The quotation mark that opens and closes most fields, and how many; a double one if none does."""
    part = re.escape(delimiter)
    sample = "\n".join(lines)  # a quoted field may go on in the next line
    best, most = "", 0
    for quote in ('"', "'", "`"):
        if quote not in sample:
            continue
        inside = rf"[^{quote}\\]*(?:(?:{quote}{quote}|\\.)[^{quote}\\]*)*"
        field = re.compile(
            rf"(?:^|{part})[ ]?{quote}{inside}{quote}(?=[ ]*(?:$|{part}))", re.MULTILINE | re.DOTALL
        )
        found = len(field.findall(sample))
        if found > most * (1 if quote == '"' else 1.5):
            best, most = quote, found
    return best or '"', most


def _score(dialect: Dialect, lines: list[str]) -> tuple[float, int]:
    """Consistency of widths times share of known kinds; and the width of most rows."""
    rows = dialect.rows(lines)
    widths = Counter(map(len, rows))
    widths.pop(1, None)
    if not widths:
        return 0.0, 1
    width, most = max(widths.items(), key=lambda item: (item[1] * (item[0] - 1) / item[0], item[0]))
    # Rows that are wider than one but not as wide as most speak against a delimiter more than
    # rows without any: those may be a preamble or a footnote.
    alone = sum(len(row) == 1 for row in rows)
    other = sum(widths.values()) - most
    consistent = most / (most + other + 0.5 * alone)
    cells = [cell for row in rows if len(row) == width for cell in row]
    kinds = sum(_kind_weight(cell) for cell in cells) / len(cells)
    swallowed = sum("\n" in cell for cell in cells)
    names_fit = 1.0 if len(rows[0]) == width else 0.9
    score = (
        names_fit
        * consistent**1.5
        * kinds
        * (width - 1)
        / width
        * _WEIGHT.get(dialect.delimiter, 1.0)
    )
    if dialect.escape:
        score *= 1.001  # of two that explain alike, the one under which backslashes mean something
    return score * (0.9 if swallowed else 1.0), width


@lru_cache(maxsize=50_000)
def _kind_weight(cell: str) -> float:
    if cell.startswith(" "):  # perhaps the space belongs to the delimiter
        return 0.7 * _kind_weight(cell.lstrip(" "))
    cell = cell.strip()
    if not cell:
        return 0.5
    if _KINDS.fullmatch(cell):
        return 1.0
    # Text that still holds what separates fields elsewhere was probably not split where it should.
    if re.search(r'[;\t|]|\d,\D|\D,\d|^"|"$', cell) or re.search(r"\S,\S", cell):
        return 0.2
    return _PLAIN_TEXT


def _why(best: tuple[float, int, Dialect], declared: bool) -> Text:
    score, width, dialect = best
    if declared:
        return Text("由使用者指定", "declared")
    if dialect.delimiter == ONE_COLUMN:
        return Text("没有一种分隔符能把各行分成同样多的列", "no delimiter splits the lines alike")
    return Text(
        f"多数行分成 {width} 列，列中类型最一致（得分 {score:.2f}）",
        f"most lines split into {width} columns of the most consistent kinds (score {score:.2f})",
    )
