"""What a wait costs: the share of satisfied customers along a curve of waiting minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from svcquality.checks.identified import identified
from svcquality.checks.threshold import DOUBT, threshold
from svcquality.designs import DESIGNS
from svcquality.designs._adjusted import HELD_EQUAL, Adjusted, fit_answers, model_words
from svcquality.designs._answer_checks import answer_checks
from svcquality.designs._answers import nearly_all_alike, refuse_seconds, visit_answers
from svcquality.designs._rated_items import refuse_disguises
from svcquality.designs._robustness import robustness
from svcquality.designs._rows import Quantity, error_kind, table
from svcquality.designs._selective_answers import answering
from svcquality.designs._simpson import wait_simpson
from svcquality.designs._waiting_curve import Curve, fitted_curve, support
from svcquality.designs._waiting_fairness import (
    FLAGS,
    UNKNOWN,
    at_equal_wait,
    flagged,
    overtaken_share,
)
from svcquality.designs._waiting_left import leavers
from svcquality.designs._waiting_memory import memory
from svcquality.designs._waiting_models import summaries
from svcquality.designs._waiting_placebo import placebo
from svcquality.designs._waiting_tickets import behind, tickets
from svcquality.designs._waiting_within import ASSUMPTION, Within, within_half_hours
from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast, average_change
from svcquality.findings import Check, Finding, Grade
from svcquality.language import Text, plain
from svcquality.models.matrix import as_float
from svcquality.progress import QUIET, Progress

MORE_MINUTES = 10.0
STARTS = (5, 20, 40)
SUPPORT = 30
"""Answers needed within five minutes of each end of a contrast between two waits."""
BESIDE = ("branch_trained", "recent_complaint", "priority")
"""Come before the wait and go with it: held equal."""

MORE = Text("多等候 10 分钟", "10 more minutes of waiting")
CURVE = {
    True: Text("满意度随等候加速下降", "the curve of waits"),
    False: Text("满意度随等候放缓下降", "the curve of waits"),
}
"""By whether it gets steeper."""
FROM = {
    True: Text("阈值", "the wait from which satisfaction falls faster"),
    False: Text("阈值", "the wait from which satisfaction falls more slowly"),
}


def waiting(
    bank: Any,
    *,
    id: str = "waiting",
    outcome: str = "satisfaction",
    confounders: Sequence[str] | None = None,
    knots: int = 5,
    mediation: bool = False,
    appendix: bool = True,
    seed: int = 0,
    progress: Progress = QUIET,
) -> Finding:
    """Relate waits to the share of satisfied customers, without assuming a straight line.

    Beside the curve, as far as the records allow: where it bends; the same ten minutes within
    branch and half hour, and as other customers' arrivals brought them; waits that came later as a
    placebo; announced waits and being overtaken, at equal wait; the remembered wait; and those who
    left the queue.

    Parameters
    ----------
    bank : Records
        Needs surveys with a wait: their own, or that of the visit they are about.
    outcome : {"satisfaction", "satisfied", "recommendation"}
    confounders : sequence of str, optional
        More survey columns to hold equal.
    knots : int
        Of the restricted cubic spline, 3 to 7. Five by default: with four, a curve that bends at
        one wait is smoothed too much there, and more widen the intervals faster than they help.
    mediation : bool
        Allow confounders that come after the wait: the numbers are then its direct part.
    appendix : bool
        Also the specification curve and the sensitivity to what is unrecorded; the other numbers
        do not depend on them.
    seed : int
        Of the bootstrap that says where the curve bends.
    progress : Progress

    Raises
    ------
    InputError
        If fewer than 50 answers have a wait, answers or waits do not vary, or waits are in seconds.
    """
    answers = visit_answers(bank, outcome)
    _refuse(answers.rows["wait_minutes"])
    refuse_disguises(answers, _listed(confounders))
    log = tickets(bank)
    of_visit = None if log is None else behind(log, bank, answers.rows["survey_id"])
    marked = flagged(answers, of_visit)
    answers, flags = marked.answers, marked.flags
    extra = [*_beside(answers.rows), *marked.unknown, *_listed(confounders)]
    model = fit_answers(answers, ["wait_minutes", *flags], extra, knots=knots, mediation=mediation)
    if "wait_minutes" in model.lost:
        raise InputError(
            "Waits do not vary beside branch, period and hour, so nothing can be related to them; "
            "use records of single visits.",
            "控制网点、时间和时段之后等候时间不再变动，无法分析；请使用逐次到店的记录。",
        )
    model = _named(model, flags)
    waits = as_float(model.rows["wait_minutes"])
    words = answers.outcome.words
    curve = fitted_curve(model, seed=seed)
    bend, bend_checks = _bend(curve, model)
    within = Within([], [], [])
    later = None
    if of_visit is not None:
        of_visit.index = pd.Index(answers.rows["survey_id"])
        within = within_half_hours(model, of_visit.loc[model.rows["survey_id"]], words)
        later = placebo(answers, of_visit, [*extra, *flags], knots)
    remembered, halo = memory(model)
    left = leavers(bank, model)
    quantities = [
        *_contrasts(curve, waits, words),
        *within.quantities,
        *at_equal_wait(model, flags, words),
        *bend,
        *remembered,
        *([] if log is None else overtaken_share(log)),
        *left.quantities,
    ]
    lost = [FLAGS[name] for name in flags if name in model.lost]
    held = None
    if appendix:
        held = robustness(answers, model, "wait_minutes", seed=seed, progress=progress)
    return Finding(
        id=id,
        design="waiting",
        question=DESIGNS["waiting"].question,
        grade=Grade.ASSOCIATED,
        claims=tuple(q.claim() for q in quantities),
        table=table([*quantities, *(held.rows if held else ())]),
        checks=(
            *answer_checks(answers, model, "wait_minutes", Text("等候时间", "the wait")),
            identified(lost),
            *answering(bank, ["wait_minutes"]),
            *wait_simpson(answers),
            *within.checks,
            *([later] if later else []),
            *bend_checks,
            *halo,
            *left.checks,
            *(held.checks if held else ()),
        ),
        method=_method(model_words(answers, model), curve, within),
        flow=pd.DataFrame([*answers.flow, *model.flow, *within.flow]),
        figure="curve",
        frames={
            "curve": curve.frame(waits),
            "support": support(waits),
            "threshold": _marker(bend),
            **(held.frames if held else {}),
        },
        appendix=held.appendix if held else {},
        models=summaries(quantities, model, words),
    )


START = Text(
    "两个等候时间之间的对比与曲线以数据未拒绝的折线为起点，其余由样条承担（Hjort 与 Glad 1995），"
    "区间计入各折线之间的最大差距（Armstrong 与 Kolesár 2020）；"
    "折点以对数几率检验（Hansen 2017，野自助法）。",
    "Contrasts between two waits, and the curve, start from the broken lines that the answers do "
    "not reject and leave the rest to the spline (Hjort & Glad 1995); their intervals reach the "
    "farthest of these lines (Armstrong & Kolesár 2020); the bend is tested on the log odds (Hansen "
    "2017, wild bootstrap).",
)
SILENT = Text(
    "弃号的客户没有满意度，不在此分析中；曲线为逐点区间。",
    "Customers who left the queue have no satisfaction and are not in it; the curve's intervals are "
    "pointwise.",
)


def _refuse(waits: pd.Series) -> None:
    if waits.isna().all():
        raise InputError(
            "No survey answer has a wait; give wait_minutes in the surveys, or visits with "
            "arrival and call times and the surveys' visit_id. A remembered wait cannot stand in "
            "for it.",
            "没有一份答复记录了等候时间；请在问卷中提供 wait_minutes，或提供含取号、叫号时间的到店记录及问卷的 "
            "visit_id。客户记忆中的等候不能代替实际等候。",
        )
    refuse_seconds(waits)
    if nearly_all_alike(waits):
        raise InputError(
            f"All but a few waits are the same ({float(waits.mode().iloc[0]):g} minutes), so those "
            "few would speak for all; check the wait_minutes column.",
            f"除个别答复外，等候时间都相同（{float(waits.mode().iloc[0]):g} 分钟），"
            "结论只取决于这几份；请检查 wait_minutes 列。",
        )


def _beside(rows: pd.DataFrame) -> list[str]:
    return [name for name in BESIDE if name in rows and rows[name].nunique() > 1]


def _listed(names: Sequence[str] | None) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())


def _named(model: Adjusted, flags: Sequence[str]) -> Adjusted:
    """The model with words for what only this design holds equal."""
    words = {plain(name + UNKNOWN): HELD_EQUAL[name] for name in flags}
    held = [words.get(text, text) for text in model.held]
    new = [
        HELD_EQUAL[name]
        for name in flags
        if name not in model.lost and HELD_EQUAL[name] not in held
    ]
    return replace(model, held=[*held, *new])


def _method(words: Text, curve: Curve, within: Within) -> Text:
    parts = [words]
    if curve.bend is not None:
        parts.append(START)
    if within.quantities:
        parts.append(ASSUMPTION)
    parts.append(SILENT)
    return Text("".join(t.zh for t in parts), " ".join(t.en for t in parts))


def _contrasts(curve: Curve, waits: np.ndarray, words: Text) -> list[Quantity]:
    """Ten more minutes for everybody, and from each wait that enough customers had."""
    model = curve.model
    inference = model.fit.inference
    common: dict[str, Any] = {
        "n": model.fit.n,
        "unit": "share_difference",
        "error_kind": error_kind(inference, model.cluster),
        "clusters": inference.clusters,
    }
    change = average_change(
        model.fit, model.X, {}, model.waits(waits + MORE_MINUTES), model.category
    )
    quantities = [Quantity("plus_10", MORE, words, change, **common)]
    for start in STARTS:
        end = start + MORE_MINUTES
        if _supported(waits, start) and _supported(waits, end):
            subject = Text(
                f"等候由 {start} 分钟增至 {end:.0f} 分钟",
                f"a wait of {end:.0f} instead of {start} minutes",
            )
            value = curve.between(start, end)
            quantities.append(Quantity(f"from_{start}", subject, words, value, **common))
    return quantities


def _supported(waits: np.ndarray, minutes: float) -> bool:
    return int((np.abs(waits - minutes) <= MORE_MINUTES / 2).sum()) >= SUPPORT


def _bend(curve: Curve, model: Adjusted) -> tuple[list[Quantity], list[Check]]:
    """The threshold, where the answers support one and say where it is."""
    bend = curve.bend
    if bend is None:
        return [], []
    steeper = bend.change.estimate < 0
    check = threshold(bend.knot, bend.low, bend.high, bend.p, located=bend.located, steeper=steeper)
    if not (bend.located and bend.p < DOUBT):
        return [], [check]
    value = Contrast(bend.knot, np.nan, bend.low, bend.high, np.nan, np.inf)
    kind = "wild bootstrap" + (f" by {model.cluster}" if bend.clusters else "")
    row = Quantity(
        "threshold_minutes", CURVE[steeper], FROM[steeper], value, bend.n, "minutes", kind,
        bend.clusters, null=np.nan,
    )  # fmt: skip
    return [row], [check]


def _marker(bend: list[Quantity]) -> pd.DataFrame:
    """Frame ``threshold``: one row, or none where it is not known (estimate, low, high)."""
    values = [(q.value.estimate, q.value.low, q.value.high) for q in bend]
    return pd.DataFrame(values, columns=["estimate", "low", "high"]).astype(float)
