"""Decay modes of heavy neutral leptons."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from na62dump.signal.hnl_widths import Widths, modes
from na62dump.signal.standard import HBARC, mass, standard
from na62dump.signal.weak import weak

WIDTHS = Widths(standard(), weak())
FERMI = standard().fermi_constant


def width(name: str, heavy: float, *, shares: dict[str, float], majorana: bool = True) -> float:
    every = {"e": 0.0, "mu": 0.0, "tau": 0.0} | shares
    found = modes(WIDTHS, shares=every, majorana=majorana)
    if name == "total":
        return math.fsum(mode.width(heavy) for mode in found)
    return next((mode.width(heavy) for mode in found if mode.name == name), 0.0)


def unit(heavy: float) -> float:
    return FERMI**2 * heavy**5 / (192 * math.pi**3)


@pytest.mark.parametrize("flavour", ["e", "mu", "tau"])
def test_three_neutrinos_are_one_charged_current_and_twice_for_majorana(flavour: str) -> None:
    assert width("3 nu", 300.0, majorana=False, shares={flavour: 1.0}) == pytest.approx(unit(300.0), rel=1e-9)
    assert width("3 nu", 300.0, shares={flavour: 1.0}) == pytest.approx(2 * unit(300.0), rel=1e-9)


def test_two_electrons_interfere_only_with_their_own_flavour() -> None:
    s = standard().weak_mixing
    own, other = (1 + 4 * s + 8 * s**2) / 4, (1 - 4 * s + 8 * s**2) / 4  # 1805.08567, section 3.1.2, C_3 and C_1
    assert width("e e nu", 5000.0, majorana=False, shares={"e": 1.0}) == pytest.approx(own * unit(5000.0), rel=1e-4)
    assert width("e e nu", 5000.0, majorana=False, shares={"mu": 1.0}) == pytest.approx(other * unit(5000.0), rel=1e-4)


def test_electron_and_muon_are_a_muon_decay_with_one_mass() -> None:
    y = (mass(13) / 500.0) ** 2
    expected = unit(500.0) * (1 - 8 * y + 8 * y**3 - y**4 - 12 * y**2 * math.log(y))
    for flavour in ("e", "mu"):
        assert width("e mu nu", 500.0, majorana=False, shares={flavour: 1.0}) == pytest.approx(expected, rel=1e-4)
    assert width("e mu nu", 500.0, shares={"tau": 1.0}) == 0
    assert width("e mu nu", mass(13), shares={"mu": 1.0}) == 0


def test_a_pion_and_a_lepton_are_the_formula_of_the_literature() -> None:
    # G^2 f^2 V^2 m^3/(16 pi) (1 - x^2)^2 without mass of the lepton.
    constant = standard().ckm.ud * standard().decay_constants.pi
    expected = FERMI**2 * constant**2 * 1000.0**3 / (16 * math.pi) * (1 - (mass(211) / 1000) ** 2) ** 2
    assert width("pi e", 1000.0, majorana=False, shares={"e": 1.0}) == pytest.approx(expected, rel=1e-5)
    neutral = (
        FERMI**2 * standard().decay_constants.pi ** 2 * 1000.0**3 / (32 * math.pi) * (1 - (mass(111) / 1000) ** 2) ** 2
    )
    assert width("pi0 nu", 1000.0, majorana=False, shares={"tau": 1.0}) == pytest.approx(neutral, rel=1e-9)


def test_omega_and_phi_couple_as_their_quarks_do() -> None:
    # 1805.08567 and codes after it have four and two times these; the public code ALPINIST once f_pi m_pi for the phi.
    s, known = standard().weak_mixing, weak().vectors
    for name, pdg, strength, kappa in (
        ("rho", 113, known.rho, 1 - 2 * s),
        ("omega", 223, known.omega, 2 / 3 * s),
        ("phi", 333, known.phi, math.sqrt(2) * (1 / 2 - 2 / 3 * s)),
    ):
        y = (mass(pdg) / 1500) ** 2
        shape = (1 + 2 * y) * (1 - y) ** 2 / (32 * math.pi * mass(pdg) ** 2)
        expected = (FERMI * kappa * strength) ** 2 * 1500.0**3 * shape
        assert width(f"{name} nu", 1500.0, majorana=False, shares={"e": 1.0}) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("flavour", "length"), [("e", 0.5611), ("mu", 0.5885), ("tau", 1.6146)])
def test_at_1_gev_it_flies_as_far_as_the_public_code_says(flavour: str, length: float) -> None:
    # c tau in mm at |U|^2 = 1 from the formulas of ALPINIST by hand: its f_P V and g_rho, two-body rho; but sin^2 = 0.23 and
    # g_phi = 0.234 GeV^2 as here.
    assert HBARC / width("total", 1000.0, shares={flavour: 1.0}) == pytest.approx(length, rel=0.005)


THRESHOLDS = {
    "pi e": (mass(211) + mass(11), "e"),
    "pi mu": (mass(211) + mass(13), "mu"),
    "K mu": (mass(321) + mass(13), "mu"),
    "rho e": (mass(213) + mass(11), "e"),
    "pi tau": (mass(211) + mass(15), "tau"),
    "pi0 nu": (mass(111), "tau"),
    "phi nu": (mass(333), "tau"),
    "mu mu nu": (2 * mass(13), "tau"),
    "e mu nu": (mass(13) + mass(11), "e"),
    "e tau nu": (mass(15) + mass(11), "tau"),
    "tau tau nu": (2 * mass(15), "e"),
}


@pytest.mark.parametrize("name", THRESHOLDS)
def test_modes_open_at_their_thresholds(name: str) -> None:
    threshold, flavour = THRESHOLDS[name]
    assert width(name, threshold - 0.01, shares={flavour: 1.0}) == 0
    assert width(name, threshold + 1.0, shares={flavour: 1.0}) > 0


@pytest.mark.parametrize("flavour", ["e", "mu", "tau"])
def test_hadrons_are_at_least_the_quarks_from_1_gev_on_and_no_width_falls(flavour: str) -> None:
    found = modes(WIDTHS, shares={"e": 0.0, "mu": 0.0, "tau": 0.0} | {flavour: 1.0}, majorana=True)
    hadrons = [mode for mode in found if not mode.name.endswith("nu") or mode.name.split()[0] in MESONS]
    for heavy in (1000.0, 2000.0, 4000.0):
        assert math.fsum(mode.width(heavy) for mode in hadrons) >= 2 * WIDTHS.quarks(heavy, flavour=flavour) * (
            1 - 1e-9
        )
    assert next(mode for mode in found if mode.name == "other hadrons").width(999.0) == 0
    total = [
        math.fsum(mode.width(m) for mode in found) for m in (10.0, 100.0, 200.0, 500.0, 999.0, 1001.0, 2000.0, 5000.0)
    ]
    assert total == sorted(total)


MESONS = {"pi0", "eta", "etap", "rho", "omega", "phi"}


def test_the_strong_coupling_runs_as_measured() -> None:
    # 0.214 at 5 GeV and 0.314 at the tau [PDG]; correction as for hadronic decays of the tau, about 20%.
    assert WIDTHS.correction(mass(15)) == pytest.approx(0.18, abs=0.02)
    assert WIDTHS.correction(1000.0) > WIDTHS.correction(5000.0) > 0.06


@settings(max_examples=25)
@given(st.floats(10.0, 950.0), st.tuples(*[st.floats(0.01, 1.0)] * 3))
def test_widths_are_linear_in_the_shares(heavy: float, given_shares: tuple[float, float, float]) -> None:
    shares = {name: share / sum(given_shares) for name, share in zip(("e", "mu", "tau"), given_shares, strict=True)}
    single = {name: width("total", heavy, shares={name: 1.0}) for name in shares}
    mixed = width("total", heavy, shares=shares)
    assert mixed == pytest.approx(sum(share * single[name] for name, share in shares.items()), rel=1e-9)
    assert width("total", heavy, majorana=False, shares=shares) == pytest.approx(mixed / 2, rel=1e-9)
