"""Which emotions complaints show, overall and by what they are about."""

from __future__ import annotations

import pandas as pd

from svcquality.causes.emotion_coder import EmotionCoder, train_emotion_coder
from svcquality.causes.measure import MeasuredCauses, measure_causes
from svcquality.designs import DESIGNS
from svcquality.designs._emotion_checks import emotion_checks
from svcquality.designs._emotion_shares import (
    CODED,
    coded_emotions,
    drawn_with,
    from_coded,
    from_lexicon,
)
from svcquality.errors import InputError
from svcquality.findings import TABLE_COLUMNS, Claim, Finding, Grade, flow_row
from svcquality.language import Text, plain
from svcquality.records.bank import Records
from svcquality.text.emotion import EmotionScores, score_emotion
from svcquality.text.emotion_lexicon import EMOTIONS
from svcquality.text.normalise import normalise


def emotion(
    bank: Records,
    *,
    id: str = "emotion",
    causes: MeasuredCauses | None = None,
    seed: int = 0,
    by: str | None = None,
) -> Finding:
    """Describe the emotions that complaint texts show.

    Parameters
    ----------
    bank : Records
        Complaints with ``text``. Where they have an extra column ``coded_emotion`` (hand-coded
        emotions of a random sample, see `train_emotion_coder`) with at least 30 codes, it corrects
        the shares; ``emotion_probability`` is the known probability of being drawn (equal if
        absent).
    id : str
        Identifier of the question.
    causes : MeasuredCauses, optional
        Shares are given by family of causes as well.
    seed : int
        For the folds of the supervised coder, and for measuring causes.
    by : str, optional
        A column of the complaints, or ``"cause"`` for families of causes, measured here when
        ``causes`` is not given.

    Returns
    -------
    Finding
        Terms ``anger, anxiety, disappointment, frustration, urgency, insult`` and, by group,
        ``<emotion>[<group>]``. Blocked where the lexicon covers less than 30% of the texts and there
        is no hand-coded sample. Frames ``pareto`` (overall), ``groups`` (term, group, score, share,
        low, high, coverage) and, with a hand-coded sample, ``quality`` of both instruments.

    Raises
    ------
    InputError
        If there is no complaint with a text, a hand-coded emotion is unknown, or ``by`` is no
        column.
    """
    complaints = bank.complaints
    if complaints is None or complaints.empty:
        raise InputError("This needs complaint records.", "此问题需要投诉记录。")
    rows = complaints.set_index("complaint_id")
    if causes is None and by == "cause":
        causes = measure_causes(complaints, seed=seed)
    texts = causes.documents["text"] if causes is not None else normalise(rows["text"]).text
    texts = texts[texts.notna() & (texts.str.strip() != "")]
    if texts.empty:
        raise InputError(
            "The complaints have no text; name the column that holds it as 'text' in the mapping.",
            "投诉记录没有文本；请在映射文件中把投诉内容所在的列对应为 text。",
        )
    rows = rows.loc[texts.index]
    scores = score_emotion(texts)
    group, labels = _groups(rows, by, causes)
    coded = coded_emotions(rows)
    if coded is None:
        coder = None
        table = from_lexicon(scores, rows, group, labels)
    else:
        coder = _train(texts, rows[CODED], seed)
        table = from_coded(scores, coder, coded, drawn_with(rows), group, labels)
    overall = table[table["group"].isna()]
    emotions = overall[overall["score"].isin(list(EMOTIONS))].sort_values(
        "estimate", ascending=False, kind="stable"
    )
    first = emotions.iloc[0]
    return Finding(
        id=id,
        design="emotion",
        question=DESIGNS["emotion"].question,
        grade=Grade.DESCRIBES,
        claims=(
            Claim(
                Text(
                    f"投诉文本中最常流露的情绪“{first['label_zh']}”",
                    f"{first['label_en']}, the emotion that the texts show most often",
                ),
                Text("占比", "the share of complaints"),
                float(first["estimate"]),
                float(first["low"]),
                float(first["high"]),
                "share",
                null=float("nan"),
            ),
        ),
        table=table[[*TABLE_COLUMNS, "coverage"]].reset_index(drop=True),
        checks=emotion_checks(
            scores, 0 if coded is None else int(coded.notna().all(axis=1).sum()),
            _hidden(group, table),
        ),
        method=_method(scores, coder, overall),
        flow=pd.DataFrame(
            [
                flow_row("投诉记录", "complaints", len(complaints)),
                flow_row("有投诉文本", "with a text", len(texts)),
                flow_row(
                    "情绪词典可判读",
                    "covered by the lexicon of emotions",
                    int(scores.table["covered"].sum()),
                ),
            ]
        ),
        figure="pareto",
        frames={
            "pareto": _pareto(emotions),
            "groups": table.loc[
                table["group"].notna(),
                ["term", "group", "score", "label_zh", "label_en", "estimate", "low", "high",
                 "coverage"],
            ].reset_index(drop=True),
            **({"quality": coder.quality} if coder is not None else {}),
        },
    )  # fmt: skip


def _groups(
    rows: pd.DataFrame, by: str | None, causes: MeasuredCauses | None
) -> tuple[pd.Series | None, dict[str, Text]]:
    """Group of each complaint, missing where its group is too small, and words for the groups."""
    labels: dict[str, Text] = {}
    if causes is not None and by in (None, "cause"):
        group = causes.primary.map(causes.family_of).reindex(rows.index)
        labels = causes.labels
    elif by is None:
        return None, labels
    elif by not in rows:
        raise InputError(
            f"The complaints have no column {by!r}; give one of theirs, or 'cause'.",
            f"投诉记录没有“{by}”列；请给出已有的列名，或使用 cause。",
        )
    else:
        group = rows[by].astype("str")
    return group, {str(g): labels.get(str(g), plain(str(g))) for g in group.dropna().unique()}


def _hidden(group: pd.Series | None, table: pd.DataFrame) -> int:
    """Groups whose shares are not given."""
    if group is None:
        return 0
    given = table.loc[table["group"].notna() & table["estimate"].notna(), "group"].nunique()
    return int(group.nunique()) - int(given)


def _train(texts: pd.Series, coded: pd.Series, seed: int) -> EmotionCoder | None:
    sample = pd.DataFrame({"text": texts, "label": coded}).dropna()
    try:
        return train_emotion_coder(sample, seed=seed)
    except InputError:
        return None  # too few of every emotion to learn one; the lexicon is corrected instead


def _pareto(emotions: pd.DataFrame) -> pd.DataFrame:
    frame = emotions[["score", "label_zh", "label_en", "estimate", "low", "high"]]
    return frame.rename(columns={"score": "id", "estimate": "share"}).reset_index(drop=True)


def _method(scores: EmotionScores, coder: EmotionCoder | None, overall: pd.DataFrame) -> Text:
    book = f"{scores.lexicon.version}（{scores.lexicon.sha256[:12]}）"
    corrected = overall["error_kind"].iloc[0].startswith("hand-coded")
    learned = coder is not None and (coder.choice["first_choice"] == "coder").any()
    clustered = overall["clusters"].notna().any()
    how = Text(
        "由人工编码样本做设计校正（Egami 等，2023）"
        + ("，其中部分情绪用监督模型预测" if learned else "")
        if corrected
        else "一条投诉可有多种情绪；占比是文中有相应词语的投诉，未用词语表达的情绪看不到；Wilson 区间"
        + ("，按客户聚类" if clustered else ""),
        "corrected by the hand-coded sample, design-based (Egami et al. 2023)"
        + (", with predictions of a supervised coder for some emotions" if learned else "")
        if corrected
        else "a complaint may show several; a share counts complaints with words of an emotion, and "
        "one without words is not seen; Wilson intervals"
        + (", clustered by customer" if clustered else ""),
    )
    return Text(
        f"情绪词典 {book}，考虑否定与程度，不去停用词。{how.zh}。只描述提出投诉的客户，不代表全部客户。",
        f"Lexicon of emotions {scores.lexicon.version} ({scores.lexicon.sha256[:12]}) with denial and "
        f"intensity, no stop words removed; {how.en}. It describes those who complained, not all "
        "customers.",
    )
