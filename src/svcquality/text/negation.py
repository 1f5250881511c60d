"""What stands before a seed in its clause: whether it is denied, and how strongly it is said.

The reading goes leftwards from the seed, word by word, the longest word first, and stops at the end
of the clause. A denial counts if nothing but words that pass it on (出现, 任何; had, any) stand
between it and the seed: 没有排队, 没有出现闪退, *was not rude*. Words that say that something is
spared or no longer happens reach further: 不用去银行排队, *never had to stand in line*. Words that
only look like a denial (不停, 不但), or that make inability or refusal of it (不能, 不让, *could
not*), end the reading.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import numba
import numpy as np
import yaml

from svcquality.storage import hash_bytes
from svcquality.text.code_points import CodePoints
from svcquality.text.seed_matcher import WordTree, child, ends_clause, latin_letter
from svcquality.text.trie import fold

FAR = 8
"""Characters over which a word of sparing reaches beyond those that pass a denial on."""
FAR_LATIN = 3
"""Latin words over which it reaches."""
LEAST, MOST = 0.5, 2.0
"""Bounds of the factor of intensity."""

SPACE, HAN_FROM = 0x20, 0x2E80
_DENIAL, _SPARING, _PASS, _STOP, _DEGREE = range(5)


def context_of(
    texts: CodePoints, text: np.ndarray, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Read what stands before spans in their clauses.

    Parameters
    ----------
    texts : CodePoints
        Folded.
    text, starts : int64 arrays of shape (spans,)
        Text of each span, and where it starts within all code points.

    Returns
    -------
    negated : bool array of shape (spans,)
        Denied; two denials cancel (没有不排队的).
    intensity : float64 array of shape (spans,)
        Product of the words of degree, between `LEAST` and `MOST`; 1 without any.
    """
    tree, kinds, factors = _words()
    negated, intensity = _read(
        texts.points, texts.offsets, text, starts, tree.root, tree.offsets, tree.letters,
        tree.nodes, tree.end_offsets, tree.ends, kinds, factors,
    )  # fmt: skip
    return negated, np.clip(intensity, LEAST, MOST)


def context_hash() -> str:
    """SHA-256 of the words that this reading rests on."""
    return hash_bytes(_source())


def _source() -> bytes:
    return files("svcquality.text").joinpath("lexicons", "seed-context.yaml").read_bytes()


@lru_cache(maxsize=1)
def _words() -> tuple[WordTree, np.ndarray, np.ndarray]:
    """The words written backwards, what each does, and its factor."""
    raw = yaml.safe_load(_source())
    listed = [
        (word, kind, 1.0)
        for kind, name in enumerate(("denies", "spares", "passes", "stops"))
        for line in raw[name]
        for word in line
    ]
    listed += [(word, _DEGREE, factor) for factor, line in raw["degrees"].items() for word in line]
    backwards = [fold(np.array([ord(c) for c in w[::-1]], dtype=np.int32)) for w, _, _ in listed]
    return (
        WordTree.of([word.tolist() for word in backwards]),
        np.array([kind for _, kind, _ in listed], dtype=np.int64),
        np.array([factor for _, _, factor in listed]),
    )


@numba.njit(cache=True, nogil=True)
def _word_before(
    points, at, first, root, offsets, letters, nodes, end_offsets, ends
):  # pragma: no cover - compiled
    """The longest listed word that ends at a place: its number (-1: none) and where it starts."""
    word, begin, place = -1, at, at - 1
    code = points[place]
    node = root[code] if code < len(root) else 0
    while node:
        whole = place == first or not (
            latin_letter(points[place]) and latin_letter(points[place - 1])
        )
        if end_offsets[node] < end_offsets[node + 1] and whole:
            word, begin = ends[end_offsets[node]], place
        place -= 1
        if place < first:
            break
        node = child(node, points[place], offsets, letters, nodes)
    return word, begin


@numba.njit(cache=True, nogil=True)
def _read(
    points, text_offsets, text, starts, root, offsets, letters, nodes, end_offsets, ends, kinds,
    factors,
):  # fmt: skip # pragma: no cover - compiled
    negated = np.zeros(len(starts), np.bool_)
    intensity = np.ones(len(starts))
    for span in range(len(starts)):
        first, at = text_offsets[text[span]], starts[span]
        beside, other = True, 0.0
        while at > first and other <= 1 and not ends_clause(points[at - 1]):
            if points[at - 1] == SPACE:
                # Between Latin words a space is nothing, after Chinese it ends the clause.
                if at - 1 == first or points[at - 2] >= HAN_FROM:
                    break
                at -= 1
                continue
            word, begin = _word_before(
                points, at, first, root, offsets, letters, nodes, end_offsets, ends
            )
            kind = kinds[word] if word >= 0 else -1
            if kind == _STOP or (kind == _DENIAL and not beside):
                break
            if kind in (_DENIAL, _SPARING):
                negated[span] ^= True
            elif kind == _DEGREE and beside:
                intensity[span] *= factors[word]
            elif kind < 0:
                beside = False
                begin = at - 1
                other += 1 / FAR
                if latin_letter(points[begin]):
                    while begin > first and latin_letter(points[begin - 1]):
                        begin -= 1
                    other += 1 / FAR_LATIN - 1 / FAR
            at = begin
    return negated, intensity
