"""Errors chosen after the fit: robust, clustered, jackknifed, two-way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.estimators.absorb import absorbed_levels
from svcquality.estimators.clustered import Inference, cluster_codes, sandwich
from svcquality.estimators.cumulative import CumulativeModel
from svcquality.estimators.jackknife import FEW_CLUSTERS, cluster_jackknife
from svcquality.estimators.likelihood import inverse_information
from svcquality.estimators.linear import LinearModel
from svcquality.estimators.two_way_clustered import two_way_sandwich

Errors = Literal["auto", "robust", "cluster", "jackknife", "two_way"]


def with_errors(
    model: Any,
    errors: Errors,
    clusters: Sequence[pd.Series],
    groups: Sequence[pd.Series],
) -> Any:
    """The fit of a model with its errors computed anew.

    Parameters
    ----------
    model : Model
    errors : {"auto", "robust", "cluster", "jackknife", "two_way"}
        ``robust``: HC1. ``cluster``: CR1, t with G − 1. ``jackknife``: CR3 (see
        `svcquality.estimators.jackknife`). ``two_way``: each component with its own G/(G−1)
        (the convention of statsmodels and ivreg2). ``auto`` chooses by the clusters given.
    clusters : sequence of Series
        None, one or two.
    groups : sequence of Series
        Fixed effects taken out of a linear model.

    Raises
    ------
    InputError
        If the clusters do not fit what is asked.
    """
    kind = _kind(errors, clusters)
    fit = model.fit
    if not isinstance(fit, LinearModel | CumulativeModel):
        raise InputError(
            "The errors of a mixed model follow from its random effects and cannot be changed; "
            "fit a linear model with fixed effects instead.",
            "混合模型的标准误由随机效应决定，不能更改；请改用带固定效应的线性回归。",
        )
    if kind == "jackknife":
        found = jackknifed(fit, model.y, model.X, clusters[0], model.weights)
        return replace(fit, inference=found)
    scores, bread = _scores(fit, model)
    parameters = None
    if isinstance(fit, LinearModel):
        parameters = len(bread) + absorbed_levels(
            list(groups) or [pd.Series(np.zeros(fit.n))], clusters[0] if kind == "cluster" else None
        )
    if kind == "two_way":
        found = two_way_sandwich(bread, scores, clusters[0], clusters[1], parameters=parameters)
    else:
        one = clusters[0] if kind == "cluster" else None
        found = sandwich(bread, [scores], len(scores), one, parameters=parameters)
    return replace(fit, inference=found)


def jackknifed(
    fit: LinearModel | CumulativeModel,
    y: np.ndarray,
    X: np.ndarray,
    clusters: pd.Series,
    weights: np.ndarray | None = None,
) -> Inference:
    """Errors from leaving out one cluster at a time (CR3)."""
    return cluster_jackknife(_parts(fit, y, X, weights), clusters)


def _kind(errors: Errors, clusters: Sequence[pd.Series]) -> str:
    if errors not in get_args(Errors):
        raise InputError(
            f"There are no errors {errors!r}; choose one of {', '.join(get_args(Errors))}.",
            f"没有名为 {errors!r} 的标准误；可选：{'、'.join(get_args(Errors))}。",
        )
    if errors == "auto":
        if len(clusters) == 2:
            return "two_way"
        if not clusters:
            return "robust"
        return "jackknife" if cluster_codes(clusters[0])[1] < FEW_CLUSTERS else "cluster"
    needed = {"robust": 0, "cluster": 1, "jackknife": 1, "two_way": 2}[errors]
    if len(clusters) < needed:
        raise InputError(
            f"Errors {errors!r} need {needed} cluster column(s); name them with cluster=.",
            f"标准误 {errors!r} 需要 {needed} 个聚类变量；请用 cluster= 指定。",
        )
    return errors


def _scores(fit: Any, model: Any) -> tuple[np.ndarray, np.ndarray]:
    """Scores by row and inverse information at the estimate."""
    if isinstance(fit, LinearModel):
        return fit.scores()
    likelihood, theta = fit.likelihood(model.y, model.X, model.weights)
    return likelihood.scores(theta), inverse_information(likelihood.information(theta), fit.names)


def _parts(
    fit: Any, y: np.ndarray, X: np.ndarray, weights: np.ndarray | None
) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    if not isinstance(fit, LinearModel):
        return fit.parts(y, X, weights)  # type: ignore[no-any-return]
    left = fit.left

    def part(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        some = left.X[rows]
        return left.scores[rows].sum(axis=0), (some * left.weights[rows, None]).T @ some

    return part
