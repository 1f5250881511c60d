"""Fit a model by formula: roles checked, rows counted, errors that suit the clusters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.models.errors import Errors
from svcquality.models.families import chosen_family, fit_family, outcome_values
from svcquality.models.formula import Formula, fixed_groups, model_matrix, read_formula
from svcquality.models.frame import AnalysisFrame, analysis_frame
from svcquality.models.impute import ImputedModel, imputed_frames
from svcquality.models.matrix import category as indicators
from svcquality.models.model import Model, listed
from svcquality.models.roles import Roles, check_roles
from svcquality.progress import QUIET, Progress

MOST_INDICATORS = 500


def regress(
    formula: str,
    data: pd.DataFrame,
    *,
    family: str = "auto",
    cluster: str | Sequence[str] | None = None,
    weight: str | None = None,
    errors: Errors = "auto",
    exposures: Sequence[str] | None = None,
    mediation: bool = False,
    category: float | None = None,
    missing: str = "complete",
    imputations: int = 20,
    seed: int = 0,
    progress: Progress = QUIET,
) -> Model | ImputedModel:
    """Fit a model by formula.

    Parameters
    ----------
    formula : str
        ``outcome ~ exposure + confounder + … | fixed effect + …``, see
        `svcquality.models.formula.read_formula`.
    data : DataFrame
        One row an observation, such as ``bank.panel("surveys")``.
    family : {"auto", "linear", "logit", "ordered_logit", "ordered_probit", "mixed"}
        ``auto``: logit for two values, ordered logit for up to 11 whole numbers, else linear.
        ``mixed`` gives the (one) group after ``|`` a random intercept instead of a fixed effect.
    cluster : str or sequence of str, optional
        One column, or two for two-way errors.
    weight : str, optional
        Column of positive weights.
    errors : {"auto", "robust", "cluster", "jackknife", "two_way"}
        ``auto``: two-way with two clusters, with one CR1, or the jackknife (CR3) where there are
        fewer than 40, without any HC1.
    exposures : sequence of str, optional
        What the question is about; the first column of the formula by default. Every other column
        is held equal.
    mediation : bool
        Allow columns that come after an exposure as controls.
    category : float, optional
        From which value on an ordered outcome counts as the event of `Model.effects`; the upper
        two of five by default (4 on a scale to 5), 1 for 0/1.
    missing : {"complete", "impute"}
        Complete cases, or `imputations` of what is missing among the explanatory numbers (right
        where what is missing depends only on what is recorded).
    imputations, seed : int
    progress : Progress

    Returns
    -------
    Model or ImputedModel
        Both have ``terms``, ``effect``, ``effects`` and ``summary``.

    Raises
    ------
    InputError
        If the formula, a role or the family does not fit the data.
    """
    read = read_formula(formula, data.columns)
    asked = tuple(exposures) if exposures is not None else read.variables[:1]
    roles = Roles(
        outcome=read.outcome,
        exposures=asked,
        confounders=tuple(name for name in read.variables if name not in asked),
        fixed=tuple(dict.fromkeys(name for parts in read.fixed for name in parts)),
        cluster=listed(cluster),
        weight=weight or "",
    )
    check_roles(roles, data.columns, mediation=mediation)
    fitted = partial(_fitted, read, family=family, errors=errors, category=category)
    if missing == "impute":
        frames = imputed_frames(data, roles, imputations=imputations, seed=seed, progress=progress)
        each = progress.each(frames, "models")
        return ImputedModel(tuple(fitted(frame) for frame in each))
    if missing != "complete":
        raise InputError(
            f"missing is 'complete' or 'impute', not {missing!r}.",
            f"missing 只能为 complete 或 impute，不能为 {missing!r}。",
        )
    return fitted(analysis_frame(data, roles))


def _fitted(
    read: Formula, frame: AnalysisFrame, *, family: str, errors: Errors, category: float | None
) -> Model:
    roles = frame.roles
    y = outcome_values(frame.rows[read.outcome], read.outcome)
    chosen = chosen_family(family, y, read.outcome)
    matrix = model_matrix(read, frame.rows)
    groups = fixed_groups(read, frame.rows)
    X, event_from = matrix.values, None
    if chosen not in ("linear", "mixed"):
        event_from = _event(y, category)
        X = np.hstack([X, *(_dummies(g, y >= event_from, n) for n, g in groups.items())])
    if chosen == "mixed" and len(groups) != 1:
        raise InputError(
            "A mixed model needs exactly one group after |, such as | branch_id.",
            "混合模型需要在 | 之后给出且仅给出一个分组，例如 | branch_id。",
        )
    weights = frame.rows[roles.weight].to_numpy(dtype=float) if roles.weight else None
    first = frame.rows[roles.cluster[0]].astype("string") if roles.cluster else None
    names = [*matrix.names, *(f"| {j}" for j in range(X.shape[1] - len(matrix.names)))]
    fit = fit_family(chosen, y, X, names, groups=groups, clusters=first, weights=weights)
    fitted = Model(
        read, chosen, frame, matrix, X, y, fit, event_from, tuple(groups)
    )  # fmt: skip
    return fitted if chosen == "mixed" else fitted.with_errors(errors)


def _event(y: np.ndarray, category: float | None) -> float:
    values = np.unique(y)
    if category is None:
        # The upper two of five; of other scales the upper two fifths.
        at = len(values) - max(1, round(0.4 * len(values))) if len(values) > 2 else 1
        return float(values[at])
    if not (values[0] < category <= values[-1]):
        raise InputError(
            f"The event 'at least {category:g}' never or always happens; the outcome runs from "
            f"{values[0]:g} to {values[-1]:g}.",
            f"“不低于 {category:g}”从未或总是发生；结果取值为 {values[0]:g} 至 {values[-1]:g}。",
        )
    return float(values[values >= category][0])


def _dummies(group: pd.Series, event: np.ndarray, name: str) -> np.ndarray:
    """Indicators of a fixed effect; levels without both outcomes are pooled."""
    made = indicators(name, group, event)
    if made is None:
        return np.empty((len(group), 0))
    if made.width > MOST_INDICATORS:
        raise InputError(
            f"{name!r} has {made.width + 1:,} levels, too many for an ordered or binary model; "
            "use family = linear, which takes them out, or a coarser group.",
            f"{name!r} 有 {made.width + 1:,} 个取值，对有序或二元模型过多；"
            "请使用 family = linear（可剔除固定效应）或更粗的分组。",
        )
    out = np.empty((len(group), made.width))
    made.write(out)
    return out
