"""What moves satisfaction: an ordered regression of the answers after visits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from svcquality.checks.identified import identified
from svcquality.designs import DESIGNS
from svcquality.designs._adjusted import Adjusted, fit_answers, model_words
from svcquality.designs._answer_checks import answer_checks
from svcquality.designs._answers import Answers, item_columns, visit_answers
from svcquality.designs._rows import Quantity, error_kind, forest, table
from svcquality.errors import InputError
from svcquality.estimators.marginal import average_change
from svcquality.findings import Finding, Grade, flow_row
from svcquality.language import Text, plain
from svcquality.models.matrix import as_float
from svcquality.records.tables import ITEM_PREFIX

MORE_MINUTES = 10.0
WAIT = Text("多等候 10 分钟", "10 more minutes of waiting")
EXPOSURES = {
    "wait_minutes": WAIT,
    "branch_trained": Text(
        "到店时网点员工已受训", "a visit to a branch whose staff had been trained"
    ),
    "recent_complaint": Text("此前 90 天内有过投诉", "a complaint in the 90 days before"),
}
CHECKED = {"wait_minutes": Text("等候时间", "the wait")}
TERMS = {"wait_minutes": "wait_plus_10"}
USABLE_SHARE = 0.2


def satisfaction(
    bank: Any,
    *,
    id: str = "satisfaction",
    outcome: str = "satisfaction",
    confounders: Sequence[str] | None = None,
    seed: int = 0,
) -> Finding:
    """Relate wait, training, complaints and rated items to the share of satisfied customers.

    Items are rated after the wait and may carry part of it, so wait, training and complaints are
    estimated without them; items come from a second model beside those.

    Parameters
    ----------
    bank : Records
        Needs surveys; waits, training and complaints where there are any.
    outcome : {"satisfaction", "satisfied", "recommendation"}
    confounders : sequence of str, optional
        More survey columns to hold equal, beside age, segment, service, channel, hour, branch
        and period.
    seed : int
        Not used: nothing is drawn.

    Raises
    ------
    InputError
        If there are too few answers, they do not vary, or no exposure is recorded.
    """
    answers = visit_answers(bank, outcome)
    exposures = [name for name in EXPOSURES if _usable(answers.rows, name)]
    items = [name for name in item_columns(answers.rows) if _usable(answers.rows, name)]
    if not exposures and not items:
        raise InputError(
            "The surveys carry no wait, training, complaint or rated item that varies, so there "
            "is nothing to relate to satisfaction; link surveys to visits or branches.",
            "调查数据中没有可变动的等候、培训、投诉或项目评分，无从分析满意度；请将问卷与到店或网点记录关联。",
        )
    first = fit_answers(answers, exposures or items, confounders)
    quantities = _quantities(first, exposures or items, answers)
    flow = [*answers.flow, *first.flow]
    lost = list(first.lost)
    method = model_words(answers, first)
    if exposures and items:
        second = fit_answers(answers, [*exposures, *items], confounders)
        quantities += _quantities(second, items, answers)
        flow.append(
            flow_row("项目评分模型：全部项目均有评分", "item model: every item rated", second.fit.n)
        )
        lost += [name for name in second.lost if name in items]
        method = Text(
            method.zh
            + "项目评分可能是等候与满意度之间的中介，因此上述因素的估计不控制评分；"
            + "各项目的估计来自另一个模型，它同时包含上述因素。",
            method.en
            + " Rated items may stand between the wait and satisfaction, so the exposures are "
            "estimated without them; items come from a second model that includes the exposures.",
        )
    if not quantities:
        raise InputError(
            "No exposure varies beside what is held equal, so there is nothing to report; use a "
            "longer period or more branches.",
            "控制网点、时间等之后，各项因素都不再变动，无可报告；请延长时间范围或增加网点。",
        )
    key = next(name for name in [*exposures, *items] if name not in lost)
    checks = answer_checks(answers, first, key, CHECKED.get(key, _label(key)))
    return Finding(
        id=id,
        design="satisfaction",
        question=DESIGNS["satisfaction"].question,
        grade=Grade.ASSOCIATED,
        claims=tuple(q.claim() for q in quantities),
        table=table(quantities),
        checks=(*checks, identified([_label(name) for name in lost])),
        method=method,
        flow=pd.DataFrame(flow),
        figure="forest",
        frames={"forest": forest(quantities)},
    )


def _usable(rows: pd.DataFrame, name: str) -> bool:
    """Recorded often enough, and not always the same."""
    if name not in rows:
        return False
    x = as_float(rows[name])
    x = x[~np.isnan(x)]
    return len(x) >= USABLE_SHARE * len(rows) and len(x) > 0 and bool(np.ptp(x) > 0)


def _label(name: str) -> Text:
    if name in EXPOSURES:
        return EXPOSURES[name]
    item = plain(name.removeprefix(ITEM_PREFIX).replace("_", " "))
    return Text(f"“{item.zh}”评分高 1 分", f"one more point for “{item.en}”")


def _quantities(model: Adjusted, names: Sequence[str], answers: Answers) -> list[Quantity]:
    return [
        Quantity(
            term=TERMS.get(name, name),
            subject=_label(name),
            outcome=answers.outcome.words,
            value=_contrast(model, name),
            n=model.fit.n,
            unit="share_difference",
            error_kind=error_kind(model.fit.inference, model.cluster),
            clusters=model.fit.inference.clusters,
        )
        for name in names
        if name not in model.lost
    ]


def _contrast(model: Adjusted, name: str) -> Any:
    if name == "wait_minutes":
        before: dict[int, Any] = {}
        after = model.waits(as_float(model.rows[name]) + MORE_MINUTES)
    else:
        (column,) = model.matrix.at[name]
        values = model.X[:, column]
        is_flag = name in EXPOSURES
        before = {column: 0.0} if is_flag else {}
        after = {column: 1.0 if is_flag else values + 1.0}
    return average_change(model.fit, model.X, before, after, model.category)
