from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from na62dump.datasets import Burst, Exposure

BURSTS = st.lists(
    st.builds(
        Burst,
        run=st.integers(1, 3),
        burst=st.integers(0, 1000),
        pot=st.floats(0, 1e13),
        duration_ns=st.floats(0, 1e10),
        good=st.booleans(),
    ),
    max_size=30,
    unique_by=lambda burst: (burst.run, burst.burst),
)


@given(data=st.data(), bursts=BURSTS)
def test_exposure_does_not_depend_on_the_order(data: st.DataObject, bursts: list[Burst]) -> None:
    assert Exposure.of(bursts) == Exposure.of(data.draw(st.permutations(bursts)))


def test_only_good_bursts_count() -> None:
    bursts = [
        Burst(run=1, burst=1, pot=2e12, duration_ns=4.8e9, good=True),
        Burst(run=1, burst=2, pot=3e12, duration_ns=4.8e9, good=False),
        Burst(run=2, burst=1, pot=5e12, duration_ns=1.0e9, good=True),
    ]
    assert Exposure.of(bursts) == Exposure(bursts=2, pot=7e12, duration_ns=5.8e9)


def test_no_bursts_are_no_exposure() -> None:
    assert Exposure.of([]) == Exposure(bursts=0, pot=0.0, duration_ns=0.0)


def test_a_burst_is_frozen() -> None:
    burst = Burst(run=1, burst=1, pot=1.0, duration_ns=1.0, good=True)
    with pytest.raises(ValidationError, match="frozen"):
        burst.pot = 2.0  # type: ignore[misc]
