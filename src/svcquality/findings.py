"""What every design returns: a tidy table, a sentence, its checks, its grade and its models."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from svcquality import wording
from svcquality.errors import InputError
from svcquality.language import Language, Text
from svcquality.wording import Claim

__all__ = [
    "TABLE_COLUMNS", "Check", "Claim", "Effect", "Finding", "Grade", "ModelSummary", "Status",
    "flow_row",
]  # fmt: skip

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Status = Literal["passed", "warn", "block"]

TABLE_COLUMNS = (
    "term", "label_zh", "label_en", "estimate", "error", "error_kind",
    "low", "high", "p", "p_adjusted", "n", "clusters", "unit",
)  # fmt: skip
"""The columns every finding's table starts with; a design may add its own after them.

``p_adjusted`` is Holm's over the rows of the table that carry a p-value, unless a study declares
another family; NaN where nothing is tested."""

MODEL_COLUMNS = ("term", "label_zh", "label_en", "estimate", "error", "low", "high", "p")
"""The columns of a model's terms."""


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
class ModelSummary:
    """One fitted model as a column of a publication table.

    Parameters
    ----------
    name : Text
        Heading of its column ("Ordered logit").
    outcome : Text
        What it explains.
    scale : Text
        What its numbers are: "log odds", "difference in P(satisfied)", "points" …
    terms : DataFrame
        Tidy, one row a term, the columns `MODEL_COLUMNS`; ``term`` is unique and the same name
        means the same thing in every model, so that models can stand side by side.
    facts : mapping of str to int, float or str
        What stands below the line: ``n``, ``clusters``, ``error_kind`` ("CR1 by branch_id"),
        ``df`` and, where they exist, ``log_likelihood``, ``r_squared``, ``pseudo_r_squared``.
    absorbed : tuple of Text
        What is held equal without a printed term (fixed effects, indicators of confounders).
    """

    name: Text
    outcome: Text
    scale: Text
    terms: pd.DataFrame
    facts: Mapping[str, int | float | str]
    absorbed: tuple[Text, ...] = ()

    def __post_init__(self) -> None:
        missing = [c for c in MODEL_COLUMNS if c not in self.terms.columns]
        if missing:
            raise ValueError(f"the terms of model {self.name.en} lack {missing}")


@dataclass(frozen=True)
class Effect:
    """One number of a finding on its natural scale, with its words.

    Parameters
    ----------
    term : str
    label : Text
    estimate, error, low, high, p : float
    unit : str
        A key of `svcquality.wording.UNITS`.
    """

    term: str
    label: Text
    estimate: float
    error: float
    low: float
    high: float
    p: float
    unit: str

    def text(self, language: Language = "en") -> str:
        """The number with its unit and interval ("−5.5 percentage points (−6.1 to −4.9)")."""
        value = wording.number(self.estimate, self.unit, language)
        return f"{value} ({wording.interval(self.low, self.high, self.unit, language)})"


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
    appendix : mapping of str to Text
        Further figures by name, each with its title.
    models : tuple of ModelSummary
        The models behind the numbers, for publication tables.
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
    appendix: Mapping[str, Text] = field(default_factory=dict)
    models: tuple[ModelSummary, ...] = ()

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

    def effect(self, term: str | None = None) -> Effect:
        """One number on its natural scale; the first of the table by default.

        Raises
        ------
        InputError
            If the numbers are withheld, or there is no such term.
        """
        if self.blocked:
            raise InputError(self.sentence("en"), self.sentence("zh"))
        rows = {str(row["term"]): row for row in self.table.to_dict("records")}
        term = next(iter(rows)) if term is None else term
        if term not in rows:
            raise InputError(
                f"This finding has no term {term!r}; it has {', '.join(rows)}.",
                f"该结果中没有 {term!r}；现有：{'、'.join(rows)}。",
            )
        row = rows[term]
        return Effect(
            term=term,
            label=Text(row["label_zh"], row["label_en"]),
            **{name: float(row[name]) for name in ("estimate", "error", "low", "high", "p")},
            unit=row["unit"],
        )

    def plot(
        self, ax: Axes | None = None, *, language: Language = "en", figure: str | None = None
    ) -> Axes:
        """Draw the finding's figure on ``ax`` (a new one by default) and return it.

        ``figure`` names one of the `appendix` instead of the main one.
        """
        from svcquality import plots  # matplotlib is slow to import and not always wanted

        return plots.draw(self, ax=ax, language=language, figure=figure)

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
