"""What customers say of a bank as a few numbers: recommendation, top two, effort."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.designs._non_response_clusters import Clusters
from svcquality.designs._rows import Quantity
from svcquality.errors import InputError
from svcquality.estimators.domain_mean import DomainMean, share_interval
from svcquality.estimators.marginal import Contrast, contrast
from svcquality.estimators.net_promoter import points_of, score_reach
from svcquality.language import Text
from svcquality.models.matrix import as_float

EASY = 2
"""Answers of 1 or 2 on the five-point scale of effort are easy: low is good."""
HIGHEST_OF_FIVE = 5
NAN = float("nan")

NPS, TOP_TWO, EFFORT = "nps", "top_two", "effort"
NET = Text("净推荐值（NPS）", "the net promoter score")
TOP = Text("满意客户（4–5 分）比例", "the share of satisfied customers (4 or 5)")
WORDS = {
    "nps": NET,
    "promoters": Text("推荐者（9–10 分）比例", "the share of promoters (9 or 10)"),
    "passives": Text("中立者（7–8 分）比例", "the share of passives (7 or 8)"),
    "detractors": Text("贬损者（0–6 分）比例", "the share of detractors (0 to 6)"),
    "top_two": TOP,
    "effort": Text(
        "费力度均值（1 很低–5 很高，越低越好）", "the mean effort (1 low to 5 high: low is good)"
    ),
    "easy": Text("省力（费力度 1–2 分）比例", "the share who found it easy (1 or 2)"),
}
UNITS = {
    "nps": "nps_points", "effort": "points", **dict.fromkeys(("promoters", "passives", "detractors", "top_two", "easy"), "share"),
}  # fmt: skip
DIFFERENCES = {"nps_points": "nps_points", "points": "points", "share": "share_difference"}

Mean = Callable[[np.ndarray, np.ndarray], DomainMean]
"""A mean of values over a domain, weighted as the study asks."""


@dataclass(frozen=True)
class Measures:
    """The measures that enough customers answered.

    Parameters
    ----------
    values : dict of str to ndarray of shape (n,)
        By term, NaN where not answered; the score of a recommendation is −100, 0 or 100.
    mean : callable
        Takes values and a domain to a mean with its influence.
    codes : Series of shape (n,), or None
        Cluster of each row.
    clusters : Clusters
        What they are.
    """

    values: dict[str, np.ndarray]
    mean: Mean
    codes: pd.Series | None
    clusters: Clusters

    def answers(self, term: str, domain: np.ndarray) -> np.ndarray:
        """Which rows of a domain have an answer."""
        return domain & np.isfinite(self.values[term])

    def level(self, term: str, domain: np.ndarray) -> tuple[Contrast, int, int | None]:
        """A measure within a domain, its answers and clusters."""
        rows = self.answers(term, domain)
        mean = self.mean(self.values[term], rows)
        inference = mean.inference(self.codes)
        error, n = float(inference.errors[0]), int(rows.sum())
        if UNITS[term] == "share":
            low, high = share_interval(mean.estimate, error, n, inference.df)
        elif term == NPS:
            net = mean.estimate / 100
            either = self.mean(np.abs(self.values[term]) / 100, rows).estimate
            low, high = score_reach(
                (either + net) / 2, (either - net) / 2, error / 100, n, inference.df
            )
        else:
            plain = contrast(mean.estimate, error, inference.df)
            low, high = max(plain.low, 1.0), min(plain.high, float(HIGHEST_OF_FIVE))
        value = Contrast(mean.estimate, error, low, high, NAN, inference.df)
        return value, n, inference.clusters

    def quantity(self, term: str, domain: np.ndarray, subject: Text, suffix: str = "") -> Quantity:
        """`level` as a row of the table."""
        value, n, clusters = self.level(term, domain)
        return Quantity(
            term + suffix,
            subject,
            WORDS[term],
            value,
            n,
            UNITS[term],
            self.clusters.kind,
            clusters,
            NAN,
        )

    def difference(
        self, term: str, one: np.ndarray, other: np.ndarray, name: str, subject: Text, outcome: Text
    ) -> Quantity:
        """A measure within one domain minus that within another, tested."""
        a, b = self.answers(term, one), self.answers(term, other)
        gap = self.mean(self.values[term], a) - self.mean(self.values[term], b)
        inference = gap.inference(self.codes)
        value = contrast(gap.estimate, float(inference.errors[0]), inference.df)
        return Quantity(
            name, subject, outcome, value, int(a.sum() + b.sum()), DIFFERENCES[UNITS[term]],
            self.clusters.kind, inference.clusters,
        )  # fmt: skip


def values_of(rows: pd.DataFrame, fewest: int) -> dict[str, np.ndarray]:
    """The measures with enough answers.

    Parameters
    ----------
    rows : DataFrame
        ``recommendation``, ``satisfied`` and ``effort``, missing where not answered.
    fewest : int

    Raises
    ------
    InputError
        If recommendation was not asked on 0 to 10, or no measure has enough answers.
    """
    found: dict[str, np.ndarray] = {}
    given = as_float(rows["recommendation"])
    if np.isfinite(given).sum() >= fewest:
        if np.nanmax(given) <= HIGHEST_OF_FIVE:
            raise InputError(
                "No recommendation is above 5, so the question seems to have been asked on five "
                "points; a net promoter score needs 0 to 10: map the column to nothing.",
                "推荐意愿没有高于 5 的取值，看来使用的是五点量表；净推荐值需要 0–10 分量表，请不要映射该列。",
            )
        points = points_of(given)
        found[NPS] = 100 * points
        for term, value in (("promoters", 1), ("passives", 0), ("detractors", -1)):
            found[term] = np.where(np.isnan(points), np.nan, points == value)
    satisfied = as_float(rows["satisfied"])
    if np.isfinite(satisfied).sum() >= fewest:
        found[TOP_TWO] = satisfied
    effort = as_float(rows["effort"])
    if np.isfinite(effort).sum() >= fewest:
        found[EFFORT] = effort
        found["easy"] = np.where(np.isnan(effort), np.nan, effort <= EASY)
    if not found:
        raise InputError(
            f"Fewer than {fewest} answers have a recommendation, a satisfaction or an effort; use a "
            "longer period or map these columns.",
            f"推荐意愿、满意度与费力度的答复均少于 {fewest} 份；请延长时间范围，或映射这些列。",
        )
    return found
