"""Verbs on results: show, plot, demo."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from na62dump.cli.runs import Json
from na62dump.cli.screen import progress, tell
from na62dump.cli.screen import show as print_tables

if TYPE_CHECKING:
    from na62dump.results import Result
    from na62dump.tables import Table


def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Result that 'na62dump merge' wrote.")],
    sample: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Sample whose cutflow is shown, instead of all; repeatable."),
    ] = None,
    variation: Annotated[
        str, typer.Option(metavar="NAME", help="Systematic variation whose cutflow and regions are shown.")
    ] = "nominal",  # histograms.NOMINAL, which --help has no time to import
    skim: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the surviving rows there, as Parquet.")
    ] = None,
    json: Json = False,
) -> None:
    """Show cutflow, N-1, correlations, counts per region, variations, histograms and provenance of a result."""
    from na62dump import results, runner, tables

    result, provenance = results.Result.load(file), results.read_provenance(file)
    flows = [_of_sample(result, name, variation, json) for name in _samples(result, sample, variation)]
    print_tables(
        [
            *(table for about in flows for table in about),
            tables.read(result),
            tables.regions(result, variation=variation),
            *([tables.variations(result)] if result.state.variations else []),
            tables.exposure(result),
            tables.region_shapes(result.state.plane, name=result.state.analysis, opened=result.state.opened),
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


def _samples(result: Result, asked: list[str] | None, variation: str) -> list[str]:
    """Samples asked for; without a word, all that have the variation."""
    from na62dump.errors import UnknownNameError, nearest
    from na62dump.histograms import NOMINAL

    known = [NOMINAL, *result.state.variations]
    if variation not in known:
        msg = f"no variation '{variation}' in this result; {nearest(variation, known)}"
        raise UnknownNameError(msg)
    return asked or [name for name in result.state.samples if variation in result.variations_of(name)]


def _of_sample(result: Result, sample: str, variation: str, json: bool) -> list[Table]:
    """What requirements do to one sample; a person is shown the strongest correlations, a program all."""
    from na62dump import tables
    from na62dump.histograms import NOMINAL

    flow = result.of(sample, variation=variation).cutflow
    what = sample if variation == NOMINAL else f"{sample}, varied: {variation}"
    return [
        tables.cutflow(result, sample, variation=variation),
        tables.removed(flow, title=f"What each requirement removes: {what}"),
        tables.correlations(
            flow, title=f"How requirements go together: {what}", most=None if json else tables.STRONGEST
        ),
    ]


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
