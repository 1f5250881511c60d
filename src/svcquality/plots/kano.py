"""What a bad experience costs and a good one earns, item by item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svcquality.language import Language, Text
from svcquality.plots.style import (
    ACCENT,
    INK,
    QUIET,
    SECOND,
    WIDTH,
    labels,
    legend_above,
    plain_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

AXIS = Text(
    "与中间评分相比的满意度差异（各项目联合 95% 区间）",
    "difference in satisfaction from a middling rating (joint 95% intervals)",
)
SIDES = {
    "penalty": (SECOND, Text("差评（惩罚）", "rated badly (penalty)")),
    "reward": (ACCENT, Text("好评（奖励）", "rated well (reward)")),
}


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 1.8 + 0.42 * len(finding.frames["kano"])


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frame ``kano``: two bars an item with intervals, and the verdict beside them."""
    frame = finding.frames["kano"]
    ax.axvline(0, color=QUIET, linewidth=1)
    for side, (colour, name) in SIDES.items():
        where = [y + (-0.17 if side == "penalty" else 0.17) for y in range(len(frame))]
        ax.barh(where, frame[side], height=0.3, color=colour, alpha=0.55, label=name[language])
        ax.hlines(where, frame[f"{side}_low"], frame[f"{side}_high"], color=INK, linewidth=1.3)
    for y, row in enumerate(frame.to_dict("records")):
        ax.text(1.02, y, row[f"kind_{language}"], transform=ax.get_yaxis_transform(), va="center",
                color=QUIET if row["kind"] == "open" else INK, fontsize=9)  # fmt: skip
    ax.set_yticks(range(len(frame)), labels(frame, language), color=INK)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.grid(axis="x", zorder=0)
    ax.spines["left"].set_visible(False)
    plain_axis(ax.xaxis)
    ax.set_xlabel(AXIS[language])
    legend_above(ax, 2)
