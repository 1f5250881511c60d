"""Everybody who was invited to a survey, answered or not, with what is known of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.findings import flow_row
from svcquality.records.panel import survey_rows
from svcquality.records.survey_rows import with_satisfied
from svcquality.records.times import to_months

MOST_WAIT_QUANTILE = 0.99
"""An invitation younger than nearly every answer was when it came is still open."""
DAY_SECONDS = 86_400
GIVEN = ("answered", "satisfaction", "satisfied")


@dataclass(frozen=True)
class Invited:
    """Invitations, one a row, without those about a complaint.

    Parameters
    ----------
    rows : DataFrame
        Columns of `survey_rows`, then ``invited``, ``trigger``, ``answers`` (whether the survey was
        answered), ``days`` (from invitation to answer) and ``open`` (too young to have been answered
        by most); ``month`` is that of the invitation.
    silence : bool
        Whether invitations without an answer are on record at all.
    flow : list of dict
    """

    rows: pd.DataFrame
    silence: bool
    flow: list[dict[str, Any]]


def invited_rows(bank: Any, *, keep_open: bool = False) -> Invited:
    """All invitations with the visit, the customer and what had happened before.

    Parameters
    ----------
    bank : Records
    keep_open : bool
        Whether to keep invitations too young to have been answered by most; by default they are
        left out, answered or not, and counted.

    Raises
    ------
    InputError
        If there is no survey.
    """
    surveys = bank.surveys
    if surveys is None or not surveys[list(GIVEN)].notna().any(axis=None):
        raise InputError(
            "No survey was answered; add the table surveys with satisfaction, satisfied or "
            "answered.",
            "没有已答复的问卷；请提供满意度调查表（surveys），并包含 satisfaction、satisfied 或 answered。",
        )
    flow = [flow_row("登记的问卷", "surveys on record", len(surveys))]
    about_complaint = surveys["trigger"].eq("complaint").fillna(False).astype(bool)
    surveys = surveys[~about_complaint].reset_index(drop=True)
    flow.append(
        flow_row("不含投诉后的调查", "without surveys that follow a complaint", len(surveys))
    )
    if surveys.empty:
        raise InputError(
            "Every survey follows a complaint, so nothing is known of other customers; add surveys "
            "after visits.",
            "所有问卷均为投诉后的调查，无从了解其他客户；请补充到店后的调查。",
        )
    # Every invitation passes for an answer, so that silent ones come with what is known of them.
    rows = survey_rows(replace(bank, surveys=surveys.assign(satisfied=True)))
    answered = with_satisfied(surveys)
    rows["satisfied"] = answered["satisfied"].reindex(surveys.index)
    rows["invited"], rows["trigger"] = surveys["invited"], surveys["trigger"]
    rows["answers"] = surveys.index.isin(answered.index)
    rows["days"] = (surveys["answered"] - surveys["invited"]).dt.total_seconds() / DAY_SECONDS
    rows["month"] = to_months(surveys["invited"].fillna(surveys["answered"]))
    silence = not rows["answers"].all()
    rows["open"] = _open(rows) if silence else False
    if silence and not keep_open:
        rows = rows[~rows["open"]].reset_index(drop=True)
        flow.append(
            flow_row("邀请已满足够长时间", "invited long enough ago to have answered", len(rows))
        )
    flow.append(flow_row("其中已答复", "of which answered", int(rows["answers"].sum())))
    return Invited(rows, silence, flow)


def _open(rows: pd.DataFrame) -> np.ndarray:
    """Invitations so late in the records that their answer may still be on its way."""
    days = rows["days"].dropna()
    if days.empty:
        return np.zeros(len(rows), dtype=bool)
    last = max(rows["invited"].max(), (rows["answered"]).max())
    left = (last - rows["invited"]).dt.total_seconds() / DAY_SECONDS
    return (left < days.quantile(MOST_WAIT_QUANTILE)).to_numpy()
