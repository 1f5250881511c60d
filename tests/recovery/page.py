"""Write docs/recovery/README.md from the tables beside it: ``python -m tests.recovery.page``.

A test holds the page to the tables, so that no figure in it is typed.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.recovery.study import INVITED, SIZES

FOLDER = Path("docs") / "recovery"
OFTEN = 0.1
"""Share of banks in which a check must warn to be named in the page."""

TRAPS = {
    "base": "Congested branches are somewhat better liked, the worst branches are trained first, "
    "and the cost of a wait bends at 20 minutes.",
    "busy_branches_differ": "The busiest branches are the best liked by far, so that pooling the "
    "branches hides what a wait costs.",
    "mood_colours_memory": "A bad mood lowers the rating and lengthens the wait in memory; the naive "
    "analyst uses the wait that customers remember.",
    "unhappy_silent": "Whoever is unhappy tends not to answer.",
    "few_branches": "Twelve branches; the naive analyst holds branch and month equal and clusters "
    "errors by branch as if twelve were many.",
    "kinked_early": "The cost of a wait bends at 12 minutes.",
    "kinked_late": "The cost of a wait bends at 30 minutes.",
    "no_kink": "The cost of a wait does not bend.",
    "strong_information": "An announced wait is borne much better.",
    "called_first": "Affluent customers are called before others who came earlier.",
    "straight_liners": "One answer in five gives every item the points of the whole.",
    "worst_by_luck": "Branches are trained when their recent count is high by chance.",
    "definition_break": "From the middle of the second half, more contacts count as complaints.",
}

HEAD = """# Recovery: each design against known truth

`make recovery` simulates small banks whose truth is known, runs every design on each, and holds the
estimates against the truth, beside the answer that a hurried analyst would give
(`tests/recovery/naive.py`). Worlds other than the base are asked for by name:

```
make recovery RECOVERY="--world busy_branches_differ few_branches --designs satisfaction waiting"
```

An interrupted study goes on where it stopped (`build/recovery`); replications of changed sources are
made anew. Measures and their Monte-Carlo errors are those of Morris, White and Crowther (2019).

Banks: state profile. For designs of answers {answers}, with {invited:.0%} of the served customers invited;
for the others {whole}. The tables count banks and those that gave an answer.

**In a table below**: *truth* is the mean over the banks; *bias* is the mean of estimate minus truth, in
percent of the truth (− too near to zero, + too far from it), ± its Monte-Carlo error; *coverage* is the share of 95% intervals that hold the
truth, ± its error; *warned* are the checks that did not pass in at least {often:.0%} of the banks. Each CSV has
all of it in full (`bias`, `bias_error`, `spread`, `coverage`, `coverage_error`, `check`).

_Made from the tables in this folder by `python -m tests.recovery.page`._
"""


def page(folder: Path = FOLDER, notes: str = "") -> str:
    """The page as Markdown, from every CSV in the folder."""
    head = HEAD.format(
        answers=_size("answers"), whole=_size("whole"), invited=INVITED, often=OFTEN
    )  # fmt: skip
    tables = {path.stem: pd.read_csv(path) for path in sorted(folder.glob("*.csv"))}
    parts = [head, *([notes] if notes else [])]
    parts += [_design(name, table) for name, table in tables.items()]
    return "\n".join(parts)


def _size(name: str) -> str:
    size = SIZES[name]
    return (
        f"{size['branches']} branches, {size['months']} months and {size['customers_per_branch']} "
        "panel customers a branch"
    )


def _design(name: str, table: pd.DataFrame) -> str:
    lines = [f"## {name}"]
    for world, rows in table.groupby("world", sort=False):
        banks = rows.get("banks", rows["replications"]).max()
        lines += [
            "", f"**{world}** ({int(banks):,} banks). {TRAPS[str(world)]}", "",
            "| quantity | truth | naive: bias | coverage | ours: bias | coverage | answered | warned |",
            "|---|---|---|---|---|---|---|---|",
        ]  # fmt: skip
        both = {m: part.set_index("design") for m, part in rows.groupby("method")}
        ours, naive = both["ours"], both.get("naive")
        for quantity, row in ours.iterrows():
            other = naive.loc[quantity] if naive is not None and quantity in naive.index else None
            cells = [str(quantity).split(".", 1)[1], f"{row['truth']:.4g}"]
            cells += ["–", "–"] if other is None else [_bias(other), _coverage(other)]
            cells += [_bias(row), _coverage(row), f"{int(row['replications']):,}", _warned(row)]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _bias(row: pd.Series) -> str:
    share = row["bias"] / row["truth"]
    error = row.get("bias_error")
    known = "" if pd.isna(error) else f" ± {abs(error / row['truth']):.1%}"
    return f"{share:+.1%}{known}"


def _coverage(row: pd.Series) -> str:
    error = row.get("coverage_error")
    return f"{row['coverage']:.3f}" + ("" if pd.isna(error) else f" ± {error:.3f}")


def _warned(row: pd.Series) -> str:
    if pd.isna(row["check"]):
        return "–"
    said = [part.rsplit(" ", 1) for part in str(row["check"]).split("; ")]
    often = [f"{n} {share}" for n, share in said if int(share.rstrip("%")) >= 100 * OFTEN]
    return ", ".join(often) or "–"


def main() -> None:
    """Write the page; what was written by hand in notes.md stands between its head and tables."""
    notes = FOLDER / "notes.md"
    text = page(notes=notes.read_text("utf-8") if notes.exists() else "")
    (FOLDER / "README.md").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
