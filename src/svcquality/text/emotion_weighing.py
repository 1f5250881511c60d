"""What surrounds a word of feeling: denial, intensity, exclamation, capitals; in one pass."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import pandas as pd

from svcquality.text.emotion_lexicon import LEAST_FACTOR, MOST_FACTOR, EmotionLexicon
from svcquality.text.trie import fold

REACH = 3
"""Tokens over which a denial or an intensifier reaches; all of them must be ones that pass it on."""
CAPITALS = 1.3
"""Factor of an English word all in capitals where the text is not."""
MARKS = np.array([1.0, 1.0, 1.2, 1.5])
"""Factor of none, one, two, three or more ! and ? that end the sentence of the word."""

OTHER, NONE, CHINESE, ENGLISH = "other", "none", "zh", "en"
_FEW_WORDS = 8
_KNOWN_WORDS = 0.15
"""Share of Latin words in the lexicon (its articles, auxiliaries and pronouns included) below which
a text of at least eight is not taken for English: 0.33 to 0.55 in English complaints, 0.00 to 0.10
in French, Spanish and German sentences."""


@dataclass(frozen=True, eq=False)
class Matches:
    """Words of the lexicon in texts that bear a score.

    Parameters
    ----------
    text, start, end, term : ndarray of int64, shape (found,)
        Number of the text, character positions in it, number of the term.
    factor : ndarray of float64
        What its surroundings make of its strength, 0.6 to 2.
    denied : ndarray of bool
    language : ndarray of object, shape (texts,)
        ``zh``, ``en``, ``other`` or ``none`` (no letters).
    """

    text: np.ndarray
    start: np.ndarray
    end: np.ndarray
    term: np.ndarray
    factor: np.ndarray
    denied: np.ndarray
    language: np.ndarray


def match(texts: pd.Series, lexicon: EmotionLexicon) -> Matches:
    """Find and weigh the words of the lexicon.

    Parameters
    ----------
    texts : Series of str
        Without missing values.
    lexicon : EmotionLexicon
    """
    raw = texts.tolist()
    starts = np.r_[0, np.cumsum(np.fromiter(map(len, raw), np.int64, len(raw)))]
    codes = np.frombuffer("".join(raw).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    folded = fold(codes)
    found = lexicon.trie.find(folded, starts)
    bears = (lexicon.weights > 0).max(axis=1)
    factor, denied = _weigh(
        found, codes, folded, starts, bears, lexicon.chains, lexicon.negates, lexicon.factors, MARKS
    )  # fmt: skip
    letters = _letters(folded, starts)
    latin_terms = np.array([t.word[0].isascii() and t.word[0].isalpha() for t in lexicon.terms])
    known = np.bincount(found[:, 0], latin_terms[found[:, 3]], minlength=len(raw))
    kept = bears[found[:, 3]]
    text, start, end, term = found[kept].T
    offset = starts[text]
    return Matches(
        text, start - offset, end - offset, term, factor[kept], denied[kept],
        _language(letters, known),
    )  # fmt: skip


def _language(letters: np.ndarray, known: np.ndarray) -> np.ndarray:
    han, latin, words, foreign = letters.T
    language = np.full(len(letters), NONE, dtype=object)
    language[latin > 0] = ENGLISH
    language[(words >= _FEW_WORDS) & (known < _KNOWN_WORDS * words)] = OTHER
    language[(han > 0) & (han * 10 >= latin)] = CHINESE
    language[foreign * 5 > han + latin] = OTHER
    return language


@numba.njit(cache=True, nogil=True)
def _letters(codes, starts):  # pragma: no cover - compiled
    """Han and Latin characters, Latin words, letters of other scripts of each text."""
    count = np.zeros((len(starts) - 1, 4), np.int64)
    for text in range(len(starts) - 1):
        before = False
        for at in range(starts[text], starts[text + 1]):
            c = codes[at]
            latin = 97 <= c <= 122 or 0xC0 <= c <= 0x24F
            if latin:
                count[text, 1] += 1
                count[text, 2] += not before
            elif 0x4E00 <= c <= 0x9FFF or 0x3400 <= c <= 0x4DBF:
                count[text, 0] += 1
            elif 0x370 <= c <= 0x1FFF or 0x3040 <= c <= 0x30FF or 0xAC00 <= c <= 0xD7AF:
                count[text, 3] += 1
            before = latin or (before and c == 39)
    return count


@numba.njit(cache=True, nogil=True)
def _joined(codes, start, end):  # pragma: no cover - compiled
    """Whether two words stand together: nothing between them, or spaces between Latin words."""
    for at in range(start, end):
        if codes[at] != 32:
            return False
    return start == end or (codes[start - 1] < 0x250 and codes[end] < 0x250)


@numba.njit(cache=True, nogil=True)
def _ends_sentence(c):  # pragma: no cover - compiled
    return c == 10 or c == 33 or c == 46 or c == 63 or c == 0x3002 or c == 59


@numba.njit(cache=True, nogil=True)
def _weigh(
    found, raw, codes, starts, bears, chains, negates, factors, marks
):  # pragma: no cover - compiled
    n = len(found)
    factor = np.ones(n)
    denied = np.zeros(n, np.bool_)
    lower_in, lower = -1, False
    scanned, stop, run = -1, 0, 0
    for i in range(n):
        text, start, end, term = found[i]
        if not bears[term]:
            continue
        weight = 1.0
        j = i
        for _ in range(REACH):
            k = j - 1
            if (
                k < 0
                or found[k, 0] != text
                or not chains[found[k, 3]]
                or not _joined(codes, found[k, 2], found[j, 1])
            ):
                break
            weight *= factors[found[k, 3], 0]
            denied[i] ^= negates[found[k, 3]]
            j = k
        if i + 1 < n and found[i + 1, 0] == text and _joined(codes, end, found[i + 1, 1]):
            weight *= factors[found[i + 1, 3], 1]
        if text != scanned or end > stop:  # else the word is in the sentence that was looked at
            scanned, stop = text, end
            while stop < starts[text + 1] and not _ends_sentence(codes[stop]):
                stop += 1
            run = 0
            while stop + run < starts[text + 1] and (
                codes[stop + run] == 33 or codes[stop + run] == 63
            ):
                run += 1
        weight *= marks[min(run, len(marks) - 1)]
        capitals = end - start > 2
        for at in range(start, end):
            capitals = capitals and (65 <= raw[at] <= 90 or raw[at] == 32)
        if capitals and lower_in != text:
            lower_in, lower = text, False
            for at in range(starts[text], starts[text + 1]):
                if 97 <= raw[at] <= 122:
                    lower = True
                    break
        if capitals and lower:
            weight *= CAPITALS
        factor[i] = min(max(weight, LEAST_FACTOR), MOST_FACTOR)
    return factor, denied
