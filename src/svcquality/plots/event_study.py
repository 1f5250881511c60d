"""Differences by months since training: flat before, and what came after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svcquality.language import Language, Text
from svcquality.plots.style import ACCENT, BAND, QUIET, SECOND, WIDTH, plain_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.findings import Finding

MONTHS = Text(
    "培训后的月数（0 为培训当月之后首月）", "months since training (0: the first month with it)"
)
OUTCOME = Text("每千次到店投诉的差异", "difference in complaints per 1,000 visits")
BEFORE = Text("培训前：应接近零", "before: should be near zero")
AFTER = Text("培训后", "after training")
POINTWISE = Text("逐点 95% 区间", "pointwise 95% interval")
UNIFORM = Text("同时 95% 区间带", "simultaneous 95% band")


def size(finding: Finding) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 4.2


def draw(finding: Finding, ax: Axes, language: Language) -> None:
    """Draw frame ``event``: k, estimate, low, high, band_low, band_high."""
    event = finding.frames["event"]
    ax.axhline(0, color=QUIET, linewidth=1)
    ax.axvline(-0.5, color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
    ax.vlines(event["k"], event["band_low"], event["band_high"], color=BAND, linewidth=5,
              label=UNIFORM[language], zorder=2)  # fmt: skip
    before = event["k"] < 0
    for part, colour, label in (
        (event[before], SECOND, BEFORE[language]),
        (event[~before], ACCENT, AFTER[language]),
    ):
        ax.vlines(part["k"], part["low"], part["high"], color=colour, linewidth=1.6, zorder=3)
        ax.plot(part["k"], part["estimate"], "o", color=colour, markersize=5, label=label, zorder=4)
    ax.grid(axis="y")
    plain_axis(ax.xaxis)
    plain_axis(ax.yaxis)
    ax.set_xlabel(MONTHS[language])
    ax.set_ylabel(OUTCOME[language])
    ax.legend(loc="best", ncols=3, columnspacing=1.4, handletextpad=0.5)
