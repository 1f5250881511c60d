"""Plans: what is found in invented studies, and that the real relation is not looked at."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from svcquality.designs import _specification_fits
from svcquality.designs._plan import Plan
from svcquality.designs._plan_answers import answer_study
from svcquality.designs._plan_training import PanelStudy, training_study
from svcquality.designs.planning import plan
from svcquality.errors import InputError
from svcquality.estimators.staggered_did import NEVER
from svcquality.records.bank import Records
from tests.designs.small_bank import visit_bank
from tests.designs.test_training import bank as training_bank

FORBIDDEN = ("effect", "影响", "导致", "caused")


@pytest.fixture(scope="module")
def bank() -> Records:
    return visit_bank(4, n=900, branches=12)[0]


@pytest.fixture(scope="module")
def planned(bank: Records) -> Plan:
    return plan(bank, "waiting", replications=40, seed=2)


def shuffled_waits(bank: Records) -> Records:
    """The same bank, its waits dealt anew within each branch."""
    visits = bank.visits.copy()
    rng = np.random.default_rng(0)
    waited = visits["called"] - visits["arrived"]
    dealt = waited.groupby(visits["branch_id"]).transform(lambda w: rng.permutation(w.to_numpy()))
    return Records.from_frames(
        **{**bank.tables, "visits": visits.assign(called=visits["arrived"] + dealt)}
    )


def test_the_detectable_difference_is_found_as_often_as_wanted(planned: Plan) -> None:
    nothing, detectable = planned.table.to_dict("records")
    assert nothing["effect"] == 0 and detectable["effect"] == planned.detectable
    assert nothing["expected"] == pytest.approx(0.05)
    assert detectable["expected"] == pytest.approx(0.8)
    assert nothing["low"] <= 0.05 <= nothing["high"]
    assert detectable["low"] <= 0.8 <= detectable["high"]
    assert planned.table["replications"].eq(40).all()


def test_the_relation_to_the_exposure_is_not_looked_at(bank: Records, planned: Plan) -> None:
    """In this bank long waits go with unhappy customers; the plan is that of a bank where not."""
    study = answer_study(
        bank, outcome="satisfaction", exposure="wait_minutes", response_rate=None, seed=0
    )
    said = [study.estimate(0.0, np.random.default_rng(s)).estimate for s in range(30)]
    assert np.mean(said) == pytest.approx(0, abs=3 * np.std(said) / np.sqrt(30))
    without = plan(shuffled_waits(bank), "waiting", replications=20, effects=[0])
    assert without.detectable == pytest.approx(planned.detectable, rel=0.1)


@pytest.mark.parametrize(
    ("exposure", "effect", "sign"), [("wait_minutes", 0.06, -1), ("branch_trained", 0.15, 1)]
)
def test_the_difference_supposed_is_the_one_estimated(
    bank: Records, exposure: str, effect: float, sign: int
) -> None:
    study = answer_study(
        bank, outcome="satisfaction", exposure=exposure, response_rate=None, seed=0
    )
    said = [study.estimate(effect, np.random.default_rng(s)).estimate for s in range(40)]
    spread = np.std(said) / np.sqrt(40)
    assert np.mean(said) == pytest.approx(sign * effect, abs=3 * spread + 0.1 * effect)


def test_answers_stay_in_their_branch(bank: Records) -> None:
    study = answer_study(
        bank, outcome="satisfaction", exposure="wait_minutes", response_rate=None, seed=0
    )
    frame = study.estimate.__self__  # type: ignore[attr-defined]
    invented = frame._invented(0.0, np.random.default_rng(1))
    assert (invented != frame.codes).any()
    for b in np.unique(frame.block):
        here = frame.block == b
        assert np.array_equal(np.sort(invented[here]), np.sort(frame.codes[here]))


@pytest.mark.parametrize("exposure", ["wait_minutes", "branch_trained"])
def test_where_fits_are_long_linear_probability_stands_in(
    bank: Records, monkeypatch: pytest.MonkeyPatch, exposure: str
) -> None:
    options = {"exposure": exposure, "replications": 30, "effects": [0.08]}
    usual = plan(bank, "satisfaction", **options)  # type: ignore[arg-type]
    monkeypatch.setattr(_specification_fits, "MOST_WORK", 0.0)
    linear = plan(bank, "satisfaction", **options)  # type: ignore[arg-type]
    assert usual.detectable < linear.detectable < 1.5 * usual.detectable
    row = linear.table.iloc[0]
    assert row["low"] <= row["expected"] <= row["high"]
    assert "linear probability" in linear.method.en and "线性概率" in linear.method.zh
    assert "linear probability" not in usual.method.en


def test_another_response_rate_brings_other_numbers_of_answers(bank: Records) -> None:
    common = {"outcome": "satisfaction", "exposure": "wait_minutes", "seed": 1}
    half = answer_study(bank, response_rate=0.5, **common)  # type: ignore[arg-type]
    assert half.facts["answers"][1] == 450
    silent = bank.surveys[["satisfaction", "satisfied", "answered"]].mask(
        pd.Series(np.arange(900) % 3 > 0)
    )
    fewer = Records.from_frames(
        **{**bank.tables, "surveys": bank.surveys.assign(**{c: silent[c] for c in silent})}
    )
    more = answer_study(fewer, response_rate=0.8, **common)  # type: ignore[arg-type]
    assert more.facts["answers"][1] == pytest.approx(720, abs=1)


def test_more_answers_find_smaller_differences(bank: Records, planned: Plan) -> None:
    half = plan(bank, "waiting", response_rate=0.5, replications=20, effects=[0])
    assert half.detectable == pytest.approx(planned.detectable * np.sqrt(2), rel=0.25)


def panel_study(seed: int) -> PanelStudy:
    """Twenty branches, autocorrelated, ten trained in two waves."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(20, 24))
    outcome = rng.normal(size=(20, 1)) + noise + 0.5 * np.roll(noise, 1, axis=1)
    first = np.array([8] * 5 + [14] * 5 + [NEVER] * 10)
    treated = (np.arange(24) >= first[:, None]) & (first != NEVER)[:, None]
    return PanelStudy(outcome + 2.0 * treated, first, treated, -1.0)


def test_a_supposed_difference_moves_the_estimate_by_itself() -> None:
    """The design is linear in the outcome, and swapping branches forgets the real change."""
    study = panel_study(1)
    draws = [np.random.default_rng(s) for s in range(60)]
    again = [np.random.default_rng(s) for s in range(60)]
    without = [study.estimate(0.0, r) for r in draws]
    with_it = [study.estimate(1.5, r) for r in again]
    for a, b in zip(without, with_it, strict=True):
        assert b.estimate == pytest.approx(a.estimate - 1.5)
        assert b.error == pytest.approx(a.error)
    mean = np.mean([a.estimate for a in without])
    assert mean == pytest.approx(0, abs=3 * np.std([a.estimate for a in without]) / np.sqrt(60))


def test_training_is_planned_on_branch_months(bank: Records) -> None:
    planned = plan(training_bank(3), "training", replications=100)
    detectable = planned.table.iloc[1]
    assert detectable["low"] <= 0.8 <= detectable["high"]
    assert planned.study.unit == "per_1000_visits"
    assert "60 branches (42 trained) over 24 months" in planned.sentence("en")
    assert planned.study.facts["mean"][1] == pytest.approx(20, abs=3)
    with pytest.raises(InputError, match="no outcome"):
        training_study(bank, outcome="profit")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"question": "policy"}, "no plan"),
        ({"power": 0.03}, "power wanted"),
        ({"power": 1.0}, "power wanted"),
        ({"effects": [-0.01]}, "0 or more"),
        ({"effects": []}, "at least one"),
        ({"response_rate": 1.4}, "between 0 and 1"),
        ({"replications": 5}, "at least 20"),
        ({"question": "satisfaction", "exposure": "weather"}, "recorded"),
        ({"effects": [0.97], "replications": 20}, "could show"),
        ({"outcome": "profit"}, "no survey outcome"),
    ],
)
def test_nonsense_is_refused_in_both_languages(
    bank: Records, options: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message) as refused:
        plan(bank, **options)  # type: ignore[arg-type]
    assert any("\u4e00" <= c <= "\u9fff" for c in refused.value.zh)


def test_records_that_the_design_refuses_are_refused_once(bank: Records) -> None:
    alike = bank.surveys.assign(satisfaction=5, satisfied=pd.NA)
    with pytest.raises(InputError, match="alike"):
        plan(Records.from_frames(**{**bank.tables, "surveys": alike}), "waiting")
    same = bank.visits.assign(called=bank.visits["arrived"] + pd.Timedelta("5min"))
    with pytest.raises(InputError, match="same"):
        plan(Records.from_frames(**{**bank.tables, "visits": same}), "waiting")


def test_the_same_seed_gives_the_same_plan(bank: Records) -> None:
    one, two, other = (
        plan(bank, "waiting", replications=20, effects=[0], seed=s) for s in (2, 2, 3)
    )
    pd.testing.assert_frame_equal(one.table, two.table)
    assert one.detectable == two.detectable != other.detectable


def test_a_plan_speaks_both_languages_and_of_no_cause(planned: Plan) -> None:
    zh, en = "\n".join(planned.lines("zh")), "\n".join(planned.lines("en"))
    assert "900 answers in 12 branches" in en and "900 份答复、12 个网点" in zh
    assert "80% of the time" in planned.sentence("en") and "80% 的机会" in planned.sentence("zh")
    assert not any("\u4e00" <= c <= "\u9fff" for c in en)
    assert not any(word in zh + en for word in FORBIDDEN)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_figure_shows_the_plan(planned: Plan, language: str) -> None:
    ax = planned.plot(language=language)  # type: ignore[arg-type]
    (dots,) = [line for line in ax.lines if line.get_label() and len(line.get_xdata()) == 2]
    np.testing.assert_allclose(dots.get_xdata(), planned.table["effect"] * 100)
    assert ax.get_xlabel() and ax.get_ylabel()
    plt.close("all")
