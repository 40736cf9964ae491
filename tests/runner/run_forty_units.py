"""A run in a process of its own: forty units in four shards, whose sums depend on the order; for tests that kill it."""

from __future__ import annotations

import io
import json
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from na62dump.datasets import WorkUnit
from na62dump.runner import Job, Ledger, Local, execute, total
from tests.runner.keyed import keyed

if TYPE_CHECKING:
    from collections.abc import Iterable

SHARD_UNITS = 10
UNITS = keyed(
    WorkUnit(
        sample="s",
        kind="simulation",
        path="/data/run.root",
        uuid="u",
        start=10 * i,
        stop=10 * i + 10,
        shard=i // SHARD_UNITS,
    )
    for i in range(40)
)
PAUSE = 0.05


def packed(numbers: list[float]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("x"), repr(numbers))
    return file.getvalue()


def value(content: bytes) -> float:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return float(sum(json.loads(archive.read("x"))))


def work(unit: WorkUnit) -> bytes:
    """Take some time, then return numbers that only a sum in one order reproduces."""
    time.sleep(PAUSE)
    return packed([1.0 / (i + 1) for i in range(unit.start, unit.stop)])


def add_up(contents: Iterable[bytes]) -> bytes:
    """Sum of some results."""
    found = total(map(value, contents))
    assert found is not None
    return packed([found])


if __name__ == "__main__":
    ledger = Ledger(Path(sys.argv[1]), "f" * 64)
    execution = Local(engine="iterative" if sys.argv[2] == "iterative" else "futures", workers=2)
    sys.exit(len(execute(ledger.missing(UNITS), Job(work, ledger, add_up), execution=execution)))
