"""Topics that were fitted once, kept so that new complaints can be measured by them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from svcquality.causes.lda import CompiledLda, fit_lda
from svcquality.causes.seeded_lda import SEED_STRENGTH
from svcquality.storage import write_atomic
from svcquality.text.tokens import Tokens


@dataclass(frozen=True, eq=False)
class FittedTopics:
    """Topics of one language.

    Parameters
    ----------
    language : str
    vocabulary : tuple of str
        Words; the pseudo-words of the causes follow them as columns of ``topics``.
    topics : ndarray of shape (starts, topics, words + causes)
        Dirichlet parameters of each topic over the words.
    alpha : ndarray of shape (topics,)
        Dirichlet prior of a document over the topics; the residual ones come last.
    """

    language: str
    vocabulary: tuple[str, ...]
    topics: np.ndarray
    alpha: np.ndarray

    def infer(self, words: Tokens, seeds: sparse.csr_matrix, *, seed: int = 0) -> np.ndarray:
        """Measure documents by these topics.

        Parameters
        ----------
        words : Tokens
            Content words; those outside the vocabulary say nothing.
        seeds : csr_matrix of shape (documents, causes)
        seed : int

        Returns
        -------
        ndarray of shape (starts, documents, causes + 1)
            Dirichlet parameters; the last column sums the residual topics.
        """
        place = {word: column for column, word in enumerate(self.vocabulary)}
        column = np.array([place.get(word, -1) for word in words.vocabulary], dtype=np.int64)
        known = column[words.codes] >= 0 if len(words.codes) else np.zeros(0, dtype=bool)
        row = np.repeat(np.arange(len(words)), words.lengths)[known]
        shape = (len(words), len(self.vocabulary))
        counts = sparse.coo_matrix(
            (np.ones(len(row)), (row, column[words.codes[known]])), shape=shape
        ).tocsr()
        both = sparse.csr_matrix(sparse.hstack([counts, seeds * SEED_STRENGTH]))
        causes = seeds.shape[1]
        found = []
        for topics in self.topics:
            _, gamma = fit_lda(both, topics, seed=seed, alpha=self.alpha, passes=0, spread=0.0)
            found.append(np.column_stack([gamma[:, :causes], gamma[:, causes:].sum(axis=1)]))
        return np.stack(found)

    def model(self, causes: Sequence[str], start: int = 0) -> CompiledLda:
        """One start as a gensim model, for its tools (show_topics, coherence, pyLDAvis)."""
        names = [*self.vocabulary, *(f"«{cause}»" for cause in causes)]
        nothing = sparse.csr_matrix((0, len(names)))
        return fit_lda(
            nothing, self.topics[start], seed=0, alpha=self.alpha, passes=0, spread=0.0, words=names
        )[0]

    def to_directory(self, path: Path) -> None:
        """Write ``topics_<language>.npz`` and its words into an existing directory."""
        with (path / f"topics_{self.language}.npz").open("wb") as out:
            np.savez_compressed(out, topics=self.topics, alpha=self.alpha)
        words = json.dumps(self.vocabulary, ensure_ascii=False)
        write_atomic(path / f"topics_{self.language}.json", words)

    @classmethod
    def from_directory(cls, path: Path, language: str) -> FittedTopics:
        """Read what `to_directory` wrote."""
        words = json.loads((path / f"topics_{language}.json").read_text("utf-8"))
        with np.load(path / f"topics_{language}.npz", allow_pickle=False) as arrays:
            return cls(language, tuple(words), arrays["topics"], arrays["alpha"])
