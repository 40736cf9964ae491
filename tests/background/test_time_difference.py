from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import integrate, optimize

from na62dump.background.time_difference import Fit, Window, fit, ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Times = NDArray[np.float64]

WIDTH, RESOLUTION = 10.0, 0.85


def falling(t: Times) -> Times:
    """Both tracks in time with the trigger: nothing is left at 6 ns."""
    return 1 - np.abs(t) / 6.0


FLAT = Window(WIDTH, RESOLUTION)
FALLING = Window(WIDTH, RESOLUTION, falling)


def drawn(window: Window, rng: np.random.Generator, *, accidental: float, prompt: float) -> Times:
    """Poisson numbers of both kinds."""
    many = rng.uniform(-WIDTH / 2, WIDTH / 2, 8 * int(accidental) + 100)
    if window.shape:
        many = many[rng.uniform(size=len(many)) < window.shape(many)]
    peak = rng.normal(0, RESOLUTION, rng.poisson(prompt))
    return np.concatenate([many[: rng.poisson(accidental)], peak[np.abs(peak) < WIDTH / 2]])


def toys(window: Window, *, accidental: float, prompt: float, number: int = 120) -> list[Fit]:
    rng = np.random.default_rng(62)
    return [fit(drawn(window, rng, accidental=accidental, prompt=prompt), window) for _ in range(number)]


@pytest.mark.parametrize("window", [FLAT, FALLING])
@pytest.mark.parametrize("prompt", [0.0, 150.0])
def test_pulls_have_unit_width(window: Window, prompt: float) -> None:
    fits = toys(window, accidental=600.0, prompt=prompt)
    pulls = np.array([((f.accidental - 600), (f.prompt - prompt)) / f.uncertainties for f in fits])
    assert np.std(pulls, axis=0) == pytest.approx(1.0, abs=0.2)
    assert np.mean(pulls, axis=0) == pytest.approx(0.0, abs=0.25)
    true = np.cov(np.array([(f.accidental, f.prompt) for f in fits]).T)
    assert np.mean([f.covariance for f in fits], axis=0) == pytest.approx(true, rel=0.4)


def test_the_wrong_shape_makes_prompt_pairs_of_accidental_ones() -> None:
    rng = np.random.default_rng(1)
    fits = [fit(drawn(FALLING, rng, accidental=600.0, prompt=0.0), FLAT) for _ in range(20)]
    assert np.mean([f.prompt / f.uncertainties[1] for f in fits]) > 2


@pytest.mark.parametrize(("accidental", "prompt"), [(0.5, 0.0), (5.0, 1.0), (5.0, 4.0), (60.0, 0.0), (60.0, 20.0)])
def test_limits_hold_at_least_as_often_as_they_say(accidental: float, prompt: float) -> None:
    fits = toys(FLAT, accidental=accidental, prompt=prompt)
    assert np.mean([f.limit > prompt for f in fits]) > 0.9 - 3 * math.sqrt(0.09 / len(fits))


def test_limit_is_that_of_the_posterior_written_out() -> None:
    dt = np.array([-4.0, -0.5, 0.1, 2.0])
    found = fit(dt, FLAT)
    peak = np.exp(-((dt / RESOLUTION) ** 2) / 2) / RESOLUTION / math.sqrt(2 * math.pi)
    peak /= math.erf(5 / RESOLUTION / math.sqrt(2))

    def posterior(a: float, p: float) -> float:
        return math.exp(-a - p) * float(np.prod(a / WIDTH + p * peak))

    def below(p: float) -> float:
        return float(integrate.dblquad(posterior, 0, p, 0, 40, epsabs=1e-9)[0])

    assert below(found.limit) / below(40.0) == pytest.approx(0.9, abs=1e-4)


def test_the_maximum_is_that_of_the_extended_likelihood() -> None:
    dt = drawn(FALLING, np.random.default_rng(5), accidental=80.0, prompt=30.0)
    found = fit(dt, FALLING)
    area = integrate.quad(lambda t: float(falling(np.array(t))), -5, 5, points=[0])[0]
    inside = math.erf(5 / RESOLUTION / math.sqrt(2))
    flat = falling(dt) / area
    peak = np.exp(-((dt / RESOLUTION) ** 2) / 2) / RESOLUTION / math.sqrt(2 * math.pi) / inside

    def cost(n: Times) -> float:
        return float(n[0] + n[1] - np.sum(np.log(n[0] * flat + n[1] * peak)))

    best = optimize.minimize(cost, [60.0, 40.0], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-10})
    assert [found.accidental, found.prompt] == pytest.approx(list(best.x), rel=1e-4)


def test_no_pairs_at_all() -> None:
    none = fit(np.empty(0), FLAT)
    assert (none.accidental, none.prompt) == (0.0, 0.0)
    assert none.limit == pytest.approx(-math.log(0.1), abs=1e-6)
    assert not none.covariance.any()


@pytest.mark.parametrize("dt", [[4.0], [-3.0, 4.9], [0.0], [0.1, -0.2, 0.0], [5.0, -5.0]])
def test_a_handful_of_pairs_gives_finite_numbers(dt: list[float]) -> None:
    few = fit(np.array(dt), FLAT)
    assert few.accidental + few.prompt == pytest.approx(len(dt))
    assert np.isfinite([few.accidental, few.prompt, few.limit, *few.covariance.ravel()]).all()
    assert few.limit > max(few.prompt, 1.0)


def test_order_changes_nothing() -> None:
    dt = drawn(FLAT, np.random.default_rng(6), accidental=100.0, prompt=10.0)
    one, other = fit(dt, FLAT), fit(dt[::-1], FLAT)
    assert (one.accidental, one.prompt, one.limit) == (other.accidental, other.prompt, other.limit)
    assert np.array_equal(one.covariance, other.covariance)


def test_ratio_of_a_veto_has_honest_errors() -> None:
    rng = np.random.default_rng(7)
    pulls = []
    for _ in range(80):
        kept = drawn(FLAT, rng, accidental=400.0, prompt=60.0)
        vetoed = drawn(FLAT, rng, accidental=200.0, prompt=240.0)
        found = ratio(fit(np.concatenate([kept, vetoed]), FLAT), fit(kept, FLAT))
        pulls.append((found.value - 0.2) / found.uncertainty)
        assert found.limit > found.value
    assert np.std(pulls) == pytest.approx(1.0, abs=0.25)


def test_ratio_needs_something_before() -> None:
    none = fit(np.array([4.0, -4.0]), FLAT)
    with pytest.raises(ValueError, match="prompt pairs before the veto: a ratio needs some"):
        ratio(none, none)


@pytest.mark.parametrize("dt", [5.1, np.nan])
def test_pairs_outside_of_the_window_are_refused(dt: float) -> None:
    with pytest.raises(ValueError, match=r"outside of a window of full width 10 ns: cut before the fit"):
        fit(np.array([0.0, dt]), FLAT)


@pytest.mark.parametrize(
    ("window", "says"),
    [
        (Window(10.0, 0.0), "both are finite and above 0"),
        (Window(10.0, 0.85, lambda t: 1.0 - t), "not above 0 at 2 ns"),
        (Window(10.0, 1e9, lambda t: 1.0 - t * t / 30.0), "makes no peak in a window of 10 ns"),
    ],
)
def test_windows_that_make_no_sense_are_refused(window: Window, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        fit(np.array([2.0]), window)
