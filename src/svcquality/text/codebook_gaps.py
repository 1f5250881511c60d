"""What a codebook leaves out that a coder or a model would miss: warnings, never errors."""

from __future__ import annotations

from svcquality.language import Text
from svcquality.text.codebook import Cause, Family

LEAST_SEEDS = 3
"""With fewer, seeded models agree poorly between runs (keyATM: .42–.48 with one keyword of a
cause, .60–.81 with two, .90–.97 with three)."""


def what_is_missing(families: tuple[Family, ...], causes: tuple[Cause, ...]) -> tuple[Text, ...]:
    """Warnings about a codebook, each naming the causes that it concerns."""
    few = [c.id for c in causes if len(c.seeds_zh) + len(c.seeds_en) < LEAST_SEEDS]
    undefined = [c.id for c in causes if not c.definition.zh]
    borderless = [c.id for c in causes if not (c.include.zh or c.exclude.zh)]
    alone = [c.id for c in causes if not c.neighbours]
    one_language = [c.id for c in causes if c.label.zh == c.label.en]
    one_sided = [
        (a.id, b.id)
        for a in causes
        for b in causes
        if b.id in a.neighbours and a.id not in b.neighbours
    ]
    found = [
        (few, "have fewer than three seeds; a seeded model needs three", "的种子词不足三个，种子主题模型至少需要三个"),
        (undefined, "have no definition; a second coder cannot apply them", "没有定义，其他编码员无法据此编码"),
        (borderless, "do not say what belongs to them and what does not (include, exclude)",
         "没有说明包含与不包含的情形（include、exclude）"),
        (alone, "name no neighbours; confusion between causes cannot be looked at pair by pair",
         "没有列出相邻原因，无法逐对查看混淆情况"),
        (one_language, "have a label in one language only; it stands for both", "只有一种语言的名称，另一种语言沿用之"),
        ([f"{a}→{b}" for a, b in one_sided], "are neighbours on one side only", "只有一方列为相邻"),
    ]  # fmt: skip
    return tuple(
        Text(f"{_some(who, '、', '等')}{zh}。", f"{_some(who, ', ', ' and others')} {en}.")
        for who, en, zh in found
        if who
    )


def _some(names: list[str], comma: str, others: str) -> str:
    return comma.join(names[:8]) + (others if len(names) > 8 else "")
