from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.errors import ConfigurationError, UnknownNameError
from na62dump.events import COLUMNS
from na62dump.events.scaling import SCALABLE, Scaling, scaled
from tests.making import Event, events_of

EVENTS = events_of([Event({"trigger_time": 2.5}, {"Track": [{"p": 3e4, "time": 1.0}, {"p": 2e4}]}), Event()])


def test_a_column_is_multiplied_then_shifted_and_the_others_are_shared() -> None:
    made = scaled(EVENTS, Scaling({"Track_p": 1.01}, {"Track_p": -5.0, "trigger_time": 0.25}))
    assert made["Track_p"].tolist() == [np.float32(3e4 * 1.01 - 5.0), np.float32(2e4 * 1.01 - 5.0)]
    assert made["trigger_time"].tolist() == [2.75, 0.25]
    assert EVENTS["Track_p"].tolist() == [3e4, 2e4]
    assert made.offsets is EVENTS.offsets
    assert len(made) == len(EVENTS)
    for name in COLUMNS:
        assert made[name].dtype == EVENTS[name].dtype
        assert (made[name] is EVENTS[name]) == (name not in {"Track_p", "trigger_time"})


@given(
    st.dictionaries(st.sampled_from(SCALABLE), st.floats(0.5, 2)),
    st.dictionaries(st.sampled_from(SCALABLE), st.floats(-9, 9)),
)
def test_equal_scalings_are_one_key_and_travel(factors: dict[str, float], shifts: dict[str, float]) -> None:
    made = Scaling(factors, shifts)
    turned = Scaling(dict(reversed(factors.items())), dict(reversed(shifts.items())))
    assert {made: "a"}[turned] == "a"
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own bytes
    changed = scaled(EVENTS, made)
    for name in SCALABLE:
        wide = EVENTS[name].astype(np.float64) * factors.get(name, 1.0) + shifts.get(name, 0.0)
        assert np.array_equal(changed[name], wide.astype(EVENTS[name].dtype))


@pytest.mark.parametrize("idle", [Scaling(), Scaling({"Track_p": 1.0}, {"LKr_time": 0.0}), Scaling({}, {})])
def test_what_changes_nothing_gives_the_same_events(idle: Scaling) -> None:
    assert idle == Scaling()
    assert scaled(EVENTS, idle) is EVENTS


def test_columns_that_were_not_read_are_passed_over() -> None:
    some = type(EVENTS)(len(EVENTS), {"run": EVENTS["run"]}, {})
    assert scaled(some, Scaling({"Track_p": 2.0})) is some


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Track_pp", r"a factor is given for column 'Track_pp', which is unknown; did you mean 'Track_p'\?"),
        ("trigger", r"'trigger', which was not measured as a float; did you mean 'trigger_time'\?"),
        ("CHOD_tile", "'CHOD_tile', which was not measured as a float"),
        ("Track_charge", "'Track_charge', which was not measured"),
        ("truth_z", "'truth_z', which was not measured"),
        ("Truth_px", "'Truth_px', which was not measured"),
        ("weight", "'weight', which was not measured"),
        ("run", "'run', which was not measured"),
    ],
)
def test_what_cannot_be_scaled_is_refused(name: str, message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        Scaling({name: 2.0})
    with pytest.raises(UnknownNameError, match=f"a shift is given for column '{name}'"):
        Scaling({}, {name: 2.0})


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_are_finite(number: float) -> None:
    with pytest.raises(ConfigurationError, match=f"the factor of column 'Track_p' is {number}: it must be a finite"):
        Scaling({"Track_p": number})
    with pytest.raises(ConfigurationError, match=f"the shift of column 'LAV_time' is {number}"):
        Scaling({}, {"LAV_time": number})


@pytest.mark.parametrize("factor", [0.0, -1.0])
def test_a_factor_that_is_not_above_zero_is_refused(factor: float) -> None:
    with pytest.raises(ConfigurationError, match=rf"the factor of column 'Track_p' is {factor}: it must be above 0"):
        Scaling({"Track_p": factor})
