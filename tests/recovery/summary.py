"""What many replications say of a design: bias, coverage, and how surely they are known.

Measures and their Monte-Carlo errors are those of Morris, White and Crowther (2019, *Statistics in
Medicine* 38: 2074).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

ROWS = ["seed", "design", "method", "truth", "estimate", "low", "high", "check", "refused"]
"""One estimate of one quantity in one bank; ``refused`` is what a design said that would not answer."""

SMALL_BIAS = 0.05
"""Of the true value: what a design may be wrong by on average."""
GOOD_COVERAGE = (0.93, 0.97)
SURE = 1.96
ROUNDED = {
    "truth": 6, "bias": 6, "bias_error": 6, "bias_share": 4, "spread": 6, "coverage": 4,
    "coverage_error": 4,
}  # fmt: skip


def summarise(rows: pd.DataFrame, world: str = "base") -> pd.DataFrame:
    """Bias and coverage by quantity and method.

    Parameters
    ----------
    rows : DataFrame
        Columns `ROWS`.
    world : str

    Returns
    -------
    DataFrame
        Columns design (``<design>.<term>``), world, method, banks, replications (those with an
        answer), truth (its mean), bias (mean of estimate minus truth), bias_error (its Monte-Carlo
        error), bias_share (bias over truth), spread (standard deviation of estimate minus truth),
        coverage (share of 95% intervals that hold the truth), coverage_error, check (those that
        did not pass, with their share).
    """
    name = rows["design"].str.split(".").str[0]
    banks = rows["seed"].groupby(name).nunique()
    answered = rows.dropna(subset=["estimate", "low", "high"])
    answered = answered.assign(
        error=answered["estimate"] - answered["truth"],
        covered=(answered["low"] <= answered["truth"]) & (answered["truth"] <= answered["high"]),
    )
    groups = answered.groupby(["design", "method"], sort=True)
    summary = groups.agg(
        replications=("seed", "size"), truth=("truth", "mean"), bias=("error", "mean"),
        spread=("error", "std"), coverage=("covered", "mean"),
    )  # fmt: skip
    n = summary["replications"]
    summary["check"] = groups["check"].agg(_shares_of_checks)
    summary["bias_error"] = summary["spread"] / np.sqrt(n)
    summary["bias_share"] = summary["bias"] / summary["truth"].where(summary["truth"] != 0)
    summary["coverage_error"] = np.sqrt(summary["coverage"] * (1 - summary["coverage"]) / n)
    summary = summary.reset_index()
    summary["world"] = world
    summary["banks"] = summary["design"].str.split(".").str[0].map(banks)
    columns = [
        "design", "world", "method", "banks", "replications", "truth", "bias", "bias_error",
        "bias_share", "spread", "coverage", "coverage_error", "check",
    ]  # fmt: skip
    return summary[columns].round(ROUNDED)


def _shares_of_checks(warned: pd.Series) -> str:
    names = warned.fillna("").str.split(";").explode()
    shares = names[names != ""].value_counts().sort_index() / len(warned)
    return "; ".join(f"{name} {share:.0%}" for name, share in shares.items())


def failing(summary: pd.DataFrame) -> pd.DataFrame:
    """Our rows whose bias or coverage is out of bounds, by more than Monte-Carlo error explains.

    Returns
    -------
    DataFrame
        Rows of ``summary`` with ``why``.
    """
    ours = summary[summary["method"] == "ours"]
    room = SURE * ours["bias_error"]
    biased = (ours["bias"].abs() - room) > SMALL_BIAS * ours["truth"].abs()
    low, high = GOOD_COVERAGE
    # The error at the bound, not at what was seen: 20 of 20 intervals would have none.
    at = {
        bound: SURE * np.sqrt(bound * (1 - bound) / ours["replications"]) for bound in (low, high)
    }
    under = ours["coverage"] + at[low] < low
    over = ours["coverage"] - at[high] > high
    why = pd.Series("", index=ours.index)
    for words, which in (("bias", biased), ("under-coverage", under), ("over-coverage", over)):
        why = why.mask(which, why.where(why == "", why + ", ") + words)
    return ours.assign(why=why)[why != ""]


def refusals(rows: pd.DataFrame) -> pd.DataFrame:
    """How often a design would not answer, and its words: design, refused, banks."""
    said = rows.dropna(subset=["refused"])
    return said.groupby(["design", "refused"]).size().reset_index(name="banks")
