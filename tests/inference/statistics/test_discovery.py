from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from na62dump.errors import ConfigurationError
from na62dump.inference.statistics.compatibility import compare
from na62dump.inference.statistics.discovery import excess, minimum_counts, p_values

# Hadronic channels (slides of WIN 2025): background of SR and CR, events for 5 standard deviations in SR, and in both.
CHANNELS = {
    "pi pi": (0.007, 0.013, 3, 4),
    "pi pi gamma": (0.007, 0.031, 3, 5),
    "pi pi pi0": (1.2e-7, 1.3e-7, 1, 1),
    "pi pi 2pi0": (1.6e-8, 1.6e-8, 1, 1),
    "pi pi eta": (7.0e-8, 7.3e-8, 1, 1),
    "K K": (4.6e-7, 4.7e-7, 1, 2),
    "K K pi0": (1.5e-9, 1.6e-9, 1, 1),
}


def test_the_published_minima_follow_but_for_one() -> None:
    table = np.array(list(CHANNELS.values()))
    signal, both = table[:, 0], table[:, 0] + table[:, 1]
    assert minimum_counts(signal, prior="gaussian").tolist() == table[:, 2].tolist()
    found = minimum_counts(both, prior="gaussian")
    assert {name for name, n, m in zip(CHANNELS, found, table[:, 3], strict=True) if n != m} == {"pi pi gamma"}
    assert found[1] == 4
    assert p_values(4, 0.038, prior="gaussian") == pytest.approx(8.4e-8, rel=0.01)
    assert minimum_counts(0.0625, prior="gaussian") == 5


def test_uncertain_backgrounds_and_other_conventions() -> None:
    known = minimum_counts([0.007, 2.0, 50.0], prior="gamma")
    for prior in ("gamma", "gaussian", "lognormal"):
        wide = minimum_counts([0.007, 2.0, 50.0], uncertainty=[0.005, 1.0, 10.0], prior=prior)
        assert (wide >= known).all()
        assert wide[2] > known[2]
    assert minimum_counts(2.0, prior="gamma", sides=1) >= minimum_counts(2.0, prior="gamma")
    assert minimum_counts([2.0], prior="gamma", deviations=3.0) < minimum_counts([2.0], prior="gamma")
    assert minimum_counts(4.6e-7, prior="gamma", sides=1) == 2
    assert minimum_counts(0.0, prior="gamma") == 1


@given(st.floats(1e-6, 300), st.floats(1.0, 8.0))
def test_a_minimum_is_enough_and_one_less_is_not(background: float, deviations: float) -> None:
    least = int(minimum_counts(background, prior="gamma", deviations=deviations))
    p = 2 * stats.norm.sf(deviations)
    assert stats.poisson.sf(least - 1, background) <= p * (1 + 1e-9)
    assert least == 1 or stats.poisson.sf(least - 2, background) > p * (1 - 1e-9)


@pytest.mark.parametrize(
    ("expected", "uncertainty"), [(0.016, 0.002), (1.7, 0.22), (26.3, 3.4), (0.3, 1.0), (400.0, 60.0)]
)
def test_p_values_are_those_of_the_comparison(expected: float, uncertainty: float) -> None:
    counts = np.array([0, 1, 2, 28, 500])
    exact = [compare(int(n), expected, uncertainty=uncertainty).p_n for n in counts]
    assert p_values(counts, expected, uncertainty=uncertainty, prior="gaussian") == pytest.approx(
        exact, rel=1e-6, abs=1e-18
    )


def test_a_gamma_density_makes_a_negative_binomial_tail() -> None:
    shape = (3.0 / 2.0) ** 2
    exact = stats.nbinom.sf(np.arange(30) - 1, shape, shape / (shape + 3.0))
    assert p_values(np.arange(30), 3.0, uncertainty=2.0, prior="gamma") == pytest.approx(exact, rel=1e-10)


def test_the_published_event() -> None:
    found = compare(1, 0.016, uncertainty=0.002)
    assert found.p_n == pytest.approx(0.01587, abs=1e-5)
    assert (found.significance, found.one_sided) == pytest.approx((2.41, 2.15), abs=0.005)


def test_local_and_global() -> None:
    overall = compare(1, 0.016, uncertainty=0.002)
    local = compare(1, 0.0016, uncertainty=0.0002)
    assert excess(local, overall).p is None
    among = excess(local, overall, trials=10.0)
    assert among.overall is overall
    assert among.p == pytest.approx(1 - (1 - local.p_n) ** 10)
    assert among.two_sided is not None
    assert overall.significance < among.two_sided + 0.01 < local.significance
    assert excess(local, overall, trials=1).p == pytest.approx(local.p_n)


def test_nothing_seen_is_no_excess() -> None:
    found = compare(0, 0.3)
    assert (found.p_n, found.significance, found.one_sided) == (1, 0, 0)
    assert excess(found, found, trials=4).p == 1


def test_what_cannot_be_is_refused() -> None:
    one = compare(1, 0.3)
    with pytest.raises(ConfigurationError, match="at least 1 has to fit"):
        excess(one, one, trials=0.5)
    with pytest.raises(ConfigurationError, match="at least 1 has to fit"):
        excess(one, one, trials=math.inf)
    with pytest.raises(ConfigurationError, match="3 sides"):
        minimum_counts(1.0, prior="gamma", sides=3)
    with pytest.raises(ConfigurationError, match="background -1"):
        minimum_counts(-1.0, prior="gamma")
