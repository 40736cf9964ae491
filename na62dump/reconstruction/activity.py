"""Activity of whole events: LAV and ANTI0 hits in time with the trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.events import Events
    from na62dump.reconstruction.matching import Matching


@kernel
def _count_in_time(
    offsets: NDArray[np.int64],
    time: NDArray[np.float32],
    size: NDArray[np.float32],
    size_min: float,
    trigger_time: NDArray[np.float32],
    window: float,
    out: NDArray[np.uint16],
) -> None:
    """Fill uint16[event] with the hits within a half window (ns) of the trigger and of at least some size (MeV)."""
    for event in range(len(trigger_time)):
        count = 0
        for i in range(offsets[event], offsets[event + 1]):
            if abs(time[i] - trigger_time[event]) <= window and size[i] >= size_min:
                count += 1
        out[event] = count


def event_values(events: Events, *, matching: Matching) -> dict[str, NDArray[Any]]:
    """In-time activity of every event.

    Parameters
    ----------
    events : Events
        LAV and ANTI0 hits and the trigger time, in ns and MeV.
    matching : Matching
        Half windows (ns) and the smallest LAV energy (MeV).

    Returns
    -------
    dict of str to uint16[event]
        ``n_lav`` and ``n_anti0``, numbers of in-time hits.
    """
    trigger_time, anti0_time = events["trigger_time"], events["ANTI0_time"]
    out = {name: np.zeros(len(events), dtype=np.uint16) for name in ("n_lav", "n_anti0")}
    _count_in_time(
        events.offsets["LAV"],
        events["LAV_time"],
        events["LAV_energy"],
        matching.lav_energy_min,
        trigger_time,
        matching.lav_window,
        out["n_lav"],
    )
    # ANTI0 gives no energy: its times stand in for sizes, against a threshold that each of them passes
    _count_in_time(
        events.offsets["ANTI0"], anti0_time, anti0_time, -np.inf, trigger_time, matching.anti0_window, out["n_anti0"]
    )
    return out
