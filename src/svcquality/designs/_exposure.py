"""One exposure of a model of answers: what "more of it" means, and in which words."""

from __future__ import annotations

from typing import Any

import numpy as np

from svcquality.designs._adjusted import HELD_EQUAL, Adjusted
from svcquality.estimators.marginal import Contrast, average_change
from svcquality.estimators.splines import RestrictedCubicSpline
from svcquality.language import Text, plain
from svcquality.models.matrix import as_float
from svcquality.records.tables import ITEM_PREFIX

MORE_MINUTES = 10.0
FLAGS = {
    "branch_trained": Text(
        "到店时网点员工已受训", "a visit to a branch whose staff had been trained"
    ),
    "recent_complaint": Text("此前 90 天内有过投诉", "a complaint in the 90 days before"),
}
"""Exposures that are there or not; of all others there is more or less."""


def exposure_words(name: str) -> Text:
    """An exposure's change as a noun phrase ("10 more minutes of waiting")."""
    if name == "wait_minutes":
        return Text("多等候 10 分钟", "10 more minutes of waiting")
    if name in FLAGS:
        return FLAGS[name]
    item = plain(name.removeprefix(ITEM_PREFIX).replace("_", " "))
    return Text(f"“{item.zh}”评分高 1 分", f"one more point for “{item.en}”")


def amount(name: str) -> float:
    """The change in the exposure's own unit: 10 minutes, else 1."""
    return MORE_MINUTES if name == "wait_minutes" else 1.0


def change(
    name: str, x: np.ndarray, columns: list[int], spline: RestrictedCubicSpline | None = None
) -> tuple[dict[int, Any], dict[int, Any]]:
    """The exposure's change as columns before and after, for `average_change`.

    Parameters
    ----------
    name : str
    x : ndarray of shape (n,)
        The exposure.
    columns : list of int
        Its columns in the design matrix: one, or those of the spline.
    spline : RestrictedCubicSpline, optional
    """
    if name in FLAGS:
        return {columns[0]: 0.0}, {columns[0]: 1.0}
    more = x + amount(name)
    basis = spline.transform(more) if spline else more[:, None]
    return {}, {c: np.ascontiguousarray(basis[:, j]) for j, c in enumerate(columns)}


def contrast_of(model: Adjusted, name: str) -> Contrast:
    """The exposure's change in P(satisfied), averaged over the model's rows."""
    before, after = model_change(model, name)
    return average_change(model.fit, model.X, before, after, model.category, weights=model.weights)


def model_change(model: Adjusted, name: str) -> tuple[dict[int, Any], dict[int, Any]]:
    """The exposure's change in the columns of the finding's own model."""
    spline = model.spline if name == "wait_minutes" else None
    return change(name, as_float(model.rows[name]), model.matrix.at[name], spline)


def variable_words(name: str) -> Text:
    """An exposure, or what is held equal beside it, as a noun ("the wait")."""
    if name == "wait_minutes":
        return Text("等候时间", "the wait")
    if name.startswith(ITEM_PREFIX):
        item = name.removeprefix(ITEM_PREFIX).replace("_", " ")
        return Text(f"“{item}”评分", f"the rating of “{item}”")
    return HELD_EQUAL.get(name, plain(name))
