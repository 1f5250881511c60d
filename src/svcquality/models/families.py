"""Kinds of models: which outcome each takes, what its numbers mean, how it is fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.language import Text

Family = Literal["linear", "logit", "ordered_logit", "ordered_probit", "mixed"]

FEW_VALUES = 11
"""An outcome of whole numbers with no more values than these is read as ordered categories."""


@dataclass(frozen=True)
class FamilyWords:
    """How a family is named, and the scale of its coefficients."""

    name: Text
    scale: Text
    source: str


FAMILIES: dict[str, FamilyWords] = {
    "linear": FamilyWords(
        Text("线性回归", "Linear"), Text("结果的单位", "units of the outcome"), ""
    ),
    "logit": FamilyWords(Text("二元 logit", "Logit"), Text("对数优势", "log odds"), ""),
    "ordered_logit": FamilyWords(
        Text("有序 logit", "Ordered logit"),
        Text("更高评分的对数优势", "log odds of a higher rating"),
        "McCullagh 1980",
    ),
    "ordered_probit": FamilyWords(
        Text("有序 probit", "Ordered probit"),
        Text("潜在评分的标准差", "standard deviations of the latent rating"),
        "McCullagh 1980",
    ),
    "mixed": FamilyWords(
        Text("随机截距模型", "Random intercept"),
        Text("结果的单位", "units of the outcome"),
        "Laird & Ware 1982",
    ),
}


def outcome_values(column: pd.Series, name: str) -> np.ndarray:
    """The outcome as numbers; ordered categories as their places from 1.

    Raises
    ------
    InputError
        If it is text without an order, or always the same.
    """
    if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        values = column.cat.codes.to_numpy(dtype=float) + 1
    elif pd.api.types.is_numeric_dtype(column.dtype):
        values = column.to_numpy(dtype=float, na_value=np.nan)
    else:
        values = _two_levels(column, name)
    if np.ptp(values) == 0:
        raise InputError(
            f"The outcome {name!r} has the same value in every row, so nothing can be related to "
            "it; choose another outcome or a longer period.",
            f"结果变量 {name!r} 在所有行中取值相同，无法与任何因素建立关联；请更换结果变量或延长时间范围。",
        )
    return values


def _two_levels(column: pd.Series, name: str) -> np.ndarray:
    levels = sorted(column.astype("string").unique())
    if len(levels) > 2:
        raise InputError(
            f"The outcome {name!r} is text with {len(levels)} values; give numbers, or an ordered "
            "category that says which is higher.",
            f"结果变量 {name!r} 是含 {len(levels)} 种取值的文本；请给出数值或有序类别。",
        )
    return column.astype("string").eq(levels[-1]).to_numpy(dtype=float)


def chosen_family(family: str, y: np.ndarray, name: str) -> Family:
    """The family asked for, or the one that suits the outcome where it is ``"auto"``.

    Raises
    ------
    InputError
        If the family is unknown or does not take such an outcome.
    """
    values = np.unique(y)
    whole = bool((values == np.round(values)).all())
    if family == "auto":
        if len(values) == 2:
            return "logit"
        return "ordered_logit" if whole and len(values) <= FEW_VALUES else "linear"
    if family not in get_args(Family):
        known = ", ".join(("auto", *get_args(Family)))
        raise InputError(
            f"There is no family {family!r}; choose one of {known}.",
            f"没有名为 {family!r} 的模型；可选：{known}。",
        )
    if family == "logit" and len(values) != 2:
        raise InputError(
            f"A logit needs an outcome with two values, and {name!r} has {len(values)}; use "
            "ordered_logit, or an outcome such as satisfied.",
            f"logit 需要二值结果，而 {name!r} 有 {len(values)} 个取值；请使用 ordered_logit 或 satisfied 等结果。",
        )
    if family.startswith("ordered") and len(values) > 50:
        raise InputError(
            f"An ordered model needs an outcome with few values, and {name!r} has {len(values)}; "
            "use linear.",
            f"有序模型需要取值较少的结果，而 {name!r} 有 {len(values)} 个取值；请使用 linear。",
        )
    return family  # type: ignore[return-value]


def fit_family(
    family: Family,
    y: np.ndarray,
    X: np.ndarray,
    names: Sequence[str],
    *,
    groups: dict[str, pd.Series],
    clusters: pd.Series | None,
    weights: np.ndarray | None,
) -> Any:
    """Fit one family; an ordered or binary model has its fixed effects in ``X`` already."""
    if family in ("linear", "mixed"):
        from svcquality.estimators.linear import linear_model

        if family == "linear":
            return linear_model(
                y, X, fixed=list(groups.values()), clusters=clusters, weights=weights, names=names
            )
        from svcquality.estimators.mixed import random_intercept

        (group,) = groups.values()
        return random_intercept(y, X, group, names=names)
    from svcquality.estimators.ordered_logit import ordered_logit
    from svcquality.estimators.ordered_probit import ordered_probit

    fit = ordered_probit if family == "ordered_probit" else ordered_logit
    return fit(y, X, clusters=clusters, weights=weights, names=names)
