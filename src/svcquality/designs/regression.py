"""A researcher's own model, from a formula or from declared roles, with the answer in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from svcquality.checks.clusters import cluster_count
from svcquality.checks.dropped_rows import dropped_rows
from svcquality.checks.outcome_in_disguise import disguises
from svcquality.designs import DESIGNS
from svcquality.designs._answers import OUTCOMES
from svcquality.designs._column_words import column_words, more_of
from svcquality.designs._rows import Quantity, forest, joined, table
from svcquality.errors import InputError
from svcquality.findings import Check, Finding, Grade, ModelSummary, flow_row
from svcquality.language import Text
from svcquality.models.families import FAMILIES
from svcquality.models.impute import ImputedModel
from svcquality.models.model import Model
from svcquality.models.regress import regress
from svcquality.progress import QUIET, Progress
from svcquality.records.panels import PANELS

_STEPS = {"wait_minutes": 10.0, "wait_minutes_mean": 10.0, "announced_minutes": 10.0, "age": 10.0}
_RATES = {
    "complaints_per_1000_visits": "per_1000_visits",
    "complaints_per_1000_outlets": "per_1000_outlets",
    "complaints_per_10m_customers": "per_10m_customers",
}


def regression(
    bank: Any,
    *,
    id: str = "regression",
    formula: str | None = None,
    outcome: str | None = None,
    exposures: Sequence[str] | None = None,
    confounders: Sequence[str] = (),
    mediators: Sequence[str] = (),
    fixed: Sequence[str] = (),
    cluster: str | Sequence[str] | None = None,
    weight: str | None = None,
    data: str = "surveys",
    changes: Mapping[str, float] | None = None,
    family: str = "auto",
    errors: str = "auto",
    category: float | None = None,
    mediation: bool = False,
    missing: str = "complete",
    imputations: int = 20,
    seed: int = 0,
    progress: Progress = QUIET,
) -> Finding:
    """Answer a question that has no design of its own.

    Parameters
    ----------
    bank : Records
    formula : str, optional
        ``outcome ~ exposure + confounder + … | fixed effects``; or give the roles one by one.
    outcome, exposures, confounders, mediators, fixed
        Roles, in place of a formula. ``exposures`` also says which columns of a formula the
        question is about (by default the first).
    cluster, weight, family, errors, category, mediation, missing, imputations
        See `svcquality.models.regress.regress`.
    data : {"surveys", "branch_months", "customer_months", "bank_months", "staff_weeks", "branch_half_hours"}
        The panel the columns come from (`svcquality.records.panel`).
    changes : mapping of str to float, optional
        How much more of a number is spoken of: 10 minutes or years by default, else 1.
    seed : int
        Of the imputations.
    progress : Progress

    Returns
    -------
    Finding
        Terms are the effects on the scale of the outcome or of its probability: one unit more,
        yes against no, a level against the first. Its models hold the coefficients too.

    Raises
    ------
    InputError
        If there is neither formula nor roles, or the model does not fit the data.
    """
    if data not in PANELS:
        raise InputError(
            f"There is no panel {data!r}; choose one of {', '.join(PANELS)}.",
            f"没有名为 {data!r} 的面板；可选：{'、'.join(PANELS)}。",
        )
    text = formula or _formula(outcome, exposures, confounders, mediators, fixed)
    panel = PANELS[data](bank)
    model = regress(
        text, panel, family=family, cluster=cluster, weight=weight, errors=errors,  # type: ignore[arg-type]
        exposures=exposures, mediation=mediation, category=category, missing=missing,
        imputations=imputations, seed=seed, progress=progress,
    )  # fmt: skip
    one = model.models[0] if isinstance(model, ImputedModel) else model
    quantities = _quantities(model, one, {**_STEPS, **(changes or {})})
    summaries = (model.summary(), model.summary("effects"))
    return Finding(
        id=id,
        design="regression",
        question=DESIGNS["regression"].question,
        grade=Grade.ASSOCIATED,
        claims=tuple(q.claim() for q in quantities),
        table=table(quantities),
        checks=_checks(one),
        method=_method(text, one, summaries[0]),
        flow=pd.DataFrame([flow_row(t.zh, t.en, rows) for t, rows in one.frame.steps]),
        figure="forest",
        frames={"forest": forest(quantities)},
        models=summaries,
    )


def _formula(
    outcome: str | None,
    exposures: Sequence[str] | None,
    confounders: Sequence[str],
    mediators: Sequence[str],
    fixed: Sequence[str],
) -> str:
    if not outcome or not exposures:
        raise InputError(
            "A regression needs a formula (outcome ~ exposure + confounder | fixed effect), or an "
            "outcome and exposures.",
            "regression 需要 formula（结果 ~ 暴露 + 控制变量 | 固定效应），或 outcome 与 exposures。",
        )
    right = " + ".join(f"`{n}`" for n in dict.fromkeys([*exposures, *confounders, *mediators]))
    groups = " + ".join(f"`{name}`" for name in fixed)
    return f"`{outcome}` ~ {right}" + (f" | {groups}" if groups else "")


def _quantities(
    model: Model | ImputedModel, one: Model, steps: Mapping[str, float]
) -> list[Quantity]:
    words, unit = _outcome(one)
    asked = one.frame.roles.exposures
    names = sorted(one.formula.variables, key=lambda name: name not in asked)
    made = []
    facts = one.summary().facts
    for name in names:
        for label, change in one.changes(name):
            change = change if isinstance(change, tuple) else float(steps.get(name, change))
            value = model.effect(name, change)
            made.append(
                Quantity(
                    label,
                    _subject(one, name, label, change),
                    words,
                    value,
                    len(one.y),
                    unit,
                    str(facts["error_kind"]),
                    one.inference.clusters,
                )
            )
    return made


def _outcome(model: Model) -> tuple[Text, str]:
    name = model.formula.outcome
    said = column_words(name)
    values = set(model.y[:1000].tolist())
    known = OUTCOMES.get(name)
    if known is not None and (values <= {0.0, 1.0} or model.category == known.category):
        return known.words, "share_difference"
    if model.category is not None and not values <= {0.0, 1.0}:
        at = f"{model.category:g}"
        return (
            Text(f"{said.zh}不低于 {at} 的比例", f"the share with {said.en} of {at} or more"),
            "share_difference",
        )
    if values <= {0.0, 1.0}:
        return Text(f"{said.zh}的比例", f"the share with {said.en}"), "share_difference"
    unit = _RATES.get(name, "points" if name in ("satisfaction", "recommendation") else "units")
    return Text(f"{said.zh}的均值", f"the mean of {said.en}"), unit


def _subject(model: Model, name: str, label: str, change: Any) -> Text:
    said = column_words(name)
    if not isinstance(change, tuple):
        return more_of(name, change)
    if label == name:
        return Text(f"{said.zh}：是（与否相比）", f"{said.en}: yes against no")
    first, level = change
    return Text(f"{said.zh}为 {level}（与 {first} 相比）", f"{said.en} {level} against {first}")


def _checks(model: Model) -> tuple[Check, ...]:
    frame, inference = model.frame, model.inference
    checks = [
        dropped_rows(
            frame.offered, len(frame.rows), Text("模型变量缺失", "a column of the model is missing")
        )
    ]
    repeated = _repeats_outcome(model)
    if repeated is not None:
        checks.append(repeated)
    if frame.roles.cluster:
        unit = joined([column_words(name) for name in frame.roles.cluster])
        checks.append(
            cluster_count(
                inference.clusters,
                Text(f"{unit.zh}单元", f"clusters of {unit.en}"),
                jackknifed=inference.kind == "CR3",
            )
        )
    return tuple(checks)


def _repeats_outcome(model: Model) -> Check | None:
    """A warning where a column on the right is the outcome under another name, else None."""
    frame, outcome = model.frame, model.frame.roles.outcome
    asked = [n for n in (*frame.roles.exposures, *frame.roles.confounders) if n in frame.rows]
    found = disguises(frame.rows, outcome, asked)
    caught = found[found["kind"].isin(["recoding", "twin"])]
    if caught.empty:
        return None
    named = joined([column_words(name) for name in caught["column"]])
    y = column_words(outcome)
    return Check(
        "outcome_in_disguise",
        "warn",
        Text(
            f"{named.zh}与{y.zh}几乎是同一回事：模型用结果解释结果，其余各项的数值因此失去意义；请将其去掉。",
            f"{y.en[:1].upper()}{y.en[1:]} is nearly the same thing as {named.en}: the model explains "
            "the outcome by itself, and what it says of the rest means little; leave it out.",
        ),
        float(caught["statistic"].max()),
        float(caught["threshold"].iloc[0]),
    )


def _method(text: str, model: Model, summary: ModelSummary) -> Text:
    family = FAMILIES[model.family]
    source = f" ({family.source})" if family.source else ""
    kind, df = summary.facts["error_kind"], f"{model.inference.df:,.0f}"
    held = joined([column_words(n) for n in model.frame.roles.confounders])
    fixed = joined([_combined(t.zh) for t in summary.absorbed])
    return Text(
        f"{family.name.zh}{source}：{text}。数值为在 {len(model.y):,} 行上平均的变化（delta 法）；"
        f"标准误：{kind}，t 分布自由度 {df}。"
        + (f"控制：{held.zh}。" if held.zh else "")
        + (f"固定效应：{fixed.zh}。" if fixed.zh else ""),
        f"{family.name.en}{source}: {text}. Numbers are changes averaged over {len(model.y):,} "
        f"rows (delta method); errors {kind}, t with {df} degrees of freedom."
        + (f" Held equal: {held.en}." if held.en else "")
        + (f" Fixed effects: {fixed.en}." if fixed.en else ""),
    )


def _combined(name: str) -> Text:
    """A fixed effect, or the combinations of several."""
    words = [column_words(part) for part in name.split(" × ")]
    return Text(" × ".join(w.zh for w in words), " × ".join(w.en for w in words))
