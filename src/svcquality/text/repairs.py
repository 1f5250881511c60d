"""The damage that is repaired in a text: what each kind looks like, and what is put in its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from html import unescape
from itertools import groupby
from typing import NamedTuple

from opencc import OpenCC

from svcquality.language import Text
from svcquality.text.frames import FRAMES

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
"""Han characters, as the inside of a character class."""

RULES: dict[str, Text] = {
    "entity": Text("HTML 标记与转义符", "HTML tags and entities"),
    "invisible": Text("不可见字符与乱码", "invisible characters and mojibake"),
    "pinyin": Text("汉字后的括注拼音", "pinyin in brackets after a character"),
    "full_width": Text("全角字母与数字", "full-width letters and digits"),
    "radical": Text("部首与兼容汉字", "radicals and compatibility ideographs"),
    "traditional": Text("繁体字", "traditional characters"),
    "alias": Text("异形词与常见别字", "variant spellings"),
    "boilerplate": Text("坐席套话", "agents' boilerplate"),
    "space": Text("多余空白", "superfluous white space"),
}
"""The kinds of repair, in the order in which they are made."""

Edit = tuple[int, int, str]
"""Characters ``start:end`` of a text and what comes in their place."""


class Rule(NamedTuple):
    """One repair.

    Parameters
    ----------
    name : str
        A key of `RULES`; several rules may share one.
    needs : tuple of str
        Sets of characters: a text without a character of each holds nothing to repair. They spare
        most texts the search.
    edits : callable
        From a text to its edits, from left to right.
    """

    name: str
    needs: tuple[str, ...]
    edits: Callable[[str], Iterator[Edit]]


_TONED = "āáǎàēéěèêīíǐìōóǒòūúǔùüǖǘǚǜńňǹ"
_NEUTRAL = "de|le|ma|ne|ba|zhe|men|zi|me|ge|la|ya|shi"
# (wù) is a converter's gloss, (app) is the customer's: a tone mark or a neutral particle decides.
_PINYIN = rf"(?<=[{HAN}])[(（]\s*(?:[a-z]{{0,4}}[{_TONED}][a-z{_TONED}]{{0,4}}|{_NEUTRAL})\s*[)）]"

_ENTITY = (
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});|&nbsp|_x[0-9A-F]{4}_"
    r"|</?(?:br|p|div|span|b|i|font|a|td|tr|table|li|ul)(?:\s[^<>]*)?/?>"
)

_EMOJI = "\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_CONTROL = (
    "\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u2064\ufeff\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff"
)
_INVISIBLE = (
    "[\ud800-\udbff][\udc00-\udfff]"  # two halves of one character: joined
    "|(?:斤?拷)?(?:锟斤拷?)+|烫{3,}|屯{3,}|ï»¿"
    f"|[{_CONTROL}\ud800-\udfff]+"
    # What holds an emoji together, or picks its form, is part of it.
    f"|\u200d(?:(?<![{_EMOJI}\ufe0f].)|(?![{_EMOJI}]))"
    f"|[\ufe0e\ufe0f](?<![{_EMOJI}\u00a9\u00ae].)(?!\u20e3)"
)
_FULL_WIDTH = "[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u3000]+"
_FOLD = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B)} | {0x3000: 0x20}
_RADICALS = "".join(
    character
    for character in map(chr, (*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00)))
    if len(unicodedata.normalize("NFKC", character)) == 1
    and unicodedata.normalize("NFKC", character) != character
)
_SPACE = " \t\n\r\v\f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

_ALIASES = {
    "帐": "账",
    "登陆": "登录",
    "登入": "登录",
    "等侯": "等候",
    "拍队": "排队",
    "不奈烦": "不耐烦",
    "验正码": "验证码",
    "盗涮": "盗刷",
    "摧收": "催收",
    "年废": "年费",
    "手续废": "手续费",
    "征信纪录": "征信记录",
    "纪录": "记录",
    "网路": "网络",
    "软体": "软件",
    "简讯": "短信",
    "列印": "打印",
    "行动银行": "手机银行",
    "脸部辨识": "人脸识别",
    "信用咭": "信用卡",
    "显着": "显著",  # the converter turns every 著 into 着
}
_NO_ALIAS = "(?<![蚊营纱])帐(?![篷幕子])"  # tents and nets are no accounts


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The repairs in order; made once, because the traditional characters must be found out."""
    aliases = "|".join([_NO_ALIAS, *(alias for alias in _ALIASES if alias != "帐")])
    converter, traditional = OpenCC("tw2s"), _traditional_characters()
    return (
        _rule("entity", ("&<_",), _ENTITY, _plain_entity),
        _rule("invisible", (_members(_CONTROL, "\ud800-\udfff", "\u200d\ufe0e\ufe0f锟烫屯ï"),),
              _INVISIBLE, lambda m: _joined(m[0])),
        _rule("pinyin", ("(（", ")）"), _PINYIN, lambda _: ""),
        _rule("full_width", (_members(_FULL_WIDTH[1:-2]),), _FULL_WIDTH,
              lambda m: m[0].translate(_FOLD)),
        _rule("radical", (_RADICALS,), f"[{_RADICALS}]+",
              lambda m: unicodedata.normalize("NFKC", m[0])),
        # Only where there are any: in simplified texts it would turn the 著 of 显著 into 着.
        Rule("traditional", (traditional,), lambda text: _differences(text, converter.convert(text))),
        _rule("alias", ("帐陆入侯拍奈正涮摧废纪路体讯列动脸咭着",), aliases, lambda m: _ALIASES[m[0]]),
        *(_rule("boilerplate", frame.needs, frame.pattern, lambda _: "") for frame in FRAMES),
        _rule("space", (_members(_SPACE),), r"\s{2,}|[^\S ]|\A\s|\s\Z", _plain_space),
    )  # fmt: skip


def _rule(
    name: str,
    needs: tuple[str, ...],
    pattern: str,
    replacement: Callable[[re.Match[str]], str],
) -> Rule:
    compiled = re.compile(pattern, re.MULTILINE)

    def edits(text: str) -> Iterator[Edit]:
        for match in compiled.finditer(text):
            new = replacement(match)
            if new != match[0]:
                yield match.start(), match.end(), new

    return Rule(name, needs, edits)


def _members(*classes: str) -> str:
    """The characters of character classes."""
    ranges = re.findall("(.)(?:-(.))?", "".join(classes), re.DOTALL)
    return "".join(chr(c) for a, b in ranges for c in range(ord(a), ord(b or a) + 1))


def _traditional_characters() -> str:
    """Characters that occur in traditional text only: their conversion is not simplified itself."""
    common = "".join(map(chr, range(0x4E00, 0xA000)))
    converted = OpenCC("t2s").convert(common)
    return "".join(
        old for old, new in zip(common, converted, strict=True) if old != new and old not in "乾著"
    )


def _differences(old: str, new: str) -> Iterator[Edit]:
    """The edits that make ``new`` out of ``old``, a run of changed characters each."""
    if len(old) != len(new):
        yield 0, len(old), new
        return
    at = 0
    for changed, run in groupby(zip(old, new, strict=True), lambda pair: pair[0] != pair[1]):
        put = "".join(b for _, b in run)
        if changed:
            yield at, at + len(put), put
        at += len(put)


def _joined(invisible: str) -> str:
    if len(invisible) != 2 or not "\ud800" <= invisible[0] <= "\udbff" or invisible[1] < "\udc00":
        return ""
    return invisible.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _plain_entity(match: re.Match[str]) -> str:
    found = match[0]
    if found.startswith("<"):
        return " "
    plain = chr(int(found[2:6], 16)) if found.startswith("_x") else unescape(found)
    return plain if len(plain) == 1 else found


def _plain_space(match: re.Match[str]) -> str:
    if match.start() == 0 or match.end() == len(match.string):
        return ""
    return "\n" if "\n" in match[0] else " "
