"""A table for a paper: its tidy numbers, and itself in every format that journals take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from svcquality.errors import InputError
from svcquality.report.publication.cells import Grid
from svcquality.report.publication.excel import excel
from svcquality.report.publication.html import html, page
from svcquality.report.publication.latex import latex
from svcquality.report.publication.markdown import markdown
from svcquality.report.publication.word import word
from svcquality.report.workbook import csv_bytes
from svcquality.storage import write_atomic


@dataclass(frozen=True)
class PublicationTable:
    """A table as printed, and the numbers behind it.

    Parameters
    ----------
    frame : DataFrame
        Tidy, at full precision; what the table withholds is not in it either.
    grid : Grid
        Headings, rows and notes in one language.
    """

    frame: pd.DataFrame
    grid: Grid

    def html(self) -> str:
        """One ``<table>`` element."""
        return html(self.grid)

    def _repr_html_(self) -> str:
        return self.html()

    def latex(self, *, threeparttable: bool = True, label: str = "") -> str:
        """A ``table`` environment for booktabs.

        Parameters
        ----------
        threeparttable : bool
            Set the notes with the package of that name; else as a paragraph.
        label : str
            For cross-references.
        """
        return latex(self.grid, threeparttable=threeparttable, label=label)

    def markdown(self) -> str:
        """A table with pipes."""
        return markdown(self.grid)

    def save(self, path: str | Path) -> Path:
        """Write a file in the format that its ending names; the same table, the same bytes.

        Parameters
        ----------
        path : str or Path
            ``.html``, ``.tex``, ``.md``, ``.xlsx`` or ``.docx`` for the table as printed (the
            workbook holds the tidy numbers too), ``.csv`` for the tidy numbers.

        Returns
        -------
        Path

        Raises
        ------
        InputError
            If the ending is none of these, or the file cannot be written.
        """
        path = Path(path)
        formats: dict[str, Callable[[], str | bytes]] = {
            ".html": lambda: page(self.grid),
            ".tex": self.latex,
            ".md": self.markdown,
            ".csv": lambda: csv_bytes(self.frame),
            ".xlsx": lambda: excel(self.grid, self.frame),
            ".docx": lambda: word(self.grid),
        }
        make = formats.get(path.suffix.lower())
        if make is None:
            known = list(formats)
            raise InputError(
                f"A table cannot be written as {path.name!r}; end the name with one of "
                f"{', '.join(known)}.",
                f"无法将表格写为 {path.name!r}；文件名请以 {'、'.join(known)} 之一结尾。",
            )
        try:
            write_atomic(path, make())
        except OSError as error:
            raise InputError(
                f"The table could not be written to {path}: {error.strerror or error}.",
                f"无法将表格写入 {path}：{error.strerror or error}。",
            ) from error
        return path
