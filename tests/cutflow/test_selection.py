from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.cutflow import COUNT, EVENTS, ROWS, SUM, SUM2, Cutflow, Selection
from na62dump.cutflow.coincidences import coincidences
from na62dump.errors import ConfigurationError, MergeError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from na62dump.regions import Visible

    Row = tuple[int, list[bool], float]


def visible(events: list[int], weights: list[float] | None = None) -> Visible:
    weight = np.array(weights if weights is not None else [1.0] * len(events), dtype=np.float32)

    class Rows(SimpleNamespace):
        def __len__(self) -> int:
            return len(events)

    rows = Rows(index=np.array(events, dtype=np.int64), weight=weight)
    return cast("Visible", SimpleNamespace(rows=rows))


def masks(**columns: list[bool]) -> dict[str, NDArray[np.bool_]]:
    return {name: np.array(column, dtype=bool) for name, column in columns.items()}


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'a' is given twice"):
        Selection(visible([0]), masks(a=[True]), masks(a=[False]))


def test_a_requirement_must_be_one_bool_per_row() -> None:
    with pytest.raises(ConfigurationError, match="'a' is float64 of shape"):
        Selection(visible([0]), {"a": np.array([1.0])})
    with pytest.raises(ConfigurationError, match=r"'a' is bool of shape \(2,\)"):
        Selection(visible([0]), masks(a=[True, False]))
    wrong: Any = [True]
    with pytest.raises(ConfigurationError, match="'a' is a list: it must be one bool for each of 1 rows"):
        Selection(visible([0]), {"a": wrong})


def test_n_minus_one_ignores_its_own_requirement() -> None:
    selection = Selection(visible([0, 1, 2]), masks(a=[True, False, False], b=[True, True, False]))
    assert selection.passed().tolist() == [True, False, False]
    assert selection.all_but("a").tolist() == [True, True, False]
    assert selection.all_but("b").tolist() == [True, False, False]
    with pytest.raises(UnknownNameError, match="did you mean 'a'"):
        selection.all_but("aa")


ROW = st.tuples(st.integers(0, 3), st.lists(st.booleans(), min_size=3, max_size=3), st.floats(-4, 4, width=32))


def slow(rows: list[Row], step: int, what: str) -> list[tuple[int, float]]:
    """Rows that count: (event, weight), by the plainest definition."""
    tests: dict[str, Callable[[list[bool]], bool]] = {
        "cumulative": lambda cuts: all(cuts[:step]),
        "alone": lambda cuts: cuts[step],
        "all_but": lambda cuts: all(c for i, c in enumerate(cuts) if i != step),
    }
    return [(event, weight) for event, cuts, weight in rows if tests[what](cuts)]


@given(st.lists(ROW, max_size=25))
def test_tallies_are_those_of_plain_python(rows: list[Row]) -> None:
    rows.sort(key=lambda row: row[0])
    weight_of = {event: weight for event, _, weight in rows}  # weights are those of events
    rows = [(event, cuts, weight_of[event]) for event, cuts, _ in rows]
    columns = {name: [cuts[i] for _, cuts, _ in rows] for i, name in enumerate("abc")}
    flow = Cutflow.of(Selection(visible([r[0] for r in rows], [r[2] for r in rows]), masks(**columns)))
    for what, steps in (("cumulative", 4), ("alone", 3), ("all_but", 3)):
        for step in range(steps):
            kept = slow(rows, step, what)
            tally = getattr(flow, what)
            assert tally[ROWS, step, COUNT] == len(kept)
            assert tally[ROWS, step, SUM] == pytest.approx(sum(w for _, w in kept), abs=1e-5)
            assert tally[ROWS, step, SUM2] == pytest.approx(sum(w * w for _, w in kept), abs=1e-4)
            events = {event: w for event, w in kept}  # noqa: C416 - later rows of an event replace earlier ones
            assert tally[EVENTS, step, COUNT] == len(events)
            assert tally[EVENTS, step, SUM] == pytest.approx(sum(events.values()), abs=1e-5)


def test_any_number_of_requirements_counts() -> None:
    met = np.random.default_rng(1).random((70, 200)) < 0.97
    flow = Cutflow.of(Selection(visible(list(range(200))), {f"cut{i}": mask for i, mask in enumerate(met)}))
    left = [np.count_nonzero(met[:step].all(axis=0)) for step in range(71)]
    assert flow.cumulative[ROWS, :, COUNT].tolist() == left
    assert 0 < left[-1] < left[64] < left[32]
    assert flow.alone[ROWS, :, COUNT].tolist() == met.sum(axis=1).tolist()


@given(st.lists(ROW, max_size=25), st.integers(0, 3))
def test_cutflows_add_up_bit_for_bit_wherever_events_are_cut(rows: list[Row], edge: int) -> None:
    rows.sort(key=lambda row: row[0])

    def flow(part: list[Row]) -> Cutflow:
        columns = {name: [cuts[i] for _, cuts, _ in part] for i, name in enumerate("abc")}
        return Cutflow.of(Selection(visible([r[0] for r in part], [r[2] for r in part]), masks(**columns)))

    low, high = ([r for r in rows if r[0] < edge], [r for r in rows if r[0] >= edge])
    assert flow(low) + flow(high) == flow(rows)
    assert flow(high) + flow(low) == flow(rows)


@given(st.lists(ROW, max_size=25))
def test_correlations_are_those_of_plain_numpy(rows: list[Row]) -> None:
    columns = {name: [cuts[i] for _, cuts, _ in rows] for i, name in enumerate("abc")}
    flow = Cutflow.of(Selection(visible([0] * len(rows)), masks(**columns)))
    assert np.array_equal(np.diag(flow.both), flow.alone[ROWS, :, COUNT])
    phi = flow.correlation()
    for i, one in enumerate(columns.values()):
        for j, other in enumerate(columns.values()):
            assert flow.both[i, j] == sum(a and b for a, b in zip(one, other, strict=True))
            if len(set(one)) < 2 or len(set(other)) < 2:
                assert np.isnan(phi[i, j])
            else:
                assert phi[i, j] == pytest.approx(np.corrcoef(one, other)[0, 1])


def test_coincidences_are_exact_over_many_chunks() -> None:
    met = np.random.default_rng(1).random((5, 40_001)) < 0.7
    assert np.array_equal(coincidences(met), met.astype(np.int64) @ met.T.astype(np.int64))


def test_first_and_only_failures() -> None:
    flow = Cutflow.of(Selection(visible([0, 1, 2]), masks(a=[True, False, False], b=[True, True, False])))
    assert flow.first_failure()[ROWS, :, COUNT].tolist() == [2, 0]
    assert flow.only_failure()[ROWS, :, COUNT].tolist() == [1, 0]


def test_json_round_trip() -> None:
    flow = Cutflow.of(Selection(visible([0, 1], [0.1, 0.2]), masks(a=[True, False])))
    assert Cutflow.from_json(flow.to_json()) == flow
    empty = Cutflow.zero(())
    assert Cutflow.from_json(empty.to_json()) == empty


def test_different_requirements_do_not_add_up() -> None:
    with pytest.raises(MergeError, match="different requirements"):
        _ = Cutflow.zero(("a",)) + Cutflow.zero(("b",))
