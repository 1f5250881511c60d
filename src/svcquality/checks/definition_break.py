"""Did the definition of a complaint change within the period?"""

from __future__ import annotations

import pandas as pd

from svcquality.findings import Check
from svcquality.language import Text


def definition_break(versions: pd.Series) -> Check:
    """Block when complaints of the period follow more than one definition.

    Parameters
    ----------
    versions : Series
        Definition version of each complaint in the period; missing where not recorded.
    """
    seen = sorted(versions.dropna().unique())
    if not seen:
        return Check(
            "definition_break",
            "warn",
            Text(
                "没有口径版本的记录，无法确认期间投诉口径未变。",
                "No definition version is recorded, so it is not known whether the definition of "
                "a complaint stayed the same.",
            ),
        )
    changed = len(seen) > 1
    named = "、".join(map(str, seen)), ", ".join(map(str, seen))
    return Check(
        "definition_break",
        "block" if changed else "passed",
        Text(
            f"期间投诉口径有变（{named[0]}），数量前后不可比；请只用同一口径的月份，或按新口径重新统计。",
            f"The definition of a complaint changed within the period ({named[1]}), so counts "
            "cannot be compared; use months of one definition, or recount by the new one.",
        )
        if changed
        else Text(
            f"期间投诉口径一致（{named[0]}）。",
            f"One definition of a complaint holds throughout ({named[1]}).",
        ),
        len(seen),
        1,
    )
