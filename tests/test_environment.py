"""pyproject.toml is the truth; environment.yml and the lock are held to it."""

from __future__ import annotations

import re
import tomllib

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT


def declared() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lines = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


def test_conda_environment_declares_the_same():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    conda = [d for d in listed if isinstance(d, str) and d != "pip"]
    by_pip = [d for d in listed[-1]["pip"] if d != "-e ."]
    found = {canonicalize_name(r.name): r for r in map(Requirement, conda + by_pip)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert found.pop("python").specifier == Requirement(f"p{project['requires-python']}").specifier
    assert {n: str(r.specifier) for n, r in found.items()} == {
        n: str(r.specifier) for n, r in declared().items()
    }


def test_lock_satisfies_the_declaration_and_names_no_address():
    lines = (ROOT / "requirements.lock").read_text("utf-8").split()
    assert lines and all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line) for line in lines)
    pinned = {canonicalize_name(n): v for n, v in (line.split("==") for line in lines)}
    for name, requirement in declared().items():
        assert requirement.specifier.contains(pinned[name], prereleases=True), name
