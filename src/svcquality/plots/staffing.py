"""Waits against windows added, and the list of places where to add one first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.ticker import MaxNLocator

from svcquality.language import Language, Text
from svcquality.plots.style import (
    ACCENT,
    INK,
    QUIET,
    SECOND,
    WIDTH,
    labels,
    percent_axis,
    plain_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

WAIT = Text("人均等候（分钟）", "mean wait (minutes)")
LATE = Text("未按时叫到的比例", "share not called in time")
ADDED = Text("每个网点增加的窗口", "windows added at every branch")
FIRST = Text(
    "先在哪里加开 1 个窗口 1 小时：每天节省的客户等候（分钟，95% 区间）",
    "where to add a window for an hour first: customers' minutes saved a day (95% interval)",
)
UPPER = 1.5
GAP = 0.8


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 1.9 + UPPER + GAP + 0.27 * max(len(finding.frames["first"]), 1)


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frames ``plans`` (added, measure, estimate, low, high) and ``first`` (label_zh, label_en,
    estimate, low, high, tied_to).
    """
    plans, first = finding.frames["plans"], finding.frames["first"]
    rows = max(len(first), 1)
    lower = 0.27 * rows
    whole = UPPER + GAP + lower
    ax.set_axis_off()
    for k, (measure, words, colour) in enumerate((("wait", WAIT, ACCENT), ("late", LATE, SECOND))):
        part = ax.inset_axes((0.58 * k, 1 - UPPER / whole, 0.42, UPPER / whole))
        _against_windows(part, plans[plans["measure"] == measure], words[language], colour)
        part.set_xlabel(ADDED[language])
        (percent_axis if measure == "late" else plain_axis)(part.yaxis)
    if len(first):
        _list(ax.inset_axes((0.16, 0, 0.84, lower / whole)), first, language)


def _against_windows(ax: Axes, frame: pd.DataFrame, words: str, colour: str) -> None:
    ax.vlines(frame["added"], frame["low"], frame["high"], color=colour, linewidth=2.4)
    ax.plot(frame["added"], frame["estimate"], "o-", color=colour, markersize=5, linewidth=1)
    ax.set_xticks(
        frame["added"], [f"{k:+d}".replace("-", "−") if k else "0" for k in frame["added"]]
    )
    ax.set_xlim(frame["added"].min() - 0.3, frame["added"].max() + 0.3)
    ax.set_ylim(bottom=0)
    ax.grid(axis="y")
    ax.set_title(words, loc="left", fontsize=9.5, color=INK, pad=6)


def _list(ax: Axes, first: pd.DataFrame, language: Language) -> None:
    """Places by minutes saved; those that cannot be told from the first are filled."""
    tied = first["rank"] <= first["tied_to"].iloc[0]
    for y, (row, alike) in enumerate(zip(first.to_dict("records"), tied, strict=True)):
        colour = ACCENT if alike else QUIET
        ax.hlines(y, row["low"], row["high"], color=colour, linewidth=2)
        ax.plot(
            row["estimate"], y, "o", color=colour, markersize=5.5,
            markerfacecolor=colour if alike else "white",
        )  # fmt: skip
    ax.set_yticks(range(len(first)), labels(first, language), color=INK)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(first) - 0.4, -0.6)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    ax.xaxis.set_major_locator(MaxNLocator(6))
    plain_axis(ax.xaxis)
    ax.set_xlabel(FIRST[language])
