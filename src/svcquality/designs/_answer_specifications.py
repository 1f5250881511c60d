"""The declared grid of specifications for an adjusted model of answers."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from svcquality.designs._adjusted import Adjusted, groups
from svcquality.designs._exposure import change
from svcquality.designs._specifications import (
    Choice,
    Setting,
    SpecificationCurve,
    crossed,
    specification_curve,
)
from svcquality.errors import InputError
from svcquality.estimators.linear import linear_model
from svcquality.estimators.marginal import Contrast, average_change
from svcquality.estimators.ordered_logit import ordered_logit
from svcquality.estimators.splines import RestrictedCubicSpline
from svcquality.language import Text
from svcquality.models.matrix import LEVEL_ROWS, as_float, dense, design_matrix
from svcquality.progress import QUIET, Progress
from svcquality.records.tables import ITEM_PREFIX

KNOTS = (4, 5, 6)
ITEMS_NEEDED = 3
MOST_ROWS = 50_000
"""With more answers only the linear model is refitted: it takes a fraction of the time."""

CODINGS = {
    "ordered": Text("有序 logit（全部档次）", "ordered logit, all steps of the scale"),
    "logit": Text("二元 logit（是否达标）", "binary logit, satisfied or not"),
    "linear": Text("线性概率（是否达标）", "linear probability, satisfied or not"),
}
STEPS = {
    "none": Text("不控制", "nothing"),
    "customer": Text("客户", "customer"),
    "visit": Text("客户、到店", "customer, visit"),
    "branch": Text("客户、到店、网点", "customer, visit, branch"),
    "period": Text("客户、到店、网点、时间", "customer, visit, branch, period"),
}
STEP_OF = {
    "service_type": "visit", "channel": "visit", "hour": "visit",
    "branch_id": "branch", "branch_trained": "branch",
    "month": "period", "quarter": "period", "year": "period",
}  # fmt: skip
"""The step at which a term joins; what a customer brings along, and what a study adds, first."""
SAMPLES = {
    "all": Text("全部", "all"),
    "no_straight_liners": Text("去掉各项评分全同者", "without straight-liners"),
    "no_largest_branch": Text("去掉最大网点", "without the largest branch"),
    "first_half": Text("前半期", "first half of the period"),
    "second_half": Text("后半期", "second half of the period"),
}


@dataclass(frozen=True)
class _Frame:
    """What all specifications share: one set of rows, every column computed once."""

    model: Adjusted
    exposure: str
    curves: dict[str, RestrictedCubicSpline | None]
    samples: dict[str, np.ndarray]

    def estimate(self, setting: Setting) -> tuple[Contrast, int]:
        """The exposure's contrast under one specification."""
        model, kept = self.model, self.samples[setting["sample"]]
        x = as_float(model.rows[self.exposure])[kept]
        spline = self.curves[setting["curve"]]
        event = (model.y[kept] >= model.category).astype(float)
        matrix = design_matrix(
            [dense(self.exposure, spline.transform(x) if spline else x)],
            [dense("held", self._held(setting["held"], kept, event))],
            len(x),
        )
        if matrix.lost:
            raise InputError(
                "The exposure does not vary beside what is held equal.",
                "控制这些因素之后，该因素不再变动。",
            )
        clusters = groups(model.rows[kept], model.cluster)
        coding, X = setting["coding"], matrix.values
        weights = None if model.weights is None else model.weights[kept]
        common: dict[str, Any] = {"clusters": clusters, "weights": weights}
        fit: Any
        if coding == "linear":
            fit, category = linear_model(event, X, **common), None
        elif coding == "logit":
            fit, category = ordered_logit(event, X, **common), 1.0
        else:
            fit, category = ordered_logit(model.y[kept], X, **common), model.category
        before, after = change(self.exposure, x, matrix.at[self.exposure], spline)
        return average_change(fit, X, before, after, category, weights=weights), len(x)

    def _held(self, step: str, kept: np.ndarray, event: np.ndarray) -> np.ndarray:
        """Columns held equal up to a step; a level too thin in the sample joins the reference."""
        reach = list(STEPS).index(step)
        columns = [
            column
            for term, at in self.model.matrix.at.items()
            if term != self.exposure and step_of(term) <= reach
            for column in at
        ]
        X = self.model.X[kept][:, columns]
        flags = ((X == 0) | (X == 1)).all(axis=0)
        rows, events = X.sum(axis=0), event @ X
        thin = (rows < LEVEL_ROWS) | (events == 0) | (events == rows)
        return X[:, ~(flags & thin)]


def step_of(term: str) -> int:
    """Place in `STEPS` at which a term of the model joins what is held equal."""
    return list(STEPS).index(STEP_OF.get(term, "customer"))


def answer_specifications(
    model: Adjusted, exposure: str, headline: Contrast, *, progress: Progress = QUIET
) -> SpecificationCurve:
    """An exposure's contrast under the declared grid, at most 121 specifications.

    Two blocks are crossed: on all answers every coding × what is held equal × curve; on each other
    sample every coding × what is held equal with and without branch and period × straight or the
    headline's curve. Intervals come from CR1 (or HC1) errors; the headline keeps its own.

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
    frame = _Frame(model, exposure, _curves(model, exposure), _samples(model.rows))
    choices = _choices(frame)
    own = {
        "coding": "logit" if len(model.fit.categories) == 2 else "ordered",
        "held": list(choices[1].values)[-1],
        "sample": "all",
        "curve": _curve_name(model.spline if exposure == "wait_minutes" else None),
    }
    settings = [
        *crossed(choices, sample=["all"]),
        *crossed(
            choices,
            sample=[name for name in frame.samples if name != "all"],
            held=["visit", own["held"]],
            curve=["line", own["curve"]],
        ),
    ]
    return specification_curve(
        choices,
        settings,
        lambda s: (headline, model.fit.n) if s == own else frame.estimate(s),
        headline=own,
        unit="share_difference",
        progress=progress,
    )


def _choices(frame: _Frame) -> list[Choice]:
    model = frame.model
    codings = ["linear"] if model.fit.n > MOST_ROWS else list(CODINGS)
    own = "logit" if len(model.fit.categories) == 2 else "ordered"
    codings = [c for c in CODINGS if c == own or (c in codings and c != "ordered")]
    reached = {0} | {step_of(t) for t in model.matrix.at if t != frame.exposure}
    return [
        Choice("coding", Text("结果编码", "outcome"), {c: CODINGS[c] for c in codings}),
        Choice(
            "held",
            Text("控制变量", "held equal"),
            {name: label for i, (name, label) in enumerate(STEPS.items()) if i in reached},
        ),
        Choice("sample", Text("样本", "sample"), {s: SAMPLES[s] for s in frame.samples}),
        Choice("curve", Text("曲线", "curve"), {c: _curve_words(c) for c in frame.curves}),
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
        early = (months <= months.median()).to_numpy(dtype=bool)
        if months.nunique() == 2:  # the median is the later one
            early = (months == months.min()).to_numpy(dtype=bool)
        samples["first_half"], samples["second_half"] = early, ~early
    return {
        name: kept for name, kept in samples.items() if name == "all" or 0 < kept.sum() < len(rows)
    }
