"""341 answers of a randomised experiment on worries about immigration (Gadarian & Albertson 2014).

The published structural topic model finds a topic of jobs, taxes, welfare and crime that treatment
makes rarer or more frequent by .246 (.032), its two others by -.161 and -.085. LDA from several
starts reaches a largest effect between +.06 and +.30.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from svcquality.causes.lda import fit_lda
from svcquality.causes.topics import npmi

pytestmark = pytest.mark.published


@pytest.fixture(scope="module")
def gadarian(cases: Path) -> tuple[sparse.csr_matrix, list[str], np.ndarray]:
    folder = cases / "gadarian"
    bag = pd.read_csv(folder / "bow.csv")
    words = pd.read_csv(folder / "vocab.csv")["word"].astype(str).tolist()
    meta = pd.read_csv(folder / "meta.csv").sort_values("doc")
    counts = sparse.coo_matrix(
        (bag["count"].astype(float), (bag["doc"], bag["term"])), shape=(len(meta), len(words))
    ).tocsr()
    return counts, words, meta["treatment"].to_numpy()


def effects(gamma: np.ndarray, treatment: np.ndarray) -> np.ndarray:
    share = gamma / gamma.sum(axis=1, keepdims=True)
    return share[treatment == 1].mean(axis=0) - share[treatment == 0].mean(axis=0)


def test_the_treatment_effect_depends_on_the_start(gadarian) -> None:
    counts, _, treatment = gadarian
    eta = np.full((3, counts.shape[1]), 0.1)
    largest = []
    for seed in range(6):
        _, gamma = fit_lda(counts, eta, seed=seed, alpha=0.5, passes=60)
        found = effects(gamma, treatment)
        assert found.sum() == pytest.approx(0, abs=1e-9)
        largest.append(found.max())
    assert 0.02 < min(largest) < max(largest) < 0.35
    assert max(largest) - min(largest) > 0.03  # more than the OLS error of .02


def test_seeds_pick_out_the_published_topic(gadarian) -> None:
    """Four words of the published topic as a prior, and treatment raises it, from every start."""
    counts, words, treatment = gadarian
    eta = np.full((3, counts.shape[1]), 0.05)
    eta[0, [words.index(w) for w in ("job", "tax", "welfar", "crime")]] = 20.0
    for seed in range(3):
        model, gamma = fit_lda(counts, eta, seed=seed, alpha=0.2, passes=40)
        assert effects(gamma, treatment)[0] > 0.05
        top = np.argsort(-model.get_topics(), axis=1)[:, :10]
        assert np.isfinite(npmi(counts, top)).all()
