"""Promoters to the right, detractors to the left, and the score between them with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svcquality.language import Language, Text
from svcquality.plots.style import (
    BAND,
    INK,
    QUIET,
    RULE,
    WIDTH,
    labels,
    legend_above,
    plain_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

MOST = 40
AGAINST = "#f2d3b8"
"""The second colour of the house, as pale as its band."""
AXIS = Text("推荐者与贬损者（占答复的百分点）；净推荐值（−100 至 100 分）", "promoters and detractors (% of answers); score (−100 to 100)")  # fmt: skip
DETRACTORS = Text("贬损者（0–6 分）", "detractors (0–6)")
PROMOTERS = Text("推荐者（9–10 分）", "promoters (9–10)")
SCORE = Text("净推荐值（95% 区间）", "score (95% interval)")
REST = Text("另有 {n} 组见表", "{n} further groups: see the table")


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 1.7 + 0.3 * min(len(finding.frames["net_promoter"]), MOST)


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frame ``net_promoter``: label_zh, label_en, promoters, detractors, estimate, low, high, n."""
    frame = finding.frames["net_promoter"]
    shown, rest = frame.head(MOST), frame.iloc[MOST:]
    where = range(len(shown))
    ax.barh(
        where,
        -100 * shown["detractors"],
        color=AGAINST,
        height=0.7,
        zorder=2,
        label=DETRACTORS[language],
    )
    ax.barh(
        where, 100 * shown["promoters"], color=BAND, height=0.7, zorder=2, label=PROMOTERS[language]
    )
    ax.axvline(0, color=QUIET, linewidth=1, zorder=3)
    ax.hlines(where, shown["low"], shown["high"], color=INK, linewidth=2, zorder=4)
    ax.plot(shown["estimate"], where, "o", color=INK, markersize=5, zorder=5, label=SCORE[language])
    ax.set_yticks(
        where,
        [f"{w} ({n:,})" for w, n in zip(labels(shown, language), shown["n"], strict=True)],
        color=INK,
    )
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(shown) - (0.4 if rest.empty else -0.4), -0.6)
    if len(shown) > 1:  # all answers first, then the groups
        ax.axhline(0.5, color=RULE, linewidth=1, zorder=1)
    ax.grid(axis="x", zorder=0)
    ax.spines["left"].set_visible(False)
    plain_axis(ax.xaxis)
    ax.set_xlabel(AXIS[language])
    legend_above(ax, 3)
    if len(rest):
        ax.annotate(
            REST[language].format(n=len(rest)),
            (1, 0),
            (-4, 6),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=8.5,
            color=QUIET,
        )
