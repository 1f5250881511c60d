"""Complaint texts of a simulated bank: many voices, noisy, and never one template a cause.

A text is an opening, one to three cause clauses, perhaps what followed, what is wanted and a
temper, in the frame of the channel that took it, then damaged as real exports are. Phrasings are
in ``phrases/*.yaml``. Everything is invented; what looks personal is masked or fictitious: mobile
numbers of the form 1x000000nnn, and resident identifiers of region 999999, which does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import yaml
from stdnum.cn import ric

FAMILIES = ("causes_a", "causes_b")
SHORTEST, LONGEST = 8, 400
AGENT_CHANNELS = {"hotline": 0.6, "regulator": 0.7}
PLANTED = 0.01
"""Share of texts with a fictitious mobile number or resident identifier, so that masking works."""

Phrases = Mapping[str, Any]


def write_texts(frame: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    """Write one text a complaint.

    Parameters
    ----------
    frame : DataFrame
        Columns ``primary``, ``secondary``, ``tertiary`` (cause ids, the last two may be missing),
        ``channel``, ``language`` (``zh`` or ``en``), ``anger`` (0 to 1); one row a complaint.
    rng : numpy Generator
        Source of every choice.

    Returns
    -------
    list of str
        Texts of 8 to 400 characters.

    Raises
    ------
    KeyError
        If a cause has no phrases.
    """
    causes, shared = _causes(), _shared()
    columns = zip(
        frame["primary"], frame["secondary"], frame["tertiary"],
        frame["channel"].fillna("other"), frame["language"], frame["anger"].astype(float),
        strict=True,
    )  # fmt: skip
    return [_write(causes, shared, rng, *row) for row in columns]


@cache
def _causes() -> Phrases:
    folder = files("svcquality.simulate") / "phrases"
    found: dict[str, Any] = {}
    for name in FAMILIES:
        found |= yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8"))
    return found


@cache
def _shared() -> Phrases:
    folder = files("svcquality.simulate") / "phrases"
    return yaml.safe_load((folder / "shared.yaml").read_text("utf-8"))


def _write(
    causes: Phrases, shared: Phrases, rng: np.random.Generator, primary: str, secondary: Any,
    tertiary: Any, channel: str, language: str, anger: float,
) -> str:  # fmt: skip
    pick = _Picker(rng, shared["slots"])
    chance = rng.random(8)
    clauses = [pick.fill(causes[primary][language])]
    if chance[0] < 0.2:  # some tell the same grievance twice
        clauses.append(pick.fill(causes[primary][language]))
    short = "short" if language == "zh" else "en"
    clauses += [pick.fill(causes[c][short]) for c in (secondary, tertiary) if not pd.isna(c)]
    if chance[1] < 0.35:
        clauses.insert(
            int(rng.integers(len(clauses) + 1)), pick.fill(shared["background"][language])
        )
    if chance[2] < 0.2:
        clauses.append(pick.fill(shared["consequences"][language]))
    text = clauses[0]
    for clause in clauses[1:]:
        text += pick.one(shared["links"][language]) + clause
    if chance[3] < 0.6:
        text = pick.fill(shared["openings"][language]) + text
    full, space = ("。", "") if language == "zh" else (". ", " ")
    if chance[4] < 0.4:
        text += full + pick.fill(shared["demands"][language])
    if chance[5] < anger * 0.6:
        text += full + pick.one(shared["anger"][language])
        text += pick.one(["！", "!!!", "！！", "……", "？？？", "。"])
    elif chance[5] > 0.92:
        text += full + pick.one(shared["polite"][language])
    if chance[6] < AGENT_CHANNELS.get(channel, 0.0):
        text = pick.one(shared["agent"][language]).format(
            text=text.rstrip("。！!.… "), name=pick.one(shared["names"]),
            mood=pick.one(shared["moods"]), demand=pick.fill(shared["demands"]["zh"]),
            phone=f"13{rng.integers(10)}****{rng.integers(10_000):04d}", days=pick.slot("days"),
        )  # fmt: skip
    if chance[7] < PLANTED:
        text += space + _planted(rng)
    if language == "zh":
        text = _damage(text, shared["typos"], rng)
    return _within(text, shared, pick, language)


class _Picker:
    """Draws phrases and fills their slots."""

    def __init__(self, rng: np.random.Generator, slots: Mapping[str, Sequence[str]]) -> None:
        self.rng, self.slots = rng, slots

    def one(self, options: Sequence[str]) -> str:
        return options[int(self.rng.integers(len(options)))]

    def slot(self, name: str) -> str:
        return self.one(self.slots[name])

    def fill(self, options: Sequence[str]) -> str:
        phrase = self.one(options)
        while "{" in phrase:
            start, end = phrase.index("{"), phrase.index("}")
            phrase = phrase[:start] + self.slot(phrase[start + 1 : end]) + phrase[end + 1 :]
        return phrase


def _planted(rng: np.random.Generator) -> str:
    if rng.random() < 0.5:
        return f"电话1{rng.integers(3, 10)}000000{rng.integers(1000):03d}"
    number = f"999999{rng.integers(1950, 2000)}{rng.integers(1, 13):02d}{rng.integers(1, 29):02d}"
    number += f"{rng.integers(1000):03d}"
    return f"身份证{number}{ric.calc_check_digit(number)}"


def _damage(text: str, typos: Mapping[str, str], rng: np.random.Generator) -> str:
    """Typing errors, full-width digits, lost or doubled punctuation, stray spaces and entities."""
    chance = rng.random(6)
    if chance[0] < 0.2:
        wrong = [w for w in typos if w in text]
        if wrong:
            word = wrong[int(rng.integers(len(wrong)))]
            text = text.replace(word, typos[word], 1)
    if chance[1] < 0.04:
        text = text.translate(_FULL_WIDTH)
    if chance[2] < 0.08:
        text = text.translate(_NO_STOPS)
    if chance[3] < 0.05:
        at = int(rng.integers(len(text)))
        text = f"{text[:at]} {text[at:]}"
    if chance[4] < 0.01:
        text = text.replace("，", "&nbsp;", 1)
    if chance[5] < 0.04:
        text = text.replace("。", "。。", 1)
    return text


_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_NO_STOPS = str.maketrans({"，": " ", "。": " "})


def _within(text: str, shared: Phrases, pick: _Picker, language: str) -> str:
    while len(text) < SHORTEST:
        text += "，" + pick.fill(shared["consequences"][language])
    return text[:LONGEST]
