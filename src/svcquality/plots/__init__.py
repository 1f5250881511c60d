"""Figures: a finding in, Axes out. They draw what a design computed and compute nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
from matplotlib.text import Text

from svcquality.language import Language
from svcquality.plots import (
    bottleneck,
    bounds,
    coefficients,
    curve,
    drivers,
    event_study,
    forest,
    importance_performance,
    kano,
    net_promoter,
    pareto,
    power,
    sensitivity,
    series,
    specification_curve,
    staffing,
    steps,
    topic_choice,
)
from svcquality.plots.style import FAMILY, WIDTH, headline, house_style, note

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from svcquality.plots.drawable import Drawable

FIGURES = {
    "pareto": pareto,
    "forest": forest,
    "curve": curve,
    "event_study": event_study,
    "series": series,
    "steps": steps,
    "topic_choice": topic_choice,
    "bounds": bounds,
    "net_promoter": net_promoter,
    "coefficients": coefficients,
    "specification_curve": specification_curve,
    "sensitivity": sensitivity,
    "drivers": drivers,
    "importance_performance": importance_performance,
    "kano": kano,
    "power": power,
    "bottleneck": bottleneck,
    "staffing": staffing,
}
"""A module a figure; each has ``draw(finding, ax, language)`` and ``size(finding)`` in inches."""


NOTE_HEIGHT = 1.2
"""Inches of a figure that only says why there is none."""


def draw(
    finding: Drawable,
    *,
    ax: Axes | None = None,
    language: Language = "en",
    figure: str | None = None,
) -> Axes:
    """Draw a finding's figure, with its headline as title.

    Parameters
    ----------
    finding : Drawable
        A blocked finding draws its reason instead of numbers.
    ax : Axes, optional
        Where to draw; by default a new figure of the size the content needs.
    language : {"zh", "en"}
    figure : str, optional
        One of its further figures (``finding.appendix``) instead of the main one.

    Raises
    ------
    ValueError
        If the finding has no such figure.
    """
    name = finding.figure if figure is None else figure
    if name not in FIGURES or name not in (finding.figure, *finding.appendix):
        raise ValueError(f"finding {finding.id} has no figure {name!r}")
    drawing = FIGURES[name]
    with house_style():
        alone = ax is None
        if ax is None:
            size = (WIDTH, NOTE_HEIGHT) if finding.blocked else drawing.size(finding)
            _, ax = plt.subplots(figsize=size, layout="constrained")
        if finding.blocked:
            note(ax, finding.sentence(language), across=alone)
        else:
            ax.tick_params(labelfontfamily=FAMILY)  # ticks may be made after the style has ended
            drawing.draw(finding, ax, language)
            title = finding.title if name == finding.figure else finding.appendix[name]
            headline(ax, title[language] if title else finding.sentence(language), across=alone)
        for text in ax.findobj(Text):  # axes that were given bring their own, Latin, font
            text.set_fontfamily(FAMILY)
    return ax
