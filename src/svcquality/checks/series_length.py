"""Are there enough months on both sides of a change, and for its season?"""

from __future__ import annotations

from svcquality.findings import Check
from svcquality.language import Text

FEWEST = 8
SEASON = 24


def series_length(before: int, after: int) -> Check:
    """Block below eight months on either side.

    Parameters
    ----------
    before, after : int
        Months used on each side.
    """
    shorter = min(before, after)
    short = shorter < FEWEST
    return Check(
        "series_length",
        "block" if short else "passed",
        Text(
            f"变动前有 {before} 个月、变动后有 {after} 个月"
            + (f"，每侧至少需要 {FEWEST} 个月；请等积累更多月份后再分析。" if short else "。"),
            f"There are {before} months before the change and {after} after it"
            + (f"; at least {FEWEST} on each side are needed: wait for more." if short else "."),
        ),
        shorter,
        FEWEST,
    )


def season_length(months: int, harmonics: int) -> Check:
    """Warn below two years, where the season cannot be told from the change.

    Parameters
    ----------
    months : int
    harmonics : int
        Harmonics fitted.
    """
    short = months < SEASON
    return Check(
        "season_length",
        "warn" if short else "passed",
        Text(
            f"序列只有 {months} 个月，不足 {SEASON} 个月，未控制季节性。"
            if short
            else f"序列有 {months} 个月，季节性用 {harmonics} 组谐波控制。",
            f"The series has {months} months, fewer than {SEASON}: the season is not held equal."
            if short
            else f"The series has {months} months; the season is held equal by {harmonics} "
            + ("harmonic." if harmonics == 1 else "harmonics."),
        ),
        months,
        SEASON,
    )
