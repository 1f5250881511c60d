"""Which causes customers complain about, and how often."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from svcquality.causes.measure import MeasuredCauses, measure_causes
from svcquality.causes.shares import FEWEST_CODED, recorded_shares
from svcquality.designs import DESIGNS
from svcquality.errors import InputError
from svcquality.findings import TABLE_COLUMNS, Check, Claim, Finding, Grade, flow_row
from svcquality.language import Text
from svcquality.records.bank import Records
from svcquality.text.codebook import RESIDUAL

MOST_RESIDUAL = 0.20
MOST_DUPLICATES = 0.10
LEAST_AGREEMENT = 0.90

_ERROR_KINDS = {
    "design": "hand-coded sample, finite population",
    "model": "multinomial and between starts",
    "recorded": "binomial",
}
_SCOPE = Text(
    "只描述提出投诉的客户，不代表全部客户。",
    "It describes those who complained, not all customers.",
)


def cause_shares(
    bank: Records,
    *,
    id: str = "cause_shares",
    causes: MeasuredCauses | None = None,
    seed: int = 0,
    level: Literal["cause", "family"] = "cause",
) -> Finding:
    """Describe the causes of complaints.

    Parameters
    ----------
    bank : Records
        Complaints with ``text``, or at least with ``recorded_cause``.
    id : str
        Identifier of the question.
    causes : MeasuredCauses, optional
        Measured here, with the codebook ``bank-zh``, when not given.
    seed : int
        For measuring.
    level : {"cause", "family"}
        Which of the two is the headline and the figure; the table has both.

    Returns
    -------
    Finding
        Terms: ids of causes, ``residual``, ``family_<id>``; where there is no text, the causes as
        the bank recorded them. Frames ``pareto`` and ``families``: ``id, label_zh, label_en,
        share, low, high, cumulative``.

    Raises
    ------
    InputError
        If there are no complaints, or they have neither a text nor a recorded cause.
    """
    if level not in ("cause", "family"):
        raise InputError(
            f"level must be 'cause' or 'family', not {level!r}.",
            f"level 只能为 cause 或 family，而不是“{level}”。",
        )
    complaints = bank.complaints
    if complaints is None or complaints.empty:
        raise InputError("This needs complaint records.", "此问题需要投诉记录。")
    if causes is None and complaints["text"].isna().all():
        return _recorded(complaints, id)
    measured = causes if causes is not None else measure_causes(complaints, seed=seed)
    tables = {name: _ranked(measured.shares(name)) for name in ("cause", "family")}
    kind = str(tables["cause"]["method"].iloc[0])
    leading = {name: _first(table) for name, table in tables.items()}
    claims = {
        "cause": _claim(leading["cause"], Text("最常见的投诉原因", "the most frequent cause")),
        "family": _claim(leading["family"], Text("最常见的原因大类", "the most frequent family")),
    }
    other = "family" if level == "cause" else "cause"
    coded = len(measured.coded)
    return Finding(
        id=id,
        design="cause_shares",
        question=DESIGNS["cause_shares"].question,
        grade=Grade.DESCRIBES,
        claims=(claims[level], claims[other]),
        table=pd.concat(
            [
                _table(tables["cause"], tables["cause"]["id"]),
                _table(
                    tables["family"][tables["family"]["id"] != RESIDUAL],
                    "family_" + tables["family"]["id"],
                ),
            ],
            ignore_index=True,
        ),
        checks=_checks(measured, coded, kind == "design"),
        method=_method(measured, coded, kind == "design"),
        flow=pd.DataFrame(
            [
                flow_row("投诉记录", "complaints", len(complaints)),
                flow_row("有投诉文本", "with a text", len(measured.documents)),
                flow_row(
                    "判定到编码本中的原因",
                    "assigned to a cause of the codebook",
                    int((measured.primary != RESIDUAL).sum()),
                ),
            ]
        ),
        figure="pareto",
        frames={
            "pareto": _pareto(tables[level]),
            "families": _pareto(tables["family"]),
        },
    )


def _recorded(complaints: pd.DataFrame, id: str) -> Finding:
    if complaints["recorded_cause"].isna().all():
        raise InputError(
            "The complaints have neither a text nor a recorded cause; map a column to 'text' or "
            "'recorded_cause'.",
            "投诉记录既没有文本也没有登记原因；请把相应的列对应为 text 或 recorded_cause。",
        )
    shares = recorded_shares(complaints["recorded_cause"])
    for column in ("label_zh", "label_en"):
        shares[column] = shares["id"]
    missing = float(complaints["recorded_cause"].isna().mean())
    return Finding(
        id=id,
        design="cause_shares",
        question=DESIGNS["cause_shares"].question,
        grade=Grade.DESCRIBES,
        claims=(
            _claim(shares.iloc[0], Text("登记最多的投诉原因", "the cause recorded most often")),
        ),
        table=_table(shares, shares["id"]),
        checks=(
            Check(
                "coverage",
                "warn" if missing > MOST_RESIDUAL else "passed",
                Text(
                    f"{missing:.1%} 的投诉没有登记原因。",
                    f"{missing:.1%} of the complaints have no recorded cause.",
                ),
                missing,
                MOST_RESIDUAL,
            ),
        ),
        method=Text(
            f"投诉没有文本，按银行登记的原因统计；Wilson 区间。{_SCOPE.zh}",
            "There are no texts, so causes are those that the bank recorded; Wilson intervals. "
            f"{_SCOPE.en}",
        ),
        flow=pd.DataFrame(
            [
                flow_row("投诉记录", "complaints", len(complaints)),
                flow_row(
                    "有登记原因",
                    "with a recorded cause",
                    int(complaints["recorded_cause"].notna().sum()),
                ),
            ]
        ),
        figure="pareto",
        frames={"pareto": _pareto(shares)},
    )


def _ranked(shares: pd.DataFrame) -> pd.DataFrame:
    """The largest first, the residual last whatever its size."""
    order = np.lexsort((-shares["share"], shares["id"] == RESIDUAL))
    return shares.iloc[order].reset_index(drop=True)


def _first(ranked: pd.DataFrame) -> pd.Series:
    return ranked.iloc[0]


def _claim(row: pd.Series, kind: Text) -> Claim:
    return Claim(
        Text(f"{kind.zh}“{row['label_zh']}”", f"{row['label_en']}, {kind.en}"),
        Text("占比", "the share of complaints"),
        float(row["share"]),
        float(row["low"]),
        float(row["high"]),
        "share",
        null=float("nan"),
    )


def _table(shares: pd.DataFrame, terms: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "term": terms.reindex(shares.index),
            "label_zh": shares["label_zh"],
            "label_en": shares["label_en"],
            "estimate": shares["share"],
            "error": shares["error"],
            "error_kind": shares["method"].map(_ERROR_KINDS),
            "low": shares["low"],
            "high": shares["high"],
            "p": np.nan,
            "p_adjusted": np.nan,
            "n": shares["n"],
            "clusters": pd.array([pd.NA] * len(shares), dtype="Int64"),
            "unit": "share",
        }
    )[list(TABLE_COLUMNS)]


def _pareto(ranked: pd.DataFrame) -> pd.DataFrame:
    seen = ranked[ranked["share"] > 0]
    frame = seen[["id", "label_zh", "label_en", "share", "low", "high"]].reset_index(drop=True)
    return frame.assign(cumulative=frame["share"].cumsum().clip(upper=1.0))


def _checks(measured: MeasuredCauses, coded: int, corrected: bool) -> tuple[Check, ...]:
    residual = float((measured.primary == RESIDUAL).mean())
    duplicates = float(measured.documents["duplicate_of"].notna().mean())
    agreement = float(measured.fit["agreement"].min())
    return (
        Check(
            "hand_coded",
            "passed" if corrected else "warn",
            Text(
                f"占比由随机抽取、人工编码的 {coded} 条投诉校正。"
                if corrected
                else f"人工编码的投诉只有 {coded} 条（至少需要 {FEWEST_CODED} 条），占比仅依据编码本，"
                "编码本本身的误差未计入区间。",
                f"A random sample of {coded} hand-coded complaints corrects the shares."
                if corrected
                else f"The shares rest on the codebook alone: {coded} complaints are hand-coded, "
                f"{FEWEST_CODED} are needed. The intervals know nothing of the codebook's errors.",
            ),
            float(coded),
            float(FEWEST_CODED),
        ),
        Check(
            "coverage",
            "warn" if residual > MOST_RESIDUAL else "passed",
            Text(
                f"{residual:.1%} 的投诉不属于编码本中的任何原因。",
                f"{residual:.1%} of the complaints are about no cause of the codebook.",
            ),
            residual,
            MOST_RESIDUAL,
        ),
        Check(
            "duplicates",
            "warn" if duplicates > MOST_DUPLICATES else "passed",
            Text(
                f"{duplicates:.1%} 的投诉与另一条文字相同（不计数字与标点）。",
                f"{duplicates:.1%} of the complaints repeat the words of another one (digits and "
                "punctuation aside).",
            ),
            duplicates,
            MOST_DUPLICATES,
        ),
        Check(
            "start_stability",
            "warn" if agreement < LEAST_AGREEMENT else "passed",
            Text(
                f"主题模型换一个起点，至少 {agreement:.1%} 的投诉主因不变。",
                f"From another starting point of the topic model at least {agreement:.1%} of the "
                "complaints keep their primary cause.",
            ),
            agreement,
            LEAST_AGREEMENT,
        ),
    )


def _method(measured: MeasuredCauses, coded: int, corrected: bool) -> Text:
    book = measured.codebook
    how = Text(
        f"设计校正：模型判定的占比加上 {coded} 条人工编码投诉的逆概率加权差值；目标是本期这些投诉的占比，"
        "误差来自抽样（含有限总体校正）；Wilson 区间（Egami 等，2023）"
        if corrected
        else "模型判定的占比；误差含多项抽样与不同起点之间的差异；Wilson 区间",
        f"design-based: the model's share plus the inverse-probability-weighted difference on {coded} "
        "hand-coded complaints; the target is the share of these very complaints, so the error is "
        "that of the draw, with finite-population correction; Wilson intervals (Egami et al. 2023)"
        if corrected
        else "the model's shares; multinomial error and that between starts; Wilson intervals",
    )
    return Text(
        f"每条投诉取其主因。种子词主题模型（gensim LDA，{len(measured.fit)} 个起点），编码本 {book.name} "
        f"{book.version}（{book.sha256[:12]}），词典 {measured.dictionary_sha256[:12]}。{how.zh}。{_SCOPE.zh}",
        f"Primary cause of each complaint. Seeded topic model (gensim LDA, {len(measured.fit)} "
        f"starts), codebook {book.name} {book.version} ({book.sha256[:12]}), dictionary "
        f"{measured.dictionary_sha256[:12]}. {how.en[:1].upper() + how.en[1:]}. {_SCOPE.en}",
    )
