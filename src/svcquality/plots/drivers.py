"""Each driver's share of what they explain together, with its direction beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from svcquality.language import Language, Text
from svcquality.plots.style import ACCENT, INK, QUIET, WIDTH, labels, percent_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

AXIS = Text("解释份额（95% 区间）", "share of explained variance (95% interval)")
CHANGE = Text("满意比例变化，百分点", "change in % satisfied, points")
PROMOTERS = Text("推荐者比例变化，百分点", "change in % promoters, points")
PER_MINUTES = Text("（每 {m:g} 分钟）", " (per {m:g} min)")
COLUMN = 1.03
"""Where the numbers beside the axes start, in widths of the axes."""


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 1.7 + 0.34 * len(finding.frames["drivers"])


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frame ``drivers``; those that may lead are filled, the others hollow."""
    frame = finding.frames["drivers"]
    for y, row in enumerate(frame.to_dict("records")):
        colour = ACCENT if row["leads"] else QUIET
        ax.hlines(y, row["low"], row["high"], color=colour, linewidth=2, zorder=2)
        ax.plot(row["share"], y, "o", color=colour, markersize=6, zorder=3,
                markerfacecolor=colour if row["leads"] else "white")  # fmt: skip
        told, clear = _change(row, language)
        ax.text(COLUMN, y, told, transform=ax.get_yaxis_transform(), va="center", fontsize=8.5,
                color=INK if clear else QUIET)  # fmt: skip
    ax.text(COLUMN, -0.85, _heading(finding)[language], transform=ax.get_yaxis_transform(),
            va="bottom", fontsize=8.5, color=QUIET)  # fmt: skip
    ax.set_yticks(range(len(frame)), labels(frame, language), color=INK)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(frame) - 0.4, -0.7)
    ax.set_xlim(left=0)
    ax.grid(axis="x", zorder=0)
    ax.spines["left"].set_visible(False)
    percent_axis(ax.xaxis)
    ax.set_xlabel(AXIS[language])


def _heading(finding: Drawable) -> Text:
    return PROMOTERS if "推荐" in finding.claims[0].outcome.zh else CHANGE


def _change(row: dict, language: Language) -> tuple[str, bool]:
    """The change beside a driver ("▲ 5.2 (4.1 to 6.3)"), and whether its direction is clear."""
    estimate, low, high = (100 * row[c] for c in ("change", "change_low", "change_high"))
    if np.isnan(estimate):
        return "", False
    clear = not low <= 0 <= high
    arrow = ("▲" if estimate > 0 else "▼") if clear else "·"
    to = " 至 " if language == "zh" else " to "
    told = f"{arrow} {estimate:+.1f} ({low:.1f}{to}{high:.1f})".replace("-", "−")
    if not np.isnan(row["per_minutes"]):
        told += PER_MINUTES[language].format(m=row["per_minutes"])
    return told, clear
