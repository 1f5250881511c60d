"""Do the answers speak for those who were silent, as far as the records can tell?"""

from __future__ import annotations

from svcquality.estimators.marginal import Contrast
from svcquality.findings import Check
from svcquality.language import Text

SHIFT = 0.05
"""A response rate that moved by more points than this is not the same survey any more."""
CLEAR, VERY_CLEAR = 0.05, 0.01


def response_bias(
    gap: Contrast, margin: float, waves: Contrast | None = None, shift: Contrast | None = None
) -> Check:
    """Warn when the records show that answers are not like silence.

    Three signs: weighting by what is recorded moves the share by more than its own margin of error,
    so that the plain interval misleads; late answers differ from early ones, and the silent may be
    like the late (Armstrong & Overton 1977, J. Marketing Research 14); the response rate moved.
    None of them sees a silence that leaves no trace in the records.

    Parameters
    ----------
    gap : Contrast
        Weighted share minus the share among the answers.
    margin : float
        Half the width of the interval of the share among the answers.
    waves : Contrast, optional
        Share among the late answers minus that among the early ones.
    shift : Contrast, optional
        Response rate of the later half of the period minus that of the earlier half.

    Returns
    -------
    Check
        ``number`` is the gap, ``threshold`` the margin.
    """
    seen: list[Text] = []
    if abs(gap.estimate) > margin and gap.p < CLEAR:
        seen.append(
            Text(
                f"按已有记录加权后，比例变动 {_points(gap.estimate)} 个百分点，"
                f"超出原区间的半宽（{_plain(margin)}）",
                f"weighting by what is recorded moves the share by {_points(gap.estimate)} "
                f"percentage points, more than its own margin of {_plain(margin)}",
            )
        )
    if waves is not None and waves.p < VERY_CLEAR:
        seen.append(
            Text(
                f"较晚的答复比较早的{_higher(waves).zh} {_plain(abs(waves.estimate))} 个百分点，"
                "未答复者可能更接近较晚的答复者",
                f"late answers are {_plain(abs(waves.estimate))} percentage points "
                f"{_higher(waves).en} than early ones, and the silent may be like the late",
            )
        )
    if shift is not None and moved(shift):
        seen.append(
            Text(
                f"答复率在观察期内变动 {_points(shift.estimate)} 个百分点",
                f"the response rate moved by {_points(shift.estimate)} percentage points over the "
                "period",
            )
        )
    if not seen:
        return Check(
            "response_bias",
            "passed",
            Text(
                f"按已有记录加权后，比例只变动 {_points(gap.estimate)} 个百分点；"
                "记录之外的差异无从得知。",
                f"Weighting by what is recorded moves the share by {_points(gap.estimate)} "
                "percentage points only; differences that are not recorded cannot be seen.",
            ),
            gap.estimate,
            margin,
        )
    return Check(
        "response_bias",
        "warn",
        Text(
            "答复者与未答复者不同：" + "；".join(t.zh for t in seen) + "。请以加权值和界限为准。",
            "Those who answer differ from those who do not: "
            + "; ".join(t.en for t in seen)
            + ". Rely on the weighted share and the bounds.",
        ),
        gap.estimate,
        margin,
    )


def moved(shift: Contrast | None) -> bool:
    """Whether the response rate moved by more than 5 points, and by more than chance."""
    return shift is not None and abs(shift.estimate) > SHIFT and shift.p < CLEAR


def response_trend(shift: Contrast | None, *, weighted: bool, block: bool = False) -> Check:
    """Withhold comparisons over time when other kinds of customers may have answered.

    Parameters
    ----------
    shift : Contrast or None
        Response rate of the later period minus that of the earlier one; None where it is unknown.
    weighted : bool
        Whether the comparison is weighted by the propensity to answer.
    block : bool
        Whether the finding is nothing but a comparison over time, so that all of it is withheld;
        else only its terms of change are left out by the design.
    """
    if shift is None:
        return Check(
            "response_trend",
            "warn",
            Text(
                "答复率未知，无法判断各时期的答复者是否为同一类客户。",
                "The response rate is unknown, so whether the same kinds of customers answered "
                "over time cannot be told.",
            ),
        )
    size = _points(shift.estimate)
    if not moved(shift):
        return Check(
            "response_trend",
            "passed",
            Text(
                f"答复率在所比较的时期之间变动 {size} 个百分点，未超过 5 个百分点的界限或抽样误差。",
                f"The response rate moved by {size} percentage points between the periods "
                "compared, within the limit of 5 or within chance.",
            ),
            shift.estimate,
            SHIFT,
        )
    if weighted:
        return Check(
            "response_trend",
            "warn",
            Text(
                f"答复率在所比较的时期之间变动 {size} 个百分点；比较已按已有记录加权，"
                "但记录之外的差异仍可能造成变化。",
                f"The response rate moved by {size} percentage points between the periods "
                "compared; weights allow for what is recorded, but not for anything else.",
            ),
            shift.estimate,
            SHIFT,
        )
    return Check(
        "response_trend",
        "block" if block else "warn",
        Text(
            f"答复率在所比较的时期之间变动 {size} 个百分点，前后答复者可能不是同一类客户，"
            '因此不报告时间变化；请改用 weights="response"。',
            f"The response rate moved by {size} percentage points between the periods compared, so "
            "other kinds of customers may have answered: changes over time are not reported; use "
            'weights="response".',
        ),
        shift.estimate,
        SHIFT,
    )


def _points(share: float) -> str:
    return f"{share * 100:+.1f}".replace("-", "−")


def _plain(share: float) -> str:
    return f"{share * 100:.1f}"


def _higher(change: Contrast) -> Text:
    return Text("高", "higher") if change.estimate > 0 else Text("低", "lower")
