from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from na62dump.signal import decays, parents
from na62dump.signal.flux import Grid, counted
from na62dump.signal.kinematics import momentum
from na62dump.signal.spectra import Spectrum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.signal.flux import Flux

M_B, M_K = 5279.3, 493.7
POWER = 15


@pytest.fixture(scope="module")
def source() -> parents.Source:
    return parents.source()


def beam(p: float, *, sqrt_pt: float = 1e-9) -> Spectrum:
    """Parents of one momentum (GeV) and transverse momentum (its square root, GeV)."""
    log_p = math.log10(p)
    edges = np.array([log_p, log_p + 1e-9]), np.array([sqrt_pt, sqrt_pt + 1e-12])
    return Spectrum(521, *edges, np.array([[7]]), mesons=7, events=1, made_by={})


def energies(mass: float, *, other: float) -> NDArray[np.float64]:
    return np.array([np.hypot(momentum(M_B, (mass, other)), mass)])


def simulated(spectrum: Spectrum, mass: float, *, other: float, n: int) -> tuple[NDArray[np.float64], ...]:
    """Momenta and angles by pseudo-random numbers and a Lorentz matrix for each decay."""
    rng = np.random.default_rng(11)
    p, pt = spectrum.draw(rng.random((n, 3)))
    azimuth = rng.uniform(0, 2 * np.pi, n)
    three = np.stack([pt * np.cos(azimuth), pt * np.sin(azimuth), np.sqrt(p**2 - pt**2)], axis=1)
    gamma = np.sqrt(1 + (p / M_B) ** 2)
    beta = three / (gamma * M_B)[:, None]
    matrix = np.zeros((n, 4, 4))
    matrix[:, 0, 0] = gamma
    matrix[:, 0, 1:] = matrix[:, 1:, 0] = gamma[:, None] * beta
    matrix[:, 1:, 1:] = np.eye(3) + (gamma**2 / (1 + gamma))[:, None, None] * beta[:, :, None] * beta[:, None, :]
    direction = rng.normal(size=(n, 3))
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    star = momentum(M_B, (mass, other))
    rest = np.concatenate([np.full((n, 1), math.hypot(star, mass)), star * direction], axis=1)
    lab = np.einsum("nij,nj->ni", matrix, rest)[:, 1:]
    size = np.linalg.norm(lab, axis=1)
    return size, np.arccos(np.clip(lab[:, 2] / size, -1, 1))


def means(flux: Flux) -> tuple[float, float]:
    """Mean logarithm of the momentum and mean angle of what is in a cell."""
    share = flux.weight / flux.inside
    log_p = np.log(flux.grid.momentum)
    theta = flux.grid.theta
    return (
        float(share.sum(axis=1) @ (log_p[1:] + log_p[:-1]) / 2),
        float(share.sum(axis=0) @ (theta[1:] + theta[:-1]) / 2),
    )


@pytest.mark.parametrize("mass", [50.0, 1500.0, 4500.0])
def test_decays_are_those_of_an_independent_simulation(mass: float, source: parents.Source) -> None:
    grid = Grid(np.geomspace(1e3, 400e3, 27), np.linspace(0.0, 0.1, 21))
    spectrum, n = source.parent("B").spectrum, 200_000
    flux = decays.decay(
        spectrum,
        mass,
        parent_mass=M_B,
        energies=energies(mass, other=M_K),
        grid=grid,
        power=source.settings.grid.points,
    )
    p, theta = simulated(spectrum, mass, other=M_K, n=n)
    other = counted(p, theta, weight=np.full(n, spectrum.inside / n), grid=grid)
    expected, found = n * flux.weight / spectrum.inside, n * other.weight / spectrum.inside
    used = expected > 20
    assert used.sum() > 50
    # Steps in six dimensions: the even points know one cell about as well as random ones would.
    variance = expected * (1 + n / 2**source.settings.grid.points)
    total = float(np.sum((found - expected)[used] ** 2 / variance[used]))
    assert chi2.sf(total, used.sum()) > 1e-3
    assert flux.inside == pytest.approx(other.inside, abs=5 / math.sqrt(n))
    np.testing.assert_allclose(means(flux), means(other), rtol=5e-3)


def test_shares_add_up_to_one_with_what_is_outside(source: parents.Source) -> None:
    grid = source.settings.cells()
    for parent in source.parents.values():
        flux = decays.two_body_decay(parent, 10.0, other=0.0, grid=grid, power=10)
        assert flux.inside + flux.outside == pytest.approx(1.0, abs=1e-12)
        assert flux.outside >= 1 - parent.spectrum.inside


@given(mass=st.floats(min_value=0.0, max_value=4700.0), p=st.floats(min_value=1.0, max_value=300.0))
def test_energies_end_where_kinematics_ends(mass: float, p: float) -> None:
    # In the laboratory E = gamma (E* + beta p* cos), flat between the ends.
    star = momentum(M_B, (mass, M_K))
    gamma, energy = math.hypot(1e3 * p, M_B) / M_B, math.hypot(star, mass)
    boost = math.sqrt(gamma**2 - 1)
    low, high = gamma * energy - boost * star, gamma * energy + boost * star
    ends = np.sqrt(np.maximum(np.linspace(low, high, 5) ** 2 - mass**2, 0.0))
    ends[0], ends[-1] = ends[0] * (1 - 1e-6), ends[-1] * (1 + 1e-6)
    if low < mass * (1 + 1e-9) or not np.all(np.diff(ends) > 1e-6 * ends[-1]):
        return
    grid = Grid(ends, np.array([0.0, 4.0]))
    flux = decays.decay(beam(p), mass, parent_mass=M_B, energies=np.array([energy]), grid=grid, power=12)
    assert flux.outside == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_allclose(flux.weight[:, 0], 0.25, atol=5e-3)


def test_a_massless_particle_keeps_half_of_the_energy_on_average() -> None:
    grid = Grid(np.linspace(1e-3, 101e3, 2001), np.array([0.0, 4.0]))
    flux = decays.decay(beam(100.0), 0.0, parent_mass=M_B, energies=np.array([M_B / 2]), grid=grid, power=POWER)
    middle = (grid.momentum[1:] + grid.momentum[:-1]) / 2
    assert flux.inside == pytest.approx(1.0, abs=1e-4)
    assert flux.weight[:, 0] @ middle == pytest.approx(math.hypot(100e3, M_B) / 2, rel=1e-3)


def test_at_the_threshold_the_particle_flies_with_its_parent() -> None:
    mass = M_B - M_K
    p = 100e3 * mass / M_B
    angle = 1.0 / 100.0  # pT = 1 GeV of p = 100 GeV
    grid = Grid(p * np.array([1 - 1e-6, 1 + 1e-6]), math.asin(angle) * np.array([0.0, 1 - 1e-6, 1 + 1e-6]))
    flux = decays.decay(beam(100.0, sqrt_pt=1.0), mass, parent_mass=M_B, energies=np.array([mass]), grid=grid, power=8)
    np.testing.assert_allclose(flux.weight, [[0.0, 1.0]], atol=1e-12)


def test_a_parent_at_rest_decays_into_all_directions_alike() -> None:
    star = momentum(M_B, (1000.0, M_K))
    theta = np.arccos(np.linspace(1, -1, 9))
    grid = Grid(star * np.array([1 - 1e-4, 1 + 1e-4]), theta + np.linspace(0, 1e-9, 9))
    flux = decays.decay(
        beam(1e-6), 1000.0, parent_mass=M_B, energies=energies(1000.0, other=M_K), grid=grid, power=POWER
    )
    np.testing.assert_allclose(flux.weight[0], 1 / 8, atol=1e-3)


def test_energies_of_three_bodies_are_used_alike() -> None:
    told = np.array([1000.0, 2000.0])
    grid = Grid(np.array([990.0, 1010.0, 1990.0, 2010.0]), np.array([0.0, 4.0]))
    flux = decays.decay(beam(1e-6), 0.0, parent_mass=M_B, energies=told, grid=grid, power=12)
    np.testing.assert_allclose(flux.weight[:, 0], [0.5, 0.0, 0.5], atol=1e-3)


def test_the_same_decay_gives_the_same_numbers(source: parents.Source) -> None:
    parent, grid = source.parent("B"), source.settings.cells()
    decays.points.cache_clear()
    one = decays.two_body_decay(parent, 1000.0, other=M_K, grid=grid, power=12)
    decays.points.cache_clear()
    other = decays.two_body_decay(parent, 1000.0, other=M_K, grid=grid, power=12)
    assert one.weight.tobytes() == other.weight.tobytes()


def test_points_fill_the_cube_and_stay_within() -> None:
    points = decays.points(12)
    assert points.shape == (4096, decays.DIMENSIONS)
    assert 0 < points.min() <= points.max() < 1
    np.testing.assert_allclose(points.mean(axis=0), 0.5, atol=1e-3)
    with pytest.raises(ValueError, match="read-only"):
        points[0, 0] = 0.5


def test_more_points_change_little(source: parents.Source) -> None:
    parent, grid = source.parent("B"), source.settings.cells()
    few, many = (decays.two_body_decay(parent, 1000.0, other=M_K, grid=grid, power=n) for n in (14, 17))
    assert few.inside == pytest.approx(many.inside, rel=0.02)
