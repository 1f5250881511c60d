"""Words of a corpus that a codebook might take up: by keyness, and by nearness to its seeds."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from gensim.models import Word2Vec
from scipy import sparse

from svcquality.text.codebook import Codebook
from svcquality.text.segment import content_words, segment
from svcquality.text.tokens import Tokens, count_words

PRIOR = 500.0
"""Weight of the whole corpus in the log odds, in words."""
LEAST_Z = 2.58
"""Keyness below which nothing is proposed: 1% of words that tell nothing apart."""
LEAST_TEXTS = 5
"""Texts that a proposed word occurs in."""
LEAST_FOR_VECTORS = 300
"""Distinct texts below which word vectors are noise."""
DIMENSIONS, WINDOW, EPOCHS = 64, 5, 8
NEAREST = 160
"""Words nearest to the seeds of a cause that are looked through."""
COLUMNS = ("cause", "word", "by", "score", "log_likelihood", "texts", "inside")


def propose_seeds(
    texts: pd.Series, primary: np.ndarray, codebook: Codebook, *, each: int = 10, seed: int = 0
) -> pd.DataFrame:
    """Words that speak of a cause and are in no seed of the codebook.

    Parameters
    ----------
    texts : Series of str
        Normalised, distinct.
    primary : ndarray of str, shape (texts,)
        Cause that the codebook places each text in, or ``residual``.
    codebook : Codebook
    each : int
        Most words a cause and way.
    seed : int
        Of the word vectors.

    Returns
    -------
    DataFrame
        ``cause, word, by`` (``keyness``: more frequent in the texts of the cause than in the
        others; ``vectors``: used as its seeds are), ``score`` (z of the log odds; cosine),
        ``log_likelihood``, ``texts`` (that hold it), ``inside`` (share of those placed in the
        cause), the best first. Candidates for a reader, not seeds.

    Notes
    -----
    Keyness by the log odds with an informative Dirichlet prior (Monroe, Colaresi & Quinn 2008) and,
    beside it, by the log-likelihood ratio (Dunning 1993); vectors by skip-gram with negative
    sampling (Mikolov et al. 2013).
    """
    tokens = content_words(segment(texts))
    counts, words = count_words(tokens)
    names = np.array(words, dtype=object)
    taken = _taken(names, codebook)
    frames = [_by_keyness(counts, names, primary, codebook, ~taken, each)]
    if len(texts) >= LEAST_FOR_VECTORS:
        frames.append(_by_vectors(tokens, counts, names, primary, codebook, ~taken, each, seed))
    found = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    order = pd.Index(codebook.ids)
    found["_"] = order.get_indexer(pd.Index(found["cause"]))
    return found.sort_values(["_", "by", "score"], ascending=[True, True, False]).drop(
        columns="_"
    ).reset_index(drop=True)  # fmt: skip


def _letters(seed: str) -> str:
    return re.sub(r"[…*()|]", " ", seed.lower())


def _taken(words: np.ndarray, codebook: Codebook) -> np.ndarray:
    """Whether a word is part of a seed, or a seed part of it: nothing new."""
    seeds = {part for seed in codebook.seeds for part in _letters(seed).split()}
    everything = "\n".join(seeds | {_letters(seed) for seed in codebook.seeds})
    longest = max(map(len, seeds), default=0)

    def holds_a_seed(word: str) -> bool:
        return any(
            word[i:j] in seeds
            for i in range(len(word))
            for j in range(i + 2, min(len(word), i + longest) + 1)
        )

    return np.array(
        [word in everything or (not word.isascii() and holds_a_seed(word)) for word in words],
        dtype=bool,
    )


def _by_keyness(
    counts: sparse.csr_matrix,
    words: np.ndarray,
    primary: np.ndarray,
    codebook: Codebook,
    free: np.ndarray,
    each: int,
) -> pd.DataFrame:
    whole = np.asarray(counts.sum(axis=0)).ravel()
    binary = (counts > 0).astype(np.int64)
    texts = np.asarray(binary.sum(axis=0)).ravel()
    rows = []
    for cause in codebook.ids:
        inside = primary == cause
        if not inside.any() or inside.all():
            continue
        here = np.asarray(counts[inside].sum(axis=0)).ravel()
        z = _log_odds_z(here, whole - here, whole)
        among = np.asarray(binary[inside].sum(axis=0)).ravel()
        good = free & (z >= LEAST_Z) & (among >= LEAST_TEXTS)
        best = np.flatnonzero(good)[np.argsort(-z[good], kind="stable")][:each]
        likelihood = _log_likelihood(here, whole - here)
        rows += [
            (cause, words[i], "keyness", z[i], likelihood[i], texts[i], among[i] / texts[i])
            for i in best
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _log_odds_z(here: np.ndarray, there: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Standardised log odds ratio of each word, with the corpus as prior."""
    prior = PRIOR * whole / max(whole.sum(), 1)
    a, b = here + prior, there + prior
    odds = np.log(a / (a.sum() - a)) - np.log(b / (b.sum() - b))
    z: np.ndarray = odds / np.sqrt(1 / a + 1 / b)
    return z


def _log_likelihood(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Dunning's G² of each word between two parts of a corpus."""
    n, m = max(here.sum(), 1), max(there.sum(), 1)
    rate = (here + there) / (n + m)
    with np.errstate(divide="ignore", invalid="ignore"):
        one = np.where(here > 0, here * np.log(here / (n * rate)), 0.0)
        two = np.where(there > 0, there * np.log(there / (m * rate)), 0.0)
    statistic: np.ndarray = 2 * (one + two)
    return statistic


def _by_vectors(
    tokens: Tokens,
    counts: sparse.csr_matrix,
    words: np.ndarray,
    primary: np.ndarray,
    codebook: Codebook,
    free: np.ndarray,
    each: int,
    seed: int,
) -> pd.DataFrame:
    model = Word2Vec(
        tokens.lists(), vector_size=DIMENSIONS, window=WINDOW, min_count=LEAST_TEXTS, sg=1,
        epochs=EPOCHS, seed=seed + 1, workers=1,
    )  # fmt: skip
    known = model.wv.key_to_index
    allowed = dict(zip(words[free], np.flatnonzero(free), strict=True))
    binary = (counts > 0).astype(np.int64)
    texts = np.asarray(binary.sum(axis=0)).ravel()
    rows = []
    for cause in codebook.causes:
        seeds = [*cause.seeds_zh.items(), *cause.seeds_en.items()]
        usable = {s.lower(): w for s, w in seeds if s.lower() in known and w >= 1}
        inside = primary == cause.id
        if len(usable) < 2 or not inside.any():
            continue
        centroid = np.average(
            [model.wv.get_vector(word, norm=True) for word in usable],
            axis=0,
            weights=list(usable.values()),
        )
        near = [
            (word, cosine, allowed[word])
            for word, cosine in model.wv.similar_by_vector(centroid, topn=NEAREST)
            if word in allowed and texts[allowed[word]] >= LEAST_TEXTS
        ]
        among = np.asarray(binary[inside].sum(axis=0)).ravel()
        rows += [
            (cause.id, word, "vectors", cosine, np.nan, texts[i], among[i] / texts[i])
            for word, cosine, i in near[:each]
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
