"""Records side by side: one row that holds a review of each of two platforms, and the like."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from svcquality.language import Text
from svcquality.records.oddity import WHOLE_TABLE, Oddity
from svcquality.records.synonyms import looks_personal

PLATFORMS = re.compile(
    r"google|app ?store|apple|ios|android|play ?store|yelp|trip ?advisor|booking|expedia|facebook|twitter|trustpilot"
    r"|amazon|naver|kakao|weibo|ctrip|dianping|meituan|taobao|tmall|jd|douyin"
    r"|大众点评|美团|携程|去哪儿|淘宝|天猫|京东|微博|抖音|小红书|知乎|苹果|安卓|华为|小米|应用宝|应用市场|网银|手机银行"
    r"|네이버|카카오|구글|애플|플레이",
    re.IGNORECASE,
)
_NAME_SHARED = 0.4
_SHORTEST = 2
_LIKE_LENGTH = 4


@dataclass(frozen=True)
class Parallel:
    """Two sets of columns that hold the same kind of record.

    Parameters
    ----------
    variants : tuple of (str, str)
        What tells the names apart, such as ``("google", "yelp")``.
    pairs : tuple of (str, str)
        Columns that mean the same.
    """

    variants: tuple[str, str]
    pairs: tuple[tuple[str, str], ...]


def find_parallel(frame: pd.DataFrame, kinds: dict[str, str]) -> list[Parallel]:
    """Sets of columns whose names differ in one part only, a text among them.

    Parameters
    ----------
    frame : DataFrame
        Raw columns.
    kinds : dict of str to str
        Column → its kind.

    Returns
    -------
    list of Parallel
        Columns of texts named after nothing but a platform are a set too.
    """
    names = [n for n in map(str, frame.columns) if not looks_personal(n) and kinds[n] != "empty"]
    sets: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for one, other in itertools.combinations(names[:80], 2):
        if (kinds[one] == "text") != (kinds[other] == "text"):
            continue
        variants = _variants(one, other)
        if variants:
            sets[variants].append((one, other))
    found = [
        Parallel(variants, tuple(pairs))
        for variants, pairs in sets.items()
        if _tell_records_apart(variants, pairs)
        and any(kinds[one] == "text" and _other_texts(frame, one, other) for one, other in pairs)
    ]
    named = {name for parallel in found for pair in parallel.pairs for name in pair}
    texts = [n for n in names if kinds[n] == "text" and n not in named and PLATFORMS.search(n)]
    found += [Parallel((one, other), ((one, other),)) for one, other in itertools.pairwise(texts)]
    return found


def parallel_oddities(frame: pd.DataFrame, kinds: dict[str, str]) -> Iterator[Oddity]:
    """Parallel columns in words; several columns of text that no names tell apart, too.

    Yields
    ------
    Oddity
    """
    found = find_parallel(frame, kinds)
    for parallel in found:
        sides = [" + ".join(side) for side in zip(*parallel.pairs, strict=True)]
        rows = [
            int(frame[list(side)].notna().any(axis=1).sum())
            for side in zip(*parallel.pairs, strict=True)
        ]
        what = Text(
            f"并列的同类列：{sides[0]}（{rows[0]:,} 条） | {sides[1]}（{rows[1]:,} 条）：一行有两条记录，映射中请写成列表",
            f"the same columns side by side: {sides[0]} ({rows[0]:,}) | {sides[1]} ({rows[1]:,}): "
            "two records a row; list both in the mapping",
        )
        yield Oddity(WHOLE_TABLE, "parallel", what, sum(rows))
    paired = {name for parallel in found for pair in parallel.pairs for name in pair}
    texts = [n for n in map(str, frame.columns) if kinds[n] == "text" and frame[n].nunique() > 20]
    if len(texts) > 1 and not paired & set(texts):
        what = Text(f"有 {len(texts)} 列文本：{'、'.join(texts[:4])}；可能是并列的记录，或文本与其答复",
                    f"{len(texts)} columns of text: {', '.join(texts[:4])}; records side by side, or a text and its reply")  # fmt: skip
        yield Oddity(WHOLE_TABLE, "texts", what, len(texts))


def _variants(one: str, other: str) -> tuple[str, str] | None:
    """What tells two names apart if they share the rest; None if they share too little."""
    a, b = one.casefold(), other.casefold()
    prefix = next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    rest_a, rest_b = a[prefix:], b[prefix:]
    suffix = next(
        (i for i, (x, y) in enumerate(zip(reversed(rest_a), reversed(rest_b), strict=False)) if x != y),
        min(len(rest_a), len(rest_b)),
    )  # fmt: skip
    inner = (rest_a[: len(rest_a) - suffix], rest_b[: len(rest_b) - suffix])
    shared = re.sub(r"[\W_\d]", "", a[:prefix] + (rest_a[len(inner[0]) :]))
    width = 1 if re.search(r"[\u3400-\u9fff\uac00-\ud7a3]", shared) else 2
    if len(shared) < _SHORTEST * width or len(shared) < _NAME_SHARED * min(
        len(re.sub(r"[\W_\d]", "", n)) for n in (a, b)
    ):
        return None
    words = tuple(part.strip(" _-.()（）[]:：/") for part in inner)
    return (words[0], words[1]) if any(words) else None


def _tell_records_apart(variants: tuple[str, str], pairs: list[tuple[str, str]]) -> bool:
    """Platforms, numbers, or a difference that several pairs of columns share; not title and text."""
    numbered = all(re.fullmatch(r"\d*", variant) for variant in variants)
    return numbered or len(pairs) > 1 or any(PLATFORMS.search(variant) for variant in variants)


def _other_texts(frame: pd.DataFrame, one: str, other: str) -> bool:
    """Two columns of texts of like length that do not repeat each other."""
    lengths = [frame[name].dropna().astype("str").str.len().median() for name in (one, other)]
    both = frame[[one, other]].dropna().iloc[:2000]
    repeated = (both[one].astype("str") == both[other].astype("str")).mean() if len(both) else 0.0
    return bool(repeated < 0.5 and max(lengths) <= _LIKE_LENGTH * min(lengths))
