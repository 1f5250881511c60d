"""Bottleneck: stages add up exactly, the named stage is the true one, odd logs are answered."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.designs.queue_bank import bank, tickets

from svcquality.designs._bottleneck_spread import nested_shares, resampled_shares
from svcquality.designs._bottleneck_stages import STAGES, quantile, stage_minutes, tail_parts
from svcquality.designs.bottleneck import bottleneck
from svcquality.errors import InputError
from svcquality.findings import Finding, Grade
from svcquality.records.bank import Records

LUNCH = np.array([2, 2, 2, 2, 1, 1, 2, 2, 2, 2])
BUSY = np.array([7.0, 8, 7, 6, 6, 7, 8, 7, 5, 4])


@pytest.fixture(scope="module")
def records() -> Records:
    return bank(
        *(
            tickets(
                b, branch=f"网点（{b:02d}）", rates=BUSY * (0.8 + 0.03 * b), windows=LUNCH, days=15
            )
            for b in range(12)
        )
    )


@pytest.fixture(scope="module")
def found(records: Records) -> Finding:
    return bottleneck(records)


def test_stages_add_up_exactly(found: Finding, records: Records) -> None:
    level = found.table.set_index("term")["estimate"]
    for group in ("slow", "busy", "minutes"):
        parts = sum(level[f"{group}_{stage}"] for stage in STAGES)
        assert parts == pytest.approx(level[f"{group}_total"], abs=1e-9)
    assert sum(level[f"slow_share_{stage}"] for stage in STAGES) == pytest.approx(1)
    assert sum(level[t] for t in level.index if t.startswith("spread_")) == pytest.approx(1)
    stages = stage_minutes(records.visits)
    there = (records.visits["ended"] - records.visits["arrived"]).dt.total_seconds() / 60
    np.testing.assert_allclose(stages["total"], there.loc[stages.index], atol=1e-9)
    by_hand = stages["total"] > stages["total"].quantile(0.9)
    gap = stages.loc[by_hand].mean() - stages.loc[~by_hand].mean()
    assert level["slow_waiting"] == pytest.approx(gap["waiting"])


def test_the_queue_is_named_where_it_is_the_bottleneck(found: Finding) -> None:
    assert found.grade == Grade.DESCRIBES
    assert found.table["term"].iloc[0] == "slow_share_waiting"
    assert found.effect().low > 0.5
    assert found.sentence("zh").startswith("等候叫号的时间占最慢一成到店多花时间的比例为")
    level = found.table.set_index("term")
    assert level.loc["busy_waiting", "low"] > 0  # lunch with one window is the busy time
    worst = found.frames["cells"].nlargest(1, "estimate").iloc[0]
    assert worst["column"] in ("11:30", "12:00", "12:30")
    late = [t for t in level.index if t.startswith("late[")]
    assert late
    assert found.frames["cells"].set_index(["row", "column"])["p_adjusted"].between(0, 1).any()


def test_no_stage_is_named_where_two_are_alike() -> None:
    rng = np.random.default_rng(3)
    n = 400
    arrived = pd.Timestamp("2024-05-06 09:00") + pd.to_timedelta(
        rng.integers(0, 28_800, n), unit="s"
    )
    arrived = arrived + pd.to_timedelta(rng.integers(0, 20, n), unit="D")
    called = arrived + pd.to_timedelta(rng.exponential(600, n).round(), unit="s")
    ended = called + pd.to_timedelta(rng.exponential(600, n).round(), unit="s")
    visits = pd.DataFrame(
        {
            "visit_id": np.arange(n).astype(str), "branch_id": rng.choice(["a", "b"], n),
            "arrived": arrived, "called": called, "ended": ended,
        }
    )  # fmt: skip
    found = bottleneck(Records.from_frames(visits=visits))
    assert found.table["term"].iloc[0] == "slow_total"
    level = found.table.set_index("term")
    assert level.loc["minutes_walking", "estimate"] == 0  # no start of service on record


def test_errors_of_the_slowest_tenth_are_those_of_repeated_samples() -> None:
    """The edge of the tenth is estimated too; to take it as given would be a third too sure."""

    def draw(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        return np.column_stack([rng.exponential(10, 800), rng.gamma(4, 2, 800)])

    parts = [tail_parts(draw(seed), None) for seed in range(300)]
    estimates = np.array([p.estimate for p in parts])
    errors = np.array([np.sqrt(np.diag(p.covariance)) for p in parts])
    np.testing.assert_allclose(errors.mean(axis=0), estimates.std(axis=0), rtol=0.12)


def test_quantiles_hold_the_truth() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(300):
        clusters = np.repeat(np.arange(60), 10)
        x = rng.exponential(10, 600) * np.repeat(rng.gamma(25, 1 / 25, 60), 10)
        found = quantile(x, 0.5, clusters)
        held += found.low <= 6.92 <= found.high
    assert held / 300 > 0.9


def test_variance_splits_as_the_law_says() -> None:
    rng = np.random.default_rng(2)
    branch = np.repeat(np.arange(20), 100)
    hour = branch * 10 + np.tile(np.repeat(np.arange(10), 10), 20)
    wait = rng.normal(0, 1, 20)[branch] + rng.normal(0, 2, 200)[hour] + rng.normal(0, 3, 2000)
    shares = nested_shares(wait, [branch, hour])
    assert shares.sum() == pytest.approx(1)
    frame = pd.DataFrame({"b": branch, "h": hour, "w": wait})
    between = frame.groupby("b")["w"].transform("mean").var(ddof=0)
    within = frame.groupby("h")["w"].var(ddof=0).mean()
    assert shares[0] == pytest.approx(between / wait.var())
    assert shares[2] == pytest.approx(within / wait.var())
    draws = resampled_shares(wait, [branch, hour], branch, 0)
    np.testing.assert_allclose(draws.sum(axis=1), 1)
    low, high = np.quantile(draws, [0.001, 0.999], axis=0)
    assert ((low < shares) & (shares < high)).all()
    assert np.isnan(nested_shares(np.ones(4), [np.zeros(4, int)])).all()


@pytest.mark.parametrize("by", ["service_type", ["branch_id", "weekday"], ["channel", "hour"]])
def test_other_maps(records: Records, by: list[str]) -> None:
    found = bottleneck(records, by=by, threshold=10)
    cells = found.frames["cells"]
    assert cells["visits"].sum() == found.flow["rows"].iloc[-1]
    assert "10 minutes" in found.method.en
    if "weekday" in by:
        assert set(cells["column_zh"]) <= {"周一", "周二", "周三", "周四", "周五", "周六", "周日"}
    found.plot(language="zh")


def test_odd_logs(records: Records) -> None:
    one_day = bottleneck(bank(tickets(1, days=2, rates=BUSY * 2, windows=LUNCH + 2)))
    assert {c.name: c.status for c in one_day.checks}["days_measured"] == "warn"
    assert "spread_branches" not in set(one_day.table["term"])
    visits = records.visits.copy()
    lost = visits.index[:200]
    visits.loc[lost, "ended"] = pd.NaT
    forgotten = visits.index[300:310]
    visits.loc[forgotten, "ended"] = visits.loc[forgotten, "ended"] + pd.Timedelta("20h")
    found = bottleneck(Records.from_frames(visits=visits))
    assert found.flow["rows"].is_monotonic_decreasing
    no_branch = bottleneck(Records.from_frames(visits=visits.drop(columns="branch_id")))
    assert set(no_branch.frames["cells"]["row"]) == {"—"}
    same = visits.assign(called=visits["arrived"], started=visits["arrived"])
    same["ended"] = same["arrived"] + pd.Timedelta("5min")
    level = bottleneck(Records.from_frames(visits=same)).table.set_index("term")
    assert level.loc["wait_p90", "estimate"] == 0
    assert "spread_branches" not in level.index


def test_what_cannot_be_taken_apart(records: Records) -> None:
    with pytest.raises(InputError, match="arrived, called"):
        bottleneck(Records.from_frames(visits=records.visits.drop(columns="ended")))
    for wrong in (
        {"by": ["branch_id", "mood"]},
        {"by": []},
        {"by": ["hour", "hour"]},
        {"threshold": 0},
    ):
        with pytest.raises(InputError):
            bottleneck(records, **wrong)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_sentences_and_figure(found: Finding, language: str) -> None:
    for k in range(len(found.claims)):
        said = found.claim_sentence(k, language)
        assert "effect" not in said
        assert "nan" not in said
    found.plot(language=language).figure.draw_without_rendering()
