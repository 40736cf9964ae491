"""A run in a process of its own, to be killed: ``python child.py RUN ENGINE SECONDS``; each unit takes so long."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from na62dump import processor, runs
from na62dump.runner import Execution


class Slow(processor.Processor):
    """The processor, with time enough to be killed in mid run."""

    def chain(self, events, sample):
        time.sleep(float(sys.argv[3]))
        return super().chain(events, sample)


if __name__ == "__main__":
    processor.Processor = Slow
    runs.execute(runs.open_run(Path(sys.argv[1])), Execution(engine=sys.argv[2], workers=2))
