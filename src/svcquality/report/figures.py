"""Figures as files: the same bytes for the same finding."""

from __future__ import annotations

import io
from pathlib import Path
from typing import cast

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from svcquality import plots
from svcquality.findings import Finding
from svcquality.language import LANGUAGES
from svcquality.plots.style import house_style
from svcquality.storage import write_atomic

PNG_DPI = 160


def write_figures(finding: Finding, folder: Path) -> None:
    """Write ``<id>.<language>.png`` and ``.svg`` for both languages."""
    for language in LANGUAGES:
        figure = cast(Figure, finding.plot(language=language).figure)
        with house_style():  # the salt of SVG ids is read when saving
            for kind, options in (
                ("png", {"dpi": PNG_DPI, "metadata": {"Software": None}}),
                ("svg", {"metadata": {"Date": None, "Creator": "svcquality"}}),
            ):
                buffer = io.BytesIO()
                figure.savefig(buffer, format=kind, **options)
                write_atomic(folder / f"{finding.id}.{language}.{kind}", buffer.getvalue())
        plt.close(figure)


def has_figure(finding: Finding) -> bool:
    """Whether there is anything to draw."""
    return finding.figure in plots.FIGURES and not finding.blocked
