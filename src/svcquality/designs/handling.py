"""How long a reply takes, counting the complaints that are still open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.causes.measure import measure_causes
from svcquality.causes.topics import discover_topics
from svcquality.checks.censoring import censoring
from svcquality.checks.dropped_rows import dropped_rows
from svcquality.designs import DESIGNS
from svcquality.designs._rows import Quantity, table
from svcquality.errors import InputError
from svcquality.estimators.kaplan_meier import KaplanMeier, Point, kaplan_meier
from svcquality.estimators.marginal import Contrast
from svcquality.findings import Finding, Grade, flow_row
from svcquality.language import Text, plain
from svcquality.records.tables import CODE_WORDS

MOST_GROUPS = 6
FEWEST = 20
"""Complaints that a group needs to be shown by itself."""
REST = "other"
POINTS = 400
DAY_SECONDS = 86_400
EVERYONE = Text("投诉", "complaints")


def handling(
    bank: Any,
    *,
    id: str = "handling",
    causes: Any = None,
    by: str | None = None,
    limits: Sequence[float] = (15, 30, 60),
    topics: int | None = None,
    seed: int = 0,
) -> Finding:
    """Describe the days from receipt to the first response.

    Parameters
    ----------
    bank : Records
        Complaints with ``received`` and ``responded`` (else ``resolved``).
    causes : MeasuredCauses, optional
        For ``by="cause"``; measured here when not given.
    by : str, optional
        A column of the complaints, ``"topic"`` (discovered in the texts) or ``"cause"`` (measured
        from them). The largest groups are shown, the rest pooled.
    limits : sequence of float
        Days within which a reply is due.
    topics : int, optional
        Number of topics for ``by="topic"``; by default the best of several.
    seed : int
        For topics and causes.

    Returns
    -------
    Finding
        Terms ``median_days``, ``p90_days``, ``within_<limit>_days``, and the same by group
        (``median_days[<group>]``).

    Raises
    ------
    InputError
        If there is no time of reply, nothing has been answered, or ``by`` is unknown.
    """
    limits = [limits] if isinstance(limits, (int, float)) else list(limits)
    rows, answered_by, cut = _delays(bank.complaints)
    if rows.empty:
        raise InputError(
            "No complaint has both a time of receipt and a known delay; check received, responded "
            "and resolved.",
            "没有可计算答复时长的投诉；请检查受理、答复与办结时间。",
        )
    group, labels = _groups(bank.complaints, rows, by, causes, topics, seed)
    whole = kaplan_meier(rows["days"].to_numpy(), rows["answered"].to_numpy())
    curves = {name: _curve(rows[group == name]) for name in labels}
    quantities = _quantities(whole, "", EVERYONE, limits)
    for name, fit in curves.items():
        if fit is not None:
            quantities += _quantities(fit, f"[{name}]", labels[name], limits)
    closed = rows.loc[rows["answered"], "days"].median()
    received = int(bank.complaints["received"].notna().sum())
    return Finding(
        id=id,
        design="handling",
        question=DESIGNS["handling"].question,
        grade=Grade.DESCRIBES,
        claims=tuple(q.claim() for q in quantities if "[" not in q.term),
        table=table(quantities),
        checks=(
            censoring(
                whole.quantile(0.5).estimate,
                float(closed),
                int((~rows["answered"]).sum()),
                len(rows),
            ),
            dropped_rows(
                received,
                len(rows),
                Text("答复早于受理", "a reply before the receipt"),
            ),
        ),
        method=_method(answered_by, cut, by, len(rows) - int(rows["answered"].sum())),
        flow=pd.DataFrame(
            [
                flow_row("登记的投诉", "complaints on record", len(bank.complaints)),
                flow_row("有受理时间", "with a time of receipt", received),
                flow_row("时长可用", "with a usable delay", len(rows)),
                flow_row("其中已答复", "of which answered", int(rows["answered"].sum())),
            ]
        ),
        figure="steps",
        frames={
            "steps": _steps(whole, {n: c for n, c in curves.items() if c is not None}, labels),
            "limits": pd.DataFrame({"days": [float(day) for day in limits]}),
        },
    )


def _delays(complaints: pd.DataFrame) -> tuple[pd.DataFrame, Text, pd.Timestamp]:
    """Days to the reply, or to the last moment seen in the table for who still waits."""
    if complaints["responded"].notna().any():
        replied, words = complaints["responded"], Text("首次答复", "first response")
        # A case that was resolved without a recorded response was answered by then at the latest.
        replied = replied.fillna(complaints["resolved"])
    elif complaints["resolved"].notna().any():
        replied, words = complaints["resolved"], Text("办结", "resolution")
    else:
        raise InputError(
            "The complaints have no time of reply; map a column to 'responded' or 'resolved'.",
            "投诉表没有答复时间；请把相应的列映射为 responded 或 resolved。",
        )
    cut = complaints[["received", "responded", "resolved"]].max().max()
    days = (replied.fillna(cut) - complaints["received"]).dt.total_seconds() / DAY_SECONDS
    rows = pd.DataFrame(
        {"complaint_id": complaints["complaint_id"], "days": days, "answered": replied.notna()}
    )
    return rows[rows["days"] >= 0].reset_index(drop=True), words, cut


def _groups(
    complaints: pd.DataFrame,
    rows: pd.DataFrame,
    by: str | None,
    causes: Any,
    topics: int | None,
    seed: int,
) -> tuple[pd.Series, dict[str, Text]]:
    """Group of each row, and the labels of the groups, the largest first and the rest last."""
    if by is None:
        return pd.Series(pd.NA, index=rows.index, dtype="str"), {}
    named: dict[str, Text] = {}
    texts = complaints.set_index("complaint_id")["text"]
    if by == "topic":
        found = discover_topics(texts, k=topics, seed=seed, starts=5)
        of, named = found.primary, found.labels
    elif by == "cause":
        measured = causes if causes is not None else measure_causes(complaints, seed=seed)
        of, named = measured.primary, measured.labels
    elif by in complaints and by not in ("complaint_id", "text"):
        of = complaints.set_index("complaint_id")[by]
    else:
        columns = [str(c) for c in complaints if c not in ("complaint_id", "text")]
        raise InputError(
            f"Complaints cannot be grouped by {by!r}; use topic, cause or one of their columns: "
            f"{', '.join(columns)}.",
            f"无法按“{by}”给投诉分组；可用 topic、cause 或投诉表的列：{'、'.join(columns)}。",
        )
    group = of.astype("str").reindex(pd.Index(rows["complaint_id"])).set_axis(rows.index)
    sizes = group.value_counts()
    shown = list(sizes.index[sizes >= FEWEST][:MOST_GROUPS])
    group = group.where(group.isin(shown) | group.isna(), REST)
    if (group == REST).any() and REST not in shown:
        shown.append(REST)
    labels = {name: named.get(name) or CODE_WORDS.get(name, plain(name)) for name in shown}
    if REST in labels:
        labels[REST] = Text("其他", "other")
    return group, labels


def _curve(rows: pd.DataFrame) -> KaplanMeier | None:
    """The curve of one group; None where nothing was answered yet or too few are left."""
    if len(rows) < FEWEST or not rows["answered"].any():
        return None
    return kaplan_meier(rows["days"].to_numpy(), rows["answered"].to_numpy())


def _quantities(
    fit: KaplanMeier, suffix: str, label: Text, limits: Sequence[float]
) -> list[Quantity]:
    def quantity(term: str, words: Text, point: Point, unit: str) -> Quantity:
        width = (point.high - point.low) / (2 * stats.norm.ppf(0.975))
        error = width if np.isfinite(width) else np.nan
        value = Contrast(point.estimate, error, point.low, point.high, np.nan, np.inf)
        return Quantity(
            term + suffix, label, words, value, fit.n, unit, "Greenwood, log(−log)", null=np.nan
        )

    return [
        quantity(
            "median_days", Text("答复时长中位数", "the median time to a reply"),
            fit.quantile(0.5), "days",
        ),
        quantity(
            "p90_days",
            Text("答复时长的 90% 分位数", "the time by which 90% are answered"),
            fit.quantile(0.9), "days",
        ),
        *(
            quantity(
                f"within_{limit:g}_days",
                Text(f"{limit:g} 天内答复的比例", f"the share answered within {limit:g} days"),
                fit.happened_by(limit), "share",
            )
            for limit in limits
        ),
    ]  # fmt: skip


def _steps(
    whole: KaplanMeier, curves: dict[str, KaplanMeier], labels: dict[str, Text]
) -> pd.DataFrame:
    """Cumulative share answered; long curves are thinned to a few hundred steps."""
    everyone = Text("全部", "all")
    parts = []
    for name, label, fit in [
        ("all", everyone, whole),
        *((n, labels[n], c) for n, c in curves.items()),
    ]:
        keep = np.unique(np.linspace(0, len(fit.times) - 1, POINTS).round().astype(int))
        parts.append(
            pd.DataFrame(
                {
                    "group": name,
                    "label_zh": label.zh,
                    "label_en": label.en,
                    "days": np.concatenate([[0.0], fit.times[keep]]),
                    "share": np.concatenate([[0.0], 1 - fit.survival[keep]]),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _method(answered_by: Text, cut: pd.Timestamp, by: str | None, waiting: int) -> Text:
    groups = Text("", "")
    if by == "topic":
        groups = Text(
            "主题由文本自动发现，仅供探索。",
            " Topics were discovered in the texts and are exploratory.",
        )
    elif by == "cause":
        groups = Text(
            "原因由文本测得，有误差。", " Causes were measured from the texts, with error."
        )
    return Text(
        f"时长为受理至{answered_by.zh}的天数。Kaplan–Meier 估计：{waiting:,} 件尚未答复的投诉按截至 "
        f"{cut:%Y-%m-%d} 删失计入；区间为 Greenwood 方差的 log(−log) 区间，分位数区间由其反解"
        f"（Brookmeyer 和 Crowley，1982）。{groups.zh}",
        f"Days from receipt to {answered_by.en}. Kaplan–Meier: {waiting:,} complaints not answered "
        f"yet count as open on {cut:%Y-%m-%d}; log(−log) intervals from Greenwood's variance, "
        f"inverted for quantiles (Brookmeyer & Crowley 1982).{groups.en}",
    )
