"""Rows of a finding's table, its claims and its forest, from contrasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from svcquality.estimators.clustered import Inference
from svcquality.estimators.marginal import Contrast
from svcquality.estimators.multiplicity import adjusted_p
from svcquality.findings import TABLE_COLUMNS, Claim
from svcquality.language import Text

FOREST = ["term", "label_zh", "label_en", "estimate", "low", "high", "unit"]

CLUSTER_UNITS = {
    "branch_id": Text("网点", "branches"),
    "customer_id": Text("客户", "customers"),
}


@dataclass(frozen=True)
class Quantity:
    """One number that a design gives: its place in the table and its words."""

    term: str
    subject: Text
    outcome: Text
    value: Contrast
    n: int
    unit: str
    error_kind: str
    clusters: int | None = None
    null: float = 0.0

    def claim(self) -> Claim:
        """Its words."""
        v = self.value
        return Claim(
            self.subject, self.outcome, v.estimate, v.low, v.high, self.unit, null=self.null
        )

    def row(self) -> dict[str, Any]:
        """Its row of the table."""
        v = self.value
        label = self.subject
        if np.isnan(self.null):  # a level is unclear without what it is a level of
            label = Text(f"{label.zh}：{self.outcome.zh}", f"{label.en}: {self.outcome.en}")
        return {
            "term": self.term,
            "label_zh": label.zh,
            "label_en": label.en,
            "estimate": v.estimate,
            "error": v.error,
            "error_kind": self.error_kind,
            "low": v.low,
            "high": v.high,
            "p": np.nan if np.isnan(self.null) else v.p,
            "p_adjusted": np.nan,
            "n": self.n,
            "clusters": self.clusters,
            "unit": self.unit,
        }


_CLUSTERED = {
    "CR1": Text("CR1", "CR1"),
    "CR3": Text(
        "单元较少，采用逐个剔除的 CR3", "CR3, the jackknife over clusters, since they are few"
    ),
}


def error_kind(inference: Inference, cluster: str) -> str:
    """How the error was computed, for the table ("CR1 by branch_id")."""
    return f"{inference.kind} by {cluster}" if inference.clusters else inference.kind


def error_words(inference: Inference, cluster: str) -> Text:
    """How the error was computed, as part of a sentence."""
    df = f"{inference.df:,.0f}"
    if inference.clusters is None:
        return Text(
            f"异方差稳健标准误（HC1），t 分布自由度 {df}",
            f"heteroskedasticity-robust errors (HC1), t with {df} degrees of freedom",
        )
    unit, kind = CLUSTER_UNITS[cluster], _CLUSTERED[inference.kind]
    return Text(
        f"按{unit.zh}聚类的稳健标准误（{kind.zh}，{inference.clusters:,} 个），t 分布自由度 {df}",
        f"errors clustered by {inference.clusters:,} {unit.en} ({kind.en}), t with {df} degrees "
        "of freedom",
    )


def table(quantities: list[Quantity]) -> pd.DataFrame:
    """The finding's table, its p-values adjusted by Holm as one family."""
    frame = pd.DataFrame([q.row() for q in quantities], columns=list(TABLE_COLUMNS))
    frame["p_adjusted"] = adjusted_p(frame["p"].to_numpy(dtype=float), "holm")
    return frame.astype({"n": "Int64", "clusters": "Int64"})


def forest(quantities: list[Quantity]) -> pd.DataFrame:
    """The frame behind a forest of intervals."""
    return table(quantities)[FOREST]


def joined(labels: list[Text]) -> Text:
    """Labels as a list within a sentence."""
    return Text("、".join(t.zh for t in labels), ", ".join(t.en for t in labels))
