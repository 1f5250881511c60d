"""The share of satisfied customers along the wait, above how many waited that long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svcquality.language import Language, Text
from svcquality.plots.style import (
    ACCENT,
    BAND,
    RULE,
    SECOND,
    WIDTH,
    outcome,
    percent_axis,
    plain_axis,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

MINUTES = Text(
    "等候时间（分钟）；灰柱为各等候时长的答复数", "minutes waited; grey bars: answers at that wait"
)
KNOT = Text(
    "{at:.0f} 分钟处转折\n（{low:.0f} 至 {high:.0f}）",
    "bends at {at:.0f} min\n({low:.0f} to {high:.0f})",
)
LEVEL = Text("{outcome}（95% 区间）", "{outcome} (95% interval)")


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 4.2


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frames ``curve`` (wait_minutes, estimate, low, high) and ``support`` (left, right, count).

    A frame ``threshold`` (estimate, low, high), where there is one with a row, marks where the
    curve bends, with its interval.
    """
    curve, support = finding.frames["curve"], finding.frames["support"]
    minutes = curve["wait_minutes"]
    ax.fill_between(minutes, curve["low"], curve["high"], color=BAND, alpha=0.75, linewidth=0)
    ax.plot(minutes, curve["estimate"], color=ACCENT, linewidth=2.2)
    low, high = float(curve["low"].min()), float(curve["high"].max())
    room = max(high - low, 0.02)
    ax.set_ylim(low - 0.3 * room, high + 0.06 * room)
    # The room below is the bars': a share has no values under 0%, nor over 100%.
    ax.set_yticks([tick for tick in ax.get_yticks() if max(0, low - 0.3 * room) <= tick <= 1])
    bars = ax.twinx()
    bars.bar(
        support["left"], support["count"], width=support["right"] - support["left"],
        align="edge", color=RULE, edgecolor="white", linewidth=0.4,
    )  # fmt: skip
    bars.set_ylim(0, float(support["count"].max()) * 5)
    bars.set_axis_off()
    ax.set_zorder(bars.get_zorder() + 1)
    ax.patch.set_visible(False)
    ax.set_xlim(float(minutes.min()), float(minutes.max()))
    ax.grid(axis="y")
    percent_axis(ax.yaxis)
    plain_axis(ax.xaxis)
    for _, knot in finding.frames.get("threshold", curve.iloc[:0]).iterrows():
        _mark(ax, knot, language)
    ax.set_xlabel(MINUTES[language])
    ax.set_ylabel(LEVEL.format(outcome=outcome(finding))[language])


def _mark(ax: Axes, knot: pd.Series, language: Language) -> None:
    """The bend as a dashed line within a bar as wide as its interval, under the top edge."""
    ax.axvline(knot["estimate"], color=SECOND, linewidth=1.2, linestyle=(0, (4, 3)))
    ax.axvspan(knot["low"], knot["high"], color=SECOND, alpha=0.10, linewidth=0)
    words = KNOT.format(at=knot["estimate"], low=knot["low"], high=knot["high"])
    ax.annotate(
        words[language], (knot["high"], 0.97), xycoords=ax.get_xaxis_transform(),
        xytext=(4, 0), textcoords="offset points", ha="left", va="top", color=SECOND, fontsize=9,
    )  # fmt: skip
