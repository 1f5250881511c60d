"""How the number of topics was chosen: every criterion by number of topics, and the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svcquality.language import Language, Text
from svcquality.plots.style import ACCENT, INK, QUIET, WIDTH, legend_above, plain_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

NUMBER = Text("主题数", "number of topics")
RANK = Text("在全部拟合中的平均名次（1 为最好）", "mean rank among all fits (1 is best)")
SCORE = Text("按规则的得分（较好的拟合）", "score by the rule (better fits)")
CHOSEN = Text("选中 {k}", "{k} chosen")
# Beside the colours, line and mark tell them apart.
CRITERIA = (
    ("coherence_rank", Text("一致性", "coherence"), "#d1762a", "o", "-"),
    ("exclusivity_rank", Text("排他性", "exclusivity"), "#228b6b", "s", "--"),
    ("held_out_rank", Text("留出似然", "held-out likelihood"), "#b25b8f", "^", "-."),
    ("stability_rank", Text("稳定性", "stability"), QUIET, "D", ":"),
)


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 4.0


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frame ``choice``: k, ``<criterion>_rank``, score, chosen."""
    frame = finding.frames["choice"]
    for column, name, colour, mark, line in CRITERIA:
        ax.plot(frame["k"], frame[column], color=colour, marker=mark, linestyle=line,
                markersize=4, linewidth=1.2, label=name[language])  # fmt: skip
    ax.plot(frame["k"], frame["score"], color=ACCENT, marker="o", linewidth=2.6,
            label=SCORE[language], zorder=4)  # fmt: skip
    best = frame[frame["chosen"]].iloc[0]
    ax.axvline(best["k"], color=QUIET, linewidth=1, linestyle=(0, (2, 2)), zorder=1)
    right = best["k"] > (frame["k"].min() + frame["k"].max()) / 2
    ax.annotate(
        CHOSEN[language].format(k=int(best["k"])), (best["k"], 0.03),
        (-4 if right else 4, 0), textcoords="offset points",
        ha="right" if right else "left", fontsize=8.5, color=INK,
    )  # fmt: skip
    ax.set_xticks(frame["k"])
    ax.set_ylim(0, 1.02)
    ax.grid(axis="y")
    plain_axis(ax.yaxis)
    ax.set_xlabel(NUMBER[language])
    ax.set_ylabel(RANK[language])
    legend_above(ax, 5)
