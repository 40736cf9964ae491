"""Events made by hand, for tests: every column of the contract, from a few numbers per track and hit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from na62dump.events import COLUMNS, H2, Q1, Events, collections

DEFAULTS = {"Track_chambers": 4, "Track_charge": 1, "Track_p": 30e3, "Track_chi2": 1.0, "weight": 1.0}
Z_REFERENCE, Z_MAGNET, Z_LKR = 180_000.0, 197_000.0, 241_093.0
TILES = {"CHOD": (238_131.5, (134.0, 107.0)), "MUV3": (246_800.0, (220.0, 220.0))}
E_OVER_P = {"e": 1.0, "pi": 0.5, "K": 0.5}
"""What part of its energy a particle leaves in the LKr; a muon leaves no cluster."""


@dataclass
class Event:
    """One event: values of its own, and one mapping per element of each collection; what is left out has a default."""

    values: dict[str, Any] = field(default_factory=dict)
    elements: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def events_of(made: list[Event]) -> Events:
    """Events in the columns of the contract."""
    columns: dict[str, np.ndarray[Any, Any]] = {}
    offsets: dict[str, np.ndarray[Any, Any]] = {}
    for group, members in collections().items():
        if group:
            counts = [len(event.elements.get(group, [])) for event in made]
            offsets[group] = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)
        for column in members:
            if group:
                cells = [
                    e.get(column.field, DEFAULTS.get(column.name, 0))
                    for event in made
                    for e in event.elements.get(group, [])
                ]
            else:
                cells = [event.values.get(column.name, DEFAULTS.get(column.name, 0)) for event in made]
            columns[column.name] = np.array(cells, dtype=column.dtype)
    return Events(len(made), columns, offsets)


def pair_from(
    vertex: tuple[float, float, float],
    slopes: list[tuple[float, float]],
    charges: tuple[int, ...] = (1, -1),
    /,
    **values: float,
) -> Event:
    """An H2 event whose tracks come from one vertex (mm) with given slopes; further keywords are values of the event."""
    x, y, z = vertex
    ahead = 180_000.0 - z
    tracks = [
        {
            "x": x + dx * ahead,
            "y": y + dy * ahead,
            "dxdz": dx,
            "dydz": dy,
            "dxdz_after": dx,
            "dydz_after": dy,
            "charge": q,
        }
        for (dx, dy), q in zip(slopes, charges, strict=True)
    ]
    return Event({"trigger": Q1 | H2, **values}, {"Track": tracks})


def pointing_pair(
    z_tax: float, cda_tax: float, *, z_vertex: float = 150e3, opening: float = 4e-3, **values: float
) -> Event:
    """An event with one pair of equal momenta, whose line passes the proton axis at z_tax (mm) at a distance cda_tax (mm)."""
    axis_y = -22.0
    slope_y = 2e-3
    vertex = (cda_tax, axis_y + slope_y * (z_vertex - z_tax), z_vertex)
    return pair_from(vertex, [(opening / 2, slope_y), (-opening / 2, slope_y)], **values)


def passing(event: Event) -> Event:
    """The event with the hits that its tracks, all at time 0, leave in CHOD and MUV3."""
    for track in event.elements["Track"]:
        for plane, z, sides in (("CHOD", 238_131.5, (134.0, 107.0)), ("MUV3", 246_800.0, (220.0, 220.0))):
            point = (track["x"] + track["dxdz"] * (z - 180e3), track["y"] + track["dydz"] * (z - 180e3))
            x, y = ((np.floor(at / side) + 0.5) * side for at, side in zip(point, sides, strict=True))
            event.elements.setdefault(plane, []).append({"x": x, "y": y, "time": 0.0})
    return event


def impact(track: dict[str, Any], z: float) -> tuple[float, float]:
    """Where a track crosses a plane behind the magnet, mm."""
    to_magnet, ahead = Z_MAGNET - Z_REFERENCE, z - Z_MAGNET
    x, y = (
        float(track[side] + track[f"d{side}dz"] * to_magnet + track[f"d{side}dz_after"] * ahead) for side in ("x", "y")
    )
    return x, y


def hit(track: dict[str, Any], detector: str) -> dict[str, float]:
    """The tile of CHOD or MUV3 that a track crosses, at time 0."""
    z, sides = TILES[detector]
    x, y = ((np.floor(at / side) + 0.5) * side for at, side in zip(impact(track, z), sides, strict=True))
    return {"x": float(x), "y": float(y), "time": 0.0}


def detected(event: Event, *particles: str) -> Event:
    """The event with what its tracks, each taken for a particle, leave in CHOD, MUV3 and LKr at time 0."""
    for track, particle in zip(event.elements["Track"], particles, strict=True):
        event.elements.setdefault("CHOD", []).append(hit(track, "CHOD"))
        if particle == "mu":
            event.elements.setdefault("MUV3", []).append(hit(track, "MUV3"))
        else:
            x, y = impact(track, Z_LKR)
            shower = {"x": x, "y": y, "energy": E_OVER_P[particle] * track.get("p", DEFAULTS["Track_p"]), "time": 0.0}
            event.elements.setdefault("LKr", []).append(shower)
    return event


def photons_of(
    mass: float, vertex: tuple[float, float, float], places: list[tuple[float, float]], *, first: float | None = None
) -> list[dict[str, float]]:
    """LKr clusters of two photons of a given invariant mass (MeV) from a vertex (mm); of equal energies, or the first's."""
    along = np.array([(x - vertex[0], y - vertex[1], Z_LKR - vertex[2]) for x, y in places])
    units = along / np.linalg.norm(along, axis=1)[:, None]
    product = mass**2 / float(((units[0] - units[1]) ** 2).sum())
    one = float(np.sqrt(product)) if first is None else first
    return [
        {"x": x, "y": y, "energy": energy, "time": 0.0}
        for (x, y), energy in zip(places, (one, product / one), strict=True)
    ]


assert set(COLUMNS) >= set(DEFAULTS)
