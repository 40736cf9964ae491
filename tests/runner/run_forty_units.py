"""A run in a process of its own: forty units whose sums depend on the order; for tests that kill it."""

from __future__ import annotations

import io
import sys
import time
import zipfile
from pathlib import Path

from na62dump.datasets import WorkUnit
from na62dump.runner import Job, Ledger, Local, execute

UNITS = [
    WorkUnit(sample="s", kind="simulation", path="/data/run.root", uuid="u", start=10 * i, stop=10 * i + 10)
    for i in range(40)
]
PAUSE = 0.05


def work(unit: WorkUnit) -> bytes:
    """Take some time, then return numbers that only a sum in one order reproduces."""
    time.sleep(PAUSE)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x", repr([1.0 / (i + 1) for i in range(unit.start, unit.stop)]))
    return file.getvalue()


if __name__ == "__main__":
    ledger = Ledger(Path(sys.argv[1]), "f" * 64)
    execution = Local(engine="iterative" if sys.argv[2] == "iterative" else "futures", workers=2)
    sys.exit(len(execute(ledger.missing(UNITS), Job(work, ledger), execution=execution)))
