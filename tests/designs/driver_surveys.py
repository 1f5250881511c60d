"""Surveys drawn from known equations, with the traps of key-driver analysis in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat

from svcquality.records.bank import Records
from svcquality.records.read import read_records

SCALE = {1: "非常不满意", 2: "不满意", 3: "一般", 4: "满意", 5: "非常满意"}
ITEMS = ("wait", "staff", "clarity", "room", "app", "fees_unclear")


def five_points(latent: np.ndarray) -> np.ndarray:
    """A latent standard normal as an answer from 1 to 5."""
    return np.digitize(latent, [-1.5, -0.5, 0.5, 1.5]) + 1.0


def items_survey(
    seed: int,
    *,
    n: int = 1000,
    branches: int = 12,
    weights: tuple[float, ...] = (0.9, 0.5, 0.2, 0.0, 0.0),
    noise: float = 0.8,
) -> pd.DataFrame:
    """Satisfaction from five correlated items ``item_a … item_e``, all answered with care."""
    rng = np.random.default_rng(seed)
    mood = 0.6 * rng.normal(size=(n, 1))
    latent = mood + 0.8 * rng.normal(size=(n, 5))
    branch = rng.integers(branches, size=n)
    index = latent @ np.array(weights) + 0.2 * rng.normal(size=branches)[branch]
    rated = pd.DataFrame({f"item_{c}": five_points(latent[:, j]) for j, c in enumerate("abcde")})
    return pd.DataFrame(
        {
            "survey_id": [f"S{i}" for i in range(n)],
            "branch_id": [f"B{b}" for b in branch],
            "trigger": "visit",
            "satisfaction": five_points(0.9 * index + noise * rng.normal(size=n)),
        }
    ).join(rated)


def bank_of(surveys: pd.DataFrame, **more: object) -> Records:
    """Records of a survey, with further columns."""
    return Records.from_frames(surveys=surveys.assign(**more))


def straight_lined(seed: int, *, n: int = 2500, straight: float = 0.45) -> pd.DataFrame:
    """A survey whose careful answers owe nothing to the wait, and whose straight-liners hide it.

    The careful rate the wait about alike whatever their satisfaction, which follows staff most; ``fees_unclear`` is worded the other way round. Straight-liners tick one box from top
    to bottom, the overall verdict included, so that over all answers the wait goes most with it.
    """
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=(n, 4))
    answers = pd.DataFrame(
        {
            "wait": np.where(rng.random(n) < 0.1, rng.choice([2.0, 4.0], n), 3.0),
            "staff": five_points(latent[:, 0]),
            "clarity": five_points(latent[:, 1]),
            "room": five_points(latent[:, 2]),
            "app": five_points(latent[:, 3]),
            "fees_unclear": five_points(-0.6 * latent[:, 1] + 0.8 * rng.normal(size=n)),
        }
    )
    verdict = five_points(latent @ [0.28, 0.05, 0, 0] + 0.95 * rng.normal(size=n))
    lines = rng.random(n) < straight
    box = rng.choice([1.0, 2.0, 3.0, 4.0, 5.0], n)
    answers.loc[lines] = np.repeat(box[lines, None], len(ITEMS), axis=1)
    return answers.assign(overall=np.where(lines, box, verdict), lines=lines)


def through_spss(answers: pd.DataFrame, folder: Path) -> Records:
    """Write the answers as a labelled SPSS file and read them as any bank's export."""
    frame = pd.DataFrame(
        {
            "RespID": np.arange(1.0, len(answers) + 1),
            "Outlet": [f"网点{i % 40}" for i in range(len(answers))],
            "Q0": answers["overall"],
            **{f"Q{j}": answers[name] for j, name in enumerate(ITEMS, start=1)},
        }
    )
    scale = {float(code): label for code, label in SCALE.items()}
    pyreadstat.write_sav(
        frame,
        folder / "survey.sav",
        variable_value_labels={f"Q{j}": scale for j in range(len(ITEMS) + 1)},
        column_labels={"Q0": "总体满意度", "Q1": "等候时间"},
    )
    items = "\n".join(f'item_{name} = "Q{j}"' for j, name in enumerate(ITEMS, start=1))
    (folder / "mapping.toml").write_text(
        '[surveys.columns]\nsurvey_id = "RespID"\nbranch_id = "Outlet"\nsatisfaction = "Q0"\n'
        + items,
        encoding="utf-8",
    )
    (folder / "study.toml").write_text(
        '[study]\ntitle = { zh = "调查", en = "Survey" }\nlanguage = "zh"\nseed = 1\n\n[records]\n'
        'surveys = { path = "survey.sav", mapping = "mapping.toml" }\n',
        encoding="utf-8",
    )
    return read_records(folder / "study.toml")
