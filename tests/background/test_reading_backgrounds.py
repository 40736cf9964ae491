from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.background.backgrounds import Backgrounds
from tests.plotting.background_samples import backgrounds, state

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    written = backgrounds(state=state(opened=("CR",)))
    path = tmp_path / "b.zip"
    path.write_bytes(written.dumps({"time": "now"}))
    read = Backgrounds.load(path)
    # edges of regions are plain numbers in a file, which only JSON may have
    assert read.state == written.state
    for name in ("observed", "joint", "checks", "vetoes", "remarks"):
        assert getattr(read, name) == getattr(written, name)
    assert [e.book for e in read.estimates] == [e.book for e in written.estimates]
    for one, other in zip((*read.estimates, *read.inverted), (*written.estimates, *written.inverted), strict=True):
        np.testing.assert_array_equal(one.limit, other.limit)
        np.testing.assert_array_equal(one.uncertainty, other.uncertainty)
    assert read.dumps({"time": "now"}) == path.read_bytes()
