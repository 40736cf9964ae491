"""Verbs before a run: init, simulate, check."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from na62dump.cli.runs import AnalysisName, Json
from na62dump.cli.screen import progress, show, tell
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from na62dump.analysis import Analysis

COPIED = ("config", "selections")


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to fill; it must not hold them yet.")],
) -> None:
    """Make an editable copy of selections/ and config/."""
    from na62dump import configuration as conf

    for name in COPIED:
        if (folder / name).exists():
            msg = f"{folder / name}: there already; give another folder, or remove it"
            raise ConfigurationError(msg)
    for name in COPIED:
        shutil.copytree(conf.shipped() / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        tell(f"copied: {folder / name}")


def simulate(
    samples: Annotated[list[str], typer.Argument(metavar="SAMPLE...", help="Names in config/samples/, or TOML files.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder that gets one folder per sample.")
    ],
) -> None:
    """Write ntuples of simulated events."""
    from na62dump import configuration as conf
    from na62dump import planning, simulation
    from na62dump.geometry import Geometry

    geometry = conf.load(conf.find("experiment/geometry"), Geometry)
    response = conf.load(conf.find("experiment/response"), simulation.Response)
    for name, sample in planning.load_samples(samples, near=Path("config")).items():
        with progress(name, simulation.count_events(sample, where=name)) as done:
            paths = simulation.write(
                name, sample, geometry=geometry, response=response, directory=output, on_progress=done
            )
        for path in paths:
            tell(f"written: {path}")


def check(
    analysis: AnalysisName,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder that gets drawings of the regions.")
    ] = None,
    json: Json = False,
) -> None:
    """Show the requirements of an analysis, the columns that each one reads, and its regions."""
    from na62dump import analysis as searches
    from na62dump import planning, tables, unblinding

    found = [searches.load(member) for member in searches.members(analysis)]
    shown = []
    for search in found:
        traced = planning.check(search)
        columns = {
            name: planning.columns_of(quantities, final_state=search.file.final_state)
            for name, quantities in traced.items()
        }
        opened = unblinding.opened_regions(search)
        regions = tables.of_plane(search.plane, name=search.name, opened=opened)
        shown += [tables.requirements(search, traced, columns=columns), *regions]
        shown += [tables.kept_with(search)] if search.kin or len(search.variations) > 1 else []
    show(shown, as_json=json)
    for search in found:
        tell(f"analysis digest of {search.name}: {search.digest}")
        strangers = [name for name in searches.beside(search.path) if name not in search.kin]
        if strangers:
            out = ", ".join(strangers)
            tell(f"hidden_with of {search.name} leaves out {out}: events that they hide may be visible to it")
    if output:
        _draw(found, output)
    tell(*(remark for search in found for remark in unblinding.remarks(search)))


def _draw(found: Sequence[Analysis], folder: Path) -> None:
    from na62dump import plotting, provenance

    figures = plotting.draw_regions({search.name: search.plane for search in found})
    made = provenance.stamp(digests={f"analysis {search.name}": search.digest for search in found})
    for path in plotting.save(figures, folder, provenance=made):
        tell(f"drawn: {path}")


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (init, simulate, check):
        app.command()(verb)
