"""What is done and what is not, as files in folders that any number of runs may share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from na62dump.datasets import key_of
from na62dump.runner.atomic import write_atomically
from na62dump.runner.failures import Failure
from na62dump.runner.marks import marked, remove
from na62dump.runner.places import Places
from na62dump.runner.sealing import Sealing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from na62dump.datasets import WorkUnit

AddUp = Callable[[Iterable[bytes]], bytes]
"""From results, in the bytes that a work gives, to those of their sum."""


@dataclass(frozen=True)
class Ledger:
    """Results and failures of one run, as files.

    A unit has a file of its own until all units of its shard are done; then one file holds the sum over the shard. Each
    file carries its fingerprint, the names of its units and a digest: a file in the wrong place, or with a bit changed,
    is noticed.

    Attributes
    ----------
    folder : Path
        Output folder of the run; made when needed.
    fingerprint : str
        Run digest: results made under another one are never looked at.
    """

    folder: Path
    fingerprint: str

    @cached_property
    def places(self) -> Places:
        """Where what is."""
        return Places(self.folder, self.fingerprint)

    @cached_property
    def _sealing(self) -> Sealing:
        return Sealing(self.fingerprint)

    def names(self) -> set[str]:
        """Names of all units that have a result here, unread."""
        # single results first: a shard that is sealed in between is seen twice, not never
        single = self.places.single_names()
        return single.union(*self.places.sealed_names().values())

    def missing(self, units: Iterable[WorkUnit]) -> list[WorkUnit]:
        """Those of some units that have no sound result; damaged results are set aside.

        Parameters
        ----------
        units : iterable of WorkUnit
            In any order.

        Returns
        -------
        list of WorkUnit
            In the same order.
        """
        wanted = list(units)
        done = {unit.name for unit in self.done(wanted)}
        return [unit for unit in wanted if unit.name not in done]

    def done(self, units: Iterable[WorkUnit]) -> list[WorkUnit]:
        """Those of some units that have a sound result; damaged results are set aside.

        Parameters
        ----------
        units : iterable of WorkUnit
            In any order.

        Returns
        -------
        list of WorkUnit
            In the same order.
        """
        wanted = list(units)
        present = self.names()
        found: set[str] = set()
        candidates = sorted((unit for unit in wanted if unit.name in present), key=_shard)
        for _, several in groupby(candidates, key=_shard):
            shard = list(several)
            # single results first: a shard that is sealed in between is seen twice, not never
            found |= {unit.name for unit in shard if self._has_single(unit)}
            sealed = self._sealed(shard[0])
            found |= {unit.name for unit in shard if unit.name in sealed}
        return [unit for unit in wanted if unit.name in found]

    def has(self, unit: WorkUnit) -> bool:
        """Whether a unit has a sound result; a damaged one is set aside.

        Parameters
        ----------
        unit : WorkUnit
            Which.

        Returns
        -------
        bool
            False if it is to be computed.
        """
        return self._has_single(unit) or unit.name in self._sealed(unit)

    def store(self, unit: WorkUnit, result: bytes) -> None:
        """Keep the result of a unit, in one step, and forget an earlier failure.

        Parameters
        ----------
        unit : WorkUnit
            What was worked on.
        result : bytes
            A zip archive.

        Raises
        ------
        OSError
            If it cannot be written; nothing is changed then.
        zipfile.BadZipFile
            If it is no zip archive.
        """
        self._sealing.write(self.places.result(unit), result, names=[unit.name])
        self.clear_failure(unit)

    def seal_shard(self, unit: WorkUnit, *, add_up: AddUp) -> bool:
        """Put the sum over a shard in place of the results of its units, if all of them are done.

        Parameters
        ----------
        unit : WorkUnit
            One of the shard.
        add_up : callable
            From the bytes of results, in order of the names of their units, to those of their sum.

        Returns
        -------
        bool
            Whether it is sealed now.

        Raises
        ------
        OSError, MergeError
            If a result is damaged, or a file cannot be read or written, since another run has done it; nothing is lost.
        """
        if not unit.shard_key:
            return False
        # listed once: another run may remove the files while these are read, and then it has sealed the shard
        places = {name: self.places.single(unit.shard, name) for name in self.places.single_names_of(unit.shard)}
        sealed = self._sealed(unit)
        if not sealed:
            if key_of(places) != unit.shard_key:
                return False
            total = add_up(self._sealing.read(path, names=[name]) for name, path in places.items())
            self._sealing.write(self.places.shard(unit), total, names=list(places))
        for name in sealed or places:
            self.places.single(unit.shard, name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.places.result(unit).parent.rmdir()
        return True

    def read(self, unit: WorkUnit) -> bytes:
        """Bytes of the result of a unit whose shard is not sealed.

        Parameters
        ----------
        unit : WorkUnit
            Which.

        Returns
        -------
        bytes
            A zip archive, as it was stored.

        Raises
        ------
        MergeError
            If the file was made for another unit or under another fingerprint, or is no archive.
        FileNotFoundError
            If there is none.
        """
        return self._sealing.read(self.places.result(unit), names=[unit.name])

    def read_shard(self, units: Sequence[WorkUnit]) -> bytes | None:
        """Bytes of the sum over a shard.

        Parameters
        ----------
        units : sequence of WorkUnit
            All of one shard.

        Returns
        -------
        bytes or None
            A zip archive; None if the shard is not sealed.

        Raises
        ------
        MergeError
            If the file was made for other units or under another fingerprint, or is no archive.
        """
        try:
            return self._sealing.read(self.places.shard(units[0]), names=sorted(unit.name for unit in units))
        except FileNotFoundError:
            return None

    def record_failure(self, unit: WorkUnit, failure: Failure) -> None:
        """Keep why a unit has no result.

        Parameters
        ----------
        unit : WorkUnit
            Which.
        failure : Failure
            Why.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        path = self.places.failure(unit)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, failure.model_dump_json(indent=1).encode())

    def try_to_record(self, unit: WorkUnit, failure: Failure) -> Failure:
        """Keep why a unit has no result, or add to the reason why that cannot be kept."""
        try:
            self.record_failure(unit, failure)
        except OSError as error:
            note = f"{failure.reason}; not on record, because {type(error).__name__}: {error.strerror}"
            return failure.model_copy(update={"reason": note})
        return failure

    def clear_failure(self, unit: WorkUnit) -> None:
        """Forget an earlier failure, if there is one and the disk allows it: next to a result it counts for nothing."""
        with contextlib.suppress(OSError):
            self.places.failure(unit).unlink(missing_ok=True)

    def failures(self, units: Iterable[WorkUnit]) -> list[Failure]:
        """Failures on record for those of some units that have no result.

        Parameters
        ----------
        units : iterable of WorkUnit
            In any order.

        Returns
        -------
        list of Failure
            In the same order; a damaged record is a failure as well.
        """
        present = self.places.failed_names() - self.names()
        found = [self.failure(unit) for unit in units if unit.name in present]
        return [failure for failure in found if failure is not None]

    def failure(self, unit: WorkUnit) -> Failure | None:
        """Failure on record for a unit, whether it has a result or not; a damaged record is a failure as well."""
        try:
            return Failure.read(self.places.failure(unit), unit)
        except FileNotFoundError:
            return None

    def working(self, unit: WorkUnit) -> AbstractContextManager[None]:
        """Mark a unit while it is worked on: a mark that stays tells what a worker was doing when it died."""
        return marked(self.places.mark(unit))

    def unmark(self, unit: WorkUnit) -> None:
        """Take a mark away, if there is one."""
        remove(self.places.mark(unit))

    def _sealed(self, unit: WorkUnit) -> frozenset[str]:
        """Names of the units in the sealed shard of a unit; none if it is not sealed, or was damaged and is set aside."""
        return self._sealing.members(self.places.shard(unit)) if unit.shard_key else frozenset()

    def _has_single(self, unit: WorkUnit) -> bool:
        return unit.name in self._sealing.members(self.places.result(unit), only=unit.name)


def _shard(unit: WorkUnit) -> tuple[int, str]:
    return unit.shard, unit.shard_key
