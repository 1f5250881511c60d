"""Differences by months since training: flat before, and what came after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from svcquality.language import Language, Text
from svcquality.plots.style import (
    ACCENT,
    BAND,
    QUIET,
    SCALE,
    SECOND,
    WIDTH,
    legend_above,
    outcome,
    plain_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

MONTHS = Text(
    "培训后的月数（0 为培训当月之后首月）", "months since training (0: the first month with it)"
)
CHANGE = Text("{outcome}的差异", "difference in {outcome}")
POINTS = Text("（百分点）", " (percentage points)")
BEFORE = Text("培训前（应接近零）", "before training (should be near zero)")
AFTER = Text("培训后", "after training")
POINTWISE = Text("逐点 95% 区间", "pointwise 95% interval")
UNIFORM = Text("同时 95% 区间带", "simultaneous 95% band")


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 4.2


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frame ``event``: k, estimate, low, high, band_low, band_high."""
    event, claim = finding.frames["event"], finding.claims[0]
    values = event.drop(columns="k") * SCALE.get(claim.unit, 1.0)
    event = values.assign(k=event["k"])
    ax.axhline(0, color=QUIET, linewidth=1)
    ax.axvline(-0.5, color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
    ax.vlines(event["k"], event["band_low"], event["band_high"], color=BAND, linewidth=5,
              label=UNIFORM[language], zorder=2)  # fmt: skip
    ax.plot([], [], color=QUIET, linewidth=1.6, label=POINTWISE[language])
    before = event["k"] < 0
    for part, colour, label in (
        (event[before], SECOND, BEFORE[language]),
        (event[~before], ACCENT, AFTER[language]),
    ):
        ax.vlines(part["k"], part["low"], part["high"], color=colour, linewidth=1.6, zorder=3)
        ax.plot(part["k"], part["estimate"], "o", color=colour, markersize=5, label=label, zorder=4)
    ax.grid(axis="y")
    ax.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    plain_axis(ax.xaxis)
    plain_axis(ax.yaxis)
    ax.set_xlabel(MONTHS[language])
    unit = POINTS[language] if claim.unit == "share_difference" else ""
    ax.set_ylabel(CHANGE.format(outcome=outcome(finding))[language] + unit)
    legend_above(ax, 2)
