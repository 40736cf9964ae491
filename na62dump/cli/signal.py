"""Verbs on signal: model, acceptance, yields."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from na62dump.cli.runs import Json
from na62dump.cli.screen import progress, show, tell

if TYPE_CHECKING:
    from na62dump.signal.model import Model
    from na62dump.signal.parents import Production
    from na62dump.signal.yields import Expected
    from na62dump.tables import Table

ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="Name in config/signal/, or a TOML file.")]
Masses = Annotated[list[str] | None, typer.Option("--mass", metavar="MASS", help="Mass such as '300 MeV'; repeatable.")]
Search = Annotated[
    str, typer.Argument(metavar="ANALYSIS", help="Name in config/, or path to a TOML file; one search at a time.")
]
Simulated = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="MODEL", help="Model whose decays are simulated; the first of the search's if left out."
    ),
]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="File to write (.zip).")]
MassRange = Annotated[
    tuple[str, str] | None,
    typer.Option(
        metavar="LOW HIGH", help="First and last mass, such as '250 MeV' '1 GeV'; those of the samples if left out."
    ),
]
CouplingRange = Annotated[
    tuple[float, float] | None,
    typer.Option(metavar="LOW HIGH", help="First and last coupling, in the unit of the model."),
]
Protons = Annotated[
    float | None,
    typer.Option(metavar="NUMBER", help="Protons on target; config/signal/production.toml if left out."),
]
MASSES, COUPLINGS, MOST = 41, 61, 2000


def model(
    name: ModelName,
    mass: Masses = None,
    coupling: Annotated[
        float | None, typer.Option(metavar="NUMBER", help="Coupling, in its unit; the middle of its range if left out.")
    ] = None,
    decays: Annotated[
        bool,
        typer.Option("--decays", help="Also count the decays in the decay volume, which takes a second for each mass."),
    ] = False,
    json: Json = False,
) -> None:
    """Show what a model predicts before any detector: widths, branching ratios, lifetimes, numbers per proton."""
    from na62dump import tables
    from na62dump.signal import grids, library
    from na62dump.signal.parents import source

    found = library.load(name)
    at = coupling if coupling is not None else (found.coupling.low * found.coupling.high) ** 0.5
    grids.check_coupling(at, where="--coupling")
    masses = grids.masses_of(found, mass or ())
    counted = _decays(found, masses, coupling=at, production=source(library.near(name)).settings) if decays else None
    show([tables.model(found, masses, coupling=at, decays=counted)], as_json=json)


def _decays(found: Model, masses: list[float], *, coupling: float, production: Production) -> list[float]:
    """Particles that decay in the decay volume at each mass (MeV)."""
    from na62dump.signal.propagation import decays

    numbers = []
    with progress(f"{found.name}: decays", len(masses)) as done:
        for step, mass in enumerate(masses, start=1):
            numbers.append(decays(found, mass, coupling=coupling, production=production))
            done(step)
    return numbers


def acceptance(
    analysis: Search,
    output: Output,
    name: Simulated = None,
    mass: Masses = None,
    channel: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Production channel, instead of all; repeatable.")
    ] = None,
    final_state: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Final state, instead of the search's own; repeatable."),
    ] = None,
    events: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Simulated decays for each channel, mass and final state.")
    ] = None,
    json: Json = False,
) -> None:
    """Simulate decays of a model, select them, and keep what is accepted for any lifetime."""
    from na62dump import analysis as searches
    from na62dump import archives, provenance, runner, studies, tables
    from na62dump.signal import grids, library
    from na62dump.signal.acceptance import KIND

    archives.check_output(output, KIND)
    search = searches.load(analysis)
    found = library.load(name) if name else studies.first_model(search)
    made = studies.acceptance(
        search,
        found,
        stage=progress,
        events=events,
        masses=grids.masses_of(found, mass) if mass else None,
        channels=channel,
        final_states=final_state,
    )
    stamp = provenance.stamp(digests={"analysis": search.digest, "model": found.origin})
    runner.write_atomically(output, made.dumps(stamp))
    show([tables.acceptance(made)], as_json=json)
    tell(*(f"nothing is selected of: {what}" for what in made.empty), f"written: {output}")


def yields(
    name: ModelName,
    acceptances: Annotated[
        list[Path], typer.Option("--acceptance", metavar="FILE", help="What 'na62dump acceptance' wrote; repeatable.")
    ],
    output: Output,
    masses: Annotated[int, typer.Option(metavar="N", min=1, max=MOST, help="Masses of the grid.")] = MASSES,
    mass_range: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="LOW HIGH", help="First and last mass, such as '250 MeV' '1 GeV'; those of the samples if left out."
        ),
    ] = None,
    couplings: Annotated[int, typer.Option(metavar="N", min=1, max=MOST, help="Couplings of the grid.")] = COUPLINGS,
    coupling_range: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="LOW HIGH", help="First and last coupling, in the unit of the model."),
    ] = None,
    protons: Annotated[
        float | None,
        typer.Option(metavar="NUMBER", help="Protons on target; config/signal/production.toml if left out."),
    ] = None,
    json: Json = False,
) -> None:
    """Expect numbers of signal events by production channel, final state and region, over mass and coupling."""
    from na62dump import archives, provenance, runner, studies
    from na62dump.signal.yields import KIND

    archives.check_output(output, KIND)
    expected = studies.expected(
        name,
        acceptances,
        masses=masses,
        couplings=couplings,
        mass_range=mass_range,
        coupling_range=coupling_range,
        protons=protons,
    )
    stamp = provenance.stamp({"acceptances": [str(path) for path in acceptances]}, dict(expected.digests))
    runner.write_atomically(output, expected.dumps(stamp))
    show(tables_of(expected, as_json=json), as_json=json)
    tell(*(f"not simulated, so missing in the numbers: {what}" for what in expected.uncovered), f"written: {output}")


def tables_of(expected: Expected, *, as_json: bool) -> list[Table]:
    """What is shown of expected numbers: a person sees some masses, a program all."""
    from na62dump import tables

    shown = (
        [tables.yields(expected, most=None), tables.channels(expected, most=None)]
        if as_json
        else [tables.yields(expected), tables.channels(expected)]
    )
    return [*shown, *([tables.uncovered(expected)] if expected.uncovered else [])]


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    for verb in (model, acceptance, yields):
        app.command()(verb)
