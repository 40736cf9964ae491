"""What a plan lists: files as they were when they were opened, and the work units cut from them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from na62dump.datasets.bursts import Bursts
    from na62dump.datasets.samples import Kind

_KEY_DIGITS = 16


@dataclass(frozen=True, slots=True)
class FileRecord:
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
    bursts : Bursts
        What its table of bursts holds.
    """

    sample: str
    kind: Kind
    path: str
    uuid: str
    entries: int
    clusters: tuple[int, ...]
    checksum: str
    simulated: bool
    bursts: Bursts


@dataclass(frozen=True, slots=True)
class WorkUnit:
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
    bursts : str
        Mark of the bursts of the file: with other good bursts it is another unit.
    shard : int
        Number of the shard whose results are kept together.
    shard_key : str
        Digest of the names of all units of that shard; empty if results are kept one by one.
    """

    sample: str
    kind: Kind
    path: str
    uuid: str
    start: int
    stop: int
    bursts: str = ""
    shard: int = 0
    shard_key: str = ""

    @property
    def name(self) -> str:
        """Name that no other unit of a plan has."""
        marked = f"-{self.bursts}" if self.bursts else ""
        return f"{self.uuid}-{self.start}-{self.stop}{marked}"


def key_of(names: Iterable[str]) -> str:
    """Key of a shard, which tells it from another one with the same number in another plan.

    Parameters
    ----------
    names : iterable of str
        Names of its units, in any order.

    Returns
    -------
    str
        The first digits of a digest.
    """
    return hashlib.sha256(" ".join(sorted(names)).encode()).hexdigest()[:_KEY_DIGITS]
