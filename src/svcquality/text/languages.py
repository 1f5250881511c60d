"""The language of a text, as far as it decides how the text is cut: Chinese, English, or other."""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.text.characters import FOREIGN_LETTER, HAN_LETTER, LATIN_LETTER, script_of
from svcquality.text.code_points import CodePoints
from svcquality.text.tokens import Tokens

LATIN_A_HAN = 10
"""A text with up to this many Latin letters for every Han character is read as Chinese."""
FOREIGN_A_HAN = 0.25
"""With more letters of a third script than this for every Han character it is not (Japanese)."""
ENOUGH_WORDS = 8
"""From as many words on, an English text has a function word."""

_ENGLISH = """the a an and of to in is it i my me we our you your they their he she was were are be been have has
had not no for on with at by from this that which when but or if so as do did does can could will would
should there what who how after because don't didn't wasn't can't won't isn't it's i'm i've"""
# Words that are English too (die, in, me, no, on, to, was) are left out.
_OTHERS = {
    "French": "le la les un une des du de et est en que qui dans pour pas ne sur avec je vous nous mon ma mes ce cette mais plus été au aux il elle",
    "Spanish": "el la los las un una unos y es en que de del por para con se lo mi mis su sus pero muy más como al ha este esta yo",
    "Portuguese": "o os um uma e é em que de da do dos das por para com não se meu minha mas muito mais como foi ao na",
    "Italian": "il lo gli un una e è di che per con non si mi mio mia ma molto più come ho della dei nel sono",
    "German": "der das den dem ein eine einen und ist nicht ich wir sie mit auf von zu für mein meine aber auch sich bei noch habe wurde es",
    "Dutch": "het een en is niet ik wij ze met op van te voor mijn maar ook zich bij nog heb werd dat",
    "Indonesian": "yang dan di ke dari untuk dengan tidak saya kami ini itu ada pada akan sudah bisa juga tapi",
    "Vietnamese": "và là của tôi không có cho được với này đã một trong các để ngân hàng rất",
    "Turkish": "ve bir bu için ile çok ben biz değil ama da de ne var yok gibi daha",
    "Polish": "i w na z się nie jest to że do mój moja ale jak po za od przez bardzo",
}  # fmt: skip
_FUNCTION_WORDS = frozenset(_ENGLISH.split())
_FOREIGN_WORDS = frozenset(" ".join(_OTHERS.values()).split()) - _FUNCTION_WORDS


def is_chinese(texts: CodePoints) -> np.ndarray:
    """Whether each text is read as Chinese.

    Parameters
    ----------
    texts : CodePoints

    Returns
    -------
    bool array of shape (texts,)
        At least one Han character for every `LATIN_A_HAN` Latin letters, and few letters of other
        scripts; a text without letters is not Chinese.
    """
    han, latin, foreign = _letters(texts)
    return (han > 0) & (latin <= LATIN_A_HAN * han) & (foreign <= FOREIGN_A_HAN * han)


def language_of(texts: CodePoints, tokens: Tokens) -> pd.Series:
    """The language of each text.

    English is told from other languages in Latin letters by their commonest words, the method of
    Ingle (1976) that Grefenstette (1995) found right for nine sentences in ten of ten words.

    Parameters
    ----------
    texts : CodePoints
    tokens : Tokens
        The same texts, cut.

    Returns
    -------
    Series of str
        ``zh``, ``en``, or ``other``: another language, or no letters at all (emoji, digits).
    """
    chinese = is_chinese(texts)
    _, latin, foreign = _letters(texts)
    english_words, foreign_words = tokens.count(_FUNCTION_WORDS), tokens.count(_FOREIGN_WORDS)
    strange = (foreign_words > 1) & (foreign_words > english_words)
    strange |= (tokens.lengths >= ENOUGH_WORDS) & (english_words == 0)
    english = (latin > 0) & (latin > 4 * foreign) & ~strange
    return pd.Series(np.select([chinese, english], ["zh", "en"], "other"), dtype="str")


def _letters(texts: CodePoints) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Han, Latin and other letters of each text."""
    script = script_of(texts.points)
    han, latin, foreign = (
        texts.count(script == s) for s in (HAN_LETTER, LATIN_LETTER, FOREIGN_LETTER)
    )
    return han, latin, foreign
