"""Where the time goes: minutes by stage above a map of how often customers wait too long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap

from svcquality.language import Language, Text
from svcquality.plots.style import ACCENT, BAND, INK, QUIET, SECOND, WIDTH, plain_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

    from svcquality.plots.drawable import Drawable

GROUPS = {
    "slow": Text("最慢一成比其余多", "slowest tenth, over the others"),
    "busy": Text("忙时比闲时多", "busiest third, over the quietest"),
    "minutes": Text("全部平均", "mean of all visits"),
}
MINUTES = Text("分钟（线为 95% 区间）", "minutes (lines: 95% intervals)")
WORST = Text("等候过长最多的前 {n} 个", "the {n} with most long waits")
ALL = Text("全部 {n} 个", "all {n}")
SCALE = Text("等候过长的比例", "share who waited too long")
COLOURS = {"waiting": ACCENT, "walking": QUIET, "service": SECOND}
SHOWN = 15
BARS, GAP = 1.25, 1.0
LOW, PALE, MIDDLE = "#f7f4ef", "#f3cf92", "#d1762a"
HIGH = "#4f1430"
TICKS = 8


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, 2.1 + BARS + GAP + _map_height(finding)


def _map_height(finding: Drawable) -> float:
    rows = finding.frames["cells"]["row"].nunique()
    return 0.6 + 0.2 * min(rows, SHOWN)


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frames ``stages`` (group, stage, label_zh, label_en, estimate, low, high) and ``cells``
    (row, column, their labels, estimate, late).
    """
    lower = _map_height(finding)
    whole = BARS + GAP + lower
    ax.set_axis_off()
    _bars(
        ax.inset_axes((0.24, 1 - BARS / whole, 0.76, BARS / whole)),
        finding.frames["stages"],
        language,
    )
    cells = finding.frames["cells"]
    order = cells.groupby("row")["late"].sum().sort_values(ascending=False).index
    bottom, height = 0.06, lower / whole - 0.06
    many = len(order) > SHOWN
    left = ax.inset_axes((0.10, bottom, 0.52 if many else 0.8, height))
    image = _map(left, cells, list(order[:SHOWN]), language, named=True)
    left.set_title(
        WORST.format(n=min(len(order), SHOWN))[language], loc="left", fontsize=9, color=INK, pad=5
    )
    if many:
        right = ax.inset_axes((0.67, bottom, 0.24, height))
        _map(right, cells, list(order), language, named=False)
        right.set_title(
            ALL.format(n=len(order))[language], loc="left", fontsize=9, color=INK, pad=5
        )
    bar = ax.inset_axes((0.94, bottom, 0.018, height))
    colours = ax.figure.colorbar(image, cax=bar, format=lambda v, _: f"{v:.0%}")
    colours.set_label(SCALE[language], color=INK)
    colours.outline.set_visible(False)  # type: ignore[operator]


def _bars(ax: Axes, stages: pd.DataFrame, language: Language) -> None:
    groups = [g for g in GROUPS if (stages["group"] == g).any()]
    names = list(dict.fromkeys(stages["stage"]))
    height = 0.8 / max(len(names), 1)
    for k, stage in enumerate(names):
        part = stages[stages["stage"] == stage].set_index("group").reindex(groups)
        y = np.arange(len(groups)) + (k - (len(names) - 1) / 2) * height
        ax.barh(
            y, part["estimate"], height * 0.9, color=COLOURS.get(stage, BAND),
            label=str(part[f"label_{language}"].iloc[0]),
        )  # fmt: skip
        ax.hlines(y, part["low"], part["high"], color=INK, linewidth=1)
    ax.axvline(0, color=QUIET, linewidth=0.8)
    ax.set_yticks(range(len(groups)), [GROUPS[g][language] for g in groups], color=INK)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(groups) - 0.5, -0.5)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")
    ax.set_axisbelow(True)
    plain_axis(ax.xaxis)
    ax.set_xlabel(MINUTES[language])
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 0.98), ncols=len(names), borderaxespad=0.2)


def _map(
    ax: Axes, cells: pd.DataFrame, rows: list[Any], language: Language, *, named: bool
) -> AxesImage:
    columns = sorted(cells.loc[cells["estimate"].notna(), "column"].unique())
    wide = cells.pivot(index="row", columns="column", values="estimate").reindex(rows)[columns]
    ramp = LinearSegmentedColormap.from_list("waits", [LOW, PALE, MIDDLE, HIGH])
    colours = ramp.with_extremes(bad="white")
    image = ax.imshow(
        np.ma.masked_invalid(wide.to_numpy(dtype=float)), cmap=colours, vmin=0, vmax=1,
        aspect="auto", interpolation="nearest",
    )  # fmt: skip
    words = cells.drop_duplicates("column").set_index("column")[f"column_{language}"]
    step = max(1, -(-len(columns) // (TICKS if named else 3)))
    ax.set_xticks(
        range(0, len(columns), step), [words[c] for c in columns[::step]], color=INK, fontsize=8
    )
    if named:
        names = cells.drop_duplicates("row").set_index("row")[f"row_{language}"]
        ax.set_yticks(range(len(rows)), [names[r] for r in rows], color=INK, fontsize=8)
    else:
        ax.set_yticks([])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return image
