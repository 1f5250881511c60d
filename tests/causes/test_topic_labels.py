from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcquality.causes.topic_labels import exclusive, frex, label_words, lift, score
from svcquality.errors import InputError

BETA = np.array([[0.4, 0.35, 0.15, 0.1], [0.6, 0.05, 0.05, 0.3]])
COUNTS = np.array([50.0, 20, 10, 20])
WORDS = ["common", "own", "rare", "other"]


def test_frex_by_hand() -> None:
    # Ranks of frequency in topic 1: 4 3 2 1; of exclusivity (.4, .875, .75, .25): 2 4 3 1.
    frequency, exclusivity = np.array([4, 3, 2, 1]) / 4, np.array([2, 4, 3, 1]) / 4
    expected = 2 / (1 / frequency + 1 / exclusivity)
    np.testing.assert_allclose(frex(BETA)[0], expected)
    np.testing.assert_allclose(frex(BETA, weight=1.0)[0], exclusivity)


def test_a_word_seen_once_is_nobodys_own() -> None:
    beta = np.array([[0.5, 0.3, 0.2], [0.6, 0.4, 0.0]])
    once, often = (frex(beta, np.array([9.0, 9.0, n]), weight=1.0)[0, 2] for n in (1, 100))
    assert once < often == 1.0


def test_lift_and_score_by_hand() -> None:
    assert lift(BETA, COUNTS)[0, 1] == pytest.approx(0.35 / 0.2)
    assert score(BETA)[0, 1] == pytest.approx(0.35 * np.log(0.35 / np.sqrt(0.35 * 0.05)))
    assert np.isfinite(score(np.array([[1.0, 0.0], [0.0, 1.0]]))).all()


def test_shares_of_a_word_over_topics() -> None:
    np.testing.assert_allclose(exclusive(BETA).sum(axis=0), 1)
    np.testing.assert_allclose(exclusive(np.array([[1.0, 0], [1, 0]])), 0.5)


def test_the_frame_is_tidy_and_methods_differ() -> None:
    found = label_words(BETA, WORDS, COUNTS, n=2)
    assert list(found) == ["topic", "method", "rank", "word", "value"]
    assert len(found) == 2 * 4 * 2
    first = found[(found["topic"] == "topic_1") & (found["rank"] == 1)].set_index("method")["word"]
    assert first.to_dict() == {
        "probability": "common", "frex": "own", "lift": "own", "score": "own"
    }  # fmt: skip
    assert (found.groupby(["topic", "method"])["value"].diff().dropna() <= 0).all()


def test_only_frequent_words_name_a_topic_if_asked() -> None:
    beta = np.array([[0.5, 0.4, 0.1], [0.5, 0.5, 0.0]])
    counts = np.array([50.0, 45, 5])
    free = label_words(beta, WORDS[:3], counts, n=1, methods=["lift"])
    held = label_words(beta, WORDS[:3], counts, n=1, methods=["lift"], among=2)
    assert free["word"].iloc[0] == "rare"
    assert held["word"].iloc[0] == "common"


def test_ties_stand_in_the_order_of_the_vocabulary() -> None:
    found = label_words(np.full((1, 4), 0.25), WORDS, np.ones(4), methods=["lift"])
    assert found["word"].tolist() == WORDS


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vocabulary": WORDS[:2]}, "need 4 words"),
        ({"counts": np.zeros(4)}, "every word must occur"),
        ({"topic_word": -BETA}, "negative"),
        ({"methods": ["best"]}, "best"),
        ({"names": ["a"]}, "names"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict, message: str) -> None:
    given = {"topic_word": BETA, "vocabulary": WORDS, "counts": COUNTS} | change
    with pytest.raises(InputError, match=message):
        label_words(**given)


@pytest.mark.published
@pytest.mark.parametrize("model", ["stm_k3_ctm", "stm_k3_treatXpid", "stm_k3_treat_spid"])
def test_labels_of_r_stm(cases: Path, model: str) -> None:
    """labelTopics on the gadarian answers, as far as the exported probabilities carry it.

    stm works on logarithms below those of the smallest double: six exported probabilities are 0,
    and the score of their words cannot be had. Words of equal lift change places by rounding, and
    so did one word of equal exclusivity, the tenth.
    """
    folder = cases / "gadarian"
    beta = pd.read_csv(folder / f"{model}_beta.csv", keep_default_na=False)
    words = beta["word"].tolist()
    chance = beta.filter(like="topic").to_numpy(float).T
    bag = pd.read_csv(folder / "bow.csv")
    counts = bag.groupby("term")["count"].sum().reindex(range(len(words))).to_numpy(float)
    ours = label_words(chance, words, counts, n=len(words))
    unknown = {words[w] for w in np.flatnonzero((chance == 0).any(axis=0))}
    for row in pd.read_csv(folder / f"{model}_labels.csv").itertuples():
        method = "probability" if row.kind == "prob" else row.kind
        mine = ours[(ours["method"] == method) & (ours["topic"] == f"topic_{row.topic}")]
        theirs = row.words.split()
        if method == "probability":
            assert mine["word"].tolist()[:10] == theirs
        elif method == "frex":
            assert mine["word"].tolist()[:9] == theirs[:9]
        elif method == "lift":
            value = mine.set_index("word")["value"]
            np.testing.assert_allclose(value[theirs], mine["value"][:10], rtol=1e-4)
        else:
            known = [word for word in theirs if word not in unknown]
            assert len(known) >= 8
            assert [w for w in mine["word"] if w not in unknown][: len(known)] == known
