"""jieba's dictionary and hidden Markov model as arrays, for compiled code to cut with.

jieba stays the definition of the tokens: words, frequencies, probabilities and the order in which
floating-point numbers are added are its own, so that ties fall as they fall there. Only what
``jieba.del_word`` forbids for the whole process is not followed: it would reach every study in it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jieba
import numba
import numpy as np
from jieba import finalseg

from svcquality.text.code_points import CodePoints

FIRST_HAN, LAST_HAN = 0x4E00, 0x9FD5
"""What jieba takes for Chinese."""
STATES = "BEMS"
"""States of the hidden Markov model, in alphabetical order: begin, end, middle, single."""
_GOLDEN = -7046029254386353131  # 2 ** 64 divided by the golden ratio, as a signed number


class Tables(NamedTuple):
    """What `svcquality.text.cut` reads.

    Parameters
    ----------
    keys, children : int64, int32 arrays of shape (slots,)
        The prefix tree as a hash table: ``parent node << 21 | code point`` to child; -1 is empty.
        Node 0 is the root.
    weights : float64 array of shape (nodes,)
        ln(frequency / total) of the word that ends at a node; NaN where none does.
    unseen : float
        The same for a character that is no word.
    start, transition, emission : float64 arrays of shapes (4,), (4, 4), (4, characters)
        The hidden Markov model: log probabilities by state; characters from U+4E00 on.
    """

    keys: np.ndarray
    children: np.ndarray
    weights: np.ndarray
    unseen: float
    start: np.ndarray
    transition: np.ndarray
    emission: np.ndarray


def tables_of(tokenizer: jieba.Tokenizer) -> Tables:
    """Lay the words of a tokenizer out as arrays.

    Parameters
    ----------
    tokenizer : jieba.Tokenizer
        Its words as they are now; words added later need new tables.
    """
    tokenizer.check_initialized()
    log_total = math.log(tokenizer.total)
    entries = {word: f for word, f in tokenizer.FREQ.items() if f}  # prefixes follow by themselves
    # math.log once a frequency: numpy's may differ from it in the last bit, and so break ties.
    log_of = {f: math.log(f) - log_total for f in set(entries.values())}
    weights = np.fromiter((log_of[f] for f in entries.values()), dtype=np.float64)
    words = CodePoints.of(list(entries))
    keys, children, nodes = _plant(words.points, words.offsets, len(tokenizer.FREQ) + 1)
    by_node = np.full(int(children.max(initial=0)) + 1, np.nan)
    by_node[nodes] = weights
    return Tables(keys, children, by_node, 0.0 - log_total, *_hidden_markov_model())


def _hidden_markov_model() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    never = finalseg.MIN_FLOAT
    emission = np.full((len(STATES), LAST_HAN - FIRST_HAN + 1), never)
    for row, state in enumerate(STATES):
        for character, value in finalseg.emit_P[state].items():
            if FIRST_HAN <= ord(character) <= LAST_HAN:
                emission[row, ord(character) - FIRST_HAN] = value
    start = np.array([finalseg.start_P[state] for state in STATES])
    transition = np.array(
        [[finalseg.trans_P[a].get(b, never) for b in STATES] for a in STATES], dtype=np.float64
    )
    return start, transition, emission


@numba.njit(cache=True, inline="always")
def child_of(keys: np.ndarray, children: np.ndarray, node: int, point: int) -> int:
    """The node below ``node`` by one character, or -1."""
    key = (np.int64(node) << 21) | point
    mask = len(keys) - 1
    slot = ((key * _GOLDEN) >> 24) & mask
    while keys[slot] != key:
        if keys[slot] < 0:
            return -1
        slot = (slot + 1) & mask
    return children[slot]


@numba.njit(cache=True)
def _plant(
    points: np.ndarray, offsets: np.ndarray, most: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Grow the prefix tree; returns it and the node at which each word ends."""
    size = 1024
    while size < 2 * most:  # at most half full
        size *= 2
    keys = np.full(size, -1, np.int64)
    children = np.full(size, -1, np.int32)
    ends = np.empty(len(offsets) - 1, np.int32)
    nodes = 1
    for word in range(len(ends)):
        node = 0
        for i in range(offsets[word], offsets[word + 1]):
            below = child_of(keys, children, node, points[i])
            if below < 0:
                key = (node << 21) | points[i]
                slot = ((key * _GOLDEN) >> 24) & (size - 1)
                while keys[slot] >= 0:
                    slot = (slot + 1) & (size - 1)
                keys[slot], children[slot] = key, nodes
                below = nodes
                nodes += 1
            node = below
        ends[word] = node
    return keys, children, ends
