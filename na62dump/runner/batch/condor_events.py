"""The event log that HTCondor keeps of the jobs of a submission."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from na62dump.runner.batch.portions import Lack

EVENTS = "events.log"

_EVENT = re.compile(r"(\d{3}) \((\d+)\.(\d+)\.\d+\)")
_NODE = re.compile(r"DAG Node: s(\d+)")
_CODE = re.compile(r"Code (\d+) Subcode")
_SUBMITTED, _TERMINATED, _ABORTED, _HELD = "000", "005", "009", "012"
"""Events (HTCondor manual, job event log codes)."""

HOLD_CODES: Mapping[int, Lack] = {34: "memory", 46: "time", 47: "time"}
"""HoldReasonCode (HTCondor manual, job ClassAd attributes): memory above the request, job and execution too long."""


@dataclass(frozen=True)
class Events:
    """What a log tells.

    Attributes
    ----------
    lacking : mapping of int to str
        What jobs had too little of when they were last held, by number of the slice.
    ended : frozenset of int
        Slices whose job has ended, or was removed.
    """

    lacking: Mapping[int, Lack]
    ended: frozenset[int]


def read_events(path: Path) -> Events:
    """Read a log.

    Parameters
    ----------
    path : Path
        Of all jobs of a submission; nothing is known without it.

    Returns
    -------
    Events
        What it tells.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Events({}, frozenset())
    numbers: dict[tuple[str, str], int] = {}
    lacking: dict[int, Lack] = {}
    ended: set[int] = set()
    for event in text.split("\n...\n"):
        match = _EVENT.match(event)
        if match is None:
            continue
        job = (match[2], match[3])
        if match[1] == _SUBMITTED:
            # without DAGMan the jobs of a submission are numbered as its slices are
            node = _NODE.search(event)
            numbers[job] = int(node[1] if node else match[3])
        number = numbers.get(job, int(match[3]))
        if match[1] in {_TERMINATED, _ABORTED}:
            ended.add(number)
        code = _CODE.search(event)
        if match[1] == _HELD and code and int(code[1]) in HOLD_CODES:
            lacking[number] = HOLD_CODES[int(code[1])]
    return Events(lacking, frozenset(ended))
