"""Rated items by how much they matter and how they are rated, each with both its intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from svcquality.language import Language, Text
from svcquality.plots.style import ACCENT, INK, QUIET, SECOND, WIDTH, percent_axis, plain_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

PERFORMANCE = Text("平均评分（95% 区间）", "mean rating (95% interval)")
IMPORTANCE = Text("项目解释份额（95% 区间）", "items' share of explained variance (95% interval)")
CORNERS = {
    "concentrate": (Text("重要，评分偏低", "important, rated low"), 0.01, 0.985, "left", "top"),
    "keep": (Text("重要，评分较高", "important, rated high"), 0.99, 0.985, "right", "top"),
    "low_priority": (Text("次要，评分偏低", "minor, rated low"), 0.01, 0.015, "left", "bottom"),
    "overdone": (Text("次要，评分较高", "minor, rated high"), 0.99, 0.015, "right", "bottom"),
}
COLOURS = {"concentrate": SECOND, "keep": ACCENT, "low_priority": INK, "overdone": INK}


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 5.2


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frame ``importance_performance``; items placed with certainty are filled."""
    frame = finding.frames["importance_performance"]
    ax.axhline(frame["importance_line"].iloc[0], color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
    ax.axvline(frame["performance_line"].iloc[0], color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
    for row in frame.to_dict("records"):
        colour = COLOURS.get(row["quadrant"], QUIET)
        x, y = row["performance"], row["importance"]
        ax.hlines(y, row["performance_low"], row["performance_high"], color=colour, linewidth=1.4)
        ax.vlines(x, row["importance_low"], row["importance_high"], color=colour, linewidth=1.4)
        ax.plot(x, y, "o", color=colour, markersize=6, zorder=3,
                markerfacecolor="white" if row["quadrant"] == "undetermined" else colour)  # fmt: skip
    ax.margins(x=0.09, y=0.12)
    ax.set_ylim(bottom=min(0.0, float(frame["importance_low"].min())))
    for text, x, y, ha, va in CORNERS.values():
        ax.text(x, y, text[language], transform=ax.transAxes, ha=ha, va=va, color=QUIET, fontsize=8)
    percent_axis(ax.yaxis)
    plain_axis(ax.xaxis)
    ax.set_xlabel(PERFORMANCE[language])
    ax.set_ylabel(IMPORTANCE[language])
    _names(frame, ax, language)


def _names(frame: pd.DataFrame, ax: Axes, language: Language) -> None:
    """Name each point where no other name stands yet: beside, else above or below it."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # settles where the axes stand
    scale = figure.dpi / 72
    places = ax.transData.transform(frame[["performance", "importance"]].to_numpy(float)) / scale
    obstacles = ax.transData.transform(_along(frame)) / scale
    taken: list[tuple[float, float, float, float]] = []
    for (px, py), row in zip(places, frame.to_dict("records"), strict=True):
        name = str(row[f"label_{language}"]).strip("“”")
        wide = sum(8.5 if c > "\u2e80" else 4.6 for c in name)
        place = _free(px, py, wide, obstacles, taken)
        colour = COLOURS.get(row["quadrant"], QUIET)
        ax.annotate(name, (row["performance"], row["importance"]), place,
                    textcoords="offset points", fontsize=8.5, color=colour, va="center",
                    annotation_clip=False)  # fmt: skip


def _along(frame: pd.DataFrame) -> np.ndarray:
    """Points along every interval, which no name should cover."""
    steps = np.linspace(0, 1, 9)[:, None]
    x, y = frame["performance"].to_numpy(), frame["importance"].to_numpy()
    level = frame["performance_low"].to_numpy(), frame["performance_high"].to_numpy()
    upright = frame["importance_low"].to_numpy(), frame["importance_high"].to_numpy()
    across = level[0] + steps * (level[1] - level[0])
    up = upright[0] + steps * (upright[1] - upright[0])
    return np.vstack(
        [
            np.column_stack([across.ravel(), np.tile(y, len(steps))]),
            np.column_stack([np.tile(x, len(steps)), up.ravel()]),
        ]
    )


def _free(
    x: float, y: float, wide: float, points: np.ndarray,
    taken: list[tuple[float, float, float, float]],
) -> tuple[float, float]:  # fmt: skip
    """The first offset (in points of print) whose box covers no name and fewest points."""
    offsets = [(6 if right else -wide - 6, dy) for dy in (7, -7, 16, -16, 25, -25)
               for right in (True, False)]  # fmt: skip
    best, fewest = offsets[0], np.inf
    for dx, dy in offsets:
        box = (x + dx, y + dy - 5, x + dx + wide, y + dy + 5)
        names = sum(
            box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken
        )
        covered = ((points[:, 0] > box[0]) & (points[:, 0] < box[2])
                   & (points[:, 1] > box[1]) & (points[:, 1] < box[3])).sum()  # fmt: skip
        cost = 10 * names + covered
        if cost < fewest:
            best, fewest = (dx, dy), cost
    taken.append((x + best[0], y + best[1] - 5, x + best[0] + wide, y + best[1] + 5))
    return best
