"""The record of what has been opened: bound to one analysis by its digest, control region first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator

from na62dump import provenance
from na62dump.configuration import Many, Settings
from na62dump.errors import BlindingError, nearest
from na62dump.regions.door import NOTHING, grant

if TYPE_CHECKING:
    from na62dump.regions.door import Opened
    from na62dump.regions.plane import Plane


class Record(Settings):
    """One opening.

    Attributes
    ----------
    analysis, region : str
        What was opened.
    date, reason : str
        When and why.
    digest : str
        Analysis digest at that time.
    values : mapping
        What the digest was made from, so that a later difference can be named.
    """

    analysis: str
    region: str
    date: str
    reason: str
    digest: str
    values: Mapping[str, Any]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if provenance.digest(self.values) != self.digest:
            msg = f"the values of the record that opens {self.region} do not have its digest: it was edited by hand"
            raise ValueError(msg)
        try:
            date.fromisoformat(self.date)
        except ValueError:
            msg = f"date = '{self.date}' of the record that opens {self.region}: write it as 2026-12-31"
            raise ValueError(msg) from None
        return self


class BlindingRecord(Settings):
    """The whole of config/blinding.toml."""

    record: Many[Record]

    def opened(self, analysis: str, plane: Plane, *, digest: str) -> Opened:
        """Hidden regions that are open for one analysis.

        Parameters
        ----------
        analysis : str
            Its name.
        plane : Plane
            Its regions.
        digest : str
            Its digest now; a record of another digest opens nothing.

        Returns
        -------
        Opened
            Regions and the digest they are open for.

        Raises
        ------
        BlindingError
            If a record names no hidden region, or a region that opens only after another that is closed.
        """
        own = [record.region for record in self.record if record.analysis == analysis and record.digest == digest]
        for number, name in enumerate(own):
            if name not in plane.hidden:
                msg = f"blinding.toml: '{name}' is no hidden region of {analysis}; {nearest(name, plane.hidden)}"
                raise BlindingError(msg)
            after = next(region.opens_after for region in plane.region if region.name == name)
            closed = [region for region in after if region not in own[:number]]
            if closed:
                msg = f"blinding.toml: {name} of {analysis} opens only after {', '.join(closed)}: open that first"
                raise BlindingError(msg)
        return grant(frozenset(own), digest=digest) if own else NOTHING
