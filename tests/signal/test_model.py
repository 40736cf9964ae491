from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump import configuration as conf
from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.signal.flux import Flux, Grid
from na62dump.signal.model import Channel, Coupling, CouplingRange, Mode, Model
from na62dump.signal.standard import HBARC

if TYPE_CHECKING:
    from collections.abc import Callable

COUPLING = Coupling("g", "$g$", "1/GeV", low=1e-8, high=1e-3, production_power=2, width_power=2)
FLUX = Flux(Grid(np.array([1.0, 2.0]), np.array([0.0, 1.0])), np.ones((1, 1)))


def constant(width: float) -> Callable[[float], float]:
    return lambda _: width


def model(*modes: Mode, width_power: int = 2) -> Model:
    coupling = Coupling("g", "$g$", "1/GeV", low=1e-8, high=1e-3, width_power=width_power)
    channels = tuple(
        Channel(name, "meson decay", 100.0, 500.0, number=lambda mass: 1e-3 * mass, flux=lambda _: FLUX)
        for name in ("eta decay", "omega decay")
    )
    return Model("toy", "a toy", 9900000, coupling, channels, modes, mass_min=100.0, mass_max=500.0)


MUMU = Mode("mu mu", lambda mass: 2.0 if mass > 211 else 0.0, "mumu")
ONE = Mode("pi pi eta", lambda _: 1.0, "pipieta", seen=0.4)
OTHER = Mode("pi pi eta, by another way", lambda _: 4.0, "pipieta", seen=0.5)
DARK = Mode("chi chi", lambda _: 3.0)


def test_the_total_width_is_the_sum_of_its_parts() -> None:
    toy = model(MUMU, ONE, OTHER, DARK)
    assert toy.width(300) == 10.0
    assert toy.width(150) == 8.0
    assert toy.branching(300) == {
        "mu mu": 0.2,
        "pi pi eta": 0.1,
        "pi pi eta, by another way": 0.4,
        "chi chi": 0.3,
    }


def test_final_states_add_up_what_is_seen_of_their_modes() -> None:
    toy = model(MUMU, ONE, OTHER, DARK)
    assert toy.final_states(300) == pytest.approx({"mumu": 0.2, "pipieta": 0.1 * 0.4 + 0.4 * 0.5})
    assert list(toy.final_states(150)) == ["pipieta"]


@given(
    widths=st.lists(st.floats(min_value=0, max_value=1e6, allow_subnormal=False), min_size=1, max_size=6).filter(
        lambda widths: sum(widths) > 1e-6
    )
)
def test_branching_ratios_add_up_to_one(widths: list[float]) -> None:
    toy = model(*(Mode(str(i), constant(width)) for i, width in enumerate(widths)))
    assert math.fsum(toy.branching(300).values()) == pytest.approx(1.0)


@pytest.mark.parametrize("power", [-1, 0, 2, 4])
def test_the_decay_length_follows_the_coupling_to_its_power(power: int) -> None:
    toy = model(MUMU, width_power=power)
    assert toy.ctau(300, 1.0) == HBARC / 2.0
    assert toy.ctau(300, 10.0) == pytest.approx(HBARC / 2.0 / 10.0**power)


def test_what_cannot_decay_flies_for_ever() -> None:
    assert model(MUMU).ctau(150, 1.0) == math.inf
    with pytest.raises(
        ConfigurationError, match="toy: a particle of 150 MeV decays into nothing; masses from 100 MeV do"
    ):
        model(MUMU).branching(150)


def test_channels_are_found_by_their_names() -> None:
    toy = model(MUMU)
    assert toy.channel("eta decay") is toy.channels[0]
    with pytest.raises(UnknownNameError, match="toy has no production channel 'eta decy'; did you mean 'eta decay'"):
        toy.channel("eta decy")


@pytest.mark.parametrize(("mass", "makes"), [(99.0, False), (101.0, True), (499.0, True), (501.0, False)])
def test_a_channel_makes_what_is_within_its_masses(mass: float, makes: bool) -> None:  # noqa: FBT001
    assert model(MUMU).channels[0].makes(mass) is makes


def test_powers_are_two_unless_said_otherwise() -> None:
    assert Coupling("g", "$g$", "1", low=0.1, high=1.0) == Coupling("g", "$g$", "1", 0.1, 1.0, 2, 2)
    assert COUPLING.production_power == COUPLING.width_power == 2


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.0, 1e-3, "greater than 0"), (1e-3, 1e-3, "must be below"), (1e-3, 1e-8, "must be below")],
)
def test_a_range_of_couplings_that_is_none_is_refused(low: float, high: float, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        conf.load_text({"low": low, "high": high}, CouplingRange, where="model.toml")
