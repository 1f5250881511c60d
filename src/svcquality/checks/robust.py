"""How strong would an unrecorded factor have to be to undo a finding?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text


def robust(
    value: float,
    value_95: float,
    exposure: Text,
    outcome: Text,
    estimate: Text,
    *,
    benchmark: Text | None = None,
    left: Text | None = None,
    holds: bool = True,
) -> Check:
    """Say what an unrecorded factor would have to be; there is no threshold that makes it small.

    Warns where a factor only as strong as the strongest recorded one would bring the interval to
    zero, since such a factor is easy to imagine.

    Parameters
    ----------
    value, value_95 : float
        Robustness values of the linear estimate and of its 95% interval (Cinelli & Hazlett 2020).
    exposure, outcome : Text
        What is related, noun phrases.
    estimate : Text
        The linear estimate with its unit.
    benchmark, left : Text, optional
        The recorded factor that would leave least, and what would be left beside a factor like it.
    holds : bool
        Whether the interval would still exclude zero beside that factor.
    """
    if value_95 == 0:
        return Check(
            "robust",
            "warn",
            Text(
                f"线性概率模型的估计（{estimate.zh}）其 95% 区间本已包含零，无须任何未记录的因素即可解释。",
                f"The interval of the linear estimate ({estimate.en}) holds zero already: no "
                "unrecorded factor is needed to account for it.",
            ),
            value,
        )
    zh = (
        f"未记录的因素须各占{exposure.zh}与{outcome.zh}在控制现有因素后剩余变异的 {value:.1%}，"
        f"才会使线性估计（{estimate.zh}）归零；各占 {value_95:.1%} 时其 95% 区间即触及零。"
    )
    en = (
        f"An unrecorded factor would have to account for {value:.1%} of what is left of both "
        f"{exposure.en} and {outcome.en} to bring the linear estimate ({estimate.en}) to zero, and "
        f"for {value_95:.1%} to bring its 95% interval there."
    )
    if benchmark is not None and left is not None:
        ends = Text("，其区间不含零", ", its interval clear of zero")
        if not holds:
            ends = Text("，其区间包含零", ", its interval holding zero")
        zh += f"若它与两者的关联同已记录的单项因素中最强的“{benchmark.zh}”一样强，估计为 {left.zh}{ends.zh}。"
        en += (
            f" One as strongly related to both as {benchmark.en}, the strongest single factor "
            f"recorded, would leave {left.en}{ends.en}."
        )
    return Check("robust", "passed" if holds else "warn", Text(zh, en), value)
