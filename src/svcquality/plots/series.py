"""A monthly series, what was fitted, and what would have been expected without the change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.dates as mdates

from svcquality.language import Language, Text
from svcquality.plots.style import (
    ACCENT,
    INK,
    QUIET,
    SECOND,
    WIDTH,
    legend_above,
    plain_axis,
    wrapped,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

COUNT = Text("每月投诉件数", "complaints a month")
LABEL_COLUMNS = 28
LINE_POINTS = 12.5
BACKING = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.4}
CROWDED, LATE = 0.35, 0.65
"""Shares of the time axis: neighbours closer than this share a column; names after turn left."""
OBSERVED = Text("实际", "observed")
FITTED = Text("模型拟合", "fitted")
EXPECTED = Text("若无变动的预期（95% 区间）", "expected without the change (95% interval)")


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 4.2


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frames ``series`` (month, observed, fitted, counterfactual, low, high) and ``events``."""
    series, events = finding.frames["series"], finding.frames["events"]
    month = series["month"]
    ax.fill_between(month, series["low"], series["high"], color=SECOND, alpha=0.16, linewidth=0)
    ax.plot(month, series["counterfactual"], color=SECOND, linewidth=1.8, linestyle=(0, (5, 2)),
            label=EXPECTED[language])  # fmt: skip
    ax.plot(month, series["fitted"], color=ACCENT, linewidth=2, label=FITTED[language])
    ax.plot(month, series["observed"], "o", color=INK, markersize=3.8, label=OBSERVED[language])
    top = float(series[["observed", "fitted", "high"]].max().max()) * 1.18
    ax.set_ylim(0, top)
    _name_events(ax, events, language, top)
    ax.xaxis.set_major_locator(mdates.AutoDateLocator(maxticks=9))
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y-%m"))
    ax.grid(axis="y")
    plain_axis(ax.yaxis)
    ax.set_ylabel(COUNT[language])
    legend_above(ax, 3)


def _name_events(ax: Axes, events: pd.DataFrame, language: Language, top: float) -> None:
    """A dashed line an event; names of neighbours stand under one another, late ones to the left."""
    first, last = ax.get_xlim()
    shown = events.sort_values("month", kind="stable")
    when = mdates.date2num(shown["month"])
    below = lines = 0
    for number, (day, label) in enumerate(zip(when, shown[f"label_{language}"], strict=True)):
        ax.axvline(day, color=QUIET, linewidth=1, linestyle=(0, (2, 2)))
        name = wrapped(str(label), LABEL_COLUMNS)
        close = number > 0 and day - when[number - 1] < CROWDED * (last - first)
        below = below + lines if close else 0
        lines = name.count("\n") + 1
        late = day > first + LATE * (last - first)
        ax.annotate(
            name, (day, top), (-4 if late else 4, -2 - LINE_POINTS * below),
            textcoords="offset points", ha="right" if late else "left", va="top",
            fontsize=8.5, color=QUIET, bbox=BACKING,
        )  # fmt: skip
