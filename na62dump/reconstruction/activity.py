"""Activity of whole events: hits and tracks in time with the trigger."""

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
        Tracks, hits and the trigger time, in ns and MeV.
    matching : Matching
        Half windows (ns) and the smallest LAV energy (MeV).

    Returns
    -------
    dict of str to uint16[event]
        ``n_lav``, ``n_anti0``, ``n_chod_event``, ``n_muv3_event`` and ``n_tracks``, numbers in time.
    """
    trigger_time = events["trigger_time"]
    counted = {
        "n_lav": ("LAV", matching.lav_window),
        "n_anti0": ("ANTI0", matching.anti0_window),
        "n_tracks": ("Track", matching.track_window),
        "n_chod_event": ("CHOD", matching.chod_event_window),
        "n_muv3_event": ("MUV3", matching.muv3_event_window),
    }
    out = {name: np.zeros(len(events), dtype=np.uint16) for name in counted}
    for name, (collection, window) in counted.items():
        time = events[f"{collection}_time"]
        # where no size is asked for, times stand in for sizes, against a threshold that each of them passes
        size, least = (events["LAV_energy"], matching.lav_energy_min) if name == "n_lav" else (time, -np.inf)
        _count_in_time(events.offsets[collection], time, size, least, trigger_time, window, out[name])
    return out
