"""Shares of causes or topics, largest first, each with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svcquality.language import Language, Text
from svcquality.plots.style import ACCENT, BAND, INK, QUIET, WIDTH, labels, percent_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

MOST = 15
SHARE = Text("占投诉的比例（95% 区间）", "share of complaints (95% interval)")
REST = Text("其余 {n} 类合计 {share:.1f}%", "{n} further categories: {share:.1f}% together")


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 1.5 + 0.3 * min(len(finding.frames["pareto"]), MOST)


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frame ``pareto``: label_zh, label_en, share, low, high."""
    frame = finding.frames["pareto"]
    shown, rest = frame.head(MOST), frame.iloc[MOST:]
    where = range(len(shown))
    ax.barh(where, shown["share"], color=BAND, height=0.68, zorder=2)
    ax.hlines(where, shown["low"], shown["high"], color=ACCENT, linewidth=1.8, zorder=3)
    ax.plot(shown["share"], where, "o", color=ACCENT, markersize=4, zorder=4)
    for y, (share, high) in enumerate(zip(shown["share"], shown["high"], strict=True)):
        end = high if high > share else share  # an interval may be missing
        ax.annotate(
            f"{share * 100:.1f}%", (end, y), (5, 0), textcoords="offset points",
            va="center", fontsize=8.5, color=INK,
        )  # fmt: skip
    ax.set_yticks(where, labels(shown, language))
    ax.tick_params(axis="y", length=0)
    ax.invert_yaxis()
    ax.grid(axis="x", zorder=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlim(0, float(shown[["share", "high"]].max().max()) * 1.14)
    percent_axis(ax.xaxis)
    ax.set_xlabel(SHARE[language])
    if len(rest):
        said = REST[language].format(n=len(rest), share=rest["share"].sum() * 100)
        # The smallest bars leave this corner free.
        ax.annotate(said, (1, 0), (-4, 6), xycoords="axes fraction", textcoords="offset points",
                    ha="right", va="bottom", fontsize=8.5, color=QUIET)  # fmt: skip
