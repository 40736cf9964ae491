"""Verbs on results: show, plot, demo."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer

from na62dump.cli.runs import Json
from na62dump.cli.screen import progress, tell
from na62dump.cli.screen import show as print_tables


def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Result that 'na62dump merge' wrote.")],
    skim: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the surviving rows there, as Parquet.")
    ] = None,
    json: Json = False,
) -> None:
    """Show cutflow, N-1, counts per region, histograms and provenance of a result."""
    from na62dump import results, runner, tables

    result, provenance = results.Result.load(file), results.read_provenance(file)
    flows = [tables.cutflow(result, sample) for sample in result.cutflow]
    what = [
        tables.removed(flow, title=f"What each requirement removes: {sample}")
        for sample, flow in result.cutflow.items()
    ]
    print_tables(
        [
            *flows,
            *what,
            tables.read(result),
            tables.regions(result),
            tables.exposure(result),
            tables.histograms(result),
            tables.provenance(provenance),
        ],
        as_json=json,
    )
    if skim:
        buffer = BytesIO()
        result.write_skim(buffer, provenance)
        runner.write_atomically(skim, buffer.getvalue())
        tell(f"written: {skim}")


def plot(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Results that 'na62dump merge' wrote.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder of the figures.")],
) -> None:
    """Draw the figures of results."""
    from na62dump import plotting, results

    for file in files:
        result = results.Result.load(file)
        figures = plotting.draw(result, result.state.plane)
        for path in plotting.save(figures, output / file.stem, provenance=results.read_provenance(file)):
            tell(f"drawn: {path}")


def demo(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder of everything it makes.")
    ] = Path("demo"),
    json: Json = False,
) -> None:
    """Run the whole chain on a small simulated sample: signal, and pseudo-data with two regions hidden."""
    from na62dump import studies, tables

    made = studies.demo(output, stage=progress)
    result = made.result
    print_tables(
        [
            *(tables.cutflow(result, sample) for sample in result.cutflow),
            tables.regions(result),
            tables.exposure(result),
        ],
        as_json=json,
    )
    for path in made.paths:
        tell(f"made: {path}")


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (show, plot, demo):
        app.command()(verb)
