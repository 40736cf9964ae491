"""Partial widths of axion-like particles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.signal.alp_couplings import photon_coupling
from na62dump.signal.alp_widths import (
    extended,
    hadron_modes,
    lepton_modes,
    lepton_width,
    loop_width,
    photon_width,
)
from na62dump.signal.curves import curves
from na62dump.signal.standard import mass, standard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from na62dump.signal.curves import Curve

STANDARD = standard()
GLUON, FERMION = curves("alp_gluon"), curves("alp_fermion")
MUON = mass(13)


def test_the_width_into_photons_is_that_of_the_code_it_is_compared_with() -> None:
    """e^4 C^2 m^3/(4 pi Lambda^2) (ALPINIST) and g^2 m^3/(64 pi) are the same."""
    e4 = (4 * math.pi * STANDARD.alpha) ** 2
    found = photon_width(200.0, coupling=photon_coupling(STANDARD.alpha) * 1e-6)
    assert found == pytest.approx(e4 * 1e-12 * 200.0**3 / (4 * math.pi))


def test_a_known_lifetime() -> None:
    """The pion: g = alpha/(pi f_pi) gives 7.6 eV."""
    assert photon_width(mass(111), coupling=1 / 137.036 / math.pi / 92.3) == pytest.approx(7.7e-6, rel=0.03)


def test_leptons_by_the_equations_of_motion() -> None:
    """2 m c a l i gamma5 l has the width of a pseudoscalar, y^2 m beta/(8 pi)."""
    m, c = 400.0, 1e-6
    beta = math.sqrt(1 - 4 * MUON**2 / m**2)
    assert lepton_width(m, lepton=MUON, coupling=c) == pytest.approx((2 * MUON * c) ** 2 * m * beta / (8 * math.pi))


def test_the_lagrangian_of_na62_has_no_half() -> None:
    """With L = (c/2) d_mu a l gamma gamma5 l the width is c^2 ml^2 sqrt(m^2 - 4 ml^2)/(8 pi): a quarter."""
    m, c = 300.0, 1e-6
    half = c**2 * MUON**2 * math.sqrt(m**2 - 4 * MUON**2) / (8 * math.pi)
    assert lepton_width(m, lepton=MUON, coupling=c) == pytest.approx(4 * half)


def test_tables_of_hadrons_have_the_normalisation_of_the_leptons() -> None:
    """arXiv:2310.03524 has no 1/2 either: next to the eta 3 pi is that of the eta times theta^2 of L = C d a q gamma gamma5 q.

    theta = f_pi C sqrt(2/3) m^2/(m^2 - mEta^2), as c_u + c_d - c_s = 2 C with the angle of sin = -1/3.
    """
    m, eta, gamma = 553.0, mass(221), 1.31e-3 * 0.229
    theta = 93.0 * 1e-3 * 0.8165 * m**2 / (m**2 - eta**2)
    assert FERMION["pipipi0"](m) / (theta**2 * gamma) == pytest.approx(1.0, abs=0.3)


@given(st.floats(1.0, 211.0))
def test_there_are_no_muons_below_their_threshold(m: float) -> None:
    assert lepton_width(m, lepton=MUON, coupling=1.0) == 0


def test_photons_by_loops_of_leptons() -> None:
    """Far above the electron and far below the muon one lepton is left: alpha^2 m^3 c^2/(16 pi^3)."""
    found = loop_width(30.0, coupling=1e-3, alpha=STANDARD.alpha)
    assert found == pytest.approx(STANDARD.alpha**2 * 30.0**3 * 1e-6 / (16 * math.pi**3), rel=0.1)


@pytest.mark.parametrize("m", [80.0, 100.0, 180.0, 200.0])
def test_photons_from_gluons_are_those_of_chiral_perturbation_theory(m: float) -> None:
    """C = -2/3 (4 md + mu)/(md + mu) - m^2/(mpi^2 - m^2) (md - mu)/(md + mu) times C_GG (arXiv:1708.00443, section 3.1)."""
    up, down, pion = STANDARD.quarks.u, STANDARD.quarks.d, mass(111)
    chiral = -2 / 3 * (4 * down + up) / (down + up) - m**2 / (pion**2 - m**2) * (down - up) / (down + up)
    expected = photon_width(m, coupling=photon_coupling(STANDARD.alpha) * chiral * 1e-3)
    assert GLUON["gg"](m) == pytest.approx(expected, rel=0.25)


def test_light_particles_have_a_width_below_the_table() -> None:
    table = GLUON["gg"]
    first = float(table.mass[0])
    assert extended(first, curve=table) == table(first)
    assert extended(first / 2, curve=table) == pytest.approx(table(first) / 8)
    assert extended(500.0, curve=table) == table(500.0)


@pytest.mark.parametrize("table", [GLUON, FERMION], ids=["gluon", "fermion"])
def test_nothing_decays_below_its_threshold(table: Mapping[str, Curve]) -> None:
    thresholds = {
        "pipig": 2 * mass(211),
        "pipipi0": 2 * mass(211) + mass(111),
        "pipieta": 2 * mass(211) + mass(221),
        "kkpi0": 2 * mass(321) + mass(111),
    }
    for column, threshold in thresholds.items():
        assert table[column](threshold - 1) == 0, column
        assert table[column](threshold + 100) > 0, column
    assert all(curve(3000.0) >= 0 for curve in table.values())


def test_no_table_has_infinite_poles() -> None:
    """The digitised tables say 0.1 GeV at the mesons (at 1/TeV); softened, theirs is below the width of the eta' times 1e6."""
    for meson, limit in ((111, 10.0), (221, 1e5), (331, 1e7)):
        assert sum(curve(mass(meson)) for curve in GLUON.values()) < limit


def test_published_points_are_in_the_tables() -> None:
    """Numbers of the digitised tables (eV at 1/TeV), far from the poles."""
    points = {"gg": (1462.6, 8.056), "pipig": (1440.1, 1177.9), "pipipi0": (700.12, 0.17372)}
    for column, (m, value) in points.items():
        assert GLUON[column](m) == pytest.approx(value, rel=0.02), column
    assert GLUON["pipieta"](1389.6) == pytest.approx(184067 * 2 / 3, rel=0.02)
    assert sum(curve(1551.0) for curve in GLUON.values()) == pytest.approx(299316, rel=0.02)
    assert sum(curve(1800.0) for curve in FERMION.values()) == pytest.approx(169.51, rel=0.02)


def test_modes_know_what_they_look_like() -> None:
    modes = {mode.name: mode for mode in hadron_modes(GLUON, factor=2.0)}
    assert modes["pi+ pi- 2 pi0"].seen == pytest.approx(0.98823**2)
    assert modes["pi+ pi- eta"].seen == pytest.approx(0.3941)
    assert modes["pi+ pi- eta"].final_state == "pipieta"
    assert modes["other hadrons"].final_state is None
    assert modes["pi+ pi- gamma"].width(600.0) == pytest.approx(2 * GLUON["pipig"](600.0))
    assert [mode.final_state for mode in lepton_modes(1e-3)] == ["ee", "mumu", None]
