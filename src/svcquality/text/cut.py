"""Cut code points into tokens, as jieba cuts strings: the most probable path through its dictionary,
then its hidden Markov model over runs of characters that the dictionary leaves single.

Method: jieba 0.42.1 (Sun Junyi), ``Tokenizer.cut`` and ``finalseg.cut``, which a test compares with
token by token. Compiled, and over many texts at once. Texts that are not Chinese are cut into
words, and Chinese inside them as ever.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from svcquality.text.code_points import CodePoints
from svcquality.text.jieba_tables import FIRST_HAN, LAST_HAN, Tables, child_of

_ASCII = [chr(code) for code in range(128)]
_ALNUM = np.array([c.isalnum() for c in _ASCII])
_IN_BLOCK = np.array([c.isalnum() or c in "+#&._%-" for c in _ASCII])
_LETTER = np.array([chr(code).isalpha() for code in range(0x10000)])
_DOT, _PERCENT, _RETURN, _NEWLINE, _HYPHEN, _APOSTROPHE = (ord(c) for c in ".%\r\n-'")
_B, _E, _M, _S = range(4)


class _Work(NamedTuple):
    """What the parts of one cut share: the input, the tokens so far, and scratch paper."""

    points: np.ndarray
    tables: Tables
    starts: np.ndarray
    ends: np.ndarray
    score: np.ndarray  # of the best path from a character to the end of its block
    stop: np.ndarray  # where the first word of that path ends
    back: np.ndarray  # the best state before, by character and state


def cut(
    texts: CodePoints, chinese: np.ndarray, tables: Tables
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut texts.

    Parameters
    ----------
    texts : CodePoints
    chinese : bool array of shape (texts,)
        Which texts are cut as jieba cuts them, so that every character is in a token. The others
        give words of letters, joined by an apostrophe or hyphen (``wasn't``), without digits and
        punctuation, and jieba's tokens where they have Han characters.
    tables : Tables

    Returns
    -------
    starts, ends : int64 arrays of shape (tokens,)
        Each token is ``texts.points[start:end]``.
    offsets : int64 array of shape (texts + 1,)
        Tokens ``offsets[i]:offsets[i + 1]`` are those of text ``i``.
    """
    size, longest = len(texts.points), int(texts.lengths.max(initial=0))
    work = _Work(
        texts.points, tables,
        np.empty(size, np.int64), np.empty(size, np.int64),
        np.empty(longest + 1), np.empty(longest + 1, np.int64), np.empty((longest, 4), np.int8),
    )  # fmt: skip
    offsets = _cut_texts(work, texts.offsets, chinese)
    return work.starts[: offsets[-1]], work.ends[: offsets[-1]], offsets


@numba.njit(cache=True, inline="always")
def _is_han(point: int) -> bool:
    return FIRST_HAN <= point <= LAST_HAN


@numba.njit(cache=True, inline="always")
def _is_alnum(point: int) -> bool:
    return point < 128 and _ALNUM[point]


@numba.njit(cache=True, inline="always")
def _in_block(point: int) -> bool:
    return _is_han(point) or (point < 128 and _IN_BLOCK[point])


@numba.njit(cache=True, inline="always")
def _is_letter(point: int) -> bool:
    return point < 0x10000 and _LETTER[point] and not _is_han(point)


@numba.njit(cache=True, inline="always")
def _emit(work: _Work, count: int, start: int, end: int) -> int:
    work.starts[count], work.ends[count] = start, end
    return count + 1


@numba.njit(cache=True, nogil=True)
def _cut_texts(work: _Work, offsets: np.ndarray, chinese: np.ndarray) -> np.ndarray:
    edges = np.zeros(len(offsets), np.int64)
    count = 0
    for text in range(len(offsets) - 1):
        if chinese[text]:
            count = _cut_chinese(work, count, offsets[text], offsets[text + 1])
        else:
            count = _cut_words(work, count, offsets[text], offsets[text + 1])
        edges[text + 1] = count
    return edges


@numba.njit(cache=True)
def _cut_chinese(work: _Work, count: int, start: int, end: int) -> int:
    points = work.points
    i = start
    while i < end:
        j = i + 1
        if _in_block(points[i]):
            while j < end and _in_block(points[j]):
                j += 1
            count = _cut_block(work, count, i, j)
        else:
            if points[i] == _RETURN and j < end and points[j] == _NEWLINE:
                j += 1
            count = _emit(work, count, i, j)
        i = j
    return count


@numba.njit(cache=True)
def _cut_words(work: _Work, count: int, start: int, end: int) -> int:
    points = work.points
    i = start
    while i < end:
        j = i + 1
        if _is_han(points[i]):
            while j < end and _is_han(points[j]):
                j += 1
            count = _cut_block(work, count, i, j)
        elif _is_letter(points[i]):
            while j < end and (
                _is_letter(points[j])
                or (
                    (points[j] == _APOSTROPHE or points[j] == _HYPHEN)
                    and j + 1 < end
                    and _is_letter(points[j + 1])
                )
            ):
                j += 1
            count = _emit(work, count, i, j)
        i = j
    return count


@numba.njit(cache=True)
def _cut_block(work: _Work, count: int, start: int, end: int) -> int:
    """Follow the best path; runs of single characters go through the model."""
    _best_path(work, start, end)
    single = i = start
    while i < end:
        j = start + work.stop[i - start]
        if j - i > 1:
            count = _cut_run(work, count, single, i)
            count = _emit(work, count, i, j)
            single = j
        i = j
    return _cut_run(work, count, single, end)


@numba.njit(cache=True)
def _best_path(work: _Work, start: int, end: int) -> None:
    """Find where the best word from each character of a block on ends, from right to left."""
    tables, score = work.tables, work.score
    length = end - start
    score[length] = 0.0
    for i in range(length - 1, -1, -1):
        best, stop = -np.inf, -1
        node = 0
        for j in range(i, length):
            node = child_of(tables.keys, tables.children, node, work.points[start + j])
            if node < 0:
                break
            weight = tables.weights[node]
            if not np.isnan(weight):
                total = weight + score[j + 1]
                if total >= best:  # of equals jieba takes the longer word
                    best, stop = total, j + 1
        if stop < 0:
            best, stop = tables.unseen + score[i + 1], i + 1
        score[i], work.stop[i] = best, stop


@numba.njit(cache=True)
def _cut_run(work: _Work, count: int, start: int, end: int) -> int:
    """Cut a run of characters that the best path leaves single."""
    points = work.points
    if end - start < 2 or _is_word(work, start, end):
        for i in range(start, end):  # a word that lost against its characters stays apart
            count = _emit(work, count, i, i + 1)
        return count
    i = start
    while i < end:
        j = i + 1
        if _is_han(points[i]):
            while j < end and _is_han(points[j]):
                j += 1
            count = _viterbi(work, count, i, j)
        else:
            if _is_alnum(points[i]):
                j = _end_of_number(points, i, end)
            else:
                while j < end and not _is_han(points[j]) and not _is_alnum(points[j]):
                    j += 1
            count = _emit(work, count, i, j)
        i = j
    return count


@numba.njit(cache=True)
def _is_word(work: _Work, start: int, end: int) -> bool:
    node = 0
    for i in range(start, end):
        node = child_of(work.tables.keys, work.tables.children, node, work.points[i])
        if node < 0:
            return False
    return not np.isnan(work.tables.weights[node])


@numba.njit(cache=True)
def _end_of_number(points: np.ndarray, start: int, end: int) -> int:
    """End of letters and digits, a decimal part behind them, and a percent sign."""
    i = start
    while i < end and _is_alnum(points[i]):
        i += 1
    if i + 1 < end and points[i] == _DOT and 48 <= points[i + 1] <= 57:
        i += 1
        while i < end and 48 <= points[i] <= 57:
            i += 1
    if i < end and points[i] == _PERCENT:
        i += 1
    return i


@numba.njit(cache=True, inline="always")
def _better(a: float, b: float, state_a: int, state_b: int) -> tuple[float, int]:
    """The more probable of two states; of equals ``b``, which comes later in the alphabet."""
    return (a, state_a) if a > b else (b, state_b)


@numba.njit(cache=True)
def _viterbi(work: _Work, count: int, start: int, end: int) -> int:
    """Cut a run of Han characters by its most probable states (Viterbi 1967)."""
    first, t, emission = work.tables.start, work.tables.transition, work.tables.emission
    back = work.back
    last = end - start - 1
    p = work.points[start] - FIRST_HAN
    b, e = first[_B] + emission[_B, p], first[_E] + emission[_E, p]
    m, s = first[_M] + emission[_M, p], first[_S] + emission[_S, p]
    for i in range(1, last + 1):
        p = work.points[start + i] - FIRST_HAN
        # Summed from left to right, as there: the order decides the last bit.
        to_b, from_b = _better(
            e + t[_E, _B] + emission[_B, p], s + t[_S, _B] + emission[_B, p], _E, _S
        )
        to_e, from_e = _better(
            b + t[_B, _E] + emission[_E, p], m + t[_M, _E] + emission[_E, p], _B, _M
        )
        to_m, from_m = _better(
            b + t[_B, _M] + emission[_M, p], m + t[_M, _M] + emission[_M, p], _B, _M
        )
        to_s, from_s = _better(
            e + t[_E, _S] + emission[_S, p], s + t[_S, _S] + emission[_S, p], _E, _S
        )
        b, e, m, s = to_b, to_e, to_m, to_s
        back[i, _B], back[i, _E], back[i, _M], back[i, _S] = from_b, from_e, from_m, from_s
    state = _better(e, s, _E, _S)[1]
    for i in range(last, -1, -1):
        before = back[i, state] if i else 0
        back[i, 0] = state  # the row is read: it may hold the state of the best path
        state = before
    begin = start
    for i in range(last + 1):
        if back[i, 0] == _E or back[i, 0] == _S or i == last:
            count = _emit(work, count, begin, start + i + 1)
            begin = start + i + 1
    return count
