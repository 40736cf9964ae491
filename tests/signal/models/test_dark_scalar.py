"""Dark scalar: anchors computed with the public code ALPINIST, sums, thresholds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from na62dump import configuration as conf
from na62dump.signal.b_decays import b_decays, scalar_width
from na62dump.signal.curves import curves
from na62dump.signal.models.dark_scalar import (
    DarkScalar,
    dark_scalar,
    fermion_width,
    flavour_change,
    loop,
    matrix_element,
    velocity,
)
from na62dump.signal.parents import source
from na62dump.signal.standard import mass as mass_of
from na62dump.signal.standard import standard, width

if TYPE_CHECKING:
    from collections.abc import Callable

    from na62dump.signal.standard import Standard

GEV = 1e3
STANDARD = standard()
ANCHORED = STANDARD.model_copy(
    update={"quarks": STANDARD.quarks.model_copy(update={"b": 4180.0, "s": 93.0, "c": 1275.0, "t": 173.0e3})}
)
"""With the masses of quarks that the anchors were computed with."""

SETTINGS = conf.load(conf.find("signal/dark_scalar"), DarkScalar)
MODEL = dark_scalar(SETTINGS, name="dark_scalar", standard=STANDARD, source=source())
WIDTHS: dict[str, Callable[[float], float]] = {mode.name: mode.width for mode in MODEL.modes}
HADRONS = ["pi+ pi-", "pi0 pi0", "K+ K-", "K0 K0bar", "pi+ pi- 2pi0", "2pi+ 2pi-"]
PARTONS = ["s sbar", "c cbar", "gluons"]
MASSES = st.floats(MODEL.mass_min * 1.001, MODEL.mass_max)


def ratios(mass: float, *, with_: Standard) -> dict[str, float]:
    """Branching ratios of B+ at theta = 1."""
    change = flavour_change(with_) ** 2
    return {k.name: change * scalar_width(k, mass, quarks=with_.quarks) / width(521) for k in b_decays().kaons}


# Production


@pytest.mark.parametrize(("used", "tolerance"), [(ANCHORED, 0.005), (STANDARD, 0.015)], ids=["anchored", "shipped"])
@pytest.mark.parametrize(("mass", "total"), [(300.0, 3.58), (500.0, 3.58), (1000.0, 3.55), (3000.0, 2.82)])
def test_branching_ratio_of_all_kaons_is_the_anchor(
    used: Standard, tolerance: float, mass: float, total: float
) -> None:
    # the shipped mass of the top quark, 172.57 GeV instead of 173, makes 1% less: its fourth power
    assert math.fsum(ratios(mass, with_=used).values()) == pytest.approx(total, rel=tolerance)


@pytest.mark.parametrize("mass", [300.0, 500.0])
def test_branching_ratios_of_kaons_are_the_anchors(mass: float) -> None:
    found = ratios(mass, with_=ANCHORED)
    assert found["K"] == pytest.approx(0.464, rel=0.005)
    assert found["K*(892)"] == pytest.approx(0.512, rel=0.005)


def test_top_quark_dominates_the_penguin() -> None:
    quarks = STANDARD.quarks
    light = STANDARD.model_copy(update={"quarks": quarks.model_copy(update={"t": 0.0})})
    assert flavour_change(light) / flavour_change(STANDARD) < 1e-4


def test_all_come_from_b_decays() -> None:
    assert [channel.name for channel in MODEL.channels] == ["B decay"]
    channel = MODEL.channel("B decay")
    assert set(channel.uncertainties) == {"beauty", "B form factors"}
    charged, neutral = source().parent("B"), source().parent("B0")
    both = charged.number + neutral.number * width(521) / width(511)
    expected = math.fsum(ratios(GEV, with_=STANDARD).values()) * both
    assert channel.number(GEV) == pytest.approx(expected, rel=0.01)


def test_whole_range_is_made_and_decays() -> None:
    assert MODEL.mass_max < MODEL.channel("B decay").mass_max
    assert MODEL.width(MODEL.mass_min * 1.0001) > 0


# Widths


@pytest.mark.parametrize(("mass", "gev"), [(300.0, 7.86e-10), (500.0, 2.73e-9)])
def test_width_into_muons_is_the_anchor(mass: float, gev: float) -> None:
    assert WIDTHS["mu+ mu-"](mass) / GEV == pytest.approx(gev, rel=0.002)


@pytest.mark.parametrize(
    ("mass", "pions", "kaons"),  # GeV at theta = 1, from the points of ALPINIST
    [(300.0, 3.009e-9, 0.0), (500.0, 2.268e-8, 0.0), (980.0, 7.452e-7, 0.0), (1500.0, 3.143e-9, 8.325e-8)],
)
def test_widths_into_mesons_are_those_of_the_points(mass: float, pions: float, kaons: float) -> None:
    assert 1.5 * WIDTHS["pi+ pi-"](mass) / GEV == pytest.approx(pions, rel=0.01)
    assert 2 * WIDTHS["K+ K-"](mass) / GEV == pytest.approx(kaons, rel=0.01)


def test_form_factors_begin_at_those_of_chiral_symmetry() -> None:
    # arXiv:1809.01876, lowest order: gamma = mpi^2/2 for kaons and mpi^2 for pions, theta close to 2 mpi^2 + m^2
    table = curves("scalar_pions")
    pion, mass = mass_of(211) / GEV, 0.27
    assert table["gamma"](270.0) == pytest.approx(pion**2, rel=0.5)
    assert table["theta"](270.0) == pytest.approx(2 * pion**2 + mass**2, rel=0.4)
    assert abs(matrix_element(table, 270.0)) < 0.1


@pytest.mark.parametrize(
    ("name", "threshold"),
    [
        ("e+ e-", 2 * mass_of(11)),
        ("mu+ mu-", 2 * mass_of(13)),
        ("tau+ tau-", 2 * mass_of(15)),
        ("pi+ pi-", 2 * mass_of(211)),
        ("pi0 pi0", 2 * mass_of(111)),
        ("K+ K-", 2 * mass_of(321)),
        ("K0 K0bar", 2 * mass_of(311)),
        ("pi+ pi- 2pi0", 4 * mass_of(211)),
        ("2pi+ 2pi-", 4 * mass_of(211)),
        ("s sbar", 2 * GEV),
        ("c cbar", 2 * mass_of(411)),
        ("gluons", 2 * GEV),
    ],
)
def test_modes_open_at_their_thresholds(name: str, threshold: float) -> None:
    assert WIDTHS[name](threshold - 0.01) == 0.0
    assert WIDTHS[name](threshold * 1.001) > 0.0


def test_charges_share_as_isospin_0() -> None:
    assert WIDTHS["pi+ pi-"](600.0) / WIDTHS["pi0 pi0"](600.0) == pytest.approx(2, rel=0.02)
    assert WIDTHS["K+ K-"](1500.0) / WIDTHS["K0 K0bar"](1500.0) == pytest.approx(1, rel=0.02)
    assert WIDTHS["pi+ pi- 2pi0"](1500.0) / WIDTHS["2pi+ 2pi-"](1500.0) == pytest.approx(2)


def test_width_is_continuous_where_quarks_take_over() -> None:
    # 1809.01876 chooses the strength of four pions so; a gluon width divided by 1.6^2, as in a public code, misses it by 37%
    assert MODEL.width(1999.999) == pytest.approx(MODEL.width(2000.001), rel=0.03)


@given(mass=MASSES)
def test_hadrons_are_never_counted_twice(mass: float) -> None:
    hadrons, partons = (math.fsum(WIDTHS[name](mass) for name in names) for names in (HADRONS, PARTONS))
    assert hadrons == 0.0 or partons == 0.0


@given(mass=MASSES)
def test_parts_make_the_whole(mass: float) -> None:
    found = MODEL.branching(mass)
    assert all(value >= 0 for value in found.values())
    assert math.fsum(found.values()) == pytest.approx(1.0)
    assert math.fsum(MODEL.final_states(mass).values()) <= 1.0 + 1e-12


@given(mass=MASSES, coupling=st.floats(1e-6, 1e-1))
def test_lifetime_falls_with_the_square_of_the_coupling(mass: float, coupling: float) -> None:
    assert MODEL.ctau(mass, coupling) * coupling**2 == pytest.approx(MODEL.ctau(mass, 1.0))


def test_final_states_are_those_of_the_searches() -> None:
    found = MODEL.final_states(1500.0)
    assert set(found) == {"ee", "mumu", "pipi", "kk", "pipi2pi0"}
    assert found["pipi2pi0"] == pytest.approx(MODEL.branching(1500.0)["pi+ pi- 2pi0"] * 0.98823**2)


# Parts


@given(mass=MASSES, fermion=st.floats(0.1, 2000.0))
def test_fermions_grow_as_the_square_of_their_mass(mass: float, fermion: float) -> None:
    free = fermion_width(mass, fermion=fermion, vacuum=GEV, threshold=1e-9)
    assert fermion_width(mass, fermion=2 * fermion, vacuum=GEV, threshold=1e-9) == pytest.approx(4 * free)
    assert fermion_width(mass, fermion=fermion, vacuum=GEV) <= free


@given(mass=MASSES, daughter=st.floats(0.0, 3000.0))
def test_velocity_is_one_of_a_particle(mass: float, daughter: float) -> None:
    assert 0.0 <= velocity(mass, daughter) <= 1.0


def test_loop_is_that_of_a_heavy_or_of_a_light_quark() -> None:
    assert loop(1.0, 1e3) == pytest.approx(2 / 3, rel=1e-5)
    assert abs(loop(3000.0, 2.0)) < 1e-4
    assert abs(loop(3000.0, 1499.999) - loop(3000.0, 1500.001)) < 0.01


@pytest.mark.parametrize(("energy", "alpha"), [(2000.0, 0.301), (4180.0, 0.2245), (4700.0, 0.217)])
def test_strong_coupling_is_the_measured_one(energy: float, alpha: float) -> None:
    assert SETTINGS.strong.alpha(energy) == pytest.approx(alpha, rel=0.02)


@given(low=st.floats(1500.0, 5000.0), factor=st.floats(1.01, 3.0))
def test_strong_coupling_falls_with_energy(low: float, factor: float) -> None:
    assert SETTINGS.strong.alpha(low * factor) < SETTINGS.strong.alpha(low)


def test_other_kinds_are_refused() -> None:
    text = SETTINGS.model_dump() | {"kind": "dark photon"}
    with pytest.raises(ValidationError, match="dark scalar"):
        DarkScalar.model_validate(text)
