from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na62dump.simulation.apparatus import SharingData
from na62dump.simulation.buffers import record
from na62dump.simulation.sharing import clusters, exchange, merge

if TYPE_CHECKING:
    from numpy.typing import NDArray

IT = SharingData(merging=50.0, window=20.0, fraction=0.02, length=30.0)
PLACE = st.floats(-300.0, 300.0)
SHOWERS = st.lists(st.tuples(PLACE, PLACE, st.floats(10.0, 1e5), st.floats(-30.0, 30.0)), max_size=8)


def rows(showers: list[tuple[float, float, float, float]]) -> NDArray[np.void]:
    """Rows of showers (x, y, energy, time), behind two rows of another event."""
    out = np.zeros(len(showers) + 2, dtype=record("LKr"))
    for k, (x, y, energy, time) in enumerate(showers, start=2):
        out[k]["x"], out[k]["y"], out[k]["energy"], out[k]["time"] = x, y, energy, time
    return out


@given(SHOWERS)
def test_energy_and_its_centre_are_kept_and_nothing_close_is_left(
    showers: list[tuple[float, float, float, float]],
) -> None:
    out = rows(showers)
    before = out.copy()
    n = merge(IT, out, 2, len(out))
    assert out["energy"][:n].sum() == pytest.approx(before["energy"].sum(), rel=1e-5)
    for axis in ("x", "y", "time"):
        centre = (before[axis] * before["energy"]).sum()
        assert (out[axis] * out["energy"])[:n].sum() == pytest.approx(centre, rel=1e-4, abs=1e-4 * 3e7)
    for j in range(2, n):
        for i in range(2, j):
            apart = np.hypot(out["x"][i] - out["x"][j], out["y"][i] - out["y"][j])
            assert apart >= 49.99 or abs(out["time"][i] - out["time"][j]) > 19.99
    total = out["energy"][:n].sum()
    exchange(IT, out, 2, n)
    assert out["energy"][:n].sum() == pytest.approx(total, rel=1e-5)
    assert np.all(out["energy"][2:n] >= 0)
    assert np.array_equal(out[:2], before[:2])


def test_two_close_showers_are_one_at_their_centre() -> None:
    out = rows([(0.0, 0.0, 3000.0, 1.0), (40.0, 0.0, 1000.0, 3.0)])
    assert clusters(IT, 200.0, out, 2, 4) == 3
    assert out[2].tolist() == pytest.approx((10.0, 0.0, 4000.0, 1.5))


@pytest.mark.parametrize(("apart", "time", "flow"), [(50.0, 0.0, 0.02), (80.0, 0.0, 0.02 / np.e), (60.0, 21.0, 0.0)])
def test_neighbours_give_each_other_a_fraction_that_falls_with_the_distance(
    apart: float, time: float, flow: float
) -> None:
    out = rows([(0.0, 0.0, 10_000.0, 0.0), (0.0, apart, 1000.0, time)])
    assert clusters(IT, 200.0, out, 2, 4) == 4
    assert out["energy"][2:] == pytest.approx([10_000 - 9000 * flow, 1000 + 9000 * flow], rel=1e-6)


def test_what_stays_below_the_threshold_is_no_cluster() -> None:
    out = rows([(0.0, 0.0, 150.0, 0.0), (200.0, 0.0, 1000.0, 0.0), (0.0, 300.0, 150.0, 0.0), (0.0, 310.0, 150.0, 0.0)])
    n = clusters(IT, 200.0, out, 2, 6)
    assert n == 4
    assert sorted(np.round(out["energy"][2:n]).tolist()) == [300.0, 1000.0]
