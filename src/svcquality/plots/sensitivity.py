"""What would remain of an estimate if something unmeasured went with exposure and outcome.

After Cinelli & Hazlett (2020), J. Royal Statistical Society B 82: contours of the adjusted
estimate over the strength of a confounder, with measured ones as yardsticks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from svcquality.language import Language, Text
from svcquality.plots.forest import ANY, AXIS
from svcquality.plots.style import (
    ACCENT,
    INK,
    QUIET,
    SCALE,
    SECOND,
    WIDTH,
    percent_axis,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

EXPOSURE = Text(
    "未测混杂与暴露的偏 R²（控制变量之外）", "partial R² of what is unmeasured with the exposure"
)
OUTCOME = Text(
    "未测混杂与结果的偏 R²", "partial R² of what is unmeasured\nwith the outcome"
)  # fmt: skip
CONTOUR = Text("调整后的估计：{unit}", "adjusted estimate: {unit}")
ZERO = Text("调整后的估计为零", "adjusted estimate is zero")
AS_ESTIMATED = Text("未调整的估计", "as estimated")
IMPOSSIBLE = Text(
    "{n} 个参照未画出：不存在如此强的混杂。",
    "{n} yardsticks are not drawn: no factor can be that strong.",
)
QUANTITIES = {
    "robustness_value": Text("稳健值", "robustness value"),
    "robustness_value_95": Text("区间的稳健值", "robustness value, interval"),
    "e_value": Text("E 值", "E-value"),
    "e_value_limit": Text("区间的 E 值", "E-value, interval"),
    "oster_delta": Text("Oster δ", "Oster's δ"),
}
INTERVAL = Text("（95% 区间）", " (95% interval)")
FONT_SIZE = 8.5
LABEL = 36
NEAR = 0.15
"""Share of the width within which points are neighbours."""
POINTS_AN_INCH = 72
Box = tuple[float, float, float, float]
BACKING = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.8}


def size(finding: Drawable) -> tuple[float, float]:
    """Width and height in inches."""
    return WIDTH, max(4.4, 2.4 + 0.3 * len(finding.frames["benchmarks"]))


def draw(finding: Drawable, ax: Axes, language: Language) -> None:
    """Draw frames ``contours``, ``benchmarks`` and ``sensitivity``.

    ``contours``: r2_exposure, r2_outcome (a full grid), estimate; ``benchmarks``: label_zh,
    label_en, r2_exposure, r2_outcome, estimate; ``sensitivity``: quantity, value.
    """
    contours, benchmarks = finding.frames["contours"], finding.frames["benchmarks"]
    unit = str(contours["unit"].iloc[0]) if "unit" in contours else finding.claims[0].unit
    scale = SCALE.get(unit, 1.0)
    grid = contours.pivot(index="r2_outcome", columns="r2_exposure", values="estimate") * scale
    across, up = grid.columns.to_numpy(float), grid.index.to_numpy(float)
    drawn = benchmarks[benchmarks[["r2_exposure", "r2_outcome"]].notna().all(axis=1)]
    left = grid.to_numpy(dtype=float)
    crosses = _contours(ax, across, up, left)
    ax.plot(drawn["r2_exposure"], drawn["r2_outcome"], "D", color=ACCENT, markersize=5, zorder=5)
    ax.plot(0, 0, "^", color=INK, markersize=7, zorder=5, clip_on=False)
    _limits(ax, across, up, drawn)
    origin = float(left[0, 0])
    decimals = max(0, 1 - int(np.floor(np.log10(abs(origin))))) if origin else 2
    points = [(0.0, 0.0, _said(AS_ESTIMATED[language], origin, decimals))]
    numbers = drawn[["r2_exposure", "r2_outcome", "estimate"]].to_numpy(dtype=float)
    points += [
        (x, y, _said(str(label), value * scale, decimals))
        for (x, y, value), label in zip(numbers, drawn[f"label_{language}"], strict=True)
    ]
    notes = _quantities(finding, language)
    if len(drawn) < len(benchmarks):
        notes.append(IMPOSSIBLE[language].format(n=len(benchmarks) - len(drawn)))
    notes = [line for note in notes for line in wrapped(note, LABEL).split("\n")]
    _name(ax, points, notes)
    if notes:
        ax.annotate("\n".join(notes), (0.985, 0.975), xycoords="axes fraction", ha="right",
                    va="top", fontsize=FONT_SIZE, color=INK, linespacing=1.4, bbox=BACKING,
                    zorder=7)  # fmt: skip
    percent_axis(ax.xaxis)
    percent_axis(ax.yaxis)
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.set_xlabel(EXPOSURE[language])
    ax.set_ylabel(OUTCOME[language])
    words = AXIS.get(unit, ANY)[language].removesuffix(INTERVAL[language])
    handles = [Line2D([], [], color=QUIET, linewidth=1, label=CONTOUR[language].format(unit=words))]
    if crosses:
        handles.append(Line2D([], [], color=SECOND, linewidth=2.2, label=ZERO[language]))
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=2,
              columnspacing=1.6, borderaxespad=0.3)  # fmt: skip


def _contours(ax: Axes, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> bool:
    """Thin lines of equal estimates, a thick one at zero, shade where the sign has turned.

    Returns whether zero is reached.
    """
    start = z[0, 0]
    ax.contourf(x, y, z * np.sign(start), levels=[-np.inf, 0], colors=[SECOND], alpha=0.1)
    levels = MaxNLocator(8).tick_values(float(z.min()), float(z.max()))
    lines = ax.contour(x, y, z, levels=[v for v in levels if v != 0], colors=QUIET, linewidths=0.9,
                       linestyles="solid")  # fmt: skip
    places = [place for v in lines.levels if (place := _free(x, y, z, float(v)))]
    ax.clabel(lines, fontsize=8, fmt=lambda v: f"{v:.3g}".replace("-", "−"), manual=places)
    crosses = bool(z.min() < 0 < z.max())
    if crosses:
        ax.contour(x, y, z, levels=[0], colors=SECOND, linewidths=2.2)
    return crosses


def _free(x: np.ndarray, y: np.ndarray, z: np.ndarray, level: float) -> tuple[float, float] | None:
    """Where a contour can be labelled: right below the notes, else at the top left of them."""
    turn = np.sign(z[-1, -1] - z[0, 0])  # estimates move one way, along either axis
    column, row = int(0.86 * (len(x) - 1)), int(0.9 * (len(y) - 1))
    at_right = float(np.interp(turn * level, turn * z[:, column], y, left=np.nan, right=np.nan))
    if at_right < 0.66 * y[-1]:
        return float(x[column]), at_right
    at_top = float(np.interp(turn * level, turn * z[row], x, left=np.nan, right=np.nan))
    return (at_top, float(y[row])) if at_top < 0.6 * x[-1] else None


def _limits(ax: Axes, x: np.ndarray, y: np.ndarray, drawn: pd.DataFrame) -> None:
    """The grid, and any yardstick beyond it."""
    ax.set_xlim(
        0, max(float(x.max()), 1.06 * float(drawn["r2_exposure"].max() if len(drawn) else 0))
    )
    ax.set_ylim(
        0, max(float(y.max()), 1.06 * float(drawn["r2_outcome"].max() if len(drawn) else 0))
    )


def _said(label: str, value: float, decimals: int) -> str:
    return wrapped(f"{label} ({value:.{decimals}f})".replace("(-", "(−"), LABEL)


def _name(ax: Axes, points: list[tuple[float, float, str]], notes: list[str]) -> None:
    """A label beside each point, joined to it, moved up until it covers nothing.

    Yardsticks tend to lie close together near the origin, so the labels of neighbours stand in one
    column. Places are shares of the axes; titles still to come take a part of them.
    """
    dpi = ax.figure.get_dpi()
    width = 0.85 * ax.bbox.width / dpi * POINTS_AN_INCH / FONT_SIZE
    height = 0.75 * ax.bbox.height / dpi * POINTS_AN_INCH / FONT_SIZE
    line = 1.5 / height
    right, top = ax.get_xlim()[1], ax.get_ylim()[1]
    places = [(x / right, y / top, text) for x, y, text in points]
    taken = [(x - 0.012, y - 0.02, x + 0.012, y + 0.02) for x, y, _ in places]
    taken.append((0.97 - _ems(notes) / width, 0.97 - line * len(notes), 1.0, 1.0))
    # From below right to above left, so that the lines hardly cross; the estimate itself first.
    first, *others = places
    others.sort(key=lambda place: place[1] - place[0])
    for x, y, text in (first, *others):
        lines = text.split("\n")
        wide, tall = _ems(lines) / width, line * len(lines)
        column = max(other for other, *_ in places if abs(other - x) < NEAR) + 0.05
        left = column if column + wide <= 1 else x - 0.05 - wide
        bottom = max(y - tall / 2, 0.01)
        while any(_cover((left, bottom, left + wide, bottom + tall), box) for box in taken):
            bottom += line / 4
        taken.append((left, bottom, left + wide, bottom + tall))
        ax.annotate(
            text, (x, y), (left, bottom + tall / 2), xycoords="axes fraction", va="center",
            fontsize=FONT_SIZE, color=INK, bbox=BACKING, zorder=6,
            arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.6, "shrinkA": 0,
                        "shrinkB": 3, "relpos": (0 if left > x else 1, 0.5)},
        )  # fmt: skip


def _ems(lines: list[str]) -> float:
    """Width of the longest line in font sizes, rather too much than too little."""
    return max((sum(1.0 if ord(c) > 0x2E7F else 0.6 for c in line) for line in lines), default=0)


def _cover(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _quantities(finding: Drawable, language: Language) -> list[str]:
    """The values that belong to the picture, in short words; the table has all of them."""
    frame = finding.frames.get("sensitivity")
    if frame is None:
        return []
    known = frame[frame["quantity"].isin(QUANTITIES) & frame["value"].notna()]
    values = zip(known["quantity"], known["value"].astype(float), strict=True)
    return [_quantity(str(name), value, language) for name, value in values]


def _quantity(name: str, value: float, language: Language) -> str:
    shown = f"{value:.1%}" if name.startswith("robustness") else f"{value:.3g}".replace("-", "−")
    return f"{QUANTITIES[name][language]}{'：' if language == 'zh' else ': '}{shown}"
