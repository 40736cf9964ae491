from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump import configuration as conf
from na62dump.errors import ConfigurationError
from na62dump.signal.bremsstrahlung import Bremsstrahlung, Poles, form_factor, pp_cross_section
from na62dump.signal.flux import Grid
from na62dump.signal.models.dark_photon import DarkPhoton
from na62dump.signal.parents import source

ALPHA = 1 / 137
SHIPPED = conf.load(conf.shipped() / "config" / "signal" / "dark_photon_minimal.toml", DarkPhoton).bremsstrahlung
FIT = source().settings.proton_cross_section
PROTON = 938.272


def radiated(**changes: object) -> Bremsstrahlung:
    return Bremsstrahlung(SHIPPED.model_copy(update=changes), ALPHA, 400e3, cross_section=FIT)


NARROW = radiated(z_min=0.1, z_max=0.9, pt_max=1e3)


@pytest.mark.parametrize(
    ("mass", "wide", "narrow"),
    [
        (50, 1.268e-2, 7.77e-3),
        (100, 1.263e-2, 7.66e-3),
        (200, 1.233e-2, 7.08e-3),
        (300, 1.185e-2, 6.33e-3),
        (400, 1.131e-2, 5.60e-3),
        (500, 1.075e-2, 4.95e-3),
        (600, 1.022e-2, 4.37e-3),
    ],
)
def test_numbers_are_those_of_the_reference(mass: float, wide: float, narrow: float) -> None:
    assert radiated().number(mass) == pytest.approx(wide, rel=1e-3)
    assert NARROW.number(mass) == pytest.approx(narrow, rel=1e-3)


def in_closed_form(mass: float, z: np.ndarray, *, proton: float = PROTON, pt: float = 4e3) -> np.ndarray:
    """Splitting integrated over pT^2 by hand: int dx/H = ln(1 + x/A), and the same with H^2 and H^3."""
    least, x = (1 - z) * mass**2 + (z * proton) ** 2, pt**2
    one, two = np.log1p(x / least), x / (least * (x + least))
    three = x * (x + 2 * least) / (2 * least**2 * (x + least) ** 2)
    found = (1 + (1 - z) ** 2) / z * one - 2 * z * (1 - z) * (2 * proton**2 + mass**2) * two
    last = 2 * z**2 * proton**4 + (1 + (1 - z) ** 2) * (proton * mass) ** 2 + (1 - z) * mass**4
    found += 2 * z * (1 - z) * last * three
    s = 2 * PROTON * math.hypot(400e3, PROTON)
    left, all_ = (pp_cross_section(np.asarray(x * s + 2 * PROTON**2), fit=FIT) for x in (1 - z, 1.0))
    ratio = left / all_
    return np.asarray(ALPHA / (2 * math.pi) * found * ratio)


@pytest.mark.parametrize("mass", [1.1, 50, 600, 1900])
def test_the_number_is_the_integral_in_closed_form(mass: float) -> None:
    z = np.linspace(0.14, 0.86, 20001)
    assert radiated().number(mass) == pytest.approx(float(np.trapezoid(in_closed_form(mass, z), z)), rel=1e-6)


@pytest.mark.parametrize("mass", [50, 200, 400])
def test_the_proton_mass_is_not_that_of_the_dark_photon(mass: float) -> None:
    z = np.linspace(0.14, 0.86, 2001)
    mistaken = float(np.trapezoid(in_closed_form(mass, z, proton=mass), z))
    assert mistaken > 1.1 * radiated().number(mass)


def test_the_term_of_the_paper_makes_two_percent_less() -> None:
    paper = radiated(term="paper")
    for mass in (50, 300, 600):
        assert 0.975 < paper.number(mass) / radiated().number(mass) < 0.998


def test_the_quasi_real_number_is_the_formula_of_the_paper() -> None:
    found = radiated(method="quasi-real", z_min=0.1, z_max=0.9)
    z, pt2, mass, cut = 0.3, 250e3, 500.0, 1500.0
    h = pt2 + (1 - z) * mass**2 + (z * PROTON) ** 2
    off_shell = cut**4 / (cut**4 + (h / z) ** 2)
    w = (
        ALPHA
        / (2 * math.pi)
        * off_shell**2
        * z
        * (1 - (1 - z) * (2 * PROTON**2 + mass**2) / h + h / (2 * (z * mass) ** 2))
    )
    s = 2 * PROTON * math.hypot(400e3, PROTON)
    ratio = pp_cross_section(np.array([s * (1 - z), s]) + 2 * PROTON**2, fit=FIT)
    density = found.density(np.array([z]), np.array([pt2]), mass=mass)
    assert density[0] == pytest.approx(w / h * ratio[0] / ratio[1], rel=1e-5)


def test_the_cross_section_of_protons_is_the_fit_of_2010() -> None:
    """Written out in mb and GeV; 39.8 mb at 400 GeV/c."""
    s = np.geomspace(50, 1e6, 7)
    written = 35.45 + 0.308 * np.log(s / 28.94) ** 2 + 42.53 * s**-0.458 - 33.34 * s**-0.545
    millibarn = 1e-25
    assert pp_cross_section(s * 1e6, fit=FIT) / millibarn == pytest.approx(written, rel=1e-12)
    assert pp_cross_section(np.array([752.4e6]), fit=FIT)[0] / millibarn == pytest.approx(39.8, abs=0.1)


def test_quasi_real_protons_radiate_less_with_a_lower_cutoff() -> None:
    numbers = [radiated(method="quasi-real", cutoff=cutoff).number(500) for cutoff in (1e3, 1.5e3, 2e3)]
    assert numbers == sorted(numbers)
    assert 1e-4 < numbers[0] < numbers[2] < 1e-1


def test_the_form_factor_is_that_of_the_reference() -> None:
    for mass, expected in ((100, 1.02), (200, 1.10), (300, 1.25), (400, 1.52), (500, 2.03), (600, 3.14), (700, 6.7)):
        found = form_factor(mass, isovector=SHIPPED.isovector, isoscalar=SHIPPED.isoscalar)
        assert found == pytest.approx(expected, rel=6e-3), mass
        with_it = radiated(form_factor=True).number(mass)
        assert with_it == pytest.approx(found**2 * radiated().number(mass), rel=1e-12)
    assert form_factor(775, isovector=SHIPPED.isovector, isoscalar=SHIPPED.isoscalar) == pytest.approx(48, rel=0.02)


def test_the_form_factor_of_a_photon_is_the_charge() -> None:
    assert form_factor(0, isovector=SHIPPED.isovector, isoscalar=SHIPPED.isoscalar) == pytest.approx(1, abs=2e-3)
    pole = Poles.model_validate({"masses": ["1 GeV"], "widths": ["1 MeV"], "couplings": [0.5]})
    assert form_factor(1e3, isovector=pole, isoscalar=pole) == pytest.approx(1e3)


@pytest.mark.parametrize("method", ["Weizsaecker-Williams", "quasi-real"])
@pytest.mark.parametrize("mass", [60, 600])
def test_the_flux_integrates_the_density_of_the_number(method: str, mass: float) -> None:
    grid = Grid(np.geomspace(40e3, 400e3, 101), np.linspace(0, 0.1, 201))  # 0.1 rad at 56 GeV is above 4 GeV
    flux = radiated(method=method).flux(mass, grid=grid)
    assert flux.inside + flux.outside == pytest.approx(1, abs=1e-12)
    assert flux.inside == pytest.approx(1, abs=1e-3)


def test_the_flux_ends_with_the_range_of_z() -> None:
    grid = Grid(np.linspace(20e3, 400e3, 39), np.linspace(0, 0.015, 16))
    by_momentum = radiated().flux(300, grid=grid).weight.sum(axis=1)
    z = grid.momentum / 400e3
    assert np.all(by_momentum[(z[1:] < 0.14) | (z[:-1] > 0.86)] == 0)
    assert np.all(by_momentum[(z[:-1] > 0.14) & (z[1:] < 0.86)] > 0)


def test_the_mean_share_of_the_momentum_is_that_of_the_density() -> None:
    grid = Grid(np.geomspace(50e3, 400e3, 200), np.linspace(0, 0.1, 201))
    flux = radiated().flux(300, grid=grid)
    middle = (grid.momentum[1:] + grid.momentum[:-1]) / 2
    mean = float(flux.weight.sum(axis=1) @ middle) / 400e3
    z = np.linspace(0.14, 0.86, 2001)
    density = in_closed_form(300, z)
    assert mean == pytest.approx(float(np.sum(z * density) / np.sum(density)), rel=2e-3)


def test_the_flux_is_the_same_every_time() -> None:
    grid = Grid(np.geomspace(1e3, 400e3, 31), np.linspace(0, 0.015, 11))
    one, other = (radiated().flux(250, grid=grid) for _ in range(2))
    assert np.array_equal(one.weight, other.weight)


@given(mass=st.floats(1.1, 1900), factor=st.floats(1.01, 2))
def test_heavier_particles_are_radiated_less(mass: float, factor: float) -> None:
    assert 0 < radiated().number(factor * mass) < radiated().number(mass)


@given(z=st.floats(0.05, 0.95), pt=st.floats(0, 4e3), mass=st.floats(1.1, 2000))
@pytest.mark.parametrize("method", ["Weizsaecker-Williams", "quasi-real"])
def test_densities_are_positive(method: str, z: float, pt: float, mass: float) -> None:
    assert radiated(method=method).density(np.array([z]), np.array([pt**2]), mass=mass)[0] > 0


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.5), (0.5, 0.4), (0.1, 1.0)])
def test_a_range_of_z_that_is_none_is_refused(low: float, high: float) -> None:
    tables = conf.read_toml(conf.shipped() / "config" / "signal" / "dark_photon.toml")
    tables["bremsstrahlung"] |= {"z_min": low, "z_max": high}
    with pytest.raises(ConfigurationError, match=r"0 < z_min < z_max < 1"):
        conf.load_text(tables, DarkPhoton, where="dark_photon.toml")


def test_poles_of_which_one_number_is_missing_are_refused() -> None:
    tables = conf.read_toml(conf.shipped() / "config" / "signal" / "dark_photon.toml")
    tables["bremsstrahlung"]["isovector"]["couplings"].pop()
    with pytest.raises(ConfigurationError, match="as many"):
        conf.load_text(tables, DarkPhoton, where="dark_photon.toml")


def test_what_is_uncertain_of_the_form_factor_is_what_it_adds() -> None:
    made = radiated(form_factor=True)
    for mass in (100.0, 500.0, 775.0):
        with_it, without = made.number(mass), radiated(form_factor=False).number(mass)
        assert made.form_factor_share(mass) == pytest.approx(1 - without / with_it, rel=1e-6)
