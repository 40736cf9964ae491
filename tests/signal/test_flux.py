from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from na62dump.errors import ConfigurationError
from na62dump.signal.flux import Flux, Grid, counted, integrated

GRID = Grid(np.geomspace(1e3, 400e3, 41), np.linspace(0.0, 15e-3, 21))
SMALL = Grid(np.array([1.0, 2.0, 4.0]), np.array([0.0, 0.1, 0.2]))
P_0, PT2_0 = 30e3, 200.0**2


def density(p: np.typing.NDArray[np.float64], pt2: np.typing.NDArray[np.float64]) -> np.typing.NDArray[np.float64]:
    """Exponential in p and in pT^2; its integral is 1."""
    found: np.typing.NDArray[np.float64] = np.exp(-p / P_0) / P_0 * np.exp(-pt2 / PT2_0) / PT2_0
    return found


def test_a_constant_density_integrates_to_the_volume_of_each_cell() -> None:
    flux = integrated(lambda p, _: np.ones_like(p), grid=SMALL, total=1e3)
    p3 = np.diff(SMALL.momentum**3) / 3  # dp d(pT^2) = p^2 dp d(sin^2 theta)
    expected = p3[:, None] * np.diff(np.sin(SMALL.theta) ** 2)[None, :] / 1e3
    np.testing.assert_allclose(flux.weight, expected, rtol=1e-5)


def test_integrated_and_counted_agree() -> None:
    rng, n = np.random.default_rng(3), 400_000
    p, pt = rng.exponential(P_0, n), np.sqrt(rng.exponential(PT2_0, n))
    real = pt < p
    theta = np.arcsin(np.where(real, pt / p, 0.0))
    sampled = counted(p, np.where(real, theta, 1.0), weight=np.ones(n), grid=GRID)
    flux = integrated(density, grid=GRID, total=1.0)
    expected = n * flux.weight
    used = expected > 10
    total = float(np.sum((sampled.weight - expected)[used] ** 2 / expected[used]))
    assert used.sum() > 300
    assert 1e-3 < chi2.sf(total, used.sum()) < 1 - 1e-3
    assert sampled.inside / n == pytest.approx(flux.inside, abs=4e-3)


def test_integrated_shares_add_up_to_one() -> None:
    flux = integrated(density, grid=GRID, total=1.0)
    assert 0 < flux.outside < 1
    assert flux.inside + flux.outside == pytest.approx(1.0, abs=1e-12)
    twice = integrated(density, grid=GRID, total=2.0)
    np.testing.assert_allclose(twice.weight, flux.weight / 2)
    whole = Grid(np.geomspace(1.0, 1e6, 400), np.append(0.0, np.geomspace(1e-6, np.pi / 2, 400)))
    impossible = np.sqrt(np.pi * PT2_0) / 2 / P_0  # share of the density at pT > p, to first order
    assert integrated(density, grid=whole, total=1.0).inside == pytest.approx(1.0 - impossible, abs=1e-4)


@given(
    particles=st.lists(
        st.tuples(
            st.floats(min_value=0.0, max_value=10.0),
            st.floats(min_value=0.0, max_value=1.0),
            st.floats(min_value=0.1, max_value=5.0),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_counting_loses_no_particle(particles: list[tuple[float, float, float]]) -> None:
    p, theta, weight = np.array(particles).T
    flux = counted(p, theta, weight=weight, grid=SMALL)
    assert flux.inside + flux.outside == pytest.approx(weight.sum())
    inside = (p >= 1) & (p <= 4) & (theta <= 0.2)
    assert flux.inside == pytest.approx(weight[inside].sum())
    normal = flux.normalised()
    assert normal.inside + normal.outside == pytest.approx(1.0)


def test_each_particle_is_counted_in_its_cell() -> None:
    p, theta = np.array([1.5, 3.0, 3.0, 9.0]), np.array([0.05, 0.15, 0.05, 0.05])
    flux = counted(p, theta, weight=np.array([1.0, 2.0, 3.0, 4.0]), grid=SMALL)
    np.testing.assert_array_equal(flux.weight, [[1, 0], [3, 2]])
    assert flux.outside == 4.0


def test_fluxes_add_and_scale() -> None:
    one, other = Flux(SMALL, np.eye(2), 1.0), Flux(SMALL, np.ones((2, 2)))
    both = one.times(0.5) + other
    np.testing.assert_array_equal(both.weight, [[1.5, 1], [1, 1.5]])
    assert both.outside == 0.5
    assert both.inside == 5.0


def test_fluxes_in_different_cells_do_not_add() -> None:
    other = Grid(2 * SMALL.momentum, SMALL.theta)
    with pytest.raises(ConfigurationError, match="cannot be added: count both in one grid"):
        Flux(SMALL, np.eye(2)) + Flux(other, np.eye(2))


@pytest.mark.parametrize(
    ("weight", "outside"),
    [
        (np.array([[1.0, -1e-9], [0, 0]]), 0.0),
        (np.array([[1.0, np.nan], [0, 0]]), 0.0),
        (np.array([[1.0, np.inf], [0, 0]]), 0.0),
        (np.zeros((2, 2)), 0.0),
        (np.ones((2, 3)), 0.0),
        (np.ones((2, 2)), -0.1),
        (np.ones((2, 2)), np.inf),
        (np.ones((2, 2)), np.nan),
    ],
)
def test_what_is_no_distribution_is_refused(weight: np.typing.NDArray[np.float64], outside: float) -> None:
    with pytest.raises(ConfigurationError, match=r"needs \(2, 2\) finite weights, none negative, not all 0"):
        Flux(SMALL, weight, outside)


def test_all_may_be_outside() -> None:
    assert Flux(SMALL, np.zeros((2, 2)), 1.0).inside == 0.0
