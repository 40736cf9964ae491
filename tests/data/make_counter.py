"""Write ``counter.root``, which `make_snapshot.py` turns into the other layouts: make_counter.py FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import UUID

sys.path.append(str(Path(__file__).resolve().parents[2]))

from tests.events.event_samples import sample, write

EVENTS = 40
IDENTITY = UUID(int=62)

if __name__ == "__main__":
    write(Path(sys.argv[1]) / "counter.root", sample(EVENTS, seed=62), uuid=IDENTITY)
