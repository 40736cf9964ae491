from __future__ import annotations

import math
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from na62dump.background.limits import upper_limit
from na62dump.errors import ConfigurationError
from na62dump.inference.settings import Method, Prior, Priors
from na62dump.inference.statistics.upper_limits import upper_limits

GAMMA = Priors(background="gaussian", signal="gamma")
DENSITIES: tuple[Prior, ...] = ("gamma", "gaussian", "lognormal")


def cls(*numbers: object, priors: Priors = GAMMA, confidence: float = 0.9, **more: object) -> np.ndarray:
    return upper_limits(*numbers, method="cls", confidence=confidence, priors=priors, **more)  # type: ignore[arg-type]


def density(prior: Prior, mean: float, width: float) -> stats.rv_continuous:
    if prior == "gaussian":
        return stats.truncnorm(-mean / width, math.inf, mean, width)
    if prior == "gamma":
        return stats.gamma((mean / width) ** 2, scale=width**2 / mean)
    spread = math.log1p((width / mean) ** 2)
    return stats.lognorm(math.sqrt(spread), scale=mean * math.exp(-spread / 2))


def averaged(prior: Prior, mean: float, width: float, top: int) -> np.ndarray:
    """Probabilities of 0 ... top counts by adaptive quadrature."""
    counts = np.arange(top + 1)
    if width == 0:
        return np.asarray(stats.poisson.pmf(counts, mean))
    law = density(prior, mean, width)
    edges = law.ppf([1e-15, 0.01, 0.3, 0.7, 0.99, 1 - 1e-15])
    pieces = [
        integrate.quad_vec(lambda x: stats.poisson.pmf(counts, x) * law.pdf(x), *piece, epsrel=1e-12)[0]
        for piece in pairwise(edges)
    ]
    return np.asarray(np.sum(pieces, axis=0))


def test_known_numbers() -> None:
    assert cls([0, 1], [0, 0.016]) == pytest.approx([2.303, 3.874], abs=1e-3)
    assert cls([0, 1], [0, 0.016], relative=0.2) == pytest.approx([2.412, 4.104], abs=1e-3)
    gaussian = Priors(background="gaussian", signal="gaussian")
    assert cls(0, 0, relative=0.2, priors=gaussian) == pytest.approx(2.420, abs=1e-3)


@pytest.mark.parametrize(
    ("observed", "background"), [(0, 0.0), (0, 3.0), (1, 0.016), (5, 2.0), (3, 50.0), (1000, 900.0)]
)
def test_a_known_background_is_that_of_the_layer_below(observed: int, background: float) -> None:
    assert cls(observed, background) == pytest.approx(upper_limit(observed, background), rel=1e-10)


@pytest.mark.parametrize(("observed", "background", "width"), [(0, 0.3, 0.2), (2, 1.0, 0.5), (4, 2.0, 3.0)])
@pytest.mark.parametrize(("behind", "before"), list(product(DENSITIES, DENSITIES)))
def test_cls_at_the_limit_is_the_brute_force_sum(
    observed: int, background: float, width: float, behind: Prior, before: Prior
) -> None:
    limit = float(
        cls(observed, background, uncertainty=width, relative=0.3, priors=Priors(background=behind, signal=before))
    )
    made = averaged(before, limit, 0.3 * limit, observed)
    beside = np.cumsum(averaged(behind, background, width, observed))
    assert made @ beside[::-1] / beside[-1] == pytest.approx(0.1, rel=1e-7)


@pytest.mark.parametrize("method", ["cls", "bayesian"])
@settings(deadline=None, max_examples=60)
@given(
    observed=st.integers(0, 30),
    background=st.floats(1e-3, 30),
    share=st.floats(0, 1.5),
    relative=st.floats(0, 0.6),
    confidence=st.floats(0.6, 0.99),
)
def test_limits_are_monotonic(
    method: Method, observed: int, background: float, share: float, relative: float, confidence: float
) -> None:
    def limit(n: int, b: float, r: float, c: float) -> float:
        width = share * background
        return float(upper_limits(n, b, uncertainty=width, relative=r, method=method, confidence=c, priors=GAMMA))

    here = limit(observed, background, relative, confidence)
    slack = here * 1e-9
    assert limit(observed + 1, background, relative, confidence) > here - slack
    assert limit(observed, background, relative + 0.1, confidence) > here - slack
    assert limit(observed, background, relative, confidence + 0.005) > here
    assert limit(observed, 1.2 * background, relative, confidence) < here + slack


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 40), st.floats(0, 40), st.floats(0.6, 0.99))
def test_bayesian_without_uncertainty_of_the_signal_is_cls(observed: int, background: float, confidence: float) -> None:
    number = upper_limits(
        observed, background, uncertainty=background / 3, method="bayesian", confidence=confidence, priors=GAMMA
    )
    assert number == cls(observed, background, uncertainty=background / 3, confidence=confidence)
    law = Priors(background="gaussian", signal="gaussian")
    assert number == upper_limits(
        observed, background, uncertainty=background / 3, method="bayesian", confidence=confidence, priors=law
    )


@pytest.mark.parametrize("prior", ["gamma", "lognormal"])
def test_bayesian_is_the_integral_of_the_flat_posterior(prior: Prior) -> None:
    observed, background, relative = 2, 0.7, 0.4
    beside = averaged("gaussian", background, 0.3, observed)
    law = density(prior, 1, relative)

    def likelihood(signal: float) -> float:
        return float(averaged(prior, signal, relative * signal, observed) @ beside[::-1])

    limit = upper_limits(
        observed,
        background,
        uncertainty=0.3,
        relative=relative,
        method="bayesian",
        confidence=0.9,
        priors=Priors(background="gaussian", signal=prior),
    )
    below = integrate.quad(likelihood, 0, float(limit), epsrel=1e-8)[0]
    inverse = law.expect(lambda x: 1 / x) if prior == "gamma" else 1 + relative**2
    assert below / (inverse * beside.sum()) == pytest.approx(0.9, abs=1e-6)


def test_extreme_numbers_work() -> None:
    wide = cls([0, 3, 1000, 1000, 1000], [0, 50, 0, 1e4, 1e3], uncertainty=[2, 80, 0, 0, 500])
    assert np.isfinite(wide).all()
    assert wide[0] == pytest.approx(math.log(10))
    assert wide[2] == pytest.approx(stats.gamma.ppf(0.9, 1001), rel=1e-9)
    assert cls(3, 2, uncertainty=5, relative=3) > 1e6
    assert cls(0, 0.1, uncertainty=0, relative=2) == pytest.approx((0.1**-4 - 1) / 4, rel=1e-9)


def test_shapes_are_broadcast() -> None:
    found = cls([[0], [1]], [0.1, 0.2, 0.3], relative=0.2)
    assert found.shape == (2, 3)
    assert found[1, 2] == cls(1, 0.3, relative=0.2)
    assert cls(np.zeros((0, 3), dtype=np.int64), 1.0).shape == (0, 3)


def test_a_larger_number_of_protons_lowers_the_limit_on_the_coupling() -> None:
    yields = np.array([1.0, 2.0, 10.0])
    assert (np.diff(cls(0, 0.02 * yields, relative=0.2) / yields) < 0).all()


def test_the_root_is_that_of_scipy() -> None:
    for n, b in product(range(4), (0.01, 0.5, 2.0)):
        root = optimize.brentq(
            lambda s, n=n, b=b: stats.poisson.cdf(n, s + b) / stats.poisson.cdf(n, b) - 0.05, 0.01, 50, xtol=1e-12
        )
        assert cls(n, b, confidence=0.95) == pytest.approx(root, rel=1e-10)


BAD: list[tuple[dict[str, object], str]] = [
    ({"observed": 1.5}, "observed number 1.5: it has to be a whole number"),
    ({"observed": -1}, "observed number -1"),
    ({"background": math.nan}, "background nan"),
    ({"background": 1e9}, "background 1e.09"),
    ({"uncertainty": -0.1}, "uncertainty -0.1"),
    ({"relative": math.inf}, "relative uncertainty inf"),
    ({"confidence": 90.0}, "confidence level 90"),
    ({"observed": [1, 2], "background": [1, 2, 3]}, r"shapes \(2,\), \(3,\)"),
    ({"background": 0, "uncertainty": 1, "priors": Priors(background="gamma", signal="gamma")}, "no gamma density"),
    ({"relative": 1000}, "no finite limit"),
    ({"relative": 1, "method": "bayesian"}, "has to be below 1"),
    (
        {"relative": 0.2, "method": "bayesian", "priors": Priors(background="gamma", signal="gaussian")},
        "take the prior 'gamma'",
    ),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_what_has_no_limit_is_refused(change: dict[str, object], message: str) -> None:
    numbers = {"observed": 1, "background": 0.5, "method": "cls", "confidence": 0.9, "priors": GAMMA} | change
    with pytest.raises(ConfigurationError, match=message):
        upper_limits(numbers.pop("observed"), numbers.pop("background"), **numbers)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["cls", "bayesian", "feldman-cousins"])
def test_arrays_of_one_go_with_plain_numbers(method: Method) -> None:
    one = upper_limits([1], 0.5, uncertainty=0.1, relative=[0.2], method=method, confidence=0.9, priors=GAMMA)
    plain = upper_limits(1, 0.5, uncertainty=0.1, relative=0.2, method=method, confidence=0.9, priors=GAMMA)
    np.testing.assert_array_equal(one, [plain])
