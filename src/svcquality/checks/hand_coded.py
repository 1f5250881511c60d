"""Does a hand-coded sample correct what a model measured?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text


def hand_coded(coded: int, fewest: int) -> Check:
    """Warn when a comparison rests on the model alone.

    Parameters
    ----------
    coded : int
        Hand-coded complaints among those analysed.
    fewest : int
        Needed for a correction.
    """
    enough = coded >= fewest
    return Check(
        "hand_coded",
        "passed" if enough else "warn",
        Text(
            f"由 {coded} 条随机抽取、人工编码的投诉校正原因的测量误差。"
            if enough
            else f"人工编码的投诉只有 {coded} 条（至少需要 {fewest} 条），原因的测量误差没有校正，"
            "因此不给出 p 值；差异可能被冲淡或扭曲。",
            f"A random sample of {coded} hand-coded complaints corrects the measured causes."
            if enough
            else f"Only {coded} complaints are hand-coded ({fewest} are needed), so errors in "
            "measuring causes are not corrected and no p-value is given; differences may be "
            "diluted or distorted.",
        ),
        coded,
        fewest,
    )
