"""Files in pieces: the same rows as read whole, damage mended, memory bounded."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from svcquality.errors import InputError
from svcquality.records import pieces
from svcquality.records.files import read_file
from svcquality.records.panel import branch_months
from svcquality.records.read import Records
from svcquality.records.visits_panel import visits_panel
from svcquality.records.waits import with_waits


def visits(number: int = 3_000, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    arrived = pd.Timestamp("2024-01-02 09:00") + pd.to_timedelta(
        rng.integers(0, 85 * 1440, number), unit="min"
    )
    called = arrived + pd.to_timedelta(rng.integers(0, 60, number), unit="min")
    left = rng.random(number) < 0.1
    return pd.DataFrame(
        {
            "visit_id": [f"V{i:05d}" for i in range(number)],
            "branch_id": [f"B{b}" for b in rng.integers(0, 7, number)],
            "arrived": arrived.astype("str"),
            "called": pd.Series(called.astype("str")).mask(left),
            "abandoned": left.astype(int),
            "remark": ["", "asked, politely", 'said "later"'] * (number // 3),
        }
    )


@pytest.fixture
def small_blocks(monkeypatch):
    """Several pieces out of a small file."""
    monkeypatch.setattr(pieces, "BLOCK_BYTES", 1 << 14)
    monkeypatch.setattr(pieces, "PIECE_ROWS", 700)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("above", [[], ["某银行导出", ""], ["Report;;", "", ""]])
def test_pieces_are_the_rows_of_the_whole_file(tmp_path, small_blocks, encoding, above):
    frame = visits().assign(remark=["排队太久，没人管", "好", "“等”"] * 1000)
    path = tmp_path / "visits.csv"
    text = "\n".join([*above, frame.to_csv(index=False, sep=";")])
    path.write_bytes(text.encode(encoding))
    account = pieces.to_parquet(path, tmp_path / "out.parquet")
    read = pd.read_parquet(tmp_path / "out.parquet")
    whole = read_file(path).frame
    pd.testing.assert_frame_equal(read, whole.reset_index(drop=True))
    assert account.rows == len(frame) == len(read)
    assert account.mended == []


def test_damaged_rows_of_a_streamed_file_are_mended_and_come_last(tmp_path, small_blocks):
    frame = visits().drop(columns="remark")
    lines = frame.to_csv(index=False).splitlines()
    lines[100] = lines[100].replace(",B", ",,B")
    lines[2_000] = lines[2_000].replace(",B", "B")
    path = tmp_path / "visits.csv"
    path.write_text("\n".join([*lines, "", "Note: provisional"]), "utf-8")
    account = pieces.to_parquet(path, tmp_path / "out.parquet")
    read = pd.read_parquet(tmp_path / "out.parquet").fillna("")
    wanted = frame.astype("str").fillna("")
    wanted = pd.concat([wanted.drop(index=[99, 1_999]), wanted.loc[[99, 1_999]]])
    assert read.to_numpy().tolist() == wanted.to_numpy().tolist()
    assert [(row, rule) for row, *_, rule in account.mended] == [
        (2_999, "surplus_delimiter"), (3_000, "lost_delimiter"),
    ]  # fmt: skip
    assert account.aside == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("one\ntwo\nthree\n", "cannot be read in pieces"),
        ("", "no rows"),
        ("a::b\n1::2\n3::4\n", "cannot be read in pieces"),
    ],
)
def test_what_cannot_be_streamed_is_refused(tmp_path, text, words):
    path = tmp_path / "x.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=words) as caught:
        pieces.to_parquet(path, tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()
    assert caught.value.zh


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_panel_in_pieces_is_that_of_the_records(tmp_path, small_blocks, kind):
    frame = visits().drop(columns="remark")
    path = tmp_path / f"visits.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    panel = visits_panel(path)
    bank = Records.from_frames(visits=frame)
    waits = with_waits(bank.visits).groupby(["branch_id", "month"])
    found = panel.frame.set_index(["branch_id", "month"])
    assert found["visits"].sum() == 3_000
    assert found["abandoned"].sum() == frame["abandoned"].sum()
    np.testing.assert_allclose(found["wait_minutes_mean"], waits["wait_minutes"].mean())
    assert (found["visits"] == waits.size()).all()
    assert panel.repairs.empty
    # Its visits serve as denominators of a bank whose log stays outside.
    complaints = pd.DataFrame(
        {"complaint_id": ["K1", "K2"], "received": ["2024-01-05", "2024-03-20"],
         "branch_id": ["B1", "B2"], "text": ["慢", "贵"]}
    )  # fmt: skip
    months = branch_months(
        Records.from_frames(complaints=complaints, denominators=panel.denominators())
    )
    assert months["visits"].sum() == found.loc[["B1", "B2"], "visits"].sum()


def test_visits_that_come_twice(tmp_path, small_blocks):
    frame = visits().drop(columns="remark")
    path = tmp_path / "visits.csv"
    pd.concat([frame, frame.iloc[:50]]).to_csv(path, index=False)
    panel = visits_panel(path)
    assert panel.frame["visits"].sum() == 3_000
    assert panel.flow["rows"].tolist() == [3_050, 3_000, 3_000]
    other = frame.iloc[:50].assign(branch_id="B0")
    pd.concat([frame, other[frame["branch_id"].iloc[:50] != "B0"]]).to_csv(path, index=False)
    with pytest.raises(InputError, match="twice with different content"):
        visits_panel(path)


def test_repairs_are_counted_and_odd_times_read_as_elsewhere(tmp_path, small_blocks):
    frame = visits().drop(columns="remark")
    frame.loc[10, "arrived"] = "2024/01/20 10:00"
    frame.loc[2_500, "called"] = "2023-01-01 00:00:00"
    path = tmp_path / "visits.csv"
    frame.to_csv(path, index=False)
    repairs = visits_panel(path).repairs.set_index(["column", "rule"])["values"].to_dict()
    assert repairs["arrived", "time_format"] == 1
    assert repairs["called", "out_of_order"] >= 1


def test_a_log_without_branches_or_file_is_refused(tmp_path):
    path = tmp_path / "visits.csv"
    visits().drop(columns=["branch_id", "remark"]).to_csv(path, index=False)
    with pytest.raises(InputError, match="names its branch"):
        visits_panel(path)
    with pytest.raises(InputError, match="no file"):
        visits_panel(tmp_path / "nowhere.csv")
