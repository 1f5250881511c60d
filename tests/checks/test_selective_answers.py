"""Answering that depends on the exposure is noticed; other silence is not accused."""

from __future__ import annotations

import pandas as pd
import pytest

from svcquality import simulate_bank
from svcquality.checks.selective_answers import selective_answers
from svcquality.designs._selective_answers import answering

SMALL = {"branches": 24, "months": 20, "customers_per_branch": 100}


def differences(*rows: tuple[str, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["label_en", "estimate", "p"])
    return frame.assign(label_zh="等候")


def test_a_clear_difference_warns_in_both_languages():
    check = selective_answers(differences(("10 more minutes of waiting", -0.023, 1e-5)))
    assert check.status == "warn"
    assert "10 more minutes of waiting (−2.3 points)" in check.text.en
    assert "等候（−2.3 个百分点）" in check.text.zh


def test_small_or_unsure_differences_pass():
    assert selective_answers(differences(("wait", -0.004, 1e-9))).status == "passed"
    assert selective_answers(differences(("wait", -0.04, 0.2))).status == "passed"
    both = differences(("wait", -0.04, 0.03), ("complaint", 0.0, 0.9))
    assert selective_answers(both).status == "passed"  # Holm over two


@pytest.mark.parametrize(("world", "status"), [("base", "passed"), ("unhappy_silent", "warn")])
def test_the_silent_unhappy_are_noticed(world, status):
    bank = simulate_bank("state", 5, world=world, texts=False, **SMALL).records
    (check,) = answering(bank, ["wait_minutes", "recent_complaint"])
    assert check.status == status


def test_where_silence_is_not_on_record_nothing_is_said():
    bank = simulate_bank("state", 5, texts=False, **SMALL).records
    from dataclasses import replace

    told = bank.surveys[bank.surveys["satisfaction"].notna()]
    assert answering(replace(bank, surveys=told), ["wait_minutes"]) == []
