"""How surely a difference would be found, over its size, with what simulated studies found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svcquality.language import Language, Text
from svcquality.plots.style import (
    ACCENT,
    INK,
    QUIET,
    SCALE,
    SECOND,
    WIDTH,
    legend_above,
    percent_axis,
    plain_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

SIZE = {
    "share_difference": Text("差别（百分点）", "difference in percentage points"),
    "per_1000_visits": Text("每千次到店的差别", "difference per 1,000 visits"),
    "per_month": Text("每月的差别", "difference a month"),
    "points": Text("分值差别", "difference in points"),
    "minutes": Text("分钟差别", "difference in minutes"),
}
ANY = Text("差别", "difference")
FOUND = Text("检测到的机会", "chance of being found")
CURVE = Text("由标准误推算", "worked out from the error")
DOTS = Text("模拟所得（95% 区间）", "found in simulated studies (95% interval)")


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 4.0


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frames ``power`` (effect, expected, unit), ``simulated`` and ``wanted``.

    ``simulated`` has ``effect, power, low, high``; ``wanted`` one row ``effect, power``: the
    smallest difference found with the chance wanted.
    """
    curve, simulated = finding.frames["power"], finding.frames["simulated"]
    unit = str(curve["unit"].iloc[0])
    scale = SCALE.get(unit, 1.0)
    wanted = finding.frames["wanted"].iloc[0]
    at, share = float(wanted["effect"]) * scale, float(wanted["power"])
    ax.plot([0, at, at], [share, share, 0], color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
    ax.plot(
        curve["effect"] * scale, curve["expected"], color=ACCENT, linewidth=2.2,
        label=CURVE[language],
    )  # fmt: skip
    x = simulated["effect"] * scale
    ax.vlines(x, simulated["low"], simulated["high"], color=SECOND, linewidth=2, zorder=3)
    ax.plot(
        x, simulated["power"], "o", color=SECOND, markersize=6, markeredgecolor="white",
        zorder=4, label=DOTS[language], clip_on=False,
    )  # fmt: skip
    ax.plot(at, share, "o", color=INK, markersize=4, zorder=5)
    ax.set_xlim(0, float(curve["effect"].max()) * scale)
    ax.set_ylim(0, 1.02)
    ax.grid(axis="y")
    percent_axis(ax.yaxis)
    plain_axis(ax.xaxis)
    ax.set_xlabel(SIZE.get(unit, ANY)[language])
    ax.set_ylabel(FOUND[language])
    legend_above(ax, 2)
