"""The plan of a run: inputs opened and frozen, work cut from them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from na62dump import configuration as conf
from na62dump.datasets import Access, Declared, Plan, Sample, WorkUnit
from na62dump.errors import ConfigurationError
from na62dump.planning.findings import Findings
from na62dump.planning.inputs import Look, open_all
from na62dump.planning.needs import check, needs
from na62dump.planning.patterns import expand
from na62dump.planning.sharding import sharded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from na62dump.analysis import Analysis
    from na62dump.datasets import FileRecord
    from na62dump.datasets.samples import Kind
    from na62dump.planning.patterns import Input

KINDS: tuple[Kind, ...] = ("data", "simulation")

UNIT_EVENTS = 500_000
"""Events of a unit unless asked otherwise: a few clusters, and memory of a few hundred megabytes."""


def load_samples(names: Sequence[str], *, near: Path) -> dict[str, Sample]:
    """Samples by name.

    Parameters
    ----------
    names : sequence of str
        Names in config/samples/, or paths to TOML files.
    near : Path
        Folder of the analysis, whose ``samples/`` is searched first.

    Returns
    -------
    dict of str to Sample
        In the order given.

    Raises
    ------
    ConfigurationError
        If two of them have the same name.
    """
    found: dict[str, Sample] = {}
    paths: dict[str, Path] = {}
    for name in names:
        path = conf.find(name if name.endswith(".toml") else f"samples/{name}", near=near)
        if path.stem in paths:
            msg = f"two samples are called '{path.stem}': {paths[path.stem]} and {path}; rename one of the files"
            raise ConfigurationError(msg)
        paths[path.stem] = path
        found[path.stem] = conf.load(path, Sample)
    return found


def plan(
    analysis: Analysis,
    samples: Mapping[str, Sample],
    *,
    base: Path,
    unit_events: int = UNIT_EVENTS,
    checksums: bool = True,
    workers: int = 1,
    keep: Path | None = None,
    fresh: bool = False,
    on_progress: Callable[[int], object] = lambda _: None,
    access: Access | None = None,
    inputs: Sequence[Input] | None = None,
) -> Plan:
    """Open every input once and freeze what was found.

    Parameters
    ----------
    analysis : Analysis
        The search.
    samples : mapping of str to Sample
        What it reads.
    base : Path
        Folder that the samples' patterns are relative to.
    unit_events : int
        Events of a unit, at most; a cut within a cluster is made only where a cluster is larger.
    checksums : bool
        Whether to compute the checksum of each file.
    workers : int
        Processes of this machine that open files; the plan is the same for any number.
    keep : Path, optional
        Folder for what is found in each file, so that another time only those are opened that have changed.
    fresh : bool
        Whether to open all files, whatever is kept.
    on_progress : callable
        Called with the number of files opened so far.
    access : Access, optional
        How often a server of remote files is asked again that fails.
    inputs : sequence of Input, optional
        What the patterns stand for, if `expand` has told already.

    Returns
    -------
    Plan
        With the files that cannot be used, and why.

    Raises
    ------
    ConfigurationError
        If a sample has no files, or a histogram or requirement is not consistent.
    InputFileError
        If the server of a pattern with wildcards fails.
    """
    check(analysis)
    access = access or Access()
    inputs = expand(samples, base, access=access) if inputs is None else inputs
    wanted = {kind: needs(analysis, kind) for kind in KINDS}
    kept = Findings(keep, fresh=fresh)
    look = Look(wanted, analysis.renames, checksums, access, kept.keeps)
    files, rejected = open_all(inputs, look, kept=kept, workers=workers, on_progress=on_progress)
    return Plan(
        analysis=analysis.name,
        digest=analysis.digest,
        home=str(analysis.path.parent.absolute()),
        samples={name: Declared(kind=sample.kind, label=sample.label) for name, sample in samples.items()},
        columns={kind: tuple(columns) for kind, columns in wanted.items()},
        rejected=tuple(rejected),
        files=tuple(files),
        units=sharded([unit for file in files for unit in _units(file, unit_events)]),
    )


def _units(file: FileRecord, size: int) -> Iterator[WorkUnit]:
    mark = file.bursts.mark() if file.kind == "data" else ""
    for start, stop in pairwise(_edges(file.clusters, size)):
        yield WorkUnit(file.sample, file.kind, file.path, file.uuid, start, stop, mark)


def _edges(clusters: Sequence[int], size: int) -> Iterator[int]:
    """Where units begin and end: at the last cluster boundary within reach, or, failing that, at full size."""
    last, end = 0, clusters[-1]
    yield 0
    while last < end:
        within = [edge for edge in clusters if last < edge <= last + size]
        last = within[-1] if within else min(last + size, end)
        yield last
