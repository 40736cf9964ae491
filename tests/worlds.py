"""Small worlds for tests of whole chains: simulated samples in files, their declarations, and runs over them."""

from __future__ import annotations

import uuid
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from na62dump import analysis as searches
from na62dump import planning, runs
from na62dump.configuration import find, load
from na62dump.datasets import Burst, Sample
from na62dump.events import COLUMNS, Events, Writer, concatenate
from na62dump.geometry import Geometry
from na62dump.results import Result, content_digest
from na62dump.runner import Execution, Local
from na62dump.simulation import Response, generate, recipe

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.datasets import Plan
    from na62dump.datasets.samples import Kind

LayoutName = Literal["ttree", "rntuple"]
ITERATIVE = Local(engine="iterative", workers=1)
DATA_COLUMNS = [name for name, column in COLUMNS.items() if column.presence == "always"]


@cache
def simulated(sample: str, events: int, burst: int = 1) -> Events:
    """Events of a shipped sample: so many decays or prompt pairs, of the halo half singles and half accidental pairs."""
    shipped = load(find(f"samples/{sample}"), Sample)
    recipe_table = dict(shipped.simulate or {})
    if recipe_table["process"] != "halo":
        changes: dict[str, Any] = {"events": events}
    else:
        changes = {"singles": events // 2, "pairs": events - events // 2, "keep": "all", "truth": True}
        recipe_table.pop("rate", None)
    parsed = recipe(shipped.model_copy(update={"simulate": recipe_table | changes}), where=sample)
    geometry = load(find("experiment/geometry"), Geometry)
    response = load(find("experiment/response"), Response)
    return concatenate(list(generate(parsed, geometry, response=response, burst=burst)))


def good_burst(run: int, burst: int, *, pot: float = 2e12, good: bool = True) -> Burst:
    """A burst of 4.8 s."""
    return Burst(run=run, burst=burst, pot=pot, duration_ns=4.8e9, good=good)


def write(
    path: Path,
    events: Events,
    *,
    bursts: list[Burst],
    truth: bool = False,
    layout: LayoutName = "ttree",
    seed: str = "",
) -> Path:
    """One file of events; its uuid follows from its name and the seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = list(events.columns) if truth else [name for name in DATA_COLUMNS if name in events]
    identity = uuid.uuid5(uuid.NAMESPACE_OID, f"{path.name}{seed}")
    with Writer(path, layout=layout, columns=columns, provenance={"simulated": True}, uuid=identity) as writer:
        writer.extend(events)
        writer.write_bursts(bursts)
    return path


def declared(kind: Kind, *files: str, label: str = "a sample") -> Sample:
    """Declaration of a sample."""
    return Sample(kind=kind, label=label, files=files)


def planned(folder: Path, samples: dict[str, Sample], *, unit_events: int = planning.UNIT_EVENTS) -> Plan:
    """Plan of the mumu analysis over samples whose files are in a folder."""
    return planning.plan(searches.load("mumu"), samples, base=folder, unit_events=unit_events)


def done(folder: Path, plan: Plan, *, execution: Execution = ITERATIVE) -> runs.Run:
    """A run of a plan, all its units tried."""
    run = runs.create(folder, searches.load("mumu"), plan=plan)
    runs.execute(run, execution)
    return run


def merged(folder: Path, plan: Plan, *, execution: Execution = ITERATIVE) -> Result:
    """Result of a plan that runs without a failure."""
    return runs.merge(done(folder, plan, execution=execution))[0]


def digest(result: Result) -> str:
    """Digest of all that a result file holds but its provenance."""
    return content_digest(result.dumps({}))
