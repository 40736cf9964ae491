"""Events per second that are simulated and written, beside the time of drawing as many normal numbers with numpy.

python benchmarks/simulation.py [EVENTS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump import configuration as conf
from na62dump import simulation
from na62dump.datasets import Sample
from na62dump.geometry import Geometry

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 3
NORMALS = 40
"""Normal numbers that an event of two tracks needs, about: what no simulation of this kind can do without."""


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Time of one core that a call takes, and time on the clock, s: a shared machine inflates the second."""
    begin = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - begin[0], time.perf_counter() - begin[1]


def sized(name: str, events: int) -> Sample:
    """A shipped sample with a number of events; of the halo half singles and half pairs, all of them kept."""
    shipped = conf.load(conf.find(f"samples/{name}"), Sample)
    table: dict[str, Any] = dict(shipped.simulate or {}) | {"bursts": 1, "keep": "all"}
    if table.pop("rate", None):
        table |= {"singles": events // 2, "pairs": events - events // 2}
    else:
        table |= {"events": events}
    return shipped.model_copy(update={"simulate": table})


def main() -> None:
    """Print one line per sample; each number is the median of interleaved rounds, ratios are of times of one core."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
    geometry = conf.load(conf.find("experiment/geometry"), Geometry)
    response = conf.load(conf.find("experiment/response"), simulation.Response)
    generator = np.random.default_rng(1)
    print(f"{'sample':12} {'events/s':>10} {'(clock)':>10} {'kernels : writing':>18} {'floor : all':>12}")
    for name in ("demo_signal", "ap_ee", "halo"):
        sample = sized(name, events)
        recipe = simulation.recipe(sample, where=name)

        def made(recipe: simulation.Recipe = recipe) -> None:
            for _ in simulation.generate(recipe, geometry, response=response, burst=1):
                pass

        begin = time.perf_counter()
        next(simulation.generate(recipe, geometry, response=response, burst=1, stop=10))
        compiling = time.perf_counter() - begin
        times: dict[str, list[tuple[float, float]]] = {"kernels": [], "all": [], "floor": []}
        with tempfile.TemporaryDirectory() as folder:
            for repeat in range(ROUNDS):
                times["kernels"].append(seconds(made))
                whole = partial(
                    simulation.write,
                    name,
                    sample,
                    geometry=geometry,
                    response=response,
                    directory=Path(folder) / str(repeat),
                )
                times["all"].append(seconds(whole))
                times["floor"].append(seconds(partial(generator.standard_normal, events * NORMALS)))
        core = {what: statistics.median(t[0] for t in found) for what, found in times.items()}
        clock = statistics.median(t[1] for t in times["all"])
        share = core["kernels"] / core["all"]
        print(
            f"{name:12} {events / core['all']:10.0f} {events / clock:10.0f} {f'{share:.2f} : {1 - share:.2f}':>18} "
            f"{core['floor'] / core['all']:12.2f}   (first call {compiling:.1f} s)"
        )


if __name__ == "__main__":
    main()
