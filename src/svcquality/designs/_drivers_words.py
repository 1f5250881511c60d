"""How the shares came about: the way of the rows, the method in words, the models side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from svcquality.checks.straight_lining import FEWEST_ITEMS
from svcquality.designs._adjusted import Adjusted, model_words
from svcquality.designs._answers import Answers
from svcquality.designs._drivers_columns import Drivers
from svcquality.designs._drivers_items import Items
from svcquality.designs._rows import Quantity
from svcquality.findings import MODEL_COLUMNS, ModelSummary, flow_row
from svcquality.language import Text


def flow_rows(
    answers: Answers, chosen: Drivers, kept: Answers, model: Adjusted
) -> list[dict[str, Any]]:
    """Rows at each step, then columns: candidates, and those left out for each reason."""
    steps = list(answers.flow)
    if len(kept.rows) < len(answers.rows):
        steps.append(
            flow_row(
                f"剔除对全部（至少 {FEWEST_ITEMS} 个）项目打同一分数的答复",
                f"without one rating for every item (at least {FEWEST_ITEMS})",
                len(kept.rows),
            )
        )
    steps += model.flow
    compared = len(chosen.columns)
    gone = sum(count for _, count in chosen.left_out.values())
    steps.append(flow_row("候选驱动因素（列数）", "candidate drivers (columns)", compared + gone))
    steps += [
        flow_row(f"其中剔除：{why.zh}（列数）", f"of these left out, {why.en} (columns)", count)
        for why, count in chosen.left_out.values()
    ]
    return steps


def method_words(
    answers: Answers, model: Adjusted, items: Items, straight_liners: str, draws: int
) -> Text:
    """Estimators, errors, sources, and what a share does not say."""
    unit = Text("网点", "branches") if model.cluster == "branch_id" else Text("客户", "customers")
    drawn = unit if model.cluster else Text("答复", "answers")
    lines = (
        Text(
            f"对全部（至少 {FEWEST_ITEMS} 个）项目打同一分数的答复不含项目之间孰轻孰重的信息，已剔除；"
            "保留它们的结果另行比较。",
            f"Answers that give one rating to all of at least {FEWEST_ITEMS} items hold nothing about "
            "which item matters more and are left out; the shares with them are compared.",
        )
        if straight_liners == "drop"
        else Text(
            "按声明保留了一律打同一分数的答复；剔除后的结果另行比较。",
            "Answers that give one rating to every item are kept, as declared; the shares without "
            "them are compared.",
        )
    )
    shares = Text(
        "解释份额为各因素在所有进入次序上平均的 R² 增量（LMG，Lindeman、Merenda 与 Gold 1980；即 Shapley 值，"
        f"Grömping 2007）占其合计的比例，已扣除控制变量；区间为{drawn.zh}的百分位自助法（{draws} 次）。"
        "领先者须与其余全部因素同时比较后仍可分出（Hsu 1981）。份额只表示关联的大小，并随因素自身的变动而变：少见的事件即使差别很大，份额也小；"
        "评分在等候之后给出，可能分去等候的份额。",
        "Shares are gains in R² averaged over all orders of entry (LMG: Lindeman, Merenda & Gold 1980; "
        "the Shapley value, Grömping 2007) as parts of their sum, net of what is held equal, with "
        f"percentile intervals from {draws} bootstrap samples of {drawn.en}. A leader must be told "
        "apart from all others at once (Hsu 1981). A share measures how much of the variation goes with a driver, so that a rare event has a small share however large its difference; "
        "ratings come after the wait and may take part of its share.",
    )
    kano = Text("", "")
    if items.kano is not None:
        bad, good = items.kano["bad"].iloc[0], items.kano["good"].iloc[0]
        kano = Text(
            f"惩罚与奖励：{bad:g} 分及以下、{good:g} 分及以上与中间评分相比（Brandt 1987；Mikulić 与 "
            "Prebežac 2008），各项目的区间联合覆盖 95%。",
            f" Penalty and reward compare ratings up to {bad:g} and from {good:g} with those between "
            "(Brandt 1987; Mikulić & Prebežac 2008), with intervals that hold 95% together.",
        )
    base = model_words(answers, model)
    return Text(
        f"{shares.zh}{lines.zh}{kano.zh}概率差：{base.zh}",
        f"{shares.en} {lines.en}{kano.en} Changes in probability: {base.en}",
    )


def model_columns(
    rows: Mapping[str, Quantity], model: Adjusted, outcome: Text
) -> tuple[ModelSummary, ...]:
    """Shares of R² and changes in probability as two columns of a publication table.

    Parameters
    ----------
    rows : mapping of str to Quantity
        The finding's, by term.
    model : Adjusted
    outcome : Text
    """
    binary = len(model.fit.categories) == 2
    columns = {
        "share_": (Text("解释份额（LMG）", "Shares (LMG)"), Text("份额", "share")),
        "change_": (
            Text("二元 logit", "Logit") if binary else Text("有序 logit", "Ordered logit"),
            Text("概率差", "difference in probability"),
        ),
    }
    return tuple(
        _column(prefix, name, scale, rows, model, outcome)
        for prefix, (name, scale) in columns.items()
        if any(term.startswith(prefix) for term in rows)
    )


def _column(
    prefix: str,
    name: Text,
    scale: Text,
    rows: Mapping[str, Quantity],
    model: Adjusted,
    outcome: Text,
) -> ModelSummary:
    shown = {term.removeprefix(prefix): q for term, q in rows.items() if term.startswith(prefix)}
    terms = [
        (
            driver, q.subject.zh, q.subject.en, q.value.estimate, q.value.error, q.value.low,
            q.value.high, q.value.p,
        )
        for driver, q in shown.items()
    ]  # fmt: skip
    first = next(iter(shown.values()))
    facts: dict[str, int | float | str] = {"n": first.n, "error_kind": first.error_kind}
    if first.clusters:
        facts["clusters"] = first.clusters
    if prefix == "share_":
        facts["r_squared"] = rows["r2"].value.estimate
    else:
        facts["df"] = first.value.df
    return ModelSummary(
        name, outcome, scale, pd.DataFrame(terms, columns=list(MODEL_COLUMNS)), facts,
        tuple(model.held),
    )  # fmt: skip
