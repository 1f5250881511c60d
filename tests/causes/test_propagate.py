"""Seeds spread over texts that share words, and a wrong seed fades."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from svcquality.causes.propagate import propagate

CAUSES, WORDS = 3, 60


def corpus(n: int = 600, seed: int = 0, seeded: float = 0.4, wrong: float = 0.3):
    """Texts of ten words, each cause with twenty of its own; some seeds point elsewhere."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(CAUSES, size=n)
    word = truth[:, None] * 20 + rng.integers(20, size=(n, 10))
    row = np.repeat(np.arange(n), 10)
    words = sparse.coo_matrix((np.ones(10 * n), (row, word.ravel())), shape=(n, WORDS)).tocsr()
    evidence = np.zeros((n, CAUSES))
    has = np.flatnonzero(rng.random(n) < seeded)
    said = np.where(rng.random(len(has)) < wrong, rng.integers(CAUSES, size=len(has)), truth[has])
    evidence[has, said] = 1.0
    return words, evidence, truth


def test_texts_without_a_seed_are_read_by_their_words() -> None:
    words, evidence, truth = corpus()
    found = propagate(words, evidence)
    bare = evidence.sum(axis=1) == 0
    assert (found.posterior.argmax(axis=1) == truth)[bare].mean() > 0.97


def test_a_seed_that_nothing_else_bears_out_fades() -> None:
    words, evidence, truth = corpus()
    misled = (evidence.sum(axis=1) > 0) & (evidence.argmax(axis=1) != truth)
    assert misled.sum() > 20
    found = propagate(words, evidence)
    assert (found.posterior.argmax(axis=1) == truth)[misled].mean() > 0.9


def test_words_are_divided_and_none_are_lost() -> None:
    words, evidence, _ = corpus(200, wrong=0.0, seeded=1.0)
    found = propagate(words, evidence)
    assert found.counts.shape == (CAUSES + 1, WORDS)
    np.testing.assert_allclose(found.posterior.sum(axis=1), 1.0)
    np.testing.assert_allclose(found.counts.sum(), words.sum(), rtol=1e-6)


def test_what_the_corpus_has_most_of_does_not_swallow_a_cause_of_few_seeds() -> None:
    words, evidence, truth = corpus(900, wrong=0.0)
    evidence[truth == 2] = 0.0  # a third of the texts is about nothing in the codebook
    rng = np.random.default_rng(3)
    stray = rng.choice(np.flatnonzero(truth == 2), 6, replace=False)
    evidence[stray, 1] = 0.4  # with a stray hint here and there
    found = propagate(words, evidence).posterior.argmax(axis=1)
    assert (found[truth == 2] == CAUSES).mean() > 0.9
    assert (found[truth == 1] == 1).mean() > 0.95


def test_weights_are_counts() -> None:
    words, evidence, _ = corpus(200)
    twice = propagate(sparse.vstack([words, words]).tocsr(), np.vstack([evidence, evidence]))
    # A copy is another text that bears the first one out; a weight of two is not.
    alone = propagate(words, evidence, weights=np.full(200, 2.0))
    assert np.isfinite(alone.posterior).all()
    np.testing.assert_allclose(alone.posterior.sum(axis=1), 1.0)
    assert twice.posterior.shape == (400, CAUSES + 1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (3, 1)])
def test_tiny_corpora(shape: tuple[int, int]) -> None:
    words = sparse.csr_matrix(np.ones(shape))
    evidence = np.zeros((shape[0], 2))
    evidence[0, 1] = 1.0
    found = propagate(words, evidence)
    assert found.posterior[0].argmax() == 1


def test_texts_without_words() -> None:
    found = propagate(sparse.csr_matrix((3, 0)), np.eye(3, 2))
    assert found.posterior[:2].argmax(axis=1).tolist() == [0, 1]
    assert np.isfinite(found.posterior).all()
