"""Loops and definitions that turn one coupling into another."""

from __future__ import annotations

import math

import pytest

from na62dump import configuration as conf
from na62dump.errors import ConfigurationError
from na62dump.signal.alp_couplings import anomaly, gluon_loop, photon_coupling, top_loop, weak_function, weak_loop
from na62dump.signal.b_decays import b_decays, pseudoscalar_width
from na62dump.signal.models.alp import AlpFermion, AlpGluon
from na62dump.signal.standard import standard, width

STANDARD = standard()


def test_the_coupling_to_photons_is_four_times_the_square_of_the_charge() -> None:
    assert photon_coupling(1 / 137.0) == pytest.approx(0.3669, rel=1e-3)


def test_triangles_of_light_fermions_are_one_and_of_heavy_ones_vanish() -> None:
    assert abs(anomaly(1000.0, 1e-3)) == pytest.approx(1.0, abs=1e-7)
    assert anomaly(1.0, 100.0).real == pytest.approx(-(1.0**2) / (12 * 100.0**2), rel=1e-3)
    assert anomaly(200.0, 100.0).real == pytest.approx(1 - math.pi**2 / 4)
    below, above = anomaly(199.9999, 100.0), anomaly(200.0001, 100.0)
    assert abs(below - above) < 0.02


def test_the_function_of_the_w_loop() -> None:
    assert weak_function(1e-6) == pytest.approx(1e-6, rel=1e-3)
    assert weak_function(1 - 1e-3) == pytest.approx(0.5, abs=1e-3)
    assert weak_function(1e6) == pytest.approx(math.log(1e6) - 1, rel=1e-3)


def test_w_bosons_make_the_coupling_of_the_literature() -> None:
    """3 sqrt(2) G_F mW^2 g_aW/(16 pi^2) V f with g_aW = 4 g^2 C (arXiv:1611.09355)."""
    ckm = STANDARD.ckm
    x = (STANDARD.quarks.t / STANDARD.mass_w) ** 2
    fermi = 3 * math.sqrt(2) * STANDARD.fermi_constant * STANDARD.mass_w**2 / (16 * math.pi**2)
    expected = fermi * 4 * STANDARD.weak_coupling**2 * ckm.tb * ckm.ts * weak_function(x)
    assert weak_loop(STANDARD) == pytest.approx(expected, rel=0.02)


def test_the_top_loop_is_what_the_renormalisation_group_gives() -> None:
    """-1/6 I_t with I_t = -2/3 * 9/2 alpha_t/alpha_s (1 - (alpha_s(Lambda)/alpha_s(mt))^(1/7)) (arXiv:2012.12272)."""
    loop = conf.load(conf.find("signal/alp_fermion"), AlpFermion).flavour_change
    alpha_s, yukawa = 0.108, 0.935  # [PDG] at the mass of the top, MS-bar
    high = 1 / (1 / alpha_s + 7 / (2 * math.pi) * math.log(loop.scale / STANDARD.quarks.t))
    expected = 1 / 9 * 4.5 * yukawa**2 / (4 * math.pi) / alpha_s * (1 - (high / alpha_s) ** (1 / 7))
    assert loop.coefficient == pytest.approx(expected, rel=0.05)
    ratio = top_loop(STANDARD, coefficient=loop.coefficient) / (STANDARD.ckm.tb * STANDARD.ckm.ts)
    assert ratio == pytest.approx(2 * 0.019)  # c_tt = 2 C_ff


def test_the_loop_of_gluons_gives_the_branching_ratio_it_is_fixed_by() -> None:
    loop = conf.load(conf.find("signal/alp_gluon"), AlpGluon).flavour_change
    decays = b_decays()
    g = gluon_loop(decays, branching=loop.branching, mass=loop.mass) / (32 * math.pi**2) / 1e3  # f_a = 1 GeV
    kaon = next(kaon for kaon in decays.kaons if kaon.name == "K")
    assert g**2 * pseudoscalar_width(kaon, loop.mass) / width(521) == pytest.approx(0.11)
    # arXiv:2110.10698 at 4 pi TeV: 6.1e-5 V_tb V_ts c_GG/f, c_GG/f = 1/(2 f_a); more logarithm, thus larger
    assert 1 < 6.1e-5 / 2 * STANDARD.ckm.tb * STANDARD.ckm.ts / (g * 1e3) < 2


def test_a_list_without_the_kaon_is_refused() -> None:
    decays = b_decays()
    rest = decays.model_copy(update={"kaons": tuple(kaon for kaon in decays.kaons if kaon.name != "K")})
    with pytest.raises(ConfigurationError, match="no kaon with charged = 321"):
        gluon_loop(rest, branching=0.11, mass=1e3)
