"""How many left the queue, and what could their silence hide?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import LANGUAGES, Text
from svcquality.wording import number

MANY = 0.05
UNIT = "share_difference"


def abandonment(share: float, counted: tuple[float, float, float] | None) -> Check:
    """Warn when so many leave that the answers no longer speak for all who came.

    Parameters
    ----------
    share : float
        Of the queue tickets that left before being served.
    counted : (float, float, float), optional
        What 10 more minutes go with among all who came: those who left counted as not satisfied,
        and the worst case on either side whatever they think; none where patience is unknown.
    """
    many = share > MANY
    zh = en = ""
    if counted is not None:
        zh_shown, en_shown = (
            [number(value, UNIT, language, signed=True) for value in counted]
            for language in LANGUAGES
        )
        zh = (
            f"若把他们计为不满意，多等 10 分钟对应 {zh_shown[0]}；无论其满意与否，"
            f"则在 {zh_shown[1]} 与 {zh_shown[2]} 之间。"
        )
        en = (
            f" With them counted as not satisfied, 10 more minutes go with {en_shown[0]}; whatever "
            f"they think, with {en_shown[1]} to {en_shown[2]}."
        )
    return Check(
        "abandonment",
        "warn" if many else "passed",
        Text(
            f"{100 * share:.1f}% 的取号客户中途离开，没有满意度"
            + ("，结果只代表留下的客户。" if many else "。")
            + zh,
            f"{100 * share:.1f}% of the tickets were abandoned and have no satisfaction"
            + (": the answers speak only for those who stayed." if many else ".")
            + en,
        ),
        share,
        MANY,
    )
