from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from svcquality.errors import InputError
from svcquality.text.codebook import Codebook
from svcquality.text.codebook_file import load_codebook, parse_codebook


@pytest.fixture(scope="module")
def bank() -> Codebook:
    return load_codebook("bank-zh")


def entry(ident: str, **changes: object) -> dict[str, object]:
    text = {"zh": "说明", "en": "words"}
    return {
        "id": ident, "key": f"key_{ident}", "family": "F", "zh": "甲", "en": "A",
        "definition": text, "include": text, "exclude": text, "neighbours": [],
        "jrt_reason": "其他", "seeds_zh": {"strong": ["排队", "排长队", "等了…小时"]},
        "seeds_en": {"weak": ["queue"]},
    } | changes  # fmt: skip


def small(*causes: dict[str, object], **changes: object) -> bytes:
    raw = {
        "version": "1", "weights": {"strong": 2, "weak": 0.5},
        "families": [{"id": "F", "zh": "大类", "en": "Family"}],
        "causes": list(causes or (entry("A"),)),
    } | changes  # fmt: skip
    return yaml.safe_dump(raw, allow_unicode=True).encode()


def test_the_codebook_of_the_package(bank: Codebook) -> None:
    assert len(bank.ids) == 30
    assert bank.ids[0] == "Q1" and bank.ids[-1] == "Z4"
    assert bank.second_order == ["R1", "R2"]
    assert bank.id_of("wait_time") == bank.id_of("Q1") == "Q1"
    assert len(bank.sha256) == 64
    for cause in bank.causes:
        strong = [seed for seed, weight in cause.seeds_zh.items() if weight == 2]
        assert len(strong) >= 3, cause.id
        assert len(cause.seeds_en) >= 3, cause.id


def test_neighbours_know_each_other_mostly(bank: Codebook) -> None:
    near = {cause.id: set(cause.neighbours) for cause in bank.causes}
    assert all(ident not in others for ident, others in near.items())
    assert not [cause for cause, others in near.items() if not others]


def test_spans_are_where_they_say(bank: Codebook) -> None:
    texts = pd.Series(["排队排了两个小时，柜员不耐烦", "The staff were rude"], index=["a", "b"])
    spans = bank.find_spans(texts)
    assert {"Q1", "E1"} <= set(spans["cause"])
    literal = spans[~spans["seed"].str.contains("…")]
    cut = [texts[d][s:e].lower() for d, s, e in literal[["document", "start", "end"]].to_numpy()]
    assert cut == literal["seed"].tolist()
    assert spans.loc[spans["document"] == "b", ["cause", "seed"]].to_numpy().tolist() == [
        ["E1", "rude"]
    ]


def test_the_longest_seed_counts_and_gaps_stay_within_a_clause() -> None:
    book = parse_codebook(small(), "small")
    spans = book.find_spans(pd.Series(["排长队，等了足足两个小时", "等了，两小时", "排队排队"]))
    assert spans[["document", "seed", "start", "end"]].to_numpy().tolist() == [
        [0, "排长队", 0, 3], [0, "等了…小时", 4, 12], [2, "排队", 0, 2], [2, "排队", 2, 4]
    ]  # fmt: skip


def test_a_seed_of_two_causes_counts_for_both() -> None:
    book = parse_codebook(small(entry("A"), entry("B")), "small")
    spans = book.find_spans(pd.Series(["排队"]))
    assert spans["cause"].tolist() == ["A", "B"]
    assert spans["weight"].tolist() == [2.0, 2.0]


def test_english_seeds_are_whole_words() -> None:
    book = parse_codebook(small(), "small")
    assert book.find_spans(pd.Series(["QUEUE here", "queues there"]))["document"].tolist() == [0]


def test_no_text_no_spans(bank: Codebook) -> None:
    spans = bank.find_spans(pd.Series([None, "", "😢"], dtype="str"))
    assert spans.empty
    columns = ["document", "start", "end", "cause", "seed", "weight", "negated", "intensity"]
    assert list(spans) == columns


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"a: [", "not valid YAML"),
        (b"- 1", "codebook must be a mapping"),
        (b"version: 1", "lacks 'causes'"),
        (small(entry("A", family="G")), "unknown family 'G'"),
        (small(entry("A", neighbours=["B"])), "unknown neighbour 'B'"),
        (small(entry("A"), entry("A")), "twice"),
        (small(entry("A", seeds_zh={}, seeds_en={})), "no cause has any seed"),
        (small(entry("A", seeds_zh={"huge": ["排队"]})), "unknown entry 'huge'"),
        (small(entry("A", seeds_zh={"strong": ["…队", "a", "b"]})), "without letters before it"),
        (small(entry("A", seeds_zh={"strong": ["队", "队", "b"]})), "twice"),
        (small(entry("A", colour="red")), "unknown entry 'colour'"),
        (small(weights={"strong": -1}), "positive"),
        (small(causes=[]), "list of entries"),
    ],
)
def test_what_is_wrong_is_named(data: bytes, says: str) -> None:
    with pytest.raises(InputError) as error:
        parse_codebook(data, "mine")
    assert says in error.value.en
    assert "mine" in error.value.zh


def test_a_codebook_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(small())
    book = load_codebook(path)
    assert book.name == "mine"
    assert load_codebook(book) is book
    assert book.sha256 != parse_codebook(small(version="2"), "mine").sha256


def test_an_unknown_codebook_names_those_there_are() -> None:
    with pytest.raises(InputError, match="bank-zh"):
        load_codebook("bank-xx")
