from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from na62dump.background.estimate import Estimate
from na62dump.background.mechanisms import added
from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.inference.statistics.compatibility import compare
from na62dump.inference.statistics.joint import compare_jointly
from na62dump.inference.validation import compare_numbers, validate

REGIONS = ("CR1", "CR2", "CR3", "SR")


def estimate(name: str = "combinatorial", **changes: Any) -> Estimate:  # noqa: ANN401 - any field
    expected = np.array([0.29, 0.58, 1.70, 0.016])
    fields: dict[str, Any] = {
        "mechanism": name,
        "method": "a test",
        "regions": REGIONS,
        "expected": expected,
        "covariance": np.zeros((4, 4)),
        "systematic": {"window": 0.13 * expected},
        "limit": np.full(4, np.nan),
        "inputs": {},
    }
    return Estimate(**(fields | changes))


SEEN = {"CR1": 1, "CR2": 1, "CR3": 2, "SR": None}
SETS = {"CR1+2+3": ("CR1", "CR2", "CR3")}


def test_each_region_and_the_set() -> None:
    found = validate([estimate()], SEEN, joint=SETS)
    assert [row.region for row in found.rows] == list(SEEN)
    third = compare(2, 1.70, uncertainty=0.13 * 1.70)
    assert (found.rows[2].p_n, found.rows[2].p_l) == pytest.approx((third.p_n, third.p_l))
    assert found.rows[2].significance == pytest.approx(third.significance)
    (rings,) = found.joint
    assert (rings.expected, rings.uncertainty, rings.observed) == pytest.approx((2.57, 0.13 * 2.57, 4))
    assert rings.p_n == pytest.approx(compare(4, 2.57, uncertainty=0.13 * 2.57).p_n)
    assert rings.p_l == pytest.approx(0.240, abs=5e-4)


def test_a_hidden_count_leaves_what_is_expected() -> None:
    found = validate([estimate()], SEEN, joint={"with SR": REGIONS})
    for row in (found.rows[-1], found.joint[0]):
        assert (row.observed, row.p_n, row.p_l, row.significance) == (None,) * 4
    assert found.rows[-1].expected == pytest.approx(0.016)
    assert found.joint[0].expected == pytest.approx(2.586)


def test_mechanisms_add_up_by_covariance_and_by_source() -> None:
    first = estimate(covariance=np.diag([1e-4, 4e-4, 9e-4, 1e-6]) + 1e-5)
    second = estimate(
        "prompt",
        regions=("SR", "CR3"),
        expected=np.array([0.004, 0.3]),
        covariance=np.array([[1e-6, 2e-6], [2e-6, 1e-2]]),
        systematic={"window": np.array([0.001, 0.02]), "veto": np.array([0.004, 0.3])},
        limit=np.full(2, np.nan),
    )
    both = added([first, second], REGIONS)
    assert both.expected == pytest.approx([0.29, 0.58, 2.0, 0.02])
    assert both.covariance[2, 2] == pytest.approx(9e-4 + 1e-5 + 1e-2)
    assert both.covariance[2, 3] == pytest.approx(1e-5 + 2e-6)
    assert both.covariance[0, 1] == pytest.approx(1e-5)
    assert both.systematic["window"] == pytest.approx([0.0377, 0.0754, 0.241, 0.00308])
    assert both.systematic["veto"] == pytest.approx([0, 0, 0.3, 0.004])
    row = validate([first, second], {"CR3": 2}, joint={}).rows[0]
    assert row.systematic == pytest.approx(math.hypot(0.241, 0.3))
    assert row.statistical == pytest.approx(math.sqrt(9e-4 + 1e-5 + 1e-2))
    assert row.uncertainty == pytest.approx(math.hypot(row.systematic, row.statistical))


def test_statistical_uncertainties_are_separate_in_the_joint_p_value() -> None:
    wide = estimate(covariance=np.diag([0.01, 0.04, 0.25, 0.0]))
    (rings,) = validate([wide], SEEN, joint=SETS).joint
    exact = compare_jointly([1, 1, 2], [0.29, 0.58, 1.70], common=0.13, separate=[0.1, 0.2, 0.5])
    assert rings.p_l == pytest.approx(exact.p_l, rel=1e-2)  # the mean correlation stands for all
    assert rings.statistical == pytest.approx(math.sqrt(0.3))


def test_limits_and_named_mechanisms_stand_beside() -> None:
    limit = np.array([np.nan, np.nan, np.nan, 0.007])
    found = validate(
        [estimate(), estimate("upstream", limit=limit), estimate("neutrino")], SEEN, joint={}, beside=["neutrino"]
    )
    assert found.rows[-1].expected == pytest.approx(0.016)  # of the first alone
    assert found.rows[0].expected == pytest.approx(0.58)  # of the first and second
    assert [(b.mechanism, b.region, b.limit) for b in found.beside] == [
        ("upstream", "SR", 0.007),
        *(("neutrino", region, None) for region in REGIONS),
    ]
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["beside"][0]["limit"] == 0.007


def test_a_mechanism_of_limits_alone_adds_nothing() -> None:
    alone = estimate("upstream", limit=np.full(4, 0.007))
    assert validate([alone], {"SR": 0}, joint={}).rows[0].expected == 0
    assert validate([alone], {}, joint={}).rows == ()


def test_it_becomes_json() -> None:
    found = json.loads(json.dumps(validate([estimate()], SEEN, joint=SETS).to_json(), allow_nan=False))
    assert found["rows"][3]["observed"] is None
    assert found["joint"][0]["observed"] == 4


@pytest.mark.parametrize(
    ("observed", "options", "error", "message"),
    [
        ({"CR4": 1}, {"joint": {}}, UnknownNameError, "no region 'CR4' to compare; did you mean"),
        ({"CR1": 1}, {"joint": {"both": ["CR1", "CR2"]}}, UnknownNameError, "set 'both' 'CR2'"),
        ({"CR1": 1}, {"joint": {}, "beside": ["prompt"]}, UnknownNameError, "no mechanism 'prompt'"),
        ({"CR1": 1}, {"joint": {"none": []}}, ConfigurationError, "at least one"),
        ({"CR1": 1}, {"joint": {"twice": ["CR1", "CR1"]}}, ConfigurationError, "each once"),
        ({"CR1": -1}, {"joint": {}}, ConfigurationError, "observed number -1"),
    ],
)
def test_what_does_not_go_together_is_refused(
    observed: dict[str, int | None], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        validate([estimate()], observed, **options)


def test_plain_numbers() -> None:
    widths = [0.04, 0.07, 0.22]
    found = compare_numbers([1, 1, 2], [0.29, 0.58, 1.70], uncertainty=widths)
    assert [row.region for row in (*found.rows, *found.joint)] == ["1", "2", "3", "all"]
    assert found.joint[0].uncertainty == pytest.approx(0.33)
    assert found.joint[0].p_l == pytest.approx(0.240, abs=5e-4)
    apart = compare_numbers([1, 1, 2], [0.29, 0.58, 1.70], uncertainty=widths, common=0)
    assert apart.joint[0].uncertainty == pytest.approx(math.hypot(*widths))
    assert compare_numbers([1], [0.3], uncertainty=[0.0]).joint == ()
    with pytest.raises(ConfigurationError, match="common share 2"):
        compare_numbers([1], [0.3], uncertainty=[0.0], common=2)
    with pytest.raises(ConfigurationError, match="uncertainty -1"):
        compare_numbers([1], [0.3], uncertainty=[-1.0])


def test_a_region_that_gave_a_size_is_no_test_of_it() -> None:
    upstream = estimate("upstream", inputs={"side": ["CR3"], "side_inverted": []})
    elsewhere = estimate("neutrino", inputs={"side": ["CR2"], "side_inverted": ["LAV veto"]})
    found = validate([upstream, elsewhere], {"CR2": 1, "CR3": 2}, joint={"both": ["CR2", "CR3"]})
    assert [row.sizes for row in (*found.rows, *found.joint)] == [(), ("upstream",), ("upstream",)]
    limits = replace(upstream, limit=np.ones(4))
    assert validate([limits, elsewhere], {"CR3": 2}, joint={}).rows[0].sizes == ()
