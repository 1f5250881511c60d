"""Checking a plan by simulation: draw, estimate, and see how wide and how right intervals are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.causes.audit_plan import AuditPlan
from svcquality.causes.audit_sample import allocate
from svcquality.estimators.design_based import design_based_group_mean, design_based_mean
from svcquality.progress import QUIET, Progress


def simulate_plan(
    plan: AuditPlan, n: int, *, times: int = 100, seed: int = 0, progress: Progress = QUIET
) -> pd.DataFrame:
    """Simulate what a plan says: true causes, a stratified draw, the intervals of a report.

    Parameters
    ----------
    plan : AuditPlan
    n : int
        Texts coded.
    times : int
        Simulated draws.
    seed : int
    progress : Progress

    Returns
    -------
    DataFrame
        ``id, half_width`` (median over draws), ``covered`` (share of 95% intervals that hold the
        true value), ``draws``. For ``cost`` no cause makes a difference, so the true value is 0.
    """
    rng = np.random.default_rng(seed)
    family = plan.codebook.family_of
    level = {i: family[i] if plan.level == "family" else i for i in plan.mistakes.columns}
    ids = list(plan.required["id"])
    place = np.array(
        [ids.index(level[i]) if level[i] in ids else -1 for i in plan.mistakes.columns]
    )
    sizes = plan.complaints.to_numpy()
    stratum = np.repeat(np.arange(len(sizes)), sizes)
    measured = np.array([ids.index(level[i]) for i in plan.complaints.index])[stratum]
    drawn = allocate(plan.complaints, n, allocation=plan.allocation).to_numpy()
    probability = (drawn / sizes)[stratum]
    up_to = plan.mistakes.to_numpy().cumsum(axis=1)
    starts = np.cumsum(sizes) - sizes
    widths, covered = (np.full((times, len(ids)), np.nan) for _ in range(2))
    for t in progress.each(range(times), "simulated draws"):
        uniform = rng.random(len(stratum))
        cause = np.concatenate(
            [np.searchsorted(row, uniform[s : s + m], side="right")
             for row, s, m in zip(up_to, starts, sizes, strict=True)]
        ).clip(max=len(place) - 1)  # fmt: skip
        true = place[cause]
        coded = np.zeros(len(stratum), dtype=bool)
        for s, m, k in zip(starts, sizes, drawn, strict=True):
            coded[s + rng.permutation(m)[:k]] = True
        answered = rng.random(len(stratum)) < plan.outcomes
        outcome = rng.normal(0, plan.outcome_sd, len(stratum))
        for k in range(len(ids)):
            hit, said = (true == k).astype(float), (measured == k).astype(float)
            label = np.where(coded, hit, np.nan)
            if plan.target == "share":
                found = design_based_mean(said, label, probability)
                value = hit.mean()
            else:
                rows = answered
                found = design_based_group_mean(
                    outcome[rows], said[rows], label[rows], probability[rows]
                ).difference
                value = 0.0
            widths[t, k] = (found.high - found.low) / 2
            covered[t, k] = found.low <= value <= found.high
    return pd.DataFrame(
        {"id": ids, "half_width": np.nanmedian(widths, axis=0), "covered": covered.mean(axis=0),
         "draws": times}
    )  # fmt: skip
