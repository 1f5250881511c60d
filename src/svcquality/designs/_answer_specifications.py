"""The declared grid of specifications for an adjusted model of answers."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd

from svcquality.designs._adjusted import Adjusted
from svcquality.designs._specification_fits import (
    STEPS,
    SpecificationFits,
    costly,
    half_periods,
    step_of,
)
from svcquality.designs._specifications import (
    Choice,
    SpecificationCurve,
    crossed,
    specification_curve,
)
from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast
from svcquality.estimators.splines import RestrictedCubicSpline
from svcquality.language import Text
from svcquality.models.matrix import as_float
from svcquality.progress import QUIET, Progress
from svcquality.records.tables import ITEM_PREFIX

KNOTS = (4, 5, 6)
ITEMS_NEEDED = 3
CODINGS = {
    "ordered": Text("有序 logit（全部档次）", "ordered logit, all steps of the scale"),
    "logit": Text("二元 logit（是否达标）", "binary logit, satisfied or not"),
    "linear": Text("线性概率（是否达标）", "linear probability, satisfied or not"),
}
HELD = {
    "none": Text("不控制", "nothing"),
    "customer": Text("客户", "customer"),
    "visit": Text("客户、到店", "customer, visit"),
    "branch": Text("客户、到店、网点", "customer, visit, branch"),
    "period": Text("客户、到店、网点、时间", "customer, visit, branch, period"),
}
SAMPLES = {
    "all": Text("全部", "all"),
    "no_straight_liners": Text("去掉各项评分全同者", "without straight-liners"),
    "no_largest_branch": Text("去掉最大网点", "without the largest branch"),
    "first_half": Text("前半期", "first half of the period"),
    "second_half": Text("后半期", "second half of the period"),
}


def answer_specifications(
    model: Adjusted, exposure: str, headline: Contrast, *, progress: Progress = QUIET
) -> SpecificationCurve:
    """An exposure's contrast under the declared grid, at most 121 specifications.

    Two blocks are crossed: on all answers every coding × what is held equal × curve; on each other
    sample every coding × what is held equal with and without branch and period × straight or the
    headline's curve. Where a fit takes long (`costly`), only linear probability, which needs one
    pass over the answers a sample, is refitted beside the headline. Intervals come from CR1 (or HC1) errors; the headline keeps its own.

    Parameters
    ----------
    model : Adjusted
        The finding's own model.
    exposure : str
        One of its exposures.
    headline : Contrast
        What the finding says of it.
    progress : Progress
    """
    fits = SpecificationFits.of(model, exposure, _curves(model, exposure), _samples(model.rows))
    choices = _choices(fits)
    own = {
        "coding": "logit" if len(model.fit.categories) == 2 else "ordered",
        "held": list(choices[1].values)[-1],
        "sample": "all",
        "curve": _curve_name(model.spline if exposure == "wait_minutes" else None),
    }
    codings = list(choices[0].values)
    if costly(*model.X.shape):
        codings = ["linear"]
    settings = [
        *crossed(choices, sample=["all"], coding=codings),
        *crossed(
            choices,
            coding=codings,
            sample=[name for name in fits.samples if name != "all"],
            held=["visit", own["held"]],
            curve=["line", own["curve"]],
        ),
    ]
    return specification_curve(
        choices,
        settings,
        lambda s: (headline, model.fit.n) if s == own else fits.estimate(s),
        headline=own,
        unit="share_difference",
        progress=progress,
    )


def _choices(fits: SpecificationFits) -> list[Choice]:
    model = fits.model
    own = "logit" if len(model.fit.categories) == 2 else "ordered"
    codings = [own, "linear"] if costly(*model.X.shape) else [own, "logit", "linear"]
    reached = {0} | {step_of(t) for t in model.matrix.at if t != fits.exposure}
    return [
        Choice(
            "coding", Text("结果编码", "outcome"), {c: CODINGS[c] for c in CODINGS if c in codings}
        ),
        Choice(
            "held",
            Text("控制变量", "held equal"),
            {name: HELD[name] for i, name in enumerate(STEPS) if i in reached},
        ),
        Choice("sample", Text("样本", "sample"), {s: SAMPLES[s] for s in fits.samples}),
        Choice("curve", Text("曲线", "curve"), {c: _curve_words(c) for c in fits.curves}),
    ]


def _curve_name(spline: RestrictedCubicSpline | None) -> str:
    return f"knots_{len(spline.knots)}" if spline else "line"


def _curve_words(name: str) -> Text:
    if name == "line":
        return Text("直线", "straight line")
    knots = name.removeprefix("knots_")
    return Text(f"{knots} 个节点", f"{knots} knots")


def _curves(model: Adjusted, exposure: str) -> dict[str, RestrictedCubicSpline | None]:
    """Straight, and the curves that the waits allow; the headline's own among them."""
    curves: dict[str, RestrictedCubicSpline | None] = {"line": None}
    if exposure == "wait_minutes" and model.spline:
        waits = as_float(model.rows[exposure])
        for knots in KNOTS:
            with suppress(InputError):  # too many waits tie for a curve so fine
                spline = RestrictedCubicSpline.at_quantiles(waits, knots)
                curves[_curve_name(spline)] = spline
        curves[_curve_name(model.spline)] = model.spline
    return curves


def _samples(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Masks of the declared samples that leave something out."""
    samples = {"all": np.ones(len(rows), dtype=bool)}
    items = [c for c in map(str, rows.columns) if c.startswith(ITEM_PREFIX)]
    if len(items) >= ITEMS_NEEDED:
        rated = rows[items].apply(pd.to_numeric, errors="coerce").astype("float64")
        alike = rated.nunique(axis=1).eq(1) & (rated.notna().sum(axis=1) >= ITEMS_NEEDED)
        samples["no_straight_liners"] = ~alike.to_numpy()
    branches = rows["branch_id"].value_counts()
    if len(branches) > 2:
        largest = rows["branch_id"].eq(branches.index[0]).fillna(False)
        samples["no_largest_branch"] = ~largest.to_numpy(dtype=bool)
    months = rows["month"]
    if months.notna().any():
        samples["first_half"], samples["second_half"] = half_periods(months)
    return {
        name: kept for name, kept in samples.items() if name == "all" or 0 < kept.sum() < len(rows)
    }
