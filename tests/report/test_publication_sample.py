"""The table that describes a sample: right numbers, bad input, and small counts that stay secret."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.language import Text
from svcquality.report.publication import sample_table
from svcquality.report.publication.suppression import suppressed
from svcquality.report.publication.variables import weighted_quantiles


def people(n: int = 400, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.integers(20, 80, n).astype(float),
            "segment": rng.choice(["大众", "贵宾"], n),
            "channel": rng.choice(["counter", "mobile"], n, p=[0.7, 0.3]),
            "trained": rng.random(n) < 0.4,
            "weight": rng.uniform(0.5, 2.0, n),
        }
    )


def shown(table) -> dict[str, list[str]]:
    """Cells of each row by 'variable / row'."""
    rows, above = {}, ""
    for row in table.grid.body:
        above = above if row.inner else row.label
        key = f"{above} / {row.label}" if row.inner else row.label
        rows[key] = [cell.text for cell in row.cells]
    return rows


def test_numbers_and_categories_are_those_of_pandas():
    data = people()
    data.loc[:39, "age"] = np.nan
    rows = shown(sample_table(data, ["age", "channel", "trained"], by="segment"))
    mass = data[data["segment"] == "大众"]
    age = mass["age"]
    assert rows["Rows"] == [f"{len(mass)}", f"{400 - len(mass)}", "400"]
    assert rows["age / recorded"][0] == f"{age.notna().sum()}"
    assert rows["age / missing"][2] == "40"
    assert rows["age / mean (standard deviation)"][0] == f"{age.mean():.1f} ({age.std():.1f})"
    counter = (mass["channel"] == "counter").sum()
    assert rows["channel / counter"][0] == f"{counter} ({counter / len(mass):.1%})"
    yes = data["trained"].sum()
    assert rows["trained / yes"][2] == f"{yes} ({yes / 400:.1%})"


def test_columns_of_the_records_have_their_words_and_others_their_name():
    data = people()
    zh = sample_table(data, {"age": "年纪", "channel": Text("渠道", "how")}, language="zh")
    assert {"年纪", "渠道"} <= set(shown(zh))
    assert "年龄" in shown(sample_table(data, ["age"], language="zh"))
    assert "trained" in shown(sample_table(data, ["trained"], language="zh"))
    assert "渠道 / counter" in shown(zh)


def test_shares_are_of_those_recorded():
    data = people()
    data.loc[:99, "channel"] = None
    rows = shown(sample_table(data, ["channel"]))
    known = data["channel"].dropna()
    n = (known == "mobile").sum()
    assert rows["channel / mobile"] == [f"{n} ({n / 300:.1%})"]
    assert rows["channel / missing"] == ["100"]


def test_rows_without_a_group_are_a_group():
    data = people()
    data.loc[:49, "segment"] = None
    table = sample_table(data, ["age"], by="segment")
    assert [c.text for c in table.grid.head[1].cells] == ["大众", "贵宾", "not recorded", "All"]
    assert shown(table)["Rows"][2] == "50"


def test_weights_enter_shares_and_moments_but_not_counts():
    data = people()
    rows = shown(sample_table(data, ["age", "channel"], weights="weight"))
    w = data["weight"]
    mean = np.average(data["age"], weights=w)
    assert rows["age / mean (standard deviation)"][0].startswith(f"{mean:.1f} (")
    mobile = data["channel"] == "mobile"
    assert rows["channel / mobile"] == [f"{mobile.sum()} ({w[mobile].sum() / w.sum():.1%})"]
    assert rows["age / recorded"] == ["400"]


def test_equal_weights_change_nothing():
    data = people().assign(weight=3.0)
    plain, weighted = sample_table(data, ["age"]), sample_table(data, ["age"], weights="weight")
    assert shown(plain) == shown(weighted)


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 4)), min_size=1, max_size=30))
def test_whole_weights_are_repetitions(pairs):
    x, w = np.array(pairs, dtype=float).T
    repeated = np.repeat(x, w.astype(int))
    expected = np.quantile(repeated, [0.25, 0.5, 0.75], method="averaged_inverted_cdf")
    assert weighted_quantiles(x, w, (0.25, 0.5, 0.75)) == pytest.approx(tuple(expected))


def test_categories_keep_their_own_order():
    data = people()
    data["level"] = pd.Categorical(
        np.where(data["age"] > 50, "high", "low"), ["low", "high"], ordered=True
    )
    rows = [r.label for r in sample_table(data, ["level"]).grid.body if r.inner]
    assert rows == ["low", "high", "missing"]


def test_a_column_of_numbers_and_words_is_described():
    data = pd.DataFrame({"mixed": pd.Series([1, "a", 2.5, None] * 20, dtype=object)})
    assert shown(sample_table(data, ["mixed"]))["mixed / a"] == ["20 (33.3%)"]


# Suppression


def secrets() -> pd.DataFrame:
    """Three private customers use the branch, in a table whose sums would tell."""
    groups = {("mass", "counter"): 200, ("mass", "mobile"): 97, ("private", "counter"): 3,
              ("private", "mobile"): 60}  # fmt: skip
    rows = [pair for pair, n in groups.items() for _ in range(n)]
    return pd.DataFrame(rows, columns=["segment", "channel"])


def test_a_small_count_is_hidden_with_what_would_give_it_away():
    table = sample_table(secrets(), ["channel"], by="segment")
    rows = shown(table)
    assert rows["channel / counter"][1] == "s"
    assert rows["channel / mobile"][1] == "s"  # 63 private customers less the 60
    assert rows["channel / counter"].count("s") >= 2
    assert any("count below 10" in note for note in table.grid.notes)
    hidden = table.frame[table.frame["suppressed"]]
    assert hidden["value"].isna().all() and len(hidden)
    for words in (table.html(), table.latex(), table.markdown()):
        assert "60" not in words.replace("360", "").replace("260", "")


def test_nothing_is_hidden_where_nothing_is_small_or_none_is_asked_for():
    assert not sample_table(people(), ["channel"], by="segment").frame["suppressed"].any()
    table = sample_table(secrets(), ["channel"], by="segment", suppress_below=0)
    assert shown(table)["channel / counter"][1] == "3 (4.8%)"


def test_a_small_group_is_hidden_whole_and_so_is_another():
    data = people(300).assign(wait=1.0)
    data.loc[:4, "segment"] = "私行"
    table = sample_table(data, ["age", "channel"], by="segment")
    rows = shown(table)
    assert rows["Rows"][2] == "s"
    assert rows["Rows"].count("s") == 2
    assert rows["age / mean (standard deviation)"][2] == "s"
    assert {cells[2] for key, cells in rows.items() if "/" in key} == {"s"}


def test_a_missing_number_alone_is_no_secret():
    data = people()
    data.loc[:2, "age"] = np.nan
    assert shown(sample_table(data, ["age"]))["age / missing"] == ["3"]


def test_a_share_does_not_tell_what_its_count_hides():
    data = people(300)
    data["channel"] = data["channel"].where(np.arange(300) > 4, "kiosk")
    frame = sample_table(data, ["channel"], by="segment").frame
    kiosk = frame[(frame["level"] == "kiosk") & frame["statistic"].isin(["count", "share"])]
    assert kiosk.groupby("group")["suppressed"].nunique().eq(1).all()


def recoverable(counts: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Which hidden cells the sums determine, by linear algebra."""
    rows, columns = counts.shape
    at = np.arange(counts.size).reshape(rows, columns)
    sums = []
    for line in [*at.T, *at]:
        equation = np.zeros(counts.size)
        equation[line[:-1]], equation[line[-1]] = 1, -1
        sums.append(equation)
    unknown = mask.ravel()
    known_sums = np.array(sums)[:, unknown]
    rank = np.linalg.matrix_rank(known_sums)
    found = np.zeros(counts.size, dtype=bool)
    for place, cell in enumerate(np.flatnonzero(unknown)):
        unit = np.eye(unknown.sum())[place]
        found[cell] = np.linalg.matrix_rank(np.vstack([known_sums, unit])) == rank
    return found.reshape(counts.shape)


counts_of_a_table = st.lists(
    st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=2, max_size=4
)


@given(counts_of_a_table)
@settings(max_examples=40, deadline=None)
def test_no_small_count_can_be_worked_out(inner):
    inner = np.array(inner, dtype=float)
    counts = np.block([[inner, inner.sum(1)[:, None]], [inner.sum(0), inner.sum()]])
    mask = suppressed(counts, 10)
    small = (counts > 0) & (counts < 10)
    assert mask[small].all()
    if not mask.all():
        assert not (recoverable(counts, mask) & small).any()


def test_suppression_is_needed_beyond_rows_and_columns():
    # Each line has two hidden cells or none, yet the bridge between two blocks is determined.
    inner = np.array([[50, 50, 3, 90], [60, 60, 80, 70], [80, 70, 4, 60.0]])
    counts = np.block([[inner, inner.sum(1)[:, None]], [inner.sum(0), inner.sum()]])
    mask = suppressed(counts, 10)
    assert not recoverable(counts, mask)[(counts > 0) & (counts < 10)].any()
    assert mask.sum() <= 6


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda d: sample_table(d, ["no_such"]), "no column 'no_such'"),
        (lambda d: sample_table(d, ["age"], by="none"), "no column 'none'"),
        (lambda d: sample_table(d, []), "nothing to describe"),
        (lambda d: sample_table(d.head(0), ["age"]), "nothing to describe"),
        (lambda d: sample_table(d.assign(t=pd.Timestamp("2024-01-01")), ["t"]), "holds times"),
        (lambda d: sample_table(d.assign(b=d.index.astype(str)), ["b"]), "400 levels"),
        (lambda d: sample_table(d.assign(b=d["age"]), ["age"], by="b"), "groups"),
        (lambda d: sample_table(d.assign(weight=-1.0), ["age"], weights="weight"), "positive"),
    ],
)
def test_bad_input_is_one_clear_sentence(call, says):
    with pytest.raises(InputError) as raised:
        call(people())
    assert says in raised.value.en
    assert any("\u4e00" <= c <= "\u9fff" for c in raised.value.zh)


def test_every_format_takes_it(tmp_path):
    table = sample_table(secrets(), ["channel"], by="segment", caption="T1", language="zh")
    for suffix in (".html", ".tex", ".md", ".csv", ".xlsx", ".docx"):
        path = table.save(tmp_path / f"t{suffix}")
        assert path.read_bytes() == table.save(path).read_bytes()
