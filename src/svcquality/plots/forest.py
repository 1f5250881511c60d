"""Differences side by side, each with its interval, against the line of no difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from svcquality.language import Language, Text
from svcquality.plots.style import (
    ACCENT,
    INK,
    QUIET,
    SCALE,
    WIDTH,
    labels,
    percent_axis,
    plain_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

AXIS = {
    "share_difference": Text("百分点差异（95% 区间）", "difference in percentage points (95% interval)"),
    "share": Text("比例（95% 区间）", "share (95% interval)"),
    "per_1000_customers": Text("每千户每月差异（95% 区间）", "difference per 1,000 customers a month (95% interval)"),
    "per_1000_visits": Text("每千次到店差异（95% 区间）", "difference per 1,000 visits (95% interval)"),
    "ratio": Text("倍数（95% 区间）", "ratio (95% interval)"),
}  # fmt: skip
ANY = Text("估计（95% 区间）", "estimate (95% interval)")


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 1.4 + 0.36 * len(finding.frames["forest"])


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frame ``forest``: label_zh, label_en, estimate, low, high, unit (one unit a figure)."""
    frame = finding.frames["forest"]
    unit = str(frame["unit"].iloc[0])
    scale = SCALE.get(unit, 1.0)
    where = range(len(frame))
    null = 1.0 if unit == "ratio" else 0.0
    ax.axvline(null, color=QUIET, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    clear = (frame["low"] > null) | (frame["high"] < null)
    values = frame[["estimate", "low", "high"]].to_numpy(float) * scale
    for y, (estimate, low, high) in enumerate(values):
        colour = ACCENT if clear.iloc[y] else QUIET
        ax.hlines(y, low, high, color=colour, linewidth=2, zorder=2)
        ax.plot(estimate, y, "o", color=colour, markersize=6, zorder=3,
                markerfacecolor=colour if clear.iloc[y] else "white")  # fmt: skip
    ax.set_yticks(where, labels(frame, language), color=INK)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.grid(axis="x", zorder=0)
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    (percent_axis if unit == "share" else plain_axis)(ax.xaxis)
    ax.set_xlabel(AXIS.get(unit, ANY)[language])
