"""Later waits, which cannot have mattered, in the place of a second exposure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from svcquality.checks.placebo import Placebo, placebo_future_wait
from svcquality.designs._adjusted import fit_answers
from svcquality.designs._answers import Answers
from svcquality.errors import InputError
from svcquality.estimators.marginal import average_change
from svcquality.findings import Check
from svcquality.language import Text

MORE_MINUTES = 10.0
FEWEST = 200
POWER = 0.8

LATER = {
    "wait_next": Text("同一客户下次到店的等候", "the same customer's next wait"),
    "wait_after": Text(
        "叫号后一小时内其他取号客户的等候", "others' waits in the hour after the call"
    ),
}


def placebo(
    answers: Answers, of_visit: pd.DataFrame, extra: Sequence[str], knots: int
) -> Check | None:
    """Relate satisfaction to waits that came later, the present wait held equal.

    Parameters
    ----------
    answers : Answers
    of_visit : DataFrame
        As given by `_waiting_tickets.behind`, for ``answers.rows``.
    extra : sequence of str
        Confounders beside the usual ones.
    knots : int

    Returns
    -------
    Check or None
        None where too few answers have a later wait.
    """
    found = []
    for name, words in LATER.items():
        rows = answers.rows.assign(**{name: of_visit[name].to_numpy()})
        usable = rows[name].notna() & rows["wait_minutes"].notna()
        if usable.sum() < FEWEST or rows.loc[usable, name].nunique() < 2:
            continue
        try:
            model = fit_answers(
                replace(answers, rows=rows), ["wait_minutes", name], extra, knots=knots
            )
        except InputError:  # this part of the answers is too thin
            continue
        if name in model.lost or "wait_minutes" in model.lost:
            continue
        (column,) = model.matrix.at[name]
        later = model.X[:, column]
        change = average_change(
            model.fit, model.X, {}, {column: later + MORE_MINUTES}, model.category
        )
        reach = stats.t.ppf(0.975, change.df) + stats.t.ppf(POWER, change.df)
        detectable = float(reach * change.error)
        if np.isfinite(change.p):
            found.append(Placebo(words, change.estimate, change.p, detectable, model.fit.n))
    return placebo_future_wait(found) if found else None
