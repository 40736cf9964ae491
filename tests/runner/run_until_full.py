"""Units until the disk is full, in a process of its own; prints what came of them."""

from __future__ import annotations

import io
import json
import resource
import sys
import zipfile
from pathlib import Path

from na62dump.datasets import WorkUnit
from na62dump.runner import Ledger, run_unit

UNITS = [
    WorkUnit(sample="s", kind="data", path="/data/run.root", uuid="u", start=10 * i, stop=10 * i + 10) for i in range(8)
]
SMALL, LARGE = 1000, 60_000


def work(unit: WorkUnit) -> bytes:
    """Return a small result for the first units, large ones for the others."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x", bytes(SMALL if unit.start < UNITS[2].start else LARGE))
    return file.getvalue()


if __name__ == "__main__":
    ledger = Ledger(Path(sys.argv[1]), "f" * 64)
    if sys.argv[2:]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
    failures = [failure for unit in UNITS if (failure := run_unit(unit, work, ledger=ledger))]
    sys.stdout.write(
        json.dumps(
            {
                "failures": [failure.model_dump() for failure in failures],
                "done": [unit.name for unit in ledger.done(UNITS)],
                "files": sorted(str(path.name) for path in ledger.folder.rglob("*") if path.is_file()),
            }
        )
    )
