from __future__ import annotations

from na62dump.inference.backgrounds import sides, validation_of
from na62dump.inference.validation import validate
from tests.plotting.background_samples import EXPECTED, NAMES, backgrounds, estimate, estimates


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


def test_regions_that_tell_a_size_are_named_with_its_mechanisms() -> None:
    assert sides(backgrounds()) == {"outside": ("neutrino",)}
    upstream = estimate("upstream", EXPECTED, inputs={"side": ["outside", "VR"], "inverted": []})
    inverted = estimate("prompt", EXPECTED, inputs={"side": ["VR"], "inverted": ["LAV veto"]})
    found = sides(backgrounds(estimates=(*estimates(), upstream, inverted)))
    assert found == {"outside": ("neutrino", "upstream"), "VR": ("upstream",)}
