"""Models of axion-like particles as shipped."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump import configuration as conf
from na62dump.signal.b_decays import b_decays, pseudoscalar_width
from na62dump.signal.models import alp
from na62dump.signal.parents import source
from na62dump.signal.primakoff import Target, primakoff
from na62dump.signal.standard import mass, standard

if TYPE_CHECKING:
    from collections.abc import Callable

    from na62dump.signal.model import Model

SOURCE, STANDARD = source(), standard()
BUILDERS: dict[str, tuple[Any, Callable[..., Model]]] = {
    "alp_fermion": (alp.AlpFermion, alp.alp_fermion),
    "alp_gluon": (alp.AlpGluon, alp.alp_gluon),
    "alp_photon": (alp.AlpPhoton, alp.alp_photon),
    "alp_w": (alp.AlpW, alp.alp_w),
}


def shipped(name: str, **changes: object) -> Model:
    settings, build = BUILDERS[name]
    found = conf.load(conf.find(f"signal/{name}"), settings).model_copy(update=changes)
    return build(found, name=name, standard=STANDARD, source=SOURCE)


MODELS = {name: shipped(name) for name in BUILDERS}


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("m", [15.0, 134.98, 250.0, 547.86, 957.78, 1500.0, 2900.0])
def test_branching_ratios_add_up(name: str, m: float) -> None:
    branching = MODELS[name].branching(m)
    assert math.fsum(branching.values()) == pytest.approx(1.0)
    assert all(value >= 0 for value in branching.values())
    assert 0 < sum(MODELS[name].final_states(m).values()) <= 1 + 1e-12


@pytest.mark.parametrize("name", BUILDERS)
@given(m=st.floats(12.0, 2990.0))
def test_every_mass_lives_and_is_made(name: str, m: float) -> None:
    model = MODELS[name]
    assert model.ctau(m, 1e-5) == pytest.approx(1e2 * model.ctau(m, 1e-4))
    numbers = [channel.number(m) for channel in model.channels if "B" in channel.name or "mixing" in channel.name]
    assert all(math.isfinite(number) and number >= 0 for number in numbers)


def test_the_channels_of_each() -> None:
    photons = ["photons of pi0", "photons of eta", "photons of the proton"]
    names = {name: [channel.name for channel in model.channels] for name, model in MODELS.items()}
    assert names["alp_fermion"] == ["B decay"]
    assert names["alp_gluon"] == ["pi0 mixing", "eta mixing", "etap mixing", "B decay", *photons]
    assert names["alp_photon"] == photons
    assert names["alp_w"] == ["B decay", *photons]
    assert all(model.coupling.unit == "1/GeV" for model in MODELS.values())
    assert {"beauty", "B form factors", "flavour change"} == set(MODELS["alp_w"].channel("B decay").uncertainties)


def test_photons_only_decay_into_photons() -> None:
    """c tau = 4 pi hbar c/(e^4 C^2 m^3): 236 mm at 50 MeV and 1e-4/GeV."""
    assert MODELS["alp_photon"].ctau(50.0, 1e-4) == pytest.approx(235.8, rel=1e-2)
    assert MODELS["alp_photon"].final_states(700.0) == {"gg": pytest.approx(1.0)}
    assert MODELS["alp_w"].width(300.0) == pytest.approx(MODELS["alp_photon"].width(300.0))


def test_muons_dominate_fermions_until_hadrons_do() -> None:
    model = MODELS["alp_fermion"]
    assert model.final_states(150.0)["ee"] > 0.95
    assert model.final_states(500.0)["mumu"] > 0.99
    assert model.final_states(1500.0)["mumu"] < 0.05
    muons = mass(13) ** 2 * math.sqrt(300.0**2 - 4 * mass(13) ** 2) / (2 * math.pi) * 1e-6
    assert model.width(300.0) == pytest.approx(muons, rel=1e-3)


def test_the_convention_with_a_half_makes_a_quarter_of_everything() -> None:
    half, full = shipped("alp_fermion", normalisation=0.5), MODELS["alp_fermion"]
    for m in (50.0, 400.0, 1800.0):
        assert half.width(m) == pytest.approx(full.width(m) / 4)
        assert half.channels[0].number(m) == pytest.approx(full.channels[0].number(m) / 4)


def test_b_decays_of_fermions() -> None:
    """Gamma(B+ -> K+ a) = (2 * 0.019 V_tb V_ts C/Lambda)^2 mB^3 f0^2/(64 pi) for a light particle (arXiv:2110.10698)."""
    kaon = b_decays().kaons[0]
    g = 2 * 0.019 * STANDARD.ckm.tb * STANDARD.ckm.ts * 1e-3
    width = g**2 * pseudoscalar_width(kaon, 10.0)
    simple = g**2 * mass(521) ** 3 / (64 * math.pi) * 0.33**2
    assert width == pytest.approx(simple, rel=0.03)


def test_production_of_w_and_photon_agree_but_for_b_mesons() -> None:
    for channel in MODELS["alp_photon"].channels:
        assert MODELS["alp_w"].channel(channel.name).number(200.0) == pytest.approx(channel.number(200.0))


def test_gluons_make_photons_with_the_induced_coupling() -> None:
    """The Primakoff effect and the decay into photons have one coupling: their ratio is that of the photon model."""
    gluon, photon = MODELS["alp_gluon"], MODELS["alp_photon"]
    ratio = gluon.modes[0].width(400.0) / photon.width(400.0)
    made = gluon.channel("photons of pi0").number(400.0) / photon.channel("photons of pi0").number(400.0)
    assert made == pytest.approx(ratio)


def test_photons_of_pi0_convert_with_the_cross_section_over_absorption() -> None:
    """The number is 2 * 5.07 * 0.988 photons times sigma/6 b of an energy between 1 and 10 GeV, where the photons are."""
    found = MODELS["alp_photon"].channel("photons of pi0").number(50.0)
    target = Target(29.0, 63.546, primakoff().nucleus, STANDARD.alpha)
    low, high = target.cross_section(50.0, np.array([1e3, 10e3])) * (0.3669e-3) ** 2 / 6e-22 * 2 * 5.07 * 0.98823
    assert low < found < high
