"""Figures as files: the same bytes for the same finding."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

from svcquality import plots
from svcquality.findings import Finding
from svcquality.language import LANGUAGES, Language
from svcquality.plots.style import HEADLINE, house_style
from svcquality.storage import write_atomic

PNG_DPI = 160
PAGE_DPI = 110
"""Of further figures, which stand in the page as PNG: their many marks make large SVG."""
COLOURS = 96
POINTS_AN_INCH = 72
_OUTLINE = re.compile(r' d="[^"]*"')
_BREAKS = re.compile(r"\s*\n\s*")
_DIGITS = re.compile(r"(\.\d)\d+")
_SIZE = re.compile(r'height="[\d.]+pt" viewBox="0 0 ([\d.]+) ([\d.]+)"')


def write_figures(finding: Finding, folder: Path) -> dict[Language, str]:
    """Write ``<id>.<language>.png`` and ``.svg`` for both languages.

    Returns
    -------
    dict
        By language, the drawing as SVG without its headline, for a page that says it in words.
    """
    drawings: dict[Language, str] = {}
    for language in LANGUAGES:
        axes = finding.plot(language=language)
        figure = axes.figure
        assert isinstance(figure, Figure)  # not a part of one: `plot` made it
        with house_style():  # the salt of SVG ids is read when saving
            svg = _saved(figure, "svg", metadata={"Date": None, "Creator": "svcquality"})
            figure.set_layout_engine("none")  # keeps what was laid out, which is slow to repeat
            png = _saved(figure, "png", dpi=PNG_DPI, metadata={"Software": None})
        write_atomic(folder / f"{finding.id}.{language}.png", png)
        write_atomic(folder / f"{finding.id}.{language}.svg", svg)
        drawings[language] = _light(_without_headline(svg.decode(), figure))
        plt.close(figure)
    return drawings


def write_appendix(finding: Finding, folder: Path) -> dict[str, dict[Language, bytes]]:
    """Write ``<id>.<figure>.<language>.png`` and ``.svg`` of the further figures.

    Returns
    -------
    dict
        By figure and language, the PNG for a page.
    """
    drawings: dict[str, dict[Language, bytes]] = {}
    for name in finding.appendix if not finding.blocked else ():
        for language in LANGUAGES:
            figure = finding.plot(language=language, figure=name).figure
            assert isinstance(figure, Figure)
            with house_style():
                svg = _saved(figure, "svg", metadata={"Date": None, "Creator": "svcquality"})
                figure.set_layout_engine("none")
                png = _saved(figure, "png", dpi=PNG_DPI, metadata={"Software": None})
                page = _few_colours(
                    _saved(figure, "png", dpi=PAGE_DPI, metadata={"Software": None})
                )
            write_atomic(folder / f"{finding.id}.{name}.{language}.png", png)
            write_atomic(folder / f"{finding.id}.{name}.{language}.svg", svg)
            drawings.setdefault(name, {})[language] = page
            plt.close(figure)
    return drawings


def has_figure(finding: Finding) -> bool:
    """Whether there is anything to draw."""
    return finding.figure in plots.FIGURES and not finding.blocked


def _saved(figure: Figure, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, **options)
    return buffer.getvalue()


def _light(svg: str) -> str:
    """Outlines to a tenth of a point: what a page shows weighs a third less."""
    rounded = _OUTLINE.sub(lambda outline: _DIGITS.sub(r"\1", outline[0]), svg)
    return _BREAKS.sub(" ", rounded)


def _few_colours(png: bytes) -> bytes:
    """The same drawing with a palette: figures have few colours, and files a third of the size."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
            out, "png", optimize=True
        )
    return out.getvalue()


def _without_headline(svg: str, figure: Figure) -> str:
    """Show the part of the drawing below its headline."""
    (headline,) = figure.findobj(lambda artist: artist.get_gid() == HEADLINE)
    box = headline.get_window_extent().transformed(figure.dpi_scale_trans.inverted())
    width, height = figure.get_size_inches() * POINTS_AN_INCH
    top = height - box.y0 * POINTS_AN_INCH + 2
    shown = f'height="{height - top:.3f}pt" viewBox="0 {top:.3f} {width:.3f} {height - top:.3f}"'
    return _SIZE.sub(shown, svg, count=1)
