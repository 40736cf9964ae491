"""How fast expected numbers come from stored samples: a grid of the dark photon, and reweighting against a sum over decays.

``python benchmarks/yields.py [EVENTS]``: decays of each sample, 20000 by default; more make the samples better, not the grid
slower.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from na62dump import analysis as searches
from na62dump import studies
from na62dump.signal import expectation, library
from na62dump.signal.parents import source
from na62dump.studies.closure import simulated
from na62dump.studies.fluxes import drawn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

MASSES, COUPLINGS = 81, 240
EVENTS = 20_000
AT, CHANNEL = 400.0, "bremsstrahlung"
REPEATS = 5


def best(work: Callable[[], object]) -> float:
    """Shortest time of some repetitions, s of one core: those of all cores added, so that the figure means the same everywhere."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main(events: int) -> None:
    """Print the record."""
    search, model = searches.load("mumu"), library.load("dark_photon")
    made = source().settings
    couplings = np.geomspace(model.coupling.low, model.coupling.high, COUPLINGS)
    start = time.perf_counter()
    stored = studies.acceptance(search, model, events=events)
    print(
        f"samples: {len(stored.samples)} of {events} decays, simulated and selected in {time.perf_counter() - start:.1f} s"
    )
    known = [sample.mass for sample in stored.samples]
    masses = np.geomspace(min(known), max(known), MASSES)

    def grid() -> object:
        return expectation.expect(
            model,
            [stored],
            masses=masses,
            couplings=couplings,
            protons=made.protons_on_target,
            protons_uncertainty=made.protons_uncertainty,
        )

    channels = len({channel for channel, _ in stored.series})
    seconds = best(grid)
    print(f"grid of {MASSES} masses x {COUPLINGS} couplings, {channels} channels: {seconds:.2f} s on one core")

    alone = studies.acceptance(search, model, events=events, masses=[AT], channels=[CHANNEL])
    ctau = np.array([model.ctau(AT, coupling) for coupling in couplings])
    binned, _ = alone.fractions(CHANNEL, "mumu", mass=AT, ctau=ctau)
    weight, distance, factor = decays(search, model, events)

    def direct() -> NDArray[np.float64]:
        return np.asarray(factor * weight @ (np.exp(-distance[:, None] / ctau) / ctau))

    summed = direct()
    fast = best(lambda: alone.fractions(CHANNEL, "mumu", mass=AT, ctau=ctau))
    slow = best(direct)
    seen = summed > 1e-20
    worst = np.max(np.abs(binned.sum(axis=0)[seen] / summed[seen] - 1))
    print(
        f"one sample, {COUPLINGS} couplings: reweighting {1e3 * fast:.2f} ms, sum over {len(weight)} decays {1e3 * slow:.1f} ms"
    )
    print(f"ratio: {slow / fast:.0f} times as fast; largest relative difference {worst:.1e}")


def decays(
    search: searches.Analysis, model: library.Model, events: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Weights and proper distances (mm) of the selected decays of the one sample, made again, and what all are multiplied by."""
    flux = model.channel(CHANNEL).flux(AT)
    source = drawn(flux, AT, bias=studies.settings(search).bias)
    changes = {
        "mass": f"{AT} MeV",
        "events": events,
        "final_state": "mumu",
        "keep": "all",
        "seed": studies.seed(model, CHANNEL, final_state="mumu", mass=AT),
    }
    weights, distances = [], []
    for made, selection in simulated(
        search, studies.signal_sample(search).name, changes=changes, spectrum=source.spectrum
    ):
        index = np.unique(selection.visible.rows.index[selection.passed()])
        momentum = np.sqrt(made["truth_energy"][index].astype(np.float64) ** 2 - AT**2)
        weights.append(made["truth_weight"][index] * source.weights(momentum))
        distances.append(made["truth_proper_distance"][index].astype(np.float64))
    return np.concatenate(weights), np.concatenate(distances), flux.inside / events


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
