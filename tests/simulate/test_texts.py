"""Texts are varied, noisy, fictitious where they look personal, and not made of seed words."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

from svcquality.records.masking import mask
from svcquality.records.tables import CHANNELS
from svcquality.simulate import taxonomy as tx
from svcquality.simulate.texts import (
    PLANTED,
    VOICE_SHARES,
    cause_phrases,
    shared_phrases,
    write_texts,
)
from svcquality.text.codebook_file import load_codebook

N = 5000
BUSINESS = ("card", "loan", "wealth", "account", "counter", "mobile", "transfer", "other")
CHINESE = ("zh", "short", "terse")


def complaints(n: int = N, seed: int = 1) -> pd.DataFrame:
    """Every cause about as often; further causes are mostly neighbours, as in the bank."""
    rng = np.random.default_rng(seed)
    ids = list(tx.CAUSES)
    primary = rng.choice(ids, n)

    def some(share: float) -> pd.Series:
        near = [tx.NEIGHBOURS[c][rng.integers(len(tx.NEIGHBOURS[c]))] for c in primary]
        drawn = np.where(rng.random(n) < 0.7, near, rng.choice(ids, n))
        return pd.Series(drawn, dtype="str").where(rng.random(n) < share)

    return pd.DataFrame(
        {
            "primary": primary,
            "secondary": some(0.3),
            "tertiary": some(0.06),
            "channel": rng.choice(["counter", "hotline", "mobile", "online", "regulator"], n),
            "business": rng.choice(BUSINESS, n),
            "language": np.where(rng.random(n) < 0.04, "en", "zh"),
            "age": rng.integers(18, 90, n),
            "anger": rng.random(n),
        }
    )


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    drawn = complaints()
    return drawn.assign(text=write_texts(drawn, np.random.default_rng(7)))


def all_phrases() -> list[str]:
    """Every string of the phrase files."""

    def walk(node: object) -> list[str]:
        if isinstance(node, dict):
            return [leaf for child in node.values() for leaf in walk(child)]
        if isinstance(node, list):
            return [leaf for child in node for leaf in walk(child)]
        return [node]  # type: ignore[list-item]

    return walk(dict(cause_phrases())) + walk(dict(shared_phrases()))


def test_the_same_seed_writes_the_same(frame: pd.DataFrame) -> None:
    again = write_texts(frame.drop(columns="text"), np.random.default_rng(7))
    assert again == frame["text"].tolist()
    assert write_texts(frame.drop(columns="text"), np.random.default_rng(8)) != again


def test_lengths(frame: pd.DataFrame) -> None:
    length = frame["text"].str.len()
    assert length.between(8, 400).all()
    assert (frame["text"] == frame["text"].str.strip()).all()
    assert 55 <= length.median() <= 85
    assert (length <= 20).mean() > 0.05  # hurried
    assert (length > 150).mean() > 0.01  # rambling


def test_texts_are_distinct(frame: pd.DataFrame) -> None:
    assert frame["text"].nunique() >= 0.97 * N


def of_kind(phrases: dict[str, dict[str, list[str]]], kind: str) -> list[str]:
    return [*phrases["names"][kind], *phrases["shows"][kind]]


def test_every_cause_has_many_phrasings_in_both_languages() -> None:
    assert set(cause_phrases()) == set(tx.CAUSES)
    for cause, phrases in cause_phrases().items():
        for kind, least in (("zh", 18), ("en", 4), ("short", 5), ("terse", 4)):
            assert len(set(of_kind(phrases, kind))) == len(of_kind(phrases, kind)) >= least, cause
        assert len(phrases["shows"]["zh"]) >= 6, cause


def test_every_slot_exists_in_its_language() -> None:
    slots = shared_phrases()["slots"]
    for phrases in cause_phrases().values():
        for kind, language in [*((kind, "zh") for kind in CHINESE), ("en", "en")]:
            texts = of_kind(phrases, kind)
            used = {name for text in texts for name in re.findall(r"\{(\w+)\}", text)}
            assert used <= set(slots[language])
    assert all(isinstance(phrase, str) for phrase in all_phrases())


def test_no_slot_is_left_unfilled(frame: pd.DataFrame) -> None:
    assert not frame["text"].str.contains(r"[{}]").any()


def test_english_texts_are_english(frame: pd.DataFrame) -> None:
    english = frame["language"] == "en"
    assert frame.loc[english, "primary"].nunique() == len(tx.CAUSES)
    assert not frame.loc[english, "text"].str.contains("[一-鿿，。]").any()
    assert frame.loc[english, "text"].str.match("[A-Z[]").all()
    assert frame.loc[~english, "text"].str.contains("[一-鿿]").all()


def test_agents_write_for_hotline_and_regulator(frame: pd.DataFrame) -> None:
    chinese = frame[frame["language"] == "zh"]
    framed = chinese["text"].str.contains(
        r"客户来电|来电人|工单内容|客户表示|【投诉】|【转办】|信访件"
    )
    share = framed.groupby(chinese["channel"]).mean()
    assert share["hotline"] > 0.3
    assert share["regulator"] > 0.1
    assert share["mobile"] == 0


def test_noise_of_real_exports_is_there(frame: pd.DataFrame) -> None:
    for pattern in (
        r"[０-９]",
        r"。。|，，",
        r"&\w+;|&#44;|<br/>",
        r"\*{2}",
        r"[!！]{2}",
        "登陆|帐",
    ):
        assert 0.001 < frame["text"].str.contains(pattern).mean() < 0.5, pattern


def test_anger_shows(frame: pd.DataFrame) -> None:
    hot = frame["text"].str.contains("|".join(shared_phrases()["anger"]["zh"]))
    assert hot[frame["anger"] > 0.7].mean() > 2 * hot[frame["anger"] < 0.3].mean()


def _own_and_other(texts: pd.Series, primary: pd.Series, seeds: dict[str, list[str]]) -> tuple:
    low = texts.str.lower()
    held = pd.DataFrame(
        {c: low.str.contains("|".join(map(re.escape, words))) for c, words in seeds.items()}
    )
    own = pd.Series(
        held.to_numpy()[np.arange(len(low)), held.columns.get_indexer(primary)], texts.index
    )
    return own, held.sum(axis=1) - own > 0


def test_seed_words_of_the_draft_give_few_causes_away(frame: pd.DataFrame, shared: Path) -> None:
    draft = yaml.safe_load((shared / "mission" / "codebook_draft.yaml").read_text("utf-8"))
    seeds = {c["id"]: [s.lower() for s in c["seeds_zh"] + c["seeds_en"]] for c in draft["causes"]}
    own, other = _own_and_other(frame["text"], frame["primary"], seeds)
    assert 0.25 <= own.mean() <= 0.5
    assert own.groupby(frame["primary"]).mean().max() < 0.65
    assert other.mean() > 0.2  # seeds of other causes stand in the texts too


def test_clear_words_of_the_codebook_stand_in_half_of_the_texts_at_most(
    frame: pd.DataFrame,
) -> None:
    spans = load_codebook("bank-zh").find_spans(frame["text"])
    spans = spans[spans["weight"] >= 1]  # a hint is said of many causes
    own = spans["cause"].to_numpy() == frame["primary"].to_numpy()[spans["document"]]
    assert 0.25 <= spans.loc[own, "document"].nunique() / N <= 0.5
    assert spans.loc[~own, "document"].nunique() / N > 0.3


def test_what_looks_personal_is_fictitious(frame: pd.DataFrame) -> None:
    text = frame["text"].str.cat(sep="\n")
    residents = re.findall(r"(?<!\d)\d{17}[\dX](?!\d)", text)
    mobiles = re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", text)
    assert residents and mobiles
    assert all(n.startswith("999999") and ric.calc_check_digit(n) == n[17] for n in residents)
    assert all(m[3:9] == "000000" for m in mobiles)
    assert abs((len(residents) + len(mobiles)) / N - PLANTED) < 0.005
    assert not re.search(r"(?<!\d)\d{8,10}(?!\d)|@", text)
    assert all("*" in n or "某" in n or len(n) == 3 for n in shared_phrases()["name"])


def test_planted_numbers_are_found_by_the_masking(frame: pd.DataFrame) -> None:
    masked, _ = mask(frame["text"])
    assert not masked.str.contains(r"\d{11}").any()


def test_causes_can_be_learnt_but_no_template_gives_them_away(frame: pd.DataFrame) -> None:
    """Naive Bayes on character pairs, learnt from 1,500 texts and tried on 1,500 others."""
    drawn = frame.head(3000)
    pairs = drawn["text"].map(lambda t: sorted({t[i : i + 2] for i in range(len(t) - 1)}))
    codes, causes = pd.factorize(drawn["primary"], sort=True)
    train = np.arange(3000) < 1500
    seen = pairs[train].explode()
    counts = pd.crosstab(codes[seen.index], seen.to_numpy()) + 0.1
    log = np.log(counts.div(counts.sum(axis=1), axis=0))
    tried = pairs[~train].explode()
    tried = tried[tried.isin(log.columns)]
    scores = log.T.loc[tried.to_numpy()].set_index(tried.index).groupby(level=0).sum()
    guess, truth = scores.to_numpy().argmax(axis=1), codes[scores.index]
    f1 = [
        2 * ((guess == k) & (truth == k)).sum() / ((guess == k).sum() + (truth == k).sum())
        for k in range(len(causes))
    ]
    assert 0.75 < np.mean(f1) < 0.95
    wrong = guess != truth
    near = [causes[g] in tx.NEIGHBOURS[causes[t]] for g, t in zip(guess[wrong], truth[wrong])]  # noqa: B905
    chance = np.mean([len(of) / (len(causes) - 1) for of in tx.NEIGHBOURS.values()])
    assert np.mean(near) > 1.5 * chance  # confusion lies where it does in life


ROWS = st.fixed_dictionaries(
    {
        "primary": st.sampled_from(tx.CAUSES),
        "secondary": st.none() | st.sampled_from(tx.CAUSES),
        "tertiary": st.none() | st.sampled_from(tx.CAUSES),
        "channel": st.none() | st.sampled_from(CHANNELS),
        "business": st.none() | st.sampled_from(BUSINESS),
        "language": st.sampled_from(["zh", "en"]),
        "age": st.none() | st.integers(0, 120),
        "anger": st.floats(0, 1),
    }
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=20), seed=st.integers(0, 2**32 - 1))
def test_any_complaint_gets_a_text(rows: list[dict], seed: int) -> None:
    texts = write_texts(pd.DataFrame(rows), np.random.default_rng(seed))
    assert len(texts) == len(rows)
    assert all(8 <= len(text) <= 400 and not re.search(r"[{}]", text) for text in texts)


def test_no_complaints_no_texts() -> None:
    assert write_texts(complaints(5).head(0), np.random.default_rng(1)) == []


def test_a_missing_column_or_unknown_cause_is_an_error() -> None:
    drawn = complaints(3)
    with pytest.raises(KeyError, match="anger"):
        write_texts(drawn.drop(columns="anger"), np.random.default_rng(1))
    with pytest.raises(KeyError, match="Q9"):
        write_texts(drawn.assign(primary="Q9"), np.random.default_rng(1))


def test_voices_of_every_channel_add_to_one() -> None:
    assert set(VOICE_SHARES) == set(CHANNELS)
    assert all(abs(sum(shares) - 1) < 1e-9 for shares in VOICE_SHARES.values())
