"""Items, memory, announcements and priority: each moves what it should, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from svcquality.errors import InputError
from svcquality.records.panel import survey_rows
from svcquality.simulate import bank as module
from svcquality.simulate.bank import simulate_bank
from svcquality.simulate.items import rate_items
from svcquality.simulate.profiles import PROFILES
from svcquality.simulate.satisfaction import net_promoter, rate, satisfied
from svcquality.simulate.worlds import WORLDS, find_world

STATE = PROFILES["state"]
SIZE = {"branches": 16, "months": 18, "customers_per_branch": 60, "texts": False}
NEW = {"visits": ["announced_minutes"], "surveys": [f"item_{n}" for n in STATE.item_weights]}


def simulate(world: str = "base", seed: int = 5, **options):
    """A bank, and what is hidden of its surveys."""
    kept = []
    real = module.live
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "live", lambda *a: kept.append(real(*a)) or kept[-1])
        bank = simulate_bank("state", seed, world=world, **{**SIZE, **options})
    return bank, kept[0].surveys.query("trigger == 'visit'")


@pytest.fixture(scope="module")
def base():
    return simulate()


def test_items_and_announcements_leave_everything_else_as_it_was(base):
    quiet = {"satisfaction_informed": 0.0}
    with_, _ = simulate(overrides=quiet)
    other = {**quiet, "announced_share": 0.2, "item_halo": 0.0, "straight_liners": 0.5}
    without, _ = simulate(overrides=other)
    for name, frame in with_.frames.items():
        new = NEW.get(name, [])
        pd.testing.assert_frame_equal(
            frame.drop(columns=new), without.frames[name].drop(columns=new), check_names=True
        )


def _items(n: int, seed: int, **overrides):
    profile = STATE.with_overrides(overrides)
    rng = np.random.default_rng(seed)
    wait = rng.gamma(2, 9, size=n)
    predictor = np.zeros(n)
    ratings = rate(predictor, profile, rng)
    surveys = pd.DataFrame(
        {"predictor": predictor, "wait": wait, "trained": rng.random(n) < 0.5, **ratings}
    )
    items, straight = rate_items(surveys, profile, rng)
    return surveys, items, straight


def test_items_show_their_cause_and_only_theirs():
    surveys, items, _ = _items(20_000, 1, straight_liners=0.0, item_halo=0.0)
    slope = {name: np.polyfit(surveys["wait"], column, 1)[0] for name, column in items.items()}
    assert slope.pop("item_speed") < -0.015
    assert max(map(abs, slope.values())) < 0.002
    trained = items[surveys["trained"]].mean() - items[~surveys["trained"]].mean()
    assert trained.pop("item_staff") == pytest.approx(0.4, abs=0.06)
    assert trained.abs().max() < 0.06


def test_items_follow_satisfaction_in_the_order_of_their_weights():
    surveys, items, _ = _items(20_000, 2, straight_liners=0.0, item_halo=0.0)
    seen = {n: spearmanr(items[f"item_{n}"], surveys["latent"])[0] for n in STATE.item_weights}
    del seen["speed"], seen["staff"]  # these carry their cause as well
    assert sorted(seen, key=seen.get, reverse=True)[:2] == ["solution", "clarity"]
    assert seen["solution"] == pytest.approx(0.35 * 0.7 / np.hypot(0.7, 0.5), abs=0.04)
    assert seen["environment"] == pytest.approx(0.10 * 0.7 / np.hypot(0.7, 0.5), abs=0.03)


def test_without_halo_items_of_different_parts_are_all_but_unrelated():
    def between(halo):
        _, items, _ = _items(10_000, 3, straight_liners=0.0, item_halo=halo)
        return items["item_environment"].corr(items["item_digital"])

    assert abs(between(0.0)) < 0.05
    assert between(0.6) > 0.2


def test_straight_liners_give_one_number_and_no_other():
    surveys, items, straight = _items(5_000, 4, straight_liners=0.2)
    alike = items.eq(surveys["satisfaction"], axis=0).all(axis=1)
    assert straight.mean() == pytest.approx(0.2, abs=0.02)
    assert alike[straight].all()
    assert alike[~straight].mean() < 0.1
    assert items.to_numpy().min() == 1 and items.to_numpy().max() == 5


def test_the_records_carry_items_of_answered_visits_only(base):
    bank, _ = base
    surveys = bank.records.surveys
    items = surveys[NEW["surveys"]]
    rated = surveys["answered"].notna() & (surveys["trigger"] == "visit")
    assert (items.notna().all(axis=1) == rated).all() and items[~rated].isna().all(axis=None)
    assert set(NEW["surveys"]) <= set(survey_rows(bank.records))
    marked = bank.truth.surveys["straight_liner"]
    assert (marked.notna() == (surveys["trigger"] == "visit")).all()
    more, _ = simulate("straight_liners")
    assert more.truth.surveys["straight_liner"].mean() == pytest.approx(0.2, abs=0.03)


def test_mood_lengthens_the_remembered_wait_in_its_world_only(base):
    coloured = simulate("mood_colours_memory")

    def related(of):
        hidden = of[1]
        mood = hidden["latent"] - hidden["predictor"]
        error = np.log(hidden["perceived_wait_minutes"] / hidden["wait"])
        return spearmanr(mood, error)[0], error.mean(), error.std()

    plain, _, spread = related(base)
    assert abs(plain) < 0.06
    mood, mean_of_mood, spread_of_mood = related(coloured)
    assert mood == pytest.approx(-0.88, abs=0.05)
    # The ratio of remembered to actual wait is the same in both.
    assert np.exp(mean_of_mood) == pytest.approx(STATE.perceived_ratio, rel=0.05)
    assert spread_of_mood / spread == pytest.approx(0.6 / 0.35, rel=0.06)
    pd.testing.assert_series_equal(
        base[0].frames["surveys"]["satisfaction"], coloured[0].frames["surveys"]["satisfaction"]
    )


def test_half_the_branches_announce_from_one_month_on(base):
    visits = base[0].records.visits
    told = visits["announced_minutes"].notna()
    month = visits["arrived"].dt.to_period("M")
    first = month[told].min()
    branches = visits.loc[told, "branch_id"].unique()
    assert len(branches) == 8
    assert (told == ((month >= first) & visits["branch_id"].isin(branches))).all()
    assert (first - month.min()).n == round(0.6 * 18)
    wait = (visits["called"] - visits["arrived"]).dt.total_seconds() / 60
    assert spearmanr(visits["announced_minutes"][told], wait[told], nan_policy="omit")[0] > 0.8
    rows = survey_rows(base[0].records)
    hidden = base[1].assign(survey_id=base[0].frames["surveys"]["survey_id"])
    both = rows.merge(hidden, on="survey_id")
    assert (both["announced_minutes"].notna() == both["informed"].astype(bool)).all()


@pytest.mark.parametrize(("world", "effect"), [("base", 0.15), ("strong_information", 0.6)])
def test_what_information_is_worth_is_in_the_truth(world, effect):
    bank, hidden = simulate(world)
    answered = hidden[hidden["answered"] >= 0]
    off = (answered["predictor"] - effect * answered["informed"].astype(float)).to_numpy(float)
    expected = (satisfied(off + effect, STATE) - satisfied(off, STATE)).mean()
    assert bank.truth.value("waiting", "informed") == pytest.approx(expected)


def test_the_affluent_are_called_first_in_their_world_only(base):
    bank, hidden = simulate("called_first", customers_per_branch=120)
    visits = bank.records.visits
    segment = bank.records.customers.set_index("customer_id")["segment"]
    first = visits["priority"].astype(bool)
    assert (visits["customer_id"].map(segment).isin(["affluent", "private"]) == first).all()
    assert first.mean() == pytest.approx(0.28, abs=0.02)
    wait = (visits["called"] - visits["arrived"]).dt.total_seconds() / 60
    assert wait[first].mean() < 0.5 * wait[~first].mean()
    # Being overtaken can be read off the tickets: somebody came later and was called earlier.
    served = visits[~visits["abandoned"].astype(bool)].reset_index()
    day = served["arrived"].dt.normalize().astype("str") + served["branch_id"]
    earliest = served["called"].where(served["priority"].astype(bool))
    later = earliest.astype("int64").where(earliest.notna(), np.iinfo(np.int64).max)
    later = later[::-1].groupby(day[::-1]).cummin()[::-1]
    seen = (served["called"].astype("int64") > later) & ~served["priority"].astype(bool)
    known = served.assign(seen=seen).set_index("index")["seen"]
    assert (known[hidden["row"]].to_numpy() == hidden["overtaken"].astype(bool).to_numpy()).all()
    assert 0.2 < hidden["overtaken"].astype(bool).mean() < 0.8
    assert bank.truth.value("waiting", "overtaken") < -0.04
    assert not base[1]["overtaken"].astype(bool).any()
    assert "priority" not in base[0].frames["visits"]
    with pytest.raises(KeyError):
        base[0].truth.value("waiting", "overtaken")


def test_what_all_invited_think_is_what_redrawn_ratings_say():
    rng = np.random.default_rng(0)
    predictor = rng.normal(0.0, 1.0, size=200)
    many = np.tile(predictor, 500)
    drawn = rate(many, STATE, rng)["recommendation"]
    redrawn = 100 * ((drawn >= 9).mean() - (drawn <= 6).mean())
    assert net_promoter(predictor).mean() == pytest.approx(redrawn, abs=1.0)


def test_the_truth_counts_the_silent(base):
    silent, hidden = simulate("unhappy_silent")
    everybody = (hidden["satisfaction"] >= 4).mean()
    assert silent.truth.value("non_response", "weighted") == pytest.approx(everybody, abs=0.03)
    heard = survey_rows(silent.records).merge(silent.records.surveys[["survey_id", "trigger"]])
    heard = heard.loc[heard["trigger"] == "visit", "satisfied"].mean()
    assert heard > everybody + 0.05
    answered = silent.records.surveys["satisfaction"].notna()
    given = silent.records.surveys.loc[answered, "satisfaction"].to_numpy(dtype=int)
    assert (given == silent.truth.surveys.loc[answered, "satisfaction"]).all()


@pytest.mark.parametrize(
    ("world", "minutes"), [("base", 20.0), ("kinked_early", 12.0), ("kinked_late", 30.0)]
)
def test_the_threshold_is_in_the_truth(world, minutes):
    bank = simulate_bank("state", 1, world=world, **SIZE)
    assert bank.truth.value("waiting", "threshold_minutes") == minutes


def test_without_a_kink_there_is_no_threshold():
    bank = simulate_bank("state", 1, world="no_kink", **SIZE)
    with pytest.raises(KeyError):
        bank.truth.value("waiting", "threshold_minutes")


def test_busy_branches_are_the_liked_ones_in_their_world():
    bank = simulate_bank("state", 1, world="busy_branches_differ", **{**SIZE, "branches": 40})
    truth = bank.truth.branches
    assert truth["tightness"].corr(truth["satisfaction_level"], method="spearman") > 0.85
    rows = survey_rows(bank.records)
    by_branch = rows.groupby("branch_id")[["wait_minutes", "satisfaction"]].mean().astype(float)
    assert by_branch.corr().iloc[0, 1] > 0


@pytest.mark.parametrize("world", sorted(WORLDS))
def test_every_world_overrides_what_exists(world):
    changed = STATE.with_overrides(find_world(world)).table().set_index("name")["source"]
    assert changed.str.contains("override").any() == (world != "base")


def test_few_branches_are_twelve_unless_asked_otherwise():
    few = {name: size for name, size in SIZE.items() if name != "branches"}
    assert len(simulate_bank("state", 1, world="few_branches", **few).frames["branches"]) == 12


def test_a_segment_that_does_not_exist_is_refused():
    with pytest.raises(InputError) as error:
        simulate_bank("state", 1, overrides={"called_first": "vip"}, **SIZE)
    assert "affluent" in error.value.en and "affluent" in error.value.zh
