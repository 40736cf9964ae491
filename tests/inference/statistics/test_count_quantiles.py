from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from na62dump.errors import ConfigurationError
from na62dump.inference.statistics.marginal import marginal
from na62dump.inference.statistics.quantiles import count_quantiles, median_count

AT = np.array([0.0, 0.0228, 0.1587, 0.5, 0.8413, 0.9772])


def test_known_backgrounds_have_the_quantiles_of_poisson() -> None:
    means = np.array([0.016, 0.5, 3.0, 50.0, 1e4])
    found = count_quantiles(means[:, None], prior="gamma", at=AT)
    assert found.tolist() == np.maximum(stats.poisson.ppf(AT, means[:, None]), 0).tolist()


@pytest.mark.parametrize(("expected", "uncertainty"), [(0.016, 0.002), (1.0, 2.0), (26.3, 3.4), (300.0, 100.0)])
def test_uncertain_backgrounds_have_those_of_the_average(expected: float, uncertainty: float) -> None:
    law = marginal(expected, uncertainty)
    for count, at in zip(count_quantiles(expected, uncertainty, prior="gaussian", at=AT), AT, strict=True):
        assert law.at_most(int(count)) >= at
        assert law.at_most(int(count) - 1) < at or count == 0


def test_medians() -> None:
    assert median_count([0.0, 0.016, 0.6, 0.8], [0.0, 0.002, 0.1, 0.1], prior="gaussian").tolist() == [0, 0, 0, 1]
    assert median_count(3e3, 3e3, prior="gamma") == stats.nbinom.ppf(0.5, 1, 1 / 3001)
    below, above = (int(median_count(3e3, 3e3, prior=prior)) for prior in ("lognormal", "gaussian"))
    assert below < 3000 < above


def test_a_probability_of_1_has_no_quantile() -> None:
    with pytest.raises(ConfigurationError, match="below 1"):
        count_quantiles(1.0, prior="gamma", at=1.0)
