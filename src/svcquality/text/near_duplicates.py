"""Texts that say the same again: equal up to digits and punctuation, or to a few characters.

Method: MinHash signatures of character shingles (Broder 1997), cut into bands that bring likely
pairs together (Indyk & Motwani 1998; Leskovec, Rajaraman & Ullman 2020, section 3.4), then the edit
distance of each pair (Levenshtein 1966, in a band as Ukkonen 1985 computes it). The cost is linear
in the characters: a text meets at most two others a band.
"""

from __future__ import annotations

import numba
import numpy as np
import pandas as pd

from svcquality.text.characters import HAN_LETTER, NO_LETTER, lower_case, script_of
from svcquality.text.code_points import CodePoints, intern_spans, offsets_of

FEWEST_LETTERS = 10
"""In shorter texts a single character can be what matters: only equal letters count there."""
SHARE_OF_EDITS, MOST_EDITS = 0.1, 32
"""Near-duplicates differ by at most this share of the letters of the longer one, and by no more."""
BANDS, BAND_ROWS = 12, 3
LEAST_AGREEMENT = BANDS * BAND_ROWS // 3
"""Equal values in two signatures, below which the texts are not compared."""

_HAN_SHINGLE, _OTHER_SHINGLE = 2, 5
_NEGATIONS = np.array([ord(c) for c in "不没无未非别"], dtype=np.int32)
_N, _O, _T = (ord(c) for c in "not")
_MULTIPLIERS = np.array(
    [pow(0x9E3779B97F4A7C15, k + 1, 1 << 64) | 1 for k in range(BANDS * BAND_ROWS)], dtype=np.uint64
)


def first_of_its_kind(texts: CodePoints) -> np.ndarray:
    """Find the first text that each text repeats.

    Two texts are the same when their letters are (digits, masks, punctuation and case do not
    count; where there are no letters, everything does), and nearly the same when at most
    `SHARE_OF_EDITS` of their letters were inserted, dropped or changed and both deny equally
    often (``不``, ``not``).

    Parameters
    ----------
    texts : CodePoints

    Returns
    -------
    int64 array of shape (texts,)
        Position of the first text of its kind; its own where it is the first. A first text is
        never said to repeat another.
    """
    letters = _letters(texts)
    starts, ends = letters.offsets[:-1], letters.offsets[1:]
    codes, first = intern_spans(letters.points, starts, ends)
    long = np.flatnonzero((ends - starts)[first] >= FEWEST_LETTERS)
    owner = np.arange(len(first))
    if len(long) > 1:
        begin, end = starts[first[long]], ends[first[long]]
        han = script_of(letters.points) == HAN_LETTER
        signatures = _signatures(letters.points, han, begin, end, _MULTIPLIERS)
        candidates = _candidates(signatures)
        owner[long] = long[_owners(letters.points, begin, end, signatures, candidates)]
    return first[owner[codes]]


def _letters(texts: CodePoints) -> CodePoints:
    letter = script_of(texts.points) != NO_LETTER
    lengths = texts.count(letter)
    letter |= np.repeat(lengths == 0, texts.lengths)
    return CodePoints(lower_case(texts.points[letter]), offsets_of(texts.count(letter)))


def _candidates(signatures: np.ndarray) -> np.ndarray:
    """The first and the last earlier text in the same bucket, by band; -1 where there is none."""
    n = len(signatures)
    found = np.full((n, 2 * BANDS), -1, dtype=np.int32)
    for band in range(BANDS):
        rows = signatures[:, band * BAND_ROWS : (band + 1) * BAND_ROWS].astype(np.uint64)
        key = (rows * _MULTIPLIERS[:BAND_ROWS]).sum(axis=1, dtype=np.uint64)
        bucket, _ = pd.factorize(key)
        order = np.argsort(bucket, kind="stable")
        follows = np.flatnonzero(np.diff(bucket[order]) == 0) + 1
        found[order[follows], 2 * band] = order[follows - 1]
        first = np.full(n, n, dtype=np.int64)
        np.minimum.at(first, bucket, np.arange(n))
        found[order[follows], 2 * band + 1] = first[bucket[order[follows]]]
    return found


@numba.njit(cache=True, inline="always")
def _mixed(value: np.uint64) -> np.uint64:
    """Spread the bits of a 64-bit number (the finaliser of splitmix64; Steele et al. 2014)."""
    z = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@numba.njit(cache=True)
def _signatures(
    points: np.ndarray,
    han: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    multipliers: np.ndarray,
) -> np.ndarray:
    """Least hash of the shingles of each text under each hash function, uint32."""
    result = np.empty((len(starts), len(multipliers)), np.uint32)
    least = np.empty(len(multipliers), np.uint64)
    for text in range(len(starts)):
        least[:] = np.uint64(0xFFFFFFFFFFFFFFFF)
        for i in range(starts[text], ends[text]):
            # Two Chinese characters tell as much as five letters.
            stop = min(i + (_HAN_SHINGLE if han[i] else _OTHER_SHINGLE), ends[text])
            key = np.uint64(0)
            for j in range(i, stop):
                key = _mixed(key ^ np.uint64(points[j]))
            for k in range(len(multipliers)):
                value = key * multipliers[k]
                least[k] = min(least[k], value ^ (value >> np.uint64(32)))
        for k in range(len(multipliers)):
            result[text, k] = least[k] >> np.uint64(32)
    return result


@numba.njit(cache=True)
def _owners(
    points: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    signatures: np.ndarray,
    candidates: np.ndarray,
) -> np.ndarray:
    """For each text the first one that it nearly repeats; texts are taken in order."""
    owner = np.arange(len(starts))
    row = np.empty(2 * MOST_EDITS + 1, np.int64)
    for text in range(len(starts)):
        tried = -1
        for c in candidates[text]:
            other = owner[c] if c >= 0 else -1
            if other < 0 or other == tried:
                continue
            tried = other
            if np.sum(signatures[text] == signatures[other]) >= LEAST_AGREEMENT and _near(
                points, starts[other], ends[other], starts[text], ends[text], row
            ):
                owner[text] = other
                break
    return owner


@numba.njit(cache=True)
def _near(points: np.ndarray, a: int, a_end: int, b: int, b_end: int, row: np.ndarray) -> bool:
    n, m = a_end - a, b_end - b
    limit = min(int(SHARE_OF_EDITS * max(n, m)), MOST_EDITS)
    return (
        abs(n - m) <= limit
        and _negations(points, a, a_end) == _negations(points, b, b_end)
        and _within(points, a, n, b, m, limit, row)
    )


@numba.njit(cache=True)
def _negations(points: np.ndarray, start: int, end: int) -> int:
    count = 0
    for i in range(start, end):
        if points[i] == _N:
            count += i + 2 < end and points[i + 1] == _O and points[i + 2] == _T
        else:
            for negation in _NEGATIONS:
                count += points[i] == negation
    return count


@numba.njit(cache=True)
def _within(
    points: np.ndarray, a: int, n: int, b: int, m: int, limit: int, row: np.ndarray
) -> bool:
    """Whether ``limit`` edits make one text out of the other.

    One row of the table at a time, and of it only the diagonals that so few edits can reach:
    ``row[d]`` is column ``i + d - limit``.
    """
    far = limit + 1
    width = 2 * limit + 1
    for d in range(width):
        row[d] = d - limit if 0 <= d - limit <= m else far
    for i in range(1, n + 1):
        best = far
        for d in range(width):
            j = i + d - limit
            cost = far
            if j == 0:
                cost = i
            elif 0 < j <= m:
                cost = row[d] + (points[a + i - 1] != points[b + j - 1])
                if d + 1 < width:
                    cost = min(cost, row[d + 1] + 1)
                if d > 0:
                    cost = min(cost, row[d - 1] + 1)
            row[d] = min(cost, far)
            best = min(best, row[d])
        if best > limit:
            return False
    return row[m - n + limit] <= limit
