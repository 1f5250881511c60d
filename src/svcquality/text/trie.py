"""Find thousands of words in millions of characters in one compiled pass."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numba
import numpy as np
from opencc import OpenCC

_CODES = sys.maxunicode + 1
_SKIPPED = (*range(0x200B, 0x2010), *range(0x2060, 0x2065), 0xFE0E, 0xFE0F, 0xFEFF, 0xAD)
"""Characters that nobody sees; a word is found across them."""


@dataclass(frozen=True, eq=False)
class Trie:
    """Words as a table of transitions.

    Parameters
    ----------
    letter : ndarray of int16, shape (code points,)
        Letter of each folded code point; 0 for those in no word, -1 for those that nobody sees.
    step : ndarray of int32, shape (nodes, letters)
        The next node, 0 for none.
    word : ndarray of int32, shape (nodes,)
        Word that ends at a node, -1 for none; ``open_word`` the same for words with a star.
    """

    letter: np.ndarray
    step: np.ndarray
    word: np.ndarray
    open_word: np.ndarray

    @classmethod
    def build(cls, words: Sequence[str]) -> Trie:
        """Build from lower-case words; a star at the end stands for the rest of a Latin word."""
        alphabet = sorted({ord(c) for word in words for c in word.removesuffix("*")})
        index = np.zeros(_CODES, dtype=np.int16)
        index[alphabet] = np.arange(1, len(alphabet) + 1)
        index[list(_SKIPPED)] = -1
        children: list[dict[int, int]] = [{}]
        ends: dict[int, int] = {}
        open_ends: dict[int, int] = {}
        for number, word in enumerate(words):
            node = 0
            for code in map(ord, word.removesuffix("*")):
                if index[code] < 0:
                    continue
                if index[code] not in children[node]:
                    children[node][int(index[code])] = len(children)
                    children.append({})
                node = children[node][int(index[code])]
            (open_ends if word.endswith("*") else ends)[node] = number
        step = np.zeros((len(children), len(alphabet) + 1), dtype=np.int32)
        for node, following in enumerate(children):
            step[node, list(following)] = list(following.values())
        return cls(index, step, _at(ends, len(children)), _at(open_ends, len(children)))

    def find(self, codes: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """Find words, from left to right, the longest of those that start at one place.

        Latin words are found whole only, others anywhere.

        Parameters
        ----------
        codes : ndarray of int32
            Folded code points of all texts, one behind the other.
        starts : ndarray of int64, shape (texts + 1,)
            Where each text starts; the last is the end.

        Returns
        -------
        ndarray of int64, shape (found, 4)
            Text, start and end within all codes, word.
        """
        found: np.ndarray = _find(codes, starts, self.letter, self.step, self.word, self.open_word)
        return found


def _at(ends: dict[int, int], nodes: int) -> np.ndarray:
    word = np.full(nodes, -1, dtype=np.int32)
    word[list(ends)] = list(ends.values())
    return word


def fold(codes: np.ndarray) -> np.ndarray:
    """Code points in lower case, half width and simplified characters: always one for one."""
    folded: np.ndarray = _fold_table()[codes]
    return folded


@lru_cache(maxsize=1)
def _fold_table() -> np.ndarray:
    table = np.arange(_CODES, dtype=np.int32)
    table[0xFF01:0xFF5F] -= 0xFEE0
    table[0x3000] = 0x20
    table[0x2019] = ord("'")
    han = np.r_[0x3400:0x4DC0, 0x4E00:0xA000]
    simple = OpenCC("t2s").convert("".join(map(chr, han)))
    table[han] = [ord(c) for c in simple]  # a character for a character
    table[(table >= ord("A")) & (table <= ord("Z"))] += 32
    return table


@numba.njit(cache=True, nogil=True)
def _latin(code):  # pragma: no cover - compiled
    return 97 <= code <= 122 or 0xC0 <= code <= 0x24F


@numba.njit(cache=True, nogil=True)
def _find(codes, starts, letter, step, word, open_word):  # pragma: no cover - compiled
    found = np.empty((1024, 4), np.int64)
    n = 0
    for text in range(len(starts) - 1):
        at, stop = starts[text], starts[text + 1]
        while at < stop:
            first = letter[codes[at]]
            if first <= 0 or step[0, first] == 0:
                at += 1
                continue
            latin = _latin(codes[at])
            if latin and at > starts[text] and _latin(codes[at - 1]):
                at += 1
                continue
            node, place, best, best_end = 0, at, -1, at
            while place < stop:
                symbol = letter[codes[place]]
                place += 1
                if symbol < 0:
                    continue
                node = step[node, symbol]
                if node == 0 or symbol == 0:
                    break
                inside = place < stop and _latin(codes[place - 1]) and _latin(codes[place])
                if word[node] >= 0 and not inside:
                    best, best_end = word[node], place
                if open_word[node] >= 0:
                    end = place
                    while end < stop and _latin(codes[end]):
                        end += 1
                    best, best_end = open_word[node], end
            if best < 0:
                at += 1
                continue
            if n == len(found):
                found = np.concatenate((found, np.empty_like(found)))
            found[n, 0], found[n, 1], found[n, 2], found[n, 3] = text, at, best_end, best
            n += 1
            at = best_end
    return found[:n].copy()
