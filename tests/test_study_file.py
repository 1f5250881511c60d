"""A study file is read strictly, and what is wrong is said in one sentence."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.study_file import read_study

WHOLE = """
[study]
title = { zh = "研究", en = "Study" }
language = "en"
seed = 7
[causes]
codebook = "bank-zh"
[tolerances]
"wait.*" = 0.01
[[question]]
id = "wait"
design = "waiting"
outcome = "satisfied"
"""


def write(folder, text):
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_whole_study_is_read(tmp_path):
    study = read_study(write(tmp_path, WHOLE))
    assert (study.title.zh, study.language, study.seed) == ("研究", "en", 7)
    assert study.questions[0].options == {"outcome": "satisfied"}
    assert study.tolerances == {"wait.*": 0.01}
    assert study.directory == tmp_path


def test_a_directory_of_tables_is_a_study(tmp_path):
    study = read_study(tmp_path)
    assert study.questions == () and study.directory == tmp_path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[study\n", "not valid TOML"),
        ("[studdy]\n", "Did you mean 'study'"),
        ("[study]\nsead = 1\n", "Did you mean 'seed'"),
        ("[study]\nseed = -1\n", "seed must be a whole number"),
        ("[study]\nseed = true\n", "seed must be a whole number"),
        ("[study]\nlanguage = 'fr'\n", "language must be zh or en"),
        ("[study]\ntitle = 3\n", "title must be"),
        ("study = 3\n", "study must be a section"),
        ("[tolerances]\na = 'x'\n", "tolerances"),
        ("question = 3\n", r"\[\[question\]\]"),
        ("[[question]]\nid = 'a'\n", "design must be a text"),
        ("[[question]]\nid='../a'\ndesign='waiting'\n", "letters, digits"),
        ("[[question]]\ndesign='waiting'\n[[question]]\ndesign='waiting'\n", "used twice"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        read_study(write(tmp_path, text))


def test_a_missing_study_is_said(tmp_path):
    with pytest.raises(InputError, match="no study at"):
        read_study(tmp_path / "nowhere")


def test_errors_speak_chinese_when_asked(tmp_path, monkeypatch):
    monkeypatch.setenv("SVCQUALITY_LANG", "zh")
    with pytest.raises(InputError) as caught:
        read_study(tmp_path / "nowhere")
    assert "不存在" in str(caught.value)


def test_errors_come_back_whole_from_a_worker():
    back = pickle.loads(pickle.dumps(InputError("wrong", "错误")))
    assert (back.en, back.zh) == ("wrong", "错误")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_study_or_an_input_error(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "study.toml").write_bytes(data)
    try:
        read_study(folder)
    except InputError as error:
        assert "\n" not in str(error).strip() or "TOML" in str(error)


FAMILY = (
    WHOLE
    + """
[[family]]
name = "main"
members = ["wait.*"]
method = "bh"
"""
)


def test_families_of_tests_are_declared(tmp_path):
    (family,) = read_study(write(tmp_path, FAMILY)).families
    assert (family.name, family.members, family.method) == ("main", ("wait.*",), "bh")
    (family,) = read_study(write(tmp_path, FAMILY.replace('method = "bh"', ""))).families
    assert family.method == "holm"


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('method = "bh"', 'method = "sidak"', "unknown method of a family"),
        ('members = ["wait.*"]', "members = []", "patterns such as"),
        ('members = ["wait.*"]', 'member = ["wait.*"]', "Did you mean 'members'"),
        ("[[family]]", "[family]", r"\[\[family\]\]"),
    ],
)
def test_a_family_that_declares_nothing_is_refused(tmp_path, old, new, word):
    with pytest.raises(InputError, match=word):
        read_study(write(tmp_path, FAMILY.replace(old, new)))
