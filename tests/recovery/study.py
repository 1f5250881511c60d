"""Each design against the simulator's known truth, beside the naive answer.

``python -m tests.recovery.study`` (``make recovery``) runs the long study and writes
``docs/recovery/<design>.csv``; ``test_recovery.py`` runs a short one. Replications are kept in
``build/recovery``, so that an interrupted study goes on where it stopped.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from tests.recovery import naive
from tests.recovery.cells import Cell, fingerprint
from tests.recovery.summary import ROWS, failing, refusals, summarise

TERMS: dict[str, list[str] | None] = {
    "satisfaction": ["wait_plus_10", "branch_trained", "recent_complaint"],
    "waiting": [
        "plus_10", "from_5", "from_20", "from_40", "perceived_ratio", "threshold_minutes",
        "informed", "overtaken",
    ],
    "recommendation": ["nps"],
    "non_response": ["weighted"],
    "training": ["att"],
    "policy": ["level"],
    "loyalty": ["recent_complaint", "unresolved"],
    "cause_shares": None,  # all families
    "cause_cost": None,
}  # fmt: skip
OF_ANSWERS = ("satisfaction", "waiting", "recommendation", "non_response")
OF_TEXTS = ("cause_shares", "cause_cost")
# Many answers of few customers in two years where only the answers count, else three years.
SIZES: dict[str, dict[str, Any]] = {
    "answers": {
        "branches": 30,
        "months": 24,
        "customers_per_branch": 60,
        "tables": ("customers", "branches", "visits", "surveys", "complaints", "training"),
    },
    "whole": {"branches": 30, "months": 36, "customers_per_branch": 120},
}
INVITED = 0.22
# What stands beside a headline takes most of the time, and no headline depends on it.
HEADLINE_ONLY: dict[str, dict[str, Any]] = {
    "satisfaction": {"appendix": False},
    "waiting": {"appendix": False},
}
FOLDER = Path("build") / "recovery"


def present() -> list[str]:
    """Designs of the study that there are."""
    from svcquality.designs import DESIGNS

    return [name for name in TERMS if name in DESIGNS]


def replicate(seed: int, *, world: str, designs: Iterable[str]) -> pd.DataFrame:
    """Simulate one small bank a size and hold every design's estimates against its truth."""
    designs = list(designs)
    of_answers = [name for name in designs if name in OF_ANSWERS]
    others = [name for name in designs if name not in OF_ANSWERS]
    parts = []
    if of_answers:
        parts.append(_bank(seed, world, of_answers, "answers", {"invited_visits": INVITED}))
    if others:
        parts.append(_bank(seed, world, others, "whole", {}))
    return pd.concat(parts, ignore_index=True)


def _bank(
    seed: int, world: str, designs: list[str], size: str, overrides: dict[str, Any]
) -> pd.DataFrame:
    import svcquality as sq
    from svcquality.records.tables import ITEM_PREFIX
    from svcquality.simulate.worlds import find_world

    with_text = bool(set(OF_TEXTS) & set(designs))
    # A size that makes a world what it is stays.
    sizes = {name: n for name, n in SIZES[size].items() if name not in find_world(world)}
    bank = sq.simulate_bank(
        "state", seed, world=world, texts=with_text, overrides=overrides, **sizes
    )
    # Rated items make a second, slower model, none of whose terms is judged here.
    surveys = bank.records.surveys
    items = [name for name in surveys if name.startswith(ITEM_PREFIX)]
    records = replace(bank.records, surveys=surveys.drop(columns=items))
    causes = sq.measure_causes(bank.records.complaints, seed=seed, starts=1) if with_text else None
    truth = bank.truth.estimands.set_index(["design", "term"])["value"]
    rows = [row for name in designs for row in _answers(name, seed, world, records, truth, causes)]
    return pd.DataFrame(rows, columns=ROWS).astype({"refused": "str"})


def _answers(
    name: str, seed: int, world: str, records: Any, truth: pd.Series, causes: Any
) -> Iterator[tuple[Any, ...]]:
    """Rows of one design: ours and the naive answer of each term that has a truth."""
    from svcquality.designs import DESIGNS
    from svcquality.errors import InputError

    options = HEADLINE_ONLY.get(name, {}) | ({"causes": causes} if name in OF_TEXTS else {})
    try:
        finding = DESIGNS[name].run(records, id=name, seed=seed, **options)
    except InputError as refusal:
        yield (seed, name, "ours", None, None, None, None, "", refusal.en)
        return
    warned = ";".join(c.name for c in finding.checks if c.status != "passed")
    table = finding.table.set_index("term")
    terms = TERMS[name] or [t for t in table.index if t.startswith("family_")]
    answers = {"ours": table, "naive": naive.answer(name, world, records, causes)}
    for method, found in answers.items():
        for term in terms:
            if term in found.index and (name, term) in truth.index:
                got = found.loc[term]
                yield (
                    seed, f"{name}.{term}", method, truth[name, term], got["estimate"],
                    got["low"], got["high"], warned if method == "ours" else "", None,
                )  # fmt: skip


def run(
    seeds: Sequence[int],
    *,
    world: str = "base",
    designs: Iterable[str] | None = None,
    jobs: int = 1,
    folder: Path | None = None,
) -> pd.DataFrame:
    """Replicate over ``seeds``; the rows of all.

    Parameters
    ----------
    seeds : sequence of int
    world : str
    designs : iterable of str, optional
        All by default.
    jobs : int
        Processes.
    folder : Path, optional
        Where replications are kept and found again; without, all are made anew.
    """
    from svcquality.progress import QUIET, Progress

    designs = list(present() if designs is None else designs)
    code = fingerprint() if folder else ""
    cells = {name: Cell(folder, world, name, code) for name in designs} if folder else {}
    kept = {name: cell.rows() for name, cell in cells.items()}
    done = {name: set(rows["seed"]) for name, rows in kept.items()}
    missing = [(s, [n for n in designs if s not in done.get(n, ())]) for s in seeds]
    work = [(seed, world, names) for seed, names in missing if names]
    progress = Progress.for_terminal() if folder else QUIET
    made = [rows[rows["seed"].isin(list(seeds))] for rows in kept.values()]
    for rows in progress.each(
        _Sized(_all(work, jobs), len(work)), f"{world}: {', '.join(designs)}"
    ):
        name = rows["design"].str.split(".").str[0]
        for design, cell in cells.items():
            if (name == design).any():
                cell.append(rows[name == design])
        made.append(rows)
    return pd.concat([part for part in made if len(part)], ignore_index=True)


class _Sized:
    """An iterator whose length is known, for the progress bar."""

    def __init__(self, items: Iterable[pd.DataFrame], size: int) -> None:
        self.items, self.size = items, size

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return iter(self.items)

    def __len__(self) -> int:
        return self.size


def _all(work: list[tuple[int, str, list[str]]], jobs: int) -> Iterator[pd.DataFrame]:
    if jobs == 1:
        yield from map(_one, work)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(_one, work, chunksize=1)


def _one(work: tuple[int, str, list[str]]) -> pd.DataFrame:
    seed, world, designs = work
    return replicate(seed, world=world, designs=designs)


def write(summary: pd.DataFrame, out: Path) -> None:
    """Write ``<design>.csv``; rows of worlds that were not run now stay as they are."""
    out.mkdir(parents=True, exist_ok=True)
    for name, part in summary.groupby(summary["design"].str.split(".").str[0]):
        path = out / f"{name}.csv"
        if path.exists():
            before = pd.read_csv(path)
            before = before[~before["world"].isin(part["world"])]
            part = pd.concat([part, before], ignore_index=True) if len(before) else part
        part = part.sort_values(["world", "design", "method"], kind="stable")
        part.to_csv(path, index=False, lineterminator="\n")


def main() -> None:
    """Run the long study and write its tables."""
    from svcquality.simulate.worlds import WORLDS

    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--world", nargs="*", default=["base"], choices=list(WORLDS), dest="worlds")
    add("--designs", nargs="*", default=present(), choices=present())
    add("--replications", type=int, default=500)
    add("--first-seed", type=int, default=1)
    add("--jobs", type=int, default=2)
    add("--cache", type=Path, default=FOLDER, help="where replications are kept")
    add("--out", type=Path, default=Path("docs") / "recovery")
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + options.replications)
    for world in options.worlds:
        rows = run(
            seeds, world=world, designs=options.designs, jobs=options.jobs, folder=options.cache
        )
        summary = summarise(rows, world)
        write(summary, options.out)
        wide = {"display.width": 200, "display.max_columns": 20}
        with pd.option_context(*(part for item in wide.items() for part in item)):
            print(summary.drop(columns="check").to_string(index=False))
            for title, table in (("Out of bounds", failing(summary)), ("Refused", refusals(rows))):
                if len(table):
                    print(f"\n{title} in {world}:\n{table.to_string(index=False)}")


if __name__ == "__main__":
    main()
