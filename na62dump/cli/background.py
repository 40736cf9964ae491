"""Verb on backgrounds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from na62dump.cli.runs import Json
from na62dump.cli.screen import progress, show, tell

if TYPE_CHECKING:
    from na62dump.background.backgrounds import Backgrounds
    from na62dump.results import Result
    from na62dump.tables import Table


def background(
    merged: Annotated[
        list[Path],
        typer.Argument(
            metavar="MERGED...",
            help="What 'na62dump merge' wrote: the search with its data, and, if there are, simulated samples of "
            "backgrounds, and the muon search whose single tracks are the halo.",
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="File to write (.zip).")],
    analysis: Annotated[
        str | None,
        typer.Option(
            metavar="ANALYSIS",
            help="Search, as a name in config/ or a TOML file; that of the first result if left out.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Estimate the backgrounds of a search in every region, and compare with what data show; 1 if a mechanism lacks its input."""
    from na62dump import analysis as searches
    from na62dump import archives, provenance, runner, studies
    from na62dump.background.backgrounds import KIND
    from na62dump.errors import IncompleteError

    archives.check_output(output, KIND)
    results = _loaded(merged)
    asked = searches.load(analysis or next(iter(results.values())).state.analysis)
    others = {result.state.analysis for result in results.values()} - {asked.name}
    known = {asked.name: asked, **{name: searches.load(str(asked.path.parent / f"{name}.toml")) for name in others}}
    made = studies.backgrounds(asked, studies.inputs_of(results, known, search=asked.name), stage=progress)
    stamp = provenance.stamp(
        {"merged": [str(path) for path in merged]},
        {name: search.digest for name, search in known.items()},
        open_regions=made.state.opened,
    )
    runner.write_atomically(output, made.dumps(stamp))
    show(tables_of(made), as_json=json)
    tell(*(f"not described in config/background.toml: {name}" for name in made.undescribed), f"written: {output}")
    if made.remarks:
        raise IncompleteError("; ".join(made.remarks))


def _loaded(merged: list[Path]) -> dict[str, Result]:
    from na62dump.errors import ConfigurationError
    from na62dump.results import Result

    if len(set(merged)) < len(merged):
        msg = f"{', '.join(map(str, merged))}: give each result once"
        raise ConfigurationError(msg)
    return {str(path): Result.load(path) for path in merged}


def tables_of(made: Backgrounds) -> list[Table]:
    """What is shown of backgrounds: the comparison first."""
    from na62dump import inference, tables

    compared = inference.validation_of(made)
    return [tables.validation(compared), *([tables.beside(compared)] if compared.beside else [])]


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(background)
