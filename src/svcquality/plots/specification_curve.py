"""The same question under every declared choice: estimates in order, and the choices beneath."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from svcquality.language import Language, Text
from svcquality.plots.forest import ANY, AXIS
from svcquality.plots.style import (
    ACCENT,
    FAMILY,
    INK,
    QUIET,
    RULE,
    SCALE,
    SECOND,
    WIDTH,
    legend_above,
    percent_axis,
    plain_axis,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

CHOICE = "choice_"
CURVE = 2.6
ROW = 0.19
"""Inches of the curve, and of a row of choices."""
CROWDED = 40
"""Specifications from which choices are ticks, no longer squares."""
LABEL = 30
HEADLINE = Text("主要设定", "headline")
CLEAR = Text("区间不含零", "interval leaves out zero")
UNCLEAR = Text("区间含零", "interval holds zero")
CLEAR_OF_ONE = Text("区间不含 1", "interval leaves out 1")
UNCLEAR_OF_ONE = Text("区间含 1", "interval holds 1")
ORDER = Text("设定（按估计值排序，共 {n} 个）", "specification, by estimate ({n} in all)")


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 1.5 + CURVE + ROW * len(_rows(finding, "en"))


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frames ``specifications`` and ``choices``.

    ``specifications``: specification, estimate, low, high, unit, headline, and one column
    ``choice_<name>`` a choice. ``choices``: name, value, label_zh, label_en, in the order of the
    rows, and the words of the choice itself, name_zh, name_en.
    """
    frame = finding.frames["specifications"].sort_values("estimate", kind="stable")
    rows = _rows(finding, language)
    lower = _beneath(ax, CURVE, ROW * len(rows))
    unit = str(frame["unit"].iloc[0])
    scale, null = SCALE.get(unit, 1.0), 1.0 if unit == "ratio" else 0.0
    clear = ((frame["low"] > null) | (frame["high"] < null)).to_numpy()
    place = np.arange(1, len(frame) + 1)
    headline = frame["headline"].to_numpy(dtype=bool)
    kinds = (
        (clear & ~headline, ACCENT, (CLEAR_OF_ONE if null else CLEAR)[language]),
        (~clear & ~headline, QUIET, (UNCLEAR_OF_ONE if null else UNCLEAR)[language]),
        (headline, SECOND, HEADLINE[language]),
    )
    values = frame[["estimate", "low", "high"]].to_numpy(dtype=float) * scale
    thin = float(np.clip(130 / len(frame), 0.7, 2.4))
    ax.axhline(null * scale, color=QUIET, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    for chosen, colour, words in kinds:
        if not chosen.any():
            continue
        main = colour == SECOND
        ax.vlines(place[chosen], values[chosen, 1], values[chosen, 2], color=colour,
                  linewidth=2.2 if main else thin, alpha=1 if main else 0.55, zorder=3 + main)  # fmt: skip
        ax.plot(place[chosen], values[chosen, 0], "D" if main else "o", color=colour,
                markersize=6 if main else min(4.5, 2 + 1.5 * thin), label=words,
                zorder=4 + main)  # fmt: skip
    _matrix(lower, frame, rows, kinds, place)
    for axes in (ax, lower):
        for at in place[headline]:
            axes.axvline(at, color=SECOND, linewidth=0.8, alpha=0.6, zorder=1)
        axes.set_xlim(0.3, len(frame) + 0.7)
    ax.tick_params(axis="x", length=0, labelbottom=False)
    ax.spines["bottom"].set_visible(False)
    ax.grid(axis="y")
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    (percent_axis if unit == "share" else plain_axis)(ax.yaxis)
    ax.set_ylabel(wrapped(AXIS.get(unit, ANY)[language], 26))
    lower.set_xlabel(ORDER.format(n=len(frame))[language])
    legend_above(ax, 3)


def _matrix(
    ax: Axes,
    frame: pd.DataFrame,
    rows: list[tuple[str, str, str]],
    kinds: tuple[tuple[np.ndarray, str, str], ...],
    place: np.ndarray,
) -> None:
    """A mark where a specification makes a choice; a row without a value names the choice."""
    for y, (name, value, _) in enumerate(rows):
        if not value:
            ax.axhline(y - 0.5, color=RULE, linewidth=0.8, zorder=0)
            continue
        made = (frame[CHOICE + name].astype(str) == value).to_numpy()
        for chosen, colour, _ in kinds:
            at = place[made & chosen]
            dense = len(frame) > CROWDED and colour != SECOND
            ax.plot(at, np.full(len(at), y), "|" if dense else "s", color=colour,
                    markersize=6 if dense else 4.5, zorder=3 if colour == SECOND else 2,
                    markeredgewidth=float(np.clip(150 / len(frame), 0.8, 2)) if dense else 0)  # fmt: skip
    ax.set_yticks(range(len(rows)), [label for _, _, label in rows], color=INK)
    for tick, (_, value, _) in zip(ax.get_yticklabels(), rows, strict=True):
        tick.set_fontsize(8.5)
        if not value:
            tick.set_color(QUIET)
    ax.tick_params(axis="y", length=0, labelfontfamily=FAMILY)
    ax.tick_params(axis="x", labelfontfamily=FAMILY)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))


def _rows(finding: Drawable, language: Language) -> list[tuple[str, str, str]]:
    """Name of the choice, value and label of each row: the choice, then its values."""
    frame, words = finding.frames["specifications"], finding.frames["choices"]
    rows: list[tuple[str, str, str]] = []
    for column in frame.columns:
        if not str(column).startswith(CHOICE):
            continue
        name = str(column).removeprefix(CHOICE)
        own = words[words["name"] == name].drop_duplicates("value").set_index("value")
        used = frame[column].astype(str).drop_duplicates()
        values = [*own.index[own.index.isin(used)], *used[~used.isin(own.index)]]
        labels = own[f"label_{language}"].to_dict()
        named = own[f"name_{language}"] if f"name_{language}" in own else own["name"]
        rows.append((name, "", _short(named.iloc[0] if len(own) else name)))
        rows += [(name, str(v), _short(labels.get(v, v))) for v in values]
    return rows


def _short(label: object) -> str:
    """A label on one line: rows leave no room for a second."""
    line = wrapped(str(label), LABEL).split("\n")
    return line[0] + ("…" if len(line) > 1 else "")


def _beneath(ax: Axes, above: float, below: float) -> Axes:
    """Share the place of some axes: they keep the upper part, new ones get the lower."""
    figure, spec = ax.figure, ax.get_subplotspec()
    if spec is None:
        box = ax.get_position()
        cut = box.y0 + box.height * below / (above + below)
        ax.set_position((box.x0, cut, box.width, box.y1 - cut))
        return figure.add_axes((box.x0, box.y0, box.width, 0.96 * (cut - box.y0)))
    grid = spec.subgridspec(2, 1, height_ratios=[above, below], hspace=0.04)
    ax.set_subplotspec(grid[0])
    return figure.add_subplot(grid[1])
