"""What an unrecorded confounder would have to be to undo an association with the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from svcquality.checks.robust import robust
from svcquality.designs._adjusted import Adjusted
from svcquality.designs._answers import Answers
from svcquality.designs._exposure import model_change, variable_words
from svcquality.designs._linear_part import LEVEL, LinearPart, linear_part
from svcquality.estimators.coefficient_stability import OsterDelta, oster_delta
from svcquality.estimators.least_squares import partial_r2
from svcquality.estimators.risk_ratio import RiskRatio, average_risk_ratio
from svcquality.estimators.sensitivity import (
    EValue,
    adjusted_estimate,
    benchmark_bounds,
    e_value,
    robustness_value,
)
from svcquality.findings import Check
from svcquality.language import Text
from svcquality.wording import number

POINTS = 41
"""Of the grid of contours, each way."""
WIDEST = 0.9
"""Partial R² at which the grid of contours ends at the latest."""
NO_BENCHMARK = {"branch_id", "month", "quarter", "year"}
"""Dozens of indicators each: no one factor is as strong, and what is constant within a branch or a
period is held equal already, recorded or not."""


@dataclass(frozen=True)
class Sensitivity:
    """How an association would fare beside an unrecorded factor.

    Parameters
    ----------
    values : DataFrame
        ``quantity, value, unit, label_zh, label_en``.
    contours : DataFrame
        ``r2_exposure, r2_outcome, estimate``: the linear estimate beside a confounder that
        explains these shares of what is left of exposure and outcome.
    benchmarks : DataFrame
        ``term, label_zh, label_en, r2_exposure, r2_outcome, estimate, low, high``: beside one as
        strong as each recorded factor, by what would be left, the least first; NaN where a factor
        so strong is impossible.
    check : Check
    """

    values: pd.DataFrame
    contours: pd.DataFrame
    benchmarks: pd.DataFrame
    check: Check

    def value(self, quantity: str) -> float:
        """One of the values."""
        return float(self.values["value"][self.values["quantity"] == quantity].iloc[0])


def sensitivity(answers: Answers, model: Adjusted, exposure: str) -> Sensitivity:
    """Sensitivity of one exposure's association to what is not recorded.

    Robustness values, contours and benchmarks belong to linear regression: they take the exposure
    as a straight line in a linear probability model with all that the finding holds equal. The
    E-value takes the finding's own model.

    Parameters
    ----------
    answers : Answers
    model : Adjusted
        The finding's own model.
    exposure : str
        One of its exposures.

    Notes
    -----
    Cinelli & Hazlett (2020), J. Royal Statistical Society B 82; VanderWeele & Ding (2017), Annals
    of Internal Medicine 167; Oster (2019), J. Business & Economic Statistics 37, with
    ``R²max = min(1, 1.3 R²)``.

    Raises
    ------
    InputError
        If the exposure as a straight line does not vary beside what is held equal.
    """
    linear = linear_part(model, exposure)
    value = robustness_value(linear.t, linear.fit.df)
    value_95 = robustness_value(linear.t, linear.fit.df, level=LEVEL, inflation=linear.inflation)
    benchmarks = _benchmarks(linear)
    before, after = model_change(model, exposure)
    ratio = average_risk_ratio(
        model.fit, model.X, before, after, model.category, weights=model.weights
    )
    known = e_value(ratio.ratio, ratio.low, ratio.high)
    controls = np.delete(linear.fit.X, [linear.column, 0], axis=1)
    y, x = (
        linear.fit.X @ linear.fit.coefficients + linear.fit.residuals,
        linear.fit.X[:, linear.column],
    )
    stability = oster_delta(y, x, controls, weights=model.weights) if controls.size else None
    return Sensitivity(
        values=_values(linear, value, value_95, ratio, known, stability),
        contours=_contours(linear, value, benchmarks),
        benchmarks=benchmarks,
        check=_check(answers, linear, exposure, value, value_95, benchmarks),
    )


_BOUND = ["r2_exposure", "r2_outcome", "estimate", "low", "high"]


def _benchmarks(linear: LinearPart) -> pd.DataFrame:
    of_exposure = linear.of_exposure
    rows: list[dict[str, Any]] = []
    for term, columns in linear.held.items():
        if term in NO_BENCHMARK:
            continue
        bound = benchmark_bounds(
            linear.fit, linear.column, columns, times=(1,), of_exposure=of_exposure
        ).iloc[0]
        middle = bound["estimate"]
        reach = (bound["high"] - bound["low"]) / 2 * linear.inflation
        label = variable_words(term)
        rows.append(
            {
                "term": term, "label_zh": label.zh, "label_en": label.en,
                "r2_exposure": bound["r2_exposure"], "r2_outcome": bound["r2_outcome"],
                "estimate": middle, "low": middle - reach, "high": middle + reach,
            }
        )  # fmt: skip
    order = ["term", "label_zh", "label_en", *_BOUND]
    frame = pd.DataFrame(rows, columns=order)
    toward_zero = np.sign(linear.estimate) * frame["estimate"].astype(float)
    return frame.loc[toward_zero.sort_values().index].reset_index(drop=True)


def _contours(linear: LinearPart, value: float, benchmarks: pd.DataFrame) -> pd.DataFrame:
    """The linear estimate over a grid that holds the robustness value and the benchmarks."""

    def axis(name: str) -> np.ndarray:
        reach = max(1.5 * value, 1.25 * float(benchmarks[name].max() if len(benchmarks) else 0))
        return np.linspace(0, min(max(reach, 0.02), WIDEST), POINTS)

    with_exposure, with_outcome = np.meshgrid(axis("r2_exposure"), axis("r2_outcome"))
    left = adjusted_estimate(
        linear.estimate, linear.error, linear.fit.df, with_exposure, with_outcome
    )
    return pd.DataFrame(
        {
            "r2_exposure": with_exposure.ravel(),
            "r2_outcome": with_outcome.ravel(),
            "estimate": left.ravel(),
        }
    )


def _values(
    linear: LinearPart,
    value: float,
    value_95: float,
    ratio: RiskRatio,
    known: EValue,
    stability: OsterDelta | None,
) -> pd.DataFrame:
    rows: list[tuple[str, float, str, str, str]] = [
        ("linear_estimate", linear.estimate, "share_difference", "线性概率模型的估计", "linear estimate"),
        ("robustness_value", value, "share", "稳健值：使估计归零所需的偏 R²",
         "robustness value: partial R² that brings the estimate to zero"),
        ("robustness_value_95", value_95, "share", "稳健值：使 95% 区间触及零所需的偏 R²",
         "robustness value: partial R² that brings the 95% interval to zero"),
        ("partial_r2", partial_r2(linear.fit, [linear.column]), "share",
         "该因素对结果的偏 R²", "partial R² of the exposure with the outcome"),
        ("risk_ratio", ratio.ratio, "ratio", "预测概率之比", "ratio of the predicted probabilities"),
        ("e_value", known.estimate, "ratio", "E 值：与两者的风险比各须达到此值才能解释该关联",
         "E-value: risk ratio with both that could account for the association"),
        ("e_value_limit", known.interval, "ratio", "E 值：使区间触及无差别所需的风险比",
         "E-value: risk ratio with both that could bring the interval to no difference"),
    ]  # fmt: skip
    if stability is not None:
        rows += [
            ("oster_delta", stability.delta, "ratio",
             "Oster δ：未记录因素的选择强度须为已记录因素的多少倍才使估计归零",
             "Oster's δ: selection on the unrecorded, relative to the recorded, for an estimate of zero"),
            ("oster_r2_max", stability.r2_max, "share", "Oster δ 所设的 R² 上限（1.3 倍 R²）",
             "R² that Oster's δ takes as the most possible (1.3 times R²)"),
        ]  # fmt: skip
    columns = ["quantity", "value", "unit", "label_zh", "label_en"]
    return pd.DataFrame(rows, columns=columns)


def _check(
    answers: Answers,
    linear: LinearPart,
    exposure: str,
    value: float,
    value_95: float,
    benchmarks: pd.DataFrame,
) -> Check:
    def shown(estimate: float) -> Text:
        return Text(
            *(number(estimate, "share_difference", lang, signed=True) for lang in ("zh", "en"))
        )

    possible = benchmarks[benchmarks["estimate"].notna()]
    strongest = possible.iloc[0] if len(possible) else None
    side = np.sign(linear.estimate)
    return robust(
        value,
        value_95,
        variable_words(exposure),
        answers.outcome.words,
        shown(linear.estimate),
        benchmark=None if strongest is None else Text(strongest["label_zh"], strongest["label_en"]),
        left=None if strongest is None else shown(float(strongest["estimate"])),
        holds=strongest is None or bool(min(side * strongest["low"], side * strongest["high"]) > 0),
    )
