"""The engine of the seeded topic model against gensim's LdaModel: same passes, no worse a bound."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from gensim.models import LdaModel
from scipy import sparse
from scipy.special import gammaln

from benchmarks.harness import Contest
from svcquality.causes.lda import fit_lda

DOCUMENTS, LENGTH, VOCABULARY, TOPICS, PASSES = 20_000, 25, 5_000, 30, 10
SEEDS, SEED_WEIGHT = 10, 50.0
"""Words of each topic that the prior knows, and how much it makes of them."""
HELD_TO = 2_000
"""Documents by which the bounds are compared."""


@dataclass(frozen=True)
class Input:
    """Short documents of known topics as both take them, and a prior that knows some words."""

    counts: sparse.csr_matrix
    documents: list[list[tuple[int, float]]]
    eta: np.ndarray


def corpus(documents: int) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Counts of documents of a few topics each, and the prior with seeds."""
    rng = np.random.default_rng(20260101)
    beta = rng.dirichlet(np.full(VOCABULARY, 0.02), TOPICS)
    topic = rng.dirichlet(np.full(TOPICS, 0.1), documents)
    of = (topic.cumsum(axis=1)[:, None, :] < rng.random((documents, LENGTH, 1))).sum(axis=2)
    of = np.minimum(of, TOPICS - 1)
    words = np.empty(of.shape, dtype=np.int64)
    for k in range(TOPICS):
        here = of == k
        words[here] = rng.choice(VOCABULARY, here.sum(), p=beta[k])
    rows = np.repeat(np.arange(documents), LENGTH)
    counts = sparse.coo_matrix(
        (np.ones(words.size), (rows, words.ravel())), shape=(documents, VOCABULARY)
    ).tocsr()
    eta = np.full((TOPICS, VOCABULARY), 0.05)
    np.put_along_axis(eta, np.argsort(-beta, axis=1)[:, :SEEDS], SEED_WEIGHT, axis=1)
    return counts, eta


def prepare() -> Input:
    """The same documents as a sparse matrix and as gensim's lists."""
    counts, eta = corpus(DOCUMENTS)
    pairs = list(zip(counts.indices.tolist(), counts.data.tolist(), strict=True))
    edges = counts.indptr.tolist()
    documents = [pairs[a:b] for a, b in itertools.pairwise(edges)]
    return Input(counts, documents, eta)


def ours(data: Input) -> tuple[LdaModel, Input]:
    """Batch steps over the whole matrix, compiled, a thread a processor."""
    model, _ = fit_lda(data.counts, data.eta, seed=1, alpha=0.1, passes=PASSES)
    return model, data


def theirs(data: Input) -> tuple[LdaModel, Input]:
    """The constructor with its defaults for everything but the model itself."""
    model = LdaModel(
        data.documents, num_topics=TOPICS, id2word={i: str(i) for i in range(VOCABULARY)},
        eta=data.eta, alpha=np.full(TOPICS, 0.1), passes=PASSES, random_state=1, eval_every=None,
    )  # fmt: skip
    return model, data


def agree(mine: tuple[LdaModel, Input], peer: tuple[LdaModel, Input]) -> None:
    """Both bounds by gensim's own computation on the same documents; ours is no lower."""
    some = mine[1].documents[:HELD_TO]
    bound, other = (_bound(model, some) for model in (mine[0], peer[0]))
    print(f"  bound a word: ours {bound:.4f}, gensim {other:.4f}")
    if bound < other:
        raise AssertionError(f"the bound is {bound:.4f} a word, gensim's {other:.4f}")


def _bound(model: LdaModel, documents: list[list[tuple[int, float]]]) -> float:
    scorer = LdaModel(
        None, num_topics=TOPICS, id2word=model.id2word, eta=np.asarray(model.eta, np.float64),
        alpha=np.asarray(model.alpha, np.float64), random_state=1, dtype=np.float64,
        iterations=100,
    )  # fmt: skip
    scorer.state.sstats = model.state.sstats.astype(np.float64)
    scorer.sync_state()
    words = sum(n for document in documents for _, n in document) * DOCUMENTS / len(documents)
    # gensim takes the sum of the whole prior where that of each topic belongs.
    of_topics = gammaln(scorer.eta.sum(axis=1)).sum() - TOPICS * gammaln(scorer.eta.sum())
    return float(scorer.log_perplexity(documents, total_docs=DOCUMENTS) + of_topics / words)


CONTESTS = [
    Contest(
        "topic model with seeds", "gensim LdaModel",
        f"{DOCUMENTS:,} documents × {LENGTH} words, {TOPICS} topics, {PASSES} passes",
        prepare, ours, theirs, agree,
    )
]  # fmt: skip
