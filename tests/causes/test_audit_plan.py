from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcquality.causes.audit_plan import FEWEST_INSIDE, plan_audit
from svcquality.causes.audit_plan_check import simulate_plan
from svcquality.errors import InputError
from svcquality.text.codebook import RESIDUAL
from svcquality.text.codebook_file import load_codebook

BOOK = load_codebook("bank-zh")
SIZES = {"Q1": 900, "T1": 600, "E1": 350, "Z1": 100, RESIDUAL: 50}
PRIMARY = pd.Series(
    np.repeat(list(SIZES), list(SIZES.values())), index=[f"c{i}" for i in range(2000)]
)


def pilot(right: float, n: int = 400, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    said = PRIMARY.sample(n, random_state=seed)
    cause = np.where(rng.random(n) < right, said, rng.permutation(said))
    return pd.DataFrame({"complaint_id": said.index, "cause": cause, "probability": n / 2000})


def test_more_texts_narrow_every_interval_and_all_of_them_close_it() -> None:
    plan = plan_audit(PRIMARY, BOOK, half_width=0.02, sizes=[100, 300, 1000, 2000])
    wide = plan.table.pivot(index="id", columns="n", values="half_width")
    assert (wide.diff(axis=1).iloc[:, 1:] < 0).all(axis=None)
    assert wide[2000].max() < 1e-9  # nothing is left to chance
    assert 0.99 < plan.required["share"].sum() <= 1  # the rest: causes that were never measured
    assert set(wide.index) == set(SIZES)


def test_the_number_required_is_the_smallest_that_does() -> None:
    plan = plan_audit(PRIMARY, BOOK, half_width=0.02)
    for row in plan.required.itertuples():
        beside = plan_audit(PRIMARY, BOOK, half_width=0.02, sizes=[row.n - 1, row.n]).table
        widths = beside[beside["id"] == row.id].set_index("n")["half_width"]
        assert widths[row.n] <= 0.02 < widths[row.n - 1]


@pytest.mark.parametrize("level", ["cause", "family"])
def test_simulated_shares_are_as_wide_as_planned_and_right(level) -> None:
    plan = plan_audit(PRIMARY, BOOK, half_width=0.02, level=level, sizes=[300])
    found = simulate_plan(plan, 300, times=60, seed=3)
    planned = plan.table.set_index("id")["half_width"]
    assert found["id"].tolist() == plan.required["id"].tolist()
    ratio = found.set_index("id")["half_width"] / planned
    assert ratio.between(0.9, 1.1).all()
    assert found["covered"].mean() >= 0.94


def test_simulated_costs_are_as_wide_as_planned_and_right() -> None:
    plan = plan_audit(
        PRIMARY, BOOK, half_width=0.1, target="cost", level="family", sizes=[600], outcomes=0.6
    )
    planned = plan.table.set_index("id")["half_width"]
    found = simulate_plan(plan, 600, times=60, seed=4).set_index("id")
    large = [i for i in planned.index if plan.required.set_index("id").loc[i, "share"] > 0.1]
    assert (found.loc[large, "half_width"] / planned[large]).between(0.85, 1.1).all()
    assert 0.9 <= found.loc[large, "covered"].mean() <= 1


def test_a_pilot_outweighs_the_assumption() -> None:
    def needed(**given) -> int:
        return int(plan_audit(PRIMARY, BOOK, half_width=0.02, **given).required["n"].max())

    assert needed(assumed=0.95) < needed(assumed=0.6)
    good, poor = needed(pilot=pilot(1.0)), needed(pilot=pilot(0.3))
    assert good < needed() < poor


def test_mistakes_are_learned_with_the_weights_of_the_pilot() -> None:
    said_q1 = PRIMARY.index[PRIMARY == "Q1"][:100]
    cause = np.where(np.arange(100) < 20, "E1", "Q1")
    coded = pd.DataFrame({"complaint_id": said_q1, "cause": cause, "probability": 0.5})
    # Half of the mistakes at half the probability: the same picture of all complaints.
    thinned = coded.assign(probability=np.where(cause == "E1", 0.25, 0.5)).iloc[10:]
    for sample in (coded, thinned):
        mistakes = plan_audit(PRIMARY, BOOK, half_width=0.02, pilot=sample).mistakes
        assert mistakes.sum(axis=1).to_numpy() == pytest.approx(1)
        assert mistakes.loc["Q1", "E1"] == pytest.approx(0.2, abs=0.01)


def test_what_no_sample_can_give_is_missing_with_the_best_there_is() -> None:
    plan = plan_audit(PRIMARY, BOOK, half_width=0.001, target="cost", outcomes=0.15)
    assert plan.required["n"].isna().all()
    best = plan.required.set_index("id")["narrowest"]
    assert best.notna().sum() >= 2 and best.min() > 0.001
    assert np.isnan(best[RESIDUAL])  # 50 complaints, .15 with an outcome: below the fewest
    assert 0.15 * SIZES[RESIDUAL] < FEWEST_INSIDE
    small = plan.table[(plan.table["id"] == "Z1") & (plan.table["n"] == 100)]
    assert small["half_width"].isna().all()


@pytest.mark.parametrize(
    "wrong",
    [{"half_width": 0.0}, {"assumed": 0.0}, {"assumed": 1.2}, {"outcomes": 0.0},
     {"outcome_sd": -1.0}, {"sizes": []}, {"sizes": [0]}],
)  # fmt: skip
def test_numbers_out_of_range_are_refused(wrong) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        plan_audit(PRIMARY, BOOK, **({"half_width": 0.02} | wrong))


def test_a_handful_is_coded_without_a_plan() -> None:
    with pytest.raises(InputError, match="code them all"):
        plan_audit(PRIMARY.head(29), BOOK, half_width=0.02)
