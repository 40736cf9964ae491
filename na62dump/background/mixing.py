"""Pairs of single tracks of different events, seen as the detector would have recorded them together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from na62dump.errors import EstimateError
from na62dump.events import H2, KEY, concatenate, gather, overlaid
from na62dump.hashing import uniform
from na62dump.provenance import digest
from na62dump.reconstruction import build
from na62dump.regions import mixed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.analysis import Analysis
    from na62dump.events import Events
    from na62dump.regions import Visible
    from na62dump.results import SingleTracks


_DIGITS, _BASE = 15, 16
"""Of the hexadecimal digest of a sample's name: what a signed number of 64 bits holds."""


@dataclass(frozen=True)
class Pool:
    """Single tracks of all samples.

    Attributes
    ----------
    events : Events
        One per track, in mm, ns, MeV, MeV/c.
    key : int64[single, 4]
        Digest of the sample's name, run, burst and event.
    duration : float64[single], ns
        Of the spill.
    """

    events: Events
    key: NDArray[np.int64]
    duration: NDArray[np.float64]

    def __len__(self) -> int:
        """Count the tracks."""
        return len(self.key)

    @property
    def bursts(self) -> list[NDArray[np.int64]]:
        """Indices of the tracks of each burst, int64[single] each, without unit, in order of sample, run and burst."""
        _, burst = np.unique(self.key[:, :-1], axis=0, return_inverse=True)
        order = np.argsort(burst, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(burst[order])) + 1)

    def where(self, keep: NDArray[np.bool_]) -> Pool:
        """Tracks for which the mask ``keep``, bool[single] without unit, is true."""
        return Pool(gather(self.events, np.flatnonzero(keep)), self.key[keep], self.duration[keep])


def pool(samples: Mapping[str, SingleTracks]) -> Pool:
    """Single tracks of some samples together.

    Parameters
    ----------
    samples : mapping of str to SingleTracks
        As runs kept them, by sample.

    Returns
    -------
    Pool
        In the one order that does not depend on how samples and tracks come.

    Raises
    ------
    EstimateError
        If there is none.
    """
    if not sum(map(len, samples.values())):
        msg = (
            "no single track was kept: the analysis needs a table [keep.singles], and data that have events of its trigger "
            "line with a track that meets what the search asks of one alone"
        )
        raise EstimateError(msg)
    ordered = {name: samples[name].sorted() for name in sorted(samples)}
    return Pool(
        concatenate([of.events for of in ordered.values()]),
        np.concatenate([_keys(name, of.events) for name, of in ordered.items()]),
        np.concatenate([of.duration for of in ordered.values()]),
    )


def _keys(sample: str, events: Events) -> NDArray[np.int64]:
    """Keys of events; a sample counts by its name, so that what is drawn does not depend on which others there are."""
    number = int(digest(sample)[:_DIGITS], _BASE)
    return np.stack([np.full(len(events), number), *(events[name] for name in KEY)], axis=1).astype(np.int64)


class Window(NamedTuple):
    """How tracks meet in time: flat over a full width (ns), with a seed."""

    width: float
    seed: int


def together(it: Pool, pairs: tuple[NDArray[np.int64], NDArray[np.int64]], *, window: Window) -> Events:
    """Pairs of tracks as events.

    The time of the first track minus that of the second is flat over the window, drawn from a hash of the two events. Each
    brings what was near it in time; the trigger is H2, at the mean of the times of the two triggers.

    Parameters
    ----------
    it : Pool
        Tracks, mm, ns, MeV, MeV/c.
    pairs : two of int64[pair]
        Indices of the first and of the second tracks.
    window : Window
        Of the time difference, ns.

    Returns
    -------
    Events
        One per pair, with the key of the first track's event.
    """
    first, second = pairs
    one, two = gather(it.events, first), gather(it.events, second)
    drawn = uniform(window.seed, np.concatenate([it.key[first], it.key[second]], axis=1))
    apart = window.width * (drawn - 1 / 2)
    moved = (one["Track_time"].astype(np.float64) - two["Track_time"] - apart).astype(np.float32)
    two = _later(two, moved)
    trigger_time = (one["trigger_time"] + two["trigger_time"]) / 2
    met = overlaid(one, two)
    columns = {**met.columns, "trigger_time": trigger_time, "trigger": np.full(len(met), H2, dtype=np.uint32)}
    return replace(met, columns=columns)


def _later(events: Events, by: NDArray[np.float32]) -> Events:
    """Events of which everything happens later by some times (ns)."""
    columns = dict(events.columns)
    columns["trigger_time"] = events["trigger_time"] + by
    for collection, begin in events.offsets.items():
        name = f"{collection}_time"
        columns[name] = events[name] + np.repeat(by, np.diff(begin))
    return replace(events, columns=columns)


def met(
    analysis: Analysis,
    it: Pool,
    *,
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
    window: Window,
    weight: NDArray[np.float32],
) -> Visible:
    """Candidates of pairs, by the same reconstruction as data.

    Parameters
    ----------
    analysis : Analysis
        The search.
    it : Pool
        Tracks.
    pairs : two of int64[pair]
        Indices of the tracks.
    window : Window
        Of the time difference, ns.
    weight : float32[pair]
        Of each pair, without unit.

    Returns
    -------
    Visible
        Rows, all of mixed pairs; the index of a row is that of its pair.
    """
    first, second = pairs
    events = together(it, pairs, window=window)
    events = replace(events, columns={**events.columns, "weight": weight})
    every = build(events, analysis.geometry, matching=analysis.matching, final_state=analysis.file.final_state)
    row = every.rows.index
    return mixed(every, it.key[first][row], second_keys=it.key[second][row])
