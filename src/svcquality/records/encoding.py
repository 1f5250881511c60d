"""Which encoding a text file is in: scored by how ordinary the characters come out.

"The first codec that works" is no test: most byte strings decode under GB18030, Korean ones into
rare Chinese characters. Ordinary text repeats a few hundred characters, so each candidate is scored
by the share of its non-ASCII characters that are common ones in the languages it serves.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from svcquality.errors import InputError
from svcquality.language import Text

SAMPLE_BYTES = 100_000

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_CHINESE = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过"
    "发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前"
    "开但因只从想实日者意无力与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并"
    "物手应向头文体政相见被利什二等产或新己制身果加月话合回特代内信表化老给世位次度门任常先通教原"
    "提立及比员解水名真论处走义各入几口认条平系气题活更别打女变四总何电数安少报结反受目太量再感建"
    "务做接必场件计管期市直资金指统区保至形社便空决科司五基非则达放强难且权完设式色路记品住告类求"
    "据程边张交规万取望领共确清今切让识候带运银行客户网点柜台卡投诉编号满意服渠道评价余额账姓排队"
    "留言详答复省县店元否男男联络址姓服态慢差快烂软件登录闪退更新麻烦垃圾希望"
    "個這們來為國時會說對後過學經還發現當沒動樣開從實無與長機將兩間問業關點應頭體見產話給門員處義"
    "條氣題別變總電數報結務場計資統區決難權讓識帶運銀戶網櫃臺訴編號滿價餘額賬帳隊詳答覆類單櫃請辦"
)
_KOREAN = frozenset(
    "이다는의에가을를은로하고지한도서사대기어자나인리시그부정해아만라일수으스전보들구장제상과니여"
    "주있것우공용관동성연문조신선소세원안년게위요내생모면개유업비중치무습었차방마경물학드행진거계역"
    "미국분회실명오적재체통포최입산물객은직점창번호상담민금액날짜별령처결불족매간출발당했합없않저때"
    "강까네너노단더던던되된될두든등또려력며명못바반받배본북불뿐새설속식심씨았야양없연였예와왔외운원월"
    "육음임작잘집째처천청초친카크터토트특표품할함했형호화확황후남여답항설별택록카드대출"
)
_KANA = frozenset(
    "のにはをたがでてとしれさいなるもかこまそらりくすきつけんうちみだあせえおよわめやろどじばびぶべインスルトラクアリレコマシドタテカサロナウオフプグジバデパキニ日本人年月大一中国出時"
)
_CYRILLIC = frozenset("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё")
_LATIN = frozenset("éèêëàâäáãåçñíìîïóòôöõøúùûüýÿßæœÉÈÊÀÂÄÁÃÅÇÑÍÎÓÔÖÕØÚÜŒÆšžŠŽ")
_SIGNS = frozenset("°£€¥§µ²³¹±·«»©®™×÷½¼¾–—‘’“”„…•¿¡ºª\u00a0¢")

_CANDIDATES: dict[str, frozenset[str]] = {
    "gb18030": _CHINESE,
    "big5hkscs": _CHINESE,
    "cp949": _KOREAN,
    "cp932": _KANA,
    "euc_jp": _KANA,
    "cp1251": _CYRILLIC,
    "cp1252": _LATIN,
    "latin-1": _LATIN,
}
_PLAIN_NAME = {"big5hkscs": "big5"}
_SURE = 0.25  # a score that true text reached in every language tried, and wrong decodings did not
_LEAD = 1.5


@dataclass(frozen=True)
class EncodingChoice:
    """The encoding of a text file, and why.

    Parameters
    ----------
    name : str
        A codec's name.
    why : Text
        One sentence.
    scores : tuple of (str, float)
        Candidates that were compared, best first; empty where nothing had to be compared.
    """

    name: str
    why: Text
    scores: tuple[tuple[str, float], ...] = ()


def choose_encoding(data: bytes) -> EncodingChoice:
    """Find the encoding of a text: its mark, strict UTF-8, then the best-scored candidate.

    Parameters
    ----------
    data : bytes
        The file, or its beginning.

    Raises
    ------
    InputError
        If the bytes are no text (they hold zero bytes, and are not UTF-16 either).
    """
    for mark, name in MARKS:
        if data.startswith(mark):
            return EncodingChoice(name, Text("有字节顺序标记", "it begins with a byte-order mark"))
    sample = _whole_lines(data)
    wide = _utf_16(sample)
    if wide:
        return EncodingChoice(
            wide, Text("零字节的位置说明是 UTF-16", "its zero bytes stand where UTF-16 has them")
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if not (error.reason == "unexpected end of data" and error.start >= len(data) - 4):
            return _scored(sample if _has_high(sample) else _around(data, error.start))
        text = ""
    if text.isascii() and text:
        return EncodingChoice("utf-8", Text("全部是 ASCII 字符", "all of it is ASCII"))
    return EncodingChoice("utf-8", Text("全部是合法的 UTF-8", "all of it is valid UTF-8"))


def decode(data: bytes, encoding: str) -> tuple[str, int]:
    """The text of ``data``, and how many characters had to be replaced because bytes were broken.

    Raises
    ------
    InputError
        If the encoding is unknown, or more than ten characters and one in twenty of those beyond
        ASCII are broken: then it is the wrong encoding.
    """
    try:
        return data.decode(encoding).removeprefix("\ufeff"), 0
    except UnicodeDecodeError:
        text = data.decode(encoding, errors="replace").removeprefix("\ufeff")
    except LookupError as error:
        raise InputError(
            f"There is no encoding {encoding!r}; write one such as utf-8, gb18030 or cp949.",
            f"没有名为 {encoding!r} 的编码；请写 utf-8、gb18030、cp949 等。",
        ) from error
    broken = text.count("\ufffd") - data.count("\ufffd".encode()) * (encoding == "utf-8")
    high = sum(len(part) for part in re.findall(r"[^\x00-\x7f]+", text))
    if broken > 10 and broken > 0.05 * high:
        raise InputError(
            f"{broken:,} characters cannot be decoded as {encoding}; declare another encoding.",
            f"有 {broken:,} 个字符无法按 {encoding} 解码；请指定其他编码。",
        )
    return text, max(broken, 1)


def _whole_lines(data: bytes) -> bytes:
    """The beginning, cut after a line so that no character is halved."""
    if len(data) <= SAMPLE_BYTES:
        return data
    cut = data.rfind(b"\n", 0, SAMPLE_BYTES)
    return data[: cut + 1] if cut > 0 else data[:SAMPLE_BYTES]


def _has_high(sample: bytes) -> bool:
    return not sample.isascii()


def _around(data: bytes, position: int) -> bytes:
    """Whole lines after the first byte that is not ASCII: a long beginning may say nothing."""
    start = data.rfind(b"\n", 0, position) + 1
    return _whole_lines(data[start : start + 2 * SAMPLE_BYTES])


def _utf_16(sample: bytes) -> str:
    zeros = sample.count(0)
    if not zeros:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    name = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = sample[: len(sample) // 2 * 2].decode(name)
    except UnicodeDecodeError:
        text = ""
    ordinary = sum(c.isprintable() or c in "\r\n\t" for c in text[:5000])
    if min(even, odd) <= 0.02 * max(even, odd) and ordinary > 0.95 * len(text[:5000]) and text:
        return name
    if zeros > 0.01 * len(sample):
        raise InputError(
            "The file holds zero bytes, so it is no text; export it as CSV, Excel or Parquet.",
            "文件含有零字节，不是文本；请导出为 CSV、Excel 或 Parquet。",
        )
    return ""  # a few stray zero bytes in a text


def _scored(sample: bytes) -> EncodingChoice:
    scores = {name: score for name in _CANDIDATES if (score := _score(sample, name)) > 0}
    scores["utf-8"] = _score_utf_8(sample)
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    unsure = ranked[0][1] < _SURE or (len(ranked) > 1 and ranked[0][1] < _LEAD * ranked[1][1])
    if unsure and ranked[0][0] != "utf-8":
        second = from_bytes(sample[:20_000]).best()
        opinion = _family(second.encoding) if second else ""
        if opinion in scores:
            scores[opinion] += 0.15
        elif second and ranked[0][1] < 0.1:
            scores[second.encoding] = 0.15
        ranked = sorted(scores.items(), key=lambda item: -item[1])
    named = tuple((_PLAIN_NAME.get(name, name), round(score, 3)) for name, score in ranked[:4])
    others = ", ".join(f"{name} {score:.2f}" for name, score in named[1:3])
    others_zh = others.replace(", ", "、")
    best, score = ranked[0]
    best = _plainest(sample, best)
    return EncodingChoice(
        best,
        Text(
            f"其字符最常见（得分 {score:.2f}；其次 {others_zh or '无'}）",
            f"its characters are the most ordinary (score {score:.2f}; next {others or 'none'})",
        ),
        named,
    )


def _plainest(sample: bytes, name: str) -> str:
    """Big5 proper where it suffices; its Hong Kong extension otherwise."""
    if name != "big5hkscs":
        return name
    try:
        sample.decode("big5")
    except UnicodeDecodeError:
        return name
    return "big5"


def _family(name: str) -> str:
    name = name.lower().replace("-", "_")
    if name in ("gb2312", "gbk", "gb18030", "hz", "cp936"):
        return "gb18030"
    if name.startswith("big5") or name == "cp950":
        return "big5hkscs"
    if name in ("cp949", "euc_kr", "johab", "uhc"):
        return "cp949"
    return {"iso8859_1": "latin-1", "latin_1": "latin-1", "shift_jis": "cp932"}.get(name, name)


def _score_utf_8(sample: bytes) -> float:
    """Valid sequences of several bytes hardly come about by chance; a few broken ones are damage."""
    text = sample.decode("utf-8", errors="replace")
    high = [c for c in text if c > "\x7f"]
    return max(0.0, 1 - 8 * high.count("\ufffd") / len(high)) if high else 0.0


def _score(sample: bytes, name: str) -> float:
    """Share of the non-ASCII characters that are common ones, less what no text holds."""
    text = sample.decode(name, errors="replace")
    runs = re.findall(r"[^\x00-\x7f]+", text)
    total = sum(map(len, runs))
    if not total:
        return 0.0
    joined = "".join(runs)
    broken = len(re.findall("[\ufffd\ue000-\uf8ff\x80-\x9f]", joined)) / total
    common = _CANDIDATES[name]
    if common is _LATIN:
        return _score_latin(text, runs, total) - 3 * broken - (0.01 if name == "latin-1" else 0)
    good = sum(c in common for c in joined) / total
    if common is _CYRILLIC:
        # Small letters after letters: other alphabets read as Cyrillic mix the two cases.
        letters = len(re.findall("[а-яё]", joined))
        mixed = len(re.findall("[а-яё][А-ЯЁ]", joined))
        return 0.6 * good - 2 * mixed / max(letters, 1) - 3 * broken
    return good - 3 * broken


def _score_latin(text: str, runs: list[str], total: int) -> float:
    """Accented letters stand alone between ASCII letters; typographic signs stand anywhere."""
    letters = len(
        re.findall(
            "(?<![^\x00-\x7f])[^\x00-\x7f](?=[A-Za-z])|(?<=[A-Za-z])[^\x00-\x7f](?![^\x00-\x7f])",
            text,
        )
    )
    known = sum(c in _LATIN or c in _SIGNS for run in runs for c in run)
    signs = sum(c in _SIGNS for run in runs if len(run) <= 2 for c in run)
    alone = min(1.0, (letters + signs) / total)
    return 0.8 * alone * known / total
