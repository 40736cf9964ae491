"""B mesons into a kaon and an exotic particle."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.signal.b_decays import PARENTS, BDecays, b_decay_channel, b_decays, pseudoscalar_width, scalar_width
from na62dump.signal.decays import two_body_decay
from na62dump.signal.parents import source as read_source
from na62dump.signal.standard import mass as mass_of
from na62dump.signal.standard import standard, width

if TYPE_CHECKING:
    from na62dump.signal.form_factors import Kaon
    from na62dump.signal.parents import Source

GEV = 1e3
B_PLUS, B_ZERO = 521, 511
QUARKS = standard().quarks
DECAYS = b_decays()
K, KSTAR = DECAYS.kaons[:2]
ALL = [pytest.param(kaon, id=kaon.name) for kaon in DECAYS.kaons]


@pytest.fixture(scope="module")
def source() -> Source:
    found = read_source()
    grid = found.settings.grid.model_copy(update={"points": 14})
    return type(found)(found.settings.model_copy(update={"grid": grid}), found.parents)


def unit(kaon: Kaon, mass: float, *, parent: int) -> float:
    return pseudoscalar_width(kaon, mass, parent=parent)


# Widths


def test_pseudoscalar_with_a_kaon_is_the_formula_of_alpinist() -> None:
    # g^2 (mB^2 - mK^2)^2 f0^2 sqrt(lambda) / (64 pi mB^3)
    b, k, m = mass_of(B_PLUS), mass_of(321), 1.5 * GEV
    lam = (b**2 - (k + m) ** 2) * (b**2 - (k - m) ** 2)
    f0 = 0.330 / (1 - (m / GEV) ** 2 / 37.46)
    expected = (b**2 - k**2) ** 2 * f0**2 * math.sqrt(lam) / (64 * math.pi * b**3)
    assert pseudoscalar_width(K, m) == pytest.approx(expected)


def test_pseudoscalar_with_an_excited_kaon_is_the_formula_of_alpinist() -> None:
    # g^2 lambda^(3/2) A0^2 / (64 pi mB^3)
    b, k, m = mass_of(B_PLUS), mass_of(323), 1.5 * GEV
    lam = (b**2 - (k + m) ** 2) * (b**2 - (k - m) ** 2)
    a0 = 1.364 / (1 - m**2 / b**2) - 0.990 / (1 - (m / GEV) ** 2 / 36.78)
    assert pseudoscalar_width(KSTAR, m) == pytest.approx(lam**1.5 * a0**2 / (64 * math.pi * b**3))


def test_scalar_and_pseudoscalar_differ_by_masses_of_quarks_alone() -> None:
    mass = 2 * GEV
    assert scalar_width(K, mass, quarks=QUARKS) * (QUARKS.b - QUARKS.s) ** 2 == pytest.approx(
        pseudoscalar_width(K, mass)
    )
    assert scalar_width(KSTAR, mass, quarks=QUARKS) * (QUARKS.b + QUARKS.s) ** 2 == pytest.approx(
        pseudoscalar_width(KSTAR, mass)
    )


@pytest.mark.parametrize("kaon", ALL)
@pytest.mark.parametrize("parent", [B_PLUS, B_ZERO])
def test_phase_space_closes_at_the_endpoint(kaon: Kaon, parent: int) -> None:
    end = mass_of(parent) - kaon.mass(parent)
    assert pseudoscalar_width(kaon, end, parent=parent) == 0.0
    assert pseudoscalar_width(kaon, end + 1.0, parent=parent) == 0.0
    assert pseudoscalar_width(kaon, end - 1.0, parent=parent) > 0.0
    middle = pseudoscalar_width(kaon, end - 1000.0, parent=parent)
    assert pseudoscalar_width(kaon, end - 0.01, parent=parent) < 0.01 * middle


@pytest.mark.parametrize("kaon", ALL)
@given(share=st.floats(0.0, 1.5))
def test_widths_are_finite_and_never_negative(kaon: Kaon, share: float) -> None:
    found = pseudoscalar_width(kaon, share * (mass_of(B_PLUS) - kaon.mass(B_PLUS)))
    assert math.isfinite(found)
    assert found >= 0.0


# Channel


def test_number_is_the_sum_of_mesons_times_branching_ratios(source: Source) -> None:
    channel = b_decay_channel(DECAYS, source, partial=unit)
    mass = 1.2 * GEV
    parts = [
        source.parent(name).number * unit(kaon, mass, parent=pdg) / width(pdg)
        for name, pdg in zip(PARENTS, (B_PLUS, B_ZERO), strict=True)
        for kaon in DECAYS.kaons
    ]
    assert channel.number(mass) == pytest.approx(math.fsum(parts))
    assert (channel.name, channel.mechanism) == ("B decay", "B decay")
    assert dict(channel.uncertainties) == {
        "beauty": source.parent("B").uncertainty,
        "B form factors": DECAYS.uncertainty,
    }


def test_channel_ends_with_the_lightest_kaon(source: Source) -> None:
    channel = b_decay_channel(DECAYS, source, partial=unit)
    end = mass_of(B_PLUS) - mass_of(321)
    assert channel.mass_max == pytest.approx(end)
    assert channel.number(end - 0.1) > 0.0
    assert channel.number(end) == 0.0


def test_branching_ratios_of_charged_and_neutral_mesons_are_as_their_lifetimes() -> None:
    ratio = unit(K, GEV, parent=B_PLUS) / width(B_PLUS) * width(B_ZERO) / unit(K, GEV, parent=B_ZERO)
    assert ratio == pytest.approx(width(B_ZERO) / width(B_PLUS), rel=2e-3)
    assert ratio == pytest.approx(1.078, abs=0.01)


@pytest.mark.parametrize("mass", [1.0, 300.0, 3000.0, 4700.0])
def test_flux_is_normalised(source: Source, mass: float) -> None:
    flux = b_decay_channel(DECAYS, source, partial=unit).flux(mass)
    assert flux.inside + flux.outside == pytest.approx(1.0)
    assert flux.inside > 0.0


def test_flux_of_one_kaon_is_that_of_its_two_body_decays(source: Source) -> None:
    alone = BDecays(uncertainty=0.0, kaons=(K,))
    mass, found = 2 * GEV, b_decay_channel(alone, source, partial=unit)
    grid, power = source.settings.cells(), source.settings.grid.points
    parts = [
        two_body_decay(parent, mass, other=K.mass(parent.pdg), grid=grid, power=power).times(
            parent.number * unit(K, mass, parent=parent.pdg) / width(parent.pdg)
        )
        for parent in map(source.parent, PARENTS)
    ]
    expected = (parts[0] + parts[1]).normalised()
    np.testing.assert_allclose(found.flux(mass).weight, expected.weight, rtol=1e-12, atol=1e-15)


def test_flux_of_all_kaons_is_the_mixture_of_their_decays(source: Source) -> None:
    mass = 3 * GEV
    total = b_decay_channel(DECAYS, source, partial=unit)
    parts = [b_decay_channel(BDecays(uncertainty=0.0, kaons=(kaon,)), source, partial=unit) for kaon in DECAYS.kaons]
    inside = math.fsum(part.number(mass) * part.flux(mass).inside for part in parts if part.number(mass) > 0)
    assert total.flux(mass).inside == pytest.approx(inside / total.number(mass), rel=0.02)


def test_flux_of_scalars_takes_their_own_shares(source: Source) -> None:
    scalar = b_decay_channel(DECAYS, source, partial=partial(scalar_width, quarks=QUARKS))
    assert scalar.number(GEV) < b_decay_channel(DECAYS, source, partial=unit).number(GEV)
    assert scalar.flux(GEV).normalised().inside == pytest.approx(scalar.flux(GEV).inside)
