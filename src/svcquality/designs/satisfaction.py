"""What moves satisfaction: an ordered regression of the answers after visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from svcquality.checks.driver_order import left_out
from svcquality.checks.identified import identified
from svcquality.designs import DESIGNS
from svcquality.designs._adjusted import Adjusted, fit_answers, groups, model_words
from svcquality.designs._answer_checks import answer_checks
from svcquality.designs._answers import (
    Answers,
    item_columns,
    nearly_all_alike,
    refuse_seconds,
    visit_answers,
)
from svcquality.designs._exposure import contrast_of, exposure_words, model_change, variable_words
from svcquality.designs._models_beside import models_beside
from svcquality.designs._rated_items import (
    careful_answers,
    refuse_disguises,
    resting_on_lines,
    without_disguises,
)
from svcquality.designs._robustness import robustness
from svcquality.designs._rows import Quantity, error_kind, forest, joined, table
from svcquality.designs._selective_answers import answering
from svcquality.designs._simpson import wait_simpson
from svcquality.designs._unequal_steps import unequal_steps
from svcquality.designs._waiting_fairness import flagged
from svcquality.designs._waiting_tickets import behind, tickets
from svcquality.errors import InputError
from svcquality.estimators.bootstrapped_change import bootstrapped_change
from svcquality.findings import Check, Finding, Grade, flow_row
from svcquality.language import Text
from svcquality.models.matrix import as_float
from svcquality.models.model import listed
from svcquality.progress import QUIET, Progress

EXPOSURES = ("wait_minutes", "branch_trained", "recent_complaint")
TERMS = {"wait_minutes": "wait_plus_10"}
USABLE_SHARE = 0.2
DRAWS = 499


def satisfaction(
    bank: Any,
    *,
    id: str = "satisfaction",
    outcome: str = "satisfaction",
    confounders: Sequence[str] | None = None,
    mediation: bool = False,
    weight: str | None = None,
    appendix: bool = True,
    seed: int = 0,
    progress: Progress = QUIET,
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
    mediation : bool
        Allow confounders that come after an exposure (items, perceived wait): the numbers are
        then the direct part of the association.
    weight : str, optional
        Survey column of positive weights, such as inverse probabilities of answering.
    appendix : bool
        Also the bootstrap, other models side by side, the specification curve and the
        sensitivity to what is unrecorded; the headline does not depend on them.
    seed : int
        Of the bootstrap.
    progress : Progress

    Returns
    -------
    Finding
        Terms ``wait_plus_10, branch_trained, recent_complaint`` and the items; behind the usual
        columns ``boot_low, boot_high``, a percentile interval of a cluster bootstrap. Models: the
        ordered logit, an ordered probit, a linear probability and a random intercept. Appendix:
        the specification curve and the sensitivity of the first exposure to what is unrecorded.

    Raises
    ------
    InputError
        If there are too few answers, they do not vary, no exposure is recorded, or a confounder
        is a mediator and mediation was not asked for.
    """
    answers = visit_answers(bank, outcome)
    refuse_seconds(answers.rows["wait_minutes"])
    exposures = [name for name in EXPOSURES if _usable(answers.rows, name)]
    rated = [name for name in item_columns(answers.rows) if _usable(answers.rows, name)]
    items, disguised = without_disguises(answers, rated)
    refuse_disguises(answers, listed(confounders))
    unused = [n for n in (*EXPOSURES, *item_columns(answers.rows)) if n not in (*exposures, *rated)]
    if not exposures and not items:
        raise InputError(
            "The surveys carry no wait, training, complaint or rated item that varies, so there "
            "is nothing to relate to satisfaction; link surveys to visits or branches.",
            "调查数据中没有可变动的等候、培训、投诉或项目评分，无从分析满意度；请将问卷与到店或网点记录关联。",
        )
    answers, beside = _queue(bank, answers)
    held_too = [*listed(confounders), *beside]
    options: dict[str, Any] = {"mediation": mediation, "weight": weight}
    lines: list[Check] = []
    if not exposures:
        answers, lines = _careful(answers, items, items, held_too, options)
    first = fit_answers(answers, exposures or items, held_too, **options)
    reported = [name for name in exposures or items if name not in first.lost]
    quantities = [_quantity(first, name, answers) for name in reported]
    parts = [(first, name) for name in reported]
    flow = [*answers.flow, *first.flow]
    lost = list(first.lost)
    method = model_words(answers, first)
    if exposures and items:
        fitted = [*exposures, *items]
        careful, lines = _careful(answers, items, fitted, held_too, options)
        second = fit_answers(careful, fitted, held_too, **options)
        found = [name for name in items if name not in second.lost]
        quantities += [_quantity(second, name, answers) for name in found]
        parts += [(second, name) for name in found]
        flow.append(
            flow_row("项目评分模型：全部项目均有评分", "item model: every item rated", second.fit.n)
        )
        lost += [name for name in second.lost if name in items]
        method = method + ITEMS_APART
    if not quantities:
        raise InputError(
            "No exposure varies beside what is held equal, so there is nothing to report; use a "
            "longer period or more branches.",
            "控制网点、时间等之后，各项因素都不再变动，无可报告；请延长时间范围或增加网点。",
        )
    claims = tuple(q.claim() for q in quantities)
    key = parts[0][1]
    checks = answer_checks(answers, parts[0][0], key, variable_words(key))
    held = None
    if appendix:
        held = robustness(answers, parts[0][0], key, seed=seed, progress=progress)
    if any(c.name == "proportional_odds" and c.status == "warn" for c in checks):
        quantities += _without_equal_steps(parts[0][0], key, quantities[0])
    frame = table([*quantities, *(held.rows if held else ())])
    if appendix:
        bounds = [_bootstrapped(m, n, seed) for m, n in progress.each(parts, "bootstrap")]
        frame["boot_low"], frame["boot_high"] = np.nan, np.nan
        frame.loc[: len(bounds) - 1, ["boot_low", "boot_high"]] = bounds
    return Finding(
        id=id,
        design="satisfaction",
        question=DESIGNS["satisfaction"].question,
        grade=Grade.ASSOCIATED,
        claims=claims,
        table=frame,
        checks=(
            *checks,
            *disguised,
            *lines,
            *_unused(answers.rows, unused),
            identified([exposure_words(name) for name in lost]),
            *answering(bank, reported),
            *(wait_simpson(answers) if "wait_minutes" in reported else ()),
            *(held.checks if held else ()),
        ),
        method=method + (DIRECT if mediation else Text("", "")),
        flow=pd.DataFrame(flow),
        figure="forest",
        frames={"forest": forest(quantities), **(held.frames if held else {})},
        appendix=held.appendix if held else {},
        models=models_beside(answers, first, reported) if appendix and reported else (),
    )


ITEMS_APART = Text(
    "项目评分可能是等候与满意度之间的中介，因此上述因素的估计不控制评分；"
    "各项目的估计来自另一个模型，它同时包含上述因素。",
    " Rated items may stand between the wait and satisfaction, so the exposures are estimated "
    "without them; items come from a second model that includes the exposures.",
)
DIRECT = Text(
    "控制变量中含有发生在暴露之后的因素：数值只是关联的直接部分。",
    " What comes after the exposures is held equal as asked: the numbers are the direct part of "
    "the association.",
)


def _queue(bank: Any, answers: Answers) -> tuple[Answers, list[str]]:
    """The answers with what happened in the queue beside the wait, held equal as in `waiting`."""
    log = tickets(bank)
    of_visit = None if log is None else behind(log, bank, answers.rows["survey_id"])
    marked = flagged(answers, of_visit)
    names = [*marked.flags, *marked.unknown]
    if answers.rows["priority"].nunique() > 1:
        names.append("priority")
    return marked.answers, names


def _careful(
    answers: Answers,
    items: Sequence[str],
    fitted: Sequence[str],
    held: Sequence[str],
    options: dict[str, Any],
) -> tuple[Answers, list[Check]]:
    """The answers for the items: without straight-liners where what is said rests on them."""
    without = careful_answers(answers, items)
    if without is None:
        return answers, []
    everyone, careful = (
        {n: contrast_of(model, n) for n in items if n not in model.lost}
        for model in (fit_answers(a, fitted, held, **options) for a in (answers, without))
    )
    check = resting_on_lines(answers, items, everyone, careful)
    return (answers if check.status == "passed" else without), [check]


def _usable(rows: pd.DataFrame, name: str) -> bool:
    """Recorded often enough, and not always the same."""
    if name not in rows:
        return False
    if name == "wait_minutes" and nearly_all_alike(rows[name]):
        return False
    x = as_float(rows[name])
    x = x[~np.isnan(x)]
    return len(x) >= USABLE_SHARE * len(rows) and len(x) > 0 and bool(np.ptp(x) > 0)


def _unused(rows: pd.DataFrame, names: Sequence[str]) -> list[Check]:
    """What is recorded and was not used, if anything."""
    told = [variable_words(name) for name in names if name in rows and rows[name].notna().any()]
    if not told:
        return []
    why = Text(
        "有记录的答复过少，或取值几乎全同：{names}", "rarely recorded or hardly varying: {names}"
    )
    return [left_out([(why.format(names=joined(told)), len(told))])]


def _quantity(model: Adjusted, name: str, answers: Answers) -> Quantity:
    return Quantity(
        term=TERMS.get(name, name),
        subject=exposure_words(name),
        outcome=answers.outcome.words,
        value=contrast_of(model, name),
        n=model.fit.n,
        unit="share_difference",
        error_kind=error_kind(model.fit.inference, model.cluster),
        clusters=model.fit.inference.clusters,
    )


def _bootstrapped(model: Adjusted, name: str, seed: int) -> tuple[float, float]:
    before, after = model_change(model, name)
    return bootstrapped_change(
        model.fit, model.y, model.X, before, after, model.category,
        clusters=groups(model.rows, model.cluster), draws=DRAWS, seed=seed,
    )  # fmt: skip


def _without_equal_steps(model: Adjusted, name: str, usual: Quantity) -> list[Quantity]:
    value = unequal_steps(model, name)
    if value is None:
        return []
    subject = Text(
        f"{usual.subject.zh}（各级间距可不同）",
        f"{usual.subject.en}, steps along the scale free to differ",
    )
    return [replace(usual, term=f"{usual.term}_unequal_steps", subject=subject, value=value)]
