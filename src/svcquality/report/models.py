"""The models behind a finding as publication tables: files, and HTML for the page."""

from __future__ import annotations

import re
from pathlib import Path

from svcquality.findings import Finding
from svcquality.language import LANGUAGES, Language
from svcquality.report.publication import model_table

FORMATS = (".docx", ".tex", ".xlsx")
_STYLE = re.compile(r' style="[^"]*"')


def write_models(finding: Finding, folder: Path) -> dict[Language, str]:
    """Write ``<id>.<language>`` in every format of `FORMATS`.

    Returns
    -------
    dict
        By language, the table as HTML without styles of its own: the page brings them, and its
        content policy allows no others.
    """
    pages: dict[Language, str] = {}
    folder.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        table = model_table(finding, language=language)
        for suffix in FORMATS:
            table.save(folder / f"{finding.id}.{language}{suffix}")
        pages[language] = _STYLE.sub("", table.html())
    return pages
