"""A model by formula: fitted once, read on the scale one needs, its errors changed afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Literal

import numpy as np
import pandas as pd

from svcquality.errors import InputError
from svcquality.estimators.clustered import Inference
from svcquality.estimators.linear import LinearModel
from svcquality.estimators.marginal import Contrast, average_contrast, contrast
from svcquality.estimators.ordered_logit import OrderedLogit
from svcquality.estimators.wild_bootstrap import (
    WildBootstrap,
    score_cluster_bootstrap,
    wild_cluster_bootstrap,
)
from svcquality.findings import MODEL_COLUMNS, ModelSummary
from svcquality.language import Text, plain
from svcquality.models.errors import Errors, with_errors
from svcquality.models.families import FAMILIES, Family
from svcquality.models.formula import Formula, Matrix, fixed_groups
from svcquality.models.frame import AnalysisFrame


@dataclass(frozen=True)
class Model:
    """A fitted model.

    Parameters
    ----------
    formula : Formula
    family : str
        A key of `FAMILIES`.
    frame : AnalysisFrame
        The rows fitted, and how many were dropped for which reason.
    matrix : Matrix
    X : ndarray of shape (n, p)
        The columns fitted: those of the formula, then indicators of fixed effects.
    y : ndarray of shape (n,)
    fit : fitted estimator
    category : float or None
        From which value on an ordered outcome counts as the event.
    absorbed : tuple of str
        Fixed effects.
    """

    formula: Formula
    family: Family
    frame: AnalysisFrame
    matrix: Matrix
    X: np.ndarray
    y: np.ndarray
    fit: Any
    category: float | None
    absorbed: tuple[str, ...]

    @property
    def inference(self) -> Inference:
        """Covariance of the parameters, and its kind."""
        return self.fit.inference  # type: ignore[no-any-return]

    @property
    def weights(self) -> np.ndarray | None:
        """Weights of the rows, where there are any."""
        name = self.frame.roles.weight
        return self.frame.rows[name].to_numpy(dtype=float) if name else None

    @property
    def terms(self) -> pd.DataFrame:
        """Coefficients, tidy: `MODEL_COLUMNS`, on the scale of the family."""
        errors, df = self.inference.errors, self.inference.df
        rows = []
        for j, name in enumerate(self.matrix.names):
            value = contrast(float(self.fit.coefficients[j]), float(errors[j]), df)
            rows.append(
                (name, name, name, value.estimate, value.error, value.low, value.high, value.p)
            )
        return pd.DataFrame(rows, columns=list(MODEL_COLUMNS))

    def effect(self, column: str, change: float | tuple[Any, Any] | None = None) -> Contrast:
        """Average change of the outcome, or of the probability of the event, over the rows.

        Parameters
        ----------
        column : str
            A column on the right-hand side; every term that it is part of changes with it.
        change : float or (before, after), optional
            How much is added to a number (1 by default), or two values that every row is given;
            for a flag, 1 instead of 0 by default.

        Raises
        ------
        InputError
            If the column is not in the formula, or is a category and no two values are given.
        """
        if column not in self.formula.variables:
            raise InputError(
                f"{column!r} is not on the right of {self.formula.text!r}; there are "
                f"{', '.join(self.formula.variables)}.",
                f"{column!r} 不在公式 {self.formula.text!r} 的右侧；现有："
                f"{'、'.join(self.formula.variables)}。",
            )
        before, after = self._changed(column, change)
        return average_contrast(self.fit, before, after, self.category, weights=self.weights)

    def effects(self) -> pd.DataFrame:
        """Average effects of one unit more, of a flag, or of each level against the first.

        Returns
        -------
        DataFrame
            `MODEL_COLUMNS`; on the scale of the outcome, or of the probability of the event
            (average marginal effects by finite differences, delta-method errors).
        """
        rows = []
        for name in self.formula.variables:
            for label, change in self.changes(name):
                value = self.effect(name, change)
                numbers = (value.estimate, value.error, value.low, value.high, value.p)
                rows.append((label, label, label, *numbers))
        return pd.DataFrame(rows, columns=list(MODEL_COLUMNS))

    def with_errors(self, errors: Errors, cluster: str | Sequence[str] | None = None) -> Model:
        """The same estimates with other errors; see `svcquality.models.errors.with_errors`."""
        names = self.frame.roles.cluster if cluster is None else listed(cluster)
        missing = [name for name in names if name not in self.frame.rows]
        if missing:
            raise InputError(
                f"{missing[0]!r} was not kept in the analysis frame; name it as cluster when "
                "fitting, so that rows without it are counted.",
                f"分析数据中没有 {missing[0]!r}；请在拟合时将其指定为聚类变量，以便统计缺失行。",
            )
        clusters = [self.frame.rows[name] for name in names]
        groups = list(fixed_groups(self.formula, self.frame.rows).values())
        return replace(self, fit=with_errors(self, errors, clusters, groups))

    def wild_test(self, term: str, *, draws: int = 9999, seed: int = 0) -> WildBootstrap:
        """Wild cluster bootstrap of one coefficient, the null imposed; for few clusters.

        Of the scores for an ordered or binary logit, of the residuals for a linear model (fixed
        effects taken out first).

        Raises
        ------
        InputError
            If there is no such term or no cluster, or the family has no such test.
        """
        if term not in self.matrix.names:
            raise InputError(
                f"The model has no term {term!r}; it has {', '.join(self.matrix.names)}.",
                f"模型中没有 {term!r}；现有：{'、'.join(self.matrix.names)}。",
            )
        column = self.matrix.names.index(term)
        if not self.frame.roles.cluster:
            raise InputError(
                "A wild cluster bootstrap needs a cluster; name it when fitting.",
                "wild cluster bootstrap 需要聚类变量；请在拟合时指定。",
            )
        clusters = self.frame.rows[self.frame.roles.cluster[0]].astype("string")
        if isinstance(self.fit, LinearModel):
            left = self.fit.left
            y = left.residuals + left.X @ left.coefficients
            return wild_cluster_bootstrap(y, left.X, column, clusters, draws=draws, seed=seed)
        if isinstance(self.fit, OrderedLogit):
            return score_cluster_bootstrap(self.y, self.X, column, clusters, draws=draws, seed=seed)
        raise InputError(
            "The wild bootstrap is there for linear, logit and ordered_logit.",
            "wild bootstrap 仅用于 linear、logit 与 ordered_logit。",
        )

    def summary(self, scale: Literal["coefficients", "effects"] = "coefficients") -> ModelSummary:
        """The model as a column of a publication table."""
        words = FAMILIES[self.family]
        on_effects = scale == "effects"
        kind = self.inference.kind
        cluster = " & ".join(self.frame.roles.cluster)
        facts: dict[str, int | float | str] = {
            "n": len(self.y),
            "error_kind": f"{kind} by {cluster}" if self.inference.clusters and cluster else kind,
            "df": float(self.inference.df),
        }
        if self.inference.clusters:
            facts["clusters"] = self.inference.clusters
        within = ("within_r_squared",) if self.absorbed else ()
        for name in ("r_squared", *within, "log_likelihood", "intraclass_correlation"):
            if hasattr(self.fit, name):
                facts[name] = float(getattr(self.fit, name))
        return ModelSummary(
            words.name,
            plain(self.formula.outcome),
            self._effect_scale() if on_effects else words.scale,
            self.effects() if on_effects else self.terms,
            facts,
            tuple(plain(name) for name in self.absorbed),
        )

    def _repr_html_(self) -> str:
        head = f"{self.formula.text} · {FAMILIES[self.family].name.en} · n = {len(self.y):,}"
        note = f"{self.summary().facts['error_kind']}, t({self.inference.df:,.0f})"
        table = self.terms.drop(columns=["label_zh", "label_en"]).to_html(
            index=False, float_format=lambda v: f"{v:.4g}", escape=True
        )
        return f"<p><strong>{escape(head)}</strong><br>{escape(note)}</p>{table}"

    def _effect_scale(self) -> Text:
        if self.category is None:
            return Text("结果的平均变化", "average change of the outcome")
        at = f"{self.category:g}"
        return Text(
            f"P({self.formula.outcome} ≥ {at}) 的平均变化",
            f"average change of P({self.formula.outcome} ≥ {at})",
        )

    def changes(self, name: str) -> list[tuple[str, Any]]:
        """What `effects` reports of a column: label, and the change as `effect` takes it."""
        column = self.frame.rows[name]
        if pd.api.types.is_numeric_dtype(column.dtype):
            values = column.to_numpy(dtype=float)
            flag = np.isin(values, (0.0, 1.0)).all()
            return [(name, (0.0, 1.0) if flag else 1.0)]
        levels = sorted(column.astype("string").unique())
        return [(f"{name} = {level}", (levels[0], level)) for level in levels[1:]]

    def _changed(self, name: str, change: Any) -> tuple[np.ndarray, np.ndarray]:
        rows = self.frame.rows
        number = pd.api.types.is_numeric_dtype(rows[name].dtype)
        if change is None:
            (_, change) = self.changes(name)[0] if number else (name, None)
        if change is None or (not number and not isinstance(change, tuple)):
            levels = ", ".join(map(str, sorted(rows[name].astype("string").unique())))
            raise InputError(
                f"{name!r} is a category: give the two levels to compare, of {levels}.",
                f"{name!r} 是类别变量：请给出要比较的两个取值，可选：{levels}。",
            )
        if isinstance(change, tuple):
            pair = [rows.assign(**{name: value}) for value in change]
        else:
            pair = [rows, rows.assign(**{name: rows[name].astype(float) + change})]
        made = [self.matrix.of(frame) for frame in pair]
        rest = self.X[:, len(self.matrix.names) :]
        before, after = (np.hstack([m, rest]) for m in made)
        return before, after


def listed(names: str | Sequence[str] | None) -> tuple[str, ...]:
    """One name, several or none, as a tuple."""
    return (names,) if isinstance(names, str) else tuple(names or ())
