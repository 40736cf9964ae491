"""Limits on a free product of branching ratios."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from na62dump.errors import InputFileError
from na62dump.inference.exclusion.lifetimes import product_limits
from na62dump.inference.exclusion.scan import limits as of_searches
from na62dump.inference.settings import SignalUncertainty
from tests.inference import scan_samples as samples
from tests.inference.lifetime_samples import (
    COUPLING,
    LIFETIMES,
    MASSES,
    NONE,
    ONE,
    PRODUCT,
    REFERENCE,
    limits,
    scan,
    signal,
)


def test_the_product_is_such_that_as_many_are_expected_as_the_limit() -> None:
    (found,) = product_limits(limits())
    events = signal()
    assert found.curves["observed"][:2] * events[:2] / REFERENCE == pytest.approx(
        np.array([[ONE], [NONE]]) + 0 * events[:2]
    )
    assert found.curves["plus2"][1] == pytest.approx(1.2 * found.curves["expected"][1])
    assert np.isinf(found.result[-1]).all()
    assert found.shown == "observed"


def test_the_limit_does_not_depend_on_the_product_that_yields_are_given_at() -> None:
    (one,) = product_limits(limits())
    more = {**COUPLING, **PRODUCT, "product_value": repr(7 * REFERENCE)}
    (other,) = product_limits(limits(scan("mumu", reference=7 * REFERENCE), coupling=more))
    assert other.result[:2] == pytest.approx(one.result[:2])


def test_hidden_counts_leave_the_expected_limit() -> None:
    (found,) = product_limits(limits(scan("mumu", hidden=True)))
    assert found.shown == "expected"
    assert "observed" not in found.curves


def test_excluded_lifetimes_are_those_with_a_limit_below_one() -> None:
    (found,) = product_limits(limits())
    ends = found.excludes(0)
    assert ends is not None
    inside = np.clip(LIFETIMES, *ends) == LIFETIMES
    assert (found.result[0, inside] < 1).all()
    assert (found.result[0, ~inside] >= 1).all()
    assert 0 < inside.sum() < len(LIFETIMES)
    assert found.excludes(2) is None


def test_searches_together_have_no_product() -> None:
    every = (scan("mumu"), scan("ee"), scan("mumu", "ee"))
    assert [each.search for each in product_limits(limits(*every))] == ["mumu", "ee"]


@pytest.mark.parametrize("coupling", [COUPLING, COUPLING | {"product": "BR"}])
def test_another_model_is_refused(coupling: dict[str, str]) -> None:
    with pytest.raises(InputFileError, match=r"'alp_independent' say nothing of a product.*make them again"):
        product_limits(limits(coupling=coupling))


def test_a_file_has_every_point() -> None:
    (found,) = product_limits(limits())
    rows = list(csv.DictReader(io.StringIO(found.to_csv())))
    assert list(rows[0]) == ["mass_mev", "lifetime_ns", "observed", "expected", "minus2", "minus1", "plus1", "plus2"]
    assert len(rows) == len(MASSES) * len(LIFETIMES)
    last = rows[len(LIFETIMES) + 3]
    assert float(last["mass_mev"]) == MASSES[1]
    assert float(last["observed"]) == found.result[1, 3]


def test_limits_of_searches_for_alternatives_are_not_combined() -> None:
    made = of_searches(
        samples.signal(
            {"mumu": signal(), "ee": signal()}, masses=MASSES, couplings=LIFETIMES, coupling=COUPLING | PRODUCT
        ),
        [samples.counted("mumu", masses=MASSES), samples.counted("ee", masses=MASSES)],
        settings=samples.with_settings(signal=SignalUncertainty(uncertainties=(), largest=0.9)),
    )
    assert [one.counting.name for one in made.scans] == ["mumu", "ee"]
    first, second = product_limits(made)
    assert first.result[:2] * signal()[:2] / REFERENCE == pytest.approx(
        np.full((2, len(LIFETIMES)), -np.log(0.1)), rel=1e-3
    )
    assert second.result == pytest.approx(first.result)
