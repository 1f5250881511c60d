from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from svcquality.causes.emotion_coder import EmotionCoder, train_emotion_coder
from svcquality.causes.emotion_fit import _auc
from svcquality.causes.emotion_labels import read_labels
from svcquality.errors import InputError


def sample(n: int = 160, *, sarcasm: bool = True, seed: int = 4) -> pd.DataFrame:
    """Anger in sarcasm that no lexicon knows (or in plain words), frustration in plain words."""
    rng = np.random.default_rng(seed)
    angry, stuck = rng.random(n) < 0.4, rng.random(n) < 0.3
    jibes = (
        ["贵行可真厉害啊", "真有你们的啊", "你们可真行啊"]
        if sarcasm
        else ["很愤怒", "气死了", "真生气"]
    )
    places = ["在人民路网点", "手机银行上", "昨天下午", "办理转账时", "信用卡中心"]
    text = [
        rng.choice(places) + str(i)
        + ("，" + rng.choice(jibes) if a else "，查询余额明细")
        + ("，踢皮球没人管" if f else "")
        for i, (a, f) in enumerate(zip(angry, stuck, strict=True))
    ]  # fmt: skip
    label = np.select(
        [angry & stuck, angry, stuck], ["anger;frustration", "愤怒", "frustration"], "none"
    )
    return pd.DataFrame({"text": text, "label": label})


@pytest.fixture(scope="module")
def coder() -> EmotionCoder:
    return train_emotion_coder(sample(), seed=1, bootstrap=100)


def test_it_is_first_choice_where_it_beats_the_lexicon(coder: EmotionCoder) -> None:
    choice = coder.choice.set_index("emotion")
    assert choice.loc["anger", "first_choice"] == "coder" and choice.loc["anger", "low"] > 0.3
    assert choice.loc["frustration", "first_choice"] == "lexicon"  # which is right already
    assert "not shown" in choice.loc["frustration", "reason_en"]
    assert choice.loc["anxiety", "first_choice"] == "lexicon"
    assert "Too few" in choice.loc["anxiety", "reason_en"]
    quality = coder.quality.set_index(["emotion", "instrument"])
    assert quality.loc[("anger", "coder"), "auc"] > 0.95
    assert quality.loc[("anger", "lexicon"), "recall"] < 0.2
    for measure in ("precision", "recall", "f1", "auc"):
        row = quality.loc[("anger", "coder")]
        assert row[f"{measure}_low"] <= row[measure] <= row[f"{measure}_high"]


def test_it_is_right_on_new_texts_and_calibrated(coder: EmotionCoder) -> None:
    new = sample(300, seed=9)
    truth = read_labels(new["label"])["anger"]
    assert (coder.shows(new["text"])["anger"] == truth).mean() > 0.95
    probability = coder.probabilities(new["text"])["anger"]
    assert probability.mean() == pytest.approx(truth.mean(), abs=0.06)
    assert coder.words("anger", 10)["run"].str.contains("啊|真").any()


def test_noise_is_not_learned() -> None:
    shuffled = sample(sarcasm=False)
    rng = np.random.default_rng(0)
    shuffled["label"] = rng.permutation(shuffled["label"])
    found = train_emotion_coder(shuffled, bootstrap=100)
    assert set(found.choice["first_choice"]) == {"lexicon"}
    auc = found.quality.set_index(["emotion", "instrument"])["auc"]
    assert 0.3 < auc[("anger", "coder")] < 0.7  # the copies in training are never tested on


def test_equal_texts_are_not_evidence_twice() -> None:
    """Twenty copies of one angry text would be learned by heart if folds could share them."""
    calm = [f"第{i}次来网点咨询业务" for i in range(40)]
    copies = pd.DataFrame({"text": ["贵行可真厉害啊"] * 20 + calm, "label": ["anger"] * 20 + [""] * 40})  # fmt: skip
    with pytest.raises(InputError, match="distinct"):
        train_emotion_coder(copies)


def test_the_same_seed_gives_the_same_and_saving_keeps_it(
    coder: EmotionCoder, tmp_path: Path
) -> None:
    again = train_emotion_coder(sample(), seed=1, bootstrap=100)
    pd.testing.assert_frame_equal(again.quality, coder.quality)
    coder.to_directory(tmp_path / "coder")
    kept = EmotionCoder.from_directory(tmp_path / "coder")
    texts = sample(20, seed=5)["text"]
    pd.testing.assert_frame_equal(kept.probabilities(texts), coder.probabilities(texts))
    pd.testing.assert_frame_equal(kept.choice, coder.choice)
    pd.testing.assert_frame_equal(kept.held_out, coder.held_out, check_names=False)
    assert not list((tmp_path / "coder").glob("*.pkl"))
    (tmp_path / "coder" / "coder.json").write_text("{")
    with pytest.raises(InputError, match="train it again"):
        EmotionCoder.from_directory(tmp_path / "coder")


def test_the_area_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    truth, value = rng.random(200) < 0.3, rng.integers(0, 8, 200) / 8
    assert _auc(truth, value) == pytest.approx(roc_auc_score(truth, value))


def test_labels_as_people_write_them() -> None:
    flags = read_labels(pd.Series(["愤怒、失望", "Anger", "无", "", "anxiety; frustration"]))
    assert flags.sum(axis=1).tolist() == [2, 1, 0, 0, 2]
    with pytest.raises(InputError, match="joy"):
        read_labels(pd.Series(["joy"]))


def test_samples_that_cannot_be_learned_from() -> None:
    with pytest.raises(InputError, match="label"):
        train_emotion_coder(sample().drop(columns="label"))
    with pytest.raises(InputError, match="folds"):
        train_emotion_coder(sample(), folds=1)
    with pytest.raises(InputError, match="distinct"):
        train_emotion_coder(sample(12))
