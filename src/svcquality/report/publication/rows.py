"""Headings, rows and notes of a table of models."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from svcquality.estimators.multiplicity import adjusted_p
from svcquality.findings import ModelSummary
from svcquality.language import Language, Text
from svcquality.report.publication import words as say
from svcquality.report.publication.cells import DASH, EMPTY, Cell, Number, Row, merged

MOST_DIGITS = 8
P_DIGITS = 3
STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))


def head_rows(fits: Sequence[ModelSummary], numbers: bool, language: Language) -> tuple[Row, ...]:
    """Outcome, model, scale and number of each column."""
    rows = [
        Row(say.OUTCOME[language], merged([say.named(fit.outcome)[language] for fit in fits])),
        Row(say.MODEL[language], tuple(Cell(fit.name[language]) for fit in fits)),
        Row(say.SCALE[language], merged([fit.scale[language] for fit in fits])),
    ]
    if numbers:
        rows.append(Row("", tuple(Cell(f"({number})") for number in range(1, len(fits) + 1))))
    return tuple(rows)


def term_rows(
    frame: pd.DataFrame,
    fits: Sequence[ModelSummary],
    digits: int,
    show: Sequence[str],
    stars: bool,
    language: Language,
) -> list[Row]:
    """A row an estimate, and those beneath it; a model without the term stays empty there."""
    marks = [_marks(fit) if stars else {} for fit in fits]
    rows: list[Row] = []
    for term, group in frame.groupby("term", sort=False):
        records: list[dict[Any, Any]] = group.to_dict("records")
        values = {int(r["model"]): r for r in records}
        columns = [values.get(number) for number in range(1, len(fits) + 1)]
        label = str(group[f"label_{language}"].iloc[0])
        cells = tuple(
            _estimate(v, digits, mark.get(str(term), "")) if v else EMPTY
            for v, mark in zip(columns, marks, strict=True)
        )
        rows.append(Row(label, cells))
        rows += [
            Row("", tuple(_BENEATH[name](v, digits, language) if v else EMPTY for v in columns))
            for name in show
        ]
    return rows


def _decimals(v: Mapping[Any, Any], digits: int) -> int:
    """As many as asked for, or as two digits of the error need."""
    error = abs(v["error"])
    if not math.isfinite(error) or error == 0:
        return digits
    return max(digits, min(1 - math.floor(math.log10(error)), MOST_DIGITS))


def _marks(fit: ModelSummary) -> Mapping[str, str]:
    """Stars by term, from adjusted p-values only."""
    p = adjusted(fit)
    stars = [next((s for level, s in STARS if value < level), "") for value in p]
    return dict(zip(fit.terms["term"].astype(str), stars, strict=True))


def adjusted(fit: ModelSummary) -> np.ndarray:
    """Adjusted p-values that a model carries, else Holm's over all its terms."""
    if carries_adjusted(fit):
        return fit.terms["p_adjusted"].to_numpy(dtype=float)
    return adjusted_p(fit.terms["p"].to_numpy(dtype=float), "holm")


def carries_adjusted(fit: ModelSummary) -> bool:
    """Whether a model comes with p-values adjusted for its own family."""
    return "p_adjusted" in fit.terms and bool(fit.terms["p_adjusted"].notna().any())


def _estimate(v: Mapping[Any, Any], digits: int, stars: str) -> Cell:
    return Cell("{}" + stars, (Number(v["estimate"], _decimals(v, digits)),))


def _error(v: Mapping[Any, Any], digits: int, language: Language) -> Cell:
    return Cell("({})", (Number(v["error"], _decimals(v, digits)),))


def _interval(v: Mapping[Any, Any], digits: int, language: Language) -> Cell:
    decimals = _decimals(v, digits)
    return Cell("[{}, {}]", (Number(v["low"], decimals), Number(v["high"], decimals)))


def _t(v: Mapping[Any, Any], digits: int, language: Language) -> Cell:
    t = v["estimate"] / v["error"] if v["error"] > 0 else np.nan
    return Cell("t = {}", (Number(t, 2),))


def _p(v: Mapping[Any, Any], digits: int, language: Language) -> Cell:
    sign, p = _p_value(v["p"])
    words = f"p {sign or '='} {{}}"
    if np.isnan(v["p_adjusted"]):
        return Cell(words, (p,))
    sign, other = _p_value(v["p_adjusted"])
    behind = say.ADJUSTED.format(sign=f"{sign} " if sign else "")[language]
    return Cell(words + behind, (p, other))


def _p_value(p: float) -> tuple[str, Number]:
    least = 10.0**-P_DIGITS
    if p < least:
        return "<", Number(p, P_DIGITS, shown=f"{least:.{P_DIGITS}f}")
    return "", Number(p, P_DIGITS)


_BENEATH: dict[str, Callable[[Mapping[Any, Any], int, Language], Cell]] = {
    "error": _error,
    "interval": _interval,
    "t": _t,
    "p": _p,
}


def fact_rows(fits: Sequence[ModelSummary], digits: int, language: Language) -> list[Row]:
    """What is held equal, how many, how sure, how well it fits."""
    held = dict.fromkeys(text for fit in fits for text in fit.absorbed)
    rows = [
        Row(
            say.HELD_EQUAL.format(name=say.grouping(text))[language],
            tuple(Cell(say.YES[language] if text in fit.absorbed else DASH) for fit in fits),
            rule=number == 0,
        )
        for number, text in enumerate(held)
    ]
    carried = dict.fromkeys(name for fit in fits for name in fit.facts)
    names = [name for name in say.FACTS if name in carried]
    names += [name for name in carried if name not in say.FACTS and name not in say.SAID_IN_NOTES]
    rows += [
        Row(
            say.fact(name)[language],
            tuple(_fact(name, fit.facts.get(name), digits, language) for fit in fits),
            rule=number == 0,
        )
        for number, name in enumerate(names)
    ]
    return rows


def _fact(name: str, value: int | float | str | None, digits: int, language: Language) -> Cell:
    if value is None:
        return Cell(DASH)
    if name == "error_kind":
        return Cell(say.error_kind(str(value), short=True)[language])
    if not isinstance(value, Real):
        return Cell(str(value))
    whole = float(value).is_integer() and (name in say.COUNTS or not isinstance(value, float))
    return Cell("{}", (Number(float(value), 0 if whole else digits),))


def note_lines(
    fits: Sequence[ModelSummary],
    show: Sequence[str],
    stars: bool,
    numbers: bool,
    language: Language,
) -> list[str]:
    """What a reader must know: what is beneath, how it was inferred, what stars mean."""
    lines = [_beneath(show)]
    if len({fit.scale for fit in fits}) > 1:
        lines.append(say.SCALES_DIFFER)
    lines.append(_inference(fits, numbers))
    if stars:
        lines.append(_stars(fits))
    return [line[language] for line in lines]


def _beneath(show: Sequence[str]) -> Text:
    if not show:
        return say.ALONE
    parts = [say.BENEATH[name] for name in show]
    return say.BELOW.format(
        parts=Text("、".join(p.zh for p in parts), ", ".join(p.en for p in parts))
    )


def _inference(fits: Sequence[ModelSummary], numbers: bool) -> Text:
    """Models inferred alike are named together."""
    alike: dict[Text, list[Text]] = {}
    for number, fit in enumerate(fits, 1):
        name = Text(f"({number})", f"({number})") if numbers else fit.name
        alike.setdefault(say.inference(fit.facts), []).append(name)
    if len(alike) == 1:
        return say.INFERENCE.format(parts=next(iter(alike)))
    parts = [
        say.OF_MODELS.format(
            models=Text("、".join(n.zh for n in names), ", ".join(n.en for n in names)),
            words=words,
        )
        for words, names in alike.items()
    ]
    return say.INFERENCE.format(
        parts=Text("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))
    )


def _stars(fits: Sequence[ModelSummary]) -> Text:
    carried = {carries_adjusted(fit) for fit in fits}
    if len(carried) == 2:
        return say.STARS.format(by=say.STARS_BOTH)
    return say.STARS.format(by=say.STARS_GIVEN if carried == {True} else say.STARS_HOLM)
