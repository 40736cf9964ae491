"""Verbs on a run folder: plan, run, status, merge."""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from na62dump.cli.batch import submit
from na62dump.cli.screen import INCOMPLETE, MISTAKE, as_word, progress, show, tell
from na62dump.cli.stopping import stoppable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from na62dump.runner import Execution
    from na62dump.runs import Run, Status

Json = Annotated[bool, typer.Option("--json", help="Print tables as JSON.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder that 'na62dump plan' made.")]
AnalysisName = Annotated[
    str, typer.Argument(metavar="ANALYSIS", help="Name in config/ (hh: all hadronic searches), or path to a TOML file.")
]

LOCAL = "local"

MOST_SHOWN = 20
"""Failed units, and rejected files, that `status` lists unless told to list all."""


def plan(
    analysis: AnalysisName,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="RUN", help="Folder of the run.")],
    base: Annotated[Path, typer.Option(help="Folder that the samples' file patterns are relative to.")] = Path(),
    sample: Annotated[
        list[str] | None, typer.Option(help="Sample (name or TOML file) instead of the analysis's own; repeatable.")
    ] = None,
    unit_events: Annotated[int, typer.Option(min=1, help="Events of a work unit, at most.")] = 500_000,
    checksums: Annotated[bool, typer.Option(help="Compute the checksum of every file.")] = True,
    execution: Annotated[str, typer.Option(help="Name in config/execution/, or path to a TOML file.")] = LOCAL,
    fresh: Annotated[bool, typer.Option("--fresh", help="Open files again that have not changed.")] = False,
    json: Json = False,
) -> None:
    """Freeze inputs: uuid, entries, clusters, checksum, bursts; refuse duplicates and what cannot be used."""
    from na62dump import analysis as searches
    from na62dump import datasets, planning, runner, runs, tables

    how = runner.load_execution(runner.find_execution(execution))
    found = [searches.load(member) for member in searches.members(analysis)]
    folders = [output] if len(found) == 1 else runs.create_family(output, [search.name for search in found])
    shown: list[tables.Table] = []
    rejected: list[datasets.Rejected] = []
    for search, folder in zip(found, folders, strict=True):
        samples = planning.load_samples(sample or search.file.samples, near=search.path.parent)
        asked = partial(planning.plan, base=base, unit_events=unit_events, checksums=checksums, fresh=fresh)
        asked = partial(asked, workers=how.workers, access=how.files, keep=folder / runs.OPENED)
        with _going_on_later():
            inputs = planning.expand(samples, base, access=how.files)
            with progress(f"{search.name}: files", len(inputs)) as done:
                made = asked(search, samples, inputs=inputs, on_progress=done)
        run = runs.create(folder, search, plan=made)
        tell(*run.remarks, *(f"rejected: {item.reason}" for item in made.rejected))
        shown.append(tables.progress(runs.status(run)))
        rejected += made.rejected
    show(shown, as_json=json)
    if rejected:
        tell(f"{len(rejected)} files cannot be used; the rest is planned in {output}")
        raise typer.Exit(MISTAKE)
    tell(f"planned: {output}; next: na62dump run {as_word(output)}")


@contextmanager
def _going_on_later() -> Iterator[None]:
    try:
        with stoppable():
            yield
    except KeyboardInterrupt:
        tell("stopped; what was found is kept: the same command goes on with the rest")
        raise typer.Exit(INCOMPLETE) from None


def run(
    folder: RunFolder,
    execution: Annotated[str, typer.Option(help="Name in config/execution/, or path to a TOML file.")] = LOCAL,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare the checksum of each file with the plan's.")
    ] = False,
    skip_failed: Annotated[
        bool, typer.Option("--skip-failed", help="Do not try again what has failed before.")
    ] = False,
    json: Json = False,
) -> None:
    """Do what is missing, and what has failed once more, or submit it to a batch system; resuming is running again."""
    from na62dump import runner, runs, tables

    opened = [runs.open_run(path) for path in runs.members(folder)]
    how = runner.load_execution(runner.find_execution(execution))
    if isinstance(how, runner.Batch):
        submit(folder, opened, execution=how, verify=verify, skip_failed=skip_failed, as_json=json)
        return
    states = []
    for member in opened:
        tell(*member.remarks)
        try:
            _execute(member, how, verify=verify, skip_failed=skip_failed)
        except KeyboardInterrupt:
            done, planned = len(member.ledger.names()), len(member.plan.units)
            tell(
                f"stopped: {done} of {planned} units are done and kept; 'na62dump run {as_word(folder)}' goes on with the rest"
            )
            raise typer.Exit(INCOMPLETE) from None
        states.append(runs.status(member))
    show([tables.progress(state) for state in states], as_json=json)
    if not all(state.complete for state in states):
        tell(f"not complete; 'na62dump status {as_word(folder)}' lists what is missing; {_remedy(states)}")
        raise typer.Exit(INCOMPLETE)
    tell(f"complete; next: na62dump merge {as_word(folder)}")


def _execute(run: Run, execution: Execution, *, verify: bool, skip_failed: bool) -> None:
    from na62dump import runs
    from na62dump.cli.bar import run_bar

    with stoppable(), run_bar(run.analysis.name, len(run.plan.units)) as bar:
        failures = runs.execute(run, execution, verify=verify, skip_failed=skip_failed, on_progress=bar)
        # a disk that is full keeps no record of them
        bar.tell(failures)


def _remedy(states: list[Status]) -> str:
    rejected = sum(sample.rejected for state in states for sample in state.samples)
    return f"{rejected} files were rejected: mend them and plan again" if rejected else "running again does it"


def status(
    folder: RunFolder,
    everything: Annotated[bool, typer.Option("--all", help="List every failed unit and rejected file.")] = False,
    watch: Annotated[
        float | None,
        typer.Option(
            "--watch", metavar="SECONDS", min=1, help="Look again until nothing is missing; what failed stays."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Show what is complete, missing and failed, with the reason and the log."""
    from na62dump import runs, tables

    opened = [runs.open_run(path) for path in runs.members(folder)]
    tell(*(remark for run in opened for remark in run.remarks))
    most = None if everything or json else MOST_SHOWN
    try:
        for states, is_last in _looks(opened, every=watch):
            # of several documents no program could read one: only the last look is written
            if is_last or not json:
                problems = [table for state in states for table in tables.problems(state, most=most)]
                show([*map(tables.progress, states), *problems], as_json=json)
    except KeyboardInterrupt:
        tell("stopped looking; the run goes on")
        raise typer.Exit(INCOMPLETE) from None
    if not all(state.complete for state in states):
        raise typer.Exit(INCOMPLETE)


def _looks(opened: list[Run], *, every: float | None) -> Iterator[tuple[list[Status], bool]]:
    """How far some runs are, and whether it is the last look: what failed or was rejected does not mend itself."""
    from na62dump import runs

    while True:
        states = [runs.status(run) for run in opened]
        samples = [sample for state in states for sample in state.samples]
        is_last = every is None or not any(sample.missing or sample.worked_on for sample in samples)
        yield states, is_last
        if every is None or is_last:
            return
        time.sleep(every)


def merge(
    folder: RunFolder,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Result file; a folder for several analyses.")
    ] = None,
    without_rejected: Annotated[
        bool, typer.Option("--without-rejected", help="Leave out files that planning rejected, and their POT.")
    ] = False,
    json: Json = False,
) -> None:
    """Add up the results of a whole plan into one file for each analysis."""
    from na62dump import runner, runs, tables

    shown = []
    opened = [runs.open_run(path) for path in runs.members(folder)]
    for run in opened:
        tell(*run.remarks)
        result, provenance = runs.merge(run, without_rejected=without_rejected)
        file = f"{run.analysis.name}.zip"
        target = (output or folder) / file if len(opened) > 1 else output or folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        runner.write_atomically(target, result.dumps(provenance))
        shown += [tables.read(result), tables.regions(result), tables.exposure(result)]
        tell(f"merged: {target}")
    show(shown, as_json=json)


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (plan, run, status, merge):
        app.command()(verb)
