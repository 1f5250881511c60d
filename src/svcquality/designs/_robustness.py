"""What every adjusted answer is held against: other specifications, and what was not recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.designs._adjusted import Adjusted
from svcquality.designs._answer_specifications import answer_specifications
from svcquality.designs._answers import Answers
from svcquality.designs._exposure import contrast_of, exposure_words, variable_words
from svcquality.designs._rows import Quantity
from svcquality.designs._sensitivity import Sensitivity, sensitivity
from svcquality.designs._specifications import SpecificationCurve
from svcquality.estimators.marginal import Contrast
from svcquality.findings import Check
from svcquality.language import Text
from svcquality.progress import QUIET, Progress
from svcquality.wording import number

IN_TABLE = (
    "robustness_value", "robustness_value_95", "e_value", "e_value_limit", "oster_delta",
)  # fmt: skip


@dataclass(frozen=True)
class Robustness:
    """What a finding takes from it.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``specifications, choices, failed_specifications``; ``sensitivity, contours, benchmarks``.
    checks : tuple of Check
        ``specifications`` and ``robust``.
    rows : tuple of Quantity
        For the finding's table, without interval and p-value; not for its claims.
    appendix : mapping of str to Text
        Titles of the figures ``specification_curve`` and ``sensitivity``.
    """

    frames: Mapping[str, pd.DataFrame]
    checks: tuple[Check, ...]
    rows: tuple[Quantity, ...]
    appendix: Mapping[str, Text]


def robustness(
    answers: Answers, model: Adjusted, exposure: str, *, seed: int = 0, progress: Progress = QUIET
) -> Robustness:
    """Hold one exposure of an adjusted model against other specifications and the unrecorded.

    Parameters
    ----------
    answers : Answers
    model : Adjusted
        The finding's own model.
    exposure : str
        One of its exposures, not among those lost.
    seed : int
        Not used: nothing is drawn.
    progress : Progress

    Raises
    ------
    InputError
        If the exposure does not vary beside what is held equal.
    """
    curve = answer_specifications(model, exposure, contrast_of(model, exposure), progress=progress)
    unrecorded = sensitivity(answers, model, exposure)
    return Robustness(
        frames={
            "specifications": curve.specifications,
            "choices": curve.choices,
            "failed_specifications": curve.failed,
            "sensitivity": unrecorded.values,
            "contours": unrecorded.contours,
            "benchmarks": unrecorded.benchmarks,
        },
        checks=(curve.check, unrecorded.check),
        rows=_rows(answers, model, exposure, curve, unrecorded),
        appendix={
            "specification_curve": _curve_title(exposure, curve),
            "sensitivity": _sensitivity_title(answers, exposure, unrecorded),
        },
    )


def _rows(
    answers: Answers,
    model: Adjusted,
    exposure: str,
    curve: SpecificationCurve,
    unrecorded: Sensitivity,
) -> tuple[Quantity, ...]:
    values = [
        ("same_sign", Text("方向相同的分析设定占比", "specifications of the same sign"),
         curve.same_sign, "share", len(curve.specifications)),
        *(
            (row["quantity"], Text(row["label_zh"], row["label_en"]), row["value"], row["unit"],
             model.fit.n)
            for row in unrecorded.values.to_dict("records")
            if row["quantity"] in IN_TABLE and np.isfinite(row["value"])
        ),
    ]  # fmt: skip
    return tuple(
        Quantity(
            term=f"{exposure}_{name}",
            subject=label,
            outcome=exposure_words(exposure),
            value=_without_error(float(value)),
            n=n,
            unit=unit,
            error_kind="",
            null=np.nan,
        )
        for name, label, value, unit, n in values
    )


def _without_error(value: float) -> Contrast:
    return Contrast(value, np.nan, np.nan, np.nan, np.nan, np.nan)


def _curve_title(exposure: str, curve: SpecificationCurve) -> Text:
    n, unit = len(curve.specifications), "share_difference"
    what = exposure_words(exposure)
    median = Text(*(number(curve.median, unit, lang, signed=True) for lang in ("zh", "en")))
    return Text(
        f"{what.zh}：{n} 种分析设定中 {curve.same_sign:.0%} 方向相同，{curve.clear:.0%} 的区间不含零，"
        f"中位数 {median.zh}",
        f"{what.en}: of {n} specifications {curve.same_sign:.0%} have the same sign and "
        f"{curve.clear:.0%} an interval clear of zero; median {median.en}",
    )


def _sensitivity_title(answers: Answers, exposure: str, unrecorded: Sensitivity) -> Text:
    what, outcome = variable_words(exposure), answers.outcome.words
    value = unrecorded.value("robustness_value")
    return Text(
        f"未记录的因素须各占{what.zh}与{outcome.zh}剩余变异的 {value:.1%}，才会使估计归零",
        f"To bring the estimate to zero, an unrecorded factor would have to account for "
        f"{value:.1%} of what is left of both {what.en} and {outcome.en}",
    )
