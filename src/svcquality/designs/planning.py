"""Before the outcome is looked at: which effect could these records show, and how surely?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from svcquality.designs._plan import Plan, Study
from svcquality.designs._plan_answers import answer_study
from svcquality.designs._plan_training import training_study
from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast
from svcquality.estimators.power import detectable_effect, power_of_t, share_found
from svcquality.progress import QUIET, Progress

PLANNED = ("waiting", "satisfaction", "training")
OUTCOMES = {"training": "complaints_per_1000_visits"}
FEWEST = 20
"""Simulated studies below which an error is a guess."""
POINTS = 61


def plan(
    records: Any,
    question: str = "waiting",
    *,
    outcome: str | None = None,
    exposure: str = "wait_minutes",
    effects: Sequence[float] | None = None,
    response_rate: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    replications: int = 60,
    seed: int = 0,
    progress: Progress = QUIET,
) -> Plan:
    """Minimum detectable effect and simulated power of a design on these records.

    The outcome's relation to the exposure is not looked at: outcomes are shuffled (answers within
    branches, series between branches), so that only their own distribution and their spread over
    branches enter, and analysed with the estimator that the question will use.

    Parameters
    ----------
    records : Records
        Surveys for ``waiting`` and ``satisfaction``; training and complaints for ``training``.
    question : {"waiting", "satisfaction", "training"}
    outcome : str, optional
        As in the design; ``satisfaction``, or ``complaints_per_1000_visits`` of training.
    exposure : {"wait_minutes", "branch_trained", "recent_complaint"} or an item
        Of ``satisfaction``; for waits the effect is that of 10 more minutes.
    effects : sequence of float, optional
        Effects to simulate, in the outcome's unit (0.02 for two percentage points), 0 for the rate
        of false alarms; 0 and the detectable effect by default.
    response_rate : float, optional
        Plan for another share of surveys answered than was observed.
    power, alpha : float
        Power wanted, and the level of the two-sided test.
    replications : int
        Simulated studies an effect; each fits the design's model.
    seed : int
    progress : Progress

    Raises
    ------
    InputError
        If the question cannot be planned, an option makes no sense, or the design refuses the
        records.

    Notes
    -----
    Bloom (1995), Evaluation Review 19, for the detectable effect; Arnold et al. (2011), BMC
    Medical Research Methodology 11, for power by simulation on the actual design.
    """
    _refuse_nonsense(question, effects, response_rate, power, alpha, replications)
    if question == "training":
        study = training_study(records, outcome=outcome or OUTCOMES["training"])
    else:
        study = answer_study(
            records,
            outcome=outcome or "satisfaction",
            exposure=exposure if question == "satisfaction" else "wait_minutes",
            response_rate=response_rate,
            seed=seed,
        )
    nothing, p_nothing = _simulated(study, 0.0, replications, seed, progress)
    error = float(np.sqrt(np.mean([c.error**2 for c in nothing])))
    df = float(np.median([c.df for c in nothing]))
    detectable = detectable_effect(error, df, power=power, alpha=alpha)
    rows = []
    for effect in sorted({0.0, detectable} if effects is None else set(map(float, effects))):
        p = p_nothing
        if effect > 0:
            _, p = _simulated(study, effect, replications, seed, progress)
        found = share_found(p, alpha=alpha)
        rows.append(
            {
                "effect": effect, "expected": power_of_t(effect, error, df, alpha=alpha),
                "power": found.power, "low": found.low, "high": found.high,
                "replications": found.replications, "failed": found.failed, "unit": study.unit,
            }
        )  # fmt: skip
    table = pd.DataFrame(rows)
    range_ = np.linspace(0, max(2 * detectable, 1.1 * float(table["effect"].max())), POINTS)
    curve = pd.DataFrame(
        {"effect": range_, "expected": [power_of_t(e, error, df, alpha=alpha) for e in range_]}
    )
    return Plan(question, study, detectable, power, alpha, error, df, table, curve)


def _simulated(
    study: Study, effect: float, replications: int, seed: int, progress: Progress
) -> tuple[list[Contrast], np.ndarray]:
    """What the design says in each simulated study, and its p-value (NaN where it refused)."""
    said: list[Contrast] = []
    p = np.full(replications, np.nan)
    refusal: InputError | None = None
    streams = np.random.SeedSequence(seed).spawn(replications)
    for r, stream in enumerate(progress.each(streams, "power")):
        try:
            value = study.estimate(effect, np.random.default_rng(stream))
        except InputError as error:
            refusal = error
            continue
        said.append(value)
        p[r] = value.p
    if not said and refusal is not None:
        raise refusal
    return said, p


def _refuse_nonsense(
    question: str,
    effects: Sequence[float] | None,
    response_rate: float | None,
    power: float,
    alpha: float,
    replications: int,
) -> None:
    if question not in PLANNED:
        raise InputError(
            f"There is no plan for {question!r}; choose one of {', '.join(PLANNED)}.",
            f"不支持规划 {question!r}；请从 {'、'.join(PLANNED)} 中选择。",
        )
    if not 0 < alpha < power < 1:
        raise InputError(
            f"The power wanted ({power}) must lie between the level of the test ({alpha}) and 1.",
            f"期望的检验功效（{power}）须介于检验水平（{alpha}）与 1 之间。",
        )
    if effects is not None and not all(np.isfinite(e) and e >= 0 for e in effects):
        raise InputError(
            "Effects are sizes in the outcome's unit, 0 or more (0.02 for two percentage points).",
            "效应须为结果单位下的非负数（如 0.02 表示 2 个百分点）。",
        )
    if effects is not None and not len(effects):
        raise InputError("Give at least one effect to simulate.", "请至少给出一个要模拟的效应。")
    if response_rate is not None and not 0 < response_rate <= 1:
        raise InputError(
            f"A response rate lies between 0 and 1, not {response_rate}.",
            f"答复率应在 0 与 1 之间，而不是 {response_rate}。",
        )
    if replications < FEWEST:
        raise InputError(
            f"{replications} simulated studies say too little; use at least {FEWEST}.",
            f"{replications} 次模拟太少；请至少使用 {FEWEST} 次。",
        )
