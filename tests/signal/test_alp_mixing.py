"""Mixing of an axion-like particle with pi0, eta and eta'."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import configuration as conf
from na62dump.signal.alp_mixing import Angles, mixing_channels, suppression
from na62dump.signal.curves import curves
from na62dump.signal.models.alp import AlpGluon
from na62dump.signal.parents import source
from na62dump.signal.standard import mass, standard, width

if TYPE_CHECKING:
    from na62dump.signal.model import Channel

MIXING = conf.load(conf.find("signal/alp_gluon"), AlpGluon).mixing
STANDARD = standard()
ANGLES = Angles(MIXING, STANDARD)
PDG = {"pi0": 111, "eta": 221, "etap": 331}
CHANNELS = mixing_channels(MIXING, source(), standard=STANDARD, mass_max=3e3)


def test_the_quarks_share_the_gluons_by_the_inverse_of_their_mass() -> None:
    u, d, s = ANGLES.chiral
    assert u + d + s == pytest.approx(1.0)
    assert u / d == pytest.approx(STANDARD.quarks.d / STANDARD.quarks.u)


def test_states_are_orthogonal() -> None:
    states = np.array([ANGLES.content(name) for name in PDG])
    assert states @ states.T == pytest.approx(2 * np.eye(3), abs=1e-12)


def test_the_pion_mixes_by_the_difference_of_the_light_quarks() -> None:
    """theta = f_pi/(2 Lambda) 32 pi^2 (kappa_u - kappa_d) m^2/(m^2 - mpi^2), and nothing at m = 0."""
    u, d, _ = ANGLES.chiral
    m = 300.0
    expected = 93.0 / 2 * 32 * math.pi**2 * (u - d) * m**2 / (m**2 - mass(111) ** 2)
    assert ANGLES.angle("pi0", 111, mass=m) == pytest.approx(expected, rel=1e-4)
    assert ANGLES.angle("pi0", 111, mass=1e-3) == pytest.approx(0.0, abs=1e-6)


def test_the_terms_of_eta_and_etap_cancel_at_the_mass_of_their_quarks() -> None:
    """K and M^2 have opposite signs: the mass of the quarks, not the anomaly, is what M^2/K is."""
    for meson, pdg in (("eta", 221), ("etap", 331)):
        ratio = -ANGLES.massive(meson) / ANGLES.kinetic(meson)
        assert 0 < ratio < mass(pdg) ** 2


@pytest.mark.parametrize(("meson", "pdg"), PDG.items())
def test_poles_at_the_mesons_are_finite_and_narrow(meson: str, pdg: int) -> None:
    at = mass(pdg)
    peak, near, far = (abs(ANGLES.angle(meson, pdg, mass=at + step)) for step in (0.0, 10.0, 100.0))
    assert np.isfinite(peak)
    assert peak > 5 * near > 5 * far
    bare = ANGLES.kinetic(meson) * (at + 100) ** 2 + ANGLES.massive(meson)
    expected = 93.0 / 2 * abs(bare / ((at + 100) ** 2 - at**2)) * suppression(at + 100)
    assert far == pytest.approx(expected, rel=1e-3)


def test_decays_near_the_eta_are_those_of_the_eta() -> None:
    """The table of arXiv:1811.03474 is theta^2 Gamma(eta -> 3 pi0) next to the eta: within the next orders of the table."""
    table = curves("alp_gluon")["pi0pi0pi0"]
    for m in (530.0, 560.0):
        angle = ANGLES.angle("eta", 221, mass=m) / 1e3  # C/Lambda = 1/GeV
        assert table(m) / (angle**2 * width(221) * 0.327) == pytest.approx(1.3, abs=0.5)


def test_amplitudes_fall_above_hadronic_masses() -> None:
    assert suppression(500.0) == suppression(1400.0) == 1.0
    assert suppression(1401.0) == pytest.approx(1.0, abs=0.01)
    assert suppression(1999.9) == pytest.approx(suppression(2000.1), abs=0.01)
    assert suppression(2800.0) == pytest.approx(1 / 16)


def test_numbers_are_squared_angles_times_mesons() -> None:
    for channel, (meson, pdg) in zip(CHANNELS, PDG.items(), strict=True):
        angle = ANGLES.angle(meson, pdg, mass=250.0) / 1e3
        assert channel.number(250.0) == pytest.approx(angle**2 * source().parent(meson).number)
        assert set(channel.uncertainties) == {f"{meson} spectrum", "ALP mixing"}
        assert channel.mechanism == "meson mixing"


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_fluxes_are_normalised(channel: Channel) -> None:
    flux = channel.flux(400.0)
    assert flux.inside + flux.outside == pytest.approx(1.0)
    assert flux.inside > 0.1
