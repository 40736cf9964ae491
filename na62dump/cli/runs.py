"""Verbs on a run folder: plan, run, status, merge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from na62dump.cli.batch import submit
from na62dump.cli.screen import INCOMPLETE, MISTAKE, progress, show, tell

Json = Annotated[bool, typer.Option("--json", help="Print tables as JSON.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder that 'na62dump plan' made.")]
AnalysisName = Annotated[
    str, typer.Argument(metavar="ANALYSIS", help="Name in config/ (hh: all hadronic searches), or path to a TOML file.")
]

LOCAL = "execution/local"


def plan(
    analysis: AnalysisName,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="RUN", help="Folder of the run.")],
    base: Annotated[Path, typer.Option(help="Folder that the samples' file patterns are relative to.")] = Path(),
    sample: Annotated[
        list[str] | None, typer.Option(help="Sample (name or TOML file) instead of the analysis's own; repeatable.")
    ] = None,
    unit_events: Annotated[int, typer.Option(min=1, help="Events of a work unit, at most.")] = 500_000,
    checksums: Annotated[bool, typer.Option(help="Compute the checksum of every file.")] = True,
    json: Json = False,
) -> None:
    """Freeze inputs: uuid, entries, clusters, checksum, bursts; refuse duplicates and what cannot be used."""
    from na62dump import analysis as searches
    from na62dump import datasets, planning, runs, tables

    found = [searches.load(member) for member in searches.members(analysis)]
    folders = [output] if len(found) == 1 else runs.create_family(output, [search.name for search in found])
    shown: list[tables.Table] = []
    rejected: list[datasets.Rejected] = []
    for search, folder in zip(found, folders, strict=True):
        samples = planning.load_samples(sample or search.file.samples, near=search.path.parent)
        with progress(f"{search.name}: files", planning.count_files(samples, base)) as done:
            made = planning.plan(
                search, samples, base=base, unit_events=unit_events, checksums=checksums, on_progress=done
            )
        run = runs.create(folder, search, plan=made)
        tell(*run.remarks, *(f"rejected: {item.reason}" for item in made.rejected))
        shown.append(tables.progress(runs.status(run)))
        rejected += made.rejected
    show(shown, as_json=json)
    if rejected:
        tell(f"{len(rejected)} files cannot be used; the rest is planned in {output}")
        raise typer.Exit(MISTAKE)
    tell(f"planned: {output}; next: na62dump run {output}")


def run(
    folder: RunFolder,
    execution: Annotated[str, typer.Option(help="Name in config/execution/, or path to a TOML file.")] = LOCAL,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare the checksum of each file with the plan's.")
    ] = False,
    json: Json = False,
) -> None:
    """Do what is missing, or submit it to a batch system; resuming is running again."""
    from na62dump import configuration as conf
    from na62dump import runner, runs, tables

    opened = [runs.open_run(path) for path in runs.members(folder)]
    how = runner.load_execution(conf.find(execution))
    if isinstance(how, runner.Batch):
        submit(folder, opened, execution=how, verify=verify, as_json=json)
        return
    states = []
    for member in opened:
        tell(*member.remarks)
        missing = len(member.ledger.missing(member.plan.units))
        try:
            with progress(f"{member.analysis.name}: units", missing) as done:
                failures = runs.execute(member, how, verify=verify, on_progress=done)
        except KeyboardInterrupt:
            tell(f"stopped; finished units are kept: 'na62dump run {folder}' goes on with the rest")
            raise typer.Exit(INCOMPLETE) from None
        tell(*(f"failed: {failure.path}: {failure.reason}" for failure in failures))
        states.append(runs.status(member))
    show([tables.progress(state) for state in states], as_json=json)
    if not all(state.complete for state in states):
        rejected = sum(sample.rejected for state in states for sample in state.samples)
        left = "running again does it" if not rejected else f"{rejected} files were rejected: mend them and plan again"
        tell(f"not complete; 'na62dump status {folder}' lists what is missing; {left}")
        raise typer.Exit(INCOMPLETE)
    tell(f"complete; next: na62dump merge {folder}")


def status(folder: RunFolder, json: Json = False) -> None:
    """Show what is complete, missing and failed, with the reason."""
    from na62dump import runs, tables

    opened = [runs.open_run(path) for path in runs.members(folder)]
    tell(*(remark for run in opened for remark in run.remarks))
    tell(*(told for run in opened for told in runs.refusals(run)))
    states = [runs.status(run) for run in opened]
    problems = [table for table in map(tables.problems, states) if table.rows]
    show([*map(tables.progress, states), *problems], as_json=json)
    if not all(state.complete for state in states):
        raise typer.Exit(INCOMPLETE)


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
