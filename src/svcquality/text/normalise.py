"""Undo what exports, converters and agents do to a text, and count every repair.

What a customer wrote stays: punctuation, emoji and masks are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import NamedTuple

import pandas as pd
from opencc import OpenCC

from svcquality.language import Text

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
"""Han characters, as the inside of a character class."""

RULES: dict[str, Text] = {
    "entity": Text("HTML 标记与转义符", "HTML tags and entities"),
    "invisible": Text("不可见字符与乱码", "invisible characters and mojibake"),
    "pinyin": Text("汉字后的括注拼音", "pinyin in brackets after a character"),
    "full_width": Text("全角字母与数字", "full-width letters and digits"),
    "traditional": Text("繁体字", "traditional characters"),
    "alias": Text("异形词与常见别字", "variant spellings"),
    "boilerplate": Text("坐席套话", "agents' boilerplate"),
    "space": Text("多余空白", "superfluous white space"),
}
"""The repairs, in the order in which they are made."""

_TONED = "āáǎàēéěèêīíǐìōóǒòūúǔùüǖǘǚǜńňǹ"
_NEUTRAL = "de|le|ma|ne|ba|zhe|men|zi|me|ge|la|ya|shi"
# (wù) is a converter's gloss, (app) is the customer's: a tone mark or a neutral particle decides.
_PINYIN = rf"(?<=[{HAN}])[(（]\s*(?:[a-z]{{0,4}}[{_TONED}][a-z{_TONED}]{{0,4}}|{_NEUTRAL})\s*[)）]"
_ENTITY = (
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});"
    r"|</?(?:br|p|div|span|b|i|font|a|td|tr|table|li|ul)(?:\s[^<>]*)?/?>"
)
_INVISIBLE = (
    "锟斤拷|烫烫烫"
    "|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\ufe0e\ufe0f\ufeff\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]+"
)
_FULL_WIDTH = "[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u3000]"
_FOLD = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B)} | {0x3000: 0x20}
_BOILERPLATE = (
    r"(?:工单|受理|流水|案件)(?:编?号)[:：]?\s*[A-Za-z0-9*\-]{4,}[，,。;；]?"
    r"|(?:^|(?<=[。；;】\]\s]))(?:客户|用户|来电人|持卡人)?(?:先生|女士)?"
    r"(?:来电|来函|来信|来访|致电|进线|在线)(?:反映|反应|投诉|咨询|表示|称|要求)(?:称|到)?[，,：:]?"
    r"|(?:^|(?<=[。；;】\]\s]))(?:客户|用户|来电人|持卡人)(?:反映|反应|投诉|表示|称|诉)(?:称)?[，,：:]"
    r"|(?:现)?(?:烦请|敬请|恳请|请)(?:贵行|贵部门|贵单位|相关部门|经办行|网点|分行|支行)?(?:尽快|及时|予以|协助)*"
    r"(?:核实|核查|调查|跟进|处理|联系客户|回复客户|回复)(?:(?:并|及|与|后)?(?:尽快|及时|予以)*"
    r"(?:核实|处理|跟进|回复|答复|反馈|联系|解释)(?:客户|结果)?)*(?:，谢谢|谢谢)?[。.!！]*(?:$|(?=\s))"
    r"|(?:特此)(?:反映|投诉|登记)[。.!！]*(?:$|(?=\s))"
    r"|【[^【】]{0,12}(?:工单|来电|渠道|受理|热线|投诉单|转办)[^【】]{0,12}】"
)

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


class _Rule(NamedTuple):
    """One repair: where it may be needed, and what it does there."""

    name: str
    pattern: re.Pattern[str]
    replacement: str | Callable[[re.Match[str]], str]


@dataclass(frozen=True)
class Normalised:
    """Normalised texts and what it took.

    Parameters
    ----------
    text : Series of str
        Same index as the raw texts; missing stays missing.
    repairs : DataFrame
        One row a rule of `RULES`: ``rule, label_zh, label_en, found`` (places repaired),
        ``texts`` (texts repaired).
    """

    text: pd.Series
    repairs: pd.DataFrame


def normalise(texts: pd.Series) -> Normalised:
    """Repair texts.

    Dropped: HTML tags and entities, invisible and private-use characters, glosses in pinyin after
    a Han character, agents' boilerplate, superfluous white space. Folded: full-width letters and
    digits (never punctuation), traditional characters (OpenCC ``tw2s``, only in texts that have
    any, for it would turn the 著 of simplified 显著 into 着), variant spellings.

    Parameters
    ----------
    texts : Series of str
        Raw (masked) texts.

    Returns
    -------
    Normalised
        No text is longer than it was, and normalising again changes nothing.
    """
    text = texts.astype("str")
    found = dict.fromkeys(RULES, 0)
    touched = dict.fromkeys(RULES, 0)
    pending = text[text.notna()]
    # A repair can uncover another (an entity that hid a zero-width space), so what changed is
    # looked at again. Every repair shortens a text or maps a character for good: this ends.
    while len(pending):
        before = pending
        for rule in _rules():
            hit = pending[pending.str.contains(rule.pattern)]
            pairs = [rule.pattern.subn(rule.replacement, value) for value in hit]
            made = [n if new != old else 0 for (new, n), old in zip(pairs, hit, strict=True)]
            found[rule.name] += sum(made)
            touched[rule.name] += sum(n > 0 for n in made)
            pending = _put(pending, hit.index, [new for new, _ in pairs])
        pending = pending[pending != before]
        text = _put(text, pending.index, pending.tolist())
    repairs = pd.DataFrame(
        [(name, label.zh, label.en, found[name], touched[name]) for name, label in RULES.items()],
        columns=["rule", "label_zh", "label_en", "found", "texts"],
    )
    return Normalised(text, repairs)


def _put(texts: pd.Series, where: pd.Index, values: list[str]) -> pd.Series:
    new = pd.Series(values, index=where, dtype="str")
    return texts.where(~texts.index.isin(where), new.reindex(texts.index)) if values else texts


def is_chinese(texts: pd.Series) -> pd.Series:
    """Whether a text is read as Chinese: at least one Han character for every ten Latin letters."""
    han = texts.str.count(f"[{HAN}]")
    latin = texts.str.count("[A-Za-z]")
    return (han > 0) & (han * 10 >= latin)


@lru_cache(maxsize=1)
def _rules() -> tuple[_Rule, ...]:
    """The repairs, compiled; built once because the traditional characters must be found out."""
    converter = OpenCC("tw2s")
    traditional = _traditional_characters()
    sentence = re.compile(f"(?s)^.*[{traditional}].*$")
    return (
        _Rule("entity", re.compile(_ENTITY), _plain_entity),
        _Rule("invisible", re.compile(_INVISIBLE), ""),
        _Rule("pinyin", re.compile(_PINYIN), ""),
        _Rule("full_width", re.compile(_FULL_WIDTH), lambda m: m[0].translate(_FOLD)),
        _Rule("traditional", sentence, lambda m: converter.convert(m[0])),
        _Rule("alias", re.compile("|".join(_ALIASES)), lambda m: _ALIASES[m[0]]),
        _Rule("boilerplate", re.compile(_BOILERPLATE, re.MULTILINE), ""),
        _Rule("space", re.compile(r"^\s+|\s+$|[^\S\n]*\n\s*|[^\S\n ]|[^\S\n]{2,}"), _plain_space),
    )


def _traditional_characters() -> str:
    """Characters that occur in traditional text only: their conversion is not simplified itself."""
    common = "".join(map(chr, range(0x4E00, 0xA000)))
    converted = OpenCC("t2s").convert(common)
    return "".join(
        old for old, new in zip(common, converted, strict=True) if old != new and old not in "乾著"
    )


def _plain_entity(match: re.Match[str]) -> str:
    if match[0].startswith("<"):
        return " "
    plain = unescape(match[0])
    return plain if len(plain) == 1 else match[0]


def _plain_space(match: re.Match[str]) -> str:
    if match.start() == 0 or match.end() == len(match.string):
        return ""
    return "\n" if "\n" in match[0] else " "
