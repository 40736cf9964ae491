"""The verb that compares counts with expectations."""

from __future__ import annotations

from typing import Annotated

import typer

from na62dump.cli.runs import Json
from na62dump.cli.screen import show


def compatibility(
    expected: Annotated[list[float], typer.Option(metavar="NUMBER", help="Expected counts of a region; repeatable.")],
    observed: Annotated[list[float], typer.Option(metavar="COUNT", help="Observed counts of a region; repeatable.")],
    uncertainty: Annotated[
        list[float] | None,
        typer.Option(metavar="NUMBER", help="Uncertainty of the expected counts; repeatable; none if left out."),
    ] = None,
    common: Annotated[
        float, typer.Option(metavar="SHARE", help="Share of the uncertainties that moves all regions together, 0 to 1.")
    ] = 1.0,
    json: Json = False,
) -> None:
    """Show how well observed counts go with expected ones; several regions also jointly."""
    from na62dump import tables
    from na62dump.inference.validation import compare_numbers

    found = compare_numbers(observed, expected, uncertainty=uncertainty or [0.0] * len(expected), common=common)
    show([tables.validation(found)], as_json=json)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(compatibility)
