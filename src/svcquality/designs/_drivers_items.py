"""Rated items one by one: penalty and reward, importance and performance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.designs._adjusted import Adjusted, groups
from svcquality.designs._drivers_columns import Drivers
from svcquality.estimators.importance_performance import importance_performance
from svcquality.estimators.kano import penalty_reward
from svcquality.estimators.marginal import Contrast
from svcquality.language import Text
from svcquality.models.matrix import as_float

MARGIN = 0.05
"""Part of the outcome's range that counts as a difference."""
FEWEST_SIDE = 10
"""Bad, middling and good ratings an item needs each."""
CERTAIN = 0.95
KINDS = {
    "basic": Text("必备型", "must-be"),
    "performance": Text("期望型", "one-dimensional"),
    "excitement": Text("魅力型", "attractive"),
    "indifferent": Text("无差异型", "indifferent"),
    "open": Text("未定", "undetermined"),
}
QUADRANTS = {
    "concentrate": Text("重要但表现偏低", "important, rated below average"),
    "keep": Text("重要且表现较好", "important, rated above average"),
    "low_priority": Text("次要且表现偏低", "less important, rated below average"),
    "overdone": Text("次要但表现较好", "less important, rated above average"),
    "undetermined": Text("未定", "undetermined"),
}


@dataclass(frozen=True)
class Items:
    """Penalty and reward, and the map; None where too few items allow them.

    Parameters
    ----------
    kano : DataFrame or None
        As `penalty_reward` gives it, with ``label_zh, label_en, kind_zh, kind_en``.
    placed : DataFrame or None
        As `importance_performance` gives it, with labels, ``quadrant_zh, quadrant_en``, a quadrant
        ``undetermined`` where fewer than `CERTAIN` of the draws agree or an interval crosses a
        line, and the two lines.
    level : float
        Of each interval of ``kano``: all together hold 95%.
    error_kind : str
    """

    kano: pd.DataFrame | None
    placed: pd.DataFrame | None
    level: float
    error_kind: str


def against_the_rest(model: Adjusted, drivers: Drivers, changes: dict[str, Contrast]) -> list[str]:
    """Rated items that are negative both by themselves and beside the others."""
    return [
        name
        for name in drivers.columns
        if name in drivers.ratings
        and name in changes
        and changes[name].high < 0
        and np.corrcoef(as_float(model.rows[name]), model.y)[0, 1] < 0
    ]


def item_figures(
    model: Adjusted, drivers: Drivers, reversed_: list[str], *, draws: int, seed: int
) -> Items:
    """Penalty–reward asymmetry and the importance–performance map of the rated items.

    Everything else that the model holds, other drivers included, is held equal here too.
    """
    items = [
        name
        for name in drivers.columns
        if name in drivers.ratings and name in model.matrix.at and name not in reversed_
    ]
    ratings = model.rows[items].apply(as_float).to_numpy()
    clusters = groups(model.rows, model.cluster)
    places = [model.matrix.at[name][0] for name in items]
    controls = np.delete(model.X, places, axis=1)
    kano, level, kind = _kano(model, drivers, items, ratings, controls, clusters)
    placed = None
    if len(items) >= 3:
        found = importance_performance(
            model.y, ratings, controls=controls, clusters=clusters, names=items,
            draws=draws, seed=seed,
        )  # fmt: skip
        lines = {
            "importance_line": found.importance_line,
            "performance_line": found.performance_line,
        }
        placed = _placed(found.table.assign(**lines), drivers)
    return Items(kano, placed, level, kind)


def _kano(
    model: Adjusted,
    drivers: Drivers,
    items: list[str],
    ratings: np.ndarray,
    controls: np.ndarray,
    clusters: pd.Series | None,
) -> tuple[pd.DataFrame | None, float, str]:
    """Items rated badly, middling and well often enough, all on the most common scale."""
    if not items:
        return None, np.nan, ""
    low, high = _scale(ratings)
    bad, good = low + (high - low) / 4, high - (high - low) / 4
    sides = np.array([ratings <= bad, (ratings > bad) & (ratings < good), ratings >= good])
    inside = (ratings.min(axis=0) >= low) & (ratings.max(axis=0) <= high)
    usable = (sides.sum(axis=1) >= FEWEST_SIDE).all(axis=0) & inside
    if not usable.any():
        return None, np.nan, ""
    names = [name for name, u in zip(items, usable, strict=True) if u]
    level = 1 - 0.05 / len(names)
    found = penalty_reward(
        model.y,
        ratings[:, usable],
        bad=bad,
        good=good,
        margin=MARGIN * float(np.ptp(model.y)),
        controls=np.column_stack([controls, ratings[:, ~usable]]),
        clusters=clusters,
        names=names,
        level=level,
    )
    table = found.table.assign(bad=bad, good=good)
    table = _labelled(table, drivers, "attribute")
    for language in ("zh", "en"):
        table[f"kind_{language}"] = [KINDS[k][language] for k in table["kind"]]  # type: ignore[index]
    kind = f"{found.errors} by {model.cluster}" if found.clusters else found.errors
    return table, level, kind


def _scale(ratings: np.ndarray) -> tuple[float, float]:
    """The range that most items share."""
    ranges = pd.DataFrame({"low": ratings.min(axis=0), "high": ratings.max(axis=0)})
    low, high = ranges.value_counts().index[0]
    return float(low), float(high)


def _placed(table: pd.DataFrame, drivers: Drivers) -> pd.DataFrame:
    sure = table["certainty"] >= CERTAIN
    for axis in ("importance", "performance"):
        line = table[f"{axis}_line"]
        sure &= (table[f"{axis}_low"] > line) | (table[f"{axis}_high"] < line)
    table = table.assign(quadrant=table["quadrant"].where(sure, "undetermined"))
    table = _labelled(table, drivers, "item")
    for language in ("zh", "en"):
        table[f"quadrant_{language}"] = [QUADRANTS[q][language] for q in table["quadrant"]]  # type: ignore[index]
    return table


def _labelled(table: pd.DataFrame, drivers: Drivers, column: str) -> pd.DataFrame:
    words = [drivers.words[name] for name in table[column]]
    return table.assign(label_zh=[w.zh for w in words], label_en=[w.en for w in words])


def kano_title(kano: pd.DataFrame) -> Text:
    """Which items are of which kind, the undetermined last."""
    if (kano["kind"] == "open").all():
        return Text(
            "现有数据还不能判定任何项目属于必备、期望还是魅力型",
            "The data cannot yet tell for any item whether it is must-be, one-dimensional or "
            "attractive",
        )
    return _by_group(kano, "kind", KINDS)


def map_title(placed: pd.DataFrame) -> Text:
    """Which items stand where with certainty."""
    first = {"concentrate": QUADRANTS["concentrate"], "keep": QUADRANTS["keep"]}
    sure = placed[placed["quadrant"].isin(list(first))]
    if sure.empty:
        return Text(
            "没有哪个重要项目的评分明显低于或高于平均",
            "No important item is clearly rated below or above the average item",
        )
    return _by_group(sure, "quadrant", first)


def _by_group(frame: pd.DataFrame, column: str, words: dict[str, Text]) -> Text:
    told = [
        Text(
            f"{label.zh}：{'、'.join(frame.loc[frame[column] == key, 'label_zh'])}",
            f"{label.en}: {', '.join(frame.loc[frame[column] == key, 'label_en'])}",
        )
        for key, label in words.items()
        if (frame[column] == key).any()
    ]
    zh, en = "；".join(t.zh for t in told), "; ".join(t.en for t in told)
    en = en.replace("“", '"').replace("”", '"')  # a title in the Chinese font sets these wide
    return Text(zh, en[:1].upper() + en[1:])
