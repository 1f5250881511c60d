"""The simulated bank: same seed same bank, calibrated, consistent with itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.records.panel import branch_months, customer_months, survey_rows
from svcquality.records.read import read_records
from svcquality.records.tables import TABLES
from svcquality.simulate import taxonomy as tx
from svcquality.simulate.bank import simulate_bank
from svcquality.simulate.months import Calendar
from svcquality.simulate.profiles import PROFILES

SMALL = {"branches": 12, "months": 18, "customers_per_branch": 60}


@pytest.fixture(scope="module")
def bank():
    return simulate_bank("state", 5, texts=False, **SMALL)


@pytest.fixture(scope="module")
def written():
    return simulate_bank("state", 6, branches=6, months=12, customers_per_branch=30)


@pytest.fixture(scope="module", params=sorted(PROFILES))
def full(request):
    return request.param, simulate_bank(request.param, 11, texts=False)


def test_same_seed_same_bank_and_another_seed_another(bank):
    again = simulate_bank("state", 5, texts=False, **SMALL)
    other = simulate_bank("state", 6, texts=False, **SMALL)
    for name, frame in bank.frames.items():
        pd.testing.assert_frame_equal(frame, again.frames[name])
    pd.testing.assert_frame_equal(bank.truth.estimands, again.truth.estimands)
    assert not bank.frames["complaints"].equals(other.frames["complaints"])


def test_written_bytes_are_the_same_and_read_back(written, tmp_path):
    written.write(tmp_path / "a")
    simulate_bank("state", 6, branches=6, months=12, customers_per_branch=30).write(tmp_path / "b")
    files = sorted(
        p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file()
    )
    assert {"visits.parquet", "accounts.parquet", "complaints.csv", "data_card.md"} <= {
        str(f) for f in files
    }
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    back = read_records(tmp_path / "a")
    for name, frame in written.records.tables.items():
        pd.testing.assert_frame_equal(
            frame, getattr(back, name), check_dtype=False, check_exact=False, rtol=1e-6
        )


def test_the_call_in_the_data_card_makes_the_same_files():
    """The call names every size; naming a default must not turn its source into an override."""
    bank = simulate_bank("state", 3, texts=False, hand_coded=20, overrides={"months": 12})
    again = eval(bank.made_by, {"simulate_bank": simulate_bank})
    assert again.made_by == bank.made_by
    pd.testing.assert_frame_equal(again.truth.parameters, bank.truth.parameters)
    pd.testing.assert_frame_equal(again.truth.estimands, bank.truth.estimands)
    for name, frame in bank.frames.items():
        pd.testing.assert_frame_equal(frame, again.frames[name])


def test_only_the_tables_asked_for_are_exported_and_they_are_the_same(bank):
    some = simulate_bank("state", 5, texts=False, tables=["visits", "surveys"], **SMALL)
    assert set(some.frames) == set(some.records.tables) == {"visits", "surveys"}
    for name, frame in some.frames.items():
        pd.testing.assert_frame_equal(frame, bank.frames[name])
    pd.testing.assert_frame_equal(some.truth.estimands, bank.truth.estimands)
    assert eval(some.made_by, {"simulate_bank": simulate_bank}).made_by == some.made_by


def test_texts_are_there_and_repeats_repeat(written):
    texts = written.frames["complaints"].set_index("complaint_id")["text"]
    assert texts.str.len().between(4, 400).all()
    assert texts.nunique() > 0.8 * len(texts)
    repeats = written.truth.complaints.dropna(subset=["repeats"])
    assert len(repeats) >= 1
    assert (texts[repeats["complaint_id"]].to_numpy() == texts[repeats["repeats"]].to_numpy()).all()


def test_repeats_are_later_and_of_the_same_customer():
    bank = simulate_bank("joint_stock", 3, texts=False, **SMALL)
    complaints = bank.frames["complaints"].set_index("complaint_id")
    repeats = bank.truth.complaints.dropna(subset=["repeats"])
    assert len(repeats) == pytest.approx(0.02 * len(complaints), rel=0.2)
    later, first = complaints.loc[repeats["complaint_id"]], complaints.loc[repeats["repeats"]]
    assert (later["received"].to_numpy() > first["received"].to_numpy()).all()
    for name in ("customer_id", "branch_id", "business"):
        assert (later[name].to_numpy() == first[name].to_numpy()).all()


def test_keys_are_unique_times_in_order_and_nothing_is_repaired(bank):
    assert bank.records.repairs.empty
    for name, table in bank.frames.items():
        assert not table.duplicated(list(TABLES[name].key)).any(), name
        for before, after in zip(
            TABLES[name].time_order, TABLES[name].time_order[1:], strict=False
        ):
            if before in table and after in table:
                both = table[[before, after]].dropna()
                assert (both[before] <= both[after]).all(), (name, before, after)
    tickets = bank.frames["visits"]
    waits = tickets["called"].isna()
    assert (waits == tickets["abandoned"]).all()


def test_references_lead_somewhere(bank):
    f = bank.frames
    assert f["complaints"]["customer_id"].isin(f["customers"]["customer_id"]).all()
    assert f["visits"]["customer_id"].isin(f["customers"]["customer_id"]).all()
    surveys = f["surveys"]
    assert surveys["visit_id"].dropna().isin(f["visits"]["visit_id"]).all()
    assert surveys["complaint_id"].dropna().isin(f["complaints"]["complaint_id"]).all()
    home = f["customers"].set_index("customer_id")["branch_id"]
    assert (home[f["complaints"]["customer_id"]].to_numpy() == f["complaints"]["branch_id"]).all()
    assert set(f["training"]["branch_id"]) < set(f["branches"]["branch_id"])


def test_nobody_visits_or_is_counted_after_closing(bank):
    accounts = bank.frames["accounts"]
    closing = accounts[accounts["closed"]].set_index("customer_id")["month"]
    last = accounts.groupby("customer_id")["month"].max()
    assert (last[closing.index] == closing).all()
    visits = bank.frames["visits"]
    gone = visits["customer_id"].map(closing)
    assert not (visits["arrived"] >= gone + pd.offsets.MonthBegin(1)).any()


def test_months_before_joining_are_absent():
    bank = simulate_bank("state", 2, texts=False, overrides={"joining": 0.3}, **SMALL)
    joined = bank.frames["customers"].set_index("customer_id")["joined"]
    first = bank.frames["accounts"].groupby("customer_id")["month"].min()
    start = bank.frames["accounts"]["month"].min()
    assert (first >= joined[first.index]).all()
    assert (first > start).mean() == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_volume_and_recorded_mix_are_the_published_ones(name):
    """Before training and the policy change them; with them, volume stays near."""
    profile = PROFILES[name]
    before = {"training_effect": {"first": 0.0, "last": 0.0}, "policy_ratio": 1.0}
    bank = simulate_bank(name, 12, texts=False, customers_per_branch=20, overrides=before)
    complaints = bank.frames["complaints"]
    per_outlet_month = len(complaints) / profile.branches / profile.months
    assert per_outlet_month == pytest.approx(profile.complaints_per_outlet_month, rel=0.08)
    recorded = complaints["recorded_cause"].value_counts(normalize=True)
    total = sum(profile.reasons.values())
    for reason, share in profile.reasons.items():
        share /= total
        error = np.sqrt(share * (1 - share) / len(complaints))
        assert recorded.get(reason, 0.0) == pytest.approx(share, abs=0.01 + 3 * error), reason
    true_reason = bank.truth.complaints["primary"].map(tx.REASON_OF)
    right = (complaints["recorded_cause"].to_numpy() == true_reason.to_numpy()).mean()
    assert right == pytest.approx(0.81, abs=0.04)


def test_waits_closings_and_answers_are_plausible(full):
    name, bank = full
    visits = bank.frames["visits"]
    waits = (visits["called"] - visits["arrived"]).dt.total_seconds() / 60
    assert {"state": 14, "joint_stock": 8, "rural": 8}[name] < waits.mean() < 28
    assert 0.02 < visits["abandoned"].mean() < 0.13
    assert (visits.groupby([visits["branch_id"], visits["arrived"].dt.date]).size()).mean() > 40
    complaints = len(bank.frames["complaints"])
    published = PROFILES[name].complaints_per_outlet_month
    assert complaints / PROFILES[name].branches / 36 == pytest.approx(published, rel=0.15)
    yearly = 12 * bank.frames["accounts"]["closed"].mean()
    assert 0.06 < yearly < 0.13
    if name == "state":
        loans = (bank.frames["complaints"]["business"] == "loan").sum() / 36
        assert loans >= 40


def test_loans_arise_only_where_the_policy_reaches(full):
    _, bank = full
    loans = (bank.frames["complaints"]["business"] == "loan").to_numpy()
    assert set(bank.truth.complaints.loc[loans, "primary"]) <= set(tx.LOAN_CAUSES)


def test_hand_coded_sample_is_random_and_true(bank):
    complaints = bank.frames["complaints"]
    coded = complaints["coded_cause"].notna()
    assert complaints["coding_probability"].nunique() == 1
    assert coded.mean() == pytest.approx(complaints["coding_probability"].iloc[0])
    truth = bank.truth.complaints["primary"]
    assert (complaints.loc[coded, "coded_cause"].to_numpy() == truth[coded].to_numpy()).all()
    fifty = simulate_bank("state", 5, texts=False, hand_coded=50, **SMALL)
    assert fifty.frames["complaints"]["coded_cause"].notna().sum() == 50


def test_base_world_trains_the_permanently_worst():
    bank = simulate_bank("state", 5, texts=False, branches=40, months=18, customers_per_branch=20)
    truth = bank.truth.branches
    rate = truth["other_rate"] + truth["staff_rate"]
    trained = truth["first_exposed"].notna()
    assert trained.mean() == pytest.approx(0.7, abs=0.02)
    assert rate[trained].min() > rate[~trained].max()
    assert truth.loc[trained, "first_exposed"].nunique() == 5


def test_every_parameter_has_a_source_or_is_assumed():
    for name, profile in PROFILES.items():
        table = profile.table()
        assert table["name"].is_unique
        assert table["source"].str.len().gt(5).all(), name
        assert table["unit"].str.len().gt(0).all()
        published = table[table["name"].str.startswith(("reasons", "complaints_per_outlet"))]
        assert published["source"].nunique() == 2
    assert PROFILES["state"].table()["source"].str.contains("ASSUMED").mean() < 1


def test_truth_lists_the_shared_numbers_too(bank):
    names = set(bank.truth.parameters["name"])
    assert {"escalated_anger", "spread[信息披露][C5]", "arrivals[0]", "reasons[信息披露]"} <= names
    assert bank.truth.parameters["name"].is_unique
    assert bank.truth.parameters["source"].notna().all()


def test_overrides_reach_the_parameters_and_say_so():
    bank = simulate_bank("rural", 1, texts=False, overrides={"policy_ratio": 2.0}, **SMALL)
    row = bank.truth.parameters.set_index("name").loc["policy_ratio"]
    assert row["value"] == 2.0 and "override" in row["source"]
    assert bank.truth.value("policy", "level") == 2.0


def test_worlds_differ_from_the_base_where_they_should(bank):
    broken = simulate_bank("state", 5, texts=False, world="definition_break", **SMALL)
    complaints = broken.frames["complaints"]
    assert set(complaints["definition_version"]) == {"v1", "v2"}
    silent = simulate_bank("state", 5, texts=False, world="unhappy_silent", **SMALL)

    def satisfied(of):
        return of.frames["surveys"].query("trigger == 'visit'")["satisfied"].mean()

    assert satisfied(silent) > satisfied(bank) + 0.05
    assert set(bank.frames["complaints"]["definition_version"]) == {"v1"}


@pytest.mark.parametrize(
    "options",
    [
        {"profile": "village"},
        {"world": "flat"},
        {"branches": 1},
        {"months": 3},
        {"start": "spring"},
        {"overrides": {"wait_slop": 1}},
        {"tables": ["visit"]},
    ],
)
def test_wrong_options_are_refused_with_one_sentence(options):
    with pytest.raises(InputError) as error:
        simulate_bank(**{"profile": "state", "texts": False, **SMALL, **options})
    assert error.value.en and error.value.zh


@settings(max_examples=30, deadline=None)
@given(year=st.integers(1990, 2040), month=st.integers(1, 12), length=st.integers(1, 60))
def test_a_calendar_agrees_with_the_real_one(year, month, length):
    calendar = Calendar.from_text(f"{year}-{month:02d}", length)
    real = pd.date_range(f"{year}-{month:02d}-01", periods=length + 1, freq="MS", unit="ns")
    assert (calendar.times(calendar.edges) == real.to_numpy()).all()
    assert (calendar.month_of_year == real[:-1].month - 1).all()
    days = pd.DatetimeIndex(
        calendar.times(calendar.workday(np.arange(length), np.random.default_rng(length)))
    )
    assert (days.day_of_week < 5).all()
    assert (days.to_period("M") == real[:-1].to_period("M")).all()


def test_panels_see_the_history_that_the_simulation_used():
    """Indicators of the panels are those that moved closings and ratings."""
    bank = simulate_bank("state", 8, texts=False, **SMALL)
    rows = customer_months(bank.records)
    assert rows["complaint_last_3_months"].mean() > 0.005
    ratings = survey_rows(bank.records)
    assert ratings["recent_complaint"].mean() > 0
    trained = bank.truth.branches.set_index("branch_id")["first_exposed"]
    seen = branch_months(bank.records).drop_duplicates("branch_id").set_index("branch_id")
    assert (seen["first_trained"].dropna() + pd.offsets.MonthBegin(1) == trained.dropna()).all()
    used = ratings.merge(bank.truth.branches[["branch_id", "first_exposed"]])
    used = used[used["wait_minutes"].notna() & used["first_exposed"].notna()]
    assert used.loc[used["month"] > used["first_exposed"], "branch_trained"].all()
