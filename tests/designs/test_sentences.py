"""Every design's every sentence, in both languages: none says more than its grade."""

from __future__ import annotations

import re

import pytest

from svcquality import simulate_bank
from svcquality.designs import DESIGNS
from svcquality.errors import InputError
from svcquality.findings import Finding, Grade
from svcquality.language import LANGUAGES

OPTIONS = {
    "satisfaction": {"appendix": False},
    "waiting": {"appendix": False},
    "staffing": {"days": 20},
    "drivers": {"draws": 60},
    "recommendation": {"by": "segment"},
    "handling": {"by": "channel"},
    "regression": {"formula": "satisfaction ~ wait_minutes + age | branch_id", "cluster": "branch_id"},
}  # fmt: skip
NEEDS_TEXT = {"cause_shares", "cause_cost", "topics", "emotion"}
CAUSAL = {
    "zh": re.compile(r"导致|造成|影响|效应|效果|使(?!用)|因为|由于|归因|带来|改善了|提升了|降低了"),
    "en": re.compile(
        r"\b(caus(e|es|ed|ing)|effects?|impacts?|because|leads? to|due to|improv(e|es|ed)|"
        r"changed|reduc(e|es|ed)|increas(e|es|ed)|makes?)\b",
        re.IGNORECASE,
    ),
}
ALLOWED = {
    "zh": re.compile(r"不等于因果|投诉原因|类原因|未发现|“[^”]*”"),
    "en": re.compile(
        r"not proof of cause|most frequent cause|cause of a complaint|its cause|“[^”]*”", re.I
    ),
}
"""The refusal of a causal reading, causes as the codebook means them, and names of the bank's own."""


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    size = {"branches": 14, "months": 26, "customers_per_branch": 80}
    bank = simulate_bank("state", 11, texts=False, **size).records
    found = []
    for name, design in DESIGNS.items():
        if name in NEEDS_TEXT:
            continue
        try:
            found.append(design.run(bank, id=name, seed=1, **OPTIONS.get(name, {})))
        except InputError:  # a bank as small as this cannot carry every question
            continue
    return found


def test_enough_designs_answer_to_be_worth_the_walk(findings):
    assert len({f.design for f in findings}) >= len(DESIGNS) - len(NEEDS_TEXT) - 2


def said(finding: Finding, language) -> list[str]:
    claims = [] if finding.blocked else list(range(len(finding.claims)))
    titles = [t[language] for t in (finding.title, *finding.appendix.values()) if t]
    return [*(finding.claim_sentence(i, language) for i in claims), *titles]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_below_the_grade_changed_has_a_word_of_cause(findings, language):
    wrong = [
        (finding.id, sentence)
        for finding in findings
        if finding.grade is not Grade.CHANGED
        for sentence in said(finding, language)
        if CAUSAL[language].search(ALLOWED[language].sub("", sentence))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_an_association_shows_its_interval(findings, language):
    for finding in findings:
        if finding.grade is Grade.ASSOCIATED and not finding.blocked:
            for i in range(len(finding.claims)):
                assert "95%" in finding.claim_sentence(i, language)


def test_the_walk_would_notice_a_word_of_cause():
    for language, sentence in (("zh", "等候使满意度下降。"), ("en", "Waits reduce satisfaction.")):
        assert CAUSAL[language].search(ALLOWED[language].sub("", sentence))
