"""What each complaint is about: a distribution over the causes of a codebook, with its doubt."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from svcquality.causes.corpus import read_corpus
from svcquality.causes.fitted_topics import FittedTopics
from svcquality.causes.instruments import LogisticPart
from svcquality.causes.seeded_lda import SEED_STRENGTH
from svcquality.causes.shares import measured_shares
from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.storage import write_atomic
from svcquality.text.codebook import RESIDUAL, Codebook
from svcquality.text.codebook_file import parse_codebook

Level = Literal["cause", "family"]

THRESHOLD = 0.30
"""A complaint of which no cause explains more than this share is about none of the codebook."""


@dataclass(frozen=True, eq=False)
class MeasuredCauses:
    """Causes of complaints as measured from their texts.

    Parameters
    ----------
    codebook : Codebook
    instrument : str
        Which one measured: ``codebook``, ``seeded`` or ``supervised``.
    posterior : ndarray of shape (starts, documents, causes + 1)
        Dirichlet parameters of each complaint's distribution; the last column is ``residual``.
    prior : ndarray of shape (causes + 1,)
        The same before any text was read.
    documents : DataFrame
        Index ``complaint_id``; ``text`` (masked, normalised), ``language``, ``tokens``,
        ``duplicate_of``. Complaints without a text are not in it.
    spans : DataFrame
        Seeds found: ``complaint_id, start, end, cause, seed, weight``.
    coded : DataFrame
        The hand-coded sample: ``complaint_id, cause, probability`` (of being drawn). It corrects
        shares; it never shapes the model that it corrects.
    fit : DataFrame
        One row a start: ``start, seed, agreement`` (share of complaints whose primary cause is
        that of all starts together), ``residual`` (share without a cause).
    words : DataFrame
        ``cause, method, rank, word, value, language``: words that the model ties to each cause, by
        probability, FREX, lift and score (`svcquality.causes.topic_labels`), over all starts.
    repairs : DataFrame
        What normalising took.
    dictionary_sha256 : str
        Hash of the words that segmentation rests on.
    topics : tuple of FittedTopics
        The fitted topics, one a language, by which new complaints can be measured; none for the
        codebook's own score.
    logistic : LogisticPart, optional
        Complaints measured by a logistic normal given words and covariates; draws come from it.
    """

    codebook: Codebook
    instrument: str
    posterior: np.ndarray
    prior: np.ndarray
    documents: pd.DataFrame
    spans: pd.DataFrame
    coded: pd.DataFrame
    fit: pd.DataFrame
    words: pd.DataFrame
    repairs: pd.DataFrame
    dictionary_sha256: str
    topics: tuple[FittedTopics, ...] = ()
    logistic: LogisticPart | None = None

    @property
    def probabilities(self) -> pd.DataFrame:
        """Share of each complaint that is about each cause, averaged over the starts.

        Index ``complaint_id``, a column a cause plus ``residual``; rows sum to 1.
        """
        mean = (self.posterior / self.posterior.sum(axis=2, keepdims=True)).mean(axis=0)
        return pd.DataFrame(
            mean, index=self.documents.index, columns=[*self.codebook.ids, RESIDUAL]
        )

    @property
    def primary(self) -> pd.Series:
        """The primary cause of each complaint, or ``residual``."""
        return self._primary(self.posterior)

    @property
    def labels(self) -> dict[str, Text]:
        """Labels of causes, families and the residual by id."""
        return self.codebook.labels

    @property
    def family_of(self) -> dict[str, str]:
        """Family of every cause by id."""
        return self.codebook.family_of

    def primary_by_start(self) -> pd.DataFrame:
        """Primary causes: ``combined`` from all starts together, then a column a start."""
        columns = {"combined": self.primary}
        for start in range(len(self.posterior)):
            columns[f"start_{start}"] = self._primary(self.posterior[start : start + 1])
        return pd.DataFrame(columns)

    def _primary(self, posterior: np.ndarray) -> pd.Series:
        explained = (posterior - self.prior) / posterior.sum(axis=2, keepdims=True)
        found = primary_cause(explained.mean(axis=0)[:, :-1], self.codebook)
        return pd.Series(found, index=self.documents.index, name="primary", dtype="str")

    def shares(self, level: Level = "cause", by: pd.Series | None = None) -> pd.DataFrame:
        """How often each cause, or family, is the primary one.

        Parameters
        ----------
        level : {"cause", "family"}
        by : Series, optional
            Group of each complaint, indexed by complaint id; complaints without a group are left
            out.

        Returns
        -------
        DataFrame
            ``id, label_zh, label_en, share, error, low, high, n, method``, in the order of the
            codebook, ``residual`` last; with ``by`` a first column ``group``. For the two methods
            see `svcquality.causes.shares.measured_shares`.
        """
        primary = self.primary_by_start()
        coded = self.coded.set_index("complaint_id").reindex(primary.index)
        ids = [*self.codebook.ids, RESIDUAL]
        truth = coded["cause"]
        if level == "family":
            primary = primary.apply(lambda column: column.map(self.family_of))
            truth = truth.map(self.family_of)
            ids = [*(family.id for family in self.codebook.families), RESIDUAL]
        groups = {None: np.arange(len(primary))}
        if by is not None:
            group = by.reindex(primary.index)
            groups = {
                name: np.flatnonzero(group == name) for name in sorted(group.dropna().unique())
            }
        parts = []
        for name, rows in groups.items():
            part = measured_shares(
                primary.iloc[rows], ids, truth.iloc[rows], coded["probability"].iloc[rows]
            )
            part.insert(1, "label_zh", [self.labels[i].zh for i in part["id"]])
            part.insert(2, "label_en", [self.labels[i].en for i in part["id"]])
            if by is not None:
                part.insert(0, "group", name)
            parts.append(part)
        return pd.concat(parts, ignore_index=True)

    def read(self, cause: str, n: int = 5) -> pd.DataFrame:
        """The complaints that are most about a cause.

        Parameters
        ----------
        cause : str
            Id or key (``"Q1"``, ``"wait_time"``), or ``"residual"``.
        n : int
            How many; the same text is shown once.

        Returns
        -------
        DataFrame
            ``complaint_id, probability, text`` (masked), ``seeds`` (those found of this cause).

        Raises
        ------
        InputError
            If the codebook has no such cause.
        """
        try:
            cause = self.codebook.id_of(cause)
        except KeyError as error:
            raise InputError(
                f"The codebook has no cause {cause!r}; it has {', '.join(self.codebook.ids)}.",
                f"编码本中没有原因“{cause}”；可用：{'、'.join(self.codebook.ids)}。",
            ) from error
        distinct = self.documents["duplicate_of"].isna()
        top = self.probabilities.loc[distinct, cause].nlargest(n)
        seeds = self.spans[self.spans["cause"] == cause].groupby("complaint_id")["seed"]
        return pd.DataFrame(
            {
                "complaint_id": top.index,
                "probability": top.to_numpy(),
                "text": self.documents["text"].loc[top.index].to_numpy(),
                "seeds": seeds.agg("、".join).reindex(top.index).fillna("").to_numpy(),
            }
        )

    def draws(self, m: int, seed: int) -> np.ndarray:
        """Draw distributions over causes from the posteriors, going round the starts.

        Parameters
        ----------
        m : int
            Number of draws.
        seed : int

        Returns
        -------
        ndarray of shape (m, documents, causes + 1)
        """
        rng = np.random.default_rng(seed)
        gamma = self.posterior[np.arange(m) % len(self.posterior)]
        drawn = rng.standard_gamma(gamma)
        drawn /= drawn.sum(axis=2, keepdims=True)
        if self.logistic is not None:
            drawn[:, self.logistic.rows] = self.logistic.fit.draws(m, seed)[:, self.logistic.place]
        return drawn

    def apply(self, complaints: pd.DataFrame, *, workers: int = 1) -> MeasuredCauses:
        """Measure new complaints by the same codebook and topics, without fitting anything again.

        Parameters
        ----------
        complaints : DataFrame
            ``complaint_id``, ``text`` (masked).
        workers : int
            Processes that prepare the texts.

        Returns
        -------
        MeasuredCauses
            Of the new complaints; it has no hand-coded sample.

        Raises
        ------
        InputError
            If there is no text, or no seed occurs in any.
        """
        texts = pd.Series(
            complaints["text"].to_numpy(), index=complaints["complaint_id"], dtype="str"
        )
        corpus = read_corpus(texts, self.codebook, workers=workers)
        known = {fitted.language: fitted for fitted in self.topics}
        seeds = SEED_STRENGTH * corpus.seeds.toarray()
        posterior = np.repeat(
            (self.prior + np.column_stack([seeds, np.zeros(len(seeds))]))[None],
            len(self.posterior),
            axis=0,
        )
        # A language that was never fitted has the seeds alone to say what it means.
        place = corpus.documents.table.index.get_indexer(corpus.ids)
        for part in corpus.parts:
            if part.language in known:
                words = corpus.documents.words[place[part.rows]]
                posterior[:, part.rows] = known[part.language].infer(words, corpus.seeds[part.rows])
        return replace(
            self,
            posterior=posterior[:, corpus.of],
            documents=corpus.documents.table,
            spans=corpus.spans,
            coded=self.coded.iloc[:0],
            logistic=None,
            repairs=corpus.documents.repairs,
        )

    def to_directory(self, path: Path) -> None:
        """Write everything as Parquet, JSON and the codebook's YAML into an existing directory."""
        for name in ("documents", "spans", "coded", "fit", "words", "repairs"):
            frame: pd.DataFrame = getattr(self, name)
            frame.reset_index(names="complaint_id" if name == "documents" else "row").to_parquet(
                path / f"{name}.parquet", index=False
            )
        for name in ("posterior", "prior"):
            with (path / f"{name}.npy").open("wb") as out:
                np.save(out, getattr(self, name), allow_pickle=False)
        write_atomic(path / "codebook.yaml", self.codebook.source)
        for fitted in self.topics:
            fitted.to_directory(path)
        if self.logistic is not None:
            self.logistic.to_directory(path / "logistic")
        about = {
            "codebook": self.codebook.name,
            "instrument": self.instrument,
            "dictionary_sha256": self.dictionary_sha256,
            "languages": [fitted.language for fitted in self.topics],
        }
        write_atomic(path / "measured.json", json.dumps(about, indent=1))

    @classmethod
    def from_directory(cls, path: Path) -> MeasuredCauses:
        """Read what `to_directory` wrote."""
        about = json.loads((path / "measured.json").read_text("utf-8"))
        frames = {
            name: pd.read_parquet(path / f"{name}.parquet").drop(columns="row", errors="ignore")
            for name in ("documents", "spans", "coded", "fit", "words", "repairs")
        }
        frames["documents"] = frames["documents"].set_index("complaint_id")
        return cls(
            codebook=parse_codebook((path / "codebook.yaml").read_bytes(), about["codebook"]),
            posterior=np.load(path / "posterior.npy", allow_pickle=False),
            prior=np.load(path / "prior.npy", allow_pickle=False),
            instrument=about["instrument"],
            dictionary_sha256=about["dictionary_sha256"],
            logistic=LogisticPart.from_directory(path / "logistic")
            if (path / "logistic").exists()
            else None,
            topics=tuple(FittedTopics.from_directory(path, lang) for lang in about["languages"]),
            **frames,
        )


def primary_cause(explained: np.ndarray, codebook: Codebook) -> np.ndarray:
    """The cause that explains most of each complaint, if it explains `THRESHOLD` of it.

    What counts is what the text says beyond the prior: a text of which nothing is understood has
    no cause, however frequent one is elsewhere. The residual never competes: an argmax over causes
    and residual topics would call most short complaints residual.

    Parameters
    ----------
    explained : ndarray of shape (documents, causes)
        Share of each complaint that each cause explains.
    codebook : Codebook

    Returns
    -------
    ndarray of str objects of shape (documents,)
        Ids of causes, or ``residual``.
    """
    names = np.array(codebook.ids, dtype=object)[explained.argmax(axis=1)]
    return np.where(explained.max(axis=1) >= THRESHOLD, names, RESIDUAL)
