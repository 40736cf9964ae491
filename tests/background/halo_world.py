"""Single halo muons as a search keeps them, and real pairs of them, for the tests of the accidental background."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump import simulation
from na62dump.analysis import single_tracks
from na62dump.background import simulated
from na62dump.background.combinatorial import CombinatorialSettings
from na62dump.background.tables import table
from na62dump.datasets import TriggerLines
from na62dump.reconstruction import build
from na62dump.regions import Policy, blind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from na62dump.cutflow import Selection
    from na62dump.events import Events
    from na62dump.results import SingleTracks

SEARCH = searches.load("mumu")
DURATION = 4.8e9
PAIR_WINDOW = 30.0
"""Full width (ns) within which the muons of a real pair are made: wider than that of the search."""

NARROW = {"source_spread": "150 mm"}
"""A halo that seems to come from a small source, so that every region has pairs."""


@cache
def lines() -> TriggerLines:
    """Lines of the trigger, Q1 without downscaling: the same muons are worth twenty times as many events."""
    shipped = conf.load(conf.find("experiment/trigger"), TriggerLines)
    return TriggerLines(line={**shipped.line, "Q1": shipped["Q1"].model_copy(update={"downscaling": 1})})


@cache
def _response() -> simulation.Response:
    shipped = simulated.response(SEARCH)
    return shipped.model_copy(update={"trigger": shipped.trigger.model_copy(update={"q1_downscaling": 1})})


def settings(**changes: Any) -> CombinatorialSettings:  # noqa: ANN401 - any field
    """What the search asks for, without cross-checks and without thinning."""
    shipped = table(SEARCH, "combinatorial", model=CombinatorialSettings)
    assert shipped is not None
    return shipped.model_copy(update={"most": 10**12} | changes)


def events(*, singles: int, pairs: int, seed: int, burst: int = 1, **changes: Any) -> Iterator[Events]:  # noqa: ANN401 - any key
    """Triggered events of the narrow halo."""
    made = {"singles": singles, "pairs": pairs, "rate": None, "pair_window": f"{PAIR_WINDOW} ns", "seed": seed}
    it = simulated.recipe(SEARCH, "halo", changes={**NARROW, **made, **changes})
    return simulation.generate(it, SEARCH.geometry, response=_response(), burst=burst)


def tracks(muons: int, *, seed: int, burst: int = 1, duration: float = DURATION, **changes: Any) -> SingleTracks:  # noqa: ANN401 - any key
    """Single tracks that the search keeps of so many muons of one burst."""
    kept = None
    made = events(singles=muons, pairs=0, seed=seed, burst=burst, duration=f"{duration} ns", **changes)
    for part in made:
        spill = {(int(part["run"][0]), burst): duration}
        found = single_tracks(SEARCH, part, among=np.ones(len(part), dtype=np.bool_), bursts=spill)
        assert found is not None
        kept = found if kept is None else kept + found
    assert kept is not None
    return kept


def selections(pairs: int, *, seed: int, **changes: Any) -> Iterator[Selection]:  # noqa: ANN401 - any key
    """What the search selects of so many real pairs, as it does of data, but for the blinding."""
    for part in events(singles=0, pairs=pairs, seed=seed, **changes):
        every = build(part, SEARCH.geometry, matching=SEARCH.matching, final_state=SEARCH.file.final_state)
        yield SEARCH.selection.select(blind(every, [SEARCH.plane], policy=Policy("simulation")), SEARCH.cuts)


def selected(pairs: int, *, seed: int, **changes: Any) -> NDArray[np.int64]:  # noqa: ANN401 - any key
    """Selected real pairs by region, without the undefined."""
    size = len(SEARCH.plane.names)
    found = np.zeros(size, dtype=np.int64)
    for selection in selections(pairs, seed=seed, **changes):
        found += np.bincount(SEARCH.plane.of(selection.visible.rows)[selection.passed()], minlength=size)
    return found[:-1]


def meetings(muons: float, *, duration: float = DURATION) -> float:
    """Expected pairs within the window of real pairs, if so many muons come in a spill (ns) on average: N^2 / 2 w / T."""
    return muons**2 / 2 * PAIR_WINDOW / duration
