"""Verbs on results: show, plot, demo."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from na62dump.cli.runs import Json
from na62dump.cli.screen import progress, tell
from na62dump.cli.screen import show as print_tables

if TYPE_CHECKING:
    from na62dump.results import Result
    from na62dump.tables import Table


WRITTEN = "What 'na62dump merge', 'acceptance', 'yields', 'background' or 'limit' wrote."
"""Files that are shown and drawn."""


def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=WRITTEN)],
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
    latex: Annotated[bool, typer.Option("--latex", help="Print tables as LaTeX, which needs booktabs.")] = False,
) -> None:
    """Show a result: cutflow, N-1, correlations, regions, histograms, provenance; or acceptance, yields, backgrounds, limits."""
    from na62dump import results, runner
    from na62dump.errors import ConfigurationError

    if json and latex:
        msg = "--json and --latex: tables are printed as one of them; leave the other out"
        raise ConfigurationError(msg)
    other = _of_other_kind(file, json)
    if other is not None:
        print_tables(other, as_json=json, as_latex=latex)
        return
    result, provenance = results.Result.load(file), results.read_provenance(file)
    flows = [_of_sample(result, name, variation, json) for name in _samples(result, sample, variation)]
    shown = [*(table for about in flows for table in about), *_of_result(result, provenance, variation)]
    print_tables(shown, as_json=json, as_latex=latex)
    if skim:
        buffer = BytesIO()
        result.write_skim(buffer, provenance)
        runner.write_atomically(skim, buffer.getvalue())
        tell(f"written: {skim}")


def _of_result(result: Result, provenance: dict[str, Any], variation: str) -> list[Table]:
    """What a result says of all its samples."""
    from na62dump import tables

    return [
        tables.read(result),
        tables.regions(result, variation=variation),
        *([tables.variations(result)] if result.state.variations else []),
        tables.exposure(result),
        *tables.of_plane(result.state.plane, name=result.state.analysis, opened=result.state.opened),
        tables.histograms(result),
        tables.provenance(provenance),
    ]


def _of_other_kind(file: Path, json: bool) -> list[Table] | None:
    """Tables of a file that is no result; None if it is one, or unknown."""
    from na62dump import archives, tables
    from na62dump.background import backgrounds
    from na62dump.cli import limit
    from na62dump.cli.signal import tables_of
    from na62dump.inference.exclusion import limits
    from na62dump.signal import acceptance, yields

    kind = archives.kind_of(file) if file.is_file() else None
    if kind == acceptance.KIND:
        shown = [tables.acceptance(acceptance.Acceptance.load(file))]
    elif kind == yields.KIND:
        shown = tables_of(yields.Expected.load(file), as_json=json)
    elif kind == backgrounds.KIND:
        shown = tables.of_backgrounds(backgrounds.Backgrounds.load(file))
    elif kind == limits.KIND:
        shown = limit.tables_of(limits.Limits.load(file), as_json=json)
    else:
        return None
    return [*shown, tables.provenance(archives.provenance_of(file))]


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
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help=WRITTEN),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder of the figures.")],
) -> None:
    """Draw the figures of results, of acceptances, of yields, of backgrounds and of limits."""
    from na62dump import plotting

    _refuse_shared_folders(files, output)
    for file in files:
        figures, provenance = _figures(file)
        for path in plotting.save(figures, output / file.stem, provenance=provenance):
            tell(f"drawn: {path}")


def _refuse_shared_folders(files: list[Path], output: Path) -> None:
    """Refuse files of one stem: the figures of the second would replace those of the first."""
    from na62dump.errors import ConfigurationError

    first: dict[str, Path] = {}
    for file in files:
        if file.stem in first:
            msg = (
                f"'{first[file.stem]}' and '{file}' would both be drawn into '{output / file.stem}', and the second "
                "would replace the first; give them one at a time, each with another -o"
            )
            raise ConfigurationError(msg)
        first[file.stem] = file


def _figures(file: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Figures of a file by its kind, and how it was made."""
    from na62dump import archives, plotting, results
    from na62dump.background import backgrounds
    from na62dump.inference.exclusion import limits, previous
    from na62dump.signal import acceptance, yields

    kind = archives.kind_of(file) if file.is_file() else None
    if kind == limits.KIND:
        found = limits.Limits.load(file)
        return plotting.draw_limits(found, others=previous.previous(found.model)), archives.provenance_of(file)
    if kind == acceptance.KIND:
        return plotting.draw_acceptance(acceptance.Acceptance.load(file)), archives.provenance_of(file)
    if kind == yields.KIND:
        return plotting.draw_yields(yields.Expected.load(file)), archives.provenance_of(file)
    if kind == backgrounds.KIND:
        return plotting.draw_backgrounds(backgrounds.Backgrounds.load(file)), archives.provenance_of(file)
    result = results.Result.load(file)
    return dict(plotting.draw(result, result.state.plane)), results.read_provenance(file)


def demo(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder of everything it makes.")
    ] = Path("demo"),
    json: Json = False,
) -> None:
    """Run the whole chain on a small simulated sample: signal, pseudo-data with two regions hidden, backgrounds and limits."""
    from na62dump import inference, studies, tables

    made = studies.demo(output, stage=progress)
    result = made.result
    print_tables(
        [
            *(tables.cutflow(result, sample) for sample in result.cutflow),
            tables.regions(result),
            tables.exposure(result),
            *(tables.validation(inference.validation_of(each)) for each in made.backgrounds),
            tables.limits(made.limits),
        ],
        as_json=json,
    )
    tell(*made.remarks, *(f"made: {path}" for path in made.paths))


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (show, plot, demo):
        app.command()(verb)
