"""The verb that makes upper limits of counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from na62dump.cli.runs import Json
from na62dump.cli.screen import show

if TYPE_CHECKING:
    from collections.abc import Sequence

Widths = Annotated[
    list[float] | None,
    typer.Option(metavar="NUMBER", help="Uncertainty of the background; repeatable; 0 if left out."),
]
Shares = Annotated[
    list[float] | None,
    typer.Option(
        metavar="SHARE",
        help="Relative uncertainty of the signal; repeatable; that of the protons on target if left out, 0 for none.",
    ),
]
MethodName = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="cls, feldman-cousins or bayesian; as in config/inference.toml if left out."),
]
Level = Annotated[
    float | None, typer.Option(metavar="LEVEL", help="Such as 0.9; as in config/inference.toml if left out.")
]


def upper_limit(
    observed: Annotated[list[float], typer.Option(metavar="COUNT", help="Observed counts; repeatable.")],
    background: Annotated[list[float], typer.Option(metavar="NUMBER", help="Expected background; repeatable.")],
    uncertainty: Widths = None,
    relative: Shares = None,
    method: MethodName = None,
    confidence: Level = None,
    json: Json = False,
) -> None:
    """Show the upper limits on a signal that follow from observed counts and an expected background."""
    from na62dump import tables
    from na62dump.inference.settings import settings
    from na62dump.inference.statistics.upper_limits import named, upper_limits
    from na62dump.signal.parents import source

    how = settings()
    _check_shares(relative or ())
    shares = relative or [source().settings.protons_uncertainty]
    chosen, level, widths = (
        named(method or how.method),
        how.confidence if confidence is None else confidence,
        uncertainty or [0.0],
    )
    limits = upper_limits(
        *(observed, background),
        uncertainty=widths,
        relative=shares,
        method=chosen,
        confidence=level,
        priors=how.priors,
    )
    table = tables.upper_limits(
        [observed, background, widths, shares, limits],
        method=chosen,
        confidence=level,
        priors=how.priors,
        of_protons=not relative,
    )
    show([table], as_json=json)


def _check_shares(given: Sequence[float]) -> None:
    """Refuse percent, which are easily given instead."""
    from na62dump.errors import ConfigurationError

    for share in given:
        if not 0 <= share <= 1:
            msg = f"--relative {share:g}: it is a share of the signal, from 0 to 1, such as 0.2 for 20%"
            raise ConfigurationError(msg)


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("upper-limit")(upper_limit)
