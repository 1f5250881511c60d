"""Drivers as columns of numbers: an indicator a level of text, every other as it is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.designs._adjusted import USUAL_CONFOUNDERS
from svcquality.models.matrix import as_float
from svcquality.records.tables import CODE_WORDS

LEVEL_ROWS = 10
"""Rarer levels are joined."""


def widened(rows: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Indicators for text, and drivers set free from their place among the usual confounders."""
    columns: dict[str, list[str]] = {}
    new: dict[str, np.ndarray] = {}
    for name in names:
        values = rows[name]
        x = as_float(values)
        if np.isnan(x).all():
            new |= (made := _indicators(name, values))
            columns[name] = list(made)
        elif name in USUAL_CONFOUNDERS:
            new[f"{name} "] = x
            columns[name] = [f"{name} "]
        else:
            columns[name] = [name]
    taken = [name for name in names if name in USUAL_CONFOUNDERS]
    return rows.drop(columns=taken).assign(**new), columns


def _indicators(name: str, values: pd.Series) -> dict[str, np.ndarray]:
    """One column a level, the largest left out and rare ones joined; missing stays missing."""
    counts = values.value_counts()
    common = [str(level) for level in counts[counts >= LEVEL_ROWS].index[1:]]
    text = values.astype("string")
    missing = text.isna().to_numpy()
    made = {
        f"{name} = {CODE_WORDS[level].en if level in CODE_WORDS else level}": np.where(
            missing, np.nan, text.eq(level).fillna(False).to_numpy(dtype=float)
        )
        for level in common
    }
    rare = ~text.isin([str(counts.index[0]), *common]).to_numpy() & ~missing
    if rare.sum() >= LEVEL_ROWS:
        made[f"{name} = (other)"] = np.where(missing, np.nan, rare.astype(float))
    return made
