"""Value labels of SPSS and Stata: which columns are rated, and which codes say "no answer".

A rated scale keeps its numbers, kinds (channels, sexes, regions) become their words. What tells them
apart is what the labels mean: they name degrees of one thing ("satisfied", "very satisfied"), or
they are numbers themselves. A run of codes alone says nothing: channels are numbered too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

BATTERY = 3
"""Columns with the same labels from which on they are taken for the items of one battery."""
_MATCHED = 0.6

_NO_ANSWER = re.compile(
    r"不适用|不知道|不了解|不清楚$|说不清|拒绝|拒答|未回答|未作答|未答|未填|无应答|无回答|缺失|跳过|"
    r"(?:未|没有?|从未)(?:使用|用|办理|接触|经历)过?|无法|无此|"
    r"\bn\s?/?\s?a\b|not applicable|n.t apply|not apply|don.?t know|do not know|\bdk\b|refus|no answer|"
    r"no opinion|no response|missing|prefer not|not used|never used|not stated|not asked|unable|"
    r"can.?(?:no)?t (?:say|judge|choose)|unsure|not sure|해당\s?없|무응답|모름|모르",
    re.IGNORECASE,
)
_DEGREES = (
    r"非常|十分|特别|极其|极度|极为|极|很|比较|较为|较|有点儿?|有些|稍微|稍|略微|略|不太|不怎么|不是|不大|毫不|"
    r"不|没有?|完全|根本|基本上?|一点也|相当|最|更|强烈|绝对|大体|一定|肯定|"
    r"very|extremely|highly|completely|totally|fully|strongly|somewhat|slightly|moderately|fairly|quite|"
    r"rather|mostly|not at all|not|do not|don.?t|at all|a little|a bit|a lot|really|most|more|much|tend to|"
    r"partly|partially|generally|definitely|probably|entirely|absolutely|would|no|"
    r"매우|아주|전혀|약간|조금|대체로|별로|그다지"
)
# Dimension -> (words that speak for it, words that speak against it).
_DIMENSIONS: dict[str, tuple[str, str]] = {
    "satisfaction": (
        r"满意|satisfied|satisfactory|happy|pleased|만족",
        r"失望|不满|dissatisfied|unsatisfied|unsatisfactory|unhappy|불만족|불만",
    ),
    "agreement": (
        r"同意|认同|赞同|赞成|符合|相符|agree|true|그렇|동의",
        r"反对|disagree|untrue",
    ),
    "likelihood": (r"可能|会|愿意|推荐|likely|recommend|willing", r"unlikely|unwilling"),
    "importance": (r"重要|在意|关心|important|중요", r"unimportant"),
    "quality": (
        r"好|优秀|优|良好|良|合格|excellent|good|great|outstanding|exceptional|acceptable|adequate|"
        r"above average|best|좋음|좋다",
        r"差|坏|糟糕|poor|bad|terrible|awful|inadequate|unacceptable|below average|worst|나쁨|나쁘다",
    ),
    "frequency": (
        r"有时候?|经常|总是|常常|一直|频繁|sometimes|often|usually|frequently|always",
        r"从不|从未|从来没有?|很少|偶尔|几乎不|never|almost never|rarely|seldom|occasionally|hardly ever",
    ),
    "ease": (
        r"容易|简单|方便|便利|轻松|easy|simple|convenient",
        r"困难|难|麻烦|费力|difficult|hard|inconvenient",
    ),
    "speed": (r"快|fast|quick", r"慢|slow"),
    "level": (r"高|多|大|high|a great deal|all", r"低|少|小|low|little|none"),
    "change": (r"改善|better|improved", r"恶化|worse|deteriorated"),
    "clarity": (r"清楚|清晰|明白|熟悉|信任|放心|公平|合理|clear|familiar|fair", r"模糊|unclear|unfair"),
}  # fmt: skip
_MIDDLE = (
    r"一般般?|中立|中等|中|普通|尚可|还可以|还行|及格|无所谓|差不多|不确定|不好说|适中|持平|相同|一样|平均|"
    r"既不?.*[也又].*|"
    r"neutral|neither.*|average|undecided|so.?so|medium|moderate|middle|mixed|indifferent|ok(?:ay)?|fair|"
    r"(?:about )?(?:the )?same|about right|not sure|unsure|no change|no opinion|보통(?:이다)?|그저 그렇다"
)
_TAIL = (
    r"(?:的|地|了)?(?:함|하다|한다|스럽다|다|하지\s?않(?:음|는다|다)|지\s?않(?:음|는다|다))?"
    r"(?:\s+(?:with|that|to|at|by|of|about)\b.*)?"
)
_HEAD = r"(?:我|我们|i|i am|i.m|表示|感到|觉得|感觉|对.{1,12}?)?\s*"
_NEGATION = re.compile(
    r"不(?!满(?!意))|没|毫无|\bnot\b|\bno\b|n.t\b|전혀|별로|그다지|지\s?않", re.IGNORECASE
)


def _phrase(stems: str) -> re.Pattern[str]:
    return re.compile(rf"{_HEAD}(?:(?:{_DEGREES})\s*)*(?:{stems}){_TAIL}", re.IGNORECASE)


_NEUTRAL = re.compile(_MIDDLE, re.IGNORECASE)
_WORDS = {name: (_phrase(better), _phrase(worse)) for name, (better, worse) in _DIMENSIONS.items()}


@dataclass(frozen=True)
class Coded:
    """A column of labelled codes, both ways.

    Parameters
    ----------
    numbers : Series
        Its codes; those that say there is no answer are missing.
    words : Series
        Its labels.
    labels : dict of float to str
        Code → label.
    run : tuple of float
        The codes of the scale, unbroken and in order.
    beside : dict of float to int
        Labelled code that is no point of the scale → answers that carry it.
    rated : bool
        Whether the labels name degrees of one thing.
    falling : bool
        Whether the scale runs from the best to the worst.
    """

    numbers: pd.Series
    words: pd.Series
    labels: Mapping[float, str]
    run: tuple[float, ...]
    beside: Mapping[float, int]
    rated: bool
    falling: bool


def coded(values: pd.Series, labels: Mapping[float, str], *, columns: int = 1) -> Coded:
    """Understand one labelled column.

    Parameters
    ----------
    values : Series
        Its codes; values that the file declares missing are missing already.
    labels : mapping of float to str
        Code → label.
    columns : int
        How many columns of the file carry these labels.

    Notes
    -----
    No answer are: labels that say so at either end of the codes; of a rated scale also every
    labelled code outside its unbroken run (8, 9, 98, 99, −1 beside 1 to 5), and one behind a balanced
    scale that names no degree (6 = "no such service").
    """
    seen = {float(v) for v in values.dropna().unique()}
    run = _run(labels, seen)
    rated = _rated(run, labels, seen, columns)
    if rated:
        run = _balanced(run, labels)
        silent = {code for code in labels if code not in run}
    else:
        silent = {code for code, label in labels.items() if _NO_ANSWER.search(label)} - set(run)
    counts = values.value_counts()
    signs = [_sign(labels[code]) for code in (run[0], run[-1]) if code in labels] if run else []
    return Coded(
        numbers=values.mask(values.isin(silent)),
        words=values.map(dict(labels)).astype("str"),
        labels=dict(labels),
        run=tuple(run),
        beside={code: int(counts[code]) for code in sorted(silent) if counts.get(code, 0)},
        rated=rated,
        falling=rated and len(signs) == 2 and signs[0] > 0 > signs[1],
    )


def _run(labels: Mapping[float, str], seen: set[float]) -> list[float]:
    """The longest unbroken run of whole codes, without those at its ends that mean no answer."""
    codes = sorted(code for code in seen | set(labels) if code == int(code))
    while codes and _NO_ANSWER.search(labels.get(codes[0], "")):
        codes.pop(0)
    while codes and _NO_ANSWER.search(labels.get(codes[-1], "")):
        codes.pop()
    if set(codes) == {min(codes, default=0), max(codes, default=0)} and _alike(codes, labels):
        return codes  # only the ends of a scale are labelled, and seen
    runs = [codes[:1]]
    for before, code in pairwise(codes):
        if code != before + 1:
            runs.append([])
        runs[-1].append(code)
    longest = max(runs, key=len)
    while longest and _NO_ANSWER.search(labels.get(longest[-1], "")):
        longest.pop()
    while longest and _NO_ANSWER.search(labels.get(longest[0], "")):
        longest.pop(0)
    return longest


def _rated(
    run: Sequence[float], labels: Mapping[float, str], seen: set[float], columns: int
) -> bool:
    if len(run) < 3 and not (len(run) == 2 and run[1] - run[0] > 1):
        return False
    if not -5 <= run[0] <= 1:
        return False
    named = [labels[code] for code in run if code in labels]
    if not named:
        return False
    kinds = [_dimension(label) for label in named]
    numeric = sum(kind == "number" for kind in kinds) + sum(code not in labels for code in run)
    common = Counter(kind for kind in kinds if kind not in ("", "number", "middle"))
    matched = sum(bool(kind) for kind in kinds) / len(kinds)
    if numeric >= max(2, len(run) / 2):
        return all(kinds) or set(run) & set(labels) <= {run[0], run[-1]} or len(run) > 3
    if matched >= _MATCHED and common and common.most_common(1)[0][1] >= 2:
        return True
    return columns >= BATTERY and len(run) >= 4 and _share_words(named)


def _alike(codes: Sequence[float], labels: Mapping[float, str]) -> bool:
    """Whether two labels name opposite degrees of one thing, with room between their codes."""
    if len(codes) != 2 or codes[1] - codes[0] < 2:
        return False
    first, last = (_dimension(labels.get(code, "")) for code in codes)
    return first == last and first not in ("", "middle")


def _balanced(run: list[float], labels: Mapping[float, str]) -> list[float]:
    """Without a code at an end that names no degree beside as many degrees for as against."""
    for rest, end in ((run[1:], run[0]), (run[:-1], run[-1])):
        if end not in labels or _dimension(labels[end]) or any(c not in labels for c in rest):
            continue
        kinds = {_dimension(labels[code]) for code in rest}
        signs = [_sign(labels[code]) for code in rest]
        if len(rest) >= 3 and not kinds & {"", "number"} and signs.count(1) == signs.count(-1) > 0:
            return rest
    return run


def _share_words(named: Sequence[str]) -> bool:
    """Whether a word, or a character of Chinese or Korean, stands in at least half of the labels."""
    words = Counter(
        word
        for label in named
        for word in set(re.findall(r"[\u3400-\u9fff\uac00-\ud7a3]|[^\W\d_]{3,}", label.lower()))
    )
    return bool(words) and words.most_common(1)[0][1] >= len(named) / 2


def _bare(label: str) -> str:
    """A label without its own number and without what stands in brackets."""
    text = re.sub(r"[（(\[【].*?[）)\]】]", "", label).strip()
    text = re.sub(r"^[-−]?\d+\s*(?:[-–—=:：.、,，)）]+|\s|$|(?=[^\d\s号]))\s*", "", text)
    return text.strip(" .。!！,，-–—=:：")


def _dimension(label: str) -> str:
    """What a label names a degree of; ``middle``, ``number``, or empty."""
    text = _bare(label)
    if not text or re.fullmatch(r"(?:分|星级?|级|points?|stars?|점)", text, re.IGNORECASE):
        return "number" if re.search(r"\d", label) or not label.strip() else ""
    if _NEUTRAL.fullmatch(text):
        return "middle"
    return next((name for name, both in _WORDS.items() if any(p.fullmatch(text) for p in both)), "")


def _sign(label: str) -> int:
    """1 for a degree above the middle, −1 below, 0 otherwise."""
    text = _bare(label)
    if _NEUTRAL.fullmatch(text):
        return 0
    for better, worse in _WORDS.values():
        if worse.fullmatch(text):
            return -1
        if better.fullmatch(text):
            return -1 if _NEGATION.search(text) else 1
    return 0
