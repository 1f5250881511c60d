"""Emotions learned from a user's own labelled texts, beside the lexicon: better, or said not to be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from svcquality.causes.emotion_fit import (
    FEWEST_OF_EACH,
    Fitted,
    compare,
    cross_fit,
    fit_emotion,
)
from svcquality.causes.emotion_labels import coded_rows, read_labels
from svcquality.errors import InputError
from svcquality.progress import QUIET, Progress
from svcquality.storage import write_atomic
from svcquality.text.emotion import SIGN, EmotionScores, score_emotion
from svcquality.text.emotion_lexicon import EMOTIONS, load_emotion_lexicon

FORMAT = 1


@dataclass(frozen=True, eq=False)
class EmotionCoder:
    """What was learned from labelled texts.

    Parameters
    ----------
    vocabulary : tuple of str
        Runs of one to three characters.
    idf : ndarray of shape (vocabulary,)
    fitted : dict of str to Fitted
        By emotion; those with too few labelled texts are absent.
    quality : DataFrame
        One row an emotion and instrument (``coder``, ``lexicon``), on labelled texts that the coder
        had not seen: ``emotion, instrument, n, positives, precision, recall, f1, auc`` and
        ``*_low, *_high`` of each (bootstrap percentiles).
    choice : DataFrame
        One row an emotion: ``emotion, first_choice, f1_gain, low, high, reason_zh, reason_en``.
    held_out : DataFrame
        Calibrated probabilities of the labelled texts, each from models that had not seen it.
    lexicon_sha256 : str
    """

    vocabulary: tuple[str, ...]
    idf: np.ndarray
    fitted: dict[str, Fitted]
    quality: pd.DataFrame
    choice: pd.DataFrame
    held_out: pd.DataFrame
    lexicon_sha256: str

    def probabilities(self, texts: pd.Series, *, progress: Progress = QUIET) -> pd.DataFrame:
        """Calibrated probability that each text shows each learned emotion.

        Parameters
        ----------
        texts : Series of str
            The index is kept.

        Raises
        ------
        InputError
            If the lexicon is not the one that the coder was trained with, or the texts are none.
        """
        if load_emotion_lexicon().sha256 != self.lexicon_sha256:
            raise InputError(
                "This coder was trained with another version of the emotion lexicon; "
                "train it again on the labelled sample.",
                "该模型是用另一版本的情绪词典训练的；请用标注样本重新训练。",
            )
        scores = score_emotion(texts, progress=progress)
        x = _features(self._vectoriser, scores)
        return pd.DataFrame(
            {emotion: model.probability(x) for emotion, model in self.fitted.items()},
            index=scores.table.index,
        )

    def shows(self, texts: pd.Series, *, progress: Progress = QUIET) -> pd.DataFrame:
        """Verdicts by the first choice of each emotion: the coder where it beats the lexicon."""
        verdict = score_emotion(texts, progress=progress).signs[list(EMOTIONS)]
        better = self.choice.loc[self.choice["first_choice"] == "coder", "emotion"].tolist()
        if better:
            probability = self.probabilities(texts, progress=progress)
            for emotion in better:
                verdict[emotion] = probability[emotion] >= self.fitted[emotion].threshold
        return verdict

    def words(self, emotion: str, n: int = 20) -> pd.DataFrame:
        """The runs of characters that speak most for an emotion: ``run, weight``.

        Raises
        ------
        InputError
            If the emotion was not learned.
        """
        if emotion not in self.fitted:
            raise InputError(
                f"The coder has not learned {emotion!r}; it knows {', '.join(self.fitted)}.",
                f"模型没有学习“{emotion}”；已学习：{'、'.join(self.fitted)}。",
            )
        weight = pd.Series(
            self.fitted[emotion].coefficient[: len(self.vocabulary)], index=self.vocabulary
        )
        return weight.nlargest(n).rename_axis("run").reset_index(name="weight")

    @property
    def _vectoriser(self) -> TfidfVectorizer:
        vectoriser = _vectoriser(list(self.vocabulary))
        vectoriser.idf_ = self.idf
        return vectoriser

    def to_directory(self, path: Path) -> None:
        """Write arrays and JSON, nothing that runs code when read, into a directory."""
        path.mkdir(parents=True, exist_ok=True)
        arrays = {"idf": self.idf}
        arrays |= {f"coefficient_{e}": m.coefficient for e, m in self.fitted.items()}
        for name, array in arrays.items():
            with (path / f"{name}.npy").open("wb") as out:
                np.save(out, array, allow_pickle=False)
        about = {
            "format": FORMAT,
            "lexicon_sha256": self.lexicon_sha256,
            "vocabulary": self.vocabulary,
            "fitted": {
                e: [m.intercept, m.slope, m.offset, m.threshold] for e, m in self.fitted.items()
            },
        }
        write_atomic(path / "coder.json", json.dumps(about, ensure_ascii=False))
        for name in ("quality", "choice"):
            getattr(self, name).to_parquet(path / f"{name}.parquet", index=False)
        held_out = self.held_out.rename_axis("text").reset_index()
        held_out.to_parquet(path / "held_out.parquet", index=False)

    @classmethod
    def from_directory(cls, path: Path) -> EmotionCoder:
        """Read what `to_directory` wrote.

        Raises
        ------
        InputError
            If the directory holds no coder that can be read.
        """
        try:
            about = json.loads((path / "coder.json").read_text("utf-8"))
            if about["format"] != FORMAT:
                raise ValueError("format")
            fitted = {
                emotion: Fitted(
                    np.load(path / f"coefficient_{emotion}.npy", allow_pickle=False), *numbers
                )
                for emotion, numbers in about["fitted"].items()
                if emotion in EMOTIONS
            }
            return cls(
                vocabulary=tuple(about["vocabulary"]),
                idf=np.load(path / "idf.npy", allow_pickle=False),
                fitted=fitted,
                quality=pd.read_parquet(path / "quality.parquet"),
                choice=pd.read_parquet(path / "choice.parquet"),
                held_out=pd.read_parquet(path / "held_out.parquet").set_index("text"),
                lexicon_sha256=about["lexicon_sha256"],
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path} holds no emotion coder that can be read; train it again.",
                f"{path} 中没有可读取的情绪模型；请重新训练。",
            ) from error


def train_emotion_coder(
    sample: pd.DataFrame,
    *,
    seed: int = 0,
    folds: int = 5,
    bootstrap: int = 500,
    progress: Progress = QUIET,
) -> EmotionCoder:
    """Learn emotions from labelled texts and measure what was learned.

    Each emotion is a logistic regression on runs of one to three characters (TF–IDF) and on the
    scores of the lexicon, calibrated by Platt's sigmoid on held-out scores; a text shows it from the
    threshold on that gives the share of the training labels. Everything that is reported comes from
    folds whose texts were not trained on; equal texts always stand in one fold.

    Parameters
    ----------
    sample : DataFrame
        ``text`` (masked) and ``label``: emotions by id or Chinese name, several joined by ``;``,
        ``,``, ``|``, ``、`` or ``；``; ``none``, ``无`` or empty for a text without any. Rows with a missing
        label were not coded and are left out.
    seed : int
    folds : int
        At least 2.
    bootstrap : int
        Resamples of distinct texts for the intervals.
    progress : Progress

    Returns
    -------
    EmotionCoder
        The coder is the first choice for an emotion only if the interval of its F1 minus the
        lexicon's lies above zero; otherwise ``choice`` says that this was not shown.

    Raises
    ------
    InputError
        If columns are missing, a label is unknown, or no emotion has ten distinct labelled texts
        with it and ten without.

    Notes
    -----
    Platt (1999), "Probabilistic outputs for support vector machines"; Efron & Tibshirani (1993),
    percentile intervals.
    """
    if not 2 <= folds <= FEWEST_OF_EACH:
        raise InputError(
            f"folds must be from 2 to {FEWEST_OF_EACH}.", f"folds 须为 2 至 {FEWEST_OF_EACH}。"
        )
    coded = coded_rows(sample)
    labels = read_labels(coded["label"])
    groups = pd.factorize(coded["text"].astype("str").str.replace(r"\s+", "", regex=True))[0]
    enough = {
        emotion: all(
            len(np.unique(groups[labels[emotion].to_numpy() == kind])) >= FEWEST_OF_EACH
            for kind in (True, False)
        )
        for emotion in EMOTIONS
    }
    if not any(enough.values()):
        raise InputError(
            f"No emotion has {FEWEST_OF_EACH} distinct labelled texts that show it and {FEWEST_OF_EACH} "
            "that do not; label more texts, or use the lexicon alone.",
            f"没有任何一种情绪同时有 {FEWEST_OF_EACH} 条不同的含该情绪和 {FEWEST_OF_EACH} 条不含该情绪的标注文本；"
            "请标注更多文本，或只用情绪词典。",
        )
    scores = score_emotion(coded["text"], progress=progress)
    vectoriser = _vectoriser()
    x = _features(vectoriser, scores, fit=True)
    rng = np.random.default_rng(seed)
    fitted, held_out, quality, choice = {}, {}, [], []
    for emotion in progress.each(list(EMOTIONS), "learn emotions"):
        truth = labels[emotion].to_numpy()
        lexicon = scores.table[emotion].to_numpy()
        probability, verdict = None, None
        if enough[emotion]:
            fitted[emotion] = fit_emotion(x, truth, groups, seed=seed)

            def features(train: np.ndarray, test: np.ndarray) -> tuple[sparse.csr_matrix, ...]:
                fresh = _vectoriser()
                first = _features(fresh, scores, rows=train, fit=True)
                return first, _features(fresh, scores, rows=test)

            probability, verdict = cross_fit(features, truth, groups, folds=folds, seed=seed)
            held_out[emotion] = probability
        rows, picked = compare(
            emotion, truth, groups, lexicon, lexicon >= SIGN, probability, verdict,
            bootstrap=bootstrap, rng=rng,
        )  # fmt: skip
        quality += rows
        choice.append(picked)
    return EmotionCoder(
        vocabulary=tuple(vectoriser.get_feature_names_out().tolist()),
        idf=vectoriser.idf_,
        fitted=fitted,
        quality=pd.DataFrame(quality),
        choice=pd.DataFrame(choice),
        held_out=pd.DataFrame(held_out, index=coded.index),
        lexicon_sha256=scores.lexicon.sha256,
    )


def _vectoriser(vocabulary: list[str] | None = None) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char", ngram_range=(1, 3), sublinear_tf=True,
        min_df=1 if vocabulary else 2, vocabulary=vocabulary,
    )  # fmt: skip


def _features(
    vectoriser: TfidfVectorizer,
    scores: EmotionScores,
    *,
    rows: np.ndarray | None = None,
    fit: bool = False,
) -> sparse.csr_matrix:
    """Runs of characters, then the lexicon's scores."""
    where = np.arange(len(scores.texts)) if rows is None else rows
    texts = scores.texts.iloc[where].tolist()
    numbers = scores.table.iloc[where].drop(columns=["language", "covered"]).to_numpy(dtype=float)
    runs = vectoriser.fit_transform(texts) if fit else vectoriser.transform(texts)
    return sparse.hstack([runs, sparse.csr_matrix(numbers)], format="csr")
