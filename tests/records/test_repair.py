"""Damaged values: read, repaired or set missing, and always in the ledger."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.records.ledger import RULES, Ledger, ledger_frame
from svcquality.records.repair import order_times, read_column
from svcquality.records.tables import CHANNELS, TRIGGERS, Column

ANY = Text("列", "column")


def read(values, kind, formats=(), **options):
    ledger = Ledger("complaints")
    series = pd.Series(values, index=range(1, len(values) + 1))
    read = read_column(series, Column(kind, ANY, **options), ledger, "x", formats)
    frame = ledger_frame([ledger])
    assert set(frame["rule"]) <= set(RULES)
    return read, frame


def test_times_in_several_formats():
    values = [
        "2024-01-05 10:30:00", "2024-01-06 11:00:00", "2024/1/7 9:05:00", "2024年1月8日", "20240109",
        "45302.5", "1900-01-01 13:00:00", "soon", None, " ２０２４-01-11 ", "9999-12-31",
    ]  # fmt: skip
    times, ledger = read(values, "time")
    assert times.dtype == "datetime64[ns]"
    expected = ["2024-01-05 10:30", "2024-01-06 11:00", "2024-01-07 09:05", "2024-01-08",
                "2024-01-09", "2024-01-11 12:00", None, None, None, "2024-01-11", None]  # fmt: skip
    assert times.tolist() == pd.to_datetime(pd.Series(expected), format="mixed").tolist()
    rules = ledger.groupby("rule")["row"].agg(list).to_dict()
    assert rules["time_format"] == [3, 4, 5]
    assert rules["excel_serial"] == [6]
    assert rules["placeholder_date"] == [7, 11]
    assert rules["unreadable_time"] == [8]
    assert rules["full_width"] == [10]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.datetimes(pd.Timestamp("1950-01-01"), pd.Timestamp("2100-01-01")), min_size=1),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S"]),
)
def test_unambiguous_times_read_without_a_repair(moments, form):
    moments = [m.replace(microsecond=0) for m in moments]
    times, ledger = read([m.strftime(form) for m in moments], "time")
    assert times.tolist() == [pd.Timestamp(m) for m in moments]
    assert ledger.empty


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(), min_size=1, max_size=10),
    st.sampled_from(["time", "number", "flag", "integer"]),
)
def test_no_text_breaks_a_reader_and_nothing_vanishes_unlisted(values, kind):
    try:
        out, ledger = read(values, kind)
    except InputError:
        return  # a day-first date asks for a declared format
    assert len(out) == len(values)
    given_ = pd.Series(values, dtype="str").str.strip()
    blank = given_.isin(["", "NaN", "nan", "NaT", "NULL", "null", "<NA>", "#N/A"])
    lost = out.isna().to_numpy() & ~blank.to_numpy()
    listed = set(ledger["row"])
    assert {i + 1 for i in lost.nonzero()[0]} <= listed


def test_a_day_first_date_needs_a_declared_format():
    with pytest.raises(InputError, match="%d-%m-%Y") as caught:
        read(["03-07-2014", "25-12-2014"], "time")
    assert "%m-%d-%Y" not in caught.value.en  # 25 is no month
    with pytest.raises(InputError, match='"%d-%m-%Y" or "%m-%d-%Y"'):
        read(["03-07-2014"], "time")
    times, ledger = read(["03-07-2014", "25-12-2014"], "time", formats=("%d-%m-%Y",))
    assert times.dt.month.tolist() == [7, 12]
    assert ledger.empty


def test_days_and_months_are_floored():
    assert read(["2024-01-05 10:30:00"], "date")[0].tolist() == [pd.Timestamp("2024-01-05")]
    months = read(["2024-01-31", "2024年3月", "202404"], "month")[0]
    assert months.tolist() == [pd.Timestamp(f"2024-{m}-01") for m in ("01", "03", "04")]


def test_numbers_with_separators_units_and_bounds():
    numbers, ledger = read(["1,234.5", "￥20", "３０", "x", "-5", "99元", None], "number", low=0)
    assert numbers.tolist()[:3] == [1234.5, 20, 30]
    assert numbers.isna().tolist() == [False, False, False, True, True, False, True]
    assert ledger.groupby("rule")["row"].agg(list).to_dict() == {
        "full_width": [3],
        "number_format": [1, 2, 6], "out_of_range": [5], "unreadable_number": [4],
    }  # fmt: skip


def test_integers_refuse_fractions_and_their_range():
    scores, ledger = read(["5", "4.0", "4.5", "7"], "integer", low=1, high=5)
    assert scores.dtype == "Int64"
    assert scores.dropna().tolist() == [5, 4]
    assert ledger[["row", "rule"]].values.tolist() == [[4, "out_of_range"], [3, "not_whole"]]


def test_flags_in_every_spelling():
    flags, ledger = read(["Y", "否", "TRUE", "0", "是", "１", "maybe", None], "flag")
    assert flags.tolist()[:6] == [True, False, True, False, True, True]
    assert flags.isna().tolist()[6:] == [True, True]
    assert ledger.loc[ledger["rule"] == "unknown_flag", "before"].tolist() == ["maybe"]


def test_unknown_codes_become_other_where_that_is_allowed():
    channels, ledger = read(["counter", "Hotline", "fax"], "category", allowed=CHANNELS)
    assert channels.tolist() == ["counter", "hotline", "other"]
    assert ledger["rule"].tolist() == ["category_case", "unknown_code"]
    triggers, _ = read(["visit", "whim"], "category", allowed=TRIGGERS)
    assert triggers.isna().tolist() == [False, True]


def test_keys_of_decimal_columns_lose_their_fraction():
    keys, ledger = read([1925.0, None, 3.0], "id")
    assert keys.tolist()[::2] == ["1925", "3"]
    assert keys.isna().tolist() == [False, True, False]
    assert ledger["rule"].tolist() == ["whole_number_key"] * 2
    assert read(["C001", "1925.0"], "id")[0].tolist() == [
        "C001",
        "1925.0",
    ]  # text is not guessed at


def test_a_time_before_the_step_before_it_is_set_missing_and_the_next_is_kept():
    frame = pd.DataFrame(
        {
            "received": pd.to_datetime(["2024-01-05", "2024-01-05", None]),
            "responded": pd.to_datetime(["2024-01-01", "2024-01-06", "2024-01-03"]),
            "resolved": pd.to_datetime(["2024-01-09", "2024-01-05", "2024-01-02"]),
        },
        index=[1, 2, 3],
    )
    ledger = Ledger("complaints")
    ordered = order_times(frame, ("received", "responded", "resolved"), ledger)
    assert ordered.isna().to_numpy().tolist() == [
        [False, True, False], [False, False, True], [True, False, True],
    ]  # fmt: skip
    listed = ledger_frame([ledger])[["row", "column", "rule"]].values.tolist()
    assert listed == [[1, "responded", "out_of_order"], [2, "resolved", "out_of_order"],
                      [3, "resolved", "out_of_order"]]  # fmt: skip


def test_the_ledger_holds_no_personal_data():
    _, ledger = read(["13812345678", "2024-01-05"], "time")
    assert ledger.loc[ledger["row"] == 1, "before"].tolist() == ["*" * 11]


def test_every_kind_of_space_is_tidied():
    texts, ledger = read(["　排队\u200b很久 ", "a\u00a0\n\tb", "fine text", "　"], "text")
    assert texts.tolist()[:3] == ["排队 很久", "a b", "fine text"]
    assert texts.isna().tolist() == [False, False, False, True]
    assert ledger["row"].tolist() == [1, 2, 4]
