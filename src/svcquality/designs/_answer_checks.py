"""Diagnostics of an adjusted model of answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.checks.ceiling import ceiling
from svcquality.checks.clusters import cluster_count
from svcquality.checks.confounders import missing_confounders
from svcquality.checks.dropped_rows import dropped_rows
from svcquality.checks.events_per_parameter import events_per_parameter
from svcquality.checks.proportional_odds import proportional_odds
from svcquality.checks.response_rate import response_rate_shift
from svcquality.designs._adjusted import USUAL_CONFOUNDERS, Adjusted, groups
from svcquality.designs._answers import Answers
from svcquality.designs._rows import CLUSTER_UNITS
from svcquality.errors import InputError
from svcquality.estimators.proportional_odds import brant_test
from svcquality.findings import Check
from svcquality.language import Text

CLUSTERS_FOR_TEST = 40
WELL_FILLED_CUT = 30


def answer_checks(answers: Answers, model: Adjusted, key: str, label: Text) -> list[Check]:
    """The diagnostics of an adjusted model; ``key`` is the exposure tested for equal steps."""
    event = model.y >= model.category
    unit = CLUSTER_UNITS[model.cluster or "branch_id"]
    checks = [
        cluster_count(
            model.fit.inference.clusters, unit, jackknifed=model.fit.inference.kind == "CR3"
        ),
        response_rate_shift(answers.sent),
        dropped_rows(
            len(answers.rows),
            len(model.rows),
            Text("缺少所分析的因素", "an exposure is not recorded"),
        ),
        missing_confounders(_missing_shares(model.rows), USUAL_CONFOUNDERS),
        events_per_parameter(
            int(event.sum()), int((~event).sum()), len(model.fit.inference.covariance)
        ),
    ]
    if len(model.fit.categories) > 2:
        checks.append(ceiling(model.y))
        p = _brant_p(model, key)
        if p is not None:
            checks.append(proportional_odds(p, label))
    return checks


def _missing_shares(rows: pd.DataFrame) -> dict[str, float]:
    return {
        name: float(rows[name].isna().mean()) if name in rows else 1.0 for name in USUAL_CONFOUNDERS
    }


def _brant_p(model: Adjusted, key: str) -> float | None:
    """Brant-type test of one exposure; everything else enters as its fitted index.

    The full set of indicators would separate the rare answers; thresholds with fewer than 30
    answers on a side are left out for the same reason.
    """
    cuts = [
        c
        for c in model.fit.categories[1:]
        if min((model.y >= c).sum(), (model.y < c).sum()) >= WELL_FILLED_CUT
    ]
    tested = model.matrix.at.get(key)
    if len(cuts) < 2 or not tested:
        return None
    columns = model.X[:, tested]
    index = model.X @ model.fit.coefficients - columns @ model.fit.coefficients[tested]
    scaled = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    together = np.column_stack([scaled, index]) if np.ptp(index) > 0 else scaled
    enough = (model.fit.inference.clusters or 0) >= CLUSTERS_FOR_TEST
    try:
        test = brant_test(
            np.digitize(model.y, cuts),
            together,
            tested=range(len(tested)),
            clusters=groups(model.rows, model.cluster) if enough else None,
        )
    except InputError:  # one split of the scale is too thin: no reason to withhold the finding
        return None
    return test.p
