"""What `causes.prevalence` measured: shares of documents, their draws and what covariates do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse, stats

from svcquality.causes.covariates import CovariateDesign
from svcquality.estimators.logistic_normal import draw_shares, laplace, mean_shares
from svcquality.estimators.logistic_normal_em import LogisticNormalFit
from svcquality.estimators.pooling import composition
from svcquality.storage import write_atomic

_ARRAYS = ("beta", "gamma", "sigma", "eta", "objective")


@dataclass(frozen=True, eq=False)
class PrevalenceFit:
    """Shares of categories (topics, or causes and the residual) in documents.

    Parameters
    ----------
    categories : tuple of str
        Names of the G categories.
    groups : ndarray of int, shape (K,)
        Category of each topic; the shares of a category's topics are summed.
    counts : csr_matrix of shape (documents, V)
        The words that the fit was made from.
    design : CovariateDesign
    X : ndarray of shape (documents, p)
        Its columns.
    starts : tuple of LogisticNormalFit
        One fit a starting point.
    covariances : tuple of ndarray of shape (p (K − 1), p (K − 1))
        Covariance of each fit's coefficients, given its topics.
    shares : ndarray of shape (starts, documents, G)
        Posterior means.
    """

    categories: tuple[str, ...]
    groups: np.ndarray
    counts: sparse.csr_matrix
    design: CovariateDesign
    X: np.ndarray
    starts: tuple[LogisticNormalFit, ...]
    covariances: tuple[np.ndarray, ...]
    shares: np.ndarray

    @property
    def fit(self) -> pd.DataFrame:
        """One row a start: ``start, bound, steps, converged, unfinished`` (documents)."""
        return pd.DataFrame(
            {
                "start": range(len(self.starts)),
                "bound": [one.bound for one in self.starts],
                "steps": [len(one.objective) - 1 for one in self.starts],
                "converged": [one.converged for one in self.starts],
                "unfinished": [one.unfinished for one in self.starts],
            }
        )

    def mean(self) -> np.ndarray:
        """E[θ | words, covariates], averaged over the starts, shape (documents, G)."""
        return self.shares.mean(axis=0)

    def draws(self, m: int, seed: int, *, parameters: bool = True) -> np.ndarray:
        """Draw shares from the posteriors, going round the starts.

        Parameters
        ----------
        m : int
            Number of draws.
        seed : int
        parameters : bool
            Draw the coefficients of the covariates, too. Without it draws are those of
            documents under the fitted coefficients, and errors built on them are too small.

        Returns
        -------
        ndarray of shape (m, documents, G)
        """
        out = np.empty((m, self.counts.shape[0], len(self.categories)))
        seeds = np.random.SeedSequence(seed).spawn(len(self.starts))
        for s, (one, covariance) in enumerate(zip(self.starts, self.covariances, strict=True)):
            turn = np.arange(s, m, len(self.starts))
            if not len(turn):
                continue
            of_coefficients, of_documents = seeds[s].spawn(2)
            deviations = np.zeros((len(turn), *one.gamma.shape))
            if parameters:
                rng = np.random.default_rng(of_coefficients)
                normal = rng.standard_normal((len(turn), len(covariance)))
                deviations += (normal @ _root(covariance).T).reshape(deviations.shape)
            out[turn] = draw_shares(
                self.counts, one.beta, self.X @ one.gamma, one.sigma, one.eta, X=self.X,
                deviations=deviations, seed=of_documents, groups=self.groups,
            )  # fmt: skip
        return out

    def predict(
        self, counts: sparse.csr_matrix, covariates: pd.DataFrame | np.ndarray | None
    ) -> np.ndarray:
        """Posterior mean shares of new documents, shape (documents, G).

        Parameters
        ----------
        counts : csr_matrix of shape (documents, V)
            Words, in the columns of the fit.
        covariates : DataFrame, ndarray or None
            The same columns as in the fit.

        Raises
        ------
        InputError
            If a covariate is absent or has a new level.
        """
        X = self.design.transform(covariates, counts.shape[0])
        parts = []
        for one in self.starts:
            mu = X @ one.gamma
            eta = laplace(counts, one.beta, mu, one.sigma).eta
            parts.append(mean_shares(counts, one.beta, mu, one.sigma, eta))
        return np.mean(parts, axis=0) @ np.eye(len(self.categories))[self.groups]

    def coefficients(self, level: float = 0.95) -> pd.DataFrame:
        """Coefficients on the log odds of each topic against the last, by start.

        Returns
        -------
        DataFrame
            ``start, topic, category, term, estimate, error, low, high``: in the covariates' own
            units, errors from the observed information given the topics.
        """
        reach = float(stats.norm.ppf((1 + level) / 2))
        parts = []
        for s, (one, covariance) in enumerate(zip(self.starts, self.covariances, strict=True)):
            p, J = one.gamma.shape
            estimate = one.gamma[1:] / self.design.scale[1:, None]
            error = np.sqrt(np.diag(covariance)).reshape(p, J)[1:] / self.design.scale[1:, None]
            topic = np.tile(np.arange(J), p - 1)
            parts.append(
                pd.DataFrame(
                    {
                        "start": s,
                        "topic": topic,
                        "category": np.array(self.categories, dtype=object)[self.groups[topic]],
                        "term": np.repeat(self.design.names[1:], J),
                        "estimate": estimate.ravel(),
                        "error": error.ravel(),
                    }
                )
            )
        table = pd.concat(parts, ignore_index=True)
        return table.assign(
            low=table["estimate"] - reach * table["error"],
            high=table["estimate"] + reach * table["error"],
        )

    def effects(
        self,
        *,
        m: int = 50,
        seed: int = 0,
        clusters: np.ndarray | pd.Series | None = None,
        level: float = 0.95,
    ) -> pd.DataFrame:
        """How each category's share moves with each covariate: topics as outcomes.

        Parameters
        ----------
        m : int
            Draws of each start; they enter the errors only.
        seed : int
        clusters : array of shape (documents,), optional
        level : float

        Returns
        -------
        DataFrame
            ``category, term, estimate, error, low, high, p, measurement`` (part of the variance
            that comes from measuring and restarting), ``lowest_start, highest_start`` (estimates
            of single starts), in the covariates' own units.

        Notes
        -----
        Least squares of the posterior means, errors by `estimators.pooling.composition`.
        """
        S = len(self.starts)
        drawn = self.draws(m * S, seed).reshape(m, S, len(self.X), -1).swapaxes(0, 1)
        by_start = np.linalg.pinv(self.X) @ self.shares  # (S, p, G)
        parts = []
        for g, category in enumerate(self.categories):
            pooled = composition(self.shares[..., g], drawn[..., g], self.X, clusters=clusters)
            columns = np.column_stack(
                [
                    pooled.estimate, pooled.errors, pooled.interval(level),
                    by_start[:, :, g].min(axis=0), by_start[:, :, g].max(axis=0),
                ]
            )[1:] / self.design.scale[1:, None]  # fmt: skip
            part = pd.DataFrame(
                columns,
                columns=["estimate", "error", "low", "high", "lowest_start", "highest_start"],
            )
            part.insert(0, "term", self.design.names[1:])
            part.insert(0, "category", category)
            part.insert(6, "p", pooled.p[1:])
            part.insert(7, "measurement", pooled.measurement[1:])
            parts.append(part)
        return pd.concat(parts, ignore_index=True)

    def to_directory(self, path: Path) -> None:
        """Write everything as arrays and JSON into an existing directory."""
        sparse.save_npz(path / "counts.npz", sparse.csr_matrix(self.counts))
        arrays = {"groups": self.groups, "X": self.X, "shares": self.shares}
        for s, (one, covariance) in enumerate(zip(self.starts, self.covariances, strict=True)):
            arrays |= {f"{name}_{s}": getattr(one, name) for name in _ARRAYS}
            arrays[f"covariance_{s}"] = covariance
        for name, array in arrays.items():
            np.save(path / f"{name}.npy", array, allow_pickle=False)
        about = {
            "categories": list(self.categories),
            "design": self.design.to_json(),
            "starts": [
                {"bound": one.bound, "converged": one.converged, "unfinished": one.unfinished}
                for one in self.starts
            ],
        }
        write_atomic(path / "prevalence.json", json.dumps(about, ensure_ascii=False, indent=1))

    @classmethod
    def from_directory(cls, path: Path) -> PrevalenceFit:
        """Read what `to_directory` wrote."""
        about = json.loads((path / "prevalence.json").read_text("utf-8"))

        def load(name: str) -> np.ndarray:
            return np.load(path / f"{name}.npy", allow_pickle=False)

        starts = tuple(
            LogisticNormalFit(
                beta=load(f"beta_{s}"), gamma=load(f"gamma_{s}"), sigma=load(f"sigma_{s}"),
                eta=load(f"eta_{s}"), objective=load(f"objective_{s}"), bound=one["bound"],
                converged=one["converged"], unfinished=one["unfinished"],
            )
            for s, one in enumerate(about["starts"])
        )  # fmt: skip
        return cls(
            categories=tuple(about["categories"]),
            groups=load("groups"),
            counts=sparse.csr_matrix(sparse.load_npz(path / "counts.npz")),
            design=CovariateDesign.from_json(about["design"]),
            X=load("X"),
            starts=starts,
            covariances=tuple(load(f"covariance_{s}") for s in range(len(starts))),
            shares=load("shares"),
        )


def _root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0))
