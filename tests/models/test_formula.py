"""Formulas: any column name, nothing executed, clear refusals."""

from __future__ import annotations

import contextlib
import keyword

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from svcquality.errors import InputError
from svcquality.models.formula import fixed_groups, model_matrix, read_formula

NAMES = ["满意度", "等候时间（分钟）", "等候", "class", "a b", "flag", "log"]


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "满意度": rng.integers(1, 6, 200),
            "等候时间（分钟）": rng.exponential(15, 200),
            "等候": rng.normal(size=200),
            "class": rng.choice(list("abc"), 200),
            "a b": rng.normal(size=200),
            "flag": pd.array(rng.random(200) > 0.5, dtype="boolean"),
            "log": rng.normal(size=200),
        }
    )


def test_chinese_bracketed_and_reserved_names_are_used_as_they_are(data):
    formula = read_formula(
        "满意度 ~ 等候时间（分钟） + 等候 + class + `a b` | flag:class + 等候", NAMES
    )
    assert formula.variables == ("等候时间（分钟）", "等候", "class", "a b")
    assert formula.fixed == (("flag", "class"), ("等候",))
    matrix = model_matrix(formula, data)
    assert matrix.names == ("等候时间（分钟）", "等候", "class = b", "class = c", "a b")
    assert keyword.iskeyword("class")
    np.testing.assert_array_equal(matrix.values[:, 0], data["等候时间（分钟）"])
    np.testing.assert_array_equal(matrix.values[:, 2], data["class"] == "b")


def test_functions_interactions_and_a_column_named_like_a_function(data):
    matrix = model_matrix(
        read_formula("满意度 ~ spline(等候, 4)*flag + log(等候时间（分钟）) + log", NAMES), data
    )
    assert matrix.names[:3] == ("spline(等候, 4) 1", "spline(等候, 4) 2", "spline(等候, 4) 3")
    assert "log(等候时间（分钟）)" in matrix.names and "log" in matrix.names
    assert "spline(等候, 4) 2 × flag" in matrix.names


def test_changed_rows_keep_the_knots_and_levels_of_the_rows_fitted(data):
    matrix = model_matrix(read_formula("满意度 ~ spline(等候, 4) + class", NAMES), data)
    np.testing.assert_array_equal(matrix.of(data), matrix.values)
    moved = matrix.of(data.assign(等候=data["等候"] + 1).head(3))
    assert moved.shape == (3, 5)
    again = matrix.of(data.assign(等候=data["等候"] + 1))
    np.testing.assert_array_equal(again[:3], moved)
    np.testing.assert_allclose(again[:, 0], data["等候"] + 1)  # the first column is the line


def test_groups_are_combined(data):
    groups = fixed_groups(read_formula("满意度 ~ 等候 | flag:class", NAMES), data)
    assert list(groups) == ["flag × class"]
    assert groups["flag × class"].nunique() == 6


@pytest.mark.parametrize(
    "text",
    [
        "满意度 ~ __import__('os').system('true')",
        "满意度 ~ {1 + 1}",
        "满意度 ~ log(等候.__class__)",
        "满意度 ~ eval(等候)",
        "满意度 ~ 等候[0]",
        "满意度 ~ spline(等候, __import__('os'))",
        "满意度 ~ spline(等候, 9)",
        "满意度 ~ 等候 - 1",
        "满意度 ~ 满意度",
        "满意度",
        "满意度 ~ ",
        "~ 等候",
        "满意度 ~ 等候 | ",
        "满意度 ~ 等候 | 行",
        "满意度 ~ 等侯",
        "满意度 ~ 等候 | flag | class",
        "log(满意度) ~ 等候",
        "满意度 ~ log(等候)",
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(text, data):
    with pytest.raises(InputError) as refused:
        model_matrix(read_formula(text, NAMES), data)
    assert "v2_" not in refused.value.en  # never the safe names


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="满意度等候~|+*:()[]{}.,`'\" 01a_-/\\\n", max_size=40))
def test_no_text_is_executed_or_crashes(text):
    rows = pd.DataFrame({"满意度": [1, 2, 3.0], "等候": [1.0, 2, 4]})
    with contextlib.suppress(InputError):
        model_matrix(read_formula(text, list(rows)), rows)
