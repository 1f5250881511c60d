from __future__ import annotations

import numpy as np
import pytest

from svcquality.errors import InputError
from svcquality.estimators.patience import exponential_patience


def test_patience_is_found_behind_the_service() -> None:
    rng = np.random.default_rng(4)
    patience, offered = rng.exponential(12, 4000), rng.exponential(5, 4000)
    found = exponential_patience(np.minimum(patience, offered), offered <= patience)
    assert found.low < 12 < found.high
    assert found.mean_minutes == pytest.approx(12, rel=0.1)
    with pytest.raises(InputError, match="Nobody left"):
        exponential_patience(offered, np.ones(4000, dtype=bool))
