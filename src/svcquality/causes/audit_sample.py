"""Drawing texts for hand-coding: a stratified random sample whose probabilities are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from svcquality.causes.measured import MeasuredCauses
from svcquality.errors import InputError
from svcquality.text.codebook import Codebook

Allocation = Literal["square_root", "proportional", "equal"]

POWER: dict[Allocation, float] = {"square_root": 0.5, "proportional": 1.0, "equal": 0.0}
"""Texts drawn from a cause grow with this power of its complaints (Bankier 1988): the square root
lies between what is best for all complaints and what is best for each cause."""

DOUBT = 0.2
"""A text is doubtful where its first cause leads the second by less than this probability."""


@dataclass(frozen=True, eq=False)
class AuditSample:
    """Texts to be coded by hand, and how they were drawn.

    Parameters
    ----------
    texts : DataFrame
        One text a row, in random order: ``complaint_id, text`` (masked), ``stratum`` (a number,
        which does not give the instrument's answer away), ``probability`` (with which this
        complaint was drawn), ``copies`` (complaints with this text), ``weight`` (complaints that
        the row stands for).
    copies : DataFrame
        ``complaint_id, copy_id``: the other complaints with the text of ``complaint_id``, where the
        text was certain to be drawn. They share its code, with probability 1.
    strata : DataFrame
        ``stratum, name, complaints, texts, drawn``.
    codebook : Codebook
    seed : int
    complaints : int
        Complaints with a text.
    """

    texts: pd.DataFrame
    copies: pd.DataFrame
    strata: pd.DataFrame
    codebook: Codebook
    seed: int
    complaints: int


def draw_sample(
    measured: MeasuredCauses,
    *,
    n: int,
    strata: Literal["cause", "family", "none"] | pd.Series = "cause",
    allocation: Allocation = "square_root",
    doubtful: float = 2.0,
    minimum: int = 5,
    seed: int = 0,
) -> AuditSample:
    """Draw complaints for hand-coding, at random within strata and without replacement.

    Every complaint with a text can be drawn, and its probability is known exactly; so rare causes
    and doubtful texts may be drawn more often, and estimates weighted by inverse probabilities stay
    right. No text is drawn twice: a text is drawn in proportion to its copies, then one of the
    complaints with it at random, which gives every complaint of a stratum the same probability. A
    text with so many copies that it is drawn for certain answers for all of them. Copies are texts
    that are equal but for digits, masks and punctuation.

    Parameters
    ----------
    measured : MeasuredCauses
    n : int
        Distinct texts to draw; all there are, if there are fewer.
    strata : {"cause", "family", "none"} or Series
        What the instrument says, or any category indexed by complaint id (missing ones form a
        stratum of their own).
    allocation : {"square_root", "proportional", "equal"}
        How texts are spread over strata, see `POWER`.
    doubtful : float
        How many times as often a doubtful text is drawn as a clear one of the same stratum, see
        `DOUBT`; 1 treats them alike.
    minimum : int
        Texts drawn from each stratum, or all that it has.
    seed : int

    Returns
    -------
    AuditSample

    Raises
    ------
    InputError
        If ``n`` is below two texts a stratum, or ``doubtful`` or ``minimum`` is out of range.

    Notes
    -----
    Randomised systematic sampling with probability proportional to size: Madow (1949), Ann. Math.
    Stat. 20; Hartley & Rao (1962), Ann. Math. Stat. 33. Power allocation: Bankier (1988), Am. Stat.
    42.
    """
    if doubtful <= 0 or minimum < 2:
        raise InputError(
            "doubtful must be above 0 and minimum at least 2; correct them and draw again.",
            "doubtful 须大于 0，minimum 至少为 2；请修改后重新抽取。",
        )
    frame = _frame(measured, strata, split=doubtful != 1)
    by_stratum = frame.groupby("stratum")["copies"]
    sizes = pd.DataFrame({"complaints": by_stratum.sum(), "texts": by_stratum.size()})
    n = min(n, int(sizes["texts"].sum()))
    if n < 2 * len(sizes) and n < sizes["texts"].sum():
        raise InputError(
            f"{n} texts are too few for {len(sizes)} strata; draw at least {2 * len(sizes)}, or "
            "stratify by family or not at all.",
            f"{len(sizes)} 个层只抽 {n} 条文本太少；请至少抽 {2 * len(sizes)} 条，或按大类分层、不分层。",
        )
    sizes["drawn"] = allocate(
        sizes["complaints"], n, allocation=allocation, doubtful=doubtful,
        minimum=min(minimum, max(2, n // len(sizes))), most=sizes["texts"],
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    many = {str(name): int(drawn) for name, drawn in sizes["drawn"].items()}
    parts = [_draw_texts(part, many[str(k)], rng) for k, part in frame.groupby("stratum")]
    drawn = pd.concat(parts)
    drawn["certain"] = drawn["chance"] >= 1
    members = frame[["owner", "stratum", "members"]].merge(
        drawn[["owner", "stratum"]], on=["owner", "stratum"]
    )
    chosen = members.set_index(["owner", "stratum"])["members"].map(
        lambda ids: ids[rng.integers(len(ids))]
    )
    drawn = drawn.set_index(["owner", "stratum"]).assign(complaint_id=chosen).reset_index()
    drawn["probability"] = drawn["chance"].where(
        drawn["certain"], drawn["chance"] / drawn["copies"]
    )
    drawn["weight"] = drawn["copies"] / drawn["chance"]
    drawn = drawn.iloc[rng.permutation(len(drawn))].reset_index(drop=True)
    numbers = {name: i + 1 for i, name in enumerate(sizes.index)}
    shared = drawn[drawn["certain"]].explode("members")
    shared = shared[shared["members"] != shared["complaint_id"]]
    return AuditSample(
        texts=pd.DataFrame(
            {
                "complaint_id": drawn["complaint_id"].astype("str"),
                "text": measured.documents["text"].reindex(drawn["complaint_id"]).to_numpy(),
                "stratum": drawn["stratum"].map(numbers).astype("int64"),
                "probability": drawn["probability"].astype("float64"),
                "copies": drawn["copies"].astype("int64"),
                "weight": drawn["weight"].astype("float64"),
            }
        ),
        copies=pd.DataFrame(
            {
                "complaint_id": shared["complaint_id"].astype("str").to_numpy(),
                "copy_id": shared["members"].astype("str").to_numpy(),
            }
        ),
        strata=sizes.reset_index(names="name").assign(
            stratum=lambda t: t["name"].map(numbers)
        )[["stratum", "name", "complaints", "texts", "drawn"]],
        codebook=measured.codebook,
        seed=seed,
        complaints=len(frame.explode("members")),
    )  # fmt: skip


def allocate(
    complaints: pd.Series,
    n: int,
    *,
    allocation: Allocation = "square_root",
    doubtful: float = 2.0,
    minimum: int = 5,
    most: pd.Series | None = None,
) -> pd.Series:
    """Spread ``n`` texts over strata.

    Parameters
    ----------
    complaints : Series of int
        Complaints by stratum; the doubtful part of a stratum has its name with ``?`` behind.
    n : int
        At least one text a stratum.
    allocation, doubtful, minimum
        As in `draw_sample`.
    most : Series of int, optional
        Texts that there are in each stratum, by default as many as complaints.

    Returns
    -------
    Series of int
        Sums to ``n``, or to all texts where there are fewer.
    """
    most = complaints if most is None else most
    n = min(n, int(most.sum()))
    name = complaints.index.astype("str")
    of_cause = complaints.groupby(name.str.removesuffix("?")).transform("sum").astype(float)
    wanted = (of_cause ** POWER[allocation]) * (complaints / of_cause)
    wanted = wanted * np.where(name.str.endswith("?"), doubtful, 1.0)
    least = most.clip(upper=minimum).astype(float)
    if least.sum() > n:
        least = most.clip(upper=1).astype(float)
    low, high = 0.0, float((most / wanted).max())
    for _ in range(100):  # one factor for all, so that floors and ceilings add up to n
        middle = (low + high) / 2
        if (wanted * middle).clip(least, most.astype(float)).sum() < n:
            low = middle
        else:
            high = middle
    exact = (wanted * high).clip(least, most.astype(float))
    whole = np.floor(exact + 1e-9)
    rest = (exact - whole).where(whole < most, -1.0)
    up = rest.sort_values(ascending=False, kind="stable").index[: n - int(whole.sum())]
    whole.loc[up] += 1
    return whole.astype("int64")


def _frame(
    measured: MeasuredCauses, strata: Literal["cause", "family", "none"] | pd.Series, *, split: bool
) -> pd.DataFrame:
    """One distinct text of a stratum a row: ``stratum, owner, copies, members`` (complaint ids)."""
    documents = measured.documents
    ids = documents.index
    owner = documents["duplicate_of"].fillna(pd.Series(ids, index=ids))
    if isinstance(strata, pd.Series):
        name = strata.reindex(ids).astype("str").fillna("missing")
    elif strata == "none":
        name = pd.Series("all", index=ids)
    else:
        name = measured.primary
        if strata == "family":
            name = name.map(measured.family_of)
    if split:
        best = np.sort(measured.probabilities.to_numpy(), axis=1)[:, -2:]
        # What a stratum holds of doubt is judged by the first copy, for all copies alike.
        doubt = pd.Series(best[:, 1] - best[:, 0] < DOUBT, index=ids).reindex(owner).to_numpy()
        name = name + np.where(doubt, "?", "")
    rows = pd.DataFrame({"stratum": name, "owner": owner, "members": ids}, index=ids)
    grouped = rows.groupby(["stratum", "owner"], sort=True)["members"]
    return grouped.agg(list).reset_index().assign(copies=lambda t: t["members"].map(len))


def _draw_texts(part: pd.DataFrame, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw ``n`` texts with probability proportional to their copies: adds ``chance``."""
    copies = part["copies"].to_numpy(dtype=float)
    chance = inclusion_probabilities(copies, n)
    order = rng.permutation(len(part))
    # Rounding must not cost or add a text: the sum is a whole number by construction.
    reached = np.round(np.cumsum(chance[order]), 9)
    start = rng.random()
    steps = np.floor(np.concatenate([[0.0], reached]) + start)
    steps[-1] = n + np.floor(start)
    taken = order[np.diff(steps) > 0]
    return part.iloc[taken].assign(chance=chance[taken])


def inclusion_probabilities(sizes: np.ndarray, n: int) -> np.ndarray:
    """Probabilities proportional to size that sum to ``n``; those that would pass 1 are 1.

    Parameters
    ----------
    sizes : ndarray of shape (units,)
        Positive.
    n : int
        At most the number of units.
    """
    certain = np.zeros(len(sizes), dtype=bool)
    while True:
        rest = n - certain.sum()
        chance = np.where(certain, 1.0, 0.0)
        if rest > 0 and not certain.all():
            chance[~certain] = rest * sizes[~certain] / sizes[~certain].sum()
        beyond = (chance >= 1 - 1e-12) & ~certain
        if not beyond.any():
            return chance
        certain |= beyond
