"""The codebook: causes with definitions and seed words, and where the seeds stand in a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from svcquality.language import Language, Text
from svcquality.storage import hash_bytes
from svcquality.text.normalise import is_chinese

RESIDUAL = "residual"
"""What a complaint is about when it is about no cause of the codebook."""

GAP = "…"
"""In a seed: up to `GAP_LENGTH` characters of the same clause."""
GAP_LENGTH = 8


@dataclass(frozen=True)
class Family:
    """A group of causes, the stable level of reporting.

    Parameters
    ----------
    id : str
    label : Text
    second_order : bool
        Causes that arise in handling a complaint: secondary wherever the text names another.
    """

    id: str
    label: Text
    second_order: bool = False


@dataclass(frozen=True)
class Cause:
    """One category.

    Parameters
    ----------
    id, family : str
    key : str
        A readable name (``wait_time``).
    label, definition, include, exclude : Text
        Words for a human coder; ``include`` and ``exclude`` draw the border to the neighbours.
    seeds_zh, seeds_en : mapping of str to float
        Seed to weight: what one occurrence says, in units of a clear seed.
    neighbours : tuple of str
        Causes that are easily confused with this one.
    jrt_reason : str
        Reason class of the industry standard JR/T 0169-2018, by name.
    """

    id: str
    key: str
    family: str
    label: Text
    definition: Text
    include: Text
    exclude: Text
    seeds_zh: Mapping[str, float]
    seeds_en: Mapping[str, float]
    neighbours: tuple[str, ...]
    jrt_reason: str


@dataclass(frozen=True)
class Codebook:
    """Families and causes, in order, and the bytes that they came from.

    Parameters
    ----------
    name, version : str
    families : tuple of Family
    causes : tuple of Cause
    source : bytes
        The YAML file.
    """

    name: str
    version: str
    families: tuple[Family, ...]
    causes: tuple[Cause, ...]
    source: bytes

    @cached_property
    def sha256(self) -> str:
        """Hash of the file: stands in every result that rests on it."""
        return hash_bytes(self.source)

    @property
    def ids(self) -> list[str]:
        """Causes by id, in the order of the codebook."""
        return [cause.id for cause in self.causes]

    def id_of(self, name: str) -> str:
        """The id of a cause, given its id or its key.

        Raises
        ------
        KeyError
            If the codebook has no such cause.
        """
        return {**{c.key: c.id for c in self.causes}, **{i: i for i in (*self.ids, RESIDUAL)}}[name]

    @property
    def labels(self) -> dict[str, Text]:
        """Labels of the causes, of the families and of the residual by id."""
        return {
            **{cause.id: cause.label for cause in self.causes},
            **{family.id: family.label for family in self.families},
            RESIDUAL: Text("其他原因", "Other causes"),
        }

    @property
    def family_of(self) -> dict[str, str]:
        """Family id of every cause; the residual is its own."""
        return {**{cause.id: cause.family for cause in self.causes}, RESIDUAL: RESIDUAL}

    @property
    def second_order(self) -> list[str]:
        """Causes of the families that count only where the text names no other cause."""
        late = {family.id for family in self.families if family.second_order}
        return [cause.id for cause in self.causes if cause.family in late]

    def find_spans(self, texts: pd.Series) -> pd.DataFrame:
        """Find the seeds in texts.

        Chinese seeds are looked for in the raw characters, for a segmenter would cut through most
        of them; English ones at the borders of words. Of seeds that overlap the longest counts;
        one that belongs to several causes counts for each.

        Parameters
        ----------
        texts : Series of str
            Normalised texts.

        Returns
        -------
        DataFrame
            ``document`` (label of the text in the index), ``start``, ``end`` (character
            positions), ``cause``, ``seed``, ``weight``, in the order of the text.
        """
        present = texts[texts.notna()]
        chinese = is_chinese(present)
        rows: list[tuple[Any, int, int, str]] = []
        for language, part in (("zh", present[chinese]), ("en", present[~chinese])):
            pattern, seeds = self._patterns[language]
            for document, text in part.items():
                rows += [
                    (document, m.start(), m.end(), seeds[m.lastindex - 1] if m.lastindex else m[0])
                    for m in pattern.finditer(text)
                ]
        found = pd.DataFrame(rows, columns=["document", "start", "end", "seed"])
        found["seed"] = found["seed"].astype("str").str.lower()
        found = found.merge(self._seed_table, on="seed", how="left")
        return found[["document", "start", "end", "cause", "seed", "weight"]]

    @cached_property
    def _seed_table(self) -> pd.DataFrame:
        rows = [
            (seed, cause.id, weight)
            for cause in self.causes
            for seeds in (cause.seeds_zh, cause.seeds_en)
            for seed, weight in seeds.items()
        ]
        table = pd.DataFrame(rows, columns=["seed", "cause", "weight"])
        table["seed"] = table["seed"].str.lower()
        return table

    @cached_property
    def _patterns(self) -> dict[str, tuple[re.Pattern[str], list[str]]]:
        return {
            "zh": _compile({s for c in self.causes for s in c.seeds_zh}, "zh"),
            "en": _compile({s for c in self.causes for s in c.seeds_en}, "en"),
        }


def _compile(seeds: set[str], language: Language) -> tuple[re.Pattern[str], list[str]]:
    """One alternation, longest first.

    A plain seed is what was matched; of those with a gap the number of the group tells which.
    """
    gap = rf"[^，。；！？,.;!?\n]{{0,{GAP_LENGTH}}}?"
    ordered = sorted(seeds, key=lambda seed: (-len(seed), seed))
    by_first: dict[str, list[str]] = {}
    for seed in ordered:
        by_first.setdefault(seed[0], []).append(seed)
    # Only seeds with the same first character compete, so a branch a character is enough, and
    # far quicker than one a seed.
    branches, gapped = [], []
    for first, group in by_first.items():
        tails = []
        for seed in group:
            tail = gap.join(map(re.escape, seed[1:].split(GAP)))
            if GAP in seed:
                gapped.append(seed)
                tail = f"{tail}()"  # an empty group that tells which seed it was
            tails.append(tail)
        branches.append(f"{re.escape(first)}(?:{'|'.join(tails)})")
    if not branches:
        return re.compile("(?!)"), []
    body = "|".join(branches)
    return re.compile(rf"(?i)\b(?:{body})\b" if language == "en" else body), gapped
