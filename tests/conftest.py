"""Shared fixtures."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published cases and real inputs beside the checkout; skips where absent."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("published cases and real inputs are kept outside the repository")
    return folder


@pytest.fixture(scope="session")
def cases(shared: Path) -> Path:
    """Published cases."""
    return shared / "cases"


@pytest.fixture(scope="session")
def real_data(shared: Path) -> Path:
    """Real inputs."""
    return shared / "data"
