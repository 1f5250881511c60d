"""One question under every declared way to answer it: the specification curve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from svcquality.checks.specifications import specifications
from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast
from svcquality.findings import Check
from svcquality.language import Text
from svcquality.progress import QUIET, Progress

Setting = Mapping[str, str]
"""One specification: the value of every choice, by name."""

CHOICE = "choice_"
FEW = 3
"""A value in fewer specifications than this is not named as the one that others disagree on."""


@dataclass(frozen=True)
class Choice:
    """A decision that an analyst could defend in several ways.

    Parameters
    ----------
    name : str
        Identifier.
    label : Text
        What is decided.
    values : mapping of str to Text
        The ways to decide it, in order, with their words.
    """

    name: str
    label: Text
    values: Mapping[str, Text]


@dataclass(frozen=True)
class SpecificationCurve:
    """The estimates of one quantity under all declared specifications.

    Parameters
    ----------
    specifications : DataFrame
        One row a specification that could be estimated, by ascending estimate:
        ``specification`` (1 …), ``estimate, low, high`` (95% interval), ``n, unit, headline`` and
        a column ``choice_<name>`` for each choice that has more than one value.
    choices : DataFrame
        ``name, value, label_zh, label_en`` and the words of the choice, ``name_zh, name_en``.
    failed : DataFrame
        ``choice_<name>`` columns, ``reason_zh, reason_en``: what could not be estimated.
    """

    specifications: pd.DataFrame
    choices: pd.DataFrame
    failed: pd.DataFrame

    @property
    def headline(self) -> pd.Series:
        """The row of the finding's own specification."""
        return self.specifications[self.specifications["headline"]].iloc[0]

    @property
    def _sign(self) -> pd.Series:
        """Whether each specification has the headline's sign."""
        sign = np.sign(self.headline["estimate"])
        return np.sign(self.specifications["estimate"]).eq(sign)

    @property
    def _excludes(self) -> pd.Series:
        """Whether each interval excludes zero."""
        return (self.specifications["low"] > 0) | (self.specifications["high"] < 0)

    @property
    def detected(self) -> bool:
        """Whether the headline's interval excludes zero."""
        return bool(self._excludes[self.specifications["headline"]].iloc[0])

    @property
    def same_sign(self) -> float:
        """Share of specifications with the headline's sign."""
        return float(self._sign.mean())

    @property
    def clear(self) -> float:
        """Share of specifications whose interval excludes zero."""
        return float(self._excludes.mean())

    @property
    def median(self) -> float:
        """Median estimate."""
        return float(self.specifications["estimate"].median())

    @property
    def check(self) -> Check:
        """Whether the answer hangs on a choice."""
        return specifications(
            self.same_sign, len(self.specifications), self.dissent(),
            failed=len(self.failed), clear=None if self.detected else self.clear,
        )  # fmt: skip

    def dissent(self) -> Text | None:
        """The value of a choice under which the fewest agree; None where all do.

        To agree is to have the headline's sign, or to detect nothing where it does not.
        """
        agrees = self._sign if self.detected else ~self._excludes
        if agrees.all():
            return None
        shares = [
            (float(agrees[here].mean()), Text(row["name_zh"], row["name_en"]),
             Text(row["label_zh"], row["label_en"]))
            for row in self.choices.to_dict("records")
            if (here := self.specifications[CHOICE + row["name"]].eq(row["value"])).sum() >= FEW
        ]  # fmt: skip
        if not shares:
            return None
        _, name, value = min(shares, key=lambda entry: entry[0])
        return Text(f"{name.zh}取“{value.zh}”", f"{name.en} “{value.en}”")


def crossed(choices: Sequence[Choice], **among: Iterable[str]) -> list[dict[str, str]]:
    """All combinations of the choices' values; ``among`` restricts some choices.

    Values that a choice does not have are passed over, so that a grid can be declared once for
    records that lack some of its columns.
    """
    names = [choice.name for choice in choices]
    wanted = {name: set(values) for name, values in among.items()}
    ways = [
        [value for value in choice.values if value in wanted.get(choice.name, choice.values)]
        for choice in choices
    ]
    return [dict(zip(names, way, strict=True)) for way in product(*ways)]


def specification_curve(
    choices: Sequence[Choice],
    settings: Iterable[Setting],
    estimate: Callable[[Setting], tuple[Contrast, int]],
    *,
    headline: Setting,
    unit: str,
    progress: Progress = QUIET,
) -> SpecificationCurve:
    """Estimate one quantity under every declared specification.

    Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour 4. The grid is declared before the
    outcome is looked at; whether an estimate is convenient cannot decide whether it is shown.

    Parameters
    ----------
    choices : sequence of Choice
    settings : iterable of mappings
        The grid; the headline is added where it is missing, and repetitions count once.
    estimate : callable
        From a setting to the estimate with its interval and the rows it rests on. An
        `InputError` is kept with its reason: that specification could not be estimated.
    headline : mapping
        The finding's own specification; it has to be estimable.
    unit : str
        A key of `svcquality.wording.UNITS`.
    progress : Progress

    Raises
    ------
    InputError
        If the headline cannot be estimated.
    """
    names = [choice.name for choice in choices]
    open_choices = [choice for choice in choices if len(choice.values) > 1]
    shown = [choice.name for choice in open_choices]
    grid = dict.fromkeys(
        tuple(setting[name] for name in names) for setting in [headline, *settings]
    )
    own = next(iter(grid))
    rows, failed = [], []
    for key in progress.each(list(grid), "specifications"):
        setting = dict(zip(names, key, strict=True))
        columns = {CHOICE + name: setting[name] for name in shown}
        try:
            value, n = estimate(setting)
        except InputError as reason:
            if key == own:
                raise
            failed.append({**columns, "reason_zh": reason.zh, "reason_en": reason.en})
            continue
        rows.append(
            {"estimate": value.estimate, "low": value.low, "high": value.high, "n": n,
             "unit": unit, "headline": key == own, **columns}
        )  # fmt: skip
    frame = pd.DataFrame(rows).sort_values("estimate", kind="stable", ignore_index=True)
    frame.insert(0, "specification", np.arange(1, len(frame) + 1))
    reasons = [*(CHOICE + name for name in shown), "reason_zh", "reason_en"]
    return SpecificationCurve(frame, _words(open_choices), pd.DataFrame(failed, columns=reasons))


def _words(choices: Sequence[Choice]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "name": choice.name, "value": value, "label_zh": label.zh, "label_en": label.en,
                "name_zh": choice.label.zh, "name_en": choice.label.en,
            }
            for choice in choices
            for value, label in choice.values.items()
        ],
        columns=["name", "value", "label_zh", "label_en", "name_zh", "name_en"],
    )  # fmt: skip
