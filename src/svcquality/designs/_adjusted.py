"""An ordered logit of the answers, adjusted for customer, visit, branch and period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from svcquality.designs._answers import FEWEST_ANSWERS, Answers
from svcquality.designs._rows import error_words, joined
from svcquality.errors import InputError
from svcquality.estimators.cumulative import CumulativeModel
from svcquality.estimators.jackknife import FEW_CLUSTERS, cluster_jackknife
from svcquality.estimators.ordered_logit import OrderedLogit, ordered_logit
from svcquality.estimators.splines import RestrictedCubicSpline
from svcquality.findings import flow_row
from svcquality.language import Text, plain
from svcquality.models.frame import positive_weights
from svcquality.models.matrix import (
    MISSING,
    Columns,
    DesignMatrix,
    as_float,
    category,
    comparable,
    confounder,
    dense,
    design_matrix,
    period,
)
from svcquality.models.roles import Roles, check_roles

USUAL_CONFOUNDERS = {
    "age": Text("年龄", "age"),
    "segment": Text("客群", "customer segment"),
    "service_type": Text("业务类型", "kind of service"),
    "channel": Text("渠道", "channel"),
    "hour": Text("到店时段", "hour of the visit"),
}
HELD_EQUAL = {
    **USUAL_CONFOUNDERS,
    "branch_trained": Text("网点是否已受训", "branch training"),
    "recent_complaint": Text("近期投诉", "a recent complaint"),
    "priority": Text("是否优先叫号", "priority in the queue"),
    "informed": Text("是否预告等候时长", "whether the wait was announced"),
    "overtaken": Text("是否被后到者超前", "being overtaken"),
    "branch_id": Text("网点", "branch"),
    "month": Text("月份", "month"),
    "quarter": Text("季度", "quarter"),
    "year": Text("年份", "year"),
}
FEWEST_EVENTS = 5
BRANCHES_NEEDED = 4
"""With six branches whose slopes differ, independent rows would find what is not there in 38 of 100
banks, the jackknife in 4."""
CLUSTERS_NEEDED = 8


@dataclass(frozen=True)
class Adjusted:
    """An ordered logit of the answers on exposures and all that is held equal."""

    fit: OrderedLogit
    matrix: DesignMatrix
    rows: pd.DataFrame
    y: np.ndarray
    category: float
    cluster: str
    spline: RestrictedCubicSpline | None
    held: list[Text]
    lost: tuple[str, ...]
    flow: list[dict[str, Any]]
    weights: np.ndarray | None = None

    @property
    def X(self) -> np.ndarray:
        """The design matrix (n, k)."""
        return self.matrix.values

    def waits(self, minutes: np.ndarray) -> dict[int, Any]:
        """Changes that set every row's wait, for `average_change`."""
        minutes = np.asarray(minutes, dtype=float)
        basis = self.spline.transform(minutes) if self.spline else minutes[:, None]
        columns = self.matrix.at["wait_minutes"]
        return {c: np.ascontiguousarray(basis[:, j]) for j, c in enumerate(columns)}


def fit_answers(
    answers: Answers,
    exposures: Sequence[str],
    extra: Sequence[str] | None = None,
    *,
    knots: int = 5,
    mediation: bool = False,
    weight: str | None = None,
) -> Adjusted:
    """Fit the answers on exposures, beside customer, visit, branch and period.

    Parameters
    ----------
    answers : Answers
    exposures : sequence of str
        Columns: ``wait_minutes`` enters as a curve, flags and items as they are. Rows without
        one of them are left out, and counted.
    extra : sequence of str, optional
        More confounders by column name.
    knots : int
        Of the curve of waits.
    mediation : bool
        Allow an extra column that comes after an exposure: what is left is its direct part.
    weight : str, optional
        Column of positive weights.

    Raises
    ------
    InputError
        If the answers do not vary, too few have all exposures, an extra column is unknown, or it
        is a mediator and mediation was not asked for.
    """
    asked = [extra] if isinstance(extra, str) else list(extra or ())
    check_roles(
        Roles(
            answers.outcome.column, tuple(exposures),
            tuple(name for name in dict.fromkeys(asked) if name not in exposures),
            weight=weight or "",
        ),
        answers.rows.columns,
        mediation=mediation,
    )  # fmt: skip
    needed = [*exposures, weight] if weight else list(exposures)
    known = answers.rows[needed].notna().all(axis=1)
    rows = answers.rows[known].reset_index(drop=True)
    flow = [
        flow_row("各项因素均有记录", "with every exposure recorded", len(rows)),
    ]
    if len(rows) < FEWEST_ANSWERS:
        raise InputError(
            f"Only {len(rows)} answers have all of {', '.join(exposures)} recorded; at least "
            f"{FEWEST_ANSWERS} are needed: link surveys to visits or use a longer period.",
            f"只有 {len(rows)} 份答复同时记录了 {'、'.join(exposures)}，至少需要 {FEWEST_ANSWERS} 份；"
            "请将问卷与到店记录关联，或延长时间范围。",
        )
    y = as_float(rows[answers.outcome.column])
    event = y >= answers.outcome.category
    if event.all() or not event.any():
        raise InputError(
            "All answers are alike (all satisfied, or none), so nothing can be related to them; "
            "use a longer period or another outcome.",
            "所有答复都相同（全部满意或全部不满意），无法与任何因素建立关联；请延长时间范围或更换结果变量。",
        )
    rarer = int(min(event.sum(), (~event).sum()))
    if rarer < FEWEST_EVENTS:
        raise InputError(
            f"Only {rarer} of {len(rows):,} answers differ from the others in being satisfied or "
            f"not; at least {FEWEST_EVENTS} are needed: use a longer period or another outcome.",
            f"{len(rows):,} 份答复中只有 {rarer} 份的满意与否与其余不同，至少需要 {FEWEST_EVENTS} 份；"
            "请延长时间范围或更换结果变量。",
        )
    columns: list[Columns] = []
    lost: list[str] = []
    spline = None
    for name in exposures:
        x = as_float(rows[name])
        if name == "wait_minutes":
            spline = _spline(x, knots)
            columns.append(dense(name, spline.transform(x) if spline else x))
        elif _is_flag(x) and not comparable(x, event):
            lost.append(name)
        else:
            columns.append(dense(name, x))
    weights = positive_weights(rows[weight], weight) if weight else None
    confounders = _confounders(rows, event, asked)
    matrix = design_matrix(columns, confounders, len(rows))
    for term, pooled in matrix.pooled.items():
        label = HELD_EQUAL.get(term, plain(term))
        flow.append(
            flow_row(
                f"其中：{label.zh}的稀少取值合并计算",
                f"of these, in pooled levels of {label.en}",
                pooled,
            )
        )
    cluster = _cluster_column(rows)
    clusters = groups(rows, cluster)
    fit = clustered(
        ordered_logit(y, matrix.values, clusters=clusters, weights=weights, names=matrix.names),
        y, matrix.values, clusters, weights,
    )  # fmt: skip
    return Adjusted(
        fit=fit,
        matrix=matrix,
        rows=rows,
        y=y,
        category=answers.outcome.category,
        cluster=cluster,
        spline=spline,
        weights=weights,
        held=[HELD_EQUAL.get(c.term, plain(c.term)) for c in confounders if c is not None],
        lost=(*lost, *matrix.lost),
        flow=flow,
    )


Ordered = TypeVar("Ordered", bound=CumulativeModel)


def clustered(
    fit: Ordered,
    y: np.ndarray,
    X: np.ndarray,
    clusters: pd.Series | None,
    weights: np.ndarray | None = None,
) -> Ordered:
    """The fit, with the jackknife over clusters in place of CR1 where they are few."""
    if clusters is None or (fit.inference.clusters or 0) >= FEW_CLUSTERS:
        return fit
    return replace(fit, inference=cluster_jackknife(fit.parts(y, X, weights), clusters))


def _is_flag(x: np.ndarray) -> bool:
    return bool(np.isin(x, (0.0, 1.0)).all())


def _spline(x: np.ndarray, knots: int) -> RestrictedCubicSpline | None:
    """A curve where the waits allow one, else None: a straight line."""
    if np.ptp(x) == 0:
        raise InputError(
            "Every recorded wait is the same, so nothing can be related to it; check the "
            "wait_minutes column.",
            "所有等候时间都相同，无法与满意度建立关联；请检查 wait_minutes 列。",
        )
    if len(np.unique(x)) <= max(knots, 5):
        return None
    return RestrictedCubicSpline.at_quantiles(x, knots)


def _confounders(
    rows: pd.DataFrame, event: np.ndarray, asked: Sequence[str]
) -> list[Columns | None]:
    names = dict.fromkeys([*USUAL_CONFOUNDERS, *asked])
    return [
        *(confounder(name, _series(rows, name), event) for name in names if name in rows),
        category("branch_id", rows["branch_id"], event),
        period(rows["month"], event),
    ]


def _series(rows: pd.DataFrame, name: str) -> pd.Series:
    # The hour of a visit is a time of day, not an amount.
    return rows[name].astype("string") if name == "hour" else rows[name]


def _cluster_column(rows: pd.DataFrame) -> str:
    """Branches where there are enough; else customers who answered more than once; else none."""
    if rows["branch_id"].nunique() >= BRANCHES_NEEDED:
        return "branch_id"
    customers = rows["customer_id"]
    if customers.notna().all() and CLUSTERS_NEEDED <= customers.nunique() < len(rows):
        return "customer_id"
    return ""


def groups(rows: pd.DataFrame, cluster: str) -> pd.Series | None:
    """Each row's cluster; None where nothing is clustered."""
    return rows[cluster].astype("string").fillna(MISSING) if cluster else None


def model_words(answers: Answers, model: Adjusted) -> Text:
    """How the numbers were estimated, for the finding's method."""
    binary = len(model.fit.categories) == 2
    kind = Text("二元 logit", "Logit") if binary else Text("有序 logit", "Ordered logit")
    held = joined(model.held) if model.held else Text("无", "nothing")
    if "wait_minutes" not in model.matrix.at:
        wait = Text("", "")
    elif model.spline:
        places = "、".join(f"{t:.0f}" for t in model.spline.knots)
        wait = Text(
            f"等候时间以限制性立方样条进入（节点 {places} 分钟；Harrell 2015）；",
            f"waits enter as a restricted cubic spline (knots at {places.replace('、', ', ')} "
            "minutes; Harrell 2015); ",
        )
    else:
        wait = Text("等候时间以直线进入；", "waits enter as a straight line; ")
    errors = error_words(model.fit.inference, model.cluster)
    return Text(
        f"{kind.zh}（McCullagh 1980），结果为 {answers.outcome.column}；{wait.zh}控制：{held.zh}。"
        f"数值为在全部 {model.fit.n:,} 份答复上平均的概率差，delta 法误差，{errors.zh}。"
        "答复少于 10 份或结果无差异的类别合并；控制变量缺失者自成一类。",
        f"{kind.en} (McCullagh 1980) of {answers.outcome.column}; {wait.en}held equal: {held.en}. "
        f"Numbers are differences in probability averaged over the {model.fit.n:,} answers, with "
        f"delta-method {errors.en}. Levels with fewer than 10 answers, or with one kind of answer "
        "only, are pooled; a missing confounder is a level of its own.",
    )
