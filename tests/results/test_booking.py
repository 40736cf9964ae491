from __future__ import annotations

from functools import cache, reduce
from itertools import pairwise
from operator import add
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from na62dump import analysis as searches
from na62dump import processor
from na62dump.cutflow import COUNT, Cutflow
from na62dump.errors import InputFileError, UnknownNameError
from na62dump.events import Events
from na62dump.events.scaling import Scaling, scaled
from na62dump.histograms import NOMINAL
from na62dump.reconstruction import build
from na62dump.regions import Policy, blind
from na62dump.results import Counts, Result, SampleState, State, book, count_entries
from tests.worlds import declared, digest, good_burst, merged, planned, simulated, write

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from na62dump.analysis import Analysis

SCALINGS = {NOMINAL: Scaling(), "p up": Scaling({"Track_p": 1.2}), "late": Scaling({}, {"Track_time": 4.0})}
EVENTS = 600


def test_a_sample_whose_weights_sums_would_lose_is_refused(tmp_path: Path) -> None:
    events = simulated("demo_signal", 200)
    small = Events(len(events), {**events.columns, "weight": np.full(200, 1e-9, dtype=np.float32)}, events.offsets)
    write(tmp_path / "s.root", small, bursts=[], truth=True)
    plan = planned(tmp_path, {"signal": declared("simulation", "s.root")})
    with pytest.raises(InputFileError, match="sample 'signal': its weights are too small to be summed exactly"):
        merged(tmp_path / "run", plan)


def test_data_have_no_weights_to_refuse(tmp_path: Path) -> None:
    events = simulated("halo", 200)
    write(tmp_path / "h.root", events, bursts=[good_burst(int(events["run"][0]), 1)])
    plan = planned(tmp_path, {"halo": declared("data", "h.root")})
    made = processor.Processor(searches.load("mumu"), plan).chain(events, "halo")
    assert made.counts["halo"].generated_weight == 0.0


@cache
def search() -> Analysis:
    return searches.load("mumu")


def state() -> State:
    mumu = search()
    return State(
        analysis=mumu.name,
        digest="0",
        run_digest="1",
        opened=(),
        hidden=tuple(sorted(mumu.plane.hidden)),
        plane=mumu.plane,
        samples={
            name: SampleState(kind="simulation", label=name, simulated=True) for name in ("halo", "signal", "other")
        },
        variations=tuple(SCALINGS)[1:],
    )


def booked(events: Events, variation: str, *, counts: Counts | None = None) -> Result:
    mumu = search()
    made = build(
        scaled(events, SCALINGS[variation]),
        mumu.geometry,
        matching=mumu.matching,
        final_state=mumu.file.final_state,
    )
    selection = mumu.selection.select(blind(made, [mumu.plane], policy=Policy("simulation")), mumu.cuts)
    zero = Counts.zero(len(state().regions))
    return book(
        selection, counts or zero, state=state(), sample="signal", declarations=mumu.declarations, variation=variation
    )


def chain(events: Events) -> Result:
    """What the processor does: the nominal result with what was read, and one for each variation."""
    good = np.ones(len(events), dtype=np.bool_)
    counts = count_entries(events, good, state=state(), sample="signal")
    return reduce(add, [booked(events, name, counts=counts if name == NOMINAL else None) for name in SCALINGS])


def content(result: Result) -> tuple[Result, str]:
    """A result with rows in order, and the digest of all that it holds."""
    made = Result(result.state, result.counts, result.cutflow, result.book, result.skim.sorted(), varied=result.varied)
    return made, digest(made)


@cache
def whole() -> tuple[Result, str]:
    return content(chain(simulated("demo_signal", EVENTS)))


@settings(max_examples=5)
@given(st.lists(st.integers(0, EVENTS), max_size=3), st.randoms(use_true_random=False))
def test_variations_add_up_bit_for_bit_wherever_the_unit_is_cut(cuts: list[int], draw: Random) -> None:
    events, edges = simulated("demo_signal", EVENTS), [0, *sorted(cuts), EVENTS]
    parts = [chain(events.take(low, high)) for low, high in pairwise(edges)]
    draw.shuffle(parts)
    total, digested = content(reduce(add, parts))
    assert total.varied == whole()[0].varied
    assert total.book == whole()[0].book
    assert digested == whole()[1]


def test_a_variation_counts_no_entry_and_keeps_no_row() -> None:
    events = simulated("demo_signal", EVENTS)
    counts = count_entries(events, np.ones(len(events), dtype=np.bool_), state=state(), sample="signal")
    varied = booked(events, "late", counts=counts)
    assert varied.counts["signal"].to_json() == Counts.zero(len(state().regions)).to_json()
    assert dict(varied.cutflow) == {}
    assert len(varied.skim) == 0
    total, nominal = whole()[0], booked(events, NOMINAL, counts=counts)
    assert varied.skim.columns.keys() == nominal.skim.columns.keys()
    assert total.counts["signal"].to_json() == nominal.counts["signal"].to_json()
    assert total.cutflow["signal"] == nominal.cutflow["signal"]
    assert total.skim == nominal.skim.sorted()
    assert total.of("signal") == nominal.of("signal")
    assert total.of("signal", variation="late") == varied.of("signal", variation="late") != total.of("signal")


def test_a_variation_fills_its_own_place_of_the_axis() -> None:
    total = whole()[0]
    for name in SCALINGS:
        made = total.book["plane"][{"dataset": "signal", "variation": name}]
        assert made.sum(flow=True).value == pytest.approx(total.of("signal", variation=name).regions[:, 1].sum())
    unvaried = total.book["p"][{"variation": NOMINAL}], total.book["p"][{"variation": "p up"}]
    assert unvaried[0] != unvaried[1]


def test_every_variation_has_regions_and_cutflow_of_the_same_rows() -> None:
    total = whole()[0]
    for name in SCALINGS:
        made = total.of("signal", variation=name)
        assert made.regions[:, COUNT].sum() == made.cutflow.cumulative[0, -1, COUNT] > 0


def test_an_unknown_variation_is_refused() -> None:
    rows = booked(simulated("demo_signal", EVENTS), NOMINAL)
    assert isinstance(rows.of("signal").cutflow, Cutflow)
    with pytest.raises(UnknownNameError, match=r"sample 'signal' has no variation 'p upp'; did you mean 'p up'\?"):
        whole()[0].of("signal", variation="p upp")
    with pytest.raises(UnknownNameError, match=r"no sample 'sgnal' in this result; did you mean 'signal'\?"):
        whole()[0].of("sgnal")
