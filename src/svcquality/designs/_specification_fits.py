"""One exposure of a model of answers, refitted under any specification of the declared grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from svcquality.designs._adjusted import Adjusted, groups
from svcquality.designs._exposure import FLAGS, amount, change
from svcquality.designs._specifications import Setting
from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast, average_change
from svcquality.estimators.ordered_logit import ordered_logit
from svcquality.estimators.splines import RestrictedCubicSpline
from svcquality.estimators.subset_regression import SubsetRegression
from svcquality.models.matrix import LEVEL_ROWS, as_float, dense, design_matrix

MOST_WORK = 5e8
"""Answers times squared columns, about a second a fit, up to which a model is refitted at will."""

STEPS = ("none", "customer", "visit", "branch", "period")
"""What is held equal, each with all before it."""
STEP_OF = {
    "service_type": "visit", "channel": "visit", "hour": "visit",
    "branch_id": "branch", "branch_trained": "branch",
    "month": "period", "quarter": "period", "year": "period",
}  # fmt: skip
"""The step at which a term joins; what a customer brings along, and what a study adds, first."""


def costly(answers: int, columns: int) -> bool:
    """Whether a model takes too long to be refitted dozens of times."""
    return answers * columns**2 > MOST_WORK


def step_of(term: str) -> int:
    """Place in `STEPS` at which a term of the model joins what is held equal."""
    return STEPS.index(STEP_OF.get(term, "customer"))


@dataclass(frozen=True, eq=False)
class SpecificationFits:
    """What all specifications share, computed once.

    Parameters
    ----------
    model : Adjusted
        The finding's own model: its columns are used as they are.
    exposure : str
    curves : dict of str to RestrictedCubicSpline or None
        None is a straight line.
    bases : dict of str to ndarray of shape (n, m)
        The exposure's columns under each curve.
    samples : dict of str to ndarray of bool, shape (n,)
    linear : dict of str to SubsetRegression
        By sample: the bases in their order, then the model's columns.
    thin : dict of str to ndarray of bool, shape (k,)
        By sample: levels with too few rows or one kind of answer; they join the reference level.
    """

    model: Adjusted
    exposure: str
    curves: dict[str, RestrictedCubicSpline | None]
    bases: dict[str, np.ndarray]
    samples: dict[str, np.ndarray]
    linear: dict[str, SubsetRegression]
    thin: dict[str, np.ndarray]

    @classmethod
    def of(
        cls,
        model: Adjusted,
        exposure: str,
        curves: dict[str, RestrictedCubicSpline | None],
        samples: dict[str, np.ndarray],
    ) -> SpecificationFits:
        """Expand the exposure and form the cross-products of every sample."""
        x = as_float(model.rows[exposure])
        event = (model.y >= model.category).astype(float)
        bases = {name: _expanded(x, spline) for name, spline in curves.items()}
        parts = [*bases.values(), model.X]
        clusters = groups(model.rows, model.cluster)
        linear = {
            name: SubsetRegression.of(
                event, parts, kept=kept, clusters=clusters, weights=model.weights
            )
            for name, kept in samples.items()
        }
        flags = np.array([np.isin(column, (0.0, 1.0)).all() for column in model.X.T], dtype=bool)
        thin = {name: flags & _thin(model.X, event, kept) for name, kept in samples.items()}
        return cls(model, exposure, curves, bases, samples, linear, thin)

    def estimate(self, setting: Setting) -> tuple[Contrast, int]:
        """The exposure's contrast and the rows behind it under one specification."""
        rows = int(self.samples[setting["sample"]].sum())
        if setting["coding"] == "linear":
            return self._linear(setting), rows
        return self._cumulative(setting), rows

    def _linear(self, setting: Setting) -> Contrast:
        """By linear probability, from the sample's cross-products."""
        regression = self.linear[setting["sample"]]
        start = 0
        for name, basis in self.bases.items():
            if name == setting["curve"]:
                break
            start += basis.shape[1]
        own = range(start, start + self.bases[setting["curve"]].shape[1])
        before = sum(basis.shape[1] for basis in self.bases.values())
        return regression.contrast(
            own, [before + c for c in self._held(setting)], self._step(setting, regression.weights)
        )

    def _step(self, setting: Setting, weights: np.ndarray) -> np.ndarray:
        """The exposure's change in its columns, averaged over the sample."""
        if self.exposure in FLAGS:
            return np.ones(1)
        x = as_float(self.model.rows[self.exposure]) + amount(self.exposure)
        moved = _expanded(x, self.curves[setting["curve"]]) - self.bases[setting["curve"]]
        return weights @ moved / weights.sum()

    def _cumulative(self, setting: Setting) -> Contrast:
        """By ordered or binary logit, fitted anew."""
        model, kept = self.model, self.samples[setting["sample"]]
        matrix = design_matrix(
            [dense(self.exposure, self.bases[setting["curve"]][kept])],
            [dense("held", model.X[kept][:, self._held(setting)])],
            int(kept.sum()),
        )
        if matrix.lost:
            raise InputError(
                "The exposure does not vary beside what is held equal; hold fewer things equal.",
                "控制这些因素之后，该因素不再变动；请减少控制变量。",
            )
        weights = None if model.weights is None else model.weights[kept]
        common: dict[str, Any] = {
            "clusters": groups(model.rows[kept], model.cluster), "weights": weights,
        }  # fmt: skip
        y, category = model.y[kept], model.category
        if setting["coding"] == "logit":
            y, category = (y >= category).astype(float), 1.0
        fit = ordered_logit(y, matrix.values, **common)
        x, spline = as_float(model.rows[self.exposure])[kept], self.curves[setting["curve"]]
        before, after = change(self.exposure, x, matrix.at[self.exposure], spline)
        return average_change(fit, matrix.values, before, after, category, weights=weights)

    def _held(self, setting: Setting) -> list[int]:
        """Columns of the model held equal up to the setting's step."""
        reach, thin = STEPS.index(setting["held"]), self.thin[setting["sample"]]
        return [
            column
            for term, at in self.model.matrix.at.items()
            if term != self.exposure and step_of(term) <= reach
            for column in at
            if not thin[column]
        ]


def _expanded(x: np.ndarray, spline: RestrictedCubicSpline | None) -> np.ndarray:
    return spline.transform(x) if spline else x[:, None]


def _thin(X: np.ndarray, event: np.ndarray, kept: np.ndarray) -> np.ndarray:
    rows, events = kept @ X, (kept * event) @ X
    return (rows < LEVEL_ROWS) | (events == 0) | (events == rows)


def half_periods(months: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The answers of the first half of the months, and those of the second."""
    early = (months <= months.median()).to_numpy(dtype=bool)
    if months.nunique() == 2:  # the median is the later one
        early = (months == months.min()).to_numpy(dtype=bool)
    return early, ~early
