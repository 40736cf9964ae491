from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from na62dump import analysis as searches
from na62dump import processor
from na62dump.errors import InputFileError
from tests.worlds import declared, good_burst, planned, simulated, write

if TYPE_CHECKING:
    from pathlib import Path


def test_a_simulated_weight_that_sums_would_lose_is_refused(tmp_path: Path) -> None:
    events = simulated("demo_signal", 200)
    write(tmp_path / "s.root", events, bursts=[], truth=True)
    plan = planned(tmp_path, {"signal": declared("simulation", "s.root")})
    events["weight"][:] = np.float32(1e-9)
    with pytest.raises(InputFileError, match="sample 'signal': weight 1e-09 is too small to be summed exactly"):
        processor.Processor(searches.load("mumu"), plan).chain(events, "signal")


def test_data_have_no_weights_to_refuse(tmp_path: Path) -> None:
    events = simulated("halo", 200)
    write(tmp_path / "h.root", events, bursts=[good_burst(int(events["run"][0]), 1)])
    plan = planned(tmp_path, {"halo": declared("data", "h.root")})
    made = processor.Processor(searches.load("mumu"), plan).chain(events, "halo")
    assert made.counts["halo"].generated_weight == 0.0
