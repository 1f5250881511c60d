"""What the docs say is what the code does."""

from __future__ import annotations

import re
import runpy

import pytest

from svcquality.designs import DESIGNS
from tests.conftest import ROOT


def test_the_tables_page_is_made_from_the_declared_tables():
    made = runpy.run_path(str(ROOT / "docs" / "generate.py"))["tables"]()
    assert (ROOT / "docs" / "tables.md").read_text("utf-8") == made, "run python docs/generate.py"


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_every_design_is_described(page):
    text = (ROOT / page).read_text("utf-8")
    assert [name for name in DESIGNS if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    "page", [*sorted(p.relative_to(ROOT).as_posix() for p in ROOT.glob("docs/*.md")), "README.md"]
)
def test_links_lead_somewhere(page):
    folder = (ROOT / page).parent
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / page).read_text("utf-8"))
    assert [link for link in links if not (folder / link).exists()] == []
