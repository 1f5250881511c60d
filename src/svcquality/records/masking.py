"""Personal data in complaint texts is masked as they are read; the raw text is never kept.

A mask has the length of what it hides, so that positions found in the masked text are positions
in the original. Digits and letters become ``*``; separators stay, as does what a reader needs to
recognise the kind (the surname, the domain of an address).
"""

from __future__ import annotations

import re
import unicodedata

import pandas as pd
from stdnum import luhn
from stdnum.cn import ric

from svcquality.language import Text

KINDS: dict[str, Text] = {
    "resident_id": Text("身份证号", "resident identity number"),
    "bank_card": Text("银行卡号", "bank card number"),
    "mobile": Text("手机号", "mobile number"),
    "landline": Text("固定电话", "landline number"),
    "email": Text("电子邮箱", "e-mail address"),
    "long_number": Text("其他长号码", "other long number"),
    "name": Text("姓名", "name"),
}
"""What is masked, in the order in which it is looked for."""

_SUSPECT = r"[\d０-９][\d０-９XxＸｘ\-()（） ]{6,}|@|先生|女士|小姐"
"""Cheap first look: a text without any of these holds nothing that is masked."""
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜谢邹窦章苏潘葛"
    "范彭鲁韦马苗方俞任袁柳鲍史唐费薛雷贺倪汤罗毕郝安常于傅齐康伍余顾孟黄穆萧尹姚邵"
    "汪毛米戴宋庞熊纪舒屈项祝董梁杜阮蓝季贾江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍万"
    "卢莫房丁邓洪包左石崔吉龚程邢裴陆翁段侯武刘龙叶黎白赖乔谭温庄柴阎肖曾关游欧向廖"
)

_DIGIT = r"\d"  # full-width digits too
_LEFT = r"(?<![\dA-Za-z*])"
_RIGHT = r"(?![\dA-Za-z*])"
_PATTERNS = {
    "email": r"[A-Za-z0-9._%+\-]+@(?=[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,})",
    "resident_id": rf"{_LEFT}[1-9１-９]{_DIGIT}{{16}}[\dXxＸｘ]{_RIGHT}",
    "resident_id_15": rf"{_LEFT}{_DIGIT}{{8}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]){_DIGIT}{{3}}{_RIGHT}",
    "bank_card": rf"{_LEFT}{_DIGIT}(?:[ \-]?{_DIGIT}){{14,18}}{_RIGHT}",
    "mobile": rf"(?<![\d*])(?:\+?86[ \-]?)?[1１][3-9３-９]{_DIGIT}[ \-]?{_DIGIT}{{4}}[ \-]?{_DIGIT}{{4}}(?![\d*])",
    "landline": rf"(?<![\d*])(?:[(（][0０]{_DIGIT}{{2,3}}[)）]|[0０]{_DIGIT}{{2,3}}[ \-]?)[2-9２-９]{_DIGIT}{{6,7}}(?![\d*])",
    # A surname and one or two characters right before the title, after a boundary or a word that
    # introduces a person: 客户张三丰先生, but not 一位先生.
    "name": (
        r"(?:^|(?<=[\s，。、；：:,.!！?？“”（）()])|(?<=客户)|(?<=用户)|(?<=市民)|(?<=经理)|(?<=员工)|(?<=柜员))"
        rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?=先生|女士|小姐)"
    ),
}


def mask(texts: pd.Series) -> tuple[pd.Series, pd.DataFrame]:
    """Mask personal data in texts.

    Parameters
    ----------
    texts : Series of str
        Texts; missing values stay missing.

    Returns
    -------
    masked : Series of str
        Same index, every text of unchanged length.
    counts : DataFrame
        ``kind, found, texts``: how many were masked, and in how many texts. Masks that were there
        already (``138****5678``) are kept and not counted.

    Notes
    -----
    Resident numbers of 18 characters must pass the GB 11643 checksum; card numbers the Luhn
    checksum. A run of 15 to 19 digits that passes neither is masked as ``long_number``: it may be
    a mistyped card. Names are masked only directly before 先生, 女士 or 小姐, after a boundary.
    """
    masked = texts.astype("str").reset_index(drop=True)  # an index may repeat; positions do not
    found: list[tuple[str, int]] = []
    suspect = masked[masked.str.contains(_SUSPECT, na=False)]
    for name, pattern in _PATTERNS.items():
        compiled = re.compile(pattern, re.MULTILINE)
        hit = suspect[suspect.str.contains(compiled)]
        if hit.empty:
            continue
        hidden = [_hide(text, name, compiled) for text in hit]  # only texts with a hit are touched
        suspect = suspect.copy()
        suspect.loc[hit.index] = pd.Series([text for text, _ in hidden], hit.index, dtype="str")
        found += [(kind, number) for _, kinds in hidden for kind, number in kinds.items()]
    if found:
        masked = masked.copy()
        masked.loc[suspect.index] = suspect
    counts = pd.DataFrame(found, columns=["kind", "found"]).groupby("kind")["found"]
    table = pd.DataFrame({"found": counts.sum(), "texts": counts.size()})
    table = table.reindex(pd.Index(KINDS, name="kind"), fill_value=0)
    return masked.set_axis(texts.index), table.astype("int64").reset_index()


def _hide(text: str, name: str, pattern: re.Pattern[str]) -> tuple[str, dict[str, int]]:
    kinds: dict[str, int] = {}

    def replace(match: re.Match[str]) -> str:
        kind = _kind_of(name, match[0])
        if kind is None:
            return match[0]
        kinds[kind] = kinds.get(kind, 0) + 1
        keep = 1 if kind == "name" else 0
        return match[0][:keep] + re.sub(r"[^ \-()（）+@]", "*", match[0][keep:])

    return pattern.sub(replace, text), kinds


def _kind_of(name: str, value: str) -> str | None:
    """The kind of a match after its checksum; None where the pattern alone is not enough."""
    value = unicodedata.normalize("NFKC", value)
    if name == "resident_id":
        # The checksum alone: region codes change, and an old one must not let a number through.
        number = ric.compact(value)
        born = re.fullmatch(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", number[6:14])
        right = born and ric.calc_check_digit(number) == number[-1]
        return name if right else None  # what fails is looked at as a card next
    if name == "resident_id_15":
        return "resident_id"
    if name == "bank_card":
        digits = re.sub(r"[^0-9]", "", value)
        return "bank_card" if luhn.is_valid(digits) else "long_number"
    return name
