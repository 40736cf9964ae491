"""Fermions into fermions and what the weak current makes, against closed formulas and the Standard Model."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from na62dump.signal.standard import mass, standard, width
from na62dump.signal.weak import lepton, rule, to_pair, to_pseudoscalar, to_vector, weak

FERMI = standard().fermi_constant
MASSES = st.floats(1.0, 400.0)


def unit(m: float) -> float:
    return FERMI**2 * m**5 / (192 * math.pi**3)


def integral(up: float, down: float, one: float) -> float:
    """I(x_u, x_d, x_l) of 1805.08567, section 3.1.1."""

    def root(a: float, b: float, c: float) -> float:
        return math.sqrt(max(a * a + b * b + c * c - 2 * (a * b + b * c + c * a), 0.0))

    def integrand(x: float) -> float:
        shape = (x - one**2 - down**2) * (1 + up**2 - x) / x
        return shape * root(x, one**2, down**2) * root(1, x, up**2)

    return 12 * float(quad(integrand, (down + one) ** 2, (1 - up) ** 2, epsabs=1e-12)[0])


def test_a_charged_current_without_masses_is_the_decay_of_the_muon() -> None:
    assert to_pair(1000.0, 0.0, pair=(0.0, 0.0), fermi=FERMI).total == pytest.approx(unit(1000.0), rel=1e-9)


@pytest.mark.parametrize("x", [1e-3, 0.1, 0.5, 0.9])
def test_one_massive_lepton_is_the_known_polynomial_wherever_it_is(x: float) -> None:
    y = x**2
    expected = unit(1000.0) * (1 - 8 * y + 8 * y**3 - y**4 - 12 * y**2 * math.log(y))
    assert to_pair(1000.0, 1000 * x, pair=(0.0, 0.0), fermi=FERMI).total == pytest.approx(expected, rel=1e-5)
    assert to_pair(1000.0, 0.0, pair=(1000 * x, 0.0), fermi=FERMI).total == pytest.approx(expected, rel=1e-5)


@given(MASSES, MASSES, st.floats(0.0, 190.0))
def test_three_masses_give_the_integral_of_the_literature(one: float, down: float, up: float) -> None:
    # One of them massless suffices for the formula's own terms; the public code ALPINIST has a sign of x_u^2 wrong in it.
    found = to_pair(1000.0, one, pair=(down, up), fermi=FERMI).total
    assert found == pytest.approx(
        unit(1000.0) * integral(up / 1000, down / 1000, one / 1000), rel=1e-5, abs=1e-12 * unit(1000.0)
    )


@pytest.mark.parametrize(("left", "right"), [(-0.27, 0.23), (0.73, 0.23), (0.5, 0.0), (0.3, 0.3)])
@pytest.mark.parametrize("x", [0.05, 0.2, 0.4])
def test_a_neutral_pair_is_the_closed_formula(left: float, right: float, x: float) -> None:
    # 1805.08567, section 3.1.2, with C_1 = l^2 + r^2 and C_2 = l r.
    root = math.sqrt(1 - 4 * x**2)
    log = math.log((1 - 3 * x**2 - (1 - x**2) * root) / (x**2 * (1 + root)))
    first = (1 - 14 * x**2 - 2 * x**4 - 12 * x**6) * root + 12 * x**4 * (x**4 - 1) * log
    second = x**2 * (2 + 10 * x**2 - 12 * x**4) * root + 6 * x**4 * (1 - 2 * x**2 + 2 * x**4) * log
    expected = unit(1000.0) * ((left**2 + right**2) * first + 4 * left * right * second)
    found = to_pair(1000.0, 0.0, pair=(1000 * x, 1000 * x), fermi=FERMI, left=left, right=right).total
    assert found == pytest.approx(expected, rel=1e-6)


def test_muon_and_tau_live_as_long_as_they_do() -> None:
    muon = to_pair(mass(13), 0.0, pair=(lepton("e"), 0.0), fermi=FERMI).total
    assert muon / width(13) == pytest.approx(1.0042, abs=2e-4)  # less 0.42% by radiation
    for flavour, measured in (("e", 0.1782), ("mu", 0.1739)):
        found = to_pair(mass(15), 0.0, pair=(lepton(flavour), 0.0), fermi=FERMI).total
        assert found / width(15) == pytest.approx(measured, rel=0.01)


def test_taus_decay_into_pion_and_rho_as_often_as_they_do() -> None:
    # With the mass of the rho in the denominator and 16 pi: formulas of public codes for tau -> rho N have neither.
    numbers, known = standard(), weak()
    pion = to_pseudoscalar(
        mass(15), 0.0, meson=mass(211), constant=numbers.ckm.ud * numbers.decay_constants.pi, fermi=FERMI
    )
    rho = to_vector(mass(15), 0.0, meson=mass(213), constant=numbers.ckm.ud * known.vectors.rho, fermi=FERMI)
    assert pion / width(15) == pytest.approx(0.1082, rel=0.02)
    assert rho / width(15) == pytest.approx(0.2549, rel=0.03)


@given(st.floats(10.0, 2000.0), st.floats(0.0, 1000.0), st.floats(0.1, 1000.0))
def test_nothing_decays_below_its_threshold_and_no_width_is_negative(parent: float, other: float, made: float) -> None:
    found = (
        to_pseudoscalar(parent, other, meson=made, constant=100.0, fermi=FERMI),
        to_vector(parent, other, meson=made, constant=1e5, fermi=FERMI),
        to_pair(parent, other, pair=(made, 0.0), fermi=FERMI).total,
    )
    assert all(width >= 0 for width in found)
    assert parent > other + made or all(width == 0 for width in found)


def test_pairs_below_the_lightest_hadrons_are_left_out() -> None:
    every = to_pair(1000.0, 0.0, pair=(2.0, 5.0), fermi=FERMI)
    some = to_pair(1000.0, 0.0, pair=(2.0, 5.0), fermi=FERMI, lowest=500.0)
    assert some.square.min() > 500.0**2
    assert 0 < some.total < every.total
    assert to_pair(1000.0, 0.0, pair=(2.0, 5.0), fermi=FERMI, lowest=1000.0).total == 0


def test_the_quadrature_is_exact_for_roots_at_both_ends() -> None:
    place, weight = rule(32)
    assert (weight * np.sqrt(place * (1 - place))).sum() == pytest.approx(math.pi / 8, rel=1e-9)
