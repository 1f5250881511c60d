"""Every design's every sentence, in both languages: none says more than its grade.

Walked are the headline and all further claims, titles of figures and appendices, headings and
questions, the labels of the table and of its models' terms, and what the checks say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from svcquality import measure_causes, simulate_bank
from svcquality.designs import DESIGNS
from svcquality.findings import Finding, Grade
from svcquality.language import LANGUAGES, Language

OPTIONS: dict[str, dict] = {
    "satisfaction": {"appendix": True},
    "waiting": {"appendix": True},
    "staffing": {"days": 20},
    "drivers": {"draws": 100},
    "recommendation": {"by": "segment"},
    "handling": {"by": "channel"},
    "regression": {"formula": "satisfaction ~ wait_minutes + age | branch_id", "cluster": "branch_id"},
}  # fmt: skip
CAUSAL = {
    "zh": re.compile(
        r"导致|造成|影响|效应|效果|使(?!用)|因为|由于|归因|因果|带来|引起|致使|促使|促进|拉低|推高|"
        r"改善|提升|降低|是[^，。；]{0,15}原因|原因(?:是|在于)|根本原因"
    ),
    "en": re.compile(
        r"\b(caus(?:e|es|ed|ing|al)|effects?|impacts?|because|leads? to|led to|due to|thanks to|"
        r"results? in|improv(?:e|es|ed|ement)|changed|reduc(?:e|es|ed)|rais(?:e|es|ed)|"
        r"increas(?:e|es|ed)|decreas(?:e|es|ed)|boosts?|hurts?|affects?|influences?|drives?|makes?)\b",
        re.IGNORECASE,
    ),
}
ALLOWED = {
    "zh": re.compile(r"不等于因果|使 ?(?:线性估计|估计|95% 区间|区间)|“[^”]*”"),
    "en": re.compile(
        r"not proof of cause|causes of complaints|causes and satisfaction|defined beforehand|"
        r"cause of a complaint|no cause of the codebook|by its cause|their primary cause|“[^”]*”|"
        r"(?:most frequent|other|measured|not) causes?\b",
        re.IGNORECASE,
    ),
}
"""The refusal of a causal reading, causes as the codebook means them, and names of the bank's own."""


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding]:
    bank = simulate_bank("state", 11, branches=14, months=26, customers_per_branch=80).records
    causes = measure_causes(bank.complaints, instrument="codebook", seed=1, starts=1)
    return {
        name: design.run(
            bank,
            id=name,
            seed=1,
            **({"causes": causes} if design.by_cause else {}),
            **OPTIONS.get(name, {}),
        )
        for name, design in DESIGNS.items()
    }


def said(finding: Finding, language: Language) -> Iterator[str]:
    """All that a finding tells a reader in words, but for how it was computed."""
    design = DESIGNS[finding.design]
    yield from (design.title[language], design.question[language], finding.question[language])
    yield finding.sentence(language)
    if not finding.blocked:
        yield from (finding.claim_sentence(i, language) for i in range(len(finding.claims)))
    yield from (t[language] for t in (finding.title, *finding.appendix.values()) if t)
    yield from (check.text[language] for check in finding.checks)
    yield from finding.table[f"label_{language}"]
    for model in finding.models:
        yield from (model.name[language], model.outcome[language], model.scale[language])
        yield from model.terms[f"label_{language}"]


def too_much(sentence: str, language: Language) -> bool:
    return bool(CAUSAL[language].search(ALLOWED[language].sub("", sentence)))


def test_every_design_answers_and_is_walked(findings: dict[str, Finding]):
    assert set(findings) == set(DESIGNS)
    assert {f.grade for f in findings.values()} == set(Grade)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DESIGNS)
def test_nothing_below_the_grade_changed_has_a_word_of_cause(findings, name: str, language):
    finding = findings[name]
    if finding.grade is not Grade.CHANGED:
        assert [s for s in said(finding, language) if too_much(s, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DESIGNS)
def test_every_claim_shows_its_interval(findings, name: str, language):
    finding = findings[name]
    if not finding.blocked:
        for i in range(len(finding.claims)):
            assert "95%" in finding.claim_sentence(i, language)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("zh", "等候使满意度下降。"),
        ("zh", "投诉原因构成：等候过长导致不满。"),
        ("zh", "满意度受等候影响；这是关联，不等于因果。"),
        ("zh", "等候是不满的原因。"),
        ("en", "Waits reduce satisfaction."),
        ("en", "The wait is the cause; an association, not proof of cause."),
        ("en", "Causes of complaints affect satisfaction."),
        ("en", "Satisfaction fell because of “waits”."),
    ],
)
def test_the_walk_would_notice(language: Language, sentence: str):
    assert too_much(sentence, language)
