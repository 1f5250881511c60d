from __future__ import annotations

import time

import numpy as np
import pytest
import statsmodels.api as sm

from svcquality.errors import InputError
from svcquality.estimators.clustered import mean_with_error
from svcquality.estimators.hazard import hazard
from svcquality.estimators.marginal import average_change


def draw(seed: int, n: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.normal(size=n), rng.uniform(size=n) < 0.2]).astype(float)
    event = rng.uniform(size=n) < 1 / (1 + np.exp(2.5 - X @ [0.4, 0.9]))
    return event.astype(float), X, rng.integers(200, size=n)


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_agrees_with_statsmodels(link: str) -> None:
    event, X, customer = draw(1)
    ours = hazard(event, X, link=link, clusters=customer)
    family = sm.families.Binomial(
        sm.families.links.Logit() if link == "logit" else sm.families.links.CLogLog()
    )
    theirs = sm.GLM(event, sm.add_constant(X), family=family)
    np.testing.assert_allclose(ours.coefficients, theirs.fit(tol=1e-12).params, rtol=1e-6)
    if link == "logit":  # the library's bread is the observed information, ours the expected
        clustered = theirs.fit(cov_type="cluster", cov_kwds={"groups": customer}, tol=1e-12)
        np.testing.assert_allclose(ours.inference.errors, clustered.bse, rtol=1e-3)
    model = hazard(event, X, link=link, errors="model")
    np.testing.assert_allclose(model.inference.errors, theirs.fit().bse, rtol=1e-5)
    assert model.deviance == pytest.approx(theirs.fit().deviance, rel=1e-9)


def test_aggregated_rows_give_the_same_answer() -> None:
    event, X, _ = draw(2)
    X = X.round()
    cells, member = np.unique(X, axis=0, return_inverse=True)
    events, trials = np.bincount(member, event), np.bincount(member)
    np.testing.assert_allclose(
        hazard(events, cells, trials=trials, errors="model").coefficients,
        hazard(event, X, errors="model").coefficients,
        rtol=1e-7,
    )


def test_blocks_do_not_change_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    event, X, customer = draw(3)
    whole = hazard(event, X, clusters=customer)
    before = average_change(whole, X, {1: 0.0}, {1: 1.0})
    from svcquality.estimators import blocks

    monkeypatch.setattr(blocks.row_blocks, "__defaults__", (97,))
    parts = hazard(event, X, clusters=customer)
    np.testing.assert_allclose(parts.inference.covariance, whole.inference.covariance, rtol=1e-8)
    after = average_change(parts, X, {1: 0.0}, {1: 1.0})
    assert after.estimate == pytest.approx(before.estimate, rel=1e-9)


def test_a_contrast_without_covariates_is_the_difference_of_shares() -> None:
    event, X, _ = draw(4)
    exposed = X[:, [1]]
    fit = hazard(event, exposed)
    found = average_change(fit, exposed, {0: 0.0}, {0: 1.0})
    on, off = event[exposed[:, 0] == 1], event[exposed[:, 0] == 0]
    assert found.estimate == pytest.approx(on.mean() - off.mean(), abs=1e-9)
    assert found.error == pytest.approx(
        np.hypot(on.std() / len(on) ** 0.5, off.std() / len(off) ** 0.5), rel=1e-3
    )


def test_a_mean_with_clusters_is_less_sure() -> None:
    rng = np.random.default_rng(5)
    branch = np.repeat(np.arange(30), 20)
    values = rng.normal(size=30)[branch] + rng.normal(size=600)
    mean, alone = mean_with_error(values)
    assert mean == pytest.approx(values.mean())
    assert alone.errors[0] == pytest.approx(values.std(ddof=1) / 600**0.5)
    assert mean_with_error(values, branch)[1].errors[0] > 2 * alone.errors[0]


def test_hopeless_data_are_refused_with_a_reason() -> None:
    event, X, _ = draw(6)
    with pytest.raises(InputError, match="never happens"):
        hazard(np.zeros(len(event)), X)
    with pytest.raises(InputError, match="trap"):
        hazard(event, np.column_stack([X, event]), names=("a", "b", "trap"))
    with pytest.raises(InputError, match="repeat"):
        hazard(event, np.column_stack([X, X[:, 0]]))
    # Nobody of 30 has the event: those rows end up certain, which is no repeated column.
    seventy = (event > 0) | (np.arange(len(event)) % 3 == 0)
    told = np.column_stack([np.where(seventy, 70.0, 30.0), X])
    with pytest.raises(InputError, match="predicted perfectly"):
        hazard(event, told, names=("age", "a", "b"))


@pytest.mark.slow
def test_a_large_bank_takes_seconds() -> None:
    rng = np.random.default_rng(7)
    n = 430_000
    X = rng.normal(size=(n, 20))
    event = (rng.uniform(size=n) < 1 / (1 + np.exp(5 - 0.5 * X[:, 0]))).astype(float)
    customer = np.arange(n) // 36
    start = time.perf_counter()
    fit = hazard(event, X, clusters=customer)
    average_change(fit, X, {0: 0.0}, {0: 1.0})
    assert time.perf_counter() - start < 10  # about 2 s alone; the machine may be busy
    assert fit.coefficients[1] == pytest.approx(0.5, abs=0.06)
