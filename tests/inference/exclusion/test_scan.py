from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from na62dump.errors import ConfigurationError
from na62dump.inference.counts.projection import scaled
from na62dump.inference.counts.windows import counting
from na62dump.inference.exclusion.exclusions import exclusion
from na62dump.inference.exclusion.scan import limits, scan
from na62dump.inference.settings import SignalUncertainty, settings
from na62dump.inference.statistics.upper_limits import upper_limits
from tests.inference.counting_world import Row, backgrounds, estimate, expected, result
from tests.inference.scan_samples import COUPLINGS, MASSES, counted, numbers, signal, with_settings

if TYPE_CHECKING:
    from na62dump.inference.exclusion.limits import Limits, Scan

NOTHING = SignalUncertainty(uncertainties=(), largest=0.8)


def area(of: Limits, one: Scan, curve: str = "expected") -> float:
    reach = exclusion(of, one, curve=curve).extents
    return reach.area if reach else 0.0


def test_no_event_excludes_what_makes_more_than_the_closed_form_says() -> None:
    found = scan(signal(error=0.0), counted(observed=0), settings=settings())
    assert found.observed is not None
    np.testing.assert_allclose(found.relative, 0.2)
    np.testing.assert_allclose(found.observed, 2.412, atol=1e-3)
    np.testing.assert_array_equal(found.observed, found.expected)
    plain = scan(signal(), counted(observed=1), settings=with_settings(signal=NOTHING))
    assert plain.observed is not None
    np.testing.assert_allclose(plain.observed, 3.874, atol=1e-3)
    np.testing.assert_allclose(plain.expected, 2.303, atol=1e-3)


def test_each_point_has_the_limit_of_its_own_uncertainty() -> None:
    generator = np.random.default_rng(6)
    events = numbers()
    one = signal(statistical=(generator.random(events.shape) * events)[None])
    found = scan(one, counted(observed=1), settings=settings())
    assert found.observed is not None
    for row, column in ((0, 30), (3, 33), (10, 28)):
        alone = upper_limits(
            1,
            0.016,
            uncertainty=0.13 * 0.016,
            relative=min(np.hypot(0.2, one.statistical[0, row, column] / events[row, column]), 0.8),
            method="cls",
            confidence=0.9,
            priors=settings().priors,
        )
        assert found.observed[row, column] == pytest.approx(float(alone), rel=1e-7)


def test_uncertainties_are_those_that_are_included() -> None:
    known = {"protons": 0.2, "statistical": 0.05, "theory": 0.3}
    for names in ((), ("protons",), ("statistical",), ("theory",), ("protons", "statistical", "theory")):
        included = SignalUncertainty(uncertainties=names, largest=0.8)
        found = scan(signal(), counted(), settings=with_settings(signal=included))
        some = found.events > 1e-90
        np.testing.assert_allclose(found.relative[some], np.sqrt(sum(known[name] ** 2 for name in names)))
    of_all = scan(signal(error=1.0), counted(), settings=settings())
    assert of_all.relative.max() == 0.8
    assert of_all.relative[of_all.events == 0].max() == 0.2


def test_signal_outside_of_the_window_does_not_count() -> None:
    one, other = (scan(signal(), counted(share=share), settings=settings()) for share in (1.0, 0.5))
    np.testing.assert_allclose(other.events, one.events / 2)
    np.testing.assert_allclose(other.relative, one.relative)


@pytest.mark.parametrize("included", [NOTHING, settings().signal], ids=["nothing", "default"])
def test_two_halves_are_the_whole(included: SignalUncertainty) -> None:
    chosen = with_settings(signal=included)
    # protons move both halves together; simulated decays of both are independent
    whole = limits(signal(error=0.05), [counted(observed=1)], settings=chosen)
    halves = limits(
        signal({"first": numbers(150.0), "second": numbers(150.0)}, error=0.05 * 2**0.5),
        [counted("first", background=0.008, observed=1), counted("second", background=0.008, observed=0)],
        settings=chosen,
    )
    assert [one.counting.name for one in halves.scans] == ["first", "second", "first + second"]
    ours, theirs = halves.scans[-1], whole.scans[0]
    np.testing.assert_allclose(ours.events, theirs.events)
    np.testing.assert_allclose(ours.relative, theirs.relative, atol=1e-8)
    assert ours.observed is not None
    assert theirs.observed is not None
    np.testing.assert_allclose(ours.observed, theirs.observed, rtol=1e-3)  # the backgrounds' errors are independent
    assert area(halves, ours, "observed") == pytest.approx(area(whole, theirs, "observed"), rel=1e-3)
    assert area(halves, ours) > area(halves, halves.scans[0])


@pytest.mark.parametrize("method", ["cls", "bayesian", "feldman-cousins"])
def test_more_is_excluded_with_more_protons_more_efficiency_and_less_background(method: str) -> None:
    chosen = with_settings(method=method)
    few = limits(signal(), [counted(background=1.0, observed=None)], settings=chosen)
    more = limits(scaled(signal(), protons=1.4e18), [counted(background=1.0, observed=None)], settings=chosen)
    efficient = limits(signal({"mumu": numbers(600.0)}), [counted(background=1.0, observed=None)], settings=chosen)
    clean = limits(signal(), [counted(background=0.01, observed=None)], settings=chosen)
    assert area(few, few.scans[0]) < area(efficient, efficient.scans[0]) < area(more, more.scans[0])
    assert area(few, few.scans[0]) < area(clean, clean.scans[0])


def test_hidden_counts_leave_expected_limits() -> None:
    made = limits(
        signal({"mumu": numbers(), "ee": numbers()}), [counted(), counted("ee", observed=None)], settings=settings()
    )
    assert [one.shown for one in made.scans] == ["observed", "expected", "expected"]
    assert made.scans[-1].observed is None
    assert list(made.curves(made.scans[-1])) == ["expected", "minus2", "minus1", "plus1", "plus2"]


def test_bands_are_those_of_toys() -> None:
    background, sigma, relative = 0.8, 0.2, 0.3
    one = replace(counted(background=background), uncertainty=np.full(len(MASSES), sigma))
    found = scan(signal(error=0.0, protons_uncertainty=relative), one, settings=settings())
    generator = np.random.default_rng(7)
    size = 200_000
    rates = background + sigma * generator.standard_normal(size)
    counts = generator.poisson(np.abs(rates))
    known = upper_limits(
        np.arange(counts.max() + 1), background, uncertainty=sigma, relative=relative,
        method="cls", confidence=0.9, priors=settings().priors,
    )  # fmt: skip
    toys = known[counts] / generator.gamma(relative**-2, relative**2, size)
    wanted = np.quantile(toys, [0.02275, 0.15866, 0.84134, 0.97725])
    np.testing.assert_allclose(found.bands[:, 3, 30], wanted, rtol=0.01)


def test_bands_without_background_come_from_the_signal_alone() -> None:
    found = scan(signal(error=0.0), counted(background=0.0), settings=settings())
    low, high = found.bands[1, 0, 30], found.bands[2, 0, 30]
    assert low < found.expected[0, 30] < high
    assert high / low == pytest.approx(np.exp(2 * 0.2), rel=0.02)
    certain = scan(signal(), counted(background=0.0), settings=with_settings(signal=NOTHING))
    np.testing.assert_allclose(certain.bands, certain.expected[None] * np.ones((4, 1, 1)), rtol=1e-4)


@pytest.mark.parametrize("prior", ["gamma", "gaussian", "lognormal"])
def test_bands_are_ordered_whatever_the_density(prior: str) -> None:
    priors = settings().priors.model_copy(update={"signal": prior})
    generator = np.random.default_rng(8)
    events = numbers()
    one = signal(statistical=(generator.random(events.shape) * events)[None])
    found = scan(one, counted(background=0.3), settings=with_settings(priors=priors))
    assert (np.diff(found.bands, axis=0) > 0).all()
    assert np.isfinite(found.bands).all()


@pytest.mark.parametrize("prior", ["gamma", "lognormal"])
def test_empty_windows_have_limits_whatever_the_density(prior: str) -> None:
    far = estimate("combinatorial", {"SR": 0.5}, masses={"SR": np.linspace(450.0, 1000.0, 200)})
    made = counting(
        expected(), "mumu", result=result([Row(1, 310.0)]), backgrounds=backgrounds(far), settings=settings()
    )
    assert (made.expected[0], made.expected[-1]) == (0, pytest.approx(0.5 * 80 / 550 * 30 / 80, rel=0.5))
    assert made.uncertainty[0] > 0
    priors = settings().priors.model_copy(update={"background": prior})
    found = scan(expected(), made, settings=with_settings(priors=priors))
    assert found.observed is not None
    assert found.p_values is not None
    assert np.isfinite(found.bands).all()
    mean, width = made.uncertainty[0] * np.array([stats.halfnorm.mean(), stats.halfnorm.std()])
    known = {"uncertainty": width, "relative": found.relative[0], "method": "cls", "confidence": 0.9, "priors": priors}
    np.testing.assert_allclose(found.observed[0], upper_limits(1, mean, **known))
    cut_off = scan(expected(), made, settings=settings())
    assert cut_off.observed is not None
    assert cut_off.p_values is not None
    np.testing.assert_allclose(found.observed, cut_off.observed, rtol=0.01)
    assert found.p_values[0] == pytest.approx(mean, rel=0.01)
    assert cut_off.p_values[0] == pytest.approx(mean, rel=0.01)


def test_large_backgrounds_are_grouped_without_harm() -> None:
    found = scan(signal(error=0.0, protons_uncertainty=0.0), counted(background=400.0), settings=settings())
    known = upper_limits(
        np.round(400 + np.array([-2, -1, 1, 2]) * np.hypot(20, 52)).astype(int), 400.0, uncertainty=52.0,
        relative=0.0, method="cls", confidence=0.9, priors=settings().priors,
    )  # fmt: skip
    np.testing.assert_allclose(found.bands[:, 0, 0], known, rtol=0.03)


def test_limits_do_not_depend_on_what_else_is_on_the_grid() -> None:
    generator = np.random.default_rng(9)
    events = numbers()
    whole = signal(statistical=(generator.random(events.shape) * events)[None])
    part = replace(
        whole, couplings=COUPLINGS[20:40], events=whole.events[:, :, 20:40], statistical=whole.statistical[:, :, 20:40]
    )
    one, other = (scan(each, counted(observed=1), settings=settings()) for each in (whole, part))
    assert one.observed is not None
    np.testing.assert_array_equal(one.observed[:, 20:40], other.observed)
    np.testing.assert_allclose(one.bands[:, :, 20:40], other.bands, rtol=1e-3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"masses": MASSES + 1}, "are at other masses"),
        ({"regions": ("CR",)}, "no expected numbers of 'toy' for mumu in CR"),
        ({"searches": ("ee",)}, "no expected numbers of 'toy' for ee in SR"),
    ],
)
def test_counts_that_do_not_belong_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        scan(signal(), replace(counted(), **changes), settings=settings())  # type: ignore[arg-type]


def test_nothing_to_count_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="nothing is counted"):
        limits(signal(), [], settings=settings())


def test_no_protons_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="0 protons on target"):
        scaled(signal(), protons=0.0)


def test_expected_limits_jump_where_the_median_count_does() -> None:
    known = {"relative": 0.2, "method": "cls", "confidence": 0.9, "priors": settings().priors}
    limit = {}
    for times in (43, 44):
        found = scan(signal(error=0.0), counted(background=0.016 * times), settings=settings())
        limit[times] = found.expected[0, 30]
        assert found.median[0] == times - 43
        alone = upper_limits(found.median[0], 0.016 * times, uncertainty=0.13 * 0.016 * times, **known)  # type: ignore[arg-type]
        assert limit[times] == pytest.approx(float(alone))
    assert (limit[43], limit[44]) == pytest.approx((2.41, 3.58), abs=0.01)
