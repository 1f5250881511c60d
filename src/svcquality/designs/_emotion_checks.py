"""What a share of emotions rests on."""

from __future__ import annotations

from svcquality.causes.shares import FEWEST_CODED
from svcquality.findings import Check, Status
from svcquality.language import Text
from svcquality.text.emotion import FAIR_COVERAGE, LEAST_COVERAGE, EmotionScores
from svcquality.text.emotion_weighing import OTHER

MOST_FOREIGN = 0.10
MOST_DUPLICATES = 0.10


def emotion_checks(scores: EmotionScores, coded: int, hidden: int) -> tuple[Check, ...]:
    """Checks of shares of emotions.

    Parameters
    ----------
    scores : EmotionScores
    coded : int
        Hand-coded complaints that correct the shares; 0 for none.
    hidden : int
        Groups that are not shown.
    """
    present = scores.present
    duplicates = float(scores.texts[present].duplicated().mean())
    foreign = float((scores.table["language"][present] == OTHER).mean())
    checks = [
        _coverage(scores.coverage, coded),
        Check(
            "hand_coded",
            "passed" if coded else "warn",
            Text(
                f"由随机抽取、人工编码情绪的 {coded} 条投诉校正。"
                if coded
                else f"没有人工编码的情绪样本（至少需要 {FEWEST_CODED} 条，列名 coded_emotion）。在标注过的"
                "真实文本中，词典漏掉约一半有情绪的文本，所以占比多半偏低。",
                f"A random sample of {coded} complaints with hand-coded emotions corrects the shares."
                if coded
                else f"No sample of hand-coded emotions ({FEWEST_CODED} are needed, column "
                "coded_emotion). In real texts that were labelled the lexicon missed about half of "
                "those that show an emotion, so the shares are most likely too low.",
            ),
            float(coded),
            float(FEWEST_CODED),
        ),
        Check(
            "languages",
            "warn" if foreign > MOST_FOREIGN else "passed",
            Text(
                f"{foreign:.1%} 的文本既不是中文也不是英文，无法判读。",
                f"{foreign:.1%} of the texts are neither Chinese nor English and cannot be read.",
            ),
            foreign,
            MOST_FOREIGN,
        ),
        Check(
            "duplicates",
            "warn" if duplicates > MOST_DUPLICATES else "passed",
            Text(
                f"{duplicates:.1%} 的投诉与另一条文字相同。",
                f"{duplicates:.1%} of the complaints repeat the words of another one.",
            ),
            duplicates,
            MOST_DUPLICATES,
        ),
    ]
    if hidden:
        checks.append(
            Check(
                "groups_shown",
                "warn",
                Text(
                    f"{hidden} 个分组因投诉太少、可判读的文本太少或人工编码太少而不予列出。",
                    f"Groups not shown: {hidden} (too few complaints, too few covered texts, or "
                    "too few hand-coded ones).",
                ),
                float(hidden),
                0.0,
            )
        )
    return tuple(checks)


def _coverage(coverage: float, coded: int) -> Check:
    low = coverage < LEAST_COVERAGE
    status: Status = "passed" if coverage >= FAIR_COVERAGE or coded else "block" if low else "warn"
    advice = Text(
        f"低于 {LEAST_COVERAGE:.0%}，不足以判断情绪；请随机抽取投诉，在 coded_emotion 列中人工编码。"
        if status == "block"
        else "其余文本的情绪未知，不等于没有情绪。",
        f"below {LEAST_COVERAGE:.0%} nothing is said of emotions; hand-code a random sample of "
        "complaints in a column coded_emotion."
        if status == "block"
        else "the emotions of the others are unknown, which is not the same as none.",
    )
    return Check(
        "coverage",
        status,
        Text(
            f"情绪词典可判读 {coverage:.1%} 的文本；{advice.zh}",
            f"The lexicon covers {coverage:.1%} of the texts; {advice.en}",
        ),
        coverage,
        LEAST_COVERAGE if low else FAIR_COVERAGE,
    )
