"""What goes wrong with units in the jobs of a test: Python runs this first, wherever this folder is on its path."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import na62dump
from na62dump import events

FAULTS = Path(os.environ["NA62DUMP_TEST_FAULTS"])
"""JSON: name of a file without its ending, or ``""`` for every file, to a fault and its size."""

_read = events.read


def read(path: str, *words: Any, **named: Any) -> Any:  # noqa: ANN401 - passed on
    faults = json.loads(FAULTS.read_text())
    for fault, size in (faults.get("", {}) | faults.get(Path(path).stem, {})).items():
        if fault == "sleep_s":
            time.sleep(size)
        if fault == "memory_mb":
            held = b"1" * (size * 1_000_000)
            time.sleep(3)
            del held
        if fault == "abort":
            os.abort()
    return _read(path, *words, **named)


events.read = read  # type: ignore[assignment]
if "NA62DUMP_TEST_BLIND" in os.environ:
    from na62dump.runner.batch.watch import Watch

    Watch.look = lambda _: True  # type: ignore[assignment, method-assign]
if "version" in json.loads(FAULTS.read_text()):
    na62dump.__version__ = json.loads(FAULTS.read_text())["version"]
