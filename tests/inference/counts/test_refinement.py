"""Hypotheses around observed events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.inference.counts import windows
from na62dump.inference.counts.refinement import BESIDE, at_masses, refined
from na62dump.signal.residuals import WIDTHS
from tests.inference.counting_world import SETTINGS, expected

if TYPE_CHECKING:
    from na62dump.inference.counts.counting import Counting
    from na62dump.signal.yields import Expected

GRID = np.linspace(300.0, 500.0, 5)
RELATIVE = 0.01
"""Resolution over mass: windows are +-3%, much narrower than a step of the grid."""

RESOLUTION = RELATIVE * GRID[:, None] * np.array(WIDTHS)
WINDOW = SETTINGS.window
LOW, HIGH = 1 + WINDOW.widths * RELATIVE, 1 - WINDOW.widths * RELATIVE
"""Event over the lowest and the highest mass that count it."""

MASSES = st.floats(300.0, 500.0)


def coarse(*searches: str, events: np.ndarray | None = None) -> Expected:
    names = searches or ("mumu",)
    made = expected(*names, masses=GRID, residuals=np.tile(RESOLUTION, (len(names), 1, 1)))
    return made if events is None else replace(made, events=events, statistical=0.1 * events)


def counted(signal: Expected, *events: float) -> Counting:
    return windows.given(signal, "mumu", background=0.0, events=events, settings=SETTINGS)


NUMBERS = st.lists(st.sampled_from([0.0, 1e-30, 0.3, 7.0, 1e5]), min_size=15, max_size=15)


@given(NUMBERS, st.lists(MASSES, max_size=4))
def test_masses_of_the_grid_keep_their_numbers(numbers: list[float], seen: list[float]) -> None:
    signal = coarse(events=np.reshape(numbers, (1, 5, 3)))
    made = refined(signal, {"mumu": seen}, window=WINDOW)
    at = np.searchsorted(made.masses, GRID)
    np.testing.assert_array_equal(made.masses[at], GRID)
    for name in ("events", "statistical", "residuals"):
        np.testing.assert_array_equal(getattr(made, name)[:, at], getattr(signal, name))
    assert (np.diff(made.masses) > 0).all()


@given(MASSES)
def test_an_event_on_the_grid_counts_exactly_where_its_window_says(event: float) -> None:
    made = refined(coarse(), {"mumu": [event]}, window=WINDOW)
    found = counted(made, event)
    assert found.observed is not None
    assert not [remark for remark in found.remarks if "no mass of the grid" in remark]
    counts = made.masses[found.observed == 1]
    assert counts[0] == pytest.approx(max(event / LOW, GRID[0]), rel=2 * BESIDE)
    assert counts[-1] == pytest.approx(min(event / HIGH, GRID[-1]), rel=2 * BESIDE)
    inside = (event / LOW * (1 + BESIDE / 2) < made.masses) & (made.masses < event / HIGH * (1 - BESIDE / 2))
    np.testing.assert_array_equal(found.observed, inside)
    for edge in (event / LOW, event / HIGH):
        if GRID[0] < edge * (1 - 2 * BESIDE) < edge * (1 + 2 * BESIDE) < GRID[-1]:
            assert np.sum(np.abs(made.masses / edge - 1) < 2 * BESIDE) >= 2  # one on each side


def test_an_event_between_windows_is_told() -> None:
    found = counted(coarse(), 325.0, 352.0)
    assert found.remarks[-1] == "mumu: observed at 325 MeV, in the window of no mass of the grid"
    assert not np.any(counted(coarse(), 325.0).observed)


@given(st.floats(-8, 8), MASSES)
def test_signal_is_a_power_law_in_between(power: float, mass: float) -> None:
    law = np.array([1.0, 2.0, 5.0]) * (GRID[:, None] / 300) ** power
    made = at_masses(coarse(events=law[None]), np.array([mass]))
    np.testing.assert_allclose(made.events[0, 0], np.array([1.0, 2.0, 5.0]) * (mass / 300) ** power, rtol=1e-9)
    np.testing.assert_allclose(made.statistical, 0.1 * made.events)
    np.testing.assert_allclose(made.residuals[0, 0], RELATIVE * mass * np.array(WIDTHS), atol=1e-9)


@given(MASSES.filter(lambda mass: mass not in GRID))
def test_no_signal_is_invented_beside_none(mass: float) -> None:
    events = np.array([1.0, 0.0, 1.0, 1.0, 0.0])[None, :, None] * np.ones(3)
    made = at_masses(coarse(events=events), np.array([mass]))
    some = 400 < mass < 450
    np.testing.assert_allclose(made.events, some)
    np.testing.assert_allclose(made.statistical, 0.1 * some)


def test_uncertainties_of_theory_are_interpolated() -> None:
    signal = replace(coarse(), uncertainties={"decay": {"form": [0.1, 0.2, 0.3, 0.4, 0.5], "rate": 0.3}})
    made = at_masses(signal, np.array([325.0, 500.0]))
    assert made.uncertainties["decay"]["form"] == pytest.approx([0.15, 0.5])
    assert made.uncertainties["decay"]["rate"] == 0.3


def test_more_events_than_asked_for_are_left_to_the_grid() -> None:
    seen = [425.0, 325.0, 375.0]
    made = refined(coarse(), {"mumu": seen}, window=WINDOW.model_copy(update={"events": 2}))
    assert {325.0, 375.0} < set(made.masses)
    assert 425.0 not in made.masses
    assert counted(made, *seen).remarks[-1] == "mumu: observed at 425 MeV, in the window of no mass of the grid"


def test_each_search_has_hypotheses_around_its_own_events() -> None:
    signal = coarse("mumu", "ee")
    made = refined(signal, {"mumu": [325.0], "ee": [np.nan, 425.0, np.inf]}, window=WINDOW)
    assert {325.0, 425.0} < set(made.masses)
    assert len(made.masses) == len(GRID) + 10
    assert made.residuals.shape == (2, len(made.masses), len(WIDTHS))


def test_a_search_without_a_mass_needs_no_more_masses() -> None:
    blind = replace(coarse(), residuals=np.full((1, 5, len(WIDTHS)), np.nan))
    assert refined(blind, {"mumu": [325.0]}, window=WINDOW) is blind


@pytest.mark.parametrize("seen", [{}, {"mumu": []}, {"mumu": [100.0, 900.0]}])
def test_events_far_from_the_grid_change_nothing(seen: dict[str, list[float]]) -> None:
    signal = coarse()
    assert refined(signal, seen, window=WINDOW) is signal
