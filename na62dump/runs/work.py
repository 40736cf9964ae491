"""Doing what is missing, and adding it up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from operator import add
from typing import TYPE_CHECKING

from na62dump import events, provenance, runner
from na62dump.errors import ConfigurationError, MergeError
from na62dump.results import Result
from na62dump.runs.folder import Run, open_run
from na62dump.runs.verification import require_checksums, require_same
from na62dump.sums import check_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from na62dump.datasets import Access, FileRecord, Plan, WorkUnit
    from na62dump.processor import Processor
    from na62dump.runner import Execution, Failure, Progress


@dataclass(frozen=True)
class Work:
    """The work on one unit, as a value that travels to a worker.

    Attributes
    ----------
    folder : Path
        Of the run.
    opened : tuple of str
        Hidden regions that are open.
    plan : str
        Digest of the plan: a worker that has opened another plan in that folder opens it anew.
    fingerprint : str
        Conditions under which results are kept.
    verify : bool
        Whether to compare each file with what was planned before it is read.
    access : Access
        Whether remote files are copied first, and where to; tries are the job's.
    """

    folder: Path
    opened: tuple[str, ...]
    plan: str
    fingerprint: str
    verify: bool
    access: Access

    def __call__(self, unit: WorkUnit) -> bytes:
        """Read one unit, process it, and return its result as bytes."""
        run, processor = _opened(self.folder, self.opened, plan=self.plan, fingerprint=self.fingerprint)
        _require_planned(run, unit)
        cache = self.access.folder
        planned = run.plan.by_uuid[unit.uuid]
        if self.verify:
            require_same(planned, renames=run.analysis.renames, cache=cache)
        found = events.read(
            unit.path,
            run.plan.columns[unit.kind],
            start=unit.start,
            stop=unit.stop,
            uuid=unit.uuid,
            entries=planned.entries,
            renames=run.analysis.renames,
            cache=cache,
        )
        return processor.chain(found, unit.sample, bursts=planned.bursts).dumps(_stamp(run, [unit]))


@lru_cache(maxsize=1)
def _opened(folder: Path, opened: tuple[str, ...], *, plan: str, fingerprint: str) -> tuple[Run, Processor]:
    """The run, read once for each plan; it may have grown since the work was given out, for its units stay as they are."""
    from na62dump.processor import Processor  # noqa: PLC0415 - coffea takes seconds to import

    run = open_run(folder)
    if run.open_regions != opened:
        msg = f"{folder}: the blinding record was changed while it was run; run again"
        raise ConfigurationError(msg)
    if run.identity != plan and run.ledger.fingerprint != fingerprint:
        msg = f"{folder}: its plan was replaced while it was run; run again"
        raise ConfigurationError(msg)
    return run, Processor(run.analysis, run.plan, opened=run.opened)


def _require_planned(run: Run, unit: WorkUnit) -> None:
    planned = run.plan.by_name.get(unit.name)
    # how many units its shard has may change where files were added
    if planned is None or replace(planned, shard_key=unit.shard_key) != unit:
        msg = f"{run.folder}: its plan was replaced while it was run, and has no such unit of {unit.path}; run again"
        raise ConfigurationError(msg)


def _stamp(run: Run, units: list[WorkUnit]) -> dict[str, object]:
    return provenance.stamp(
        {
            "units": [
                {"sample": u.sample, "path": u.path, "uuid": u.uuid, "start": u.start, "stop": u.stop} for u in units
            ]
        },
        {"analysis": run.analysis.digest, "run": run.analysis.run_digest(run.open_regions)},
        open_regions=run.open_regions,
    )


def execute(
    run: Run,
    execution: Execution,
    *,
    verify: bool = False,
    skip_failed: bool = False,
    on_progress: Callable[[Progress], object] = lambda _: None,
) -> list[Failure]:
    """Do what is missing.

    Parameters
    ----------
    run : Run
        The run.
    execution : Execution
        Engine and workers.
    verify : bool
        Whether to compare with what was planned each file that is read for this; for the others, see `compare`.
    skip_failed : bool
        Whether to leave units alone that have failed before.
    on_progress : callable
        Called with how far this call is.

    Returns
    -------
    list of Failure
        Units without a result, and why.
    """
    if verify:
        require_checksums(run)
    missing = _missing(run, skip_failed=skip_failed)
    wanted = job(run, execution.files, verify=verify)
    failures = runner.execute(missing, wanted, execution=execution, on_progress=on_progress)
    wanted.tidy(run.plan.units)
    return failures


def files_not_read(run: Run, *, skip_failed: bool = False) -> list[FileRecord]:
    """Files that `execute` would not read, because nothing of them is to be done.

    Parameters
    ----------
    run : Run
        The run.
    skip_failed : bool
        Whether units that have failed before would be left alone.

    Returns
    -------
    list of FileRecord
        In order of the plan.
    """
    read = {unit.uuid for unit in _missing(run, skip_failed=skip_failed)}
    return [file for file in run.plan.files if file.uuid not in read]


def _missing(run: Run, *, skip_failed: bool) -> list[WorkUnit]:
    missing = run.ledger.missing(run.plan.units)
    failed = run.ledger.places.failed_names() if skip_failed else set()
    return [unit for unit in missing if unit.name not in failed]


def job(run: Run, files: Access, *, verify: bool) -> runner.Job:
    """What is done with each unit of a run.

    Parameters
    ----------
    run : Run
        The run.
    files : Access
        How input files are reached.
    verify : bool
        Whether to compare each file with what was planned.

    Returns
    -------
    Job
        It pickles.
    """
    work = Work(run.folder.absolute(), run.open_regions, run.identity, run.ledger.fingerprint, verify, files)
    return runner.Job(work, run.ledger, _add_up, files)


def _add_up(results: Iterable[bytes]) -> bytes:
    """Sum of the results of some units; what made it is said by the merged file."""
    found = runner.total(map(Result.loads, results))
    assert found is not None  # noqa: S101 - a shard has units
    return found.dumps({})


def merge(run: Run, *, without_rejected: bool = False) -> tuple[Result, dict[str, object]]:
    """Add up the results of a whole plan.

    Parameters
    ----------
    run : Run
        With every unit done.
    without_rejected : bool
        Whether files that planning rejected may be left out; their protons on target are left out with them.

    Returns
    -------
    Result
        Rows in order of events, with the exposure of the files that were processed.
    dict
        Its provenance.

    Raises
    ------
    MergeError
        If something is missing, or does not belong.
    """
    rejected = run.plan.rejected
    if rejected and not without_rejected:
        msg = (
            f"{len(rejected)} planned files could not be used, first: {rejected[0].reason}; mend them and plan again, "
            "or merge without them and without their protons on target (--without-rejected)"
        )
        raise MergeError(msg)
    empty = run.plan.files and not (run.plan.units or run.ledger.names())
    total = _nothing(run) if empty else runner.merge(run.plan.units, run.ledger, load=Result.loads)
    made = _stamp(run, list(run.plan.units)) | {"rejected": [item.model_dump() for item in rejected]}
    return finished(total, run.plan), made


def _nothing(run: Run) -> Result:
    """Result of files that hold no events."""
    from na62dump.processor import Processor  # noqa: PLC0415 - coffea takes seconds to import

    processor = Processor(run.analysis, run.plan, opened=run.opened)
    kinds = {name: declared.kind for name, declared in run.plan.samples.items()}
    return reduce(add, (processor.chain(events.empty(run.plan.columns[kind]), name) for name, kind in kinds.items()))


def finished(total: Result, plan: Plan) -> Result:
    """Close the sum over a plan: rows in order of events, exposure booked, every entry accounted for.

    Parameters
    ----------
    total : Result
        Sum over all units, in any order; what coffea's own Runner returns will do.
    plan : Plan
        What was to be read.

    Returns
    -------
    Result
        The same content however the plan was cut, and in whatever order its units were added.

    Raises
    ------
    MergeError
        If the entries read are not those planned.
    InputFileError
        If the weights of a simulated sample are too small for exact sums.
    """
    for sample, declared in plan.samples.items():
        planned = sum(file.entries for file in plan.files if file.sample == sample)
        read = total.counts[sample].entries if sample in total.counts else 0
        if read != planned:
            msg = f"sample '{sample}': {read} of {planned} planned entries were read; plan and run again"
            raise MergeError(msg)
        if declared.kind == "simulation" and read:
            check_size(total.counts[sample].generated_weight2, read, sample=sample)
    exposure = {name: plan.exposure(name) for name, declared in plan.samples.items() if declared.kind == "data"}
    return replace(
        total,
        skim=total.skim.sorted(),
        loose=None if total.loose is None else total.loose.sorted(),
        singles={name: tracks.sorted() for name, tracks in total.singles.items()},
        exposure=exposure,
    )
