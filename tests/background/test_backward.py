from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.background.backward import Muons, backward, forward, mass
from tests.background.muon_world import beam, block, halo, shipped

NO_MATERIAL = shipped().model_copy(update={"slab": ()})


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_there_and_back_on_a_straight_line() -> None:
    muons = halo(1000, rng())
    there = forward(muons, 180e3, material=NO_MATERIAL, rng=rng())
    assert there.x == pytest.approx(muons.x + 100e3 * muons.dxdz)
    back = backward(there, 80e3, material=NO_MATERIAL, rng=rng())
    for name in Muons._fields:
        assert getattr(back, name) == pytest.approx(getattr(muons, name), abs=1e-9)


@given(st.integers(0, 2**32), st.floats(85e3, 180e3))
def test_what_is_lost_is_gained_back(seed: int, z: float) -> None:
    muons = halo(50, rng(seed))
    muons = muons._replace(p=muons.p + 10e3)
    there = forward(muons, z, material=shipped())
    back = backward(there, 80e3, material=shipped())
    assert np.all(there.p <= muons.p)
    for name in Muons._fields:
        assert getattr(back, name) == pytest.approx(getattr(muons, name), rel=1e-9, abs=1e-6)


def test_only_what_is_crossed_counts() -> None:
    metre, two = block("1 m"), block("2 m")
    half = forward(beam(3e4, 1), 101e3, material=two)
    assert half.p == pytest.approx(forward(beam(3e4, 1), 150e3, material=metre).p)
    assert forward(half, 150e3, material=two).p == pytest.approx(forward(beam(3e4, 1), 150e3, material=two).p)
    missed = beam(3e4, 1)._replace(x=np.array([601.0]))
    assert forward(missed, 97e3, material=shipped()).p == pytest.approx([3e4])
    assert forward(missed._replace(x=np.array([599.0])), 97e3, material=shipped()).p < 2.9e4


@pytest.mark.parametrize("way", ["forward", "backward"])
def test_scattering_is_as_wide_as_highland_says(way: str) -> None:
    metre, n = block("1 m"), 40_000
    if way == "forward":
        out = forward(beam(3e4, n), 101e3, material=metre, rng=rng())
    else:
        out = backward(beam(3e4, n, z=110e3), 100e3, material=metre, rng=rng())
    between = np.sqrt(3e4 * np.median(out.p))
    theta = metre.substance["iron"].angle(np.array([between]), np.array([1e3]))[0]
    for slope, at in ((out.dxdz, out.x), (out.dydz, out.y)):
        assert slope.std() == pytest.approx(theta, rel=0.02)
        assert at.std() == pytest.approx(theta * 1e3 / np.sqrt(3), rel=0.02)
        # in the direction of travel displacement and angle go together
        assert np.corrcoef(slope, at)[0, 1] * (1 if way == "forward" else -1) == pytest.approx(np.sqrt(3) / 2, abs=0.01)


def test_straggling_spreads_the_energy_about_its_mean() -> None:
    metre = block("1 m")
    mean = forward(beam(3e4, 1), 110e3, material=metre).p[0]
    drawn = forward(beam(3e4, 40_000), 110e3, material=metre, rng=rng()).p
    width = np.pi / np.sqrt(2) * 56.3  # of Moyal's distribution
    assert drawn.mean() == pytest.approx(mean, abs=4 * width / np.sqrt(4e4))
    assert drawn.std() == pytest.approx(width, rel=0.03)
    wider = forward(beam(3e4, 40_000), 110e3, material=metre, rng=rng(), spread=1.2).p
    assert wider - mean == pytest.approx(1.2 * (drawn - mean), rel=1e-3, abs=1e-3 * width)


def test_slow_muons_stop_and_stand_for_nothing() -> None:
    muons = beam(1e3, 10)
    stopped = forward(muons, 180e3, material=block("1 m"), rng=rng())
    assert not stopped.p.any()
    assert not stopped.weight.any()
    assert np.isfinite(np.concatenate([stopped.x, stopped.dxdz])).all()
    assert mass() == pytest.approx(105.658, abs=1e-3)


def test_the_order_of_muons_can_be_taken_out() -> None:
    muons = halo(100, rng())
    mixed = muons.where(rng().permutation(100))
    for one, other in zip(muons.in_order()[1:], mixed.in_order()[1:], strict=True):
        assert one.tobytes() == other.tobytes()
