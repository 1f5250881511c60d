"""One share under several assumptions on the silent: points with intervals, then bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svcquality.language import Language, Text
from svcquality.plots.style import ACCENT, BAND, INK, QUIET, WIDTH, labels, outcome, percent_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

AXIS = Text("（95% 区间）", " (95% interval)")


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 1.5 + 0.46 * len(finding.frames["bounds"])


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frame ``bounds``: label_zh, label_en, estimate, lower, upper, low, high.

    A row with an estimate is a point, one with a lower and an upper end a band.
    """
    frame = finding.frames["bounds"]
    first = frame["estimate"].iloc[0]
    ax.axvline(first, color=QUIET, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    for y, row in enumerate(frame.itertuples(index=False)):
        ax.hlines(y, row.low, row.high, color=ACCENT if row.estimate == row.estimate else QUIET,
                  linewidth=2, zorder=3)  # fmt: skip
        if row.estimate == row.estimate:
            said = f"{row.estimate * 100:.1f}%"
            ax.plot(row.estimate, y, "o", color=ACCENT, markersize=6, zorder=4)
        else:
            said = f"{row.lower * 100:.1f}%–{row.upper * 100:.1f}%"
            ax.barh(y, row.upper - row.lower, left=row.lower, height=0.42, color=BAND, zorder=2)
        ax.annotate(said, (row.high, y), (6, 0), textcoords="offset points", va="center",
                    fontsize=8.5, color=INK)  # fmt: skip
    ax.set_yticks(range(len(frame)), labels(frame, language), color=INK)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(frame) - 0.4, -0.6)
    span = frame["high"].max() - frame["low"].min()
    ax.set_xlim(frame["low"].min() - 0.04 * span, frame["high"].max() + 0.22 * span)
    ax.grid(axis="x", zorder=0)
    ax.spines["left"].set_visible(False)
    percent_axis(ax.xaxis)
    ax.set_xlabel(outcome(finding)[language] + AXIS[language])
