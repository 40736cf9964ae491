"""Decays of mesons and taus into heavy neutral leptons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from na62dump.errors import ConfigurationError
from na62dump.signal.hnl_production import Decays, channels, taus
from na62dump.signal.parents import source
from na62dump.signal.semileptonic import transitions
from na62dump.signal.spectra import GEV
from na62dump.signal.standard import mass, standard, width
from na62dump.signal.weak import lepton, weak

if TYPE_CHECKING:
    from na62dump.signal.model import Channel
    from na62dump.signal.spectra import Spectrum

SOURCE = source()
FORMS = transitions()


def decays(**shares: float) -> Decays:
    return Decays(standard(), weak(), FORMS, {"e": 0.0, "mu": 0.0, "tau": 0.0} | shares)


def channel(name: str, **shares: float) -> Channel:
    return next(found for found in channels(decays(**shares), source=SOURCE) if found.name == name)


@pytest.mark.parametrize(
    ("parent", "flavour", "measured", "within"),
    [
        ("D", "mu", 3.74e-4, 0.10),
        ("Ds", "mu", 5.35e-3, 0.04),
        ("Ds", "tau", 0.0532, 0.03),
        ("D", "tau", 1.20e-3, 0.20),
        ("B", "tau", 1.09e-4, 0.35),
    ],
)
def test_without_mass_two_leptons_are_as_frequent_as_neutrinos(
    parent: str, flavour: str, measured: float, within: float
) -> None:
    found = decays(mu=1.0).two_body(SOURCE.parent(parent), 1e-3, flavour=flavour)
    assert found == pytest.approx(measured, rel=within)


@given(st.floats(1.0, 1700.0))
def test_two_leptons_are_the_formula_with_the_helicity_of_both(heavy: float) -> None:
    # tau G^2 f^2 V^2 m m_N^2/(8 pi) [1 - x^2 + 2 y^2 + y^2/x^2 (1 - y^2)] sqrt(lambda), 0705.1729.
    numbers, parent = standard(), SOURCE.parent("D")
    x2, y2 = (heavy / parent.mass) ** 2, (lepton("mu") / parent.mass) ** 2
    root = np.sqrt((1 + x2 - y2) ** 2 - 4 * x2)
    constant = numbers.fermi_constant * numbers.decay_constants.D * numbers.ckm.cd
    shape = (1 - x2 + 2 * y2 + y2 / x2 * (1 - y2)) * root
    expected = constant**2 * parent.mass * heavy**2 / (8 * np.pi) * shape / width(411)
    assert decays(mu=1.0).two_body(parent, heavy, flavour="mu") == pytest.approx(expected, rel=1e-9)


def test_numbers_are_parents_times_branching_ratios() -> None:
    heavy = 500.0
    parent = SOURCE.parent("Ds")
    two = decays(e=1.0).two_body(parent, heavy, flavour="e")
    every = channel("Ds decay", e=1.0).number(heavy) / parent.number
    assert every > two > 0
    assert channel("Ds decay", e=1.0).number(1500.0) == pytest.approx(
        parent.number * decays(e=1.0).two_body(parent, 1500.0, flavour="e")
    )


@pytest.mark.parametrize(
    ("name", "flavour", "highest"),
    [
        ("D decay", "mu", mass(411) - mass(13)),
        ("D0 decay", "e", mass(421) - mass(211) - mass(11)),
        ("Ds decay", "tau", mass(431) - mass(15)),
        ("B decay", "tau", mass(521) - mass(15)),
        ("tau decay", "tau", mass(15) - mass(11)),
    ],
)
def test_channels_end_where_the_lightest_partner_is_left(name: str, flavour: str, highest: float) -> None:
    found = channel(name, **{flavour: 1.0})
    assert found.mass_max == pytest.approx(highest)
    assert found.number(highest - 0.5) > 0
    assert found.number(highest + 0.5) == 0


def test_taus_only_decay_into_what_mixes_with_them() -> None:
    assert {found.name for found in channels(decays(e=1.0), source=SOURCE)} == {
        "D decay",
        "D0 decay",
        "Ds decay",
        "B decay",
    }
    # a D0 is too light for a tau and a pion
    assert {found.name for found in channels(decays(tau=1.0), source=SOURCE)} == {
        "D decay",
        "Ds decay",
        "B decay",
        "tau decay",
    }


def test_taus_without_mass_of_the_lepton_are_the_decays_of_the_tau() -> None:
    # pi, K, rho, K*, e and mu: 0.1082 + 0.0070 + 0.2549 + 0.0120 + 0.1782 + 0.1739; the rest (3 pi, 4 pi) is left out.
    assert decays(tau=1.0).tau(1e-3).total == pytest.approx(0.734, rel=0.02)


def test_energies_from_taus_are_those_of_two_bodies() -> None:
    lines = decays(tau=1.0).tau(300.0)
    assert lines.energy.max() <= (mass(15) ** 2 + 300.0**2 - mass(11) ** 2) / (2 * mass(15)) * (1 + 1e-9)
    assert lines.energy.min() >= 300.0 * (1 - 1e-9)
    energy = (mass(15) ** 2 + 300.0**2 - mass(211) ** 2) / (2 * mass(15))
    assert np.any(np.isclose(lines.energy, energy))


def test_taus_take_their_share_of_the_momentum_of_the_meson() -> None:
    # Boosted, the mean energy is E m_tau-energy/M; the tables are of momenta, which differ by the masses only.
    meson = SOURCE.parent("Ds")
    found = taus(meson, power=15)

    def average(spectrum: Spectrum, m: float) -> float:
        centre = GEV * 10 ** ((spectrum.log_p[1:] + spectrum.log_p[:-1]) / 2)
        return float((np.hypot(centre, m) * spectrum.counts.sum(axis=1)).sum() / spectrum.counts.sum())

    share = (mass(431) ** 2 + mass(15) ** 2) / (2 * mass(431) ** 2)
    before = average(meson.spectrum, mass(431))
    after = average(found, mass(15))
    assert after / before == pytest.approx(share, rel=0.01)
    assert found.inside == pytest.approx(meson.spectrum.inside, abs=0.01)


@pytest.mark.parametrize(
    ("name", "flavour", "heavy"), [("D decay", "mu", 400.0), ("B decay", "e", 2500.0), ("tau decay", "tau", 800.0)]
)
def test_fluxes_hold_all_particles(name: str, flavour: str, heavy: float) -> None:
    flux = channel(name, **{flavour: 1.0}).flux(heavy)
    assert flux.inside + flux.outside == pytest.approx(1)
    assert 0.02 < flux.inside < 0.5  # wide angles never reach the spectrometer
    momentum = np.sqrt(flux.grid.momentum[1:] * flux.grid.momentum[:-1])
    assert 10e3 < (flux.weight.sum(axis=1) * momentum).sum() / flux.inside < 120e3


def test_a_mass_that_nothing_makes_has_no_flux() -> None:
    with pytest.raises(ConfigurationError, match=r"'D decay' makes no particle of 1800 MeV; give a mass .* below 1764"):
        channel("D decay", mu=1.0).flux(1800.0)


@settings(max_examples=15)
@given(st.floats(10.0, 4500.0), st.tuples(*[st.floats(0.01, 1.0)] * 3))
def test_numbers_are_linear_in_the_shares(heavy: float, given_shares: tuple[float, float, float]) -> None:
    shares = {name: share / sum(given_shares) for name, share in zip(("e", "mu", "tau"), given_shares, strict=True)}
    for name in ("D decay", "B decay", "tau decay"):
        single = 0.0
        for flavour, share in shares.items():
            if name != "tau decay" or flavour == "tau":
                single += share * channel(name, **{flavour: 1.0}).number(heavy)
        assert channel(name, **shares).number(heavy) == pytest.approx(single, rel=1e-9, abs=1e-30)


def test_uncertainties_name_their_source_so_that_channels_vary_together() -> None:
    found = {made.name: set(made.uncertainties) for made in channels(decays(e=0.5, tau=0.5), source=SOURCE)}
    assert found["D decay"] == found["Ds decay"] == {"charm", "charm form factors"}
    assert found["B decay"] == {"beauty", "beauty form factors"}
    assert found["tau decay"] == {"charm", "tau modes"}
