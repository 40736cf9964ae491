"""Candidates: flat rows, one per track pair or per choice of photons; all combinations, none rejected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.reconstruction.activity import event_values
from na62dump.reconstruction.inputs import completed
from na62dump.reconstruction.pairs import all_pairs, pair_values
from na62dump.reconstruction.photon_values import Photons, mass_distance, neutral_masses, spread, total_values
from na62dump.reconstruction.photons import Combinations, combinations
from na62dump.reconstruction.quantities import LEG, PAIR, PHOTON, PHOTONS
from na62dump.reconstruction.rows import Rows
from na62dump.reconstruction.tracks import track_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.events import Events
    from na62dump.geometry import Geometry
    from na62dump.reconstruction.final_state import FinalState
    from na62dump.reconstruction.matching import Matching
    from na62dump.reconstruction.quantities import Quantity

    Values = Mapping[str, NDArray[Any]]

TRACKS_IN_A_PAIR = 2
"""Events with fewer tracks have no row."""

_FROM_EVENT = ("run", "burst", "event", "trigger", "burst_time")
_FROM_TRACK = ("charge", "p", "time", "chi2", "chambers")
_OPTIONAL = ("rich_e", "rich_mu", "rich_pi", "rich_k")
_FROM_CLUSTER = ("x", "y", "energy", "time")


@dataclass(frozen=True)
class Candidates:
    """All rows of some events, before the blinding door; nothing but the door takes them."""

    rows: Rows


@dataclass(frozen=True)
class _Made:
    """Rows as they are made: event of each, members, values, and the events with too many photons."""

    index: NDArray[np.int64]
    legs: dict[str, NDArray[np.int64]]
    values: dict[str, NDArray[Any]]
    crowded: NDArray[np.bool_]


def build(events: Events, geometry: Geometry, *, matching: Matching, final_state: FinalState) -> Candidates:
    """All candidates of every event for a final state, with their values and without a verdict.

    Parameters
    ----------
    events : Events
        What the detector recorded, in mm, ns, MeV, MeV/c.
    geometry : Geometry
        The experiment, mm.
    matching : Matching
        Radii (mm), energies (MeV) and half time windows (ns).
    final_state : FinalState
        What tracks and clusters are taken for.

    Returns
    -------
    Candidates
        One row per pair of tracks, or, with photons, per choice of photons for each pair (without tracks: for each
        event), in order of events.
    """
    full = completed(events)
    weight = events["weight"] if "weight" in events else np.ones(len(events), dtype=np.float32)
    per_event = {name: full[name] for name in _FROM_EVENT} | {"weight": weight}
    per_event |= event_values(full, matching=matching)
    tracks = per_track(events, geometry, matching=matching, final_state=final_state)
    per_cluster = _per_cluster(full, final_state)
    rows = lines(events, geometry, matching=matching, final_state=final_state).rows
    return Candidates(
        replace(
            rows,
            events=_read(per_event, PAIR, events),
            tracks=tracks,
            clusters=_read(per_cluster, PHOTON, events),
        )
    )


def lines(events: Events, geometry: Geometry, *, matching: Matching, final_state: FinalState) -> Candidates:
    """Candidates that know nothing but their own values, such as their line: what it takes to say whether they are hidden.

    Parameters
    ----------
    events : Events
        Tracks and clusters, in mm, ns, MeV, MeV/c.
    geometry : Geometry
        The experiment, mm.
    matching : Matching
        What makes a cluster a photon.
    final_state : FinalState
        What tracks and clusters are taken for.

    Returns
    -------
    Candidates
        The rows of `build`, without the values of events, clusters and tracks, but for the charge of the tracks.
    """
    full = completed(events)
    made = _pairs(full, geometry, final_state) if final_state.charged else _nothing(full)
    if final_state.photons:
        made = _with_photons(made, full, geometry, matching, final_state)
    rows = Rows(
        index=made.index,
        n_events=len(events),
        events={},
        tracks=_read({"charge": full["Track_charge"]} if final_state.charged else {}, LEG, events),
        clusters={},
        values=_read(made.values, PAIR, events),
        legs=made.legs,
        neutrals_of=final_state.neutrals,
        crowded=made.crowded,
    )
    return Candidates(rows)


def _read(values: Values, table: Mapping[str, Quantity], events: Events) -> dict[str, NDArray[Any]]:
    """Values of which every column was read."""
    return {name: v for name, v in values.items() if all(column in events for column in table[name].columns)}


def per_track(
    events: Events,
    geometry: Geometry,
    *,
    matching: Matching,
    final_state: FinalState,
    least: int = TRACKS_IN_A_PAIR,
) -> dict[str, NDArray[Any]]:
    """Values of every track, none of them a verdict.

    Parameters
    ----------
    events : Events
        What the detector recorded, in mm, ns, MeV, MeV/c.
    geometry : Geometry
        The experiment, mm.
    matching : Matching
        Radii (mm) and half time windows (ns).
    final_state : FinalState
        Without tracks, nothing is known.
    least : int
        Tracks of events with fewer than this are left at zero.

    Returns
    -------
    dict of str to array[track]
        What could be made of the columns that were read, in the units of the table of quantities.
    """
    if not final_state.charged:
        return {}
    full = completed(events)
    plain = {name: full[f"Track_{name}"] for name in (*_FROM_TRACK, *_OPTIONAL)}
    return _read(plain | track_values(full, geometry, matching=matching, least=least), LEG, events)


def _per_cluster(full: Events, final_state: FinalState) -> dict[str, NDArray[Any]]:
    if not final_state.photons:
        return {}
    trigger = np.repeat(full["trigger_time"], np.diff(full.offsets["LKr"]))
    plain = {name: full[f"LKr_{name}"] for name in _FROM_CLUSTER}
    return plain | {"dt_trigger": full["LKr_time"] - trigger}


def _pairs(full: Events, geometry: Geometry, final_state: FinalState) -> _Made:
    """One row per pair of tracks; two, if each is also taken the other way round."""
    index, plus, minus = all_pairs(full.offsets["Track"], full["Track_charge"])
    swapped = np.zeros(len(index), dtype=np.bool_)
    legs = {"plus": plus, "minus": minus}
    if final_state.conjugate:
        index, plus, minus = (np.repeat(column, 2) for column in (index, plus, minus))
        swapped = np.arange(len(index)) % 2 == 1
        roles = {"first": np.where(swapped, minus, plus), "second": np.where(swapped, plus, minus)}
        legs = {"plus": plus, "minus": minus, **roles}
    values = pair_values(full, geometry, plus=plus, minus=minus, swapped=swapped, masses=final_state.masses)
    values |= {"swapped": swapped} if final_state.conjugate else {}
    return _Made(index, legs, values, np.zeros(len(full), dtype=np.bool_))


def _nothing(full: Events) -> _Made:
    """One row per event, to which photons will be given."""
    return _Made(np.arange(len(full)), {}, {}, np.zeros(len(full), dtype=np.bool_))


def _with_photons(made: _Made, full: Events, geometry: Geometry, matching: Matching, final_state: FinalState) -> _Made:
    """One row per choice of photons for each of the rows made so far."""
    if final_state.charged:
        plus, minus = (full["Track_time"][made.legs[leg]].astype(np.float64) for leg in ("plus", "minus"))
        time = (plus + minus) / 2
    else:
        time = full["trigger_time"][made.index].astype(np.float64)
    found = combinations(full, geometry, matching=matching, event=made.index, time=time, neutrals=final_state.neutrals)
    crowded = made.crowded.copy()
    crowded[made.index[found.available > matching.photons_max]] = True
    kept = ~crowded[made.index[found.row]]
    found = Combinations(found.row[kept], found.photons[:, kept], found.available)
    chosen = found.row
    rows = _Made(
        made.index[chosen],
        {name: leg[chosen] for name, leg in made.legs.items()},
        {name: column[chosen] for name, column in made.values.items()},
        crowded,
    )
    photons = Photons(*(full[f"LKr_{name}"][found.photons].astype(np.float64) for name in ("x", "y", "energy")))
    late = np.abs(full["LKr_time"][found.photons] - time[chosen])
    values = rows.values | _photon_values(photons, late, found)
    values["pair_number"] = chosen - np.searchsorted(made.index, rows.index)
    if final_state.charged:
        values |= _charged_values(rows, photons, full, geometry, final_state)
    else:
        values |= _centre_of_energy(photons, geometry)
    return _Made(rows.index, rows.legs | dict(zip(PHOTONS, found.photons, strict=False)), values, crowded)


def _photon_values(photons: Photons, late: NDArray[np.float64], found: Combinations) -> dict[str, NDArray[Any]]:
    return {
        "photons_energy": photons.energy.sum(axis=0),
        "photon_separation": spread(photons),
        "photon_dt": late.max(axis=0),
        "n_photons": found.available[found.row],
    }


def _charged_values(
    rows: _Made, photons: Photons, full: Events, geometry: Geometry, final_state: FinalState
) -> dict[str, NDArray[Any]]:
    vertex = tuple(rows.values[f"vertex_{name}"] for name in "xyz")
    masses = neutral_masses(photons, vertex, z_lkr=geometry.lkr.z, neutrals=final_state.neutrals)
    swapped = rows.values.get("swapped", np.zeros(len(rows.index), dtype=np.bool_))
    plus, minus = final_state.masses
    totals = total_values(
        full,
        geometry,
        pairs=rows.values,
        legs=(rows.legs["plus"], rows.legs["minus"]),
        masses=(np.where(swapped, minus, plus), np.where(swapped, plus, minus)),
        photons=photons,
    )
    distance = mass_distance(masses, final_state=final_state, n_rows=len(rows.index))
    alone = {f"tracks_{name}": rows.values[name] for name in ("mass", "cda_tax", "z_tax", "pt_tax")}
    return {**alone, **masses, **totals, "mass_distance": distance}


def _centre_of_energy(photons: Photons, geometry: Geometry) -> dict[str, NDArray[Any]]:
    """Where the line of what decayed crosses the LKr (mm), wherever it decayed: small angles add up like momenta."""
    total = photons.energy.sum(axis=0)
    x, y = ((photons.energy * side).sum(axis=0) / total for side in (photons.x, photons.y))
    ahead = geometry.lkr.z - geometry.axis.z
    radius = np.hypot(
        x - geometry.axis.x - geometry.axis.dxdz * ahead, y - geometry.axis.y - geometry.axis.dydz * ahead
    )
    return {"coe_x": x, "coe_y": y, "coe_radius": radius}
