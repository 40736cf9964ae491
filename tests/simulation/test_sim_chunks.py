from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from na62dump.events import concatenate
from na62dump.simulation import Recipe, generate
from na62dump.simulation.final_states import FINAL_STATES, parse
from tests.simulation.sim_world import changed, events_of, halo, prompt, same, shapes, signal, usual

MASSES = {"mumu": "400 MeV", "ee": "100 MeV", "gg": "200 MeV"}
RECIPES: list[Recipe] = [
    signal(events=600),
    signal(events=600, final_state="ee", keep="triggered"),
    halo(singles=400, pairs=200),
    halo(singles=3000, pairs=200, keep="triggered", truth=False),
    prompt(events=600),
]
WHOLE = [events_of(recipe, usual()) for recipe in RECIPES]


@pytest.mark.parametrize("which", range(len(RECIPES)))
@settings(max_examples=15)
@given(chunk=st.integers(1, 700))
def test_chunks_change_nothing(which: int, chunk: int) -> None:
    assert same(events_of(RECIPES[which], usual(), chunk=chunk), WHOLE[which])


@pytest.mark.parametrize("name", [*FINAL_STATES, "mu+ mu- gamma", "pi+ pi- pi0 gamma", "K- pi+ nu(tau)~ pi0"])
def test_chunks_change_nothing_in_any_final_state(name: str) -> None:
    recipe = signal(events=300, final_state=name, mass=MASSES.get(name, "1500 MeV"))
    whole = events_of(recipe, usual())
    assert same(events_of(recipe, usual(), chunk=7), whole)
    assert set(whole["truth_final_state"]) == {parse(name).number}


@pytest.mark.parametrize("which", range(len(RECIPES)))
@settings(max_examples=10)
@given(cut=st.integers(1, 599))
def test_a_burst_may_be_made_in_parts(which: int, cut: int) -> None:
    parts = [
        *generate(RECIPES[which], shapes(), response=usual(), burst=1, stop=cut),
        *generate(RECIPES[which], shapes(), response=usual(), burst=1, start=cut),
    ]
    assert same(concatenate(parts), WHOLE[which])


def different(one: Recipe, other: Recipe, burst: int = 1) -> bool:
    return not np.array_equal(events_of(one, usual())["Truth_px"], events_of(other, usual(), burst)["Truth_px"])


def test_seed_run_and_burst_each_make_other_events() -> None:
    assert not different(signal(events=50), signal(events=50))
    assert different(signal(events=50), signal(events=50, seed=12))
    assert different(signal(events=50), signal(events=50, run=8))
    assert different(signal(events=50), signal(events=50), burst=2)


def test_a_buffer_that_gets_full_is_made_larger() -> None:
    noise = usual().lav.accidental.model_copy(update={"rate": 0.04})
    loud = changed(usual(), lav={"accidental": noise})
    recipe = halo(singles=3000, pairs=0)
    whole = events_of(recipe, loud)
    assert len(whole["LAV_time"]) > 4 * len(whole) + 256
    assert same(whole, events_of(recipe, loud, chunk=7))


def test_no_events_are_an_empty_table() -> None:
    assert list(generate(signal(events=0), shapes(), response=usual(), burst=1)) == []
    [none] = generate(
        halo(singles=3, pairs=0, keep="triggered", target_spread="90 m"), shapes(), response=usual(), burst=1
    )
    assert len(none) == 0
    assert none["Track_p"].dtype == np.float32
