"""Do other customers' arrivals move the wait enough to stand in for it?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text


def instrument_strength(effective_f: float, critical: float, *, bounded: bool) -> Check:
    """Warn when the instrument is weak; the interval by Anderson & Rubin holds either way.

    Montiel Olea & Pflueger (2013), J. Business & Economic Statistics 31.

    Parameters
    ----------
    effective_f : float
        Strength of the instrument in the first stage.
    critical : float
        Value above which a bias of more than a tenth of the worst case is rejected.
    bounded : bool
        Whether the interval has two ends; without them no number is given.
    """
    weak = not effective_f > critical
    verdict = (
        Text("足够强。", "strong enough.")
        if not weak
        else Text(
            "偏弱，工具变量估计可能有偏；" + ("其区间仍然有效。" if bounded else "因此不报告该数值。"),
            "weak, so the instrumented estimate may be biased; "
            + ("its interval still holds." if bounded else "no number is given."),
        )
    )  # fmt: skip
    return Check(
        "instrument_strength",
        "warn" if weak or not bounded else "passed",
        Text(
            f"以其他客户的到达量作为等候时间的工具变量：有效 F = {effective_f:.1f}"
            f"（临界值 {critical:.1f}），{verdict.zh}",
            "Other customers' arrivals as an instrument for the wait: effective F = "
            f"{effective_f:.1f} (critical value {critical:.1f}), {verdict.en}",
        ),
        effective_f,
        critical,
    )
