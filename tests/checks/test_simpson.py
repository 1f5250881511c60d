from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from tests.designs.small_bank import visit_bank

from svcquality.checks.mix import mix_decomposition
from svcquality.checks.simpson import simpson, simpson_slopes
from svcquality.errors import InputError
from svcquality.estimators.mix import kitagawa
from svcquality.language import Text
from svcquality.records.panel import survey_rows

# Bickel, Hammel & O'Connell (1975), Science 187: applicants and admitted, men then women.
BERKELEY = {
    "A": (825, 512, 108, 89), "B": (560, 353, 25, 17), "C": (325, 120, 593, 202),
    "D": (417, 138, 375, 131), "E": (191, 53, 393, 94), "F": (373, 22, 341, 24),
}  # fmt: skip
# Charig et al. (1986), British Medical Journal 292: kidney stones by size; open surgery, then
# percutaneous: treated and successful.
STONES = {"small": (87, 81, 270, 234), "large": (263, 192, 80, 55)}


def cases(table: dict[str, tuple[int, ...]], group: str) -> pd.DataFrame:
    """One row a case: the first pair of a line is unexposed, the second exposed."""
    rows = []
    for name, (n0, yes0, n1, yes1) in table.items():
        rows += [(name, 0, 1)] * yes0 + [(name, 0, 0)] * (n0 - yes0)
        rows += [(name, 1, 1)] * yes1 + [(name, 1, 0)] * (n1 - yes1)
    return pd.DataFrame(rows, columns=[group, "exposed", "outcome"])


def slopes(table: pd.DataFrame, grouping: str) -> pd.Series:
    rows = table[(table["grouping"] == grouping) & (table["kind"] != "group")]
    return rows.set_index("kind")["slope"]


def reversed_bank(n: int = 4000) -> pd.DataFrame:
    """Busy branches are liked better, and each wait costs: pooled, waits look good."""
    rng = np.random.default_rng(1)
    branch = rng.integers(20, size=n)
    wait = rng.gamma(4, 1 + branch / 4)
    score = 0.6 * branch - 0.08 * wait + rng.normal(size=n)
    return pd.DataFrame(
        {"branch_id": [f"网点 [{b}]" for b in branch], "等候（分）": wait, "score": score}
    )


def test_berkeley_the_sign_turns_round_within_departments() -> None:
    rows = cases(BERKELEY, "department")
    table = simpson_slopes(rows, "outcome", "exposed", ["department"])
    found = slopes(table, "department")
    assert found["overall"] == pytest.approx(557 / 1835 - 1198 / 2691)  # 30% against 45%
    assert found["within"] > 0 > found["overall"]
    each = table[table["kind"] == "group"].set_index("group")["slope"]
    assert each["A"] == pytest.approx(89 / 108 - 512 / 825)
    assert (each > 0).sum() == 4
    (check,) = simpson(rows, "outcome", "exposed", ["department"])
    assert check.status == "warn"  # within departments the difference is gone, and clearly so
    assert "not found within" in check.text.en
    mix = mix_decomposition(rows, "outcome", "exposed", "department")
    assert mix["rate"].sum() + mix["mix"].sum() == pytest.approx(found["overall"])
    assert mix["mix"].sum() < found["overall"] < 0 < mix["rate"].sum()


def test_kidney_stones_the_better_treatment_looks_worse() -> None:
    rows = cases(STONES, "大小（结石）")
    found = slopes(simpson_slopes(rows, "outcome", "exposed", ["大小（结石）"]), "大小（结石）")
    assert found["overall"] == pytest.approx(289 / 350 - 273 / 350)
    assert found["within"] < 0 < found["overall"]
    # The same proportions in ten times as many patients leave no doubt.
    many = pd.concat([rows] * 10, ignore_index=True)
    (check,) = simpson(many, "outcome", "exposed", ["大小（结石）"])
    assert check.status == "warn"
    assert "方向相反" in check.text.zh
    assert "turns round" in check.text.en


def test_a_flip_among_branches_warns_and_plain_noise_does_not() -> None:
    rows = reversed_bank()
    (check,) = simpson(rows, "score", "等候（分）")
    assert (check.name, check.status) == ("simpson_branch_id", "warn")
    assert check.number < 0 < check.threshold
    rows["score"] = np.random.default_rng(2).normal(size=len(rows))
    (quiet,) = simpson(rows, "score", "等候（分）")
    assert quiet.status == "passed"


def test_slopes_and_errors_are_those_of_least_squares() -> None:
    rows = reversed_bank(900)
    table = simpson_slopes(rows, "score", "等候（分）")
    found = table[table["kind"] != "group"].set_index("kind")
    codes = pd.factorize(rows["branch_id"])[0]
    x, y = rows["等候（分）"].to_numpy(), rows["score"].to_numpy()
    clustered = {
        "cov_type": "cluster",
        "cov_kwds": {"groups": codes, "use_correction": True, "df_correction": True},
    }
    pooled = sm.OLS(y, sm.add_constant(x)).fit(**clustered, use_t=True)
    assert found.loc["overall", "slope"] == pytest.approx(pooled.params[1])
    assert found.loc["overall", "error"] == pytest.approx(pooled.bse[1])
    dummies = np.column_stack([x, pd.get_dummies(codes).to_numpy(float)])
    fixed = sm.OLS(y, dummies).fit(**clustered, use_t=True)
    assert found.loc["within", "slope"] == pytest.approx(fixed.params[0])
    assert found.loc["within", "error"] == pytest.approx(fixed.bse[0])
    one = rows["branch_id"] == "网点 [3]"
    alone = sm.OLS(y[one], sm.add_constant(x[one])).fit(cov_type="HC1", use_t=True)
    mine = table[table["group"] == "网点 [3]"].iloc[0]
    assert (mine["slope"], mine["error"]) == pytest.approx((alone.params[1], alone.bse[1]))
    assert (mine["low"], mine["high"]) == pytest.approx(tuple(alone.conf_int()[1]))


def test_the_overall_slope_is_the_mixture_of_within_and_between() -> None:
    found = slopes(simpson_slopes(reversed_bank(), "score", "等候（分）"), "branch_id")
    within_share = (found["overall"] - found["between"]) / (found["within"] - found["between"])
    assert 0 < within_share < 1
    assert found["mix"] == pytest.approx(1 - within_share * found["within"] / found["overall"])
    assert found["change"] == pytest.approx(found["within"] - found["overall"])


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.booleans(), st.floats(-1e3, 1e3)), min_size=2, max_size=80
    )
)
def test_the_two_parts_of_a_decomposition_add_up_exactly(rows: list) -> None:
    group, exposed, y = (np.array(v) for v in zip(*rows, strict=True))
    if exposed.all() or not exposed.any():
        return
    parts = kitagawa(y, exposed, group)
    total = y[exposed].mean() - y[~exposed].mean()
    assert parts[["rate", "mix"]].to_numpy().sum() == pytest.approx(total, abs=1e-9)
    alone = parts["exposed_mean"].isna() | parts["other_mean"].isna()
    assert (parts.loc[alone, "rate"] == 0).all()


def test_a_bank_by_its_own_columns() -> None:
    rows = survey_rows(visit_bank(1, n=3000)[0])
    checks = simpson(rows, "satisfaction", "wait_minutes", at_least=4)
    # One segment and no channel are recorded: only branches can be compared within.
    assert [c.name for c in checks] == ["simpson_branch_id"]
    table = simpson_slopes(rows, "satisfaction", "wait_minutes", at_least=4)
    assert set(table["grouping"]) == {"branch_id"}
    assert (table.loc[table["kind"] == "group", "n"] >= 30).all()


def test_single_groups_that_run_against_the_others_are_counted() -> None:
    rows = reversed_bank()
    other = rows["branch_id"].isin(["网点 [1]", "网点 [2]"])
    rows["score"] = np.where(other, 0.3, -0.3) * rows["等候（分）"] + np.random.default_rng(
        3
    ).normal(size=len(rows))
    (check,) = simpson(rows, "score", "等候（分）")
    assert check.status == "passed"
    assert "2 groups run against it" in check.text.en


def test_an_association_that_merely_fades_is_said_and_does_not_warn() -> None:
    rng = np.random.default_rng(3)
    group = np.repeat(["甲", "乙"], 60)
    x = rng.normal(size=120) + 1.5 * (group == "甲")
    rows = pd.DataFrame({"g": group, "x": x, "y": 0.25 * x + 1.5 * rng.normal(size=120)})
    (check,) = simpson(rows, "y", "x", ["g"])
    assert check.status == "passed"
    assert "not found within" in check.text.en


def test_a_size_that_pooling_misjudges_warns_and_the_finding_may_hold_it_equal() -> None:
    rng = np.random.default_rng(6)
    branch = rng.integers(30, size=6000)
    x = rng.normal(size=6000) + branch / 10
    rows = pd.DataFrame({"branch_id": branch.astype(str), "x": x, "y": 0.2 * branch - 2 * x})
    rows["y"] += rng.normal(size=6000)
    (check,) = simpson(rows, "y", "x", held=["branch_id"], label=Text("等候", "the wait"))
    assert check.status == "warn"
    assert "misjudges its size" in check.text.en
    assert "holds branch equal" in check.text.en
    assert check.text.zh.startswith("等候：总体斜率")
    (free,) = simpson(rows, "y", "x")
    assert "holds branch equal" not in free.text.en


def test_groups_with_a_handful_exposed_are_not_shown() -> None:
    rng = np.random.default_rng(7)
    group = np.repeat(np.arange(10), 100).astype(str)
    flag = np.tile(np.arange(100) < 2, 10)  # two of a hundred: their own error would be nought
    rows = pd.DataFrame({"g": group, "flag": flag, "y": rng.random(1000) < 0.5})
    table = simpson_slopes(rows, "y", "flag", ["g"])
    assert not (table["kind"] == "group").any()
    rows["flag"] = np.tile(np.arange(100) < 12, 10)
    assert (simpson_slopes(rows, "y", "flag", ["g"])["kind"] == "group").sum() == 10


def test_nothing_to_compare_and_bad_columns() -> None:
    rows = reversed_bank(200)
    (check,) = simpson(rows, "score", "等候（分）", ["channel"])
    assert (check.name, check.status) == ("simpson", "passed")
    assert simpson_slopes(rows, "score", "等候（分）", ["channel"]).empty
    with pytest.raises(InputError, match="no column 'wait'"):
        simpson(rows, "score", "wait")
    with pytest.raises(InputError, match="no numbers that vary"):
        simpson(rows.assign(score=3), "score", "等候（分）")
    with pytest.raises(InputError, match="no numbers that vary"):
        simpson(rows, "branch_id", "等候（分）")
    with pytest.raises(InputError, match="yes-or-no"):
        mix_decomposition(rows, "score", "等候（分）", "branch_id")
    # An exposure that is one number in each branch says nothing within it.
    fixed = rows.assign(level=pd.factorize(rows["branch_id"])[0])
    (none,) = simpson(fixed, "score", "level")
    assert none.name == "simpson"
