from __future__ import annotations

from na62dump.inference import validate, validation_of
from tests.plotting.background_samples import NAMES, backgrounds


def test_it_is_the_comparison_of_all_mechanisms() -> None:
    found = backgrounds()
    observed = {name: found.observed[name] for name in NAMES}
    assert validation_of(found) == validate(found.estimates, observed, joint=found.joint)
    assert [row.region for row in validation_of(found).rows] == list(NAMES)


def test_what_no_mechanism_knows_and_sets_with_it_are_left_out() -> None:
    found = backgrounds(
        observed={"undefined": 3, "elsewhere": 1, "VR": 21, "CR1": 0},
        joint={"all": ("VR", "elsewhere"), "side bands": ("VR", "CR1")},
    )
    compared = validation_of(found)
    assert [row.region for row in (*compared.rows, *compared.joint)] == ["VR", "CR1", "side bands"]
    nothing = validation_of(backgrounds(estimates=()))
    assert (nothing.rows, nothing.joint) == ((), ())
