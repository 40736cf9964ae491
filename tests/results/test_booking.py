from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump import processor
from na62dump.errors import InputFileError
from na62dump.events import Events
from tests.worlds import declared, good_burst, merged, planned, simulated, write

if TYPE_CHECKING:
    from pathlib import Path


def test_a_sample_whose_weights_sums_would_lose_is_refused(tmp_path: Path) -> None:
    events = simulated("demo_signal", 200)
    small = Events(len(events), {**events.columns, "weight": np.full(200, 1e-9, dtype=np.float32)}, events.offsets)
    write(tmp_path / "s.root", small, bursts=[], truth=True)
    plan = planned(tmp_path, {"signal": declared("simulation", "s.root")})
    with pytest.raises(InputFileError, match="sample 'signal': its weights are too small to be summed exactly"):
        merged(tmp_path / "run", plan)


def test_data_have_no_weights_to_refuse(tmp_path: Path) -> None:
    events = simulated("halo", 200)
    write(tmp_path / "h.root", events, bursts=[good_burst(int(events["run"][0]), 1)])
    plan = planned(tmp_path, {"halo": declared("data", "h.root")})
    made = processor.Processor(searches.load("mumu"), plan).chain(events, "halo")
    assert made.counts["halo"].generated_weight == 0.0
