"""The frozen plan: every file as it was when it was opened, and the work units cut from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import ConfigDict

from na62dump.configuration import FileName, Many, Settings
from na62dump.datasets.bursts import Burst, Exposure
from na62dump.datasets.samples import Kind

if TYPE_CHECKING:
    from pathlib import Path


class FileRecord(Settings):
    """One file as planning found it.

    Attributes
    ----------
    sample : str
        Name of its sample.
    kind : str
        ``"data"`` or ``"simulation"``.
    path : str
        Absolute path, or address.
    uuid : str
        Identity that the file itself carries.
    entries : int
        Events in it.
    clusters : tuple of int
        Boundaries of the clusters, from 0 to ``entries``.
    checksum : str
        ``adler32:...`` of the bytes, or empty if it was not asked for.
    simulated : bool
        Whether the file says that a simulation made it, whatever it is declared to be.
    bursts : tuple of Burst
        What its table of bursts holds.
    """

    sample: str
    kind: Kind
    path: str
    uuid: FileName
    entries: int
    clusters: Many[int]
    checksum: str
    simulated: bool
    bursts: Many[Burst]


class WorkUnit(Settings):
    """A range of events of one file: what one call of the processor sees.

    Attributes
    ----------
    sample : str
        Name of its sample.
    kind : str
        ``"data"`` or ``"simulation"``.
    path : str
        File, as an absolute path or an address.
    uuid : str
        Identity that the file itself carries.
    start, stop : int
        First event, and the one after the last.
    shard : int
        Number of the shard whose results are kept together.
    shard_units : int
        How many units of the plan that shard has; 0 if results are kept one by one.
    """

    sample: str
    kind: Kind
    path: str
    uuid: FileName
    start: int
    stop: int
    shard: int = 0
    shard_units: int = 0

    @property
    def name(self) -> str:
        """Name that no other unit of a plan has."""
        return f"{self.uuid}-{self.start}-{self.stop}"


class Rejected(Settings):
    """A file that was asked for and cannot be used, with the reason in one line."""

    sample: str
    path: str
    reason: str


class Declared(Settings):
    """What a sample was declared to be, and what it is called in figures."""

    kind: Kind
    label: str


class Plan(Settings):
    """All that a run reads, frozen.

    Attributes
    ----------
    analysis : str
        Name of the analysis.
    digest : str
        Analysis digest at planning time.
    home : str
        Folder that the analysis came from: the only place where the blinding record is looked for.
    samples : mapping of str to Declared
        By name, in the order in which samples are booked.
    columns : mapping of str to tuple of str
        Columns to read, by kind of sample.
    rejected : tuple of Rejected
        Files that were asked for and cannot be used: the run is not complete without them.
    files : tuple of FileRecord
        Inputs, in order of sample and path.
    units : tuple of WorkUnit
        Work, in order of files and events.
    """

    model_config = ConfigDict(ser_json_inf_nan="constants")

    analysis: FileName
    digest: str
    home: str
    samples: Mapping[str, Declared]
    columns: Mapping[Kind, Many[str]]
    rejected: Many[Rejected]
    files: Many[FileRecord]
    units: Many[WorkUnit]

    def exposure(self, sample: str) -> Exposure:
        """Exposure of one sample, from the good bursts of its files.

        Parameters
        ----------
        sample : str
            Its name.

        Returns
        -------
        Exposure
            Protons on target and spill time (ns).
        """
        return Exposure.of(burst for file in self.files if file.sample == sample for burst in file.bursts)

    def good_bursts(self, sample: str) -> frozenset[tuple[int, int]]:
        """Run and burst numbers of the good bursts of one sample."""
        bursts = (burst for file in self.files if file.sample == sample for burst in file.bursts)
        return frozenset((burst.run, burst.burst) for burst in bursts if burst.good)

    def durations(self, sample: str) -> dict[tuple[int, int], float]:
        """Durations (ns) of the good bursts of one sample by run and burst number."""
        bursts = (burst for file in self.files if file.sample == sample for burst in file.bursts)
        return {(burst.run, burst.burst): burst.duration_ns for burst in bursts if burst.good}

    def save(self, path: Path) -> None:
        """Write the plan as JSON."""
        path.write_text(self.model_dump_json(indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Plan:
        """Read what `save` wrote."""
        return cls.model_validate_json(path.read_text(encoding="utf-8"))
