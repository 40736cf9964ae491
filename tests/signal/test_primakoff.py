"""Photons into pseudoscalars in the field of a nucleus: cross section against direct integration and its limits."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from na62dump.signal.parents import source
from na62dump.signal.photons import Photons
from na62dump.signal.primakoff import Target, least_transfer, primakoff, primakoff_channels
from na62dump.signal.standard import HBARC, standard

if TYPE_CHECKING:
    from na62dump.signal.model import Channel

SETTINGS = primakoff()
STANDARD = standard()
COPPER = Target(29.0, 63.546, SETTINGS.nucleus, STANDARD.alpha)


def sigma(mass: float, energy: float) -> float:
    return float(COPPER.cross_section(mass, np.array([energy]))[0])


def helm(q: float) -> float:
    """The form factor from the formula, with no series, for q in 1/fm."""
    radius = math.sqrt((1.23 * 63.546 ** (1 / 3) - 0.6) ** 2 + 7 / 3 * (math.pi * 0.52) ** 2 - 5 * 0.9**2)
    x = q * radius
    return 3 * (math.sin(x) / x - math.cos(x)) / x**2 * math.exp(-((q * 0.9) ** 2) / 2)


@pytest.mark.parametrize("q", [0.02, 0.3, 0.8])
def test_the_form_factor_is_that_of_helm(q: float) -> None:
    t = np.array([(q * HBARC * 1e12) ** 2])
    assert COPPER.form_factor(t)[0] == pytest.approx(helm(q), rel=1e-6)


def test_the_form_factor_is_one_at_rest_and_continuous_where_the_series_ends() -> None:
    edge = (1e-2 / COPPER.radius) ** 2
    values = COPPER.form_factor(np.array([1e-12, edge * (1 - 1e-9), edge * (1 + 1e-9)]))
    assert values[0] == pytest.approx(1.0)
    assert values[1] == pytest.approx(values[2], rel=1e-7)


@pytest.mark.parametrize(("mass", "energy"), [(10.0, 5e3), (200.0, 30e3), (1000.0, 60e3), (3000.0, 300e3)])
def test_the_cross_section_is_the_integral_over_the_angle(mass: float, energy: float) -> None:
    t_min = (mass**2 / (2 * energy)) ** 2
    theta_max = math.sqrt(COPPER.t_max - t_min) / energy

    def per_theta(theta: float) -> float:
        """d sigma/d cos theta = alpha g^2/4 Z^2 F^2 kT^2 E^2/t^2 (arXiv:1512.03069, Eq. 3.16)."""
        kt2 = (energy * theta) ** 2
        t = kt2 + t_min
        screened = (111 / (29 ** (1 / 3) * 0.511)) ** 2 * t
        form = helm(math.sqrt(t) / (HBARC * 1e12)) * screened / (1 + screened)
        return float(STANDARD.alpha / 4 * 29.0**2 * form**2 * kt2 * energy**2 / t**2 * math.sin(theta))

    edges = [0.0, *np.geomspace(1e-3 * math.sqrt(t_min) / energy, theta_max, 40)]
    parts = (quad(per_theta, a, b)[0] for a, b in itertools.pairwise(edges))
    assert sigma(mass, energy) == pytest.approx(math.fsum(parts) * HBARC**2, rel=2e-3)


def test_small_masses_leave_a_logarithm_without_electrons() -> None:
    """At small mass sigma = alpha g^2 Z^2/8 (log(1/t_min) + const): four times the logarithm of the mass."""
    bare = replace(COPPER, nucleus=COPPER.nucleus.model_copy(update={"screening": 1e9}))

    def of(mass: float) -> float:
        return float(bare.cross_section(mass, np.array([50e3]))[0])

    slope = STANDARD.alpha * 29.0**2 / 8 * HBARC**2
    assert (of(0.1) - of(1.0)) / slope == pytest.approx(4 * math.log(10), rel=1e-3)
    inverse_radius = 4 * math.log(1 / (math.sqrt(least_transfer(1.0, np.array([50e3]))[0]) * COPPER.radius)) / 2
    assert of(1.0) / slope == pytest.approx(inverse_radius, abs=2.0)


@pytest.mark.parametrize(("mass", "share"), [(1.0, 0.52), (10.0, 0.75), (30.0, 0.93), (100.0, 1.0)])
def test_electrons_screen_the_nucleus_from_light_particles(mass: float, share: float) -> None:
    bare = replace(COPPER, nucleus=COPPER.nucleus.model_copy(update={"screening": 1e9}))
    assert sigma(mass, 50e3) / bare.cross_section(mass, np.array([50e3]))[0] == pytest.approx(share, abs=0.01)


def test_the_logarithm_ends_where_electrons_screen() -> None:
    assert sigma(0.01, 50e3) == pytest.approx(sigma(0.1, 50e3), rel=1e-2)


def test_heavy_particles_are_not_made() -> None:
    """From m^2/2E = 4.49/R on there is no coherence; below it falls steeply."""
    energy = 100e3
    end = math.sqrt(2 * energy * math.sqrt(COPPER.t_max))
    assert sigma(1.001 * end, energy) == 0
    assert sigma(0.999 * end, energy) > 0
    assert sigma(0.9 * end, energy) < 1e-4 * sigma(0.1 * end, energy)
    assert sigma(200.0, 100.0) == 0


@given(st.floats(1.0, 2000.0), st.floats(5e3, 399e3), st.floats(1.01, 2.0))
def test_it_grows_with_the_energy_and_falls_with_the_mass(mass: float, energy: float, factor: float) -> None:
    more = 1 + 1e-4  # where electrons screen, nothing changes but the error of the quadrature
    assert more * sigma(mass, energy * factor) >= sigma(mass, energy) >= sigma(mass * factor, energy) / more >= 0


def test_it_grows_with_the_square_of_the_charge() -> None:
    one = Target(1.0, 63.546, SETTINGS.nucleus, STANDARD.alpha).cross_section(100.0, np.array([2e4]))
    assert sigma(100.0, 2e4) == pytest.approx(29.0**2 * float(one[0]))


CHANNELS = primakoff_channels(SETTINGS, source(), standard=STANDARD, strength=lambda mass: 1e-6 / mass, mass_max=3e3)


def test_three_kinds_of_photons_convert() -> None:
    assert [channel.name for channel in CHANNELS] == ["photons of pi0", "photons of eta", "photons of the proton"]
    assert {channel.mechanism for channel in CHANNELS} == {"Primakoff"}
    assert set(CHANNELS[0].uncertainties) == {"pi0 spectrum", "Primakoff"}
    assert CHANNELS[0].number(100.0) > CHANNELS[1].number(100.0) > CHANNELS[2].number(100.0) * 0.5 > 0


def test_the_strength_multiplies_the_number() -> None:
    other = primakoff_channels(SETTINGS, source(), standard=STANDARD, strength=lambda _: 1e-6, mass_max=3e3)
    assert other[2].number(250.0) == pytest.approx(250.0 * CHANNELS[2].number(250.0))


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
@pytest.mark.parametrize("mass", [20.0, 600.0])
def test_fluxes_are_normalised_and_repeatable(channel: Channel, mass: float) -> None:
    flux = channel.flux(mass)
    assert flux.inside + flux.outside == pytest.approx(1.0)
    assert flux.inside > 0.1
    assert np.array_equal(flux.weight, channel.flux(mass).weight)


def test_the_flux_has_the_number_above_an_energy() -> None:
    """The drawn flux and the quadrature of the number agree on the share above 50 GeV: the draws have the right weights."""
    channel, mass, edge = CHANNELS[2], 300.0, 50e3
    conversion = channel.number.__self__  # type: ignore[attr-defined]
    energy, weight = conversion.photons.spectrum
    made = weight * conversion.target.cross_section(mass, energy)
    flux = channel.flux(mass)
    wide = flux.grid.momentum[:-1] >= edge
    share = float(flux.weight[wide].sum())
    assert share == pytest.approx(float(made[energy > edge].sum() / made.sum()), rel=0.05)


def test_the_kick_of_the_nucleus_has_the_angles_of_the_cross_section() -> None:
    """Photons along the axis: the share within an angle is that of the integral over t up to (E theta)^2 + t_min."""
    mass, energy, power = 400.0, 50e3, SETTINGS.photons.points
    conversion = CHANNELS[0].number.__self__  # type: ignore[attr-defined]
    n = 2**power
    beam = Photons(np.full(n, energy), np.zeros(n), np.ones(n))
    flux = replace(conversion, make=lambda: beam).flux(mass)
    t_min = (mass**2 / (2 * energy)) ** 2

    def density(t: float) -> float:
        return (t - t_min) / t**2 * helm(math.sqrt(t) / (HBARC * 1e12)) ** 2

    whole = quad(density, t_min, COPPER.t_max, limit=200)[0]
    for cells in (1, 4, 10):
        end = flux.grid.theta[cells] * math.sqrt(energy**2 - mass**2)
        expected = quad(density, t_min, t_min + end**2, limit=200)[0] / whole
        assert float(flux.weight[:, :cells].sum()) == pytest.approx(expected, rel=0.01)
