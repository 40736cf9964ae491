"""The table of what a candidate knows: each quantity with its unit, its meaning, and the ntuple columns it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from na62dump.errors import UnknownQuantityError, nearest

Of = Literal["pair", "leg", "event"]

_UP = ("Track_x", "Track_y", "Track_dxdz", "Track_dydz")
_DOWN = (*_UP, "Track_dxdz_after", "Track_dydz_after")
_LINE = ("Track_p", "Track_charge", *_UP)
_LKR = ("LKr_x", "LKr_y", "LKr_energy", "LKr_time")


@dataclass(frozen=True)
class Quantity:
    """One column of the candidates.

    Attributes
    ----------
    name : str
        Name in code: ``pair.cda``, ``pair.plus.e_over_p``.
    of : str
        ``"pair"``, ``"leg"`` (one value per track) or ``"event"``.
    unit : str
        Unit of the values, ``"1"`` for a pure number.
    meaning : str
        One line for people.
    columns : tuple of str
        Columns of the ntuple that it is made of.
    """

    name: str
    of: Of
    unit: str
    meaning: str
    columns: tuple[str, ...]


_ALL = [
    Quantity("run", "event", "1", "run number", ("run",)),
    Quantity("burst", "event", "1", "burst number", ("burst",)),
    Quantity("event", "event", "1", "event number", ("event",)),
    Quantity("trigger", "event", "1", "trigger bits", ("trigger",)),
    Quantity("burst_time", "event", "25 ns", "time of the trigger in the burst", ("burst_time",)),
    Quantity("weight", "event", "1", "weight; 1 for data", ()),
    Quantity("n_lav", "event", "1", "in-time LAV hits above threshold", ("trigger_time", "LAV_time", "LAV_energy")),
    Quantity("n_anti0", "event", "1", "in-time ANTI0 hits", ("trigger_time", "ANTI0_time")),
    Quantity("charge", "leg", "e", "charge", ("Track_charge",)),
    Quantity("p", "leg", "MeV/c", "momentum", ("Track_p",)),
    Quantity("time", "leg", "ns", "track time", ("Track_time",)),
    Quantity("chi2", "leg", "1", "chi-squared per degree of freedom", ("Track_chi2",)),
    Quantity("chambers", "leg", "1", "STRAW chambers with a hit", ("Track_chambers",)),
    Quantity("dt_trigger", "leg", "ns", "track time minus trigger time", ("Track_time", "trigger_time")),
    Quantity("lkr_energy", "leg", "MeV", "energy of the associated LKr cluster", (*_DOWN, "Track_time", *_LKR)),
    Quantity("e_over_p", "leg", "1", "that energy over the momentum", (*_DOWN, "Track_p", "Track_time", *_LKR)),
    Quantity(
        "n_muv3",
        "leg",
        "1",
        "associated MUV3 tiles",
        (*_DOWN, "Track_p", "Track_time", "MUV3_x", "MUV3_y", "MUV3_time"),
    ),
    Quantity("n_chod", "leg", "1", "associated CHOD tiles", (*_DOWN, "Track_time", "CHOD_x", "CHOD_y", "CHOD_time")),
    Quantity("in_straw", "leg", "1", "inside all four STRAW chambers", _DOWN),
    Quantity("in_chod", "leg", "1", "inside the CHOD", _DOWN),
    Quantity("in_lkr", "leg", "1", "inside the LKr", _DOWN),
    Quantity("in_muv3", "leg", "1", "inside MUV3", _DOWN),
    Quantity("in_lav12", "leg", "1", "inside the hole of LAV12", _DOWN),
    Quantity("charge", "pair", "e", "total charge", ("Track_charge",)),
    Quantity("cda", "pair", "mm", "closest distance of the two tracks", (*_UP, "Track_charge")),
    Quantity("vertex_x", "pair", "mm", "vertex", (*_UP, "Track_charge")),
    Quantity("vertex_y", "pair", "mm", "vertex", (*_UP, "Track_charge")),
    Quantity("vertex_z", "pair", "mm", "vertex", (*_UP, "Track_charge")),
    Quantity("vertex_radius", "pair", "mm", "distance of the vertex from the proton axis", (*_UP, "Track_charge")),
    Quantity("cda_tax", "pair", "mm", "closest distance of the pair's line to the proton axis", _LINE),
    Quantity("z_tax", "pair", "mm", "where that is", _LINE),
    Quantity("p", "pair", "MeV/c", "total momentum", _LINE),
    Quantity("mass", "pair", "MeV", "invariant mass of the final state", _LINE),
    Quantity("opening_angle", "pair", "rad", "angle between the tracks", (*_UP, "Track_charge")),
    Quantity(
        "dt", "pair", "ns", "time difference of the positive and the negative track", ("Track_time", "Track_charge")
    ),
    Quantity("straw1_separation", "pair", "mm", "distance of the tracks at STRAW1", (*_UP, "Track_charge")),
]

LEGS = ("plus", "minus")
"""The two tracks of a pair; of two tracks of one charge the first is called ``plus``."""

PAIR: dict[str, Quantity] = {q.name: q for q in _ALL if q.of != "leg"}
"""What a row knows as a whole."""

LEG: dict[str, Quantity] = {q.name: q for q in _ALL if q.of == "leg"}
"""What a row knows of each of its tracks."""


def ntuple_columns(name: str) -> tuple[str, ...]:
    """Columns of the ntuple that a quantity is made of.

    Parameters
    ----------
    name : str
        ``"cda"``, or ``"plus.p"`` for a quantity of a leg.

    Returns
    -------
    tuple of str
        Names in the table of columns.
    """
    return quantity(name).columns


def quantity(name: str) -> Quantity:
    """Row of the table for one quantity.

    Parameters
    ----------
    name : str
        ``"cda"``, or ``"plus.p"`` for a quantity of a leg.

    Returns
    -------
    Quantity
        Its unit, meaning, and columns of the ntuple.

    Raises
    ------
    UnknownQuantityError
        If no candidate has it.
    """
    leg, _, rest = name.rpartition(".")
    table = LEG if leg in LEGS else PAIR
    if rest not in table or (leg and leg not in LEGS):
        known = [*PAIR, *(f"{leg}.{rest}" for leg in LEGS for rest in LEG)]
        msg = f"a pair has no quantity '{name}'; {nearest(name, known)}"
        raise UnknownQuantityError(msg)
    return table[rest]
