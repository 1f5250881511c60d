"""The share of complaints answered by each day, by group, against the regulator's limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svcquality.language import Language, Text
from svcquality.plots.style import QUIET, WIDTH, percent_axis, plain_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

DAYS = Text("受理后的天数", "days since received")
SHARE = Text("已答复的比例（含未结案件）", "share answered (open cases counted)")
LIMIT = Text("{days:g} 天", "{days:g} days")
# Okabe and Ito's colours, told apart with every kind of colour vision, dark ones first.
COLOURS = ("#1b6ca8", "#d1762a", "#228b6b", "#b25b8f", "#6b6b6b", "#5aa9d6", "#a98500")


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 4.2


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frames ``steps`` (group, label_zh, label_en, days, share) and ``limits`` (days)."""
    frame = finding.frames["steps"]
    far = 0.0
    for number, (_, group) in enumerate(frame.groupby("group", sort=False)):
        colour = COLOURS[number % len(COLOURS)]
        label = str(group[f"label_{language}"].iloc[0])
        ax.step(group["days"], group["share"], where="post", color=colour, label=label,
                linewidth=2.4 if number == 0 else 1.3)  # fmt: skip
        reached = group.loc[group["share"] >= 0.97, "days"]
        far = max(far, float(reached.min() if len(reached) else group["days"].max()))
    for days in finding.frames["limits"]["days"]:
        ax.axvline(days, color=QUIET, linewidth=1, linestyle=(0, (2, 2)))
        ax.annotate(LIMIT[language].format(days=days), (days, 0.02), (4, 0), color=QUIET,
                    textcoords="offset points", fontsize=8.5)  # fmt: skip
        far = max(far, float(days))
    ax.set_xlim(0, far * 1.05)
    ax.set_ylim(0, 1.02)
    ax.grid(axis="y")
    percent_axis(ax.yaxis)
    plain_axis(ax.xaxis)
    ax.set_xlabel(DAYS[language])
    ax.set_ylabel(SHARE[language])
    ax.legend(loc="lower right")
