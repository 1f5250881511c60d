"""Modes of documents under the logistic-normal prior, against BFGS document by document."""

from __future__ import annotations

import numpy as np
from scipy import optimize, sparse

from benchmarks.harness import Contest
from svcquality.estimators.logistic_normal import laplace, softmax

DOCUMENTS, WORDS, VOCABULARY, TOPICS = 1_000, 25, 2_000, 30


def prepare() -> dict[str, np.ndarray | sparse.csr_matrix]:
    """Short documents of known topics."""
    rng = np.random.default_rng(20260101)
    beta = rng.dirichlet(np.full(VOCABULARY, 0.05), TOPICS)
    mu = np.tile(rng.normal(0, 0.5, TOPICS - 1), (DOCUMENTS, 1))
    theta = softmax(mu + 1.5 * rng.normal(size=mu.shape))
    counts = np.stack([rng.multinomial(WORDS, share @ beta) for share in theta])
    sigma = np.eye(TOPICS - 1) * 1.5**2
    return {
        "counts": sparse.csr_matrix(counts.astype(float)),
        "beta": beta,
        "mu": mu,
        "sigma": sigma,
    }


def ours(data: dict) -> np.ndarray:
    """Compiled Newton steps."""
    return laplace(data["counts"], data["beta"], data["mu"], data["sigma"]).eta


def theirs(data: dict) -> np.ndarray:
    """SciPy's BFGS with the analytic gradient, as R's stm optimises each document."""
    precision = np.linalg.inv(data["sigma"])
    counts = data["counts"]
    eta = np.empty_like(data["mu"])
    for d in range(DOCUMENTS):
        row = slice(counts.indptr[d], counts.indptr[d + 1])
        words, number = data["beta"][:, counts.indices[row]], counts.data[row]
        mu = data["mu"][d]

        def objective(x, words=words, number=number, mu=mu):
            theta = softmax(x)
            mixed = theta @ words
            pull = precision @ (x - mu)
            assigned = theta * (words @ (number / mixed))
            slope = (assigned - number.sum() * theta)[:-1] - pull
            return -(number @ np.log(mixed) - pull @ (x - mu) / 2), -slope

        eta[d] = optimize.minimize(objective, mu, jac=True, method="BFGS").x
    return eta


def agree(mine: np.ndarray, peer: np.ndarray) -> None:
    """The same modes, but for the few documents with two."""
    near = np.abs(mine - peer).max(axis=1) < 0.01
    assert near.mean() > 0.97, near.mean()


CONTESTS = [
    Contest(
        "logistic-normal modes", "scipy BFGS by document",
        f"{DOCUMENTS:,} documents × {WORDS} words, {TOPICS} topics",
        prepare, ours, theirs, agree,
    )
]  # fmt: skip
