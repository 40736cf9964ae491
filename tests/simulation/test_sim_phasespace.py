from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from na62dump.simulation import draws
from na62dump.simulation.phasespace import most, n_body, released, two_body

if TYPE_CHECKING:
    from numpy.typing import NDArray

MASSES = st.lists(st.sampled_from([0.0, 0.511, 105.7, 134.98, 139.57, 493.7, 547.9]), min_size=2, max_size=4)


def decayed(
    mass: float, masses: NDArray[np.float64], n: int, *, parent: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> NDArray[np.float64]:
    """Four-momenta (E, px, py, pz) of n decays, float64[decay, daughter, 4], MeV."""
    out = np.empty((n, len(masses), 4))
    momenta = np.empty((len(masses), 3))
    state = np.empty(1, dtype=np.uint64)
    for i in range(n):
        draws.start(state, np.uint64(i), 0)
        n_body(mass, np.array(parent), masses, momenta, state)
        out[i, :, 1:] = momenta
    out[:, :, 0] = np.sqrt((out[:, :, 1:] ** 2).sum(axis=-1) + masses**2)
    return out


@settings(max_examples=60)
@given(
    masses=MASSES,
    free=st.floats(5.0, 3000.0),
    parent=st.tuples(*[st.floats(-1e4, 1e4)] * 2, st.floats(1e3, 3e5)),
)
def test_momentum_and_energy_are_conserved(
    masses: list[float], free: float, parent: tuple[float, float, float]
) -> None:
    m = np.array(masses)
    mass = float(m.sum()) + free
    total = decayed(mass, m, 1, parent=parent)[0].sum(axis=0)
    assert total[1:] == pytest.approx(np.array(parent), rel=1e-9, abs=1e-5)
    assert total[0] == pytest.approx(np.sqrt(mass**2 + np.sum(np.square(parent))), rel=1e-9)


def test_a_decay_at_rest_is_isotropic() -> None:
    first, second = np.empty(3), np.empty(3)
    state = np.empty(1, dtype=np.uint64)
    cosines = np.empty((20_000, 3))
    for i in range(len(cosines)):
        draws.start(state, np.uint64(i), 0)
        two_body(400.0, np.zeros(3), 105.66, 105.66, first, second, state)
        cosines[i] = first / np.linalg.norm(first)
    assert np.abs(cosines.mean(axis=0)).max() < 4 / np.sqrt(3 * len(cosines))
    assert np.cov(cosines.T) == pytest.approx(np.eye(3) / 3, abs=0.01)


@pytest.mark.parametrize("masses", [(139.57, 139.57, 134.98), (139.57, 139.57, 547.9), (0.511, 0.511, 0.0)])
def test_the_dalitz_plot_of_three_bodies_is_flat(masses: tuple[float, float, float]) -> None:
    # dGamma ~ dE_1 dE_2: flat in the energies of the first two, within the limits that kinematics sets.
    mass, m = 1000.0, np.array(masses)
    energies = decayed(mass, m, 40_000)[:, :, 0]
    e_1, e_2 = energies[:, 0], energies[:, 1]
    edges_1, edges_2 = (np.linspace(x.min(), x.max(), 11) for x in (e_1, e_2))
    counts = np.histogram2d(e_1, e_2, bins=[edges_1, edges_2])[0]
    fine_1, fine_2 = (np.linspace(e[0], e[-1], 1001)[:-1] + (e[-1] - e[0]) / 2000 for e in (edges_1, edges_2))
    one, two = np.meshgrid(fine_1, fine_2, indexing="ij")
    p_1, p_2 = np.sqrt(one**2 - m[0] ** 2), np.sqrt(two**2 - m[1] ** 2)
    p_3 = np.sqrt(np.maximum((mass - one - two) ** 2 - m[2] ** 2, -1.0) + 0j)
    inside = (p_3.imag == 0) & (np.abs(p_1 - p_2) <= p_3.real) & (p_3.real <= p_1 + p_2) & (one + two + m[2] <= mass)
    area = inside.reshape(10, 100, 10, 100).sum(axis=(1, 3))
    full = area == 10_000
    expected = len(e_1) * area / area.sum()
    chi2 = np.sum((counts - expected)[full] ** 2 / expected[full])
    assert full.sum() >= 15
    assert chi2 < full.sum() + 4 * np.sqrt(2 * full.sum())


def test_masses_of_subsystems_of_four_bodies_follow_their_phase_space() -> None:
    # dGamma/dm12 dm34 ~ p(M; m12, m34) p(m12; m1, m2) p(m34; m3, m4).
    mass, m = 1200.0, 139.57
    p = decayed(mass, np.full(4, m), 40_000)
    pair = p[:, 0] + p[:, 1]
    found = np.sqrt(pair[:, 0] ** 2 - (pair[:, 1:] ** 2).sum(axis=-1))
    grid = np.linspace(2 * m, mass - 2 * m, 401)
    middle = (grid[1:] + grid[:-1]) / 2
    density = [
        sum(released(mass, a, b) * released(a, m, m) * released(b, m, m) for b in middle if a + b < mass)
        for a in middle
    ]
    expected = np.array(density).reshape(20, 20).sum(axis=1)
    expected *= len(found) / expected.sum()
    counts = np.histogram(found, bins=grid[::20])[0]
    used = expected > 20
    assert np.sum((counts - expected)[used] ** 2 / expected[used]) < used.sum() + 4 * np.sqrt(2 * used.sum())


@given(masses=MASSES.filter(lambda m: len(m) > 2), free=st.floats(5.0, 3000.0), key=st.integers(0, 2**63))
def test_no_weight_is_above_the_bound(masses: list[float], free: float, key: int) -> None:
    m = np.array(masses)
    mass = float(m.sum()) + free
    shares = np.sort(np.random.default_rng(key).random(len(m) - 2))
    systems = [masses[0], *(m[: k + 2].sum() + free * share for k, share in enumerate(shares)), mass]
    weight = np.prod([released(systems[k], systems[k - 1], masses[k]) for k in range(1, len(m))])
    assert weight <= most(mass, m) * (1 + 1e-9)
