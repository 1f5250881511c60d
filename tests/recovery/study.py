"""Each design against the simulator's known truth, beside the naive answer.

``python -m tests.recovery.study`` (``make recovery``) runs the long study and writes
``docs/recovery/<design>.csv``; ``test_recovery.py`` runs a short one.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pandas as pd

from tests.recovery import naive

ROWS = ["seed", "design", "method", "truth", "estimate", "low", "high", "check"]
SMALL = {"branches": 30, "months": 36, "customers_per_branch": 120}
TERMS = {
    "satisfaction": ["wait_plus_10", "branch_trained", "recent_complaint"],
    "waiting": ["plus_10", "from_5", "from_20", "perceived_ratio"],
    "training": ["att"],
    "policy": ["level"],
    "loyalty": ["recent_complaint", "unresolved"],
    "cause_shares": None,  # all families
    "cause_cost": None,
}


def replicate(
    seed: int, *, world: str = "base", designs: Iterable[str] = tuple(TERMS)
) -> pd.DataFrame:
    """Simulate one small bank and hold every design's estimates against its truth."""
    import svcquality as sq
    from svcquality.designs import DESIGNS

    designs = list(designs)
    with_text = bool({"cause_shares", "cause_cost"} & set(designs))
    bank = sq.simulate_bank("state", seed, world=world, texts=with_text, **SMALL)
    truth = bank.truth.estimands.set_index(["design", "term"])["value"]
    causes = sq.measure_causes(bank.records.complaints, seed=seed, starts=1) if with_text else None
    rows = []
    for name in designs:
        options = {"causes": causes} if name.startswith("cause_") else {}
        finding = DESIGNS[name].run(bank.records, id=name, seed=seed, **options)
        warned = ";".join(c.name for c in finding.checks if c.status != "passed")
        table = finding.table.set_index("term")
        terms = TERMS[name] or [t for t in table.index if t.startswith("family_")]
        answers = {"ours": table, "naive": naive.METHODS[name](bank.records, causes)}
        for method, found in answers.items():
            for term in terms:
                if term not in found.index or (name, term) not in truth.index:
                    continue
                got = found.loc[term]
                rows.append(
                    (seed, f"{name}.{term}", method, truth[name, term], got["estimate"],
                     got["low"], got["high"], warned if method == "ours" else "")
                )  # fmt: skip
    return pd.DataFrame(rows, columns=ROWS)


def summarise(rows: pd.DataFrame, world: str = "base") -> pd.DataFrame:
    """Bias and coverage by design and method.

    Returns
    -------
    DataFrame
        Columns design, world, method, replications, truth (its mean), bias (mean of estimate
        minus truth), coverage (share of 95% intervals that hold the truth), check (those that
        warned, with their share).
    """
    rows = rows.dropna(subset=["estimate", "low", "high"])
    rows = rows.assign(
        error=rows["estimate"] - rows["truth"],
        covered=(rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"]),
    )
    groups = rows.groupby(["design", "method"], sort=True)
    summary = groups.agg(
        replications=("seed", "size"), truth=("truth", "mean"),
        bias=("error", "mean"), coverage=("covered", "mean"),
    )  # fmt: skip
    summary["check"] = groups["check"].agg(_shares_of_checks)
    summary = summary.reset_index()
    summary.insert(1, "world", world)
    return summary.round({"truth": 6, "bias": 6, "coverage": 4})


def _shares_of_checks(warned: pd.Series) -> str:
    names = warned.str.split(";").explode()
    shares = names[names != ""].value_counts().sort_index() / len(warned)
    return "; ".join(f"{name} {share:.0%}" for name, share in shares.items())


def run(
    seeds: Iterable[int],
    *,
    world: str = "base",
    designs: Iterable[str] = tuple(TERMS),
    jobs: int = 1,
) -> pd.DataFrame:
    """Replicate over ``seeds`` in ``jobs`` processes; the rows of all."""
    work = [(seed, world, tuple(designs)) for seed in seeds]
    if jobs == 1:
        return pd.concat(map(_one, work), ignore_index=True)
    with ProcessPoolExecutor(jobs) as pool:
        return pd.concat(pool.map(_one, work, chunksize=1), ignore_index=True)


def _one(work: tuple[int, str, tuple[str, ...]]) -> pd.DataFrame:
    seed, world, designs = work
    return replicate(seed, world=world, designs=designs)


def main() -> None:
    """Run the long study and write its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--designs", nargs="*", default=list(TERMS), choices=list(TERMS))
    parser.add_argument("--out", type=Path, default=Path("docs") / "recovery")
    options = parser.parse_args()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    seeds = range(options.first_seed, options.first_seed + options.replications)
    summary = summarise(run(seeds, designs=options.designs, jobs=options.jobs))
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.designs:
        part = summary[summary["design"].str.split(".").str[0] == name]
        part.to_csv(options.out / f"{name}.csv", index=False, lineterminator="\n")
    print(summary.to_string(index=False))


if __name__ == "__main__":
    main()
