"""A run in a process of its own, to be killed: ``python child.py RUN ENGINE SECONDS``; each unit takes so long."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from na62dump import processor, runs
from na62dump.runner import Local

if TYPE_CHECKING:
    from na62dump.datasets import Bursts
    from na62dump.events import Events
    from na62dump.results import Result


class Slow(processor.Processor):
    """The processor, with time enough to be killed in mid run."""

    def chain(self, events: Events, sample: str, *, bursts: Bursts | None = None) -> Result:
        time.sleep(float(sys.argv[3]))
        return super().chain(events, sample, bursts=bursts)


if __name__ == "__main__":
    how = Local.model_validate({"engine": sys.argv[2], "workers": 2})
    with mock.patch.object(processor, "Processor", Slow):
        runs.execute(runs.open_run(Path(sys.argv[1])), how)
