"""Segmentation with the bank dictionary against jieba itself, over distinct texts, cold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import jieba
import pandas as pd

from benchmarks.harness import Contest
from svcquality.simulate.bank import simulate_bank
from svcquality.text.segment import bank_tokenizer, segment
from svcquality.text.tokens import Tokens

TEXTS = 100_000
SENTENCES = 4
"""Sentences of reviews that are put together to one text, to reach the length of a complaint."""


@dataclass(frozen=True)
class Input:
    """Distinct texts, and jieba with its dictionary already loaded, as ours has it too."""

    texts: pd.Series
    tokenizer: jieba.Tokenizer


def prepare() -> Input:
    """Real app reviews put together where they are at hand, else complaints of a simulated bank."""
    reviews = Path(__file__).resolve().parents[2] / "shared" / "data" / "icbc_app_reviews.txt"
    if reviews.is_file():
        lines = pd.Series(reviews.read_text("utf-8").splitlines(), dtype="str").drop_duplicates()
        lines = lines[lines.str.len().between(4, 200)]
        shuffled = [lines.sample(TEXTS, replace=True, random_state=i) for i in range(SENTENCES)]
        texts = shuffled[0].reset_index(drop=True)
        for part in shuffled[1:]:
            texts = texts + "，" + part.reset_index(drop=True)
    else:
        banks = (simulate_bank("state", seed=seed).records.complaints for seed in range(40))
        texts = pd.concat([bank["text"] for bank in banks if bank is not None])
    return Input(texts.dropna().drop_duplicates().reset_index(drop=True), bank_tokenizer())


def ours(data: Input) -> Tokens:
    """All texts at once, by compiled code."""
    return segment(data.texts)


def theirs(data: Input) -> list[list[str]]:
    """One text after the other."""
    return [data.tokenizer.lcut(text) for text in data.texts]


def agree(mine: Tokens, peer: list[list[str]]) -> None:
    """Every token of every text."""
    if mine.lists() != peer:
        raise AssertionError("the tokens are not those of jieba")


CONTESTS = [
    Contest(
        "segmentation, tokens identical", "jieba.lcut", f"{TEXTS:,} distinct texts",
        prepare, ours, theirs, agree,
    )
]  # fmt: skip
