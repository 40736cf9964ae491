"""Verbs on a run folder: plan, run, status, merge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from na62dump.cli.screen import INCOMPLETE, MISTAKE, progress, show, tell

Json = Annotated[bool, typer.Option("--json", help="Print tables as JSON.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder that 'na62dump plan' made.")]
AnalysisName = Annotated[str, typer.Argument(metavar="ANALYSIS", help="Name in config/, or path to a TOML file.")]

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
    from na62dump import planning, runs, tables

    search = searches.load(analysis)
    samples = planning.load_samples(sample or search.file.samples, near=search.path.parent)
    files = planning.count_files(samples, base)
    with progress("opening files", files) as done:
        made = planning.plan(search, samples, base=base, unit_events=unit_events, checksums=checksums, on_progress=done)
    run = runs.create(output, search, plan=made)
    tell(*run.remarks)
    state = runs.status(run)
    show([tables.progress(state)], as_json=json)
    for item in made.rejected:
        tell(f"rejected: {item.reason}")
    if made.rejected:
        tell(f"{len(made.rejected)} of {files} files cannot be used; the rest is planned in {output}")
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
    """Do what is missing; resuming is running again."""
    from na62dump import configuration as conf
    from na62dump import runner, runs, tables

    opened = runs.open_run(folder)
    tell(*opened.remarks)
    how = conf.load(conf.find(execution), runner.Execution)
    missing = len(opened.ledger.missing(opened.plan.units))
    try:
        with progress(f"{opened.analysis.name}: units", missing) as done:
            failures = runs.execute(opened, how, verify=verify, on_progress=done)
    except KeyboardInterrupt:
        tell(f"stopped; finished units are kept: 'na62dump run {folder}' goes on with the rest")
        raise typer.Exit(INCOMPLETE) from None
    for failure in failures:
        tell(f"failed: {failure.path}: {failure.reason}")
    state = runs.status(opened)
    show([tables.progress(state)], as_json=json)
    if not state.complete:
        tell(f"not complete; 'na62dump status {folder}' lists what is missing, and running again does it")
        raise typer.Exit(INCOMPLETE)
    tell(f"complete; next: na62dump merge {folder}")


def status(folder: RunFolder, json: Json = False) -> None:
    """Show what is complete, missing and failed, with the reason."""
    from na62dump import runs, tables

    run = runs.open_run(folder)
    tell(*run.remarks)
    state = runs.status(run)
    problems = tables.problems(state)
    show([tables.progress(state), *([problems] if problems.rows else [])], as_json=json)
    if not state.complete:
        raise typer.Exit(INCOMPLETE)


def merge(
    folder: RunFolder,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Result file.")] = None,
    without_rejected: Annotated[
        bool, typer.Option("--without-rejected", help="Leave out files that planning rejected, and their POT.")
    ] = False,
    json: Json = False,
) -> None:
    """Add up the results of a whole plan into one file."""
    from na62dump import runner, runs, tables

    run = runs.open_run(folder)
    tell(*run.remarks)
    result, provenance = runs.merge(run, without_rejected=without_rejected)
    target = output or folder / f"{run.analysis.name}.zip"
    target.parent.mkdir(parents=True, exist_ok=True)
    runner.write_atomically(target, result.dumps(provenance))
    show([tables.read(result), tables.regions(result), tables.exposure(result)], as_json=json)
    tell(f"merged: {target}")


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (plan, run, status, merge):
        app.command()(verb)
