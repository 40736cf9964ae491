from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import constants

from na62dump import configuration as conf
from na62dump.background.backward import Muons, forward
from na62dump.background.exposure import Crossing, UnfoldingSettings, crossings, exposed, measured
from na62dump.errors import ConfigurationError
from tests.background.muon_world import SOURCE, block, halo, shipped
from tests.simulation.sim_world import usual

UNFOLDING: dict[str, Any] = {
    "iterations": 10,
    "momentum": ["12 GeV/c", "20 GeV/c", "32 GeV/c", "50 GeV/c"],
    "pointing": ["1 m", "2 m", "3 m", "5 m", "10 m"],
    "mismatch": 0.2,
}
FAST = 10e3
"""Slower muons at the first slab may stop before they are measured, MeV/c."""


def settings(**changes: object) -> UnfoldingSettings:
    return conf.load_text(UNFOLDING | changes, UnfoldingSettings, where="unfolding")


@cache
def halo_and_measured() -> tuple[Muons, Muons]:
    rng = np.random.default_rng(3)
    upstream = halo(20_000, rng)
    upstream = upstream._replace(p=upstream.p + FAST)
    there = forward(upstream, 180e3, material=shipped(), rng=rng)
    return upstream, there._replace(p=measured(there.p, usual(), rng=rng))


@cache
def crossed(iterations: int) -> dict[str, Crossing]:
    _, muons = halo_and_measured()
    rng = np.random.default_rng(4)
    unfolding = settings(iterations=iterations)
    found = crossings(muons, material=shipped(), settings=unfolding, detector=usual(), dump=SOURCE, rng=rng)
    return {crossing.slab.name: crossing for crossing in found}


@cache
def truly_crossing(name: str) -> Muons:
    slab = next(slab for slab in shipped().slab if slab.name == name)
    there = forward(halo_and_measured()[0], slab.middle, material=shipped(), rng=np.random.default_rng(5))
    return there.where(slab.hit(there.x, there.y))


SLABS = [slab.name for slab in shipped().slab]


@pytest.mark.parametrize("name", SLABS)
def test_as_many_muons_as_truly_crossed(name: str) -> None:
    number = len(truly_crossing(name).p)
    assert crossed(10)[name].muons.weight.sum() == pytest.approx(number, rel=0.08)


def test_unfolding_brings_numbers_and_directions_nearer_to_the_truth() -> None:
    def away(iterations: int, name: str) -> tuple[float, float]:
        muons, truth = crossed(iterations)[name].muons, truly_crossing(name)
        spread = np.sqrt(np.average(muons.dxdz**2, weights=muons.weight)) / truth.dxdz.std()
        return abs(muons.weight.sum() / len(truth.p) - 1), abs(spread - 1)

    for name in ("collimator", "LAV1", "LAV3"):
        before, after = away(0, name), away(10, name)
        assert after[0] < before[0] / 2
        assert after[1] < before[1] / 1.5


def test_a_wrong_response_moves_the_number_by_what_is_quoted() -> None:
    for name in ("collimator", "LAV1"):
        nominal, varied = crossed(10)[name].muons.weight.sum(), crossed(10)[name].varied.sum()
        assert 0.005 < varied / nominal - 1 < 0.08
        # without unfolding there is nothing to go wrong
        assert crossed(0)[name].varied == pytest.approx(crossed(0)[name].muons.weight)


def one_slab(thickness: str) -> list[Crossing]:
    muons = forward(halo(500, np.random.default_rng(1)), 170e3, material=block("0.1 mm"))
    muons = muons._replace(dxdz=muons.dxdz * 0, dydz=muons.dydz * 0)
    rng = np.random.default_rng(1)
    return crossings(
        muons, material=block(thickness), settings=settings(iterations=0), detector=usual(), dump=SOURCE, rng=rng
    )


def test_interactions_are_density_times_length_times_cross_section() -> None:
    # 1 ub on each nucleon of 10 cm of iron: 7.874 g/cm3 * N_A nucleons/g * 10 cm * 1e-30 cm2
    each = 7.874 * constants.N_A * 10 * 1e-30
    slabs = one_slab("10 cm")
    found = exposed(slabs, cross_section=1e-28, target="nucleon", depth="thickness")
    assert found is not None
    assert found.expected.sum() == pytest.approx(500 * each, rel=1e-3)
    for target, factor in (("nucleus", 1 / 55.845), ("charge squared", 26**2 / 55.845)):
        other = exposed(slabs, cross_section=1e-28, target=target, depth="thickness")  # type: ignore[arg-type]
        assert other is not None
        assert other.expected == pytest.approx(factor * found.expected)


def test_only_the_end_of_a_slab_counts_for_what_does_not_get_through() -> None:
    slabs = one_slab("1 m")
    of_all, of_end = (
        exposed(slabs, cross_section=1e-28, target="nucleon", depth=depth)
        for depth in ("thickness", "interaction length")
    )
    assert of_all is not None
    assert of_end is not None
    assert of_end.expected == pytest.approx(0.1677 * of_all.expected)
    rows = of_end.muons.rows
    assert rows["z"] + rows["length"] / 2 == pytest.approx(101e3)
    assert rows["length"] == pytest.approx(167.7)
    assert exposed(slabs, cross_section=0.0, target="nucleon", depth="thickness") is None
    assert exposed([], cross_section=1.0, target="nucleon", depth="thickness") is None


@pytest.mark.parametrize("key", ["momentum", "pointing"])
def test_edges_must_rise(key: str) -> None:
    unit = {"momentum": "GeV/c", "pointing": "m"}[key]
    for edges in ([], [f"2 {unit}", f"1 {unit}"], [f"1 {unit}", f"1 {unit}"]):
        with pytest.raises(ConfigurationError, match=f"{key} must be one edge or more"):
            settings(**{key: edges})
