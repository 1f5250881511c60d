"""Invented panels of branches and months: what the design of training could find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from svcquality.designs._plan import Study
from svcquality.designs.training import OUTCOMES, SUBJECT, TRANSITION, _balanced
from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast
from svcquality.estimators.power import intra_cluster_correlation
from svcquality.estimators.staggered_did import group_time_effects
from svcquality.language import Text

BETTER_WHEN_MORE = ("satisfied_share", "satisfaction_mean")


@dataclass(frozen=True)
class PanelStudy:
    """A balanced panel whose branches swap their outcomes, and the design's own estimator.

    Parameters
    ----------
    outcome : ndarray of shape (n, T)
    first : ndarray of shape (n,)
        First treated month of each branch.
    treated : ndarray of bool, shape (n, T)
    sign : float
        Direction of the invented effect.
    """

    outcome: np.ndarray
    first: np.ndarray
    treated: np.ndarray
    sign: float

    def estimate(self, effect: float, rng: np.random.Generator) -> Contrast:
        """What the design says of one shuffled panel, the effect added in the treated cells.

        Parameters
        ----------
        effect : float
            In the outcome's unit, the same in every treated branch-month.
        rng : Generator
        """
        shuffled = self.outcome[rng.permutation(len(self.outcome))]
        panel = shuffled + self.sign * effect * self.treated
        average = group_time_effects(
            panel, self.first, control="not_yet", anticipation=TRANSITION
        ).simple()
        low, high = average.interval()
        columns = (average.estimate, average.errors, low, high, average.p, average.df)
        return Contrast(*[float(column[0]) for column in columns])


def training_study(bank: Any, *, outcome: str) -> Study:
    """The design of training on this bank's branches, their outcomes shuffled.

    Raises
    ------
    InputError
        As `svcquality.designs.training.training`.
    """
    if outcome not in OUTCOMES:
        raise InputError(
            f"There is no outcome {outcome!r} of training; choose one of {', '.join(OUTCOMES)}.",
            f"培训问题没有结果变量“{outcome}”；请从 {'、'.join(OUTCOMES)} 中选择。",
        )
    words, unit = OUTCOMES[outcome]
    panel = _balanced(bank, outcome)
    branches, months = panel.outcome.shape
    spread = panel.outcome - panel.outcome.mean(axis=0)
    icc = intra_cluster_correlation(spread.ravel(), np.repeat(np.arange(branches), months))
    return Study(
        subject=SUBJECT,
        outcome=words,
        unit=unit,
        size=Text(
            f"{branches:,} 个网点，其中 {panel.ever.sum():,} 个受训，共 {months} 个月",
            f"{branches:,} branches ({panel.ever.sum():,} trained) over {months} months",
        ),
        estimate=PanelStudy(
            panel.outcome, panel.first, panel.treated, 1.0 if outcome in BETTER_WHEN_MORE else -1.0
        ).estimate,
        facts={
            "branches": (Text("网点", "branches"), float(branches), "count"),
            "trained": (Text("受训网点", "branches trained"), float(panel.ever.sum()), "count"),
            "months": (Text("月数", "months"), float(months), "count"),
            "mean": (words, float(panel.outcome.mean()), unit),
            "icc": (Text("网点间方差占比（ICC）", "variance between branches (ICC)"), icc, "share"),
        },
        invented=Text(
            "各网点的整条结果序列随机互换，培训时间不变，因此保留了结果的水平、波动与自相关，"
            "而未用到其与培训的关系；再在受训网点月加上所设差别。若培训确已带来变化，互换后的序列也含有它，"
            "故可检测的差别偏大（偏保守）。每次模拟均以该问题实际使用的交错双重差分估计。",
            "Branches swap their whole series of outcomes while training stays where it was, so "
            "that levels, swings and autocorrelation are kept and the relation to training is not "
            "used; the difference supposed is then added in the trained branch-months. Had training "
            "changed something, the swapped series would carry it too, so the detectable "
            "difference errs on the large side. Each panel is analysed with the staggered design that the "
            "question will use.",
        ),
    )
