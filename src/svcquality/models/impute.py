"""Multiple imputation of explanatory columns, and models pooled over the imputations."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.imputation.mice import MICEData

from svcquality.errors import InputError
from svcquality.estimators.marginal import Contrast
from svcquality.estimators.pooling import Pooled, pool
from svcquality.findings import MODEL_COLUMNS, ModelSummary
from svcquality.models.families import outcome_values
from svcquality.models.frame import AnalysisFrame, analysis_frame
from svcquality.models.matrix import MISSING
from svcquality.models.model import Model
from svcquality.models.roles import Roles
from svcquality.progress import QUIET, Progress

DONORS = 10
ROUNDS = 10


def imputed_frames(
    data: pd.DataFrame, roles: Roles, *, imputations: int, seed: int, progress: Progress = QUIET
) -> list[AnalysisFrame]:
    """Frames in which missing explanatory numbers are drawn, several times over.

    Chained equations with predictive mean matching (van Buuren & Groothuis-Oudshoorn 2011, J.
    Statistical Software 45): a missing number takes an observed one from a row like it, given all
    columns of the model, the outcome among them. A missing category is a level of its own. Rows
    without the outcome, a cluster, a group or a weight are left out and counted.

    Parameters
    ----------
    data : DataFrame
    roles : Roles
    imputations : int
    seed : int
    progress : Progress

    Raises
    ------
    InputError
        If fewer than two imputations are asked for, or nothing is missing that could be imputed.
    """
    if imputations < 2:
        raise InputError(
            "At least two imputations are needed to know what they add to the errors; 20 is usual.",
            "至少需要两次插补才能估计其带来的不确定性；通常取 20 次。",
        )
    rows = data.copy()
    for name in roles.explaining:
        if not pd.api.types.is_numeric_dtype(rows[name].dtype):
            rows[name] = rows[name].astype("string").fillna(MISSING)
    holes = [name for name in roles.explaining if rows[name].isna().any()]
    essential = replace(
        roles,
        exposures=_without(roles.exposures, holes),
        confounders=_without(roles.confounders, holes),
        mediators=_without(roles.mediators, holes),
    )
    complete = analysis_frame(rows, essential)
    if not holes:
        raise InputError(
            "No number of the model is missing, so there is nothing to impute; leave out missing=.",
            "模型中的数值变量没有缺失，无需插补；请去掉 missing 选项。",
        )
    kept = rows.loc[_complete(rows, essential), list(roles.columns)].reset_index(drop=True)
    _refuse_empty(kept, holes)
    draws = _chained(kept, roles, holes, imputations, seed, progress)
    return [AnalysisFrame(draw, roles, complete.dropped, complete.offered) for draw in draws]


def _without(names: tuple[str, ...], holes: list[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in holes)


def _complete(rows: pd.DataFrame, roles: Roles) -> np.ndarray:
    return rows[list(roles.columns)].notna().all(axis=1).to_numpy()


def _refuse_empty(rows: pd.DataFrame, holes: list[str]) -> None:
    for name in holes:
        known = int(rows[name].notna().sum())
        if known < 5 * DONORS:
            raise InputError(
                f"{name!r} is recorded in {known} rows only, too few to impute from; leave it out.",
                f"{name!r} 仅有 {known} 行有记录，不足以进行插补；请去掉该列。",
            )


def _chained(
    rows: pd.DataFrame,
    roles: Roles,
    holes: list[str],
    imputations: int,
    seed: int,
    progress: Progress,
) -> list[pd.DataFrame]:
    numbers: dict[str, np.ndarray] = {"y": outcome_values(rows[roles.outcome], roles.outcome)}
    for name in dict.fromkeys([*roles.explaining, *roles.fixed]):
        column = rows[name]
        if pd.api.types.is_numeric_dtype(column.dtype):
            numbers[name] = column.to_numpy(dtype=float, na_value=np.nan)
        else:
            made = pd.get_dummies(column.astype("string"), drop_first=True, dtype=float)
            # Beside the others, so that no level stands for everything.
            numbers |= {f"{name} {level}": made[level].to_numpy() for level in made}
    safe = {name: f"v{i}" for i, name in enumerate(numbers)}
    table = pd.DataFrame({safe[name]: values for name, values in numbers.items()})
    table = table.loc[:, [c for c in table if table[c].nunique() > 1]]
    chains = MICEData(table, k_pmm=DONORS, rng=np.random.default_rng(seed))
    draws = []
    for _ in progress.each(list(range(imputations)), "imputations"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            chains.update_all(ROUNDS)
        filled = {name: chains.data[safe[name]].to_numpy(dtype=float) for name in holes}
        draws.append(rows.assign(**filled))
    return draws


@dataclass(frozen=True)
class ImputedModel:
    """One model fitted to every imputation, and pooled by Rubin's rules.

    Parameters
    ----------
    models : tuple of Model
        One an imputation.
    """

    models: tuple[Model, ...]

    @property
    def terms(self) -> pd.DataFrame:
        """Pooled coefficients (`MODEL_COLUMNS`) and ``measurement``: the share of each variance
        that comes from what is missing.
        """
        k = len(self.models[0].matrix.names)
        found = self._pooled(
            [(m.fit.coefficients[:k], m.inference.covariance[:k, :k]) for m in self.models]
        )
        names = list(self.models[0].matrix.names)
        low, high = found.interval().T
        columns = [names, names, names, found.estimate, found.errors, low, high, found.p]
        frame = pd.DataFrame(dict(zip(MODEL_COLUMNS, columns, strict=True)))
        return frame.assign(measurement=found.measurement)

    def effect(self, column: str, change: Any = None) -> Contrast:
        """As `Model.effect`, pooled."""
        return self._pooled_contrast(lambda m: m.effect(column, change))

    def effects(self) -> pd.DataFrame:
        """As `Model.effects`, pooled."""
        tables = [m.effects() for m in self.models]
        rows = []
        for j, label in enumerate(tables[0]["term"]):
            values = [(t["estimate"].to_numpy()[j], t["error"].to_numpy()[j] ** 2) for t in tables]
            found = self._pooled([(np.array([e]), np.array([[v]])) for e, v in values])
            ((low, high),) = found.interval()
            rows.append(
                (label, label, label, found.estimate[0], found.errors[0], low, high, found.p[0])
            )
        return pd.DataFrame(rows, columns=list(MODEL_COLUMNS))

    def summary(self, scale: str = "coefficients") -> ModelSummary:
        """The pooled model as a column of a publication table."""
        one = self.models[0].summary()
        facts = {k: v for k, v in one.facts.items() if k in ("n", "clusters")}
        kind = f"{one.facts['error_kind']}, {len(self.models)} imputations"
        terms = self.effects() if scale == "effects" else self.terms[list(MODEL_COLUMNS)]
        words = self.models[0].summary("effects").scale if scale == "effects" else one.scale
        return replace(one, terms=terms, scale=words, facts={**facts, "error_kind": kind})

    def _pooled(self, parts: list[tuple[np.ndarray, np.ndarray]]) -> Pooled:
        estimates = np.array([estimate for estimate, _ in parts])
        variances = np.array([variance for _, variance in parts])
        return pool(estimates, variances, self.models[0].inference.df)

    def _pooled_contrast(self, of: Callable[[Model], Contrast]) -> Contrast:
        values = [of(m) for m in self.models]
        found = self._pooled([(np.array([v.estimate]), np.array([[v.error**2]])) for v in values])
        ((low, high),) = found.interval()
        return Contrast(
            float(found.estimate[0]), float(found.errors[0]), float(low), float(high),
            float(found.p[0]), float(found.df[0]),
        )  # fmt: skip
