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
    text with so many copies that it is drawn for certain answers for all of them. Copies are the
    texts that measuring takes for the same or nearly the same (``documents.duplicate_of``).

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
    rows = _rows(measured, strata, split=doubtful != 1)
    units = rows.groupby("unit").agg(stratum=("stratum", "first"), copies=("stratum", "size"))
    by_stratum = units.groupby("stratum")["copies"]
    sizes = pd.DataFrame({"complaints": by_stratum.sum(), "texts": by_stratum.size()})
    n = min(n, len(units))
    if n < min(2 * len(sizes), len(units)):
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
    chance = np.zeros(len(units))  # of the texts that were drawn; 0 for the others
    for name, places in by_stratum.indices.items():
        copies = units["copies"].to_numpy()[places]
        taken, probability = _draw_texts(copies, int(sizes["drawn"][str(name)]), rng)
        chance[places[taken]] = probability
    rows = rows.assign(copies=units["copies"].to_numpy()[rows["unit"]], chance=chance[rows["unit"]])
    rows = rows[rows["chance"] > 0]
    rows = rows.iloc[rng.permutation(len(rows))]
    # In random order the first of a text is one of its complaints at random.
    drawn = rows[~rows["unit"].duplicated()]
    certain = drawn["chance"] >= 1
    others = rows[rows["unit"].duplicated() & (rows["chance"] >= 1)]
    leader = pd.Series(drawn.index, index=drawn["unit"])
    numbers = {name: i + 1 for i, name in enumerate(sizes.index)}
    texts = pd.DataFrame(
        {
            "complaint_id": drawn.index.astype("str"),
            "text": measured.documents["text"].reindex(drawn.index).to_numpy(),
            "stratum": drawn["stratum"].map(numbers).to_numpy(dtype="int64"),
            "probability": (drawn["chance"] / drawn["copies"].where(~certain, 1)).to_numpy(),
            "copies": drawn["copies"].to_numpy(),
            "weight": (drawn["copies"] / drawn["chance"]).to_numpy(),
        }
    )
    copied = pd.DataFrame(
        {
            "complaint_id": leader.reindex(others["unit"]).astype("str").to_numpy(),
            "copy_id": others.index.astype("str"),
        }
    )
    table = sizes.reset_index(names="name")
    table.insert(0, "stratum", table["name"].map(numbers))
    return AuditSample(texts, copied, table, measured.codebook, seed, len(measured.documents))


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
    ceiling = (complaints if most is None else most).to_numpy(dtype=float)
    n = min(n, int(ceiling.sum()))
    name = complaints.index.astype("str")
    of_cause = complaints.groupby(name.str.removesuffix("?")).transform("sum").to_numpy(float)
    wanted = of_cause ** (POWER[allocation] - 1) * complaints.to_numpy(dtype=float)
    wanted = wanted * np.where(name.str.endswith("?"), doubtful, 1.0)
    floor = np.minimum(ceiling, minimum)
    if floor.sum() > n:
        floor = np.minimum(ceiling, 1.0)
    low, high = 0.0, float((ceiling / wanted).max())
    for _ in range(100):  # one factor for all, so that floors and ceilings add up to n
        middle = (low + high) / 2
        if np.clip(wanted * middle, floor, ceiling).sum() < n:
            low = middle
        else:
            high = middle
    exact = np.clip(wanted * high, floor, ceiling)
    whole = np.floor(exact + 1e-9)
    rest = np.where(whole < ceiling, exact - whole, -1.0)
    whole[np.argsort(-rest, kind="stable")[: n - int(whole.sum())]] += 1
    return pd.Series(whole.astype("int64"), index=complaints.index)


def _rows(
    measured: MeasuredCauses, strata: Literal["cause", "family", "none"] | pd.Series, *, split: bool
) -> pd.DataFrame:
    """One complaint a row: ``stratum``, and ``unit``, the number of a text within its stratum."""
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
        # The doubt about a text is judged by its first copy, for all copies alike.
        doubt = pd.Series(best[:, 1] - best[:, 0] < DOUBT, index=ids).reindex(owner).to_numpy()
        name = name + np.where(doubt, "?", "")
    rows = pd.DataFrame({"stratum": name, "owner": owner}, index=ids)
    return rows.assign(unit=rows.groupby(["stratum", "owner"]).ngroup()).drop(columns="owner")


def _draw_texts(
    copies: np.ndarray, n: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw ``n`` texts in proportion to their copies: their places, and their probabilities."""
    chance = inclusion_probabilities(copies.astype(float), n)
    order = rng.permutation(len(copies))
    # Rounding must not cost or add a text: the sum is a whole number by construction.
    reached = np.round(np.cumsum(chance[order]), 9)
    start = rng.random()
    steps = np.floor(np.concatenate([[0.0], reached]) + start)
    steps[-1] = n
    taken = order[np.diff(steps) > 0]
    return taken, chance[taken]


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
