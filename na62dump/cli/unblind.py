"""The verb that opens a hidden region."""

from __future__ import annotations

from typing import Annotated

import typer

from na62dump.cli.runs import AnalysisName
from na62dump.cli.screen import tell


def unblind(
    analysis: AnalysisName,
    region: Annotated[str, typer.Option(metavar="REGION", help="Hidden region to open, or control sample.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it may be opened; the record keeps it.")],
) -> None:
    """Open a hidden region of data for an analysis as it is now, and write down why."""
    from datetime import UTC, datetime

    from na62dump import analysis as searches
    from na62dump import unblinding

    every = [searches.load(member) for member in searches.members(analysis)]
    closed = [search for search in every if region not in unblinding.opened_regions(search)]
    for search in closed or every:  # all or none: the first that cannot be opened stops the others
        unblinding.require(search, region)
    for search in closed:
        done = unblinding.unblind(search, region, reason=reason, today=datetime.now(UTC).date())
        tell(f"opened: {region} of {search.name}, for analysis digest {done.record.digest[:16]} and no other")
        tell(f"still hidden: {', '.join(done.hidden) or 'nothing'}")
        if search.kin:
            tell(f"events of {search.name} are hidden too by what is closed of {', '.join(search.kin)}")
    tell(f"recorded: {done.path}; put it under version control")
    tell("results made before do not show it; next: na62dump run RUN, which does every unit again")


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(unblind)
