from __future__ import annotations

import numpy as np
import pytest
from gensim.corpora import Dictionary
from gensim.models import CoherenceModel
from scipy import sparse

from svcquality.causes.topic_quality import (
    cosines,
    document_completion,
    exclusivity,
    hold_out,
    matched,
    npmi,
    overlap,
    top_words,
)


def test_coherence_by_hand() -> None:
    # a and b always together in half of the texts, c apart from them.
    counts = sparse.csr_matrix(np.array([[1, 2, 0], [1, 1, 0], [0, 0, 1], [0, 0, 3.0]]))
    together, apart = npmi(counts, np.array([[0, 1], [0, 2]]))
    assert together == pytest.approx(1)
    assert apart == pytest.approx(-1)


def test_a_word_in_every_text_and_one_in_none() -> None:
    counts = sparse.csr_matrix(np.array([[1, 1, 0], [1, 1, 0.0]]))
    everywhere, nowhere = npmi(counts, np.array([[0, 1], [0, 2]]))
    assert everywhere == pytest.approx(0)
    assert nowhere == -1


def test_coherence_is_that_of_gensim_where_all_words_meet() -> None:
    rng = np.random.default_rng(1)
    counts = rng.poisson(0.8, (200, 12)).astype(float)
    words = [f"w{i:02d}" for i in range(12)]
    texts = [[w for w, n in zip(words, row, strict=True) for _ in range(int(n))] for row in counts]
    top = np.array([[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [11, 3, 0, 8, 10]])
    theirs = CoherenceModel(
        topics=[[words[i] for i in topic] for topic in top], texts=texts, processes=1,
        dictionary=Dictionary([words]), coherence="c_npmi", window_size=1000,
    ).get_coherence_per_topic()  # fmt: skip
    # gensim counts no window for an empty text.
    full = sparse.csr_matrix(counts[counts.sum(axis=1) > 0])
    np.testing.assert_allclose(npmi(full, top), theirs, atol=1e-6)


def test_exclusive_topics_are_told_from_alike_ones() -> None:
    apart = np.kron(np.eye(3), np.full((1, 10), 0.1)) + 1e-4
    rng = np.random.default_rng(0)
    alike = np.repeat(rng.dirichlet(np.ones(30))[None], 3, axis=0)
    assert exclusivity(apart).min() > exclusivity(alike).max()


def test_holding_out_loses_no_word_and_spares_most_texts() -> None:
    counts = sparse.random(400, 60, 0.2, random_state=3, format="csr")
    counts.data = np.ceil(counts.data * 3)
    seen, hidden = hold_out(counts, seed=5, share=0.25)
    assert abs(seen + hidden - counts).sum() == 0
    touched = np.asarray(hidden.sum(axis=1)).ravel() > 0
    assert touched.mean() == pytest.approx(0.25, abs=0.01)
    share = hidden.sum() / counts[touched].sum()
    assert share == pytest.approx(0.5, abs=0.05)


def test_document_completion_by_hand() -> None:
    hidden = sparse.csr_matrix(np.array([[2.0, 1.0], [0.0, 0.0]]))
    theta = np.array([[0.5, 0.5], [1.0, 0.0]])
    topics = np.array([[0.8, 0.2], [0.4, 0.6]])
    expected = (2 * np.log(0.6) + np.log(0.4)) / 3
    assert document_completion(hidden, theta, topics) == pytest.approx(expected)
    assert np.isnan(document_completion(hidden * 0, theta, topics))


def test_matching_finds_a_permutation() -> None:
    topics = np.random.default_rng(4).dirichlet(np.full(40, 0.1), 6)
    order = np.array([3, 0, 5, 1, 4, 2])
    assert matched(topics, topics[order]).tolist() == np.argsort(order).tolist()
    np.testing.assert_allclose(np.diag(cosines(topics, topics)), 1)


def test_overlap_and_top_words_by_hand() -> None:
    assert top_words(np.array([[0.1, 0.5, 0.1, 0.3]]), 3).tolist() == [[1, 3, 0]]
    assert overlap(np.array([[1, 2, 3]]), np.array([[3, 4, 1]])).tolist() == [0.5]
