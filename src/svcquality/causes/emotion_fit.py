"""One emotion learned, cross-validated and compared with the lexicon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import expit
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from svcquality.text.emotion_lexicon import EMOTIONS

FEWEST_OF_EACH = 10
"""Labelled texts with and without an emotion that are needed to learn it."""
PENALTY = 10.0
"""Inverse strength of the ridge penalty."""
INNER_FOLDS = 3
MEASURES = ("precision", "recall", "f1", "auc")


@dataclass(frozen=True, eq=False)
class Fitted:
    """One emotion's model.

    Parameters
    ----------
    coefficient : ndarray of shape (features,)
    intercept : float
    slope, offset : float
        Platt's sigmoid: the probability is ``expit(slope · score + offset)``.
    threshold : float
        Probability from which a text shows the emotion.
    """

    coefficient: np.ndarray
    intercept: float
    slope: float
    offset: float
    threshold: float

    def probability(self, x: sparse.csr_matrix) -> np.ndarray:
        """Calibrated probabilities, shape (texts,)."""
        score = np.asarray(x @ self.coefficient) + self.intercept
        found: np.ndarray = expit(self.slope * score + self.offset)
        return found


Features = Callable[[np.ndarray, np.ndarray], tuple[sparse.csr_matrix, ...]]


def fit_emotion(
    x: sparse.csr_matrix, truth: np.ndarray, groups: np.ndarray, *, seed: int
) -> Fitted:
    """Fit one emotion; calibrate and set the threshold on scores of texts left out.

    Parameters
    ----------
    x : csr_matrix of shape (texts, features)
    truth : ndarray of bool
    groups : ndarray of int
        Equal texts have equal numbers.
    seed : int
    """
    score = np.zeros(len(truth))
    for train, test in _folds(truth, groups, INNER_FOLDS, seed):
        score[test] = _ridge(x[train], truth[train]).decision_function(x[test])
    sigmoid = LogisticRegression(C=1e3).fit(score[:, None], truth)
    model = _ridge(x, truth)
    slope, offset = float(sigmoid.coef_[0, 0]), float(sigmoid.intercept_[0])
    held_out = expit(slope * score + offset)
    threshold = float(np.quantile(held_out, 1 - truth.mean(), method="higher"))
    return Fitted(model.coef_[0], float(model.intercept_[0]), slope, offset, threshold)


def cross_fit(
    features: Features, truth: np.ndarray, groups: np.ndarray, *, folds: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and verdicts of every text from a model that has not seen it.

    Parameters
    ----------
    features : callable
        From rows to train on and rows to predict to their features, made from the first alone.
    """
    probability, verdict = np.zeros(len(truth)), np.zeros(len(truth), dtype=bool)
    for train, test in _folds(truth, groups, folds, seed):
        x_train, x_test = features(train, test)
        model = fit_emotion(x_train, truth[train], groups[train], seed=seed)
        probability[test] = model.probability(x_test)
        verdict[test] = probability[test] >= model.threshold
    return probability, verdict


def compare(
    emotion: str,
    truth: np.ndarray,
    groups: np.ndarray,
    lexicon: np.ndarray,
    lexicon_verdict: np.ndarray,
    coder: np.ndarray | None,
    coder_verdict: np.ndarray | None,
    *,
    bootstrap: int,
    rng: np.random.Generator,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Quality of both instruments on the same texts, and which is the first choice.

    Returns
    -------
    rows : list of dict
        Rows of ``EmotionCoder.quality``.
    choice : dict
        Row of ``EmotionCoder.choice``.
    """
    instruments = {"lexicon": (lexicon, lexicon_verdict)}
    if coder is not None and coder_verdict is not None:
        instruments = {"coder": (coder, coder_verdict)} | instruments
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(np.bincount(groups))[:-1])
    picks = [np.arange(len(truth))] + [
        np.concatenate([members[g] for g in rng.integers(len(members), size=len(members))])
        for _ in range(bootstrap)
    ]
    measured = {
        name: np.array([_measures(truth[p], value[p], verdict[p]) for p in picks])
        for name, (value, verdict) in instruments.items()
    }
    rows = []
    for name, values in measured.items():
        row = {
            "emotion": emotion,
            "instrument": name,
            "n": len(truth),
            "positives": int(truth.sum()),
        }
        for column, measure in enumerate(MEASURES):
            low, high = _percentiles(values[1:, column])
            row |= {measure: values[0, column], f"{measure}_low": low, f"{measure}_high": high}
        rows.append(row)
    f1 = MEASURES.index("f1")
    if "coder" not in measured:
        return rows, _choice(emotion, "lexicon", np.nan, np.nan, np.nan)
    gain = measured["coder"][:, f1] - measured["lexicon"][:, f1]
    low, high = _percentiles(gain[1:])
    return rows, _choice(emotion, "coder" if low > 0 else "lexicon", float(gain[0]), low, high)


def _choice(emotion: str, first: str, gain: float, low: float, high: float) -> dict[str, Any]:
    label = EMOTIONS[emotion]
    if np.isnan(gain):
        zh = f"“{label.zh}”的标注文本太少（含与不含各需 {FEWEST_OF_EACH} 条），使用词典。"
        en = f"Too few texts are labelled for {label.en} ({FEWEST_OF_EACH} with and without it are needed); the lexicon is used."
    elif first == "coder":
        zh = f"“{label.zh}”：模型的 F1 高于词典 {gain:.2f}（95% 区间 {low:.2f} 至 {high:.2f}），使用模型。"
        en = f"{label.en.capitalize()}: F1 of the coder is higher by {gain:.2f} (95% interval {low:.2f} to {high:.2f}); the coder is used."
    else:
        zh = f"“{label.zh}”：未能证明模型优于词典（F1 差 {gain:+.2f}，95% 区间 {low:.2f} 至 {high:.2f}），使用词典。"
        en = f"{label.en.capitalize()}: the coder is not shown to beat the lexicon (F1 {gain:+.2f}, 95% interval {low:.2f} to {high:.2f}); the lexicon is used."
    return {"emotion": emotion, "first_choice": first, "f1_gain": gain, "low": low, "high": high,
            "reason_zh": zh, "reason_en": en}  # fmt: skip


def _measures(truth: np.ndarray, value: np.ndarray, verdict: np.ndarray) -> tuple[float, ...]:
    """Precision, recall, F1 and AUC; missing where undefined."""
    both, said, real = (truth & verdict).sum(), verdict.sum(), truth.sum()
    precision = both / said if said else np.nan
    recall = both / real if real else np.nan
    f1 = 2 * both / (said + real) if said + real else np.nan
    auc = _auc(truth, value) if 0 < real < len(truth) else np.nan
    return float(precision), float(recall), float(f1), float(auc)


def _auc(truth: np.ndarray, value: np.ndarray) -> float:
    """Area under the curve from ranks (Hanley & McNeil 1982), ties counting half."""
    positives = int(truth.sum())
    above = rankdata(value)[truth].sum() - positives * (positives + 1) / 2
    return float(above / (positives * (len(truth) - positives)))


def _percentiles(values: np.ndarray) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def _folds(
    truth: np.ndarray, groups: np.ndarray, folds: int, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(truth)), truth, groups))


def _ridge(x: sparse.csr_matrix, truth: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=PENALTY, solver="liblinear").fit(x, truth)
