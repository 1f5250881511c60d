"""Did people give one answer to every question, and does the order of the drivers rest on them?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from svcquality.findings import Check
from svcquality.language import Text

FEWEST_ITEMS = 5
"""Over fewer ratings one answer throughout is common among the attentive."""
MOVED = 0.05
"""Part of the explained variance by which a share may move."""


def straight_liners(ratings: pd.DataFrame) -> pd.DataFrame:
    """Find answers that are the same to every rated item, or to all but one.

    Parameters
    ----------
    ratings : DataFrame
        One column a rated item, in the order of the questionnaire and as answered: an item that is
        worded the other way round must not be turned before.

    Returns
    -------
    DataFrame
        Index of ``ratings``: ``rated`` (items answered), ``longest`` (longest run of one answer;
        missing answers are skipped), ``straight`` (one answer to all of at least `FEWEST_ITEMS`
        items), ``nearly`` (one answer to all but one of more than that).

    Notes
    -----
    The long-string index of Johnson (2005), J. Research in Personality 39; Meade & Craig (2012),
    Psychological Methods 17. The run depends on where the odd answer stands, so ``nearly`` counts
    the most frequent answer instead.
    """
    values = ratings.to_numpy(dtype=float, na_value=np.nan)
    known = ~np.isnan(values)
    rated = known.sum(axis=1)
    longest = run = np.zeros(len(values), dtype=np.int64)
    same = np.zeros(len(values), dtype=np.int64)
    last = np.full(len(values), np.nan)
    for j in range(values.shape[1]):
        run = np.where(known[:, j], np.where(values[:, j] == last, run + 1, 1), run)
        last = np.where(known[:, j], values[:, j], last)
        longest = np.maximum(longest, run)
        same = np.maximum(same, (values == values[:, [j]]).sum(axis=1))
    return pd.DataFrame(
        {
            "rated": rated,
            "longest": longest,
            "straight": (rated >= FEWEST_ITEMS) & (same == rated),
            "nearly": (rated > FEWEST_ITEMS) & (same == rated - 1),
        },
        index=ratings.index,
    )


def straight_lining(
    found: pd.DataFrame, shares: pd.DataFrame, words: dict[str, Text], *, dropped: bool
) -> Check:
    """Warn where the order of the drivers rests on straight-liners.

    Parameters
    ----------
    found : DataFrame
        From `straight_liners`, one row an answer.
    shares : DataFrame
        Index: drivers; columns ``all``, ``without`` and, where they could be computed,
        ``without_nearly``: each driver's part of the explained variance with all answers, without
        straight-liners, and without those who nearly are.
    words : dict of str to Text
        The drivers in a reader's words.
    dropped : bool
        Whether the finding's numbers leave straight-liners out.

    Notes
    -----
    One answer throughout can be honest, most of all at the ends of a scale (Reuning & Plutzer 2020,
    Survey Research Methods 14), so nobody is called careless here; but it holds nothing about which
    item matters more than another.
    """
    lines = found["straight"] | found["nearly"]
    number = float(found["straight"].mean()) if len(found) else 0.0
    who = Text(
        f"{number:.1%} 的答复对所有评分项目给出同一个分数"
        f"（另有 {found['nearly'].mean():.1%} 只有一项不同）",
        f"{number:.1%} of the answers give one rating to every item "
        f"(a further {found['nearly'].mean():.1%} to all but one)",
    )
    kept = (
        Text("已剔除前者", "the former are left out") if dropped else Text("均予保留", "all kept")
    )
    if not len(found) or found["rated"].max() < FEWEST_ITEMS:
        return _passed(
            Text(
                f"评分项目不足 {FEWEST_ITEMS} 个，无法判断是否有人一律打同一分数。",
                f"Fewer than {FEWEST_ITEMS} rated items: one rating throughout cannot be told from "
                "chance.",
            ),
            number,
        )
    if not lines.any():
        return _passed(
            Text("没有人对所有项目打同一分数。", "Nobody gives one rating to every item."), 0.0
        )
    unread = Text(
        "；另一种处理方式下的份额无法计算。",
        "; the shares done the other way could not be computed.",
    )
    if shares[["all", "without"]].isna().any(axis=None):
        return Check(
            "straight_lining", "warn",
            Text(f"{who.zh}，{kept.zh}{unread.zh}", f"{who.en}; {kept.en}{unread.en}"),
            number, MOVED,
        )  # fmt: skip
    told = _difference(shares, words)
    if told is None:
        return _passed(
            Text(
                f"{who.zh}，{kept.zh}；是否剔除不改变主要结论。",
                f"{who.en}; {kept.en}; the order of the drivers does not rest on them.",
            ),
            number,
        )
    return Check(
        "straight_lining",
        "warn",
        Text(f"{who.zh}，{kept.zh}；{told.zh}", f"{who.en}; {kept.en}; {told.en}"),
        number,
        MOVED,
    )


def _passed(text: Text, number: float) -> Check:
    return Check("straight_lining", "passed", text, number, MOVED)


def _difference(shares: pd.DataFrame, words: dict[str, Text]) -> Text | None:
    """What leaving them out changes: the leader, else the share that moves most."""
    base = shares["all"]
    for column, who in (
        ("without", Text("剔除一律打同分者", "without straight-liners")),
        ("without_nearly", Text("再剔除几乎如此者", "without those who nearly are as well")),
    ):
        if column not in shares or shares[column].isna().any():
            continue
        other = shares[column]
        if column == "without_nearly":
            base = shares["without"]
        before, after = str(base.idxmax()), str(other.idxmax())
        if before != after:
            return Text(
                f"{who.zh}之后，份额最大的由{words[before].zh}（{base[before]:.0%}）变为"
                f"{words[after].zh}（{other[after]:.0%}）。",
                f"{who.en} the largest share is that of {words[after].en} ({other[after]:.0%}), "
                f"with them that of {words[before].en} ({base[before]:.0%}).",
            )
        moves = (other - base).abs()
        if moves.max() > MOVED:
            most = str(moves.idxmax())
            return Text(
                f"{who.zh}之后，{words[most].zh}的份额由 {base[most]:.0%} 变为 {other[most]:.0%}。",
                f"{who.en} the share of {words[most].en} is {other[most]:.0%}, with them "
                f"{base[most]:.0%}.",
            )
    return None


def items_of_straight_liners(
    found: pd.DataFrame, changes: pd.DataFrame, words: dict[str, Text]
) -> Check:
    """Warn where what is said of an item rests on straight-liners.

    Parameters
    ----------
    found : DataFrame
        From `straight_liners`, one row an answer.
    changes : DataFrame
        Index: items; ``all, without``: the difference in the share satisfied that goes with one
        more point, with all answers and without straight-liners; ``all_sign, without_sign``: its
        direction, 0 where none is detectable.
    words : dict of str to Text
        The items in a reader's words.
    """
    number = float(found["straight"].mean()) if len(found) else 0.0
    who = Text(
        f"{number:.1%} 的答复对所有评分项目给出同一个分数",
        f"{number:.1%} of the answers give one rating to every item",
    )
    resting = changes[changes["all_sign"] != changes["without_sign"]]
    if resting.empty:
        return Check(
            "straight_lining",
            "passed",
            Text(
                f"{who.zh}；是否剔除不改变各项目的结论。",
                f"{who.en}; what is said of the items does not rest on them.",
            ),
            number,
        )
    told = [
        Text(
            f"{words[str(name)].zh}由 {_points(row['all'])} 变为 {_points(row['without'])} 个百分点",
            f"{words[str(name)].en} goes from {_points(row['all'])} to "
            f"{_points(row['without'])} percentage points",
        )
        for name, row in resting.iterrows()
    ]
    return Check(
        "straight_lining",
        "warn",
        Text(
            f"{who.zh}，项目的估计已将其剔除，因为结论取决于他们："
            f"{'；'.join(t.zh for t in told)}。",
            f"{who.en}; the items' numbers are without them, since conclusions rest on them: "
            f"{'; '.join(t.en for t in told)}.",
        ),
        number,
    )


def _points(share: float) -> str:
    return f"{share * 100:+.1f}".replace("-", "−")
