"""Which units have their results kept together, also when files are added to a plan."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from na62dump.datasets import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from na62dump.datasets import Plan, WorkUnit

SHARD_UNITS = 100
"""Units whose results are kept together: few enough to add up while a job ends, many enough to be few files."""


def sharded(units: Sequence[WorkUnit], *, known: Iterable[WorkUnit] = ()) -> tuple[WorkUnit, ...]:
    """Units with the number of their shard; those of one that is not full, the last, keep their results one by one.

    Parameters
    ----------
    units : sequence of WorkUnit
        In order.
    known : iterable of WorkUnit
        Those of them that are in shards already, and stay there; new ones fill the last of these first.

    Returns
    -------
    tuple of WorkUnit
        The same, in the same order.
    """
    placed = {unit.name: unit for unit in known}
    new = [unit for unit in units if unit.name not in placed]
    first = max((unit.shard for unit in placed.values()), default=0)
    last = [unit for unit in placed.values() if unit.shard == first]
    if any(unit.shard_key for unit in last):
        # it may be sealed
        first, last = first + 1, []
    for number, unit in enumerate(new, start=len(last)):
        placed[unit.name] = replace(unit, shard=first + number // SHARD_UNITS, shard_key="")
    for shard in _by_shard(placed.values()):
        if shard[0].shard >= first and len(shard) == SHARD_UNITS:
            key = key_of(unit.name for unit in shard)
            placed |= {unit.name: replace(unit, shard_key=key) for unit in shard}
    return tuple(placed[unit.name] for unit in units)


def grown(old: Plan, new: Plan) -> Plan | None:
    """Plan with files added, in which every earlier unit keeps its name and its shard.

    Parameters
    ----------
    old : Plan
        What was planned before.
    new : Plan
        What is planned now.

    Returns
    -------
    Plan or None
        None if more has changed than that files were added.
    """
    same = all(
        getattr(old, name) == getattr(new, name) for name in ("analysis", "digest", "home", "samples", "columns")
    )
    names = {unit.name for unit in new.units}
    kept = all(new.by_uuid.get(file.uuid) == file for file in old.files)
    if not (same and kept and list(old.samples) == list(new.samples) and names.issuperset(u.name for u in old.units)):
        return None
    return replace(new, units=sharded(new.units, known=old.units))


def _by_shard(units: Iterable[WorkUnit]) -> list[list[WorkUnit]]:
    shards: dict[int, list[WorkUnit]] = defaultdict(list)
    for unit in units:
        shards[unit.shard].append(unit)
    return list(shards.values())
