"""The codebook: causes with definitions and seed words, and where the seeds stand in a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from svcquality.language import Text
from svcquality.storage import hash_bytes
from svcquality.text.code_points import CodePoints
from svcquality.text.negation import context_of
from svcquality.text.seed_matcher import SeedMatcher, latin_share
from svcquality.text.seed_patterns import forms_of
from svcquality.text.trie import fold

RESIDUAL = "residual"
"""What a complaint is about when it is about no cause of the codebook."""
TEXTS_AT_ONCE = 100_000
"""Seeds are looked for in portions of so many texts, for a bounded memory."""
EMPTY = Text("", "")
MIXED = 0.5
"""Share of Latin among Latin and Han letters from which English seeds are looked for as well."""


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
        Empty where the file has none.
    seeds_zh, seeds_en : mapping of str to float
        Seed to weight: what one occurrence says, in units of a clear seed.
    neighbours : tuple of str
        Causes that are easily confused with this one.
    jrt_reason : str
        Reason class of the industry standard JR/T 0169-2018, by name; empty where none is known.
    cfpb_issue : tuple of str
        Issues of the US Consumer Financial Protection Bureau's complaint form.
    """

    id: str
    key: str
    family: str
    label: Text
    definition: Text = EMPTY
    include: Text = EMPTY
    exclude: Text = EMPTY
    seeds_zh: Mapping[str, float] = field(default_factory=dict)
    seeds_en: Mapping[str, float] = field(default_factory=dict)
    neighbours: tuple[str, ...] = ()
    jrt_reason: str = ""
    cfpb_issue: tuple[str, ...] = ()


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
    title : Text
        What the codebook is for.
    wanted : frozenset of str
        Seeds for what a customer wants (退款, *refund*): *no refund* is the complaint itself, so a
        denial before them does not cancel them.
    warnings : tuple of Text
        What the file leaves out and a reader would miss.
    """

    name: str
    version: str
    families: tuple[Family, ...]
    causes: tuple[Cause, ...]
    source: bytes
    title: Text = EMPTY
    wanted: frozenset[str] = frozenset()
    warnings: tuple[Text, ...] = ()

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
        """Find the seeds in texts, and read what stands before them.

        Seeds are looked for in the characters, for a segmenter would cut through most Chinese ones;
        Latin words are found whole only, in any case. English seeds are looked for where a text has
        at least as many Latin letters as Han characters, Chinese ones everywhere. Of seeds that
        overlap the one that starts first counts, of those that start at one place the longest; one
        that belongs to several causes counts for each.

        Parameters
        ----------
        texts : Series of str
            Normalised texts.

        Returns
        -------
        DataFrame
            ``document`` (label of the text in the index), ``start``, ``end`` (character
            positions), ``cause``, ``seed`` (categories), ``weight``, ``negated`` (denied in its
            clause: it says nothing for its cause), ``intensity`` (factor of the words of degree
            before it, 0.5 to 2), in the order of the text. A seed of `wanted` is never negated.
        """
        present = np.flatnonzero(texts.notna())
        values = texts.to_numpy(dtype=object)
        parts = [self._find(values[rows], rows) for rows in _portions(present) if len(rows)] or [
            self._find(values[:0], present[:0])
        ]
        rows, start, end, entry, negated, intensity = map(np.concatenate, zip(*parts, strict=True))
        table = self._seed_table
        return pd.DataFrame(
            {
                "document": texts.index.take(rows),
                "start": start,
                "end": end,
                "cause": pd.Categorical.from_codes(
                    table["cause"].to_numpy()[entry], pd.Index(self.ids)
                ),
                "seed": pd.Categorical.from_codes(
                    table["seed"].to_numpy()[entry], pd.Index(self.seeds)
                ),
                "weight": table["weight"].to_numpy()[entry],
                "negated": negated & ~table["wanted"].to_numpy()[entry],
                "intensity": intensity,
            }
        )

    def _find(self, values: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, ...]:
        whole = CodePoints.of(values.tolist())
        folded = CodePoints(fold(whole.points), whole.offsets)
        text, start, end, form = self._matcher.find(folded, latin_share(folded) >= MIXED).T
        negated, intensity = context_of(folded, text, start)
        # A form that several causes share becomes a row for each.
        edges = np.searchsorted(self._seed_table["form"], np.arange(self._forms + 1))
        times = np.diff(edges)[form]
        span = np.repeat(np.arange(len(form)), times)
        entry = (
            np.arange(len(span)) - np.repeat(np.cumsum(times) - times, times) + edges[form][span]
        )
        offset = whole.offsets[text]
        return (
            rows[text[span]], (start - offset)[span], (end - offset)[span], entry, negated[span],
            intensity[span],
        )  # fmt: skip

    @cached_property
    def seeds(self) -> list[str]:
        """All seeds, as written, each once, in the order of the codebook."""
        return list(dict.fromkeys(seed for _, _, seed, _ in self._entries()))

    def _entries(self) -> Iterator[tuple[int, bool, str, float]]:
        """Every seed of every cause: number of the cause, whether English, seed, weight."""
        for number, cause in enumerate(self.causes):
            for english, seeds in ((False, cause.seeds_zh), (True, cause.seeds_en)):
                for seed, weight in seeds.items():
                    yield number, english, seed, weight

    @cached_property
    def _spelled(self) -> tuple[pd.DataFrame, SeedMatcher, int]:
        """What a found form says, by number of the form; and the forms made ready for a search."""
        number_of_seed = {seed: number for number, seed in enumerate(self.seeds)}
        forms = [
            ((form.pieces, form.links), form, english, number_of_seed[seed], cause, weight)
            for cause, english, seed, weight in self._entries()
            for form in forms_of(seed.lower())
        ]
        numbers: dict[object, int] = {}
        for key, *_ in forms:
            numbers.setdefault(key, len(numbers))
        rows = [
            (numbers[key], cause, seed, weight, self.seeds[seed] in self.wanted)
            for key, _, _, seed, cause, weight in forms
        ]
        table = pd.DataFrame(rows, columns=["form", "cause", "seed", "weight", "wanted"])
        # A cause that has one form twice (``BUG``, ``bug``) counts it once.
        table = table.sort_values(["form", "cause", "weight"], ascending=[True, True, False])
        table = table.drop_duplicates(["form", "cause"]).reset_index(drop=True)
        chinese = {numbers[key] for key, _, english, *_ in forms if not english}
        distinct = {numbers[key]: form for key, form, *_ in forms}
        matcher = SeedMatcher.of([(form, n, n not in chinese) for n, form in distinct.items()])
        return table, matcher, len(numbers)

    @property
    def _seed_table(self) -> pd.DataFrame:
        return self._spelled[0]

    @property
    def _matcher(self) -> SeedMatcher:
        return self._spelled[1]

    @property
    def _forms(self) -> int:
        return self._spelled[2]


def _portions(rows: np.ndarray) -> list[np.ndarray]:
    return np.array_split(rows, max(1, -(-len(rows) // TEXTS_AT_ONCE)))
