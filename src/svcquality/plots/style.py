"""The house style: calm, colour-blind safe, Chinese and minus signs right. Never set globally."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib import font_manager
from matplotlib.ticker import FuncFormatter

from svcquality.language import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

INK = "#1f2933"
QUIET = "#7b8794"
RULE = "#d9e0e6"
ACCENT = "#1b6ca8"
SECOND = "#d1762a"
BAND = "#bcd6ea"
WIDTH = 7.2
FONT = "Noto Sans CJK SC"
HEADLINE = "headline"
"""Name of a figure's headline in its SVG."""
FAMILY = [FONT, "DejaVu Sans"]
SCALE = {"share_difference": 100.0, "per_1000_customers": 1000.0}
"""What a difference in a unit is multiplied by to stand on an axis; 1 for the others."""
LABEL_COLUMNS = 36
"""Columns of a label before it breaks; a Chinese character takes two."""

_STYLE = {
    "font.family": FAMILY,
    "font.size": 9.5,
    "axes.unicode_minus": True,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.5,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.titlepad": 12,
    "text.color": INK,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "figure.dpi": 110,
    "figure.constrained_layout.h_pad": 0.1,
    "figure.constrained_layout.w_pad": 0.1,
    "savefig.facecolor": "white",
    "svg.fonttype": "path",
    "text.parse_math": False,  # a bank's own words may hold dollar signs
    "svg.hashsalt": "svcquality",
}


@contextmanager
def house_style() -> Iterator[None]:
    """The house style for the figures made inside."""
    _register_font()
    _settle_backend()
    with mpl.rc_context(cast(Any, _STYLE)):
        yield


@cache
def _settle_backend() -> None:
    """Load the backend before a style context, whose end would undo what a notebook's one sets."""
    plt.switch_backend(mpl.get_backend())


@cache
def _register_font() -> None:
    """Make the Chinese font of the package noto-cjk-sans-otc known to matplotlib."""
    spec = find_spec("noto_cjk_sans_otc")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for path in Path(folder).glob("*.ttc"):
            font_manager.fontManager.addfont(path)


def headline(ax: Axes, text: str, *, across: bool) -> None:
    """The title, broken into lines that fit; across the whole figure if the axes have it alone."""
    if across:
        title = wrapped(text, int(_width(ax.figure) * 13))
        ax.figure.suptitle(
            title, x=0.012, ha="left", fontsize=11, color=INK, linespacing=1.35, gid=HEADLINE
        )
    else:
        title = wrapped(text, int(_width(ax) * 12))
        ax.set_title(title, loc="left", color=INK, linespacing=1.35)


def _width(part: Any) -> float:
    """Inches that axes, a figure or a part of one are wide."""
    return float(part.bbox.width / part.figure.get_dpi())


def wrapped(text: str, columns: int) -> str:
    """Break a text into lines; a Chinese character takes two columns and may end a line."""
    lines, line, width = [], "", 0
    for word in _words(text):
        size = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in word)
        if width + size > columns and line and word.strip() not in _NO_LINE_START:
            lines.append(line.rstrip())
            line, width = "", 0
            word = word.lstrip()
        line += word
        width += size
    return "\n".join([*lines, line.rstrip()])


_NO_LINE_START = set("，。；：、）》！？%”’")


def _words(text: str) -> Iterator[str]:
    word = ""
    for character in text:
        if unicodedata.east_asian_width(character) in "WF":
            if word:
                yield word
            yield character
            word = ""
        elif character == " ":
            yield word + " "
            word = ""
        else:
            word += character
    if word:
        yield word


def outcome(finding: Drawable) -> Text:
    """What the finding's headline is about, as an axis says it."""
    words = finding.claims[0].outcome
    return Text(words.zh, words.en.removeprefix("the "))


def legend_above(ax: Axes, columns: int) -> None:
    """A legend between the title and the axes, where it covers no data."""
    ax.legend(
        loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=columns,
        columnspacing=1.6, handletextpad=0.6, borderaxespad=0.3,
    )  # fmt: skip


def note(ax: Axes, text: str, *, across: bool) -> None:
    """Words instead of a figure."""
    ax.set_axis_off()
    columns = int(_width(ax.figure if across else ax) * 10)
    ax.text(0.02, 0.5, wrapped(text, columns), va="center", color=QUIET, transform=ax.transAxes)


_NARROW_QUOTES = str.maketrans("“”‘’", "\"\"''")


def labels(frame: pd.DataFrame, language: Language) -> list[str]:
    """The labels of a frame in a language, long ones broken into lines."""
    words = frame[f"label_{language}"].astype(str)
    if language == "en":  # the Chinese font sets these as wide as a Chinese character
        words = words.str.translate(_NARROW_QUOTES)
    return [wrapped(word, LABEL_COLUMNS) for word in words]


def percent_axis(axis: mpl.axis.Axis) -> None:
    """Show shares as percentages, with a true minus sign."""
    axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v * 100:.4g}%".replace("-", "−")))


def plain_axis(axis: mpl.axis.Axis) -> None:
    """Show numbers plainly, with a true minus sign."""
    axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.6g}".replace("-", "−")))
