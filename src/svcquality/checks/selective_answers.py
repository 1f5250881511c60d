"""Does answering depend on the very exposure that is related to the answers?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.estimators.multiplicity import adjusted_p
from svcquality.findings import Check
from svcquality.language import Text

SMALL = 0.01
"""A smaller difference in the response rate does little, however surely it is there."""
CLEARLY = 0.05


def selective_answers(differences: pd.DataFrame) -> Check:
    """Warn when an exposure changes who answers.

    Where long waits or complaints keep customers from answering, those who were hurt most are
    missing, and the association among those who did answer tends to be too weak. No weight mends
    that: it would have to know the answers that were not given.

    Parameters
    ----------
    differences : DataFrame
        Exposures as ``label_zh, label_en, estimate, p``: average differences in the probability of
        answering, all else on record equal.

    Returns
    -------
    Check
        ``number`` is the largest difference, ``threshold`` what is small.
    """
    p = adjusted_p(differences["p"].to_numpy(dtype=float), "holm")
    size = differences["estimate"].to_numpy(dtype=float)
    telling = (p < CLEARLY) & (np.abs(size) > SMALL)
    largest = float(size[np.argmax(np.abs(size))])
    if not telling.any():
        return Check(
            "selective_answers",
            "passed",
            Text(
                "是否答复看不出取决于所分析的因素。",
                "Answering does not visibly depend on what is analysed.",
            ),
            largest,
            SMALL,
        )
    rows = differences[telling].to_dict("records")
    zh = "、".join(f"{row['label_zh']}（{100 * row['estimate']:+.1f} 个百分点）" for row in rows)
    en = ", ".join(f"{row['label_en']} ({100 * row['estimate']:+.1f} points)" for row in rows)
    zh, en = zh.replace("-", "−"), en.replace("-", "−")
    return Check(
        "selective_answers",
        "warn",
        Text(
            f"是否答复取决于所分析的因素：{zh}。受影响最深的客户可能没有答复，"
            "答复者之中的关联往往偏弱，加权无法弥补；见“未答复”问题的界限。",
            f"Answering depends on what is analysed: {en}. Those hurt most may be silent, so the "
            "association among the answers tends to be too weak, and weights cannot mend it; see "
            "the bounds of the question on non-response.",
        ),
        largest,
        SMALL,
    )
