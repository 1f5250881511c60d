"""What is written is whole or absent, and a damaged cache entry is made again."""

from __future__ import annotations

import pytest

from svcquality.storage import Cache, hash_key, whole_directory, write_atomic


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_a_failed_directory_leaves_the_old_one_and_no_trace(tmp_path):
    target = tmp_path / "report"
    with whole_directory(target) as work:
        (work / "a.txt").write_text("first")
    with pytest.raises(RuntimeError), whole_directory(target) as work:
        (work / "a.txt").write_text("second")
        raise RuntimeError
    assert (target / "a.txt").read_text() == "first"
    assert names(tmp_path) == ["report"]


def test_a_finished_directory_replaces_the_old_one_whole(tmp_path):
    target = tmp_path / "report"
    for name in ("a.txt", "b.txt"):
        with whole_directory(target) as work:
            (work / name).write_text(name)
    assert names(target) == ["b.txt"]
    assert names(tmp_path) == ["report"]


def test_write_atomic_replaces_and_leaves_nothing_else(tmp_path):
    write_atomic(tmp_path / "x" / "n.csv", "一\n")
    write_atomic(tmp_path / "x" / "n.csv", "二\n")
    assert (tmp_path / "x" / "n.csv").read_text("utf-8") == "二\n"
    assert names(tmp_path / "x") == ["n.csv"]


@pytest.mark.parametrize("damage", ["change", "delete", "manifest"])
def test_a_damaged_cache_entry_is_made_again(tmp_path, damage):
    made = []

    def make(directory):
        made.append(1)
        (directory / "value.txt").write_text("right")

    cache, key = Cache(tmp_path), hash_key({"seed": 1})
    entry = cache.entry(key, make)
    assert cache.entry(key, make) == entry
    assert len(made) == 1
    if damage == "change":
        (entry / "value.txt").write_text("wrong")
    elif damage == "delete":
        (entry / "value.txt").unlink()
    else:
        (entry / "manifest.json").write_text("{")
    assert (cache.entry(key, make) / "value.txt").read_text() == "right"
    assert len(made) == 2


def test_an_interrupted_entry_is_not_taken_for_a_result(tmp_path):
    cache, key = Cache(tmp_path), hash_key("x")

    def dies(directory):
        (directory / "half.txt").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.entry(key, dies)
    assert (cache.entry(key, lambda d: (d / "v").touch()) / "v").exists()
