"""The quality that the data card states, measured again where the real texts are at hand."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from svcquality.text.emotion import score_emotion
from svcquality.text.emotion_lexicon import EMOTIONS

pytestmark = pytest.mark.real
LABELS = Path(__file__).with_name("emotion_labels.csv")
LENGTH = 520  # characters that were read for labelling


@pytest.fixture(scope="module")
def labelled(real_data: Path) -> pd.DataFrame:
    labels = pd.read_csv(LABELS, dtype=str, keep_default_na=False)
    reviews = (real_data / "icbc_app_reviews.txt").read_text("utf-8").splitlines()
    letters = pd.read_excel(
        real_data / "public_complaints_with_replies_zh.xlsx", dtype=str, engine="openpyxl"
    ).set_index("留言编号")["留言详情"]
    stories = pd.read_csv(real_data / "cfpb_complaints_2025.csv", dtype=str).set_index(
        "Complaint ID"
    )["Consumer complaint narrative"]

    def text(source: str, key: str) -> str:
        if source == "icbc":
            return reviews[int(key)].strip()
        return re.sub(r"\s+", "", letters[key]) if source == "public" else stories[key]

    found = [text(s, k)[:LENGTH] for s, k in labels[["source", "key"]].to_numpy()]
    return labels.assign(text=found)


def test_precision_and_recall_are_those_of_the_card(labelled: pd.DataFrame) -> None:
    scores = score_emotion(labelled["text"])
    truth = pd.DataFrame({e: labelled["label"].str.contains(e) for e in EMOTIONS})
    said = scores.signs[list(EMOTIONS)]
    both, real, hits = said & truth, truth.sum(), said.sum()
    assert real.to_dict() == {"anger": 40, "anxiety": 7, "disappointment": 15, "frustration": 54}
    precision, recall = both.sum() / hits, both.sum() / real
    assert precision["anger"] >= 0.8 and recall["anger"] >= 0.45
    assert precision["frustration"] >= 0.8 and recall["frustration"] >= 0.3
    any_said, any_real = said.any(axis=1), truth.any(axis=1)
    assert (any_said & any_real).sum() / any_said.sum() >= 0.85
    assert 0.4 <= (any_said & any_real).sum() / any_real.sum() <= 0.6  # "about half"
    assert 0.3 <= scores.coverage <= 0.5
