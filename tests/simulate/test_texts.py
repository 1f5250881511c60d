"""Texts are varied, noisy, fictitious where they look personal, and not made of seed words."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from stdnum.cn import ric

from svcquality.simulate.texts import _causes, _shared, write_texts
from svcquality.text.codebook_file import load_codebook

N = 5000


def complaints(n: int = N, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    ids = sorted(_causes())

    def some(share):
        drawn = pd.Series(rng.choice(ids, n), dtype="str")
        return drawn.where(rng.random(n) < share)

    return pd.DataFrame(
        {
            "primary": rng.choice(ids, n),
            "secondary": some(0.25),
            "tertiary": some(0.05),
            "channel": rng.choice(["counter", "hotline", "mobile", "online", "regulator"], n),
            "language": np.where(rng.random(n) < 0.04, "en", "zh"),
            "anger": rng.random(n),
        }
    )


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    drawn = complaints()
    return drawn.assign(text=write_texts(drawn, np.random.default_rng(7)))


def test_the_same_seed_writes_the_same(frame):
    again = write_texts(frame.drop(columns="text"), np.random.default_rng(7))
    assert again == frame["text"].tolist()
    assert write_texts(frame.drop(columns="text"), np.random.default_rng(8)) != again


def test_lengths_and_variety(frame):
    length = frame["text"].str.len()
    assert length.between(8, 400).all()
    assert 35 <= length.median() <= 80
    assert frame["text"].nunique() >= 0.97 * N


def test_no_slot_is_left_unfilled(frame):
    assert not frame["text"].str.contains(r"[{}]").any()


def test_every_cause_has_many_phrasings_in_both_languages():
    assert set(_causes()) == set(load_codebook("bank-zh").ids) - {"residual"}
    for cause, phrases in _causes().items():
        assert len(set(phrases["zh"])) >= 14, cause
        assert len(set(phrases["en"])) >= 5, cause


def test_at_most_half_of_the_texts_hold_a_seed_of_their_primary_cause(frame):
    spans = load_codebook("bank-zh").find_spans(frame["text"])
    own = spans["cause"].to_numpy() == frame["primary"].to_numpy()[spans["document"]]
    share = spans.loc[own, "document"].nunique() / N
    assert 0.25 <= share <= 0.5
    others = spans.loc[~own, "document"].nunique() / N
    assert others > 0.4  # seeds of other causes are everywhere, as in real complaints


def test_what_looks_personal_is_fictitious(frame):
    text = frame["text"].str.cat(sep="\n")
    numbers = re.findall(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])", text)
    assert numbers
    assert all(n.startswith("999999") and ric.calc_check_digit(n[:17]) == n[17] for n in numbers)
    mobiles = re.findall(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])", text)
    assert mobiles and all(m[2:8] == "000000" for m in mobiles)


def test_a_simple_classifier_learns_the_causes_but_not_perfectly(frame):
    """Naive Bayes on character pairs: learnable (above .7), yet no template gives a cause away."""
    pairs = frame["text"].map(lambda t: sorted({t[i : i + 2] for i in range(len(t) - 1)}))
    codes, causes = pd.factorize(frame["primary"], sort=True)
    train = np.arange(N) < N // 2
    exploded = pairs[train].explode()
    counts = pd.crosstab(codes[exploded.index], exploded.to_numpy())
    log = np.log((counts + 0.5).div((counts + 0.5).sum(axis=1), axis=0))
    tested = pairs[~train].explode()
    tested = tested[tested.isin(log.columns)]
    scores = log.T.loc[tested.to_numpy()].set_index(tested.index).groupby(level=0).sum()
    guess, truth = scores.to_numpy().argmax(axis=1), codes[scores.index]
    f1 = [
        2 * ((guess == k) & (truth == k)).sum() / ((guess == k).sum() + (truth == k).sum())
        for k in range(len(causes))
    ]
    assert 0.7 < np.mean(f1) < 0.97


def test_planted_numbers_have_a_fictitious_shape():
    assert all("*" in n or "某" in n or len(n) == 3 for n in _shared()["names"])
