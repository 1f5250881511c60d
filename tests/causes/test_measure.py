from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcquality.causes.measure import MeasuredCauses, measure_causes
from svcquality.errors import InputError
from svcquality.text.codebook import RESIDUAL

PHRASES = {
    "Q1": ["叫号叫了半天", "排队排了两小时", "取号之后前面还有三十多人", "只开了一个窗口"],
    "T1": ["手机银行一打开就闪退", "登录不上一直报错", "验证码收不到", "页面卡死"],
    "Z1": ["第三方催收威胁家人", "催收一天打十几个电话", "爆通讯录", "催款短信轰炸"],
    "E1": ["柜员态度恶劣", "保安很不耐烦", "翻白眼爱理不理", "冷漠没有礼貌"],
}
NOISE = ["上周三下午", "人民路网点", "真让人无语", "带着孩子过去", "本人持卡多年", "一肚子气回家"]


def complaints(n: int = 240, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    truth = rng.choice(list(PHRASES), n, p=[0.4, 0.3, 0.2, 0.1])
    texts = ["，".join([*rng.choice(NOISE, 2), *rng.choice(PHRASES[c], 2)]) for c in truth]
    return pd.DataFrame(
        {"complaint_id": [f"c{i:03}" for i in range(n)], "text": texts, "truth": truth}
    )


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return complaints()


@pytest.fixture(scope="module")
def measured(rows: pd.DataFrame) -> MeasuredCauses:
    return measure_causes(rows, seed=5)


def test_causes_are_found(measured: MeasuredCauses, rows: pd.DataFrame) -> None:
    truth = rows.set_index("complaint_id")["truth"]
    assert (measured.primary == truth).mean() > 0.95
    assert list(measured.probabilities) == [*measured.codebook.ids, RESIDUAL]
    np.testing.assert_allclose(measured.probabilities.sum(axis=1), 1)
    assert list(measured.fit) == ["start", "seed", "agreement", "residual"]
    assert len(measured.fit) == 3
    assert set(measured.spans["complaint_id"]) <= set(rows["complaint_id"])


def test_the_same_seed_gives_the_same_result(measured: MeasuredCauses, rows: pd.DataFrame) -> None:
    again, other = measure_causes(rows, seed=5), measure_causes(rows, seed=6)
    np.testing.assert_array_equal(again.posterior, measured.posterior)
    assert not np.array_equal(other.posterior, measured.posterior)


def test_the_order_of_the_rows_does_not_matter_to_the_causes(
    measured: MeasuredCauses, rows: pd.DataFrame
) -> None:
    shuffled = measure_causes(rows.sample(frac=1, random_state=1), seed=5)
    assert (shuffled.primary.reindex(measured.primary.index) == measured.primary).mean() > 0.95


def test_copies_of_a_text_share_its_causes_and_count_once(rows: pd.DataFrame) -> None:
    copies = pd.DataFrame(
        {"complaint_id": [f"d{i}" for i in range(50)], "text": rows["text"].iloc[0] + "！！！"}
    )
    with_copies = measure_causes(pd.concat([rows, copies]), seed=5)
    plain = measure_causes(rows, seed=5)
    np.testing.assert_allclose(
        with_copies.probabilities.loc[plain.probabilities.index], plain.probabilities, atol=1e-12
    )
    assert with_copies.documents["duplicate_of"].loc["d7"] == "c000"
    np.testing.assert_array_equal(
        with_copies.probabilities.loc["d7"], with_copies.probabilities.loc["c000"]
    )


def test_reading_and_drawing(measured: MeasuredCauses) -> None:
    top = measured.read("wait_time", 3)
    assert list(top) == ["complaint_id", "probability", "text", "seeds"]
    assert top["probability"].is_monotonic_decreasing
    assert top["text"].is_unique
    pd.testing.assert_frame_equal(top, measured.read("Q1", 3))
    with pytest.raises(InputError, match="no cause"):
        measured.read("Q9")
    draws = measured.draws(40, seed=1)
    assert draws.shape == (40, len(measured.documents), 31)
    np.testing.assert_allclose(draws.sum(axis=2), 1)
    np.testing.assert_array_equal(draws, measured.draws(40, seed=1))
    np.testing.assert_allclose(draws.mean(axis=(0, 1)), measured.probabilities.mean(), atol=0.01)


def test_kept_and_read_again(measured: MeasuredCauses, tmp_path) -> None:
    measured.to_directory(tmp_path)
    again = MeasuredCauses.from_directory(tmp_path)
    pd.testing.assert_frame_equal(again.probabilities, measured.probabilities)
    pd.testing.assert_frame_equal(again.documents, measured.documents)
    pd.testing.assert_frame_equal(again.spans, measured.spans)
    pd.testing.assert_frame_equal(again.shares("family"), measured.shares("family"))
    assert again.codebook == measured.codebook
    assert again.dictionary_sha256 == measured.dictionary_sha256


def test_shares_by_group(measured: MeasuredCauses, rows: pd.DataFrame) -> None:
    total = measured.shares()
    assert list(total) == [
        "id",
        "label_zh",
        "label_en",
        "share",
        "error",
        "low",
        "high",
        "n",
        "method",
    ]
    assert total["share"].sum() == pytest.approx(1)
    assert set(total["method"]) == {"model"}
    ids = rows["complaint_id"]
    group = pd.Series(np.where(ids < "c100", "x", "y"), index=ids)
    parts = measured.shares("family", by=group)
    assert parts.groupby("group")["n"].first().to_dict() == {"x": 100, "y": 140}
    merged = (parts["share"] * parts["n"]).groupby(parts["id"]).sum() / len(rows)
    whole = measured.shares("family").set_index("id")["share"]
    pd.testing.assert_series_equal(merged.reindex(whole.index), whole, check_names=False)


def test_a_hand_coded_sample_corrects_a_codebook_that_errs(rows: pd.DataFrame) -> None:
    """Waits are recorded as attitude by hand: the shares follow the hand, the model does not."""
    coded = rows["truth"].replace({"Q1": "E1"})
    take = np.random.default_rng(3).random(len(rows)) < 0.5
    sample = rows.assign(
        coded_cause=coded.where(take), coding_probability=np.where(take, 0.5, np.nan)
    )
    measured = measure_causes(sample, seed=5)
    plain = measure_causes(rows, seed=5)
    pd.testing.assert_series_equal(measured.primary, plain.primary)  # never tuned on the sample
    shares = measured.shares().set_index("id")
    assert set(shares["method"]) == {"design"}
    truth = coded.value_counts(normalize=True)
    for cause in ("E1", "Q1", "T1", "Z1"):
        assert shares.loc[cause, "low"] <= truth.get(cause, 0.0) <= shares.loc[cause, "high"]
    assert abs(shares.loc["E1", "share"] - truth["E1"]) < 0.1
    assert plain.shares().set_index("id").loc["E1", "share"] < 0.2
    assert len(measured.coded) == take.sum()


def test_codes_by_key_are_understood_and_unknown_ones_named(rows: pd.DataFrame) -> None:
    coded = rows.assign(coded_cause="wait_time")
    assert set(measure_causes(coded).coded["cause"]) == {"Q1"}
    assert set(measure_causes(coded).coded["probability"]) == {1.0}
    with pytest.raises(InputError, match="waiting"):
        measure_causes(rows.assign(coded_cause="waiting"))


@pytest.mark.parametrize(
    "texts",
    [[], [None, None], ["", "  "], ["😢"], ["排"], ["x"], ["今天天气真好"] * 5],
    ids=["empty", "missing", "blank", "emoji", "one character", "one letter", "no seed"],
)
def test_nothing_to_measure_is_said_clearly(texts: list[str | None]) -> None:
    frame = pd.DataFrame({"complaint_id": [f"c{i}" for i in range(len(texts))], "text": texts})
    with pytest.raises(InputError) as error:
        measure_causes(frame)
    assert "；" in error.value.zh


def test_one_document_and_equal_documents() -> None:
    one = measure_causes(pd.DataFrame({"complaint_id": ["a"], "text": ["排队两小时"]}))
    assert one.primary.to_dict() == {"a": "Q1"}
    same = pd.DataFrame({"complaint_id": list("abc"), "text": ["柜员态度恶劣"] * 3})
    assert set(measure_causes(same, starts=1).primary) == {"E1"}
    mixed = pd.DataFrame({"complaint_id": list("abc"), "text": ["😢", "排队两小时", None]})
    assert measure_causes(mixed).primary.to_dict() == {"a": RESIDUAL, "b": "Q1"}


def test_handling_is_secondary_to_what_it_is_about() -> None:
    texts = ["排队两小时，投诉后一拖再拖，没有回访", "投诉后一拖再拖，工单结案，没有处理结果"]
    frame = pd.DataFrame({"complaint_id": ["a", "b"], "text": texts})
    assert measure_causes(frame).primary.tolist() == ["Q1", "R1"]


def test_english_texts() -> None:
    texts = ["The teller was rude", "Debt collector threatened me", "The queue took forever"]
    frame = pd.DataFrame({"complaint_id": list("abc"), "text": texts})
    found = measure_causes(frame)
    assert found.primary.tolist() == ["E1", "Z1", "Q1"]
    assert set(found.documents["language"]) == {"en"}


def test_two_complaints_of_one_id_and_no_start() -> None:
    twice = pd.DataFrame({"complaint_id": ["a", "a"], "text": ["排队", "叫号"]})
    with pytest.raises(InputError, match="complaint_id"):
        measure_causes(twice)
    with pytest.raises(InputError, match="starts"):
        measure_causes(twice, starts=0)


def test_a_few_texts_of_another_language_keep_their_causes(rows: pd.DataFrame) -> None:
    """In one common model the English words would make a topic, and its cause take them all."""
    english = pd.DataFrame(
        {
            "complaint_id": ["e0", "e1", "e2", "e3"],
            "text": [
                "the teller was rude to my wife and then she was rude to my son",
                "a debt collector threatened my wife and then he called my son",
                "the app crashes when my wife opens it and then my son",
                "we queued for hours with my wife and my son",
            ],
        }
    )
    found = measure_causes(pd.concat([rows, english]), seed=5)
    assert found.primary.loc[english["complaint_id"]].tolist() == ["E1", "Z1", "T1", "Q1"]
    # None of the Chinese causes is told by an English word.
    chinese = found.words[found.words["language"] == "zh"]["word"]
    assert not chinese.str.contains("wife|son").any()
