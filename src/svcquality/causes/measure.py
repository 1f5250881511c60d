"""From complaint texts and a codebook to measured causes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from svcquality.causes.documents import count_words, prepare
from svcquality.causes.measured import MeasuredCauses
from svcquality.causes.seeded_lda import count_seeds, fit_seeded, prior_of_causes
from svcquality.errors import InputError
from svcquality.progress import QUIET, Progress
from svcquality.text.codebook import RESIDUAL, Codebook
from svcquality.text.codebook_file import load_codebook
from svcquality.text.segment import dictionary_hash

__all__ = ["MeasuredCauses", "measure_causes"]


def measure_causes(
    complaints: pd.DataFrame,
    codebook: str | Path | Codebook = "bank-zh",
    *,
    seed: int = 0,
    starts: int = 3,
    progress: Progress = QUIET,
) -> MeasuredCauses:
    """Measure the causes of complaints from their texts.

    Texts are normalised, seeds of the codebook found in them, and a seeded topic model fitted from
    several starting points, all of which are kept. Equal texts count once in the fit, so that a
    template copied a hundred times is not a hundred pieces of evidence, and share their posterior.

    Parameters
    ----------
    complaints : DataFrame
        ``complaint_id``, ``text`` (masked), and where there is a random hand-coded sample
        ``coded_cause`` and ``coding_probability`` (missing probabilities: as if drawn with equal
        ones).
    codebook : str, Path or Codebook
        See `svcquality.text.codebook_file.load_codebook`.
    seed : int
        The same seed and the same complaints give the same result.
    starts : int
        Starting points, at least 1.
    progress : Progress

    Returns
    -------
    MeasuredCauses

    Raises
    ------
    InputError
        If there is no text, no seed occurs in any text, a coded cause is not in the codebook, or
        the codebook cannot be used.
    """
    if starts < 1:
        raise InputError("starts must be at least 1.", "starts 至少为 1。")
    book = load_codebook(codebook)
    coded = _coded(complaints, book)
    texts = pd.Series(complaints["text"].to_numpy(), index=complaints["complaint_id"], dtype="str")
    documents = progress.stage("normalise and segment", lambda: prepare(texts))
    table = documents.table
    distinct = table["duplicate_of"].isna()
    spans = progress.stage("find seeds", lambda: book.find_spans(table["text"]))
    if spans.empty:
        raise InputError(
            f"No seed word of the codebook {book.name} occurs in any text; use a codebook for this "
            "kind of text, or the design 'topics', which needs none.",
            f"编码本 {book.name} 的种子词没有出现在任何文本中；请换用适合此类文本的编码本，"
            "或使用无需编码本的 topics 设计。",
        )
    first = spans[spans["document"].isin(table.index[distinct])]
    seeds = count_seeds(first, table.index[distinct], book.ids)
    starting = [int(s) for s in np.random.SeedSequence(seed).generate_state(starts)]
    gamma = np.empty((starts, int(distinct.sum()), len(book.ids) + 1))
    top_words = []
    # Words of two languages never stand beside each other: one model would make a topic of each.
    for language, rows in sorted(table[distinct].groupby("language").indices.items()):
        counts, vocabulary = count_words(documents.words[distinct][rows])
        fits = [
            fit_seeded(
                counts,
                seeds[rows],
                seed=s,
                vocabulary=vocabulary,
                causes=book.ids,
                alpha=prior_of_causes(seeds),
            )
            for s in progress.each(starting, f"seeded topic model ({language})")
        ]
        gamma[:, rows] = np.stack([fit.gamma for fit in fits])
        topics = np.mean([fit.model.get_topics() for fit in fits], axis=0)
        top_words.append(_top_words(topics, vocabulary, book).assign(language=str(language)))
    owner = pd.Index(table["duplicate_of"].where(~distinct, table.index.to_series()))
    row = table.index[distinct].get_indexer(owner)
    measured = MeasuredCauses(
        codebook=book,
        posterior=gamma[:, row],
        prior=fits[0].alpha,
        documents=table,
        spans=spans.rename(columns={"document": "complaint_id"}),
        coded=coded[coded["complaint_id"].isin(table.index)].reset_index(drop=True),
        fit=pd.DataFrame({"start": range(starts), "seed": starting}),
        words=pd.concat(top_words, ignore_index=True),
        repairs=documents.repairs,
        dictionary_sha256=dictionary_hash(),
    )
    by_start = measured.primary_by_start()
    for start in range(starts):
        one = by_start[f"start_{start}"]
        measured.fit.loc[start, "agreement"] = float((one == by_start["combined"]).mean())
        measured.fit.loc[start, "residual"] = float((one == RESIDUAL).mean())
    return measured


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


def _top_words(
    topics: np.ndarray, vocabulary: Sequence[str], book: Codebook, n: int = 10
) -> pd.DataFrame:
    words = topics[: len(book.ids), : len(vocabulary)]
    # Probability times how much more of it this cause has than all together.
    score = words * np.log(words / words.mean(axis=0))
    best = np.argsort(-score, axis=1, kind="stable")[:, :n]
    rows = [
        (cause, rank + 1, vocabulary[word])
        for cause, row in zip(book.ids, best, strict=True)
        for rank, word in enumerate(row)
    ]
    return pd.DataFrame(rows, columns=["cause", "rank", "word"])
