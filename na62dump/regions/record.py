"""The record of what has been opened: bound to one analysis by its digest, control region first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from pydantic import field_validator, model_validator

from na62dump import provenance
from na62dump.configuration import Many, Settings, load
from na62dump.errors import BlindingError, nearest
from na62dump.regions.door import NOTHING, grant
from na62dump.regions.values import differences, from_toml

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.regions.door import Opened
    from na62dump.regions.plane import Plane

FILE = "blinding.toml"
"""Name of the record; it lies beside the file of the analysis, and is read there only."""

SIZE_LIMIT = 2**24
"""Bytes: a record holds the values of every analysis that was opened, which no other configuration file does."""


class Record(Settings):
    """One opening.

    Attributes
    ----------
    analysis, region : str
        What was opened; a control sample is opened as a region is.
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

    @field_validator("values", mode="before")
    @classmethod
    def _with_none(cls, values: object) -> object:
        return from_toml(values)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self._has_digest():
            msg = (
                f"the values of the record that opens {self.region} do not have its digest: it was edited by hand; "
                "take the file from version control as it was"
            )
            raise ValueError(msg)
        try:
            date.fromisoformat(self.date)
        except ValueError:
            msg = f"date = '{self.date}' of the record that opens {self.region}: write it as 2026-12-31"
            raise ValueError(msg) from None
        return self

    def _has_digest(self) -> bool:
        try:
            return provenance.digest(self.values) == self.digest
        except (TypeError, ValueError):  # a date or NaN, which no analysis holds
            return False


class BlindingRecord(Settings):
    """The whole of config/blinding.toml."""

    record: Many[Record]

    @classmethod
    def beside(cls, folder: Path) -> BlindingRecord:
        """Record that lies in the folder of an analysis.

        Parameters
        ----------
        folder : Path
            Where the file of the analysis is.

        Returns
        -------
        BlindingRecord
            Empty if there is none.

        Raises
        ------
        ConfigurationError
            If the file is no TOML, or a record in it was edited by hand.
        """
        path = folder / FILE
        return load(path, cls, size_limit=SIZE_LIMIT) if path.exists() else cls(record=())

    def opened(self, analysis: str, plane: Plane, *, digest: str) -> Opened:
        """Hidden regions, and control samples in them, that are open for one analysis.

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
            Regions and the digest they are open for. A region stays closed if one that has to be opened before it was
            opened for another digest only.

        Raises
        ------
        BlindingError
            If a record names no hidden region, or a region that opens only after another that was not opened at all.
        """
        own = [record for record in self.record if record.analysis == analysis]
        now = [record.region for record in own if record.digest == digest]
        excused = {record.region for record in own} - set(now)
        opened: set[str] = set()
        for name in now:
            if name not in plane.openable:
                msg = f"{FILE}: '{name}' is no hidden region of {analysis}; {nearest(name, plane.openable)}"
                raise BlindingError(msg)
            closed = [region for region in plane.openable[name] if region not in opened]
            if set(closed) - excused:
                msg = f"{FILE}: {name} of {analysis} opens only after {', '.join(closed)}: open that first"
                raise BlindingError(msg)
            (excused if closed else opened).add(name)
        return grant(frozenset(opened), analysis=analysis, digest=digest) if opened else NOTHING

    def remarks(self, analysis: str, plane: Plane, *, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Why regions that have been opened are closed all the same.

        Parameters
        ----------
        analysis : str
            Its name.
        plane : Plane
            Its regions.
        values : mapping
            What its digest is made from now.

        Returns
        -------
        tuple of str
            One line for each such region, from its latest record.

        Raises
        ------
        BlindingError
            As for `opened`.
        """
        digest = provenance.digest(values)
        opened = self.opened(analysis, plane, digest=digest).regions
        closed = {r.region: r for r in self.record if r.analysis == analysis and r.region not in opened}
        lines = []
        for name, record in closed.items():
            if record.digest == digest:
                before = ", ".join(region for region in plane.openable[name] if region not in opened)
                why = f"for these values, but {before} was opened for others; it stays closed"
            else:
                why = f"for other values: {differences(record.values, values)}; it is closed"
            lines.append(f"{name} of {analysis} was opened on {record.date} {why}")
        return tuple(lines)
