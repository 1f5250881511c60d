"""Estimands against brute force on potential outcomes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcquality.records.panel import branch_months, customer_months, survey_rows
from svcquality.simulate.bank import simulate_bank
from svcquality.simulate.complaints import thin
from svcquality.simulate.months import Calendar
from svcquality.simulate.network import (
    Schedule,
    loan_factor,
    make_network,
    schedule,
    streams,
    untrained_rates,
)  # fmt: skip
from svcquality.simulate.profiles import PROFILES
from svcquality.simulate.satisfaction import rate, satisfied, wait_cost

STATE = PROFILES["state"]


@pytest.fixture(scope="module")
def bank():
    return simulate_bank("state", 4, texts=False, branches=24, months=24, customers_per_branch=100)


def test_average_effect_of_training_is_the_mean_difference_of_potential_outcomes():
    profile = STATE.with_overrides({"branches": 20, "months": 24})
    calendar = Calendar.from_text("2023-01", 24)
    kinds = streams(profile)
    rng = np.random.default_rng(3)
    network = make_network(profile, calendar, kinds, rng)
    rates = untrained_rates(profile, calendar, network, kinds)
    plan: Schedule = schedule(profile, 24, network, np.zeros((20, 24)))
    removed = plan.removed(profile, 24)
    treated = removed > 0
    differences = []
    for _ in range(300):
        untrained = rng.poisson(network.visits[:, :, None] / 1000 * rates)
        trained = thin(untrained, removed, kinds, rng)
        change = 1000 * (trained - untrained).sum(axis=2) / network.visits
        assert (change[~treated] == 0).all()
        differences.append(change[treated].mean())
    truth = -(rates[:, :, kinds.staff].sum(axis=2) * removed)[treated].mean()
    error = np.std(differences) / np.sqrt(len(differences))
    assert np.mean(differences) == pytest.approx(truth, abs=4 * error)
    assert truth < -0.05


def test_levels_run_in_parallel_without_training():
    profile = STATE.with_overrides({"branches": 10, "months": 24})
    calendar = Calendar.from_text("2023-01", 24)
    kinds = streams(profile)
    network = make_network(profile, calendar, kinds, np.random.default_rng(1))
    total = untrained_rates(profile, calendar, network, kinds).sum(axis=2)
    change = total - total[:, :1]
    assert np.allclose(change, change[0])
    factor = loan_factor(profile.with_overrides({"loan_season": 0.0}), calendar)
    assert factor[12] / factor[11] == pytest.approx(1.35 * 1.03 ** (1 / 12))
    assert kinds.share.sum() == pytest.approx(1.0)


def test_event_effects_average_to_the_att_of_the_records(bank):
    panel = branch_months(bank.records)
    exposure = (
        (panel["month"].dt.year - panel["first_trained"].dt.year) * 12
        + panel["month"].dt.month
        - panel["first_trained"].dt.month
        - 1
    )
    counts = exposure[exposure >= 0].astype(int).value_counts()
    events = pd.Series({k: bank.truth.value("training", f"event_{k}") for k in counts.index})
    assert (events * counts).sum() / counts.sum() == pytest.approx(
        bank.truth.value("training", "att")
    )
    assert bank.truth.value("training", "event_-1") == 0


def test_a_longer_wait_costs_what_redrawn_ratings_say(bank):
    rows = survey_rows(bank.records)
    waits = rows.loc[rows["wait_minutes"].notna(), "wait_minutes"].to_numpy(dtype=float)
    assert -0.07 < bank.truth.value("waiting", "plus_10") < -0.04
    assert bank.truth.value("waiting", "from_20") < 2 * bank.truth.value("waiting", "from_5")
    # Ratings drawn again from the model, at both waits, over the waits of the records.
    rng = np.random.default_rng(0)
    many = np.tile(waits, 40)

    def share(minutes):
        return (rate(-wait_cost(minutes, STATE), STATE, rng)["satisfaction"] >= 4).mean()

    drawn = share(many + 10) - share(many)
    exact = (
        satisfied(-wait_cost(waits + 10, STATE), STATE) - satisfied(-wait_cost(waits, STATE), STATE)
    ).mean()
    assert drawn == pytest.approx(exact, abs=4 * np.sqrt(0.5 / len(many)))


def test_wait_cost_bends_at_the_threshold():
    slope, bend = STATE.wait_slope, STATE.wait_threshold
    assert wait_cost(bend, STATE) == pytest.approx(slope * bend)
    assert wait_cost(bend + 4, STATE) - wait_cost(bend, STATE) == pytest.approx(4 * 2.5 * slope)


def test_without_effects_the_estimands_are_zero():
    none = {
        "training_effect": {"first": 0.0, "last": 0.0}, "policy_ratio": 1.0, "wait_slope": 0.0,
        "satisfaction_trained": 0.0, "satisfaction_complaint": 0.0,
        "closing_effects": {"recent_complaint": 0.0, "unresolved": 0.0, "dissatisfied": 0.0},
    }  # fmt: skip
    bank = simulate_bank(
        "state", 1, texts=False, branches=8, months=12, customers_per_branch=40, overrides=none
    )
    for design, term in (
        ("training", "att"), ("satisfaction", "wait_plus_10"), ("satisfaction", "branch_trained"),
        ("satisfaction", "recent_complaint"), ("loyalty", "recent_complaint"),
        ("loyalty", "unresolved"), ("loyalty", "dissatisfied"),
    ):  # fmt: skip
        assert bank.truth.value(design, term) == pytest.approx(0.0, abs=1e-12)
    assert bank.truth.value("policy", "level") == 1.0


def test_closing_differences_follow_the_true_hazard(bank):
    """Reweighting: the estimand worked out again from the panel that a reader sees."""
    rows = customer_months(bank.records).dropna(subset=["products"])
    effects = STATE.closing_effects
    troubles = {
        "recent_complaint": rows["complaint_last_3_months"].astype(float),
        "unresolved": rows["unresolved"].astype(float),
        "dissatisfied": (rows["mean_satisfaction"] <= 2).astype(float),
    }
    predictor = (
        np.log(STATE.closing / (1 - STATE.closing))
        + effects["age"] * (rows["age"].astype(float) - 48) / 10
        + effects["tenure"] * (rows["tenure_months"] / 12 - STATE.tenure_years)
        + effects["products"] * (rows["products"] - 2)
        + effects["log_balance"] * (rows["log_balance"] - STATE.log_balance["mass"])
        + sum(effects[name] * x for name, x in troubles.items())
    ).to_numpy(dtype=float)
    expected, seen = 1 / (1 + np.exp(-predictor)), rows["closed"].to_numpy(dtype=float)
    assert seen.sum() == pytest.approx(expected.sum(), abs=4 * np.sqrt(expected.sum()))
    for name, x in troubles.items():
        off = predictor - effects[name] * x.to_numpy()
        difference = (1 / (1 + np.exp(-off - effects[name])) - 1 / (1 + np.exp(-off))).mean()
        assert bank.truth.value("loyalty", name) == pytest.approx(difference, rel=0.05)


def test_shares_costs_and_delays_are_those_of_the_records(bank):
    truth, complaints = bank.truth, bank.frames["complaints"]
    share = (truth.complaints["primary"] == "X3").mean()
    assert truth.value("cause_shares", "X3") == pytest.approx(share)
    families = truth.estimands.query("design == 'cause_shares' and term.str.startswith('family_')")
    assert families["value"].sum() == pytest.approx(1.0)
    days = (complaints["responded"] - complaints["received"]).dt.total_seconds() / 86_400
    assert days.median() == pytest.approx(truth.value("handling", "median_days"), rel=0.1)
    assert (days <= 15).mean() == pytest.approx(truth.value("handling", "within_15_days"), abs=0.02)
    surveys = bank.frames["surveys"].query("trigger == 'complaint'").dropna(subset=["satisfied"])
    family = (
        surveys["complaint_id"].map(truth.complaints.set_index("complaint_id")["primary"]).str[0]
    )
    ok = surveys["satisfied"].astype(float)
    seen = ok[family == "X"].mean() - ok[family != "X"].mean()
    assert seen == pytest.approx(
        truth.value("cause_cost", "family_X"), abs=4 * 0.5 * 2 / np.sqrt(len(ok))
    )


def test_card_lists_everything_in_both_languages(bank):
    card = bank.truth.card()
    assert set(card["part"]) == {"estimand", "parameter"}
    assert card["name"].is_unique and card["source"].notna().all()
    shown = bank.truth._repr_html_()
    assert 'lang="zh"' in shown and 'lang="en"' in shown and "ASSUMED" in shown
    with pytest.raises(KeyError):
        bank.truth.value("waiting", "nothing")


def test_hidden_states_are_those_that_the_panels_show(bank, monkeypatch):
    """What moved each rating is what the panel says of it, row by row."""
    from svcquality.simulate import bank as module

    kept = []
    real = module.live
    monkeypatch.setattr(module, "live", lambda *a: kept.append(real(*a)) or kept[-1])
    again = simulate_bank("state", 4, texts=False, branches=24, months=24, customers_per_branch=100)
    hidden = kept[0].surveys
    hidden = hidden.assign(survey_id=again.frames["surveys"]["survey_id"])
    both = survey_rows(bank.records).merge(hidden, on="survey_id", suffixes=("", "_true"))
    both = both[both["trigger"] == "visit"]
    assert len(both) > 500
    assert (both["branch_trained"].astype(bool) == both["trained"].astype(bool)).all()
    assert (both["recent_complaint"].astype(bool) == both["recent"].astype(bool)).all()
    assert np.allclose(both["wait_minutes"], both["wait"].astype(float))
    assert both["trained"].astype(bool).any() and both["recent"].astype(bool).any()
