"""What the audit commands print: small tables in the reader's language."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from svcquality.language import Language, Text

if TYPE_CHECKING:
    from svcquality.cli.audit_inputs import Judged
    from svcquality.text.codebook import Codebook

MOST = 12
"""Rows shown of a long table; the files have all of them."""
MORE = Text(
    "\n精确率、召回率、逐原因的校准与混淆表：--tables 目录。",
    "\nPrecision, recall, calibration by cause and confusions: --tables DIRECTORY.",
)
INSTRUMENTS = {
    "codebook": Text("编码本词语得分", "codebook score"),
    "seeded": Text("种子主题模型", "seeded topic model"),
    "prevalence": Text("含协变量的主题模型", "topics with covariates"),
    "supervised": Text("有监督编码（交叉拟合）", "supervised coder (cross-fitted)"),
}
_ENDS = ["estimate", "low", "high"]
_LEVEL = {"cause": Text("原因", "causes"), "family": Text("大类", "families")}
_MEASURE = {
    "accuracy": Text("准确率", "accuracy"),
    "macro_f1": Text("宏平均 F1", "macro F1"),
    "weighted_f1": Text("加权 F1", "weighted F1"),
}


def strata_text(sample: Any, language: Language) -> str:
    """What was drawn, in one paragraph."""
    texts, copies = sample.texts, len(sample.copies)
    chance = texts["probability"]
    return Text(
        f"从 {sample.complaints:,} 条投诉（{len(sample.strata)} 层）中抽取 {len(texts):,} 条不同文本；"
        f"抽取概率 {chance.min():.4f}–{chance.max():.4f}，种子 {sample.seed}。"
        f"必定抽中的文本另代表 {copies:,} 条相同或近似的投诉。"
        f"编码本：{sample.codebook.name}（版本 {sample.codebook.version}）。",
        f"Drawn: {len(texts):,} distinct texts of {sample.complaints:,} complaints in "
        f"{len(sample.strata)} strata, with probabilities {chance.min():.4f} to {chance.max():.4f}, "
        f"seed {sample.seed}. Texts that were certain to be drawn answer for {copies:,} further "
        f"complaints that say the same. Codebook {sample.codebook.name}, version "
        f"{sample.codebook.version}.",
    )[language]


def reading_text(reading: Any, language: Language) -> str:
    """How far coding has come."""
    total = len(reading.draw.texts)
    coded = reading.by_coder.notna().sum()
    doubt = reading.codes.groupby("coder")["doubt"].sum()
    who = [Text(f"编码员 {c} {n}", f"coder {c} {n}")[language] for c, n in coded.items()]
    unsure = [f"{c} {int(n)}" for c, n in doubt.items()]
    states = reading.decided()["decided"].value_counts()
    open_, agreed = int(states.get("differ", 0)), int(states.get("agreed", 0))
    return Text(
        f"共 {total} 条文本；已编码：{'，'.join(who) or '无'}；标为存疑：{'，'.join(unsure) or '无'}。"
        f"意见不一尚待裁定 {open_} 条，已裁定 {agreed} 条。",
        f"{total} texts; coded: {', '.join(who) or 'none'}; marked doubtful: "
        f"{', '.join(unsure) or 'none'}. Still to be decided: {open_}; decided: {agreed}.",
    )[language]


def agreement_text(table: pd.DataFrame, weighted: pd.DataFrame, language: Language) -> str:
    """Kappa and alpha, overall and by family."""
    names = Text(
        "编码员一致性|两人均编码|一致比例|κ（95% 区间）|Krippendorff α（95% 区间）",
        "agreement of coders|coded twice|alike|kappa (95% interval)|Krippendorff's alpha (95% interval)",
    )[language].split("|")
    everyone = Text("（按抽取概率加权）", " (weighted to all complaints)")[language]
    rows = []
    for frame, suffix in ((table, ""), (weighted, everyone)):
        part = frame[frame["level"].isin(["causes", "families"] + ([] if suffix else ["family"]))]
        for row in part.to_dict("records"):
            count = row["units"] if row["level"] != "family" else row["with_it"]
            rows.append(
                [f"{row[f'label_{language}']}{suffix}", str(count), f"{row['observed']:.3f}",
                 _estimate(row["kappa"], row["kappa_low"], row["kappa_high"]),
                 _estimate(row["alpha"], row["alpha_low"], row["alpha_high"])]
            )  # fmt: skip
    return "\n" + aligned([names, *rows])


def confusion_text(table: pd.DataFrame, language: Language) -> str:
    """The pairs that are most often confused."""
    split = table[table["split"] > 0].head(MOST)
    if split.empty:
        return "\n" + Text("没有原因被混淆。", "No two causes were confused.")[language]
    names = Text(
        "最常混淆的两个原因|编码不同|同为前者|同为后者|编码本中相邻",
        "causes most often confused|split|both the first|both the second|neighbours in the codebook",
    )[language].split("|")
    yes, no = Text("是", "yes")[language], Text("否", "no")[language]
    rows = [
        [f"{r['first']} {r[f'first_{language}']} / {r['second']} {r[f'second_{language}']}",
         str(r["split"]), str(r["both_first"]), str(r["both_second"]),
         yes if r["neighbours"] else no]
        for r in split.to_dict("records")
    ]  # fmt: skip
    return "\n" + aligned([names, *rows])


def accuracy_text(judged: Judged, drawn: Codebook, language: Language) -> str:
    """How right each instrument is, whether its probabilities can be believed, and cause by cause."""
    parts = [aligned(_how_right(judged, language)), aligned(_how_sure(judged, language)),
             aligned(_by_cause(judged, language))]  # fmt: skip
    for name, error in judged.refused.items():
        why = error.zh if language == "zh" else error.en
        shown = INSTRUMENTS[name][language]
        parts.append(Text(f"{shown}未检验：{why}", f"Not judged, {shown}: {why}")[language])
    if judged.codebook.sha256 != drawn.sha256:
        now, then = (f"{c.name} {c.version}" for c in (judged.codebook, drawn))
        parts.append(
            Text(
                f"注意：文本按编码本 {then} 编码，测量用的是 {now}；仅当原因的定义未变时，上表才有意义。",
                f"Note: the texts were coded by {then} and measured by {now}, which is not the same "
                "file; the tables hold only where the definitions of causes have not changed.",
            )[language]
        )
    return "\n" + "\n\n".join(parts)


def _how_right(judged: Judged, language: Language) -> list[list[str]]:
    head = Text("测量有多准（95% 区间）|层级", "how right (95% interval)|of")[language].split("|")
    rows = [[*head, *(measure[language] for measure in _MEASURE.values())]]
    for name, result in judged.results.items():
        for level, words in _LEVEL.items():
            found = result.overall[result.overall["level"] == level].set_index("measure")
            rows.append(
                [INSTRUMENTS[name][language], words[language],
                 *(_estimate(*found.loc[measure, _ENDS]) for measure in _MEASURE)]
            )  # fmt: skip
    return rows


def _how_sure(judged: Judged, language: Language) -> list[list[str]]:
    rows = [
        Text(
            "概率可信吗（95% 区间）|校准误差|纯属偶然时|把握减准确率|Brier 分数|只报占比时",
            "its probabilities (95% interval)|calibration error|by chance alone|"
            "confidence − accuracy|Brier score|of shares alone",
        )[language].split("|")
    ]
    for name, result in judged.results.items():
        if result.calibration is not None:
            found = result.calibration.overall.set_index("measure")
            error, over, brier = (
                _estimate(*found.loc[measure, _ENDS])
                for measure in ("calibration_error", "overconfidence", "brier")
            )
            chance, alone = (
                _share(found.loc[measure, "reference"])
                for measure in ("calibration_error", "brier")
            )
            rows.append([INSTRUMENTS[name][language], error, chance, over, brier, alone])
    return rows


def _by_cause(judged: Judged, language: Language) -> list[list[str]]:
    head = Text("各原因的 F1（95% 区间）|人工编码数", "F1 by cause (95% interval)|coded")
    rows = [[*head[language].split("|"), *(INSTRUMENTS[name][language] for name in judged.results)]]
    tables = [
        result.by_class.set_index(result.by_class["level"] + " " + result.by_class["id"])
        for result in judged.results.values()
    ]
    # Of a cause that nobody coded nothing can be said, though an instrument may have found it.
    coded = tables[0][tables[0]["coded"] > 0]
    for name, row in zip(coded.index, coded.to_dict("records"), strict=True):
        indent = "" if row["level"] == "family" else "  "
        rows.append(
            [f"{indent}{row['id']} {row[f'label_{language}']}", str(row["coded"]),
             *(_estimate(*table.loc[name, ["f1", "f1_low", "f1_high"]]) for table in tables)]
        )  # fmt: skip
    return rows


def plan_text(
    plan: Any, checked: pd.DataFrame | None, at: int, pilot: int, assumed: float, language: Language
) -> str:
    """Half-widths by number of texts, what is needed, and what the simulation says."""
    from svcquality.causes.audit_plan import FEWEST_INSIDE

    wide = plan.table.pivot(index="id", columns="n", values="half_width")
    of = Text("预计占比", "share")[language]
    need = Text(f"±{plan.half_width:g} 所需", f"for ±{plan.half_width:g}")[language]
    what = Text("95% 区间半宽，编码文本数 n =", "95% half-width with n texts =")[language]
    rows = [[what, of, *map(str, wide.columns), need]]
    for row in plan.required.to_dict("records"):
        enough = "–" if pd.isna(row["n"]) else str(row["n"])
        name = f"{row['id']} {row[f'label_{language}']}"
        rows.append([name, f"{row['share']:.3f}", *map(_width, wide.loc[row["id"]]), enough])
    gap = "" if language == "zh" else " "
    basis = (
        Text(f"依据 {pilot} 条已编码投诉。", f"From {pilot} complaints already coded.")
        if pilot
        else Text(f"假定准确率 {assumed:g}。", f"Assuming an accuracy of {assumed:g}.")
    )
    sentences = [sentence[language] for sentence in (*_answer(plan), basis)]
    lines = [aligned(rows), "", gap.join(sentences)]
    if wide.isna().any(axis=None):
        lines.append(
            Text(
                f"“–”：该项有结果的编码文本将不足 {FEWEST_INSIDE} 条，无法给出可信的区间。",
                f"–: fewer than {FEWEST_INSIDE} coded texts of it would have an outcome, too few for "
                "an interval.",
            )[language]
        )
    if checked is not None:
        checked = checked[wide[at].reindex(checked["id"]).notna().to_numpy()]
    if checked is not None and len(checked):
        expected = wide[at].reindex(checked["id"]).to_numpy()
        ratio = (checked["half_width"].to_numpy() / expected).tolist()
        lines.append(
            Text(
                f"模拟核验（n = {at}，{checked['draws'].iloc[0]} 次）：实际半宽为预计的 "
                f"{min(ratio):.2f}–{max(ratio):.2f} 倍；95% 区间平均覆盖率 "
                f"{checked['covered'].mean():.1%}。",
                f"Simulated {checked['draws'].iloc[0]} times at n = {at}: half-widths are "
                f"{min(ratio):.2f} to {max(ratio):.2f} times those planned; 95% intervals held the "
                f"true value {checked['covered'].mean():.1%} of the time.",
            )[language]
        )
    return "\n".join(lines)


def _answer(plan: Any) -> list[Text]:
    """What to do, and what cannot be had whatever is done."""
    needed, wanted = plan.required["n"], f"±{plan.half_width:g}"
    best = plan.required.loc[needed.isna(), "narrowest"]
    too_few, best = int(best.isna().sum()), best.dropna()
    if needed.notna().all():
        return [
            Text(
                f"要使各项均达到 {wanted}，需编码 {needed.max()} 条文本。",
                f"Code {needed.max()} texts for {wanted} everywhere.",
            )
        ]
    answer = []
    if len(best):
        ends = "–".join(dict.fromkeys([_width(best.min()), _width(best.max())]))
        answer.append(
            Text(
                f"有 {len(best)} 项即使全部编码也只能达到 ±{ends}，对这些项请放宽 --half-width。",
                f"With every complaint coded, {len(best)} of them would still be ±{ends}: for those "
                "ask for a wider --half-width.",
            )
        )
    if too_few:
        answer.append(
            Text(
                f"有 {too_few} 项有结果的投诉太少，无法给出区间。",
                f"{too_few} of them will have too few complaints with an outcome for any interval.",
            )
        )
    if needed.notna().any():
        answer.append(
            Text(
                f"要使其余各项达到 {wanted}，需编码 {needed.max()} 条文本。",
                f"For {wanted} of the others, code {needed.max()} texts.",
            )
        )
    return answer


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Columns that line up, a Chinese character counting as two; the first to the left."""
    widths = [max(map(_columns, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Iterable[int]) -> str:
    cells = []
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        space = " " * (width - _columns(cell))
        cells.append(cell + space if place == 0 else space + cell)
    return "  ".join(cells).rstrip()


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _estimate(value: Any, low: Any, high: Any) -> str:
    return "–" if pd.isna(value) else f"{value:.3f} ({low:.3f}, {high:.3f})"


def _width(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.4f}"


def _share(value: Any) -> str:
    return "–" if pd.isna(value) else f"{value:.3f}"
