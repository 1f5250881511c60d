"""Invented answers on the actual frame: what the designs of satisfaction and waiting could find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize
from scipy.special import expit, logit

from svcquality.designs._adjusted import Adjusted, fit_answers, groups
from svcquality.designs._answers import Answers, visit_answers
from svcquality.designs._exposure import (
    FLAGS,
    amount,
    contrast_of,
    exposure_words,
    model_change,
)
from svcquality.designs._plan import Study
from svcquality.designs._specification_fits import costly
from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast
from svcquality.estimators.power import intra_cluster_correlation
from svcquality.estimators.subset_regression import SubsetRegression
from svcquality.language import Text
from svcquality.models.matrix import MISSING, as_float
from svcquality.wording import number

HARMFUL = ("wait_minutes", "recent_complaint")
"""Exposures whose invented effect lowers satisfaction; all others raise it."""
STEEPEST = 64.0
"""Log odds for one change of the exposure; no share reacts to more."""


@dataclass(frozen=True, eq=False)
class LinearStandIn:
    """Linear probability on the columns of the finding's model, formed once for every outcome.

    Parameters
    ----------
    regression : SubsetRegression
        The exposure's columns, then all columns of the model.
    exposure, held : sequence of int
    change : ndarray
        The exposure's change in its columns, averaged over the answers.
    """

    regression: SubsetRegression
    exposure: Sequence[int]
    held: Sequence[int]
    change: np.ndarray

    @classmethod
    def of(cls, model: Adjusted, exposure: str) -> LinearStandIn:
        """From a fitted model, whose outcome is not used."""
        own = model.matrix.at[exposure]
        before, after = model_change(model, exposure)
        change = [np.mean(after[c] - (before[c] if c in before else model.X[:, c])) for c in own]
        regression = SubsetRegression.of(
            np.zeros(len(model.X)), [model.X], clusters=groups(model.rows, model.cluster)
        )
        held = [c for c in range(model.X.shape[1]) if c not in own]
        return cls(regression, own, held, np.array(change))

    def estimate(self, event: np.ndarray) -> Contrast:
        """The exposure's contrast for one outcome."""
        ready = self.regression.with_outcome(event.astype(float))
        return ready.contrast(self.exposure, self.held, self.change)


@dataclass(frozen=True)
class AnswerStudy:
    """Answers whose outcome is invented, and the finding's own estimator.

    Parameters
    ----------
    answers : Answers
        The rows with the exposure recorded.
    exposure : str
    beside : tuple of str
        Other exposures and confounders held equal.
    categories : ndarray of shape (K,)
        Distinct outcomes, ascending.
    codes : ndarray of shape (n,)
        Each answer as a position in ``categories``.
    block : ndarray of shape (n,)
        Branch of each answer as an integer: answers change places within it only.
    linear : LinearStandIn, optional
        Estimates instead of the finding's model where that takes too long.
    """

    answers: Answers
    exposure: str
    beside: tuple[str, ...]
    categories: np.ndarray
    codes: np.ndarray
    block: np.ndarray
    linear: LinearStandIn | None = None

    def estimate(self, effect: float, rng: np.random.Generator) -> Contrast:
        """What the design says of one invented set of answers.

        Parameters
        ----------
        effect : float
            Difference in P(satisfied) for the exposure's change, averaged over the answers.
        rng : Generator
        """
        invented = self.categories[self._invented(effect, rng)]
        if self.linear is not None:
            return self.linear.estimate(invented >= self.answers.outcome.category)
        return contrast_of(self._model(invented), self.exposure)

    def standing_in(self, seed: int) -> AnswerStudy:
        """The same study with linear probability in place of the finding's model."""
        model = self._model(self.categories[self._invented(0.0, np.random.default_rng(seed))])
        return replace(self, linear=LinearStandIn.of(model, self.exposure))

    def _model(self, invented: np.ndarray) -> Adjusted:
        """The finding's own model of invented answers."""
        rows = self.answers.rows.assign(**{self.answers.outcome.column: invented})
        model = fit_answers(replace(self.answers, rows=rows), [self.exposure], self.beside)
        if self.exposure in model.lost:
            raise InputError(
                f"{exposure_words(self.exposure).en} does not vary beside what is held equal, so "
                "no answers could tell; use a longer period or more branches.",
                f"控制各项因素后，“{exposure_words(self.exposure).zh}”不再变动，无法检测；"
                "请延长时间范围或增加网点。",
            )
        return model

    def _invented(self, effect: float, rng: np.random.Generator) -> np.ndarray:
        """Answers shuffled within branches, then moved along the scale by the effect wanted."""
        order = np.lexsort((rng.random(len(self.codes)), self.block))
        shuffled = np.empty_like(self.codes)
        shuffled[np.argsort(self.block, kind="stable")] = self.codes[order]
        if effect == 0:
            return shuffled
        share = np.bincount(self.codes, minlength=len(self.categories)) / len(self.codes)
        upto = np.cumsum(share)
        place = upto[shuffled] - share[shuffled] * rng.uniform(1e-9, 1 - 1e-9, len(shuffled))
        latent = logit(place) + self._slope(effect) * self._exposed
        return np.searchsorted(logit(upto[:-1]), latent).astype(self.codes.dtype)

    @property
    def _exposed(self) -> np.ndarray:
        """The exposure in steps of its change, from its mean."""
        x = as_float(self.answers.rows[self.exposure]) / amount(self.exposure)
        return x - x.mean()

    def _slope(self, effect: float) -> float:
        """Log odds for one change that move P(satisfied) by the effect on average."""
        cut = logit(np.mean(self.categories[self.codes] < self.answers.outcome.category))
        x = self._exposed
        before, after = (x.min(), x.max()) if self.exposure in FLAGS else (x, x + 1)

        def moved(slope: float) -> float:
            return float(np.mean(expit(slope * after - cut) - expit(slope * before - cut)))

        sign = -1.0 if self.exposure in HARMFUL else 1.0
        if abs(moved(sign * STEEPEST)) < effect:
            raise InputError(
                f"A difference of {number(effect, 'share_difference', 'en')} is more than these "
                "answers could show; ask for a smaller one.",
                f"这些答复不可能显示 {number(effect, 'share_difference', 'zh')}的差别；请给出更小的差别。",
            )
        return float(
            sign
            * optimize.brentq(lambda b: abs(moved(sign * b)) - effect, 0.0, STEEPEST, xtol=1e-10)
        )


def answer_study(
    bank: Any,
    *,
    outcome: str,
    exposure: str,
    response_rate: float | None,
    seed: int,
) -> Study:
    """The design of satisfaction or waiting on this bank's frame, its outcome set aside.

    Raises
    ------
    InputError
        If the exposure is not recorded, or the answers are too few.
    """
    answers = visit_answers(bank, outcome)
    if exposure not in answers.rows or answers.rows[exposure].isna().all():
        raise InputError(
            f"No survey answer has {exposure!r} recorded; plan for another exposure.",
            f"没有一份答复记录了 {exposure!r}；请换一个因素进行规划。",
        )
    observed = len(answers.rows) / len(answers.sent)
    known = answers.rows[answers.rows[exposure].notna()].reset_index(drop=True)
    rate = observed if response_rate is None else response_rate
    rows = _at_rate(known, rate / observed, seed)
    y = as_float(rows[answers.outcome.column])
    categories, codes = np.unique(y, return_inverse=True)
    branch = rows["branch_id"].astype("string").fillna(MISSING)
    block, levels = pd.factorize(branch)
    event = (y >= answers.outcome.category).astype(float)
    icc = intra_cluster_correlation(event, block) if 1 < len(levels) < len(rows) else 0.0
    beside = [
        name
        for name in ("branch_trained", "recent_complaint")
        if name != exposure and name in rows and rows[name].nunique() > 1
    ]
    facts = {
        "answers": (Text("答复", "answers"), float(len(rows)), "count"),
        "branches": (Text("网点", "branches"), float(len(levels)), "count"),
        "response_rate": (Text("答复率", "response rate"), rate, "share"),
        "satisfied": (answers.outcome.words, float(event.mean()), "share"),
        "icc": (Text("网点间方差占比（ICC）", "variance between branches (ICC)"), icc, "share"),
    }
    study = AnswerStudy(
        replace(answers, rows=rows), exposure, tuple(beside), categories, codes, block
    )
    # Indicators of branches and months are nearly all of the columns.
    if long := costly(len(rows), len(levels) + rows["month"].nunique()):
        study = study.standing_in(seed)
    return Study(
        subject=exposure_words(exposure),
        outcome=answers.outcome.words,
        unit="share_difference",
        size=Text(
            f"{len(rows):,} 份答复、{len(levels):,} 个网点",
            f"{len(rows):,} answers in {len(levels):,} branches",
        ),
        estimate=study.estimate,
        facts=facts,
        invented=_invented_words(linear=long),
    )


def _invented_words(*, linear: bool) -> Text:
    zh, en = (
        "每次模拟均以该问题实际使用的模型估计。",
        "Each set is analysed with the model that the question will use.",
    )
    if linear:
        zh = (
            "因答复很多，每次模拟以含有同样各列的线性概率模型代替该问题实际使用的模型；"
            "它只看是否达标，故可检测的差别偏大（偏保守）。"
        )
        en = (
            "There being so many answers, each set is analysed by linear probability on the same "
            "columns in place of the model that the question will use; it sees only whether the "
            "customer was satisfied, so that the detectable difference errs on the large side."
        )
    return Text(
        "答复在各网点内随机换位，因此只用到结果本身的分布及其网点间差异，未用到结果与该因素的关系；"
        f"再按所设差别沿量表移动。{zh}",
        "Answers change places at random within branches, so only the outcome's own distribution "
        "and its spread over branches are used, not its relation to the exposure; then they are "
        f"moved along the scale by the difference supposed. {en}",
    )


def _at_rate(rows: pd.DataFrame, times: float, seed: int) -> pd.DataFrame:
    """As many answers as another response rate would bring: some left out, or some drawn twice."""
    n = round(len(rows) * times)
    if n == len(rows):
        return rows
    rng = np.random.default_rng([seed, 1])
    whole, rest = divmod(n, len(rows))
    chosen = np.concatenate(
        [np.tile(np.arange(len(rows)), whole), rng.permutation(len(rows))[:rest]]
    )
    return rows.iloc[np.sort(chosen)].reset_index(drop=True)
