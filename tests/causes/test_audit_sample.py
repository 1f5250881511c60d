from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.causes.audit_sample import allocate, draw_sample, inclusion_probabilities
from svcquality.causes.measure import MeasuredCauses, measure_causes
from svcquality.errors import InputError

PHRASES = {
    "Q1": ["叫号叫了半天", "排队排了两小时", "取号之后前面还有三十多人", "只开了一个窗口"],
    "T1": ["手机银行一打开就闪退", "登录不上一直报错", "验证码收不到", "页面卡死"],
    "Z1": ["第三方催收威胁家人", "催收一天打十几个电话", "爆通讯录", "催款短信轰炸"],
}
FILLER = ["上周三下午", "人民路网点", "真让人无语", "带着孩子过去", "本人持卡多年", "一肚子气回家"]
TEMPLATE = "排队等候两小时，叫号混乱，要求赔偿"


@pytest.fixture(scope="module")
def measured() -> MeasuredCauses:
    """300 complaints, of which 40 are copies of one text and 20 a few of another."""
    rng = np.random.default_rng(3)
    truth = rng.choice(list(PHRASES), 240, p=[0.6, 0.3, 0.1])
    texts = [
        f"{rng.choice(FILLER)}，{'，'.join(rng.choice(PHRASES[c], 2))}，{chr(0x4E00 + i)}"
        for i, c in enumerate(truth)
    ]
    texts += [f"{TEMPLATE}{i}" for i in range(40)] + ["手机银行闪退，没人管"] * 4 + ["嗯嗯"] * 16
    frame = pd.DataFrame({"complaint_id": [f"c{i:03}" for i in range(300)], "text": texts})
    return measure_causes(frame, seed=1, starts=1)


def test_probabilities_are_those_of_the_draw(measured: MeasuredCauses) -> None:
    """Over many draws each complaint comes as often as its stated probability says."""
    times = 150
    drawn = pd.Series(0, index=measured.documents.index)
    stated: dict[str, float] = {}
    for seed in range(times):
        sample = draw_sample(measured, n=60, seed=seed)
        drawn[sample.texts["complaint_id"]] += 1
        drawn[sample.copies["copy_id"]] += 1
        stated |= dict(zip(sample.texts["complaint_id"], sample.texts["probability"], strict=True))
        stated |= dict.fromkeys(sample.copies["copy_id"], 1.0)
    assert set(stated) == set(drawn.index)  # every complaint can be drawn
    chance = pd.Series(stated).reindex(drawn.index)
    z = (drawn / times - chance) / np.sqrt(chance * (1 - chance) / times).clip(lower=1e-9)
    assert (drawn[chance == 1] == times).all()
    assert z[chance < 1].abs().max() < 4.5
    assert z[chance < 1].std() == pytest.approx(1, abs=0.25)


def test_weights_give_totals_back(measured: MeasuredCauses) -> None:
    for options in ({}, {"strata": "family"}, {"strata": "none"}, {"allocation": "equal"}):
        sample = draw_sample(measured, n=70, seed=4, **options)
        assert len(sample.texts) == 70
        assert sample.texts["weight"].sum() == pytest.approx(300)
        by_stratum = sample.texts.groupby("stratum")["weight"].sum()
        sizes = sample.strata.set_index("stratum")["complaints"]
        np.testing.assert_allclose(by_stratum.reindex(sizes.index), sizes)


def test_no_text_is_drawn_twice_and_a_template_answers_for_its_copies(measured) -> None:
    sample = draw_sample(measured, n=80, seed=2)
    letters = sample.texts["text"].str.replace(r"[\W\d]", "", regex=True)
    assert not letters.duplicated().any()
    template = sample.texts[sample.texts["copies"] == 40].iloc[0]
    assert template["probability"] == 1
    assert (sample.copies["complaint_id"] == template["complaint_id"]).sum() == 39
    assert len(set(sample.copies["copy_id"]) | {template["complaint_id"]}) >= 40


def test_doubtful_texts_are_drawn_more_often(measured: MeasuredCauses) -> None:
    names = draw_sample(measured, n=60, doubtful=4, minimum=2, seed=1).strata
    assert names["name"].str.endswith("?").any()
    alike = draw_sample(measured, n=60, doubtful=1, seed=1).strata
    assert not alike["name"].str.endswith("?").any()


def test_own_strata_and_missing_ones(measured: MeasuredCauses) -> None:
    branch = pd.Series(["north"] * 100 + ["south"] * 100, index=measured.documents.index[:200])
    sample = draw_sample(measured, n=40, strata=branch, doubtful=1, seed=1)
    assert set(sample.strata["name"]) == {"north", "south", "missing"}
    assert sample.texts["weight"].sum() == pytest.approx(300)


def test_everything_is_drawn_where_n_is_large(measured: MeasuredCauses) -> None:
    sample = draw_sample(measured, n=10_000, seed=0)
    assert (sample.texts["probability"] == 1).all()
    assert len(sample.texts) + len(sample.copies) == 300


def test_the_same_seed_draws_the_same(measured: MeasuredCauses) -> None:
    first, second, other = (draw_sample(measured, n=50, seed=s).texts for s in (1, 1, 2))
    pd.testing.assert_frame_equal(first, second)
    assert set(first["complaint_id"]) != set(other["complaint_id"])


def test_impossible_wishes_are_refused(measured: MeasuredCauses) -> None:
    with pytest.raises(InputError, match="too few for"):
        draw_sample(measured, n=3)
    with pytest.raises(InputError, match="minimum at least 2"):
        draw_sample(measured, n=50, minimum=1)
    with pytest.raises(InputError, match="above 0"):
        draw_sample(measured, n=50, doubtful=0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=12), st.data())
def test_allocation_adds_up_within_bounds(sizes, data) -> None:
    complaints = pd.Series(sizes, index=[f"s{i}" for i in range(len(sizes))])
    n = data.draw(st.integers(len(sizes), sum(sizes)))
    how = data.draw(st.sampled_from(["square_root", "proportional", "equal"]))
    found = allocate(complaints, n, allocation=how, minimum=3)
    assert found.sum() == n
    assert (found <= complaints).all() and (found >= 1).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 200), min_size=1, max_size=30), st.data())
def test_inclusion_probabilities_sum_to_n(sizes, data) -> None:
    n = data.draw(st.integers(0, len(sizes)))
    chance = inclusion_probabilities(np.array(sizes, dtype=float), n)
    assert chance.sum() == pytest.approx(n)
    assert (chance <= 1).all()
    open_ = chance < 1
    if n and open_.any():
        ratio = chance[open_] / np.array(sizes)[open_]
        np.testing.assert_allclose(ratio, ratio[0])
