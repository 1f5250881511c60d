"""One share under several assumptions on the silent: points with intervals, then bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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
    values = frame[["estimate", "lower", "upper", "low", "high"]].to_numpy(dtype=float)
    ax.axvline(values[0, 0], color=QUIET, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    for y, (estimate, lower, upper, low, high) in enumerate(values):
        if np.isnan(estimate):
            colour, said = QUIET, f"{lower * 100:.1f}%–{upper * 100:.1f}%"
            ax.barh(y, upper - lower, left=lower, height=0.42, color=BAND, zorder=2)
        else:
            colour, said = ACCENT, f"{estimate * 100:.1f}%"
            ax.plot(estimate, y, "o", color=ACCENT, markersize=6, zorder=4)
        ax.hlines(y, low, high, color=colour, linewidth=2, zorder=3)
        ax.annotate(said, (high, y), (6, 0), textcoords="offset points", va="center",
                    fontsize=8.5, color=INK)  # fmt: skip
    ax.set_yticks(range(len(frame)), labels(frame, language), color=INK)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(frame) - 0.4, -0.6)
    left, right = values[:, 3].min(), values[:, 4].max()
    ax.set_xlim(left - 0.04 * (right - left), right + 0.22 * (right - left))
    ax.grid(axis="x", zorder=0)
    ax.spines["left"].set_visible(False)
    percent_axis(ax.xaxis)
    ax.set_xlabel(outcome(finding)[language] + AXIS[language])
