"""Complaint texts of a simulated bank: many voices, noisy, and never one template a cause.

A text is an opening, one to three grievances, what else was said, what followed and what is
wanted, told in one of five voices (plain, terse, rambling, a letter, an agent's record) and then
damaged as real exports are. The words are in ``phrases/*.yaml``.

Everything is invented, and no person is meant. What looks personal is masked (``138****5678``,
``张**``) or a bare surname. So that masking has work, one text in a hundred carries a planted
number that belongs to nobody: a mobile number of the form ``1xx000000xx``, or a resident number
of region 999999, which does not exist, with the check digit of GB 11643 so that it looks real.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml
from stdnum.cn import ric

SHORTEST, LONGEST = 8, 400
NAMES = 0.45
"""Share of customers who call the matter by its name; the others tell what happened: ASSUMED."""
CLAUSES = (0.10, 0.55, 0.35)
"""How often the primary cause is told in one, two and three clauses: ASSUMED."""
PLANTED = 0.01
"""Share of texts with a planted number."""

OLD = 65
"""Age from which customers speak of it, and of no parents."""

VOICE_SHARES: dict[str, tuple[float, ...]] = {
    "counter": (0.62, 0.10, 0.12, 0.03, 0.13),
    "kiosk": (0.60, 0.30, 0.05, 0.00, 0.05),
    "hotline": (0.34, 0.05, 0.08, 0.00, 0.53),
    "mobile": (0.64, 0.22, 0.14, 0.00, 0.00),
    "online": (0.62, 0.16, 0.18, 0.04, 0.00),
    "regulator": (0.19, 0.02, 0.14, 0.35, 0.30),
    "other": (0.62, 0.12, 0.16, 0.10, 0.00),
}
"""How often the plain, terse, rambling, letter and agent voice speak on a channel: ASSUMED."""

_EDGES = {channel: np.cumsum(shares)[:-1] for channel, shares in VOICE_SHARES.items()}

Phrases = Mapping[str, Any]


class _Complaint(NamedTuple):
    """What a text is written about; the fields are the columns of the frame."""

    primary: str
    secondary: Any
    tertiary: Any
    channel: str
    business: str
    language: str
    age: float
    anger: float


def write_texts(frame: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    """Write one text a complaint.

    Parameters
    ----------
    frame : DataFrame
        One row a complaint: ``primary``, ``secondary``, ``tertiary`` (cause ids; the last two may
        be missing), ``channel``, ``business`` (either may be missing), ``language`` (``zh`` or
        ``en``), ``age`` (years; may be missing), ``anger`` (0 to 1).
    rng : numpy Generator
        Source of every choice: the same frame and state give the same texts.

    Returns
    -------
    list of str
        Texts of 8 to 400 characters, in the order of the rows.

    Raises
    ------
    KeyError
        If a column is missing, or a cause has no phrases.
    """
    columns = frame[list(_Complaint._fields)].astype(object)
    columns = columns.fillna({"channel": "other", "business": "other"})
    rows = columns.itertuples(index=False, name=None)
    return [_Writer(_Complaint(*row), rng).text() for row in rows]


@cache
def cause_phrases() -> Phrases:
    """Phrases by cause: ``scene``, and under ``names`` and ``shows`` each ``zh``, ``short``,
    ``terse`` and ``en``.
    """
    return {
        cause: phrases
        for family in ("q", "c", "t", "e", "x", "r", "z")
        for cause, phrases in _read(family).items()
    }


@cache
def shared_phrases() -> Phrases:
    """Phrases that belong to no cause, the slots, and the errors of typing."""
    return _read("shared")


def _read(name: str) -> Phrases:
    folder = files("svcquality.simulate") / "phrases"
    return yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8"))


class _Writer:
    """Writes the text of one complaint, and remembers whom and what it has spoken of."""

    # A text speaks of one branch, one relative, one product; minutes and amounts may differ.
    STAYS = frozenset({"br", "rel", "prod", "app", "y", "tail", "manager", "city"})

    def __init__(self, complaint: _Complaint, rng: np.random.Generator) -> None:
        self.complaint, self.rng = complaint, rng
        self.language = "en" if complaint.language == "en" else "zh"
        self.causes, self.shared = cause_phrases(), shared_phrases()
        self.slots = self.shared["slots"][self.language]
        self.scene = self.causes[complaint.primary]["scene"]
        self.said: dict[str, str] = {}
        self.used: set[str] = set()
        self.manner = "names" if rng.random() < NAMES else "shows"
        self.age = 0 if pd.isna(complaint.age) else int(complaint.age)

    def text(self) -> str:
        """Compose, damage and plant, within the bounds of length."""
        voices = (self._plain, self._terse, self._rambling, self._letter, self._agent)
        edges = _EDGES.get(self.complaint.channel, _EDGES["other"])
        text = voices[int(np.searchsorted(edges, self.rng.random(), "right"))]()
        text = _sentences(text) if self.language == "en" else _damage(text, self.shared, self.rng)
        planted = self._planted() if self.chance(PLANTED) else ""
        text = _shorten(text.strip(), LONGEST - len(planted))
        while len(text) < SHORTEST:
            text = text.rstrip("。，！") + "，" + self.one(self.shared["anger"][self.language])
        return text + planted

    # Voices

    def _terse(self) -> str:
        primary, second = self.complaint.primary, self.complaint.secondary
        kind = "terse" if self.language == "zh" else "en"
        text = self.cause(primary, kind)
        if self.language == "en":
            return text
        comma = self.one(("，", "，", " "))
        if self.chance(0.7):
            text += comma + self.cause(primary, kind, self.one(("names", "shows")))
        if not pd.isna(second) and self.chance(0.4):
            text += comma + self.cause(second, "short")
        return text + self._temper(0.5)

    def _plain(self) -> str:
        opening = self.around("openings") if self.chance(0.65) else ""
        text = opening + self._grievances(aside=0.25)
        if self.chance(0.3):
            text += self._stop() + self.around("consequences")
        if self.chance(0.2 + 0.3 * self.complaint.anger):
            text += self._stop() + self.fill(self.shared["demands"][self.language])
        return text + self._temper(0.5)

    def _rambling(self) -> str:
        text = self.around("openings") + self.around("background") + self._stop()
        text += self._grievances(aside=0.8)
        for chance in (0.9, 0.4):
            if self.chance(chance):
                text += self._stop() + self.around("consequences")
        for chance in (0.7, 0.3):
            if self.chance(chance):
                text += self._stop() + self.fill(self.shared["demands"][self.language])
        return text + self._temper(0.7)

    def _letter(self) -> str:
        body = self._grievances(aside=0.3)
        if self.chance(0.5):
            body += self._comma() + self.around("consequences")
        return self._frame("letter", body)

    def _agent(self) -> str:
        frames = "forwarded" if self.complaint.channel == "regulator" else "agent"
        body = self._grievances(aside=0.05)
        return self._frame(frames, body, third_person=self.language == "zh" and self.chance(0.6))

    def _frame(self, frames: str, body: str, *, third_person: bool = False) -> str:
        openings = self.shared["openings"][self.language]
        kind = (
            "letter"
            if frames == "letter"
            else "agent_branch"
            if self.scene == "branch"
            else "agent"
        )
        opening = self.fill(openings[kind])
        if third_person:
            for spoken, written in self.shared["third_person"].items():
                body = body.replace(spoken, written)
        demands = self.shared["formal"][self.language]
        return self.one(self.shared[frames][self.language]).format(
            opening=opening, text=body, name=self.one(self.shared["name"]),
            mood=self.one(self.shared["mood"][self.language]), want=self.one(self.shared["want"]),
            demand=self.fill(demands), demand2=self.fill(demands), deadline=self.slot("deadline"),
            phone=f"1{self.rng.integers(3, 10)}{self.rng.integers(10)}****{self.rng.integers(10_000):04d}",
        )  # fmt: skip

    # Parts

    def _grievances(self, *, aside: float) -> str:
        """The primary cause in one to three clauses, the others in short, an aside somewhere."""
        short = "short" if self.language == "zh" else "en"
        primary = self.complaint.primary
        clauses = [self.cause(primary, self.language)]
        for more in range(int(self.rng.choice(len(CLAUSES), p=CLAUSES))):
            # Who names the matter also shows it; who shows it need never name it.
            kind = short if more else self.language
            clauses.append(self.cause(primary, kind, self.one(("names", "shows"))))
        self.rng.shuffle(clauses)
        others = (self.complaint.secondary, self.complaint.tertiary)
        rest = [self.cause(other, short) for other in others if not pd.isna(other)]
        if rest and self.language == "zh" and self.chance(0.15):  # the lesser one comes first
            clauses[0] = rest.pop(0) + self.one(self.shared["chiefly"]) + clauses[0]
        text = clauses[0]
        for clause in clauses[1:] + rest:
            text += self.one(self.shared["also"][self.language]) + clause
        if self.chance(aside):
            remark = self.around("background")
            if self.chance(0.6):
                return text + self._stop() + remark
            return remark + self._comma() + text
        return text

    def _temper(self, weight: float) -> str:
        """How it ends: with a temper, with thanks, or just so."""
        shared, anger = self.shared, self.complaint.anger
        if self.chance(weight * anger):
            words, marks = shared["anger"][self.language], shared["stops"][self.language]
            if self.complaint.channel in ("mobile", "online") and self.chance(0.15):
                marks = shared["emoji"]
            return self._stop() + self.one(words) + self.one(marks)
        if self.chance(0.25 * (1 - anger)):
            return self._stop() + self.one(shared["polite"][self.language])
        return self.one(("。", "", "", "！")) if self.language == "zh" else "."

    def _stop(self) -> str:
        return self.one(("。", "。", "，")) if self.language == "zh" else ". "

    def _comma(self) -> str:
        return "，" if self.language == "zh" else ", and "

    def _planted(self) -> str:
        draw, words = self.rng.integers, self.shared["planted"][self.language]
        if self.chance(0.5):
            number = f"1{draw(3, 10)}{draw(10)}000000{draw(100):02d}"
            return self.one(words["mobile"]).format(number)
        number = f"999999{draw(1950, 2000)}{draw(1, 13):02d}{draw(1, 29):02d}{draw(1000):03d}"
        check = ric.calc_check_digit(number + "0")  # the last character is only a place for it
        return self.one(words["resident"]).format(number + check)

    # Drawing

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def one(self, options: Sequence[str]) -> str:
        return options[int(self.rng.integers(len(options)))]

    def around(self, what: str) -> str:
        """A phrase of what surrounds the cause: of any scene, or of its own."""
        by_scene = self.shared[what][self.language]
        scene = self.scene
        if what == "openings" and self.age >= OLD and self.chance(0.4):
            scene = "elderly"
        own = by_scene.get(scene, [])
        return self.fill(own if own and self.chance(0.6) else by_scene["any"])

    def cause(self, cause: str, kind: str, manner: str = "names") -> str:
        """A phrase of a cause; ``manner`` is what one who names it would use for this one."""
        by_manner = self.causes[cause]
        wanted = manner if self.manner == "names" else "shows"
        rival = "shows" if wanted == "names" else "names"
        full = self.language
        for options in (by_manner[wanted][kind], by_manner[wanted][full], by_manner[rival][kind]):
            if options:
                return self.fill(options)
        return self.fill(by_manner[rival][full])

    def fill(self, options: Sequence[str]) -> str:
        """Draw a phrase that was not used yet and fill its slots."""
        phrase = self.one([option for option in options if option not in self.used] or options)
        self.used.add(phrase)
        return _SLOT.sub(lambda found: self.slot(found[1]), phrase)

    def slot(self, name: str) -> str:
        if name in self.said:
            return self.said[name]
        options = self.slots.get(name, ())
        if name == "prod":
            options = self.slots.get(f"prod_{self.complaint.business}", options)
        elif name == "rel" and self.age >= OLD:
            options = self.slots["rel_old"]
        value = str(self.age) if name == "age" else self.one(options)
        if name in self.STAYS:
            self.said[name] = value
        return value


_SLOT = re.compile(r"\{(\w+)\}")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_NO_STOPS = str.maketrans({"，": " ", "。": " "})
_BETWEEN_HAN = re.compile(r"(?<=[一-鿿])(?=[一-鿿])")
_SENTENCE = re.compile(r"(?:^|(?<=[.!?] )|(?<=: ))[a-z]")
_BREAK = re.compile(r"[，。；！？,.;!? ](?=[^，。；！？,.;!? ]*$)")


def _damage(text: str, shared: Phrases, rng: np.random.Generator) -> str:
    """Typing errors, full-width digits, lost or doubled punctuation, stray spaces and entities."""
    chance = rng.random(6)
    if chance[0] < 0.18:
        possible = [(right, wrong) for right, wrong in shared["typos"] if right in text]
        if possible:
            right, wrong = possible[int(rng.integers(len(possible)))]
            text = text.replace(right, wrong, 1)
    if chance[1] < 0.04:
        text = text.translate(_FULL_WIDTH)
    if chance[2] < 0.08:
        text = text.translate(_NO_STOPS)
    if chance[3] < 0.06:
        places = [found.start() for found in _BETWEEN_HAN.finditer(text)]
        at = places[int(rng.integers(len(places)))] if places else 0
        text = f"{text[:at]} {text[at:]}"
    if chance[4] < 0.015:
        entities = shared["entities"]
        before, after = entities[int(rng.integers(len(entities)))]
        text = text.replace(before, after, 1)
    if chance[5] < 0.04:
        text = text.replace("。", "。。" if chance[5] < 0.02 else "，，", 1)
    return text


def _sentences(text: str) -> str:
    """English as a sentence is written: a capital after every stop."""
    return _SENTENCE.sub(lambda found: found[0].upper(), text)


def _shorten(text: str, longest: int) -> str:
    """Cut a text at the last break before its limit, as a form with a counter does."""
    if len(text) <= longest:
        return text
    found = _BREAK.search(text[:longest])
    return text[: found.start()] if found else text[:longest]
