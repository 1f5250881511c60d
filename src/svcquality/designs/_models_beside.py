"""The same exposures under other models, side by side on the probability scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from svcquality.designs._adjusted import Adjusted, clustered, groups
from svcquality.designs._answers import Answers
from svcquality.designs._exposure import exposure_words, model_change
from svcquality.designs._rows import error_kind
from svcquality.errors import InputError
from svcquality.estimators.jackknife import FEW_CLUSTERS
from svcquality.estimators.linear import linear_model
from svcquality.estimators.marginal import Contrast, Fit, average_change
from svcquality.estimators.mixed import RandomIntercept, random_intercept
from svcquality.estimators.ordered_probit import ordered_probit
from svcquality.findings import MODEL_COLUMNS, ModelSummary
from svcquality.language import Text
from svcquality.models.errors import jackknifed
from svcquality.models.families import FAMILIES


def models_beside(
    answers: Answers, model: Adjusted, names: Sequence[str]
) -> tuple[ModelSummary, ...]:
    """The finding's ordered logit, and an ordered probit, a linear probability and a random
    intercept on the same rows and columns.

    Parameters
    ----------
    answers : Answers
    model : Adjusted
    names : sequence of str
        Exposures, not among those lost.
    """
    event = (model.y >= model.category).astype(float)
    clusters = groups(model.rows, model.cluster)
    own = "logit" if _binary(model) else "ordered_logit"
    found = [_summary(answers, model, model.fit, names, own)]
    if not _binary(model):
        probit = ordered_probit(
            model.y, model.X, clusters=clusters, weights=model.weights, names=model.matrix.names
        )
        probit = clustered(probit, model.y, model.X, clusters, model.weights)
        found.append(_summary(answers, model, probit, names, "ordered_probit"))
    line = linear_model(
        event, model.X, clusters=clusters, weights=model.weights, names=model.matrix.names
    )
    if clusters is not None and (line.inference.clusters or 0) < FEW_CLUSTERS:
        line = replace(line, inference=jackknifed(line, event, model.X, clusters))
    found.append(_summary(answers, model, line, names, "linear"))
    mixed = _mixed(model, event)
    if mixed is not None:
        found.append(_summary(answers, *mixed, names, "mixed"))
    return tuple(found)


def _binary(model: Adjusted) -> bool:
    return len(np.unique(model.y)) == 2


def _mixed(model: Adjusted, event: np.ndarray) -> tuple[Adjusted, RandomIntercept] | None:
    """Branches as random intercepts in place of their indicators; None where there are none."""
    own = model.matrix.at.get("branch_id", [])
    if not own or model.weights is not None:
        return None
    kept = [j for j in range(model.X.shape[1]) if j not in set(own)]
    place = {j: i for i, j in enumerate(kept)}
    at = {
        term: [place[j] for j in columns]
        for term, columns in model.matrix.at.items()
        if term != "branch_id"
    }
    names = tuple(model.matrix.names[j] for j in kept)
    matrix = replace(model.matrix, values=model.X[:, kept], at=at, names=names)
    branch = model.rows["branch_id"].astype("string").fillna("(missing)")
    try:
        fit = random_intercept(event, matrix.values, branch, names=names)
    except InputError:  # its likelihood has no maximum: one column less in the table
        return None
    return replace(model, matrix=matrix), fit


def _summary(
    answers: Answers, model: Adjusted, fit: Any, names: Sequence[str], family: str
) -> ModelSummary:
    rows = []
    for name in names:
        label, value = exposure_words(name), _effect(model, fit, name)
        numbers = (value.estimate, value.error, value.low, value.high, value.p)
        rows.append((name, label.zh, label.en, *numbers))
    facts: dict[str, int | float | str] = {
        "n": len(model.y),
        "error_kind": error_kind(fit.inference, model.cluster),
        "df": float(fit.inference.df),
    }
    if fit.inference.clusters:
        facts["clusters"] = fit.inference.clusters
    for fact in ("log_likelihood", "r_squared", "intraclass_correlation"):
        if hasattr(fit, fact):
            facts[fact] = float(getattr(fit, fact))
    words = answers.outcome.words
    return ModelSummary(
        FAMILIES[family].name,
        words,
        Text(f"{words.zh}之差", f"difference in {words.en}"),
        pd.DataFrame(rows, columns=list(MODEL_COLUMNS)),
        facts,
        tuple(model.held),
    )


def _effect(model: Adjusted, fit: Fit, name: str) -> Contrast:
    before, after = model_change(model, name)
    return average_change(fit, model.X, before, after, model.category, weights=model.weights)
