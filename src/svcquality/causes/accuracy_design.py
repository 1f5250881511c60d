"""The design of a hand-coded sample: weights, strata, and what they do to an error."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from svcquality.estimators.clustered import membership


@dataclass(frozen=True, eq=False)
class Design:
    """A stratified random sample of texts.

    Parameters
    ----------
    weight : ndarray of shape (n,)
        Inverse probabilities of being drawn.
    stratum : ndarray of int of shape (n,)
        Strata with a single text are one stratum together.
    cluster : ndarray of int of shape (n,)
        Rows with the same text have the same number.
    correction : ndarray of shape (n,)
        1 − probability where only these complaints are asked about, else 1.
    """

    weight: np.ndarray
    stratum: np.ndarray
    cluster: np.ndarray
    correction: np.ndarray

    @classmethod
    def of(cls, sample: pd.DataFrame, *, population: bool) -> Design:
        """From the columns ``probability``, ``stratum`` and ``cluster``, the last two optional."""
        probability = sample["probability"].to_numpy(dtype=float)
        named = sample["stratum"] if "stratum" in sample else sample["probability"].round(9)
        rows = pd.Series(range(len(sample)))
        cluster = pd.factorize(sample["cluster"])[0] if "cluster" in sample else rows.to_numpy()
        stratum = pd.factorize(named)[0]
        texts = pd.Series(cluster).groupby(stratum).transform("nunique").to_numpy()
        return cls(
            weight=1 / probability,
            stratum=np.where(texts > 1, stratum, stratum.max() + 1),
            cluster=cluster,
            correction=1 - probability if population else np.ones(len(sample)),
        )

    def ratio(self, part: np.ndarray, whole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weighted ratios Σ w part / Σ w whole, and what each row adds to their errors.

        Parameters
        ----------
        part, whole : ndarray of shape (n, k)

        Returns
        -------
        ratio : ndarray of shape (k,)
            NaN where the whole is nothing.
        influence : ndarray of shape (n, k)
        """
        part, whole = part.astype(float), whole.astype(float)
        total = self.weight @ whole
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = (self.weight @ part) / total
            influence = self.weight[:, None] * (part - ratio * whole) / total
        return ratio, influence

    def variance(self, influence: np.ndarray) -> np.ndarray:
        """Variances of estimates from what each row adds to them (linearised, within strata).

        Parameters
        ----------
        influence : ndarray of shape (n, k)

        Returns
        -------
        ndarray of shape (k,)
        """
        # Rows of one text were drawn together: they add up before they are squared.
        texts = membership(self.cluster, len(self._stratum)) @ influence
        size = np.bincount(self._stratum)
        mean = membership(self._stratum, len(size)) @ texts / np.maximum(size, 1)[:, None]
        factor = self._correction * (size / np.maximum(size - 1, 1))[self._stratum]
        return factor @ (texts - mean[self._stratum]) ** 2

    @property
    def df(self) -> float:
        """Degrees of freedom of an error: texts minus strata."""
        return float(max(self.cluster.max() + 1 - len(np.unique(self.stratum)), 1))

    def texts(self, domain: np.ndarray) -> int:
        """Distinct texts among some rows."""
        return len(np.unique(self.cluster[domain]))

    def effective(self, domain: np.ndarray) -> float:
        """Texts of equal weight that would tell as much as these rows (Kish 1965)."""
        by_text = np.bincount(self.cluster[domain], self.weight[domain])
        return float(by_text.sum() ** 2 / (by_text**2).sum()) if len(by_text) else 0.0

    def unsampled(self, domain: np.ndarray) -> float:
        """Share of a domain's complaints that leaves room for error (1 where it is endless)."""
        weight = self.weight[domain]
        return float(weight @ self.correction[domain] / weight.sum()) if len(weight) else 1.0

    def resample(self, times: int, seed: int) -> np.ndarray:
        """Bootstrap weights, shape (times, n): whole texts, within strata (Rao & Wu 1988)."""
        rng = np.random.default_rng(seed)
        factor = np.ones((times, len(self._stratum)))
        for stratum in np.unique(self._stratum):
            members = np.flatnonzero(self._stratum == stratum)
            m = len(members) - 1
            if m:
                drawn = rng.multinomial(m, np.full(m + 1, 1 / (m + 1)), size=times)
                scaled = np.sqrt(self._correction[members])
                factor[:, members] = 1 - scaled + scaled * drawn * (m + 1) / m
        return factor[:, self.cluster] * self.weight

    @cached_property
    def _stratum(self) -> np.ndarray:
        """Stratum of each text."""
        first = np.unique(self.cluster, return_index=True)[1]
        return self.stratum[first]

    @cached_property
    def _correction(self) -> np.ndarray:
        """Correction of each text, the mean of its rows."""
        return np.bincount(self.cluster, self.correction) / np.bincount(self.cluster)
