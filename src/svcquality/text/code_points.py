"""Many texts as one array of code points, and equal spans of it found in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numba
import numpy as np

PRIME = 1099511628211
"""Multiplier of the FNV-1a hash (Fowler, Noll & Vo 1991)."""


@dataclass(frozen=True, eq=False)
class CodePoints:
    """Texts one behind the other, a code point an element.

    Parameters
    ----------
    points : int32 array of shape (characters,)
    offsets : int64 array of shape (texts + 1,)
        Text ``i`` is ``points[offsets[i]:offsets[i + 1]]``.
    """

    points: np.ndarray
    offsets: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[str]) -> CodePoints:
        """Code points of texts; lone surrogates are kept as they are."""
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        data = "".join(texts).encode("utf-32-le", "surrogatepass")
        return cls(np.frombuffer(data, dtype="<i4"), offsets_of(lengths))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> np.ndarray:
        """Characters of each text, int64 of shape (texts,)."""
        return np.diff(self.offsets)

    def strings(self) -> list[str]:
        """The texts again."""
        whole = self.points.astype("<i4").tobytes().decode("utf-32-le", "surrogatepass")
        edges = self.offsets.tolist()
        return [whole[a:b] for a, b in pairwise(edges)]

    def any_of(self, flags: np.ndarray) -> np.ndarray:
        """Flags of the characters of each text, taken together.

        Parameters
        ----------
        flags : unsigned integer array of shape (characters,)

        Returns
        -------
        array of shape (texts,)
            Bitwise or over the characters; 0 for an empty text.
        """
        return _reduce(np.bitwise_or, flags, self.offsets)

    def count(self, flags: np.ndarray) -> np.ndarray:
        """How many characters of each text are flagged, int64 of shape (texts,)."""
        return _reduce(np.add, flags.astype(np.int64), self.offsets)


def offsets_of(lengths: np.ndarray) -> np.ndarray:
    """Where pieces of these lengths begin, and where the last one ends."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def elements_of(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the elements of spans, one span behind the other, and the spans' new offsets."""
    lengths = ends - starts
    offsets = offsets_of(lengths)
    return np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths), offsets


def intern_spans(
    points: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Number spans by what they say.

    Parameters
    ----------
    points : int32 array
    starts, ends : int64 arrays of shape (spans,)

    Returns
    -------
    codes : int32 array of shape (spans,)
        Equal spans have equal codes, numbered in the order in which they first occur.
    first : int64 array of shape (distinct spans,)
        The span in which each code occurs first.
    """
    return _intern(points, starts, ends)


def _reduce(operation: np.ufunc, values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    result = np.zeros(len(offsets) - 1, dtype=values.dtype)
    some = np.flatnonzero(np.diff(offsets))  # reduceat gives an empty row its neighbour's value
    if len(some):
        result[some] = operation.reduceat(values, offsets[some])
    return result


@numba.njit(cache=True)
def span_hash(points: np.ndarray, start: int, end: int) -> int:
    """FNV-1a over code points, its high bits folded into the low ones."""
    value = -3750763034362895579
    for i in range(start, end):
        value = (value ^ points[i]) * PRIME
    return value ^ (value >> 29)


@numba.njit(cache=True)
def same_span(points: np.ndarray, a: int, b: int, length: int) -> bool:
    """Whether the ``length`` code points from ``a`` and from ``b`` on are the same."""
    for i in range(length):  # noqa: SIM110 (compiled)
        if points[a + i] != points[b + i]:
            return False
    return True


@numba.njit(cache=True)
def _intern(
    points: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    codes = np.empty(len(starts), np.int32)
    first = np.empty(1024, np.int64)
    hashes = np.empty(1024, np.int64)
    slots = np.full(4096, -1, np.int32)
    count = 0
    for span in range(len(starts)):
        start, length = starts[span], ends[span] - starts[span]
        value = span_hash(points, start, start + length)
        slot = value & (len(slots) - 1)
        while slots[slot] >= 0:
            code = slots[slot]
            other = first[code]
            if (
                hashes[code] == value
                and ends[other] - starts[other] == length
                and same_span(points, starts[other], start, length)
            ):
                break
            slot = (slot + 1) & (len(slots) - 1)
        if slots[slot] < 0:
            if count == len(first):
                first = np.append(first, np.empty(count, np.int64))
                hashes = np.append(hashes, np.empty(count, np.int64))
            slots[slot] = count
            first[count], hashes[count] = span, value
            count += 1
        codes[span] = slots[slot]
        if 4 * count > len(slots):  # at most a quarter full, so that searches stay short
            slots = np.full(4 * len(slots), -1, np.int32)
            for code in range(count):
                slot = hashes[code] & (len(slots) - 1)
                while slots[slot] >= 0:
                    slot = (slot + 1) & (len(slots) - 1)
                slots[slot] = code
    return codes, first[:count].copy()
