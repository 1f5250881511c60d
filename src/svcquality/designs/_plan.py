"""A plan: what a design could find, before its outcome is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svcquality.estimators.marginal import Contrast
from svcquality.language import Language, Text
from svcquality.wording import Claim, interval, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Fact = tuple[Text, float, str]
"""Its words, its value, its unit."""


@dataclass(frozen=True)
class Study:
    """A design on this bank's records with its outcome invented.

    Parameters
    ----------
    subject, outcome : Text
        What is compared, and what it is about, as in the design's finding.
    unit : str
        A key of `svcquality.wording.UNITS`.
    size : Text
        How much there is ("8,014 answers in 60 branches").
    estimate : callable
        From an effect (in the unit, not negative) and a generator to what the design would say.
    facts : mapping of str to Fact
        What of the records went in.
    invented : Text
        How the outcome is invented, and what of the real one is used.
    """

    subject: Text
    outcome: Text
    unit: str
    size: Text
    estimate: Callable[[float, np.random.Generator], Contrast]
    facts: Mapping[str, Fact]
    invented: Text


@dataclass(frozen=True)
class Plan:
    """What a design on these records could find.

    Parameters
    ----------
    id : str
        The question planned.
    study : Study
    detectable : float
        Smallest effect found with the power wanted, in the study's unit.
    wanted, alpha : float
        That power, and the level of the two-sided test.
    error, df : float
        Root mean square of the errors of the studies without effect, and their degrees of freedom.
    table : DataFrame
        One row an effect simulated: ``effect, expected`` (power of a t test with that error),
        ``power, low, high`` (share of simulated studies that found it, 95% Wilson interval),
        ``replications, failed, unit``. With an effect of 0 it is the rate of false alarms.
    curve : DataFrame
        ``effect, expected`` over a range of effects.
    """

    id: str
    study: Study
    detectable: float
    wanted: float
    alpha: float
    error: float
    df: float
    table: pd.DataFrame
    curve: pd.DataFrame

    @property
    def figure(self) -> str:
        """Its figure."""
        return "power"

    @property
    def title(self) -> Text | None:
        """None: the figure says the sentence."""
        return None

    @property
    def appendix(self) -> Mapping[str, Text]:
        """No further figures."""
        return {}

    @property
    def blocked(self) -> bool:
        """Never: nothing is withheld."""
        return False

    @property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """Tidy data behind the figure."""
        wanted = pd.DataFrame({"effect": [self.detectable], "power": [self.wanted]})
        unit = self.study.unit
        return {"power": self.curve.assign(unit=unit), "simulated": self.table, "wanted": wanted}

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The detectable effect in words."""
        s, nan = self.study, float("nan")
        return (Claim(s.subject, s.outcome, self.detectable, nan, nan, s.unit, nan),)

    @property
    def method(self) -> Text:
        """How it was worked out, and what of the outcome was used."""
        invented = self.study.invented
        return Text(
            f"{invented.zh}可检测的差别由无差别时各次模拟的标准误（{number(self.error, self.study.unit, 'zh')}，"
            f"t 分布自由度 {self.df:,.0f}）算得，双侧检验水平 {self.alpha:.0%}。",
            f"{invented.en} The detectable difference follows from the errors of the studies "
            f"without any ({number(self.error, self.study.unit, 'en')}, t with {self.df:,.0f} degrees of "
            f"freedom), two-sided at {self.alpha:.0%}.",
        )

    def sentence(self, language: Language = "en") -> str:
        """The detectable effect as one sentence."""
        s = self.study
        shown = number(self.detectable, s.unit, language)
        if language == "zh":
            return (
                f"以现有数据（{s.size.zh}），{s.subject.zh}所对应的{s.outcome.zh}若相差 {shown}，"
                f"有 {self.wanted:.0%} 的机会检测到；更小的差别可能看不出来。"
            )
        return (
            f"With {s.size.en}, a difference of {shown} in {s.outcome.en} with {s.subject.en} "
            f"would be detected {self.wanted:.0%} of the time; smaller ones may go unseen."
        )

    def lines(self, language: Language = "en") -> list[str]:
        """The plan as lines for a terminal."""
        zh = language == "zh"
        colon = "：" if zh else ": "
        facts = [
            f"  {label[language]}{colon}{number(value, unit, language)}"
            for label, value, unit in self.study.facts.values()
        ]
        template = "  {}：{}（{}；预期 {:.0%}）" if zh else "  {}: {} ({}; expected {:.0%})"
        rows = [
            template.format(
                number(row["effect"], self.study.unit, language),
                number(row["power"], "share", language),
                interval(row["low"], row["high"], "share", language),
                row["expected"],
            )
            for row in self.table.to_dict("records")
        ]
        return [
            self.sentence(language),
            "所用数据：" if zh else "From the records:",
            *facts,
            "模拟的检测机会（括号内为 95% 区间）："
            if zh
            else "Found in simulated studies (95% interval):",
            *rows,
            self.method[language],
        ]

    def plot(self, ax: Axes | None = None, *, language: Language = "en") -> Axes:
        """Draw the power over the effect on ``ax`` (a new one by default) and return it."""
        from svcquality import plots  # matplotlib is slow to import and not always wanted

        return plots.draw(self, ax=ax, language=language)
