"""Roles: contradictions are refused with the reason."""

from __future__ import annotations

import pandas as pd
import pytest

from svcquality.errors import InputError
from svcquality.models.frame import analysis_frame
from svcquality.models.roles import Roles, check_roles, mediators_among

COLUMNS = ["satisfaction", "wait_minutes", "age", "item_staff", "branch_id", "month", "w"]


def roles(**changes) -> Roles:
    given = {"outcome": "satisfaction", "exposures": ("wait_minutes",), "confounders": ("age",)}
    return Roles(**{**given, **changes})


def test_a_mediator_as_a_control_is_refused_unless_mediation_is_asked():
    asked = roles(confounders=("age", "item_staff"))
    with pytest.raises(InputError, match="mediation") as refused:
        check_roles(asked, COLUMNS)
    assert "中介" in refused.value.zh
    check_roles(asked, COLUMNS, mediation=True)
    declared = roles(mediators=("item_staff",))
    with pytest.raises(InputError, match="item_staff"):
        check_roles(declared, COLUMNS)


def test_what_comes_before_the_wait_is_no_mediator():
    assert mediators_among(["wait_minutes"], ["age", "branch_trained", "recent_complaint"]) == []
    assert mediators_among(["branch_trained"], ["wait_minutes", "age"]) == ["wait_minutes"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"confounders": ("agee",)}, "Did you mean 'age'"),
        ({"confounders": ("wait_minutes",)}, "one role"),
        ({"exposures": ("satisfaction",)}, "one role"),
        ({"fixed": ("age",)}, "one role"),
        ({"weight": "age"}, "one role"),
    ],
)
def test_unknown_and_contradicting_columns_are_named(changes, word):
    with pytest.raises(InputError, match=word):
        check_roles(roles(**changes), COLUMNS)


def test_branch_effects_with_errors_by_branch_are_fine():
    check_roles(roles(fixed=("branch_id", "month"), cluster=("branch_id",)), COLUMNS)


def test_every_dropped_row_is_counted_once_by_reason():
    data = pd.DataFrame(
        {
            "satisfaction": [None, 3, 4] + [5] * 27,
            "wait_minutes": [None, None, 3.0] + [4.0] * 27,
            "age": [30.0] * 30,
            "branch_id": [None] * 4 + ["a"] * 26,
        }
    )
    frame = analysis_frame(data, roles(cluster=("branch_id",)))
    assert frame.dropped["column"].tolist() == ["satisfaction", "wait_minutes", "branch_id"]
    assert frame.dropped["rows"].tolist() == [1, 1, 2]
    assert len(frame.rows) == 26
    assert [rows for _, rows in frame.steps] == [30, 29, 28, 26]


def test_too_few_complete_rows_name_the_column_that_costs_most():
    data = pd.DataFrame(
        {"satisfaction": [3] * 40, "wait_minutes": [1.0] * 5 + [None] * 35, "age": [1.0] * 40}
    )
    with pytest.raises(InputError, match="35 rows have no 'wait_minutes'"):
        analysis_frame(data, roles())


@pytest.mark.parametrize("weight", [0.0, -1.0, float("inf")])
def test_weights_must_be_positive(weight):
    data = pd.DataFrame({"satisfaction": [3] * 30, "wait_minutes": 1.0, "age": 2.0, "w": 1.0})
    data.loc[0, "w"] = weight
    with pytest.raises(InputError, match="positive"):
        analysis_frame(data, roles(weight="w"))
