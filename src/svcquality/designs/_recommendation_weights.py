"""How answers are weighed: each once, by a column, or by the propensity to answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from svcquality.designs._non_response_clusters import Clusters
from svcquality.designs._non_response_model import MOST_WEIGHT, WhoAnswers, who_answers
from svcquality.designs._recommendation_measures import Mean
from svcquality.designs._rows import joined
from svcquality.errors import InputError
from svcquality.estimators.domain_mean import DomainMean, domain_mean
from svcquality.estimators.survey_weights import effective_size
from svcquality.findings import flow_row
from svcquality.language import Text
from svcquality.models.matrix import as_float

NO_WORDS = Text("", "")


@dataclass(frozen=True)
class Weighing:
    """Rows and how a mean over some of them is taken.

    Parameters
    ----------
    rows : DataFrame
        Invitations, or answers only where silence plays no part.
    mean : callable
        Takes values and a domain to a mean with its influence.
    words : Text
        A sentence for the method.
    flow : list of dict
    """

    rows: pd.DataFrame
    mean: Mean
    words: Text
    flow: list[dict[str, Any]] = field(default_factory=list)


def weigh(rows: pd.DataFrame, weights: str | None, clusters: Clusters) -> Weighing:
    """Choose how answers are weighed.

    Parameters
    ----------
    rows : DataFrame
        Of `invited_rows`.
    weights : str or None
        ``"response"``, a column of ``rows``, or None.
    clusters : Clusters

    Raises
    ------
    InputError
        If there is no such column, it holds something that is no positive number, or no silence is
        on record to weigh for.
    """
    if weights == "response":
        return _by_response(rows, clusters)
    answers = rows[rows["answers"]].reset_index(drop=True)
    if weights is None:
        return Weighing(answers, domain_mean, NO_WORDS)
    return _by_column(answers, weights)


def _by_response(rows: pd.DataFrame, clusters: Clusters) -> Weighing:
    answered = rows["answers"].to_numpy()
    if answered.all():
        raise InputError(
            "Only answered surveys are on record, so there is no response to weigh for; add the "
            "invitations that were not answered, or leave 'weights' out.",
            "数据中只有已答复的问卷，无法按答复概率加权；请补充未获答复的邀请，或不设 weights。",
        )
    who: WhoAnswers = who_answers(rows, answered, clusters)
    size = effective_size(who.model.weights[answered])
    known = joined(who.known)
    return Weighing(
        rows,
        who.model.mean,
        Text(
            f"按答复概率的倒数加权（logit，所用记录：{known.zh}；超过均值 {MOST_WEIGHT:g} 倍者截断；"
            f"有效样本量 {size:,.0f}），只能校正已记录的差异。",
            f" Weighted by inverse response propensities (logit on {known.en}; cut at "
            f"{MOST_WEIGHT:g} times their mean; effective number {size:,.0f}), which correct for "
            "what is recorded only.",
        ),
    )


def _by_column(answers: pd.DataFrame, name: str) -> Weighing:
    if name not in answers:
        raise InputError(
            f'The surveys have no column {name!r} of weights; use weights="response", one of '
            f"{', '.join(map(str, answers.columns))}, or leave it out.",
            f'调查数据中没有权重列“{name}”；请使用 weights="response"、现有列'
            f"（{'、'.join(map(str, answers.columns))}），或不设 weights。",
        )
    w = as_float(answers[name])
    known = np.isfinite(w)
    if not known.any() or (w[known] <= 0).any():
        raise InputError(
            f"The weights in {name!r} must be positive numbers; correct them or leave the rows out.",
            f"“{name}”列的权重必须为正数；请更正或剔除这些行。",
        )
    rows = answers[known].reset_index(drop=True)
    w = w[known]

    def mean(values: np.ndarray, domain: np.ndarray) -> DomainMean:
        return domain_mean(values, domain, w)

    size = effective_size(w)
    return Weighing(
        rows,
        mean,
        Text(
            f"按“{name}”列加权（权重视为已知；有效样本量 {size:,.0f}）。",
            f" Weighted by the column {name!r}, taken as given (effective number {size:,.0f}).",
        ),
        [flow_row("权重有记录", "with a weight recorded", len(rows))],
    )
