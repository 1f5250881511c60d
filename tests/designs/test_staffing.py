"""Staffing: windows and patience are read back, advice meets the true queue, bad logs are refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from tests.designs.queue_bank import bank, tickets

from svcquality.checks.staffing_queue import (
    call_order,
    days_measured,
    first_is_clear,
    leavers_unseen,
    queue_fits,
    windows_read,
)
from svcquality.designs._staffing_measure import measure
from svcquality.designs._staffing_tickets import queue_tickets
from svcquality.designs._staffing_windows import open_windows
from svcquality.designs.staffing import staffing
from svcquality.errors import InputError
from svcquality.findings import Finding, Grade
from svcquality.records.bank import Records
from svcquality.simulate.bank import _sized
from svcquality.simulate.months import Calendar
from svcquality.simulate.network import make_network, streams
from svcquality.simulate.tickets import Tickets, make_tickets

BUSY = np.array([7.0, 8, 7, 6, 6, 7, 8, 7, 5, 4])
LUNCH = np.array([2, 2, 2, 2, 1, 1, 2, 2, 2, 2])


@pytest.fixture(scope="module")
def small() -> Records:
    return bank(
        tickets(1, branch="城东（一）", rates=BUSY, windows=LUNCH),
        tickets(2, branch="B [2]", rates=BUSY * 1.4, windows=LUNCH + 1),
    )


@pytest.fixture(scope="module")
def found(small: Records) -> Finding:
    return staffing(small, added=(1, 2, -1), days=60, seed=3)


def read(visits: pd.DataFrame) -> np.ndarray:
    log = queue_tickets(Records.from_frames(visits=visits).visits)
    return open_windows(log).plan(0)


@pytest.mark.parametrize(
    "windows",
    [
        LUNCH,
        np.array([0, 2, 2, 2, 0, 0, 2, 2, 2, 2]),  # tickets before opening, closed over lunch
        np.ones(10, dtype=int),
        np.array([3, 3, 3, 2, 2, 1, 2, 3, 3, 3]),
    ],
)
def test_windows_are_read_off_the_tickets(windows: np.ndarray) -> None:
    load = np.array([6.0, 7, 7, 6, 5, 5, 6, 6, 5, 5]) * max(windows.max() / 2, 0.6)
    np.testing.assert_array_equal(read(tickets(5, rates=load, windows=windows)), windows)


def test_plans_that_change_from_day_to_day_are_followed() -> None:
    rng = np.random.default_rng(8)
    by_day = np.repeat(rng.integers(1, 4, size=(30, 1)), 10, axis=1)
    got = read(tickets(6, rates=np.full(10, 9.0), windows=by_day))
    assert got.shape == (30, 10)
    assert (got == by_day).mean() > 0.8


def test_a_column_of_windows_is_believed(small: Records) -> None:
    visits = tickets(1, rates=BUSY, windows=LUNCH)
    half_hour = (visits["arrived"].dt.hour - 9) * 2 + visits["arrived"].dt.minute // 30
    visits["开窗"] = LUNCH[np.minimum(half_hour, 9)] + 1
    records = Records.from_frames(visits=visits[[c for c in visits if c != "开窗"]])
    with_column = records.visits.assign(开窗=visits["开窗"].to_numpy())
    log = queue_tickets(with_column, None, "开窗")
    np.testing.assert_array_equal(open_windows(log).plan(0), LUNCH + 1)
    with pytest.raises(InputError, match="no column"):
        staffing(small, windows="counters")


@pytest.mark.parametrize("how", [{}, {"left_at": True}, {"called_absent": True}])
def test_patience_comes_back_however_leaving_is_recorded(how: dict[str, bool]) -> None:
    visits = Records.from_frames(
        visits=tickets(9, days=200, rates=BUSY, windows=LUNCH, patience=60.0, **how)
    ).visits
    log = queue_tickets(visits)
    _, shared = measure(log, open_windows(log))
    assert 1 / shared["patience_rate"] == pytest.approx(60, rel=0.08)


def test_the_answer(found: Finding) -> None:
    table = found.table.set_index("term")
    assert found.grade == Grade.ASSOCIATED
    assert not found.blocked
    assert {c.name: c.status for c in found.checks}["queue_fits"] == "passed"
    level = table["estimate"]
    assert level["wait_plus_2"] < level["wait_plus_1"] < level["wait_now"] < level["wait_minus_1"]
    assert level["saved_minutes_plus_1"] == pytest.approx(level["wait_now"] - level["wait_plus_1"])
    assert level["late_plus_1"] < level["late_now"]
    known = table.dropna(subset=["low"])
    assert ((known["low"] <= known["estimate"]) & (known["estimate"] <= known["high"])).all()
    first = found.frames["first"]
    assert (first["estimate"].diff().dropna() <= 0).all()
    assert (first["tied_to"] >= first["rank"]).all()
    assert "satisfied_plus_1" not in table.index
    assert "no surveys" in found.method.en
    for language in ("zh", "en"):
        for k in range(len(found.claims)):
            said = found.claim_sentence(k, language)
            assert "effect" not in said
            assert "导致" not in said


def test_removing_costs_and_adding_saves_by_the_hour(found: Finding) -> None:
    hours = found.frames["hours"]
    assert (hours["saved_by_one_more"] >= -1e-9).all()
    assert (hours["cost_of_one_fewer"].dropna() >= -1e-9).all()
    lunch = hours[(hours["branch_id"] == "城东（一）") & hours["from"].isin(["11:00", "11:30"])]
    assert lunch["cost_of_one_fewer"].isna().all()  # one window only


def test_the_target_is_reached_on_days_that_did_not_choose_the_hours(found: Finding) -> None:
    target = found.frames["target"]
    assert target["reached"].all()
    assert (target["late_then"] <= 0.2).all()
    assert ((target["low"] <= target["hours"]) & (target["hours"] <= target["high"])).all()
    assert found.effect("window_hours_for_target").estimate == target["hours"].sum() > 0


def test_same_seed_same_answer(small: Records, found: Finding) -> None:
    again = staffing(small, added=(1, 2, -1), days=60, seed=3)
    pd.testing.assert_frame_equal(again.table, found.table)
    pd.testing.assert_frame_equal(again.frames["first"], found.frames["first"])


def test_advice_meets_the_true_queue() -> None:
    """Forty branches: the saving foretold from the records, and that of the same days rerun."""
    months = 14
    profile = _sized("rural", "base", {}, 40, months, 20)
    calendar = Calendar.from_text("2023-01", months)
    network = make_network(profile, calendar, streams(profile), np.random.default_rng(3))

    def log_of(more: int, seed: int) -> Tickets:
        changed = dataclasses.replace(network, windows=network.windows + more)
        rng, priority = np.random.default_rng(seed), np.random.default_rng(0)
        return make_tickets(changed, profile, calendar, rng, priority)

    def saving(seed: int) -> np.ndarray:
        now, then = log_of(0, seed), log_of(1, seed)
        total = [np.bincount(log.branch, log.wait_minutes) for log in (now, then)]
        return (total[0] - total[1]) / np.bincount(now.branch)

    log = log_of(0, 100)
    here = ~log.abandoned
    visits = pd.DataFrame(
        {
            "visit_id": np.arange(len(log.branch)).astype(str),
            "branch_id": pd.Series(log.branch).map("B{:02d}".format),
            "staff_id": pd.Series(log.staff).astype(str).where(here),
            "arrived": calendar.times(log.arrived),
            **{
                t: pd.Series(calendar.times(getattr(log, t))).where(here)
                for t in ("called", "ended")
            },
            "abandoned": log.abandoned,
            "service_type": log.service_type,
        }
    )
    found = staffing(Records.from_frames(visits=visits), added=(1,), days=50, seed=1)
    by_branch = found.frames["branches"]
    saved = by_branch[(by_branch["measure"] == "saved_minutes") & (by_branch["added"] == 1)]
    low, high = saved["low"].to_numpy(), saved["high"].to_numpy()
    usual = np.mean([saving(seed) for seed in range(12)], axis=0)
    for truth in (saving(100), usual):
        assert len(truth) == 40
        assert ((low <= truth) & (truth <= high)).mean() >= 0.9
    assert saved["estimate"].mean() == pytest.approx(usual.mean(), rel=0.1)


def test_minutes_saved_are_told_in_satisfied_customers() -> None:
    visits = tickets(4, days=40, rates=BUSY, windows=LUNCH)
    served = visits[~visits["abandoned"]].reset_index(drop=True)
    wait = (served["called"] - served["arrived"]).dt.total_seconds() / 60
    rng = np.random.default_rng(5)
    surveys = pd.DataFrame(
        {
            "survey_id": [f"S{i}" for i in range(len(served))],
            "visit_id": served["visit_id"],
            "trigger": "visit",
            "answered": served["ended"],
            "satisfied": rng.random(len(served)) < 0.85 - 0.006 * np.minimum(wait, 100),
        }
    )
    found = staffing(bank(visits, surveys=surveys), added=(1,), days=60)
    row = found.table.set_index("term").loc["satisfied_plus_1"]
    saved = found.effect("saved_minutes_plus_1").estimate
    assert row["low"] < 0.006 * saved < row["high"]
    at = [c.outcome.en for c in found.claims].index("the expected share of satisfied customers")
    assert "associated" in found.claim_sentence(at, "en")
    assert "相关联" in found.claim_sentence(at, "zh")


def test_a_queue_that_is_not_first_come_first_served_gives_no_advice() -> None:
    visits = tickets(7, rates=BUSY, windows=LUNCH)
    rng = np.random.default_rng(1)
    served = np.flatnonzero(~visits["abandoned"])
    # Within a day the same calls go to other customers who were there: later ones first.
    day = visits["arrived"].dt.date.to_numpy()
    for d in np.unique(day):
        rows = served[day[served] == d]
        mixed = rng.permutation(rows)
        ok = (visits["called"].to_numpy()[rows] >= visits["arrived"].to_numpy()[mixed]).mean()
        if ok < 0:
            continue
        arrived = visits["arrived"].to_numpy().copy()
        arrived[rows] = np.minimum(
            visits["arrived"].to_numpy()[mixed], visits["called"].to_numpy()[rows]
        )
        visits["arrived"] = arrived
    found = staffing(bank(visits), days=40)
    assert found.blocked
    assert "order" in found.sentence("en")
    assert "先到" in found.sentence("zh") or "取号" in found.sentence("zh")


def test_logs_that_cannot_be_followed() -> None:
    log = tickets(1, days=8)
    with pytest.raises(InputError, match="at least 5 days"):
        staffing(bank(tickets(1, days=1)))
    with pytest.raises(InputError, match="call and of its end"):
        staffing(bank(log.drop(columns=["called", "started", "ended"])))
    with pytest.raises(InputError, match="no visits to branch"):
        staffing(bank(log), branches=["nowhere"])
    for wrong in (
        {"added": []},
        {"added": [0]},
        {"added": [1, 1]},
        {"target_share": 80.0},
        {"days": 3},
    ):
        with pytest.raises(InputError):
            staffing(bank(log), **wrong)


def test_odd_logs_are_answered() -> None:
    log = tickets(2, days=12, patience=None, staff=False)
    night = log.iloc[:1].assign(
        visit_id="night", arrived=log["arrived"].iloc[0] - pd.Timedelta("6h")
    )
    night = night.assign(called=night["arrived"], started=pd.NaT, ended=night["arrived"])
    unknown = log.iloc[1:2].assign(visit_id="open", called=pd.NaT, started=pd.NaT, ended=pd.NaT)
    few = tickets(3, branch="新网点", days=2, patience=None)
    quick = log["service_type"] == "cash"
    log.loc[quick, "ended"] = log.loc[quick, "called"]  # services of zero minutes
    log.loc[quick, "started"] = log.loc[quick, "called"]
    found = staffing(bank(log, night, unknown, few), days=40)
    assert "Nobody is recorded to have left" in found.method.en
    rows = found.flow["rows"].tolist()
    assert rows == sorted(rows, reverse=True)
    assert rows[0] == len(log) + len(few) + 2
    assert rows[-1] == len(log)
    assert {c.name: c.status for c in found.checks}["days_measured"] == "warn"


def test_a_branch_without_a_window_left_is_told_to_build(small: Records) -> None:
    branches = pd.DataFrame({"branch_id": ["城东（一）", "B [2]"], "windows": [2, 9]})
    found = staffing(
        Records.from_frames(visits=small.visits, branches=branches), added=(1,), days=40
    )
    first = found.frames["first"]
    beyond = first["label_zh"].str.contains("需增设")
    assert (beyond == ((first["branch_id"] == "城东（一）") & (first["windows_then"] > 2))).all()
    assert not (beyond & (first["branch_id"] == "B [2]")).any()


@pytest.mark.parametrize(
    ("distance", "chance", "status"),
    [(0.05, 0.1, "passed"), (0.2, 0.1, "warn"), (0.2, 0.3, "passed"), (0.6, 0.1, "block")],
)
def test_a_present_that_is_not_reproduced_withholds_the_advice(
    distance: float, chance: float, status: str
) -> None:
    check = queue_fits(distance, chance, 20.0, 25.0)
    assert check.status == status
    assert f"{distance:.0%}" in check.text.zh
    assert f"{distance:.0%}" in check.text.en


def test_other_checks_turn_at_their_thresholds() -> None:
    assert [call_order(s).status for s in (0.01, 0.1, 0.5)] == ["passed", "warn", "block"]
    assert [windows_read(s, False).status for s in (0.9, 0.5)] == ["passed", "warn"]
    assert [days_measured(d, n).status for d, n in ((30, 0), (8, 0), (30, 2))] == [
        "passed", "warn", "warn",
    ]  # fmt: skip
    assert [first_is_clear(t).status for t in (0, 1, 4)] == ["passed", "passed", "warn"]
    assert [leavers_unseen(s).status for s in (0.02, 0.2)] == ["passed", "warn"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_figure(found: Finding, language: str) -> None:
    figure = found.plot(language=language).figure
    figure.draw_without_rendering()
    said = "".join(t.get_text() for t in figure.findobj(Text))
    assert "城东（一）" in said
