from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests
from tests.plots import fabricated

from svcquality.designs._families import adjust_over_findings
from svcquality.errors import InputError
from svcquality.findings import Finding

P = {"a": [0.01, 0.04, 0.2], "b": [0.03, np.nan, 0.005]}


def made(name: str, *, blocked: bool = False) -> Finding:
    rows = [(f"t{i}", "甲", "a", 0.1, 0.0, 0.2) for i in range(3)]
    table = fabricated.table(rows, "share_difference").assign(p=P[name], p_adjusted=0.9)
    checks = (fabricated.BLOCK,) if blocked else (fabricated.PASSED,)
    return fabricated.finding(
        name, "forest", {"forest": table}, rows, "share_difference", table=table, checks=checks
    )


def adjusted(findings: tuple[Finding, ...]) -> dict[str, float]:
    return {
        f"{f.id}.{term}": value
        for f in findings
        for term, value in zip(f.table["term"], f.table["p_adjusted"], strict=True)
    }


@pytest.mark.parametrize(("method", "theirs"), [("holm", "holm"), ("bh", "fdr_bh")])
def test_a_family_over_two_findings_is_adjusted_as_one(method: str, theirs: str) -> None:
    found = adjusted(adjust_over_findings([made("a"), made("b")], ["*.t0", "*.t2"], method))  # type: ignore[arg-type]
    expected = multipletests([0.01, 0.2, 0.03, 0.005], method=theirs)[1]
    names = ["a.t0", "a.t2", "b.t0", "b.t2"]
    np.testing.assert_allclose([found[n] for n in names], expected)
    assert found["a.t1"] == 0.9  # of no family: left as it was


def test_families_are_adjusted_apart() -> None:
    families = {"first": ["a.*"], "second": ["b.t0"]}
    found = adjusted(adjust_over_findings([made("a"), made("b")], families))
    assert found["b.t0"] == 0.03
    assert found["a.t0"] == pytest.approx(0.03)


def test_what_tests_nothing_does_not_count() -> None:
    found = adjusted(adjust_over_findings([made("b")], ["b.*"], "bonferroni"))
    np.testing.assert_allclose([found[f"b.t{i}"] for i in range(3)], [0.06, np.nan, 0.01])
    withheld = adjust_over_findings([made("a"), made("b", blocked=True)], ["*.t0"])
    assert adjusted(withheld)["a.t0"] == 0.01
    assert np.isnan(adjusted(withheld)["b.t0"])


def test_findings_are_not_changed_in_place_and_keep_their_order() -> None:
    first, second = made("a"), made("b")
    after = adjust_over_findings([first, second], ["a.t0"])
    assert [f.id for f in after] == ["a", "b"]
    assert first.table["p_adjusted"].eq(0.9).all()
    assert after[1] is second
    assert after[0] == replace(first, table=after[0].table)


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        (["a.t9"], "matches no number"),
        ({"one": ["a.*"], "two": ["*.t0"]}, "two families"),
    ],
)
def test_families_that_mean_nothing_or_too_much_are_refused(patterns: object, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        adjust_over_findings([made("a"), made("b")], patterns)  # type: ignore[arg-type]
    assert refused.value.zh
    with pytest.raises(InputError, match="no adjustment"):
        adjust_over_findings([made("a")], ["a.*"], "none")  # type: ignore[arg-type]
