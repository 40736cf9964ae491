"""The table of what a candidate knows: each quantity with its unit, its meaning, and the ntuple columns it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from na62dump.errors import UnknownQuantityError, nearest
from na62dump.reconstruction.final_state import PHOTONS_MAX

if TYPE_CHECKING:
    from na62dump.reconstruction.final_state import FinalState

Of = Literal["row", "track", "photon", "event"]

_UP = ("Track_x", "Track_y", "Track_dxdz", "Track_dydz")
_DOWN = (*_UP, "Track_dxdz_after", "Track_dydz_after")
_LINE = ("Track_p", "Track_charge", *_UP)
_LKR = ("LKr_x", "LKr_y", "LKr_energy", "LKr_time")
_PLACES = ("LKr_x", "LKr_y", "LKr_energy")
_RICH = (("e", "electron"), ("mu", "muon"), ("pi", "pion"), ("k", "kaon"))


@dataclass(frozen=True)
class Quantity:
    """One column of the candidates.

    Attributes
    ----------
    name : str
        Name in code: ``pair.cda``, ``pair.plus.e_over_p``.
    of : str
        ``"row"``, ``"track"`` or ``"photon"`` (one value for each of a row), or ``"event"``.
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
    Quantity("n_tracks", "event", "1", "in-time tracks", ("trigger_time", "Track_time")),
    Quantity("n_chod_event", "event", "1", "in-time CHOD hits", ("trigger_time", "CHOD_time")),
    Quantity("n_muv3_event", "event", "1", "in-time MUV3 hits", ("trigger_time", "MUV3_time")),
    Quantity("charge", "track", "e", "charge", ("Track_charge",)),
    Quantity("p", "track", "MeV/c", "momentum", ("Track_p",)),
    Quantity("time", "track", "ns", "track time", ("Track_time",)),
    Quantity("chi2", "track", "1", "chi-squared per degree of freedom", ("Track_chi2",)),
    Quantity("chambers", "track", "1", "STRAW chambers with a hit", ("Track_chambers",)),
    Quantity("dt_trigger", "track", "ns", "track time minus trigger time", ("Track_time", "trigger_time")),
    Quantity("lkr_energy", "track", "MeV", "energy of the associated LKr cluster", (*_DOWN, "Track_time", *_LKR)),
    Quantity("e_over_p", "track", "1", "that energy over the momentum", (*_DOWN, "Track_p", "Track_time", *_LKR)),
    Quantity(
        "n_muv3",
        "track",
        "1",
        "associated MUV3 tiles",
        (*_DOWN, "Track_p", "Track_time", "MUV3_x", "MUV3_y", "MUV3_time"),
    ),
    Quantity("n_chod", "track", "1", "associated CHOD tiles", (*_DOWN, "Track_time", "CHOD_x", "CHOD_y", "CHOD_time")),
    Quantity("in_straw", "track", "1", "inside all four STRAW chambers", _DOWN),
    Quantity("in_chod", "track", "1", "inside the CHOD", _DOWN),
    Quantity("in_lkr", "track", "1", "inside the LKr", _DOWN),
    Quantity("in_muv3", "track", "1", "inside MUV3", _DOWN),
    Quantity("in_lav12", "track", "1", "inside the hole of LAV12", _DOWN),
    *(
        Quantity(
            f"rich_{name}", "track", "1", f"RICH log-likelihood of a {word}, minus the best", (f"Track_rich_{name}",)
        )
        for name, word in _RICH
    ),
    Quantity("charge", "row", "e", "total charge", ("Track_charge",)),
    Quantity("cda", "row", "mm", "closest distance of the two tracks", (*_UP, "Track_charge")),
    Quantity("vertex_x", "row", "mm", "vertex", (*_UP, "Track_charge")),
    Quantity("vertex_y", "row", "mm", "vertex", (*_UP, "Track_charge")),
    Quantity("vertex_z", "row", "mm", "vertex", (*_UP, "Track_charge")),
    Quantity("vertex_radius", "row", "mm", "distance of the vertex from the proton axis", (*_UP, "Track_charge")),
    Quantity("cda_tax", "row", "mm", "closest distance of the pair's line to the proton axis", _LINE),
    Quantity("z_tax", "row", "mm", "where the line is closest to the proton axis", _LINE),
    Quantity("pt_tax", "row", "MeV/c", "total momentum across the line from the dump to the vertex", _LINE),
    Quantity("p", "row", "MeV/c", "total momentum", _LINE),
    Quantity("mass", "row", "MeV", "invariant mass of the final state", _LINE),
    Quantity("corrected_mass", "row", "MeV", "mass with a massless particle that is not seen", _LINE),
    Quantity("swapped", "row", "1", "whether the positive track is taken for the second particle", ("Track_charge",)),
    Quantity("opening_angle", "row", "rad", "angle between the tracks", (*_UP, "Track_charge")),
    Quantity(
        "dt", "row", "ns", "time difference of the positive and the negative track", ("Track_time", "Track_charge")
    ),
    Quantity("straw1_separation", "row", "mm", "distance of the tracks at STRAW1", (*_UP, "Track_charge")),
    Quantity("tracks_mass", "row", "MeV", "mass of the two tracks without the photons", _LINE),
    Quantity("tracks_cda_tax", "row", "mm", "closest distance of their line alone to the proton axis", _LINE),
    Quantity("tracks_z_tax", "row", "mm", "where that line is closest to the proton axis", _LINE),
    Quantity(
        "tracks_pt_tax", "row", "MeV/c", "their momentum alone across the line from the dump to the vertex", _LINE
    ),
    Quantity("n_photons", "row", "1", "photons that the row could choose from", _LKR),
    Quantity("photons_energy", "row", "MeV", "energy of the photons of the row", ("LKr_energy",)),
    Quantity("photon_separation", "row", "mm", "least distance of two of them", ("LKr_x", "LKr_y")),
    Quantity("photon_dt", "row", "ns", "largest time difference from the tracks, or the trigger", ("LKr_time",)),
    *(
        Quantity(f"neutral{i}_mass", "row", "MeV", f"mass of neutral particle {i}", (*_PLACES, *_UP, "Track_charge"))
        for i in range(1, PHOTONS_MAX)  # the last photon makes none of its own
    ),
    Quantity("mass_distance", "row", "MeV", "distance of these masses from the nominal ones", (*_PLACES, *_UP)),
    Quantity("pair_number", "row", "1", "which pair of tracks of its event has chosen the photons", ()),
    Quantity("coe_x", "row", "mm", "centre of energy of the photons at the LKr", _PLACES),
    Quantity("coe_y", "row", "mm", "centre of energy of the photons at the LKr", _PLACES),
    Quantity("coe_radius", "row", "mm", "its distance from the proton axis", _PLACES),
    Quantity("x", "photon", "mm", "position of the cluster", ("LKr_x",)),
    Quantity("y", "photon", "mm", "position of the cluster", ("LKr_y",)),
    Quantity("energy", "photon", "MeV", "energy", ("LKr_energy",)),
    Quantity("time", "photon", "ns", "time", ("LKr_time",)),
    Quantity("dt_trigger", "photon", "ns", "time minus trigger time", ("LKr_time", "trigger_time")),
]

_OF_PHOTONS = frozenset(
    {"mass", "p", "cda_tax", "z_tax", "pt_tax", "corrected_mass", "mass_distance", "pair_number"}
    | {"n_photons", "photons_energy", "photon_separation", "photon_dt", "coe_x", "coe_y", "coe_radius"}
    | {f"neutral{i}_mass" for i in range(1, PHOTONS_MAX)}
)
"""What depends on which photons a row has."""

IDENTIFIED = frozenset(
    {"mass", "tracks_mass", "corrected_mass", "swapped", "mass_distance"}
    | {f"neutral{number}_mass" for number in range(1, PHOTONS_MAX + 1)}
)
"""Quantities of a row that depend on what its tracks and photons are taken for."""

LEGS = ("plus", "minus")
"""The two tracks of a pair; of two tracks of one charge the first is called ``plus``."""

ROLES = ("first", "second")
"""The two tracks by what they are taken for: the final state's ``plus``, and its ``minus``."""

PHOTONS = tuple(f"photon{number}" for number in range(1, PHOTONS_MAX + 1))
"""The photons of a row, in the order of the particles that they make."""

MEMBERS = (*LEGS, *ROLES, *PHOTONS)
"""All that a row may have quantities of."""

GROUPS = {"legs": LEGS, "photons": PHOTONS}
"""Members that belong together: a histogram of ``legs.p`` is filled with ``p`` of each."""

PAIR: dict[str, Quantity] = {q.name: q for q in _ALL if q.of in {"row", "event"}}
"""What a row knows as a whole."""

OF_TRACKS = frozenset(q.name for q in _ALL if q.of == "row" and not q.name.startswith("tracks_")) - (
    IDENTIFIED | _OF_PHOTONS
)
"""What a row knows of its two tracks together, whatever they are taken for and whichever photons are beside them."""

LEG: dict[str, Quantity] = {q.name: q for q in _ALL if q.of == "track"}
"""What a row knows of each of its tracks."""

PHOTON: dict[str, Quantity] = {q.name: q for q in _ALL if q.of == "photon"}
"""What a row knows of each of its photons."""


def row_columns(final_state: FinalState) -> tuple[str, ...]:
    """Columns of the ntuple that it takes to make the rows of a final state, and the line of each.

    Parameters
    ----------
    final_state : FinalState
        Tracks and photons.

    Returns
    -------
    tuple of str
        Names in the table of columns.
    """
    if not final_state.charged:
        return ("trigger_time", *_LKR)
    return (*_DOWN, "Track_charge", "Track_time", *_LKR) if final_state.photons else ("Track_charge",)


def ntuple_columns(name: str, *, final_state: FinalState | None = None) -> tuple[str, ...]:
    """Columns of the ntuple that a quantity is made of.

    Parameters
    ----------
    name : str
        ``"cda"``, or ``"plus.p"`` for a quantity of a track, ``"photon1.energy"`` of a photon.

    final_state : FinalState, optional
        Whose candidates it is of: with photons, all that is made of the total momentum is made of clusters too.

    Returns
    -------
    tuple of str
        Names in the table of columns.
    """
    own = quantity(name).columns
    if final_state and final_state.photons and name in _OF_PHOTONS:
        return tuple(dict.fromkeys((*own, *row_columns(final_state))))
    return own


def quantity(name: str) -> Quantity:
    """Row of the table for one quantity.

    Parameters
    ----------
    name : str
        ``"cda"``, or ``"plus.p"`` for a quantity of a track, ``"photon1.energy"`` of a photon.

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
    table = PAIR if not leg else PHOTON if leg in PHOTONS else LEG
    if rest not in table or (leg and leg not in MEMBERS):
        tracks = [f"{leg}.{rest}" for leg in (*LEGS, *ROLES) for rest in LEG]
        known = [*PAIR, *tracks, *(f"{leg}.{rest}" for leg in PHOTONS for rest in PHOTON)]
        msg = f"a candidate has no quantity '{name}'; {nearest(name, known)}"
        raise UnknownQuantityError(msg)
    return table[rest]
