"""What every design returns: a tidy table, a sentence, its checks and its grade."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from svcquality import wording
from svcquality.language import Language, Text
from svcquality.wording import Claim

__all__ = ["TABLE_COLUMNS", "Check", "Claim", "Finding", "Grade", "Status", "flow_row"]

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Status = Literal["passed", "warn", "block"]

TABLE_COLUMNS = (
    "term", "label_zh", "label_en", "estimate", "error", "error_kind",
    "low", "high", "p", "n", "clusters", "unit",
)  # fmt: skip
"""The columns every finding's table starts with; a design may add its own after them."""


class Grade(StrEnum):
    """What a design can carry. The sentence is written from it."""

    DESCRIBES = "describes"
    ASSOCIATED = "is associated with"
    CHANGED = "changed"


@dataclass(frozen=True)
class Check:
    """A diagnostic: its verdict, its number, its threshold, one sentence.

    Parameters
    ----------
    name : str
        Stable identifier, ``snake_case``.
    status : {"passed", "warn", "block"}
        A block withholds the finding's numbers: the text says why and what to do instead.
    text : Text
        One sentence for a reader.
    number, threshold : float, optional
        What was measured and where the verdict turns.
    """

    name: str
    status: Status
    text: Text
    number: float | None = None
    threshold: float | None = None


@dataclass(frozen=True)
class Finding:
    """The answer to one question.

    Parameters
    ----------
    id : str
        Identifier of the question in the study; prefixes its numbers.
    design : str
        Name of the design that answered.
    question : Text
        The question in words.
    grade : Grade
        What the design can carry.
    claims : tuple of Claim
        The first is the headline.
    table : DataFrame
        Tidy, one row a quantity, starting with `TABLE_COLUMNS`; ``term`` is unique.
    checks : tuple of Check
        Diagnostics. One that blocks withholds the numbers.
    method : Text
        Estimator, kind of error and of degrees of freedom, source of the method.
    flow : DataFrame
        Columns ``step_zh, step_en, rows``: from the table's rows to the analysed rows.
    figure : str
        Name of a module of `svcquality.plots`; empty for none.
    frames : mapping of str to DataFrame
        Tidy data behind the figure; the plot computes nothing.
    title : Text
        Title of the figure when it should not be the sentence of the headline.
    """

    id: str
    design: str
    question: Text
    grade: Grade
    claims: tuple[Claim, ...]
    table: pd.DataFrame
    checks: tuple[Check, ...]
    method: Text
    flow: pd.DataFrame
    figure: str = ""
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    title: Text | None = None

    def __post_init__(self) -> None:
        missing = [c for c in TABLE_COLUMNS if c not in self.table.columns]
        if missing:
            raise ValueError(f"finding {self.id}: its table lacks {missing}")
        if self.table["term"].duplicated().any():
            raise ValueError(f"finding {self.id}: its terms are not unique")

    @property
    def blocked(self) -> bool:
        """Whether a check withholds the numbers."""
        return any(check.status == "block" for check in self.checks)

    def sentence(self, language: Language = "en") -> str:
        """The headline as one honest sentence, worded by the grade; the reason when blocked."""
        if self.blocked:
            reasons = [c.text[language] for c in self.checks if c.status == "block"]
            return wording.refusal(reasons, language)
        return self.claim_sentence(0, language)

    def claim_sentence(self, index: int, language: Language = "en") -> str:
        """The sentence of one claim."""
        return wording.sentence(self.claims[index], self.grade.value, language)

    def plot(self, ax: Axes | None = None, *, language: Language = "en") -> Axes:
        """Draw the finding's figure on ``ax`` (a new one by default) and return it."""
        from svcquality import plots  # matplotlib is slow to import and not always wanted

        return plots.draw(self, ax=ax, language=language)

    def _repr_html_(self) -> str:
        return _card(self, "zh") + _card(self, "en")


def flow_row(zh: str, en: str, rows: int) -> dict[str, Any]:
    """One row of a finding's ``flow``."""
    return {"step_zh": zh, "step_en": en, "rows": int(rows)}


def _card(finding: Finding, language: Language) -> str:
    """A finding as a small block of HTML for a notebook."""
    escape = html.escape
    rows = "".join(
        f"<li>{escape(wording.STATUS_NAMES[c.status][language])}: {escape(c.text[language])}</li>"
        for c in finding.checks
        if c.status != "passed"
    )
    return (
        f'<div lang="{language}" style="border-left:3px solid #2a6f97;padding:.2em .8em;margin:.5em 0">'
        f"<div style='opacity:.7'>{escape(finding.question[language])} · "
        f"{escape(wording.GRADE_NAMES[finding.grade.value][language])}</div>"
        f"<div><strong>{escape(finding.sentence(language))}</strong></div>"
        f"{'<ul>' + rows + '</ul>' if rows else ''}</div>"
    )
