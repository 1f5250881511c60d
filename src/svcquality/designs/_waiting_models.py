"""The models behind the question of waiting, for publication tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from svcquality.designs._adjusted import Adjusted
from svcquality.designs._rows import Quantity
from svcquality.findings import MODEL_COLUMNS, ModelSummary
from svcquality.language import Text

CURVE_TERMS = ("plus_10", "from_5", "from_20", "from_40", "informed", "overtaken")
CURVE = Text("有序 logit（等候曲线）", "Ordered logit, curve of waits")
CURVE_OF_TWO = Text("二元 logit（等候曲线）", "Logit, curve of waits")
WITHIN = Text("线性概率，网点×半小时", "Linear probability, branch by half hour")
INSTRUMENTED = Text("两阶段最小二乘", "Two-stage least squares")
HALF_HOUR = Text("网点×半小时", "branch by half hour")


def summaries(
    quantities: Sequence[Quantity], model: Adjusted, outcome: Text
) -> tuple[ModelSummary, ...]:
    """One column a model; ten more minutes is ``plus_10`` in each.

    Parameters
    ----------
    quantities : sequence of Quantity
        Of the finding.
    model : Adjusted
        The finding's own.
    outcome : Text
    """
    given = {q.term: q for q in quantities}
    name = CURVE_OF_TWO if len(model.fit.categories) == 2 else CURVE
    columns: list[tuple[Text, Mapping[str, str], tuple[Text, ...]]] = [
        (name, {term: term for term in CURVE_TERMS}, ()),
        (WITHIN, {"plus_10": "plus_10_within_branch_hour"}, (HALF_HOUR,)),
        (INSTRUMENTED, {"plus_10": "plus_10_instrumented"}, (HALF_HOUR,)),
    ]
    return tuple(
        _summary(heading, shown, (*model.held, *more), outcome)
        for heading, terms, more in columns
        if (shown := {term: given[own] for term, own in terms.items() if own in given})
    )


def _summary(
    heading: Text, shown: Mapping[str, Quantity], held: tuple[Text, ...], outcome: Text
) -> ModelSummary:
    first = next(iter(shown.values()))
    rows = [
        (
            term, q.subject.zh, q.subject.en, q.value.estimate, q.value.error, q.value.low,
            q.value.high, q.value.p,
        )
        for term, q in shown.items()
    ]  # fmt: skip
    facts: dict[str, int | float | str] = {
        "n": first.n, "error_kind": first.error_kind, "df": first.value.df,
    }  # fmt: skip
    if first.clusters:
        facts["clusters"] = first.clusters
    return ModelSummary(
        heading,
        outcome,
        Text(f"{outcome.zh}之差", f"difference in {outcome.en}"),
        pd.DataFrame(rows, columns=list(MODEL_COLUMNS)),
        facts,
        held,
    )
