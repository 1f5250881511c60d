"""The command ``svcquality plan``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from svcquality.cli.plan import plan


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    rng = np.random.default_rng(6)
    n = 900
    pd.DataFrame(
        {
            "survey_id": np.arange(n),
            "branch_id": rng.integers(20, size=n),
            "answered": pd.Timestamp("2025-01-01")
            + pd.to_timedelta(rng.integers(360, size=n), "D"),
            "satisfaction": rng.integers(1, 6, n),
            "wait_minutes": rng.exponential(15, n).round(1),
        }
    ).to_csv(folder / "surveys.csv", index=False)
    return folder


def test_a_plan_is_printed_and_drawn(study: Path, tmp_path: Path) -> None:
    figure = tmp_path / "power.png"
    said = CliRunner().invoke(
        plan, [str(study), "waiting", "--replications", "20", "-q", "--figure", str(figure)],
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    assert "would be detected 80% of the time" in said.output
    assert figure.stat().st_size > 10_000
    chinese = CliRunner().invoke(
        plan, [str(study), "waiting", "--replications", "20", "-q", "--language", "zh"]
    )
    assert "有 80% 的机会检测到" in chinese.output


def test_an_unknown_question_is_refused(study: Path) -> None:
    said = CliRunner().invoke(plan, [str(study), "loyalty"])
    assert said.exit_code == 2 and "training" in said.output
