"""How much of a difference between exposed and other answers is their mix of groups?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.checks.simpson import no_column, usable_numbers
from svcquality.errors import InputError
from svcquality.estimators.mix import kitagawa


def mix_decomposition(
    rows: pd.DataFrame, outcome: str, exposure: str, group: str, *, at_least: float | None = None
) -> pd.DataFrame:
    """How much of a difference between exposed and other rows is their mix of groups.

    Parameters
    ----------
    rows : DataFrame
    outcome, group : str
        Columns.
    exposure : str
        A flag.
    at_least : float, optional
        From which outcome on it counts as 1.

    Returns
    -------
    DataFrame
        As `kitagawa`, with the groups' names; ``rate`` and ``mix`` sum to the difference of means.

    Raises
    ------
    InputError
        If a column is missing, the exposure is no flag, or one side is empty.
    """
    y, x, known = usable_numbers(rows, outcome, exposure, at_least)
    if not np.isin(x[known], (0.0, 1.0)).all():
        raise InputError(
            f"A decomposition by mix needs a yes-or-no exposure; {exposure!r} has other values: use "
            "the slopes instead.",
            f"构成分解需要二元暴露变量；“{exposure}”含有其他取值，请改看斜率表。",
        )
    if group not in rows:
        raise no_column(group)
    known &= rows[group].notna().to_numpy()
    return kitagawa(y[known], x[known] == 1, rows[group].astype("str").to_numpy()[known])
