from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from svcquality.causes.covariates import design_covariates
from svcquality.causes.lda import fit_lda
from svcquality.causes.prevalence import PrevalenceFit, fit_prevalence, fit_seeded_prevalence
from svcquality.errors import InputError
from svcquality.estimators.logistic_normal import softmax

K, V = 4, 300
GAMMA = np.array([[0.5, 0.0, -0.5], [0.8, 0.0, -0.4]])
"""Intercepts, and what the flag x does to the log odds against the fourth topic."""
BETA = np.random.default_rng(99).dirichlet(np.full(V, 0.1), K)


def corpus(seed: int, documents: int = 400, length: int = 20, sd: float = 1.0):
    """Documents of known topics whose prevalence a flag moves."""
    rng = np.random.default_rng(seed)
    x = (rng.random(documents) < 0.5).astype(float)
    eta = np.column_stack([np.ones(documents), x]) @ GAMMA
    theta = softmax(eta + sd * rng.normal(size=eta.shape))
    size = rng.poisson(length, documents) + 1
    words = [rng.multinomial(n, share @ BETA) for n, share in zip(size, theta, strict=True)]
    return sparse.csr_matrix(np.stack(words).astype(float)), pd.DataFrame({"x": x}), theta


def true_effect(sd: float = 1.0) -> np.ndarray:
    noise = np.random.default_rng(5).normal(size=(100_000, K - 1)) * sd
    return softmax(GAMMA.sum(axis=0) + noise).mean(axis=0) - softmax(GAMMA[0] + noise).mean(axis=0)


@pytest.fixture(scope="module")
def fitted() -> PrevalenceFit:
    counts, covariates, _ = corpus(0)
    return fit_prevalence(counts, [BETA, BETA], covariates)


def test_what_is_measured(fitted: PrevalenceFit) -> None:
    _, _, theta = corpus(0)
    mean = fitted.mean()
    assert mean.shape == theta.shape
    np.testing.assert_allclose(mean.sum(axis=1), 1)
    assert np.corrcoef(mean[:, 0], theta[:, 0])[0, 1] > 0.7
    draws = fitted.draws(60, seed=3)
    np.testing.assert_allclose(draws.sum(axis=2), 1)
    np.testing.assert_allclose(draws.mean(axis=(0, 1)), mean.mean(axis=0), atol=0.01)
    np.testing.assert_array_equal(draws[:1], fitted.draws(60, seed=3)[:1])
    assert not np.array_equal(draws, fitted.draws(60, seed=4))
    # The coefficients' doubt moves all documents with x together, and adds to the effect's.
    x = corpus(0)[1]["x"].to_numpy() == 1
    with_doubt, without = (
        fitted.draws(400, seed=3, parameters=parameters)[:, :, 0] for parameters in (True, False)
    )
    effects = [(d[:, x].mean(axis=1) - d[:, ~x].mean(axis=1)).std() for d in (with_doubt, without)]
    assert effects[0] > 1.05 * effects[1]
    assert list(fitted.fit) == ["start", "bound", "steps", "converged", "unfinished"]
    assert fitted.fit["converged"].all()


@pytest.mark.recovery
def test_effects_cover_the_truth_where_plug_in_shares_do_not() -> None:
    """Ten words a document: 12 corpora; the plug-in takes LDA shares under the true topics."""
    truth = true_effect(1.5)
    ours, naive, covered, naively, odds = [], [], [], [], []
    for seed in range(12):
        counts, covariates, _ = corpus(seed, 300, 10, 1.5)
        fit = fit_prevalence(counts, BETA, covariates)
        found = fit.effects(m=25)
        ours.append(found["estimate"])
        covered.append((found["low"] <= truth) & (truth <= found["high"]))
        odds.append(fit.coefficients()["estimate"])
        _, gamma = fit_lda(counts, BETA * 1e5 + 0.01, seed=0, alpha=0.5, passes=1)
        share = gamma / gamma.sum(axis=1, keepdims=True)
        groups = [share[covariates["x"] == value] for value in (1, 0)]
        naive.append(groups[0].mean(axis=0) - groups[1].mean(axis=0))
        error = np.sqrt(sum(g.var(axis=0, ddof=1) / len(g) for g in groups))
        naively.append(np.abs(naive[-1] - truth) < 1.96 * error)
    bias, naive_bias = np.mean(ours, axis=0) - truth, np.mean(naive, axis=0) - truth
    noise = np.std(ours, axis=0) / np.sqrt(12)
    assert (np.abs(bias) < 2.5 * noise).all()
    assert abs(naive_bias[0]) > 0.015 > abs(bias[0])
    assert np.mean(covered) > 0.9
    assert np.mean(naively) < np.mean(covered)
    assert np.mean(odds, axis=0)[0] == pytest.approx(0.8, abs=0.15)


def test_regression_calibration_needs_the_covariate_in_the_prior() -> None:
    """y = 2 share + x: the share given words and x is unbiased as a regressor, that of LDA not."""
    counts, covariates, theta = corpus(7, 3000, 8)
    x = covariates["x"].to_numpy()
    y = 2 * theta[:, 0] + x + np.random.default_rng(1).normal(size=3000) * 0.3

    def slope(share: np.ndarray) -> float:
        columns = np.column_stack([np.ones(3000), share, x])
        return float(np.linalg.lstsq(columns, y, rcond=None)[0][1])

    knows_x = slope(fit_prevalence(counts, BETA, covariates).mean()[:, 0])
    _, gamma = fit_lda(counts, BETA * 1e5 + 0.01, seed=0, alpha=0.5, passes=1)
    plug_in = slope(gamma[:, 0] / gamma.sum(axis=1))
    assert slope(theta[:, 0]) == pytest.approx(2, abs=0.05)
    assert knows_x == pytest.approx(2, abs=0.2)
    assert plug_in < 1.7


def test_new_documents(fitted: PrevalenceFit) -> None:
    again = fitted.predict(fitted.counts, corpus(0)[1])
    np.testing.assert_allclose(again, fitted.mean(), atol=1e-4)
    nothing = fitted.predict(sparse.csr_matrix((2, V)), pd.DataFrame({"x": [0.0, 1.0]}))
    assert nothing[1, 0] > nothing[0, 0] + 0.1  # only x is known
    with pytest.raises(InputError, match="not in the table"):
        fitted.predict(sparse.csr_matrix((1, V)), pd.DataFrame({"y": [0.0]}))
    with pytest.raises(InputError, match="2 rows"):
        fitted.predict(sparse.csr_matrix((1, V)), pd.DataFrame({"x": [0.0, 1.0]}))


def test_kept_and_read_again(fitted: PrevalenceFit, tmp_path: Path) -> None:
    fitted.to_directory(tmp_path)
    again = PrevalenceFit.from_directory(tmp_path)
    np.testing.assert_array_equal(again.mean(), fitted.mean())
    np.testing.assert_array_equal(again.draws(4, seed=1), fitted.draws(4, seed=1))
    pd.testing.assert_frame_equal(again.effects(m=4), fitted.effects(m=4))
    pd.testing.assert_frame_equal(again.coefficients(), fitted.coefficients())
    assert again.design.terms == fitted.design.terms


def test_units_are_those_of_the_covariate() -> None:
    counts, covariates, _ = corpus(0)
    once = fit_prevalence(counts, BETA, covariates)
    ten = fit_prevalence(counts, BETA, covariates * 10)
    for table in (PrevalenceFit.coefficients, PrevalenceFit.effects):
        np.testing.assert_allclose(table(once)["estimate"], 10 * table(ten)["estimate"], rtol=1e-6)
    np.testing.assert_allclose(once.mean(), ten.mean(), atol=1e-9)


def seeded_corpus() -> tuple[sparse.csr_matrix, sparse.csr_matrix, pd.DataFrame, np.ndarray]:
    """Two causes or none; half of the texts carry a seed; one channel has more of cause A."""
    rng = np.random.default_rng(2)
    channel = rng.choice(["branch", "app"], 600)
    chance = np.where(channel == "app", 0.6, 0.2)
    cause = np.where(rng.random(600) < chance, 0, np.where(rng.random(600) < 0.5, 1, 2))
    beta = np.full((3, 60), 0.2 / 60)
    beta[:, 40:] += 0.4 / 20  # what every text says
    for k in range(3):
        beta[k, 20 * k : 20 * k + 20] += 0.4 / 20
    words = np.stack([rng.multinomial(12, beta[k]) for k in cause]).astype(float)
    seeds = np.zeros((600, 2))
    shown = (cause < 2) & (rng.random(600) < 0.5)
    seeds[shown, cause[shown]] = 1.0
    frame = pd.DataFrame({"channel": channel})
    return sparse.csr_matrix(words), sparse.csr_matrix(seeds), frame, cause


@pytest.mark.parametrize("again", [False, True], ids=["topics kept", "topics again"])
def test_causes_of_a_codebook(again: bool) -> None:
    words, seeds, frame, cause = seeded_corpus()
    fit = fit_seeded_prevalence(
        words, seeds, frame, starts=[1, 2], vocabulary=[f"w{i}" for i in range(60)],
        causes=["A", "B"], again=again,
    )  # fmt: skip
    assert fit.categories == ("A", "B", "residual")
    mean = fit.mean()
    placed = cause < 2
    assert (mean[placed, :2].argmax(axis=1) == cause[placed]).mean() > 0.95
    assert mean[~placed, 2].mean() > mean[placed, 2].mean()
    table = fit.effects(m=10).set_index(["category", "term"])
    term = "channel=branch" if "channel=branch" in fit.design.names else "channel=app"
    toward = 1 if term.endswith("app") else -1
    assert 0.15 < toward * table.loc[("A", term), "estimate"] < 0.5
    assert table.loc[("A", term), "p"] < 0.2  # two starts leave one degree of freedom
    assert fit.draws(4, seed=0).shape == (4, 600, 3)


def test_covariates_become_columns() -> None:
    n = 60
    rng = np.random.default_rng(0)
    wait = rng.exponential(20, n)
    wait[:12] = np.nan
    frame = pd.DataFrame(
        {
            "wait": wait, "age": np.where(np.arange(n) == 3, np.nan, rng.normal(50, 9, n)),
            "channel": pd.Series(rng.choice(["app", "hotline"], n)).where(np.arange(n) != 5),
            "vip": rng.random(n) < 0.3,
        }
    )  # fmt: skip
    design, X = design_covariates(frame, n, splines=["wait"])
    assert design.missing == {"wait": 12, "age": 1, "channel": 1}
    assert [name for name in design.names if name.startswith("wait")] == [
        "wait", "wait (curve 1)", "wait (curve 2)", "wait=(missing)",
    ]  # fmt: skip
    assert "age=(missing)" not in design.names
    assert "channel=(missing)" in design.names
    np.testing.assert_allclose(X[:, 1:].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(X[:, 1:].std(axis=0), 1)
    np.testing.assert_allclose(design.transform(frame, n), X)
    np.testing.assert_allclose(design.transform(frame.iloc[:7], 7), X[:7])


@pytest.mark.parametrize(
    ("covariates", "message"),
    [
        (pd.DataFrame({"a": [1.0] * 8}), "constant.*: a"),
        (pd.DataFrame({"a": range(8), "b": range(0, 16, 2)}), "repeat each other: a, b"),
        (pd.DataFrame({"a": ["x"] * 8}), "a has the same value"),
        (pd.DataFrame({"a": [np.nan] * 8}), "no value"),
        (pd.DataFrame({"a": [1.0, 2.0]}), "2 rows"),
        (pd.DataFrame({"a": [f"{i}" for i in range(300)]}), "300 different"),
    ],
    ids=["constant", "collinear", "one level", "missing", "length", "identifier"],
)
def test_covariates_that_cannot_be_used_are_named(covariates: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        design_covariates(covariates, 300 if len(covariates) == 300 else 8)
    assert "；" in error.value.zh


def test_curves_are_for_numbers_and_levels_must_be_known() -> None:
    frame = pd.DataFrame({"a": list("xyxyxyxy"), "b": range(8)})
    with pytest.raises(InputError, match="not a numeric covariate; numeric ones are: b"):
        design_covariates(frame, 8, splines=["a"])
    design, _ = design_covariates(frame, 8)
    with pytest.raises(InputError, match="'z'"):
        design.transform(pd.DataFrame({"a": ["z"], "b": [1]}), 1)


def test_without_covariates_and_too_little_to_fit() -> None:
    counts, _, _ = corpus(0, 50)
    plain = fit_prevalence(counts, BETA, None)
    assert plain.design.names == ("intercept",)
    assert plain.effects(m=4).empty
    with pytest.raises(InputError, match="at least one document"):
        fit_prevalence(sparse.csr_matrix((0, V)), BETA, None)
    one = fit_prevalence(counts[:1], BETA, None)
    assert one.mean().shape == (1, K)
