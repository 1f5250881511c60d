"""Coefficients of one or more models side by side, each with its interval, against no difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from svcquality.language import Language, Text
from svcquality.plots.forest import ANY, AXIS
from svcquality.plots.style import (
    ACCENT,
    INK,
    QUIET,
    RULE,
    SCALE,
    SECOND,
    WIDTH,
    labels,
    legend_above,
    percent_axis,
    plain_axis,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

# Beside the colours, marks tell the models apart.
MODELS = (
    (ACCENT, "o"), (SECOND, "s"), ("#228b6b", "D"), ("#b25b8f", "^"), (INK, "v"), ("#5aa9d6", "P"),
)  # fmt: skip
SCALED = Text("{scale}（95% 区间）", "{scale} (95% interval)")
STEP = 0.11
"""Inches between the models of one term."""


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    frame = finding.frames["coefficients"]
    models = len(_models(frame))
    above = 1.3 + 0.22 * _legend_rows(models)
    return WIDTH, above + max(0.34, STEP * models + 0.16) * frame["term"].nunique()


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frame ``coefficients``, on one scale.

    Columns ``model_zh, model_en, term, label_zh, label_en, estimate, low, high, unit``, and
    ``scale_zh, scale_en`` where the unit is none that the house knows. Filled marks: the interval
    leaves out the line of no difference.
    """
    frame = finding.frames["coefficients"]
    unit = str(frame["unit"].iloc[0])
    null = 1.0 if unit == "ratio" else 0.0
    terms = frame.drop_duplicates("term")
    at = {term: place for place, term in enumerate(terms["term"])}
    models = _models(frame)
    if len(models) > 1:
        for place in range(0, len(terms), 2):
            ax.axhspan(place - 0.5, place + 0.5, color=RULE, alpha=0.35, linewidth=0, zorder=0)
    ax.axvline(null, color=QUIET, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    for number, ((zh, en), rows) in enumerate(models.items()):
        colour, mark = MODELS[number % len(MODELS)]
        offset = 0.74 * ((number + 0.5) / len(models) - 0.5)
        y = rows["term"].map(at).to_numpy(dtype=float) + offset
        x = rows[["estimate", "low", "high"]].to_numpy(dtype=float) * SCALE.get(unit, 1.0)
        edge = null * SCALE.get(unit, 1.0)
        clear = (x[:, 1] > edge) | (x[:, 2] < edge)
        ax.hlines(y, x[:, 1], x[:, 2], color=colour, linewidth=1.6, zorder=2)
        ax.plot(x[clear, 0], y[clear], mark, color=colour, markersize=5, zorder=3)
        ax.plot(x[~clear, 0], y[~clear], mark, color=colour, markersize=5, zorder=3,
                markerfacecolor="white")  # fmt: skip
        ax.plot([], [], mark, color=colour, markersize=5, linestyle="-", linewidth=1.6,
                label=Text(zh, en)[language])  # fmt: skip
    ax.set_yticks(range(len(terms)), labels(terms, language), color=INK)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(terms) - 0.5, -0.5)
    ax.grid(axis="x", zorder=0)
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    (percent_axis if unit == "share" else plain_axis)(ax.xaxis)
    ax.set_xlabel(_axis(frame, unit)[language])
    if len(models) > 1:
        legend_above(ax, -(-len(models) // _legend_rows(len(models))))


def _models(frame: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Rows by name of model, in order of ``model`` where there is one, else of appearance."""
    ordered = frame.sort_values("model", kind="stable") if "model" in frame else frame
    groups = ordered.groupby(["model_zh", "model_en"], sort=False)
    return {(str(name[0]), str(name[1])): rows for name, rows in groups}


def _legend_rows(models: int) -> int:
    return 0 if models == 1 else -(-models // 3)


def _axis(frame: pd.DataFrame, unit: str) -> Text:
    if unit in AXIS or "scale_en" not in frame:
        return AXIS.get(unit, ANY)
    first = frame.iloc[0]
    return SCALED.format(scale=Text(str(first["scale_zh"]), str(first["scale_en"])))
