"""Verb that makes published results again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from na62dump.cli.runs import Json
from na62dump.cli.screen import progress, show, tell


def reproduce(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder of everything it makes.")
    ] = Path("reproduce"),
    quick: Annotated[
        bool, typer.Option("--quick", help="Few simulated decays: a minute on two cores, instead of some.")
    ] = False,
    json: Json = False,
) -> None:
    """Make published tables and contours again, and compare; 0 also where they differ, 1 if something could not be made."""
    from na62dump import archives, studies
    from na62dump.errors import IncompleteError

    archives.check_folder(output)
    made = studies.reproduce(output, quick=quick, stage=progress)
    show(studies.reproduction_tables(made), as_json=json)
    words = (
        f"{kind} lines: {', '.join(f'{number} {verdict}' for verdict, number in numbers.items())}"
        for kind, numbers in made.verdicts.items()
    )
    pages = [path for path in made.paths if path.suffix in {".html", ".json", ".csv"}]
    tell(*words, *(f"written: {path}" for path in pages))
    if made.missing:
        raise IncompleteError("; ".join(made.missing))


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(reproduce)
