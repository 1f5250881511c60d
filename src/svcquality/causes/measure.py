"""From complaint texts and a codebook to measured causes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd

from svcquality.causes.corpus import Corpus, read_corpus
from svcquality.causes.instruments import (
    LogisticPart,
    Measurement,
    by_codebook,
    by_coder,
    by_prevalence,
    by_seeds,
)
from svcquality.causes.measured import MeasuredCauses
from svcquality.causes.topic_labels import label_words
from svcquality.errors import InputError
from svcquality.progress import QUIET, Progress
from svcquality.text.codebook import RESIDUAL, Codebook
from svcquality.text.codebook_file import load_codebook
from svcquality.text.segment import dictionary_hash

__all__ = ["Instrument", "MeasuredCauses", "measure_causes"]

Instrument = Literal["codebook", "seeded", "prevalence", "supervised"]
AMONG = 50
"""A cause is named by one of its so many most probable words."""
LEAST_CODED = 50
"""Hand-coded texts below which a supervised coder has too little to learn from."""


def measure_causes(
    complaints: pd.DataFrame,
    codebook: str | Path | Codebook = "bank-zh",
    *,
    instrument: Instrument = "seeded",
    covariates: Sequence[str] = (),
    seed: int = 0,
    starts: int = 3,
    workers: int = 1,
    progress: Progress = QUIET,
) -> MeasuredCauses:
    """Measure the causes of complaints from their texts.

    Texts are normalised, seeds of the codebook found in them, and an instrument read. Equal and
    nearly equal texts count once, so that a template copied a hundred times is not a hundred
    pieces of evidence, and share their posterior.

    Parameters
    ----------
    complaints : DataFrame
        ``complaint_id``, ``text`` (masked), and where there is a random hand-coded sample
        ``coded_cause`` and ``coding_probability`` (missing probabilities: as if drawn with equal
        ones).
    codebook : str, Path or Codebook
        See `svcquality.text.codebook_file.load_codebook`.
    instrument : {"seeded", "codebook", "prevalence", "supervised"}
        ``seeded``: the topic model whose topics are the causes. ``codebook``: the weighted seeds
        alone. ``supervised``: the seeded model with the hand-given codes beside the seeds; a
        hand-coded text is measured without its own code. ``prevalence``: the seeded topics, with
        shares given the words and the covariates.
    covariates : sequence of str
        Columns of ``complaints`` on which prevalence depends; needed by ``prevalence`` only.
    seed : int
        The same seed and the same complaints give the same result.
    starts : int
        Starting points, at least 1: the first takes all texts alike, each further one a Bayesian
        bootstrap of them.
    workers : int
        Processes that prepare the texts; the result is the same for any number.
    progress : Progress

    Returns
    -------
    MeasuredCauses

    Raises
    ------
    InputError
        If there is no text, no seed occurs in any text, a coded cause is not in the codebook, the
        codebook cannot be used, or too few texts are hand-coded for a supervised coder.
    """
    if starts < 1:
        raise InputError("starts must be at least 1.", "starts 至少为 1。")
    if instrument not in get_args(Instrument):
        names = ", ".join(get_args(Instrument))
        raise InputError(
            f"There is no instrument {instrument!r}; choose one of {names}.",
            f"没有名为“{instrument}”的测量工具；可选：{names}。",
        )
    book = load_codebook(codebook)
    coded = _coded(complaints, book)
    ids = pd.Index(complaints["complaint_id"].astype("str"))
    texts = pd.Series(complaints["text"].to_numpy(dtype=object), index=ids, dtype=object)
    corpus = read_corpus(texts, book, workers=workers, progress=progress)
    coded = coded[coded["complaint_id"].isin(corpus.documents.table.index)].reset_index(drop=True)
    starting = [int(s) for s in np.random.SeedSequence(seed).generate_state(starts)]
    if instrument == "codebook":
        found, starting = by_codebook(corpus), starting[:1]
    elif instrument == "supervised":
        labels = _labels(corpus, coded, book)
        found = by_coder(corpus, book.ids, starting, labels, seed=seed, progress=progress)
    elif instrument == "prevalence":
        given = _covariates(complaints, covariates).reindex(corpus.ids)
        found = by_prevalence(corpus, book.ids, starting, given, progress=progress)
    else:
        found = by_seeds(corpus, book.ids, starting, progress=progress)
    measured = MeasuredCauses(
        codebook=book,
        instrument=instrument,
        posterior=found.posterior[:, corpus.of],
        prior=found.prior,
        documents=corpus.documents.table,
        spans=corpus.spans,
        coded=coded,
        fit=pd.DataFrame({"start": range(len(starting)), "seed": starting}),
        words=_words(found, corpus, book),
        repairs=corpus.documents.repairs,
        dictionary_sha256=dictionary_hash(),
        topics=found.topics,
        logistic=None if found.logistic is None else _of_complaints(found.logistic, corpus.of),
    )
    by_start = measured.primary_by_start()
    for start in range(len(starting)):
        one = by_start[f"start_{start}"]
        measured.fit.loc[start, "agreement"] = float((one == by_start["combined"]).mean())
        measured.fit.loc[start, "residual"] = float((one == RESIDUAL).mean())
    return measured


def _covariates(complaints: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    absent = [name for name in names if name not in complaints]
    if absent or not names:
        what = ", ".join(absent) or "covariates"
        raise InputError(
            f"The instrument 'prevalence' needs columns of the complaints as covariates; {what} is "
            f"missing. There are: {', '.join(map(str, complaints.columns))}.",
            f"prevalence 工具需要投诉表中的列作为协变量；缺少 {what}。"
            f"现有列：{'、'.join(map(str, complaints.columns))}。",
        )
    frame = complaints[list(names)]
    return frame.set_axis(pd.Index(complaints["complaint_id"].astype("str")), axis=0)


def _of_complaints(part: LogisticPart, of: np.ndarray) -> LogisticPart:
    """The same for complaints instead of distinct texts: ``rows`` of complaints, ``fit`` rows by
    `place`.
    """
    place = np.full(int(of.max()) + 1, -1)
    place[part.rows] = np.arange(len(part.rows))
    rows = np.flatnonzero(place[of] >= 0)
    return LogisticPart(rows, part.fit, place[of[rows]])


def _labels(corpus: Corpus, coded: pd.DataFrame, book: Codebook) -> np.ndarray:
    """Position of the hand-given cause of every distinct text, -1 where there is none."""
    labels = np.full(len(corpus.ids), -1)
    place = corpus.documents.table.index.get_indexer(pd.Index(coded["complaint_id"]))
    code = pd.Index(book.ids).get_indexer(pd.Index(coded["cause"]))  # residual: none
    labels[corpus.of[place]] = code
    if (labels >= 0).sum() < LEAST_CODED:
        raise InputError(
            f"A supervised coder needs at least {LEAST_CODED} hand-coded texts with a cause, there "
            f"are {(labels >= 0).sum()}; code more ('svcquality audit draw'), or use the "
            "instrument 'seeded'.",
            f"监督编码至少需要 {LEAST_CODED} 条人工编码文本，现有 {(labels >= 0).sum()} 条；"
            "请补充编码（svcquality audit draw），或使用 seeded 工具。",
        )
    return labels


def _coded(complaints: pd.DataFrame, book: Codebook) -> pd.DataFrame:
    empty = pd.DataFrame(
        {"complaint_id": pd.Series(dtype="str"), "cause": pd.Series(dtype="str"),
         "probability": pd.Series(dtype="float64")}
    )  # fmt: skip
    if "coded_cause" not in complaints or complaints["coded_cause"].isna().all():
        return empty
    sample = complaints[complaints["coded_cause"].notna()]
    known = {c.key: c.id for c in book.causes} | {i: i for i in (*book.ids, RESIDUAL)}
    cause = sample["coded_cause"].map(known)
    if cause.isna().any():
        unknown = str(sample["coded_cause"][cause.isna()].iloc[0])
        raise InputError(
            f"The hand-coded cause {unknown!r} is not in the codebook {book.name}; map the codes "
            f"to its ids ({', '.join(book.ids)}, {RESIDUAL}).",
            f"人工编码原因“{unknown}”不在编码本 {book.name} 中；请对应为其编号"
            f"（{'、'.join(book.ids)}、{RESIDUAL}）。",
        )
    equal = len(sample) / len(complaints)
    given = sample.get("coding_probability", pd.Series(np.nan, index=sample.index))
    return pd.DataFrame(
        {
            "complaint_id": sample["complaint_id"].astype("str").to_numpy(),
            "cause": cause.astype("str").to_numpy(),
            "probability": given.astype("float64").fillna(equal).to_numpy(),
        }
    )


def _words(found: Measurement, corpus: Corpus, book: Codebook) -> pd.DataFrame:
    """Words that name each cause, by four measures, a language after the other."""
    parts = []
    counts = {part.language: part.counts.sum(axis=0) for part in corpus.parts}
    for fitted in found.topics:
        size = len(fitted.vocabulary)
        topics = fitted.topics[:, : len(book.ids), :size]
        share = (topics / topics.sum(axis=2, keepdims=True)).mean(axis=0)
        seen = np.asarray(counts[fitted.language]).ravel()
        labels = label_words(share, fitted.vocabulary, seen, names=book.ids, among=AMONG)
        parts.append(labels.rename(columns={"topic": "cause"}).assign(language=fitted.language))
    if not parts:
        columns = ["cause", "method", "rank", "word", "value", "language"]
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)
