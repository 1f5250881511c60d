"""What a wait costs: the share of satisfied customers along a curve of waiting minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from svcquality.checks.identified import identified
from svcquality.designs import DESIGNS
from svcquality.designs._adjusted import Adjusted, fit_answers, model_words
from svcquality.designs._answer_checks import answer_checks
from svcquality.designs._answers import visit_answers
from svcquality.designs._matrix import as_float
from svcquality.designs._rows import Quantity, error_kind, table
from svcquality.errors import InputError
from svcquality.estimators.clustered import mean_with_error
from svcquality.estimators.marginal import Contrast, average_change, average_level
from svcquality.findings import Finding, Grade
from svcquality.language import Text

MORE_MINUTES = 10.0
STARTS = (5, 20, 40)
SUPPORT = 30
"""Answers needed within five minutes of each end of a contrast between two waits."""
POINTS = 61
BINS = 30


def waiting(
    bank: Any,
    *,
    id: str = "waiting",
    outcome: str = "satisfaction",
    confounders: Sequence[str] | None = None,
    knots: int = 5,
    seed: int = 0,
) -> Finding:
    """Relate waits to the share of satisfied customers, without assuming a straight line.

    Parameters
    ----------
    bank : Records
        Needs surveys with a wait: their own, or that of the visit they are about.
    outcome : {"satisfaction", "satisfied", "recommendation"}
    confounders : sequence of str, optional
        More survey columns to hold equal.
    knots : int
        Of the restricted cubic spline, 3 to 7. Five by default: with four, a curve that bends at
        one wait is smoothed too much there.
    seed : int
        Not used: nothing is drawn.

    Raises
    ------
    InputError
        If fewer than 50 answers have a wait, or answers or waits do not vary.
    """
    answers = visit_answers(bank, outcome)
    if answers.rows["wait_minutes"].isna().all():
        raise InputError(
            "No survey answer has a wait; give wait_minutes in the surveys, or visits with "
            "arrival and call times and the surveys' visit_id.",
            "没有一份答复记录了等候时间；请在问卷中提供 wait_minutes，或提供含取号、叫号时间的到店记录及问卷的 visit_id。",
        )
    # A recent complaint and training come before the wait and go with it: held equal.
    beside = [
        name
        for name in ("branch_trained", "recent_complaint")
        if name in answers.rows and answers.rows[name].nunique() > 1
    ]
    model = fit_answers(answers, ["wait_minutes"], [*beside, *_listed(confounders)], knots=knots)
    if "wait_minutes" in model.lost:
        raise InputError(
            "Waits do not vary beside branch, period and hour, so nothing can be related to them; "
            "use records of single visits.",
            "控制网点、时间和时段之后等候时间不再变动，无法分析；请使用逐次到店的记录。",
        )
    words = answers.outcome.words
    waits = as_float(model.rows["wait_minutes"])
    X, fit = model.X, model.fit
    common: dict[str, Any] = {
        "n": fit.n,
        "unit": "share_difference",
        "error_kind": error_kind(fit.inference, model.cluster),
        "clusters": fit.inference.clusters,
    }
    more = Text("多等候 10 分钟", "10 more minutes of waiting")
    change = average_change(fit, X, {}, model.waits(waits + MORE_MINUTES), model.category)
    quantities = [Quantity("plus_10", more, words, change, **common)]
    for start in STARTS:
        end = start + MORE_MINUTES
        if not (_supported(waits, start) and _supported(waits, end)):
            continue
        quantities.append(
            Quantity(
                f"from_{start}",
                Text(
                    f"等候由 {start} 分钟增至 {end:.0f} 分钟",
                    f"a wait of {end:.0f} instead of {start} minutes",
                ),
                words,
                average_change(
                    fit, X, _everyone(model, start), _everyone(model, end), model.category
                ),
                **common,
            )
        )
    quantities += _perceived(model)
    quantities += _abandoned(bank)
    method = model_words(answers, model)
    return Finding(
        id=id,
        design="waiting",
        question=DESIGNS["waiting"].question,
        grade=Grade.ASSOCIATED,
        claims=tuple(q.claim() for q in quantities),
        table=table(quantities),
        checks=(
            *answer_checks(answers, model, "wait_minutes", Text("等候时间", "the wait")),
            identified([]),
        ),
        method=Text(
            method.zh + "弃号的客户没有满意度，不在此分析中；曲线为逐点区间。",
            method.en + " Customers who left the queue have no satisfaction and are not in it; "
            "the curve's intervals are pointwise.",
        ),
        flow=pd.DataFrame([*answers.flow, *model.flow]),
        figure="curve",
        frames={"curve": _curve(model, waits), "support": _support(waits)},
    )


def _listed(names: Sequence[str] | None) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())


def _supported(waits: np.ndarray, minutes: float) -> bool:
    return int((np.abs(waits - minutes) <= MORE_MINUTES / 2).sum()) >= SUPPORT


def _everyone(model: Adjusted, minutes: float) -> dict[int, Any]:
    """Changes that give every row the same wait."""
    return {c: float(v[0]) for c, v in model.waits(np.array([minutes])).items()}


def _curve(model: Adjusted, waits: np.ndarray) -> pd.DataFrame:
    """P(satisfied), averaged over the answers, were all waits the same."""
    grid = np.linspace(waits.min(), np.quantile(waits, 0.99), POINTS)
    levels = [
        average_level(model.fit, model.X, _everyone(model, minutes), model.category)
        for minutes in grid
    ]
    return pd.DataFrame(
        {
            "wait_minutes": grid,
            "estimate": [v.estimate for v in levels],
            "low": [max(v.low, 0.0) for v in levels],
            "high": [min(v.high, 1.0) for v in levels],
        }
    )


def _support(waits: np.ndarray) -> pd.DataFrame:
    """How many answers there are along the curve."""
    edges = np.linspace(waits.min(), np.quantile(waits, 0.99), BINS + 1)
    counts, _ = np.histogram(waits, edges)
    return pd.DataFrame({"left": edges[:-1], "right": edges[1:], "count": counts})


def _perceived(model: Adjusted) -> list[Quantity]:
    """Remembered over actual waits: the geometric mean of the ratio, where both are positive."""
    if "perceived_wait_minutes" not in model.rows:
        return []
    actual = as_float(model.rows["wait_minutes"])
    remembered = as_float(model.rows["perceived_wait_minutes"])
    both = (actual > 0) & (remembered > 0)
    if both.sum() < SUPPORT:
        return []
    logs = np.log(remembered[both] / actual[both])
    clusters, kind = None, ""
    if model.cluster:
        groups = model.rows[model.cluster].astype("string").fillna("(missing)")[both]
        if groups.nunique() > 1:
            clusters, kind = groups, model.cluster
    mean, inference = mean_with_error(logs, clusters)
    error = float(inference.errors[0])
    reach = stats.t.ppf(0.975, inference.df) * error
    p = 2 * stats.t.sf(abs(mean) / error, inference.df) if error > 0 else np.nan
    ratio = float(np.exp(mean))
    value = Contrast(
        ratio, ratio * error, float(np.exp(mean - reach)), float(np.exp(mean + reach)),
        float(p), inference.df,
    )  # fmt: skip
    return [
        Quantity(
            "perceived_ratio",
            Text("等候时间", "waiting"),
            Text("感知值与实际值之比", "the ratio of the remembered to the actual wait"),
            value,
            int(both.sum()),
            "ratio",
            error_kind(inference, kind),
            inference.clusters,
            null=np.nan,
        )
    ]


def _abandoned(bank: Any) -> list[Quantity]:
    """Share of tickets abandoned, with Wilson's interval."""
    visits = getattr(bank, "visits", None)
    if visits is None or "abandoned" not in visits or visits["abandoned"].notna().sum() == 0:
        return []
    flags = as_float(visits["abandoned"])
    flags = flags[~np.isnan(flags)]
    if not flags.any():
        return []
    n, share = len(flags), float(flags.mean())
    low, high = proportion_confint(int(flags.sum()), n, method="wilson")
    error = float(np.sqrt(share * (1 - share) / n))
    return [
        Quantity(
            "abandoned",
            Text("取号客户", "queue tickets"),
            Text("弃号比例", "the share abandoned before being served"),
            Contrast(share, error, float(low), float(high), np.nan, np.inf),
            n,
            "share",
            "Wilson",
            null=np.nan,
        )
    ]
