"""Who answers: a model of answering on everything that is recorded of all who were invited."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.designs._non_response_clusters import Clusters
from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast, average_change
from svcquality.estimators.response import ResponseModel, response_model
from svcquality.estimators.splines import RestrictedCubicSpline
from svcquality.findings import MODEL_COLUMNS, ModelSummary
from svcquality.language import Text, plain
from svcquality.models.matrix import (
    MISSING,
    Columns,
    as_float,
    category,
    dense,
    design_matrix,
    period,
)
from svcquality.records.tables import CODE_WORDS

NUMBERS = {
    "age": (10.0, Text("年长 10 岁", "ten years older"), Text("年龄", "age")),
    "wait_minutes": (
        10.0,
        Text("多等候 10 分钟", "10 more minutes of waiting"),
        Text("等候时间", "the wait"),
    ),
}
KINDS = {
    "segment": Text("客群", "customer segment"),
    "service_type": Text("业务类型", "kind of service"),
    "channel": Text("渠道", "channel"),
    "trigger": Text("触发原因", "what triggered the survey"),
    "recent_complaint": Text("此前 90 天内有过投诉", "a complaint in the 90 days before"),
    "hour": Text("到店时段", "hour of the visit"),
}
TOLD = ("segment", "service_type", "channel", "trigger", "recent_complaint")
"""Shown level by level; hours, branches and periods are held equal without a line of their own."""
HELD = {
    "branch_id": Text("网点", "branch"),
    "month": Text("月份", "month"),
    "quarter": Text("季度", "quarter"),
    "year": Text("年份", "year"),
}
FLAG_WORDS = {"true": Text("是", "yes"), "false": Text("否", "no")}
MOST_WEIGHT = 5.0
"""Weights above five times their mean are cut to it."""


@dataclass(frozen=True)
class WhoAnswers:
    """A fitted model of answering.

    Parameters
    ----------
    model : ResponseModel
    known : list of Text
        What it rests on.
    codes : Series or None
        Cluster of each invitation.
    clusters : Clusters
        What they are.
    differences : DataFrame
        ``term, label_zh, label_en, estimate, error, low, high, p``: average differences in the
        probability of answering.
    """

    model: ResponseModel
    known: list[Text]
    codes: pd.Series | None
    clusters: Clusters
    differences: pd.DataFrame

    def summary(self) -> ModelSummary:
        """As a column of a publication table."""
        fit = self.model.fit
        facts: dict[str, int | float | str] = {
            "n": fit.n,
            "error_kind": self.clusters.kind,
            "df": fit.inference.df,
        }
        if fit.inference.clusters:
            facts["clusters"] = fit.inference.clusters
        told = {w.en for _, _, w in NUMBERS.values()} | {KINDS[name].en for name in TOLD}
        return ModelSummary(
            name=Text("答复模型（logit）", "Response model (logit)"),
            outcome=Text("是否答复", "whether the survey was answered"),
            scale=Text("答复概率之差", "difference in P(answered)"),
            terms=self.differences[list(MODEL_COLUMNS)],
            facts=facts,
            absorbed=tuple(words for words in self.known if words.en not in told),
        )


def who_answers(rows: pd.DataFrame, answered: np.ndarray, clusters: Clusters) -> WhoAnswers:
    """Fit the model of answering.

    Parameters
    ----------
    rows : DataFrame
        Of `invited_rows`.
    answered : ndarray of bool, shape (n,)
    clusters : Clusters

    Raises
    ------
    InputError
        If nothing is recorded of those invited, all or none answered, or too few were invited.
    """
    curves = {name: _Curve.of(rows[name]) for name in NUMBERS if name in rows}
    for name, curve in curves.items():
        if curve and _told_apart(curve.x[answered], curve.x[~answered]):
            words = NUMBERS[name][2]
            raise InputError(
                f"Those who answered and those who did not have no {words.en} in common, so that "
                f"answers cannot be weighted by it; check the column {name!r}.",
                f"答复者与未答复者的{words.zh}没有重叠，无法据此加权；请检查“{name}”列。",
            )
    parts: list[Columns | None] = [
        part for name, curve in curves.items() if curve for part in curve.columns(name, answered)
    ]
    parts += [category(name, _words(rows[name]), answered) for name in KINDS if name in rows]
    parts += [category("branch_id", rows["branch_id"], answered), period(rows["month"], answered)]
    held = [part for part in parts if part is not None]
    matrix = design_matrix([], held, len(rows))
    if not matrix.names:
        raise InputError(
            "Nothing that varies is recorded of those who were invited, so answers cannot be "
            "weighted; link surveys to customers, visits or branches.",
            "受邀客户没有任何可区分的记录，无法对答复加权；请将问卷与客户、到店或网点关联。",
        )
    codes = clusters.of(rows)
    model = response_model(
        answered, matrix.values, clusters=codes, names=matrix.names, most=MOST_WEIGHT
    )
    differences = []
    for name, curve in curves.items():
        at = matrix.at.get(name, [])
        if curve and len(at) == curve.width:
            step, label, _ = NUMBERS[name]
            after = curve.basis(curve.x + step)
            change = average_change(
                model.fit, model.X, {}, {c: after[:, j] for j, c in enumerate(at)}
            )
            differences.append(_difference(f"{name}_plus_{step:g}", label, change))
    for part in held:
        if part.term in TOLD and part.codes is not None:
            at = matrix.at.get(part.term, [])
            if len(at) == part.width:
                values = _words(rows[part.term])
                labels = [_level_label(values[part.codes == k]) for k in range(part.width + 1)]
                differences += _levels(model, part.term, at, labels)
    columns = list(MODEL_COLUMNS)
    named = {**{n: w for n, (_, _, w) in NUMBERS.items()}, **KINDS, **HELD}
    known = [named[term] for term in dict.fromkeys(matrix.names) if term in named]
    return WhoAnswers(model, known, codes, clusters, pd.DataFrame(differences, columns=columns))


def _told_apart(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether one group's values all lie beyond the other's."""
    if not len(one) or not len(other):
        return False
    return bool(one.min() > other.max() or one.max() < other.min())


@dataclass(frozen=True)
class _Curve:
    """A number as a gentle curve; missing values take the median and an indicator."""

    x: np.ndarray
    missing: np.ndarray
    spline: RestrictedCubicSpline | None

    @classmethod
    def of(cls, values: pd.Series) -> _Curve | None:
        x = as_float(values)
        missing = np.isnan(x)
        if missing.all():
            return None
        x = np.where(missing, np.nanmedian(x), x)
        if np.ptp(x) == 0:
            return None
        spline = None
        if len(np.unique(x)) > 10:
            try:
                spline = RestrictedCubicSpline.at_quantiles(x, 3)
            except InputError:  # nearly all values tie: a line says what there is to say
                spline = None
        return cls(x, missing, spline)

    @property
    def width(self) -> int:
        return self.basis(self.x[:1]).shape[1]

    def basis(self, x: np.ndarray) -> np.ndarray:
        return self.spline.transform(x) if self.spline else x[:, None]

    def columns(self, name: str, answered: np.ndarray) -> list[Columns | None]:
        flag = pd.Series(np.where(self.missing, "missing", "known"))
        return [dense(name, self.basis(self.x)), category(f"{name}_missing", flag, answered)]


def _words(values: pd.Series) -> pd.Series:
    """Categories and flags as text; an hour is a time of day, not an amount."""
    return (
        values.astype("string").str.lower()
        if values.dtype == "boolean"
        else values.astype("string")
    )


def _levels(
    model: ResponseModel, term: str, at: list[int], labels: list[Text]
) -> list[dict[str, object]]:
    """Each level against the largest, which comes first."""
    off: dict[int, np.ndarray | float] = dict.fromkeys(at, 0.0)
    found = []
    for k, column in enumerate(at, start=1):
        change = average_change(model.fit, model.X, off, {**off, column: 1.0})
        about, level, base = KINDS[term], labels[k], labels[0]
        found.append(
            _difference(
                f"{term}[{level.en}]",
                Text(
                    f"{about.zh}：{level.zh}（相对于{base.zh}）",
                    f"{about.en}: {level.en} (against {base.en})",
                ),
                change,
            )
        )
    return found


def _level_label(values: pd.Series) -> Text:
    levels = values.fillna(MISSING).unique()
    if len(levels) > 1:
        return Text("其余", "the rest")
    name = str(levels[0])
    if name == MISSING:
        return Text("未记录", "not recorded")
    return FLAG_WORDS.get(name) or CODE_WORDS.get(name) or plain(name)


def _difference(term: str, label: Text, change: Contrast) -> dict[str, object]:
    return {
        "term": term, "label_zh": label.zh, "label_en": label.en, "estimate": change.estimate,
        "error": change.error, "low": change.low, "high": change.high, "p": change.p,
    }  # fmt: skip
