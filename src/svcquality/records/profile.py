"""What the cells of each column look like, learned from whole rows: how well a value fits there.

The likelihood of a value is that of its exact spelling or shape among the column's own values; what
was never seen gets the share that shapes seen once have (Good 1953, "The population frequencies of
species"), so a column of free text finds a new text likely and a column of codes does not.
"""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

_NEVER = 1e-4
_CLASSES = str.maketrans(
    dict.fromkeys("0123456789０１２３４５６７８９", "9")
    | dict.fromkeys(string.ascii_uppercase, "A")
    | dict.fromkeys(string.ascii_lowercase + "àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿß", "a")
)
_WORD = re.compile(r"[Aa]+")
_RUNS = re.compile(r"(.)\1+")
_HAN = re.compile(r"[\u3400-\u9fff\uac00-\ud7a3]+")
_SHORT = 24


@lru_cache(maxsize=1 << 16)
def exact_shape(cell: str) -> str:
    """Digits as 9, letters as A and a, everything else as it is; long texts by their outline."""
    if len(cell) > _SHORT:
        return outline(cell)
    shape = cell.translate(_CLASSES)
    return shape if shape.isascii() else _HAN.sub("文", shape)


@lru_cache(maxsize=1 << 16)
def outline(cell: str) -> str:
    """Runs collapsed; of a long text only how it begins and ends and whether it has spaces."""
    if len(cell) <= _SHORT:
        return _RUNS.sub(r"\1", _WORD.sub("a", exact_shape(cell)))
    first, last = exact_shape(cell[:2]), exact_shape(cell[-1])
    kind = "url" if "://" in cell else "words" if " " in cell else "run"
    return f"{kind} {first} {last}"


@dataclass
class Column:
    """The values of one column, as they are seen in whole rows."""

    values: list[str]
    _known: dict[str, float] = field(default_factory=dict)

    @cached_property
    def _filled(self) -> list[str]:
        return [value for value in self.values if value]

    @cached_property
    def _seen(self) -> Counter[str]:
        return Counter(self._filled)

    @cached_property
    def _shapes(self) -> Counter[str]:
        return Counter(map(exact_shape, self._filled))

    @cached_property
    def _outlines(self) -> Counter[str]:
        return Counter(map(outline, self._filled))

    @cached_property
    def _new_value(self) -> int:
        return _once(self._seen)

    @cached_property
    def _new_shape(self) -> int:
        return _once(self._shapes)

    @cached_property
    def _new_outline(self) -> int:
        return _once(self._outlines)

    @cached_property
    def _log_length(self) -> tuple[float, float]:
        logs = [math.log1p(len(value)) for value in self._filled] or [0.0]
        mean = sum(logs) / len(logs)
        spread = math.sqrt(sum((x - mean) ** 2 for x in logs) / len(logs))
        return mean, max(spread, 0.15)

    @cached_property
    def empty_share(self) -> float:
        """Share of the values that are empty."""
        return 1 - len(self._filled) / len(self.values) if self.values else 0.5

    @cached_property
    def is_prose(self) -> bool:
        """Whether most values are texts: of several words, or of several Han characters or Hangul."""
        texts = sum(
            " " in value or len(_HAN.sub("", value)) < len(value) - 3 for value in self._filled
        )
        return texts > 0.5 * len(self._filled) and len(self._seen) > 2

    def fit(self, value: str) -> float:
        """Log-likelihood of a value; 0 is perfect, and -9 about the worst."""
        known = self._known.get(value)
        if known is None:
            known = self._known[value] = self._fit(value)
        return known

    def _fit(self, value: str) -> float:
        total = len(self.values) + 1
        if not value:
            return math.log((total * self.empty_share + 0.02) / total)
        filled = math.log(max(1 - self.empty_share, 0.02))
        if self._seen[value] > 1:
            return filled
        number = max(len(self._filled), 1)
        shape = self._shapes[exact_shape(value)]
        if shape:
            new_value = max(self._new_value / number, 0.1)
            return filled + math.log(new_value * (max(shape / number, 0.05) if shape > 1 else 0.05))
        new_shape = self._new_shape / number
        drawn = self._outlines[outline(value)]
        new_outline = drawn / number if drawn else self._new_outline / number
        mean, spread = self._log_length
        off = (math.log1p(len(value)) - mean) / spread
        likely = max(new_shape, _NEVER) * max(new_outline, _NEVER)
        return filled + max(math.log(likely) - min(off * off / 2, 4.0), -9.0)


def _once(counts: Counter[str]) -> int:
    return sum(number == 1 for number in counts.values())


def columns_of(rows: Sequence[Sequence[str]], width: int) -> list[Column]:
    """Profiles of the columns of equally wide rows."""
    return [Column([row[i].strip() for row in rows]) for i in range(width)]
