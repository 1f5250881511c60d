"""What misleads in an export is named, with its count; what does not is left alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from svcquality.records.inspect import draft_mapping, inspect_file, inspect_paths
from svcquality.records.read import read_records


def found(card):
    return {
        (r.column, r.code): r.number
        for r in card.odd.rename(columns={"values": "number"}).itertuples()
    }


def card_of(folder, frame, name="export.csv", encoding="utf-8"):
    frame.to_csv(folder / name, index=False, encoding=encoding)
    return inspect_file(folder / name)


WORDS = [
    "slow",
    "queue",
    "teller",
    "card",
    "fee",
    "rude",
    "branch",
    "hour",
    "waited",
    "again",
    "account",
    "closed",
]


def prose(rng, n):
    return [" ".join(rng.choice(WORDS, 12)) + f" {i}" for i in range(n)]


@pytest.mark.parametrize(
    "names",
    [
        ("google_review", "google_stars", "yelp_review", "yelp_stars"),
        ("Review", "Stars", "Review.1", "Stars.1"),
        ("美团评论", "美团评分", "大众点评评论", "大众点评评分"),
        ("App Store", "rating a", "Google Play", "rating b"),
    ],
)
def test_reviews_of_two_platforms_side_by_side(tmp_path, names):
    rng = np.random.default_rng(1)
    n = 60
    frame = pd.DataFrame({names[0]: prose(rng, n), names[1]: rng.integers(1, 6, n),
                          names[2]: prose(rng, n), names[3]: rng.integers(1, 6, n)})  # fmt: skip
    frame.loc[40:, [names[2], names[3]]] = None
    card = card_of(tmp_path, frame)
    assert found(card)["*", "parallel"] == 100
    assert "two records a row" in card.text("en") and "一行有两条记录" in card.text("zh")


def test_a_text_and_its_reply_are_named_but_not_parallel(tmp_path):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"complaint": prose(rng, 40), "reply": prose(rng, 40), "n": range(40)})
    codes = found(card_of(tmp_path, frame))
    assert ("*", "texts") in codes and ("*", "parallel") not in codes


@pytest.mark.parametrize("labelled", [False, True])
def test_straight_lining_in_an_spss_survey(tmp_path, labelled):
    rng = np.random.default_rng(2)
    n = 200
    items = pd.DataFrame(
        rng.integers(1, 6, (n, 8)), columns=[f"q5_{i}" for i in range(1, 9)]
    ).astype("float64")
    items.iloc[:17] = 4.0
    items.iloc[20:30, 3] = 9.0
    words = {1: "bad", 2: "poor", 3: "fair", 4: "good", 5: "very good"} if labelled else {}
    labels = {name: {float(k): v for k, v in words.items()} | {9.0: "no answer"} for name in items}
    pyreadstat.write_sav(
        items, str(tmp_path / "s.sav"), variable_value_labels=labels if labelled else {}
    )
    card = inspect_file(tmp_path / "s.sav")
    assert found(card)["*", "straight_lining"] == 17
    assert card.table == "surveys"
    if not labelled:
        assert found(card)["q5_4", "out_of_scale"] == 10


def test_straight_lining_within_one_block_of_several(tmp_path):
    rng = np.random.default_rng(4)
    blocks = {
        f"{stem}_{i}": rng.integers(1, 6, 150) for stem in ("service", "price") for i in range(1, 6)
    }
    frame = pd.DataFrame(blocks)
    frame.iloc[:12, :5] = 3  # the second block is answered with care
    codes = card_of(tmp_path, frame).odd
    said = codes[codes["code"] == "straight_lining"]
    assert (
        said["values"].max() >= 12 and said["what_en"].str.contains("service_1 to service_5").any()
    )


def test_a_korean_export(tmp_path):
    n = 40
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(
        {"접수번호": range(n), "접수일자": pd.date_range("2024-01-01", periods=n).strftime("%Y-%m-%d"),
         "고객명 이름": "김철수", "휴대폰": [f"010-{rng.integers(1000, 9999)}-{rng.integers(1000, 9999)}" for _ in range(n)],
         "지점": rng.choice(["강남", "종로"], n), "민원유형": rng.choice(["대기", "해당없음"], n),
         "민원내용": [f"창구에서 한 시간 넘게 기다렸는데 직원이 설명도 없이 업무를 마감했습니다 {i}" for i in range(n)]}
    )  # fmt: skip
    card = card_of(tmp_path, frame, encoding="cp949")
    assert (card.table, card.encoding) == ("complaints", "cp949")
    meaning = card.columns.set_index("column")["meaning"]
    assert meaning["민원내용"] == "text" and meaning["접수일자"] == "received"
    assert {c for c, code in found(card) if code == "personal"} == {"고객명 이름", "휴대폰"}
    assert card.columns.set_index("column").at["민원유형", "codes"] == "해당없음"
    assert "010-" not in card.text("en") + card.html("zh") and "김철수" not in card.text("zh")
    (tmp_path / "mapping.toml").write_text(draft_mapping(card, tmp_path), "utf-8")
    assert len(read_records(tmp_path).complaints) == n


def test_columns_that_say_what_others_say(tmp_path):
    rng = np.random.default_rng(7)
    n = 300
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D")
    minutes = rng.exponential(12, n).round(2)
    city = rng.choice(["A", "B", "C", "D"], n)
    frame = pd.DataFrame(
        {"day": day.strftime("%Y-%m-%d"), "month": day.month, "weekday": day.day_name(), "wait": minutes,
         "wait_seconds": (60 * minutes).round(4), "felt": (minutes + rng.normal(0, 1, n)).round(2),
         "city": city, "city_code": pd.Series(city).map({"A": 10, "B": 20, "C": 30, "D": 40}),
         "north": np.where(np.isin(city, ["A", "B"]), "N", "S"), "free": rng.normal(0, 1, n).round(3)}
    )  # fmt: skip
    codes = {column: code for column, code in found(card_of(tmp_path, frame)) if code in
             ("disguise", "derived", "determined", "near_copy")}  # fmt: skip
    assert codes == {"month": "derived", "weekday": "derived", "wait_seconds": "disguise",
                     "felt": "near_copy", "city_code": "disguise", "north": "determined"}  # fmt: skip


def test_days_and_months_that_changed_places(tmp_path):
    received = pd.date_range("2024-03-13", periods=60, freq="2D")
    answered = received + pd.Timedelta(days=1)
    text = answered.strftime("%Y-%m-%d").tolist()
    text[20] = "2024-01-05"  # the 1st of May, after 22 April
    assert received[20] == pd.Timestamp("2024-04-22")
    card = card_of(
        tmp_path, pd.DataFrame({"received": received.strftime("%Y-%m-%d"), "answered": text})
    )
    assert found(card)["answered", "order"] == 1
    assert "with day and month swapped 1 are in order" in card.text("en")
    assert found(card)["answered", "delay"] == 59


def test_a_transfer_cut_off_and_keys_that_repeat(tmp_path):
    frame = pd.DataFrame({"ticket id": range(50), "at": pd.date_range("2024-01-01", periods=50).strftime("%Y-%m-%d"),
                          "note": "x", "end": "y"})  # fmt: skip
    frame.loc[7, "ticket id"] = 6
    frame.loc[49, ["note", "end"]] = None
    codes = found(card_of(tmp_path, frame))
    assert codes["*", "truncated"] == 1 and codes["ticket id", "duplicate_keys"] == 1
    assert codes["note", "constant"] == 49


def test_numbers_that_mean_nothing_was_said(tmp_path):
    rng = np.random.default_rng(9)
    frame = pd.DataFrame({"age": rng.integers(18, 80, 100), "visits": rng.integers(0, 30, 100)})
    frame.loc[:4, "age"] = 999
    frame.loc[:6, "visits"] = -9
    card = card_of(tmp_path, frame)
    assert found(card)["age", "code"] == 5 and found(card)["visits", "code"] == 7
    clean = card_of(tmp_path, pd.DataFrame({"age": [*range(18, 100)]}), "clean.csv")
    assert ("age", "code") not in found(clean)


def test_the_card_in_a_notebook_escapes_what_it_shows(tmp_path):
    frame = pd.DataFrame(
        {"<b>name</b> of thing": ["<script>alert(1)</script>", "b", "c"], "n": [1, 2, 3]}
    )
    shown = card_of(tmp_path, frame, "a&b.csv")._repr_html_()
    assert "<script>" not in shown and "<b>name" not in shown and "a&amp;b.csv" in shown
    assert 'lang="zh"' in shown and 'lang="en"' in shown


def test_a_file_a_month_is_one_source(tmp_path):
    for month in ("2024-01", "2024-02"):
        pd.DataFrame({"ticket": range(30), "arrival": pd.date_range(month, periods=30, freq="h").strftime("%Y-%m-%d %H:%M")}).assign(
            ticket=lambda f, m=month: [f"{m}-{i}" for i in f["ticket"]]
        ).to_csv(tmp_path / f"visits_{month}.csv", index=False)  # fmt: skip
    draft = draft_mapping(inspect_paths([tmp_path]), tmp_path)
    assert 'source = "visits_*.csv"' in draft
    (tmp_path / "mapping.toml").write_text(draft, "utf-8")
    assert len(read_records(tmp_path).visits) == 60
