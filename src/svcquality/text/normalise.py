"""Undo what exports, converters and agents do to a text, and account for every repair.

What a customer wrote stays: punctuation, emoji and masks are left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from svcquality.text.alignment import Alignment
from svcquality.text.code_points import CodePoints
from svcquality.text.languages import is_chinese as _is_chinese
from svcquality.text.repairs import HAN, RULES, Edit, rules

__all__ = ["HAN", "RULES", "Normalised", "is_chinese", "normalise"]


MOST_PASSES = 50
"""So often a text is looked at: enough unless one frame stands inside another more often."""


@dataclass(frozen=True, eq=False)
class Normalised:
    """Normalised texts and what it took.

    Parameters
    ----------
    text : Series of str
        Same index as the raw texts; missing stays missing.
    ledger : DataFrame
        One row a repair, in the order of the texts: ``rule, document`` (label of the text),
        ``start, end`` (characters of the raw text), ``before, after``. ``before`` is what stood
        there when its turn came: an earlier repair may have changed it already.
    touched : dict of str to int
        How many texts each rule repaired.
    alignment : Alignment
        From normalised to raw characters, by position of the text.
    """

    text: pd.Series
    ledger: pd.DataFrame
    touched: dict[str, int]
    alignment: Alignment

    @classmethod
    def joined(cls, parts: Sequence[Normalised]) -> Normalised:
        """Parts of a corpus one behind the other; at least one."""
        return cls(
            pd.concat([part.text for part in parts]),
            pd.concat([part.ledger for part in parts], ignore_index=True),
            dict(sum((Counter(part.touched) for part in parts), Counter())),
            Alignment.joined(
                [part.alignment for part in parts], [len(part.text) for part in parts]
            ),
        )

    @property
    def repairs(self) -> pd.DataFrame:
        """One row a rule of `RULES`: ``rule, label_zh, label_en, found`` (places), ``texts``."""
        found = self.ledger["rule"].value_counts()
        rows = [
            (rule, label.zh, label.en, int(found.get(rule, 0)), self.touched.get(rule, 0))
            for rule, label in RULES.items()
        ]
        return pd.DataFrame(rows, columns=["rule", "label_zh", "label_en", "found", "texts"])

    def raw_spans(self, spans: pd.DataFrame) -> pd.DataFrame:
        """Where spans of the normalised texts stand in the raw ones.

        Parameters
        ----------
        spans : DataFrame
            ``document`` (label of the text), ``start``, ``end`` (characters of ``text``).

        Returns
        -------
        DataFrame
            ``start, end`` in the raw texts; same index. What was dropped inside a span is in it,
            what was dropped beside it is not.

        Raises
        ------
        KeyError
            If there is no such text.
        """
        rows = self.text.index.get_indexer(pd.Index(spans["document"]))
        if (rows < 0).any():
            raise KeyError(spans["document"].iloc[int(np.argmin(rows))])
        start, end = self.alignment.raw_spans(
            rows, spans["start"].to_numpy(np.int64), spans["end"].to_numpy(np.int64)
        )
        return pd.DataFrame({"start": start, "end": end}, index=spans.index)


def normalise(texts: pd.Series) -> Normalised:
    """Repair texts.

    Dropped: HTML tags and entities, invisible and private-use characters, mojibake, glosses in
    pinyin after a Han character, agents' boilerplate, superfluous white space. Folded: full-width
    letters and digits (never punctuation), radicals that stand for characters, traditional
    characters (OpenCC ``tw2s``), variant spellings.

    Parameters
    ----------
    texts : Series of str
        Raw (masked) texts, each with its own label.

    Returns
    -------
    Normalised
        No text is longer than it was, and normalising again changes nothing (but in a text that
        took all `MOST_PASSES`).
    """
    missing = texts.isna().to_numpy()
    current = ["" if gone else str(t) for t, gone in zip(texts.tolist(), missing, strict=True)]
    drafts: dict[int, _Draft] = {}
    pending = np.flatnonzero(~missing)
    # A repair can uncover another (an entity that hid a zero-width space), so what changed is
    # looked at again. Every repair shortens a text or maps a character for good: this would end
    # by itself, but a text of nothing except a thousand frames should not take a thousand passes.
    for _ in range(MOST_PASSES):
        if not len(pending):
            break
        flags = _needs_of([current[row] for row in pending])
        changed = []
        for row, flag in zip(pending.tolist(), flags.tolist(), strict=True):
            if not flag:
                continue
            draft = drafts.get(row) or _Draft(current[row])
            if draft.repair(flag):
                drafts[row], current[row] = draft, draft.text
                changed.append(row)
        pending = np.array(changed, dtype=np.int64)
    rows = sorted(drafts)
    text = pd.Series(current, index=texts.index, dtype="str", name=texts.name).mask(missing)
    entries = [(*entry, row) for row in rows for entry in drafts[row].entries]
    ledger = pd.DataFrame(entries, columns=["rule", "start", "end", "before", "after", "row"])
    ledger = ledger.astype(
        {"rule": "str", "start": "int64", "end": "int64", "before": "str", "after": "str"}
    )
    ledger.insert(1, "document", texts.index[ledger.pop("row").to_numpy(np.int64)])
    touched = Counter(rule for row in rows for rule in {entry[0] for entry in drafts[row].entries})
    alignment = Alignment.of(
        np.array(rows, dtype=np.int64),
        [drafts[row].starts for row in rows],
        [drafts[row].ends for row in rows],
    )
    return Normalised(text, ledger, dict(touched), alignment)


def is_chinese(texts: pd.Series) -> pd.Series:
    """Whether a text is read as Chinese; see `svcquality.text.languages.is_chinese`."""
    points = CodePoints.of(texts.astype("str").fillna("").tolist())
    return pd.Series(_is_chinese(points), index=texts.index)


class _Draft:
    """A text under repair, with the raw span of every character."""

    __slots__ = ("ends", "entries", "starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = list(range(len(text)))
        self.ends = list(range(1, len(text) + 1))
        self.entries: list[tuple[str, int, int, str, str]] = []

    def repair(self, flags: int) -> bool:
        """Apply the rules that are flagged; says whether any found something."""
        before = len(self.entries)
        for number, rule in enumerate(rules()):
            if flags >> number & 1 and (edits := list(rule.edits(self.text))):
                self._apply(rule.name, edits)
        return len(self.entries) > before

    def _apply(self, rule: str, edits: Sequence[Edit]) -> None:
        text: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for start, end, new in edits:
            raw_start, raw_end = self.starts[start], self.ends[end - 1]
            # Half a character cannot be stored; it is listed by its code.
            gone = self.text[start:end].encode("utf-8", "backslashreplace").decode("utf-8")
            self.entries.append((rule, raw_start, raw_end, gone, new))
            text += self.text[at:start], new
            if len(new) == end - start:  # character for character
                starts += self.starts[at:end]
                ends += self.ends[at:end]
            else:
                starts += self.starts[at:start] + [raw_start] * len(new)
                ends += self.ends[at:start] + [raw_end] * len(new)
            at = end
        self.text = "".join(text) + self.text[at:]
        self.starts, self.ends = starts + self.starts[at:], ends + self.ends[at:]


def _needs_of(texts: list[str]) -> np.ndarray:
    """For each text the rules that may find something in it, as bits."""
    points = CodePoints.of(texts)
    table, groups = _needs_table()
    present = points.any_of(table[points.points])
    flags = np.zeros(len(points), dtype=np.int64)
    for number, group in enumerate(groups):
        flags |= ((present & group) == group).astype(np.int64) << number
    return flags


@lru_cache(maxsize=1)
def _needs_table() -> tuple[np.ndarray, list[np.int64]]:
    """For each character the sets of needs it is in, as bits; for each rule the bits it needs."""
    table = np.zeros(0x110000, dtype=np.int64)
    groups = []
    bit = 0
    for rule in rules():
        group = 0
        for characters in rule.needs:
            table[[ord(c) for c in characters]] |= 1 << bit
            group |= 1 << bit
            bit += 1
        groups.append(np.int64(group))
    return table, groups
