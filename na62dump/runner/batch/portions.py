"""Which units go into which job, and with how much memory and time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

from na62dump.units import MEMORY, TIME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from na62dump.datasets import WorkUnit
    from na62dump.runner.batch.settings import Resources

Lack = Literal["memory", "time"]
"""What a job may have too little of."""


class Had(NamedTuple):
    """What the last job that began with a unit asked for: memory (MB), time (ns), whether that was raised, whether it had no other unit."""

    memory: float
    time: float
    raised: bool
    alone: bool


class Need(NamedTuple):
    """What the next job of a unit asks for: memory (MB), time (ns)."""

    memory: float
    time: float


@dataclass(frozen=True)
class Decision:
    """What is to be submitted.

    Attributes
    ----------
    portions : mapping of Need to list of list of WorkUnit
        Slices by what their jobs ask for.
    refused : mapping of str to str
        Units that need more than is allowed, and the reason, by name.
    raised : int
        How many units get more than the settings say.
    alone : int
        How many units get a job of their own.
    """

    portions: Mapping[Need, list[list[WorkUnit]]]
    refused: Mapping[str, str]
    raised: int
    alone: int


@dataclass(frozen=True)
class Past:
    """What is known of units from earlier jobs.

    Attributes
    ----------
    had : mapping of str to Had
        By name of the unit.
    lacks : mapping of str to str
        Units whose last try failed for lack of ``"memory"`` or ``"time"``.
    marked : collection of str
        Units that were worked on when their job vanished.
    """

    had: Mapping[str, Had] = field(default_factory=dict)
    lacks: Mapping[str, Lack] = field(default_factory=dict)
    marked: Collection[str] = ()


def decide(units: Iterable[WorkUnit], past: Past, *, resources: Resources, size: int) -> Decision:
    """Cut missing units into jobs.

    Parameters
    ----------
    units : iterable of WorkUnit
        Missing, and in no job that waits or runs; in order of the plan.
    past : Past
        What is known of them.
    resources : Resources
        What a job asks for, and how far that may be raised.
    size : int
        Most units of a job.

    Returns
    -------
    Decision
        Units that ended a job, or lacked time, get a job of their own; the rest goes into slices, in whole shards where
        possible.
    """
    together: dict[Need, list[WorkUnit]] = defaultdict(list)
    portions: dict[Need, list[list[WorkUnit]]] = defaultdict(list)
    refused: dict[str, str] = {}
    for unit in units:
        lack = past.lacks.get(unit.name)
        had = past.had.get(unit.name)
        reason = _refusal(lack, had, resources)
        need, at_most = _need(lack, had, resources)
        if reason:
            refused[unit.name] = reason
        elif unit.name in past.marked or lack == "time" or at_most:
            # time: whether a unit that began late in a job needs more than a job has is seen when it is alone
            portions[need].append([unit])
        else:
            together[need].append(unit)
    alone = sum(map(len, portions.values()))
    for need, several in together.items():
        portions[need] += slices(several, size=size)
    base = Need(resources.memory, resources.time)
    raised = sum(len(part) for need, parts in portions.items() if need != base for part in parts)
    return Decision(portions, refused, raised, alone)


def slices(units: Sequence[WorkUnit], *, size: int) -> list[list[WorkUnit]]:
    """Cut units into slices of a largest size, in whole shards where possible."""
    found: list[list[WorkUnit]] = [[]]
    for _, several in groupby(units, key=lambda unit: unit.shard):
        shard = list(several)
        if len(found[-1]) + len(shard) > size:
            found.append([])
        while len(shard) > size:
            found[-1], shard = shard[:size], shard[size:]
            found.append([])
        found[-1] += shard
    return [part for part in found if part]


def _need(lack: Lack | None, had: Had | None, resources: Resources) -> tuple[Need, bool]:
    """What the next job asks for, and whether that is the most allowed of what lacked."""
    before = had if had is not None and had.raised else None
    memory = max(resources.memory, before.memory if before else 0)
    time = max(resources.time, before.time if before else 0)
    if lack == "memory":
        memory = resources.growth * max(memory, had.memory if had else 0)
    if lack == "time":
        time = resources.growth * max(time, had.time if had else 0)
    need = Need(min(memory, resources.most_memory), min(time, resources.most_time))
    at_most = {"memory": memory >= resources.most_memory, "time": time >= resources.most_time}
    return need, lack is not None and at_most[lack]


def _refusal(lack: Lack | None, had: Had | None, resources: Resources) -> str:
    """Why no job may have what a unit needs; empty if one may."""
    if lack is None or had is None or not had.alone:
        return ""
    if lack == "memory" and had.memory >= resources.most_memory:
        return f"needs more than {had.memory / MEMORY['GB']:g} GB of memory: raise most_memory, or plan smaller units"
    if lack == "time" and had.time >= resources.most_time:
        return f"needs more than {had.time / TIME['h']:g} h: raise most_time, or plan smaller units"
    return ""
