"""The short version of ``make recovery``: ours covers the truth, the naive answer does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from svcquality.designs import DESIGNS
from svcquality.simulate.bank import simulate_bank
from svcquality.simulate.worlds import WORLDS
from tests.recovery import naive
from tests.recovery.cells import Cell
from tests.recovery.page import TRAPS, page
from tests.recovery.study import TERMS, replicate, run, write
from tests.recovery.summary import ROWS, failing, refusals, summarise

pytestmark = pytest.mark.recovery

FOLDER = Path(__file__).parents[2] / "docs" / "recovery"

WITHOUT_TEXT = [
    "satisfaction", "waiting", "recommendation", "non_response", "training", "policy", "loyalty",
]  # fmt: skip
WITH_TEXT = ["cause_shares", "cause_cost"]
NAIVE_FAILS = [
    "training.att",
    "waiting.from_5",
    "loyalty.unresolved",
    "loyalty.recent_complaint",
]


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Four small banks without texts and two with."""
    return pd.concat(
        [run(range(101, 105), designs=WITHOUT_TEXT), run(range(101, 103), designs=WITH_TEXT)],
        ignore_index=True,
    )


def test_intervals_hold_the_truth_as_often_as_they_say(rows):
    ours = rows[rows["method"] == "ours"].dropna(subset=["low", "high"])
    covered = (ours["low"] <= ours["truth"]) & (ours["truth"] <= ours["high"])
    assert len(ours) > 70
    assert covered.mean() >= 0.9  # 95% nominal; terms of one bank go together


@pytest.mark.parametrize("quantity", NAIVE_FAILS)
def test_the_naive_answer_misses_the_truth(rows, quantity):
    summary = summarise(rows).set_index(["design", "method"])
    assert summary.loc[(quantity, "naive"), "coverage"] <= 0.5
    assert (
        summary.loc[(quantity, "ours"), "coverage"] > summary.loc[(quantity, "naive"), "coverage"]
    )


def test_every_design_with_a_truth_is_in_the_study():
    bank = simulate_bank("state", 1, branches=4, months=12, customers_per_branch=30, texts=False)
    with_truth = set(bank.truth.estimands["design"]) & set(DESIGNS)
    assert with_truth - {"handling"} <= set(TERMS)  # quantiles of a clock: held by its own tests
    assert set(TERMS) == set(naive.METHODS)
    assert {world for _, world in naive.IN_WORLD} <= set(WORLDS)


@pytest.mark.parametrize(
    ("world", "quantity"),
    [
        ("busy_branches_differ", "satisfaction.wait_plus_10"),
        ("mood_colours_memory", "satisfaction.wait_plus_10"),
    ],
)
def test_the_naive_answer_fails_in_its_world_and_ours_does_not(world, quantity):
    summary = summarise(run(range(201, 205), world=world, designs=["satisfaction"]), world)
    bias = summary.set_index(["design", "method"])["bias_share"].abs()
    assert bias[quantity, "naive"] > 0.2
    assert bias[quantity, "ours"] < 0.5 * bias[quantity, "naive"]


def made(errors, low=-1.0, high=1.0, design="d.x", method="ours", **more):
    n = len(errors)
    return pd.DataFrame(
        {
            "seed": range(n), "design": design, "method": method, "truth": 1.0,
            "estimate": 1.0 + np.asarray(errors), "low": 1.0 + np.broadcast_to(low, n),
            "high": 1.0 + np.broadcast_to(high, n), "check": "", "refused": None, **more,
        },
        columns=ROWS,
    )  # fmt: skip


def test_the_summary_counts_what_it_says():
    rows = pd.concat(
        [
            made([0.5, -0.5], low=[-1.0, -1.0], high=[1.0, -0.1], check=["a", ""]),
            made([np.nan], low=np.nan, high=np.nan).assign(seed=3),
            pd.DataFrame([(4, "d", "ours", *[np.nan] * 4, "", "too few")], columns=ROWS),
        ]
    )
    (row,) = summarise(rows, "w").to_dict("records")
    assert (row["banks"], row["replications"], row["bias"], row["coverage"]) == (4, 2, 0.0, 0.5)
    assert row["bias_error"] == pytest.approx(np.std([0.5, -0.5], ddof=1) / np.sqrt(2))
    assert row["coverage_error"] == pytest.approx(np.sqrt(0.25 / 2), abs=1e-4)
    assert (row["check"], row["world"]) == ("a 50%", "w")
    assert refusals(rows).to_dict("records") == [{"design": "d", "refused": "too few", "banks": 1}]


def test_bias_and_coverage_out_of_bounds_are_named():
    rng = np.random.default_rng(0)
    good = rng.normal(0, 0.1, size=400)
    reach = 1.96 * 0.1
    rows = pd.concat(
        [
            made(good, low=good - reach, high=good + reach, design="d.good"),
            made(good + 0.1, low=good + 0.1 - reach, high=good + 0.1 + reach, design="d.biased"),
            made(good, low=good - 1, high=good + 1, design="d.wide"),
            made(good, low=good - 0.1, high=good + 0.1, design="d.narrow"),
            made(good + 9, design="d.wild", method="naive"),
        ]
    )
    why = failing(summarise(rows)).set_index("design")["why"].to_dict()
    assert why == {
        "d.biased": "bias, under-coverage",
        "d.narrow": "under-coverage",
        "d.wide": "over-coverage",
    }


def test_an_interrupted_study_goes_on_where_it_stopped(tmp_path, monkeypatch):
    asked = []

    def one(seed, *, world, designs):
        asked.append((seed, tuple(designs)))
        return pd.concat([made([0.1], design=f"{name}.x").assign(seed=seed) for name in designs])

    monkeypatch.setattr("tests.recovery.study.replicate", one)
    first = run([1, 2], designs=["satisfaction"], folder=tmp_path)
    assert set(first["seed"]) == {1, 2}
    both = run([1, 2, 3], designs=["satisfaction", "waiting"], folder=tmp_path)
    assert asked[2:] == [
        (1, ("waiting",)), (2, ("waiting",)), (3, ("satisfaction", "waiting")),
    ]  # fmt: skip
    assert len(both) == 6 and not both.duplicated(["seed", "design"]).any()
    assert len(run([1, 2, 3], designs=["satisfaction", "waiting"], folder=tmp_path)) == 6
    assert len(asked) == 5


def test_a_bank_cut_short_is_run_again_and_other_sources_are_not_continued(tmp_path):
    cell = Cell(tmp_path, "base", "waiting", "abc")
    for seed in (1, 2):
        cell.append(pd.concat([made([0.1, 0.2], design="waiting.x").assign(seed=seed)]))
    text = cell.path.read_text("utf-8")
    cell.path.write_text(text[:-20], "utf-8")
    assert set(cell.rows()["seed"]) == {1}
    cell.append(made([0.3], design="waiting.x").assign(seed=3))
    assert {1, 3} <= set(cell.rows()["seed"])
    assert Cell(tmp_path, "base", "waiting", "def").rows().empty
    assert Cell(tmp_path, "base", "satisfaction", "abc").rows().empty


def test_a_refusal_is_a_row_of_its_own(monkeypatch):
    from svcquality.errors import InputError

    def refuse(*args, **options):
        raise InputError("Too few.", "过少。")

    monkeypatch.setattr("svcquality.designs.satisfaction.satisfaction", refuse)
    rows = replicate(1, world="few_branches", designs=["satisfaction"])
    assert rows["refused"].tolist() == ["Too few."]


def test_tables_keep_the_worlds_that_were_not_run(tmp_path):
    write(summarise(made([0.1, 0.2]), "base"), tmp_path)
    write(summarise(made([0.3, 0.4]), "few_branches"), tmp_path)
    write(summarise(made([0.5, 0.7]), "base"), tmp_path)
    table = pd.read_csv(tmp_path / "d.csv").set_index("world")["bias"]
    assert table.to_dict() == pytest.approx({"base": 0.6, "few_branches": 0.35})


def test_the_page_is_made_from_the_tables():
    assert set(TRAPS) == set(WORLDS)
    made_page = page(FOLDER, notes=(FOLDER / "notes.md").read_text("utf-8"))
    assert (FOLDER / "README.md").read_text("utf-8") == made_page, (
        "run python -m tests.recovery.page"
    )
