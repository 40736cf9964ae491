"""P_RD: closed form against direct Monte Carlo, and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.signal import library
from na62dump.signal.flux import Flux, Grid
from na62dump.signal.parents import source
from na62dump.signal.propagation import decaying, decays, decays_between

DUMP, BEGIN, END = 23_070.0, 105_000.0, 180_000.0


@pytest.mark.parametrize("ctau", [0.3, 5.0, 60.0, 3e3])
def test_it_is_the_share_of_exponential_flights_that_end_in_the_volume(ctau: float) -> None:
    generator = np.random.default_rng(62)
    momentum = generator.uniform(20e3, 300e3, 400_000)
    flight = generator.exponential(ctau * momentum / 300.0)
    inside = (flight > BEGIN - DUMP) & (flight < END - DUMP)
    expected = decays_between(BEGIN - DUMP, END - DUMP, momentum=momentum, mass=300.0, ctau=ctau)
    error = np.sqrt(np.mean(expected) / len(momentum))
    assert abs(np.mean(inside) - np.mean(expected)) < 4 * error


@given(
    st.floats(1.0, 1e5),
    st.floats(1.0, 1e5),
    st.floats(0.0, 1e5),
    st.floats(1e3, 4e5),
    st.floats(1.0, 5e3),
    st.floats(1e-3, 1e9),
)
def test_two_volumes_that_touch_are_one(
    first: float, second: float, begin: float, momentum: float, mass: float, ctau: float
) -> None:
    def share(low: float, high: float) -> float:
        return float(decays_between(low, high, momentum=np.array([momentum]), mass=mass, ctau=ctau)[0])

    whole = share(begin, begin + first + second)
    assert 0 <= whole <= 1
    assert share(begin, begin + first) + share(begin + first, begin + first + second) == pytest.approx(whole, abs=1e-14)


def test_long_lives_decay_in_proportion_to_the_length() -> None:
    share = decays_between(8e4, 1.6e5, momentum=np.array([1e5]), mass=100.0, ctau=1e12)
    assert share[0] == pytest.approx(8e4 / (1e12 * 1e3), rel=1e-6)


def test_a_flux_decays_as_its_particles_do_and_what_is_outside_does_not_count() -> None:
    grid = Grid(np.geomspace(9.9e4, 10.1e4, 2), np.array([0.0, 0.01]))
    alone = decays_between(8e4, 1.6e5, momentum=np.array([1e5]), mass=200.0, ctau=100.0)[0]
    flux = Flux(grid, np.array([[0.25]]), 0.75)
    assert decaying(flux, 8e4, end=1.6e5, mass=200.0, ctau=100.0) == pytest.approx(alone / 4, rel=1e-3)


def test_decays_of_a_model_are_those_of_its_channels() -> None:
    model, production = library.load("dark_scalar"), source().settings
    (channel,) = model.channels
    ctau = model.ctau(300.0, 1e-4)
    share = decaying(channel.flux(300.0), production.decay_begin, end=production.decay_end, mass=300.0, ctau=ctau)
    expected = production.protons_on_target * channel.number(300.0) * 1e-8 * share
    assert decays(model, 300.0, coupling=1e-4, production=production) == pytest.approx(expected)
    assert decays(model, 0.5, coupling=1e-4, production=production) == 0.0
