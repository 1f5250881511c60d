"""Databases: embedded ones always, PostgreSQL on a server that the test starts where there is one."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from svcquality.errors import InputError
from svcquality.records.database import database_to_parquet, read_database
from svcquality.records.read import read_records

TABLE = pd.DataFrame({"id": range(5), "text": ["a", "柜台", None, "d'", 'e"']})


def test_sqlite_by_table_and_by_query(tmp_path):
    with sqlite3.connect(tmp_path / "b.db") as connection:
        TABLE.to_sql("visits", connection, index=False)
    url = f"sqlite:///{tmp_path / 'b.db'}"
    raw = read_database(url, "visits")
    assert raw.frame["text"].fillna("").tolist() == TABLE["text"].fillna("").tolist()
    assert raw.frame.index.tolist() == [1, 2, 3, 4, 5]
    assert raw.sha256 == read_database(url, "visits").sha256
    target = tmp_path / "out.parquet"
    assert database_to_parquet(url, "select id from visits where id > 1", target) == 3
    assert pd.read_parquet(target)["id"].tolist() == [2, 3, 4]


def test_a_study_names_a_table_of_a_database(tmp_path):
    visits = pd.DataFrame({"visit_id": [1, 2], "arrived": ["2024-01-05 09:00", "2024-01-05 09:10"]})
    with sqlite3.connect(tmp_path / "bank.db") as connection:
        visits.to_sql("tickets", connection, index=False)
    (tmp_path / "study.toml").write_text(
        '[records]\nvisits = { database = "sqlite:///bank.db", query = "tickets" }\n', "utf-8"
    )
    bank = read_records(tmp_path)
    assert bank.visits["visit_id"].tolist() == ["1", "2"]
    assert bank.sources["visits"].path == "tickets"


def test_duckdb(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("duckdb_engine")
    with duckdb.connect(str(tmp_path / "k.duckdb")) as connection:
        connection.execute("create table v as select 1 as id")
    assert read_database(f"duckdb:///{tmp_path / 'k.duckdb'}", "v").frame["id"].tolist() == [1]


@pytest.mark.parametrize(
    ("url", "query", "words"),
    [
        ("sqlite:///{}/b.db", "nothing", "no table 'nothing'; it has visits"),
        ("sqlite:///{}/b.db", "select nope from visits", "no such column"),
        ("sqlite:///{}/none/b.db", "visits", "unable to open"),
        ("nosuch://x", "visits", "not understood"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, url, query, words):
    with sqlite3.connect(tmp_path / "b.db") as connection:
        TABLE.to_sql("visits", connection, index=False)
    with pytest.raises(InputError, match=words) as caught:
        read_database(url.format(tmp_path), query)
    assert "\n" not in caught.value.en


@pytest.fixture(scope="module")
def postgres():
    """The address of a PostgreSQL server of the test's own."""
    pytest.importorskip("psycopg")
    if not (shutil.which("initdb") and shutil.which("pg_ctl")):
        pytest.skip("PostgreSQL is not installed")
    account = None
    if os.getuid() == 0:  # the server refuses to run as root: give it an account without rights
        account = next((n for n in ("postgres", "nobody") if _exists(n)), None)
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if account:
        shutil.chown(folder, account)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(*command: object) -> int:
        return subprocess.run([str(c) for c in command], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, user=account, cwd=folder).returncode  # fmt: skip

    if run("initdb", "-D", folder / "data", "-U", "tester", "-A", "trust", "--no-sync"):
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip("PostgreSQL cannot make a database here")
    options = f"-p {port} -k {folder} -c fsync=off -c listen_addresses=127.0.0.1"
    control = ("pg_ctl", "-D", folder / "data")
    assert run(*control, "-o", options, "-l", folder / "log", "-w", "start") == 0
    yield f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"
    run(*control, "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


def _exists(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return False
    return True


def test_postgresql_streams_in_pieces(postgres, tmp_path):
    engine = sa.create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "create table visits as select i as id, 'B' || (i % 7) as branch, "
                "timestamp '2024-01-01' + i * interval '1 minute' as arrived, "
                "case when i > 150000 then i / 2.0 end as late "
                "from generate_series(1, 250000) as i"
            )
        )
    engine.dispose()
    target = tmp_path / "visits.parquet"
    assert database_to_parquet(postgres, "public.visits", target) == 250_000
    read = pd.read_parquet(target)
    assert read["id"].sum() == 250_000 * 250_001 // 2
    assert read["arrived"].max() == pd.Timestamp("2024-01-01") + pd.Timedelta(minutes=250_000)
    assert read["late"].dropna().tolist()[:2] == [75000.5, 75001.0]  # none in the first piece
    assert read["late"].notna().sum() == 100_000


def test_the_panel_of_a_database_is_that_of_its_file(tmp_path):
    from svcquality.records.visits_panel import visits_panel
    from tests.records.test_pieces import visits

    frame = visits(600).drop(columns="remark").assign(staff_note="unused")
    frame.to_csv(tmp_path / "visits.csv", index=False)
    with sqlite3.connect(tmp_path / "bank.db") as connection:
        frame.to_sql("visits", connection, index=False)
    url = f"sqlite:///{tmp_path / 'bank.db'}"
    from_file = visits_panel(tmp_path / "visits.csv").frame
    pd.testing.assert_frame_equal(visits_panel(url).frame, from_file)
    chosen = "select * from visits where branch_id <> 'B3'"
    assert set(visits_panel(url, query=chosen).frame["branch_id"]) == {
        "B0", "B1", "B2", "B4", "B5", "B6",
    }  # fmt: skip


def test_every_type_of_postgresql_comes_as_it_is(postgres, tmp_path):
    engine = sa.create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "create table kinds (a int, b text, c boolean, d date, e numeric, f timestamptz, g jsonb)"
            )
        )
        connection.execute(
            sa.text("insert into kinds values (1, '', true, '2024-01-05', 1.25, '2024-01-05 10:00+08', '{}'), "
                    "(null, null, null, null, null, null, null), "
                    "(3, E'x,\"y\"\\n%s', false, '1999-12-31', 3, '2024-07-01 00:00+00', '[1]')")
        )  # fmt: skip
    engine.dispose()
    target = tmp_path / "kinds.parquet"
    assert database_to_parquet(postgres, "select * from kinds;", target) == 3
    read = pd.read_parquet(target)
    assert read["a"].fillna(-1).tolist() == [1, -1, 3]
    assert read["b"].tolist()[::2] == ["", 'x,"y"\n%s'] and pd.isna(read["b"][1])
    assert read["c"].tolist() == [True, None, False]
    assert read["e"].tolist()[::2] == [1.25, 3.0]
    assert read["f"][0] == pd.Timestamp("2024-01-05 02:00", tz="UTC")
    assert read["g"].tolist()[::2] == ["{}", "[1]"]
    with pytest.raises(InputError, match="Nothing was read"):
        database_to_parquet(postgres, "select * from kinds where a = 9", target)
    with pytest.raises(InputError, match="nope") as caught:
        database_to_parquet(postgres, "select nope from kinds", target)
    assert "\n" not in caught.value.en
