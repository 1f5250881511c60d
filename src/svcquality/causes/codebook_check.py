"""Does a codebook fit a corpus: which seeds occur, collide or are cut, and which words it misses."""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np
import pandas as pd

from svcquality.causes.codebook_proposals import propose_seeds
from svcquality.causes.codebook_score import placed, score_codebook
from svcquality.errors import InputError
from svcquality.language import Language, Text
from svcquality.progress import QUIET, Progress
from svcquality.text.codebook import RESIDUAL, Codebook
from svcquality.text.codebook_gaps import LEAST_SEEDS
from svcquality.text.normalise import normalise
from svcquality.text.seed_patterns import forms_of
from svcquality.text.segment import segment

MOST_TEXTS = 100_000
"""Distinct texts that are looked at; a larger corpus is sampled."""
SHORTEST = 10
"""Characters of a text that says enough to be placed."""
_SHOWN = 12
_HEADINGS: dict[str, Text] = {
    "causes": Text("各原因", "Causes"),
    "absent": Text("语料中未出现的种子词", "Seeds that occur in no text"),
    "shared": Text("多个原因共用的种子词", "Seeds shared between causes"),
    "split": Text("被分词切开的种子词", "Seeds that the segmenter cuts"),
    "contained": Text("被其他原因的种子词包含", "Seeds contained in a seed of another cause"),
    "proposals": Text("可考虑增加的词", "Words to consider"),
}


@dataclass(frozen=True, eq=False)
class CodebookCheck:
    """What was found.

    Parameters
    ----------
    codebook : Codebook
    texts : int
        Distinct texts looked at.
    placed : float
        Share of the texts of at least `SHORTEST` characters with a score of one clear seed.
    causes : DataFrame
        ``cause, label_zh, label_en, seeds, occur`` (seeds that occur), ``texts`` (with such a
        seed), ``share`` (of texts placed in it), ``negated`` (share of its spans that are denied),
        ``few`` (fewer than three seeds occur: a seeded model is not to be trusted with it).
    seeds : DataFrame
        ``cause, seed, weight, texts, negated, split`` (tokens, where the segmenter cuts it; else
        empty).
    shared : DataFrame
        ``seed, causes``: the same words in several causes, counted for each.
    contained : DataFrame
        ``seed, cause, in_seed, in_cause``: wherever the longer stands the shorter does not count.
    proposals : DataFrame
        See `propose_seeds`.
    """

    codebook: Codebook
    texts: int
    placed: float
    causes: pd.DataFrame
    seeds: pd.DataFrame
    shared: pd.DataFrame
    contained: pd.DataFrame
    proposals: pd.DataFrame

    @property
    def absent(self) -> pd.DataFrame:
        """Seeds that occur in no text: ``cause, seed, weight``."""
        return self.seeds.loc[self.seeds["texts"] == 0, ["cause", "seed", "weight"]]

    @property
    def split(self) -> pd.DataFrame:
        """Seeds that occur and that the segmenter cuts: ``cause, seed, split, texts``.

        They are found all the same, for seeds are looked for in the characters; a topic model
        without the codebook sees their parts only.
        """
        cut = (self.seeds["split"] != "") & (self.seeds["texts"] > 0)
        return self.seeds.loc[cut, ["cause", "seed", "split", "texts"]].sort_values(
            "texts", ascending=False, kind="stable"
        )

    @property
    def few(self) -> list[str]:
        """Causes of which fewer than three seeds occur."""
        return self.causes.loc[self.causes["few"], "cause"].tolist()

    @property
    def sentence(self) -> Text:
        """The outcome in one sentence."""
        few = self.few
        en = (
            f"The codebook {self.codebook.name} places {self.placed:.0%} of {self.texts:,} distinct "
            f"texts; {len(self.absent):,} of {len(self.seeds):,} seeds occur in none, "
            f"{len(self.shared):,} are shared between causes"
        )
        zh = (
            f"编码本 {self.codebook.name} 能归类 {self.texts:,} 条不重复文本中的 {self.placed:.0%}；"
            f"{len(self.seeds):,} 个种子词中有 {len(self.absent):,} 个未在语料中出现，"
            f"{len(self.shared):,} 个由多个原因共用"
        )
        if few:
            en += f"; fewer than three seeds occur of {', '.join(few)}: add seeds or merge causes"
            zh += f"；{'、'.join(few)} 出现的种子词不足三个，请补充种子词或合并原因"
        return Text(f"{zh}。", f"{en}.")

    def tables(self, language: Language = "en", rows: int = _SHOWN) -> dict[str, pd.DataFrame]:
        """The tables for reading, by heading, cut to ``rows`` (all causes are kept)."""
        label = "label_zh" if language == "zh" else "label_en"
        causes = self.causes[["cause", label, "seeds", "occur", "texts", "share", "negated"]].copy()
        causes[["share", "negated"]] = causes[["share", "negated"]].map("{:.1%}".format)
        proposals = self.proposals.assign(
            score=self.proposals["score"].map("{:.2f}".format),
            inside=self.proposals["inside"].map("{:.0%}".format),
        )
        best = proposals.groupby(["cause", "by"], sort=False)["word"].agg("、".join).reset_index()
        found = {
            "causes": causes,
            "absent": self.absent.groupby("cause", sort=False)["seed"].agg("、".join).reset_index(),
            "shared": self.shared.head(rows),
            "split": self.split.head(rows),
            "contained": self.contained.head(rows),
            "proposals": best,
        }
        return {_HEADINGS[key][language]: frame for key, frame in found.items() if len(frame)}

    def text(self, language: Language = "en") -> str:
        """The whole outcome as plain text."""
        parts = [
            self.sentence[language],
            *(warning[language] for warning in self.codebook.warnings),
        ]
        for heading, frame in self.tables(language).items():
            parts.append(f"\n{heading}\n{frame.to_string(index=False, max_colwidth=100)}")
        return "\n".join(parts)

    def __str__(self) -> str:
        return self.text("en")

    def _repr_html_(self) -> str:
        return self.html("en")

    def html(self, language: Language = "en") -> str:
        """The whole outcome as HTML; words of texts are escaped."""
        parts = [f"<p>{html.escape(self.sentence[language])}</p>"]
        parts += [f"<p>{html.escape(warning[language])}</p>" for warning in self.codebook.warnings]
        for heading, frame in self.tables(language).items():
            parts.append(
                f"<h4>{html.escape(heading)}</h4>{frame.to_html(index=False, escape=True)}"
            )
        return "".join(parts)


def check_codebook(
    codebook: Codebook, texts: pd.Series, seed: int = 0, *, progress: Progress = QUIET
) -> CodebookCheck:
    """Hold a codebook against a corpus.

    Parameters
    ----------
    codebook : Codebook
    texts : Series of str
        Masked complaint texts; they are normalised here, and equal ones count once.
    seed : int
        Of the word vectors, and of the sample of a corpus larger than `MOST_TEXTS`.
    progress : Progress

    Returns
    -------
    CodebookCheck
        Shares are of distinct texts, described, not estimated.

    Raises
    ------
    InputError
        If there is no text.
    """
    raw = texts.dropna().astype("str").drop_duplicates()
    if len(raw) > MOST_TEXTS:
        raw = raw.sample(MOST_TEXTS, random_state=np.random.default_rng(seed))
    normal = progress.stage("normalise", lambda: normalise(raw).text.drop_duplicates())
    normal = normal[normal.notna() & (normal != "")].reset_index(drop=True)
    if normal.empty:
        raise InputError(
            "There is no text to hold the codebook against; name the column that has it.",
            "没有可供核对的文本；请指定文本所在的列。",
        )
    spans = progress.stage("find seeds", lambda: codebook.find_spans(normal))
    score = score_codebook(spans, normal.index, codebook)
    primary = placed(score, codebook)
    long = (normal.str.len() >= SHORTEST).to_numpy()
    seeds = _seeds(codebook, spans)
    return CodebookCheck(
        codebook,
        len(normal),
        float((primary[long] != RESIDUAL).mean()) if long.any() else 0.0,
        _causes(codebook, seeds, spans, primary),
        seeds,
        _shared(codebook),
        _contained(codebook),
        progress.stage(
            "propose seeds", lambda: propose_seeds(normal, primary, codebook, seed=seed)
        ),
    )


def _entries(codebook: Codebook) -> pd.DataFrame:
    rows = [
        (cause.id, seed, weight)
        for cause in codebook.causes
        for seed, weight in {**cause.seeds_zh, **cause.seeds_en}.items()
    ]
    return pd.DataFrame(rows, columns=["cause", "seed", "weight"])


def _seeds(codebook: Codebook, spans: pd.DataFrame) -> pd.DataFrame:
    table = _entries(codebook)
    named = spans.assign(cause=spans["cause"].astype("str"), seed=spans["seed"].astype("str"))
    by_seed = named.groupby(["cause", "seed"])
    found = pd.DataFrame(
        {"texts": by_seed["document"].nunique(), "negated": by_seed["negated"].mean()}
    )
    table = table.merge(found, how="left", left_on=["cause", "seed"], right_index=True)
    table["texts"] = table["texts"].fillna(0).astype("int64")
    table["negated"] = table["negated"].fillna(0.0)
    literal = table["seed"].map(lambda seed: seed.isalpha() and not seed.isascii())
    tokens = segment(table["seed"].where(literal, ""))
    cut = [" | ".join(row) if len(row) > 1 else "" for row in tokens]
    return table.assign(split=pd.Series(cut, dtype="str", index=table.index))


def _causes(
    codebook: Codebook, seeds: pd.DataFrame, spans: pd.DataFrame, primary: np.ndarray
) -> pd.DataFrame:
    ids, labels = codebook.ids, codebook.labels
    by_seed = seeds.groupby("cause")
    occur = seeds[seeds["texts"] > 0].groupby("cause").size().reindex(ids, fill_value=0)
    by_cause = spans.assign(cause=spans["cause"].astype("str")).groupby("cause")
    return pd.DataFrame(
        {
            "cause": ids,
            "label_zh": [labels[i].zh for i in ids],
            "label_en": [labels[i].en for i in ids],
            "seeds": by_seed.size().reindex(ids, fill_value=0).to_numpy(),
            "occur": occur.to_numpy(),
            "texts": by_cause["document"].nunique().reindex(ids, fill_value=0).to_numpy(),
            "share": [float((primary == i).mean()) for i in ids],
            "negated": by_cause["negated"].mean().reindex(ids).fillna(0.0).to_numpy(),
            "few": (occur < LEAST_SEEDS).to_numpy(),
        }
    )


def _spellings(codebook: Codebook) -> pd.DataFrame:
    entries = _entries(codebook)
    rows = [
        (cause, seed, "…".join(form.pieces))
        for cause, seed in zip(entries["cause"], entries["seed"], strict=True)
        for form in forms_of(seed.lower())
    ]
    return pd.DataFrame(rows, columns=["cause", "seed", "form"])


def _shared(codebook: Codebook) -> pd.DataFrame:
    table = _spellings(codebook)
    several = table.groupby("form")["cause"].transform("nunique") > 1
    order = {cause: number for number, cause in enumerate(codebook.ids)}
    causes = (
        table[several]
        .groupby("form", sort=False)["cause"]
        .agg(lambda names: "、".join(sorted(set(names), key=order.__getitem__)))
    )
    return pd.DataFrame({"seed": causes.index.astype("str"), "causes": causes.to_numpy()})


def _contained(codebook: Codebook) -> pd.DataFrame:
    """Literal seeds that stand at the start of a longer one of another cause, or inside it."""
    table = _spellings(codebook)
    plain = table[~table["form"].str.contains("…", regex=False)]
    causes_of = plain.groupby("form")["cause"].agg(set).to_dict()
    rows = []
    for longer, cause in zip(plain["form"], plain["cause"], strict=True):
        if longer.isascii():
            words = longer.split()
            parts = {
                " ".join(words[i:j])
                for i in range(len(words))
                for j in range(i + 1, len(words) + 1)
            }
        else:
            size = range(len(longer))
            parts = {longer[i:j] for i in size for j in range(i + 2, len(longer) + 1)}
        for part in sorted(parts - {longer}):
            rows += [
                (part, other, longer, cause)
                for other in sorted(causes_of.get(part, set()) - {cause})
                if cause not in causes_of[part]
            ]
    columns = ["seed", "cause", "in_seed", "in_cause"]
    return pd.DataFrame(rows, columns=columns).drop_duplicates(ignore_index=True)
