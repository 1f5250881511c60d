from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gensim.models import LdaModel
from scipy import sparse, special

from svcquality.causes.lda import CompiledLda, _digamma, fit_lda

TOPICS, WORDS = 6, 200


@pytest.fixture(scope="module")
def corpus() -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray]:
    """Documents of 25 words, their true topic shares, and a prior that knows three words a topic."""
    rng = np.random.default_rng(4)
    beta = rng.dirichlet(np.full(WORDS, 0.05), TOPICS)
    theta = rng.dirichlet(np.full(TOPICS, 0.2), 500)
    counts = np.stack([rng.multinomial(25, share @ beta) for share in theta]).astype(float)
    eta = np.full((TOPICS, WORDS), 0.05)
    for topic, words in enumerate(np.argsort(-beta, axis=1)[:, :3]):
        eta[topic, words] = 100.0
    return sparse.csr_matrix(counts), theta, eta


def gensim_documents(counts: sparse.csr_matrix) -> list[list[tuple[int, float]]]:
    return [
        list(zip(counts[i].indices.tolist(), counts[i].data.tolist(), strict=True))
        for i in range(counts.shape[0])
    ]


def agreement(gamma: np.ndarray, theta: np.ndarray) -> float:
    share = gamma / gamma.sum(axis=1, keepdims=True)
    return float(np.mean([np.corrcoef(share[:, k], theta[:, k])[0, 1] for k in range(TOPICS)]))


def test_digamma() -> None:
    x = np.array([1e-4, 0.01, 0.3, 1.0, 5.9, 6.0, 40.0, 1e5])
    np.testing.assert_allclose([_digamma(v) for v in x], special.digamma(x), rtol=1e-9)


def test_the_compiled_step_is_that_of_gensim(corpus) -> None:
    counts, _, eta = corpus
    given = {
        "num_topics": TOPICS, "id2word": {i: str(i) for i in range(WORDS)}, "eta": eta,
        "alpha": np.linspace(0.1, 0.6, TOPICS), "random_state": 3, "dtype": np.float64,
        "iterations": 300, "gamma_threshold": 1e-9,
    }  # fmt: skip
    documents = gensim_documents(counts[:60])
    theirs = LdaModel(None, **given).inference(documents, collect_sstats=True)
    ours = CompiledLda(None, **given).inference(counts[:60], collect_sstats=True)
    listed = CompiledLda(None, **given).inference(documents, collect_sstats=True)
    for a, b, c in zip(theirs, ours, listed, strict=True):
        np.testing.assert_allclose(b, a, atol=1e-6)
        np.testing.assert_allclose(c, b, atol=1e-12)


def test_one_step_of_training_is_that_of_gensim(corpus) -> None:
    counts, _, eta = corpus
    theirs = LdaModel(
        None, num_topics=TOPICS, id2word={i: str(i) for i in range(WORDS)}, eta=eta,
        alpha=np.full(TOPICS, 0.1), random_state=np.random.RandomState(9), dtype=np.float64,
        eval_every=None, gamma_threshold=0.01, iterations=30, decay=0.5, offset=1.0,
        chunksize=counts.shape[0],
    )  # fmt: skip
    theirs.sync_state()
    theirs.update(gensim_documents(counts))
    ours, _ = fit_lda(counts, eta, seed=9, passes=1)
    np.testing.assert_allclose(ours.get_topics(), theirs.get_topics(), atol=1e-6)


def test_a_matrix_prior_acts(corpus) -> None:
    """Without syncing, the constructor's topics know nothing of the prior and no label fits."""
    counts, theta, eta = corpus
    model, gamma = fit_lda(counts, eta, seed=1, passes=1)
    unsynced = CompiledLda(
        None, num_topics=TOPICS, id2word=model.id2word, eta=eta, alpha=np.full(TOPICS, 0.1),
        random_state=1, dtype=np.float64, eval_every=None,
    )  # fmt: skip
    ignored, _ = unsynced.inference(counts)
    assert agreement(gamma, theta) > 0.8
    assert abs(agreement(ignored, theta)) < 0.3


def test_the_same_seed_gives_the_same_model(corpus) -> None:
    counts, _, eta = corpus
    first, second, other = (fit_lda(counts, eta, seed=s, passes=2)[1] for s in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_it_stays_a_gensim_model(corpus, tmp_path: Path) -> None:
    counts, _, eta = corpus
    model, _ = fit_lda(counts, eta, seed=1, passes=2, words=[f"w{i}" for i in range(WORDS)])
    model.save(str(tmp_path / "model"))
    again = LdaModel.load(str(tmp_path / "model"))
    assert again.show_topics() == model.show_topics()
    np.testing.assert_array_equal(again.get_topics(), model.get_topics())


def test_a_document_without_words_keeps_the_prior() -> None:
    counts = sparse.csr_matrix(np.array([[2.0, 0, 1], [0, 0, 0]]))
    _, gamma = fit_lda(counts, np.full((2, 3), 0.1), seed=0, alpha=np.array([0.2, 0.7]))
    np.testing.assert_allclose(gamma[1], [0.2, 0.7])
