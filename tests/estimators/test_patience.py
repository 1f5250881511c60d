from __future__ import annotations

import numpy as np
import pytest

from svcquality.errors import InputError
from svcquality.estimators.patience import exponential_patience, patience_without_moments


def test_patience_is_found_behind_the_service() -> None:
    rng = np.random.default_rng(4)
    patience, offered = rng.exponential(12, 4000), rng.exponential(5, 4000)
    found = exponential_patience(np.minimum(patience, offered), offered <= patience)
    assert found.low < 12 < found.high
    assert found.mean_minutes == pytest.approx(12, rel=0.1)
    with pytest.raises(InputError, match="Nobody left"):
        exponential_patience(offered, np.ones(4000, dtype=bool))


def test_patience_without_the_moments_of_leaving() -> None:
    rng = np.random.default_rng(5)
    held = []
    for _ in range(200):
        patience, offered = rng.exponential(12, 600), rng.exponential(8, 600)
        stays = patience >= offered
        found = patience_without_moments(offered[stays], offered[~stays])
        held.append(found.low < 12 < found.high)
    assert np.mean(held) >= 0.90
    assert found.abandoned == int((~stays).sum())
    # Knowing the moments says more.
    known = exponential_patience(np.minimum(patience, offered), stays)
    assert found.high - found.low > known.high - known.low
    with pytest.raises(InputError, match="cannot be estimated"):
        patience_without_moments(offered, np.empty(0))
