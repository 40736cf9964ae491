"""The one table of columns of an ntuple: reader, writer, schema, simulation and docs all read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from na62dump.errors import UnknownNameError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

TREE = "events"
"""Name of the tree (or RNTuple) with one entry per trigger."""

BURSTS = "bursts"
"""Name of the tree with one entry per burst."""

CONTROL, Q1, H2 = 1, 2, 4
TRIGGERS = {"Control": CONTROL, "Q1": Q1, "H2": H2}
"""Bits of the trigger word: LKr energy; one CHOD signal, downscaled; two in-time signals in different CHOD tiles."""


@dataclass(frozen=True)
class Column:
    """One branch of the tree.

    Attributes
    ----------
    name : str
        Name of the branch, such as ``Track_p``.
    dtype : str
        Numpy name of the type of one value.
    unit : str
        Unit of the values, ``"1"`` for a pure number.
    meaning : str
        One line for people.
    collection : str
        Collection that a jagged column belongs to; empty for one value per event.
    presence : str
        ``"always"``, ``"simulation"`` (data files lack it) or ``"optional"``.
    """

    name: str
    dtype: str
    unit: str
    meaning: str
    collection: str = ""
    presence: str = "always"

    @property
    def field(self) -> str:
        """Name inside the collection: ``p`` of ``Track_p``."""
        return self.name.removeprefix(f"{self.collection}_")


def _collection(collection: str, rows: Iterable[tuple[str, str, str, str]], presence: str = "always") -> list[Column]:
    return [Column(f"{collection}_{f}", t, u, m, collection, presence) for f, t, u, m in rows]


_EVENT = [
    Column("run", "uint32", "1", "run number"),
    Column("burst", "uint32", "1", "burst number"),
    Column("event", "uint32", "1", "event number; run, burst and event together name an event of a data sample"),
    Column("trigger", "uint32", "1", "trigger bits: 0 Control, 1 Q1, 2 H2"),
    Column("burst_time", "uint32", "25 ns", "time of the trigger in the burst"),
    Column(
        "trigger_time", "float32", "ns", "time of the trigger, local to the event, same origin as all detector times"
    ),
    Column("weight", "float32", "1", "weight of a simulated event", presence="simulation"),
]

_TRACK = _collection(
    "Track",
    [
        ("charge", "int8", "e", "electric charge, +1 or -1"),
        ("p", "float32", "MeV/c", "momentum"),
        ("x", "float32", "mm", "position at the reference plane"),
        ("y", "float32", "mm", "position at the reference plane"),
        ("dxdz", "float32", "rad", "slope upstream of the magnet"),
        ("dydz", "float32", "rad", "slope upstream of the magnet"),
        ("dxdz_after", "float32", "rad", "slope downstream; the two lines meet at the magnet's centre"),
        ("dydz_after", "float32", "rad", "slope downstream; the two lines meet at the magnet's centre"),
        ("time", "float32", "ns", "time"),
        ("chi2", "float32", "1", "chi-squared per degree of freedom of the fit"),
        ("chambers", "uint8", "1", "STRAW chambers with a hit"),
    ],
)

_RICH = _collection(
    "Track",
    [
        (f"rich_{name}", "float32", "1", f"RICH log-likelihood of the {word} hypothesis minus the best one; NaN: none")
        for name, word in (("e", "electron"), ("mu", "muon"), ("pi", "pion"), ("k", "kaon"))
    ],
    presence="optional",
)

_HITS = [
    *_collection(
        "LKr",
        [
            ("x", "float32", "mm", "cluster position at the LKr plane"),
            ("y", "float32", "mm", "cluster position at the LKr plane"),
            ("energy", "float32", "MeV", "cluster energy"),
            ("time", "float32", "ns", "cluster time"),
        ],
    ),
    *(
        column
        for detector in ("MUV3", "CHOD")
        for column in _collection(
            detector,
            [
                ("tile", "int16", "1", "tile number"),
                ("x", "float32", "mm", "tile centre"),
                ("y", "float32", "mm", "tile centre"),
                ("time", "float32", "ns", "hit time"),
            ],
        )
    ),
    *_collection(
        "LAV",
        [
            ("station", "int16", "1", "station, 1 to 12"),
            ("energy", "float32", "MeV", "hit energy"),
            ("time", "float32", "ns", "hit time"),
        ],
    ),
    *_collection(
        "ANTI0",
        [
            ("x", "float32", "mm", "hit position"),
            ("y", "float32", "mm", "hit position"),
            ("time", "float32", "ns", "hit time"),
        ],
    ),
]

_TRUTH = [
    Column("truth_pdg", "int32", "1", "PDG number of the exotic particle, 0 if there is none", presence="simulation"),
    Column("truth_mass", "float32", "MeV", "its mass", presence="simulation"),
    Column("truth_channel", "int32", "1", "its production channel", presence="simulation"),
    Column(
        "truth_final_state",
        "int32",
        "1",
        "its decay: number in the simulation's table of final states, 0 if it is not in there",
        presence="simulation",
    ),
    Column("truth_energy", "float32", "MeV", "its energy", presence="simulation"),
    Column("truth_x", "float32", "mm", "decay point", presence="simulation"),
    Column("truth_y", "float32", "mm", "decay point", presence="simulation"),
    Column("truth_z", "float32", "mm", "decay point", presence="simulation"),
    Column("truth_proper_distance", "float32", "mm", "flight distance times m/p", presence="simulation"),
    Column(
        "truth_weight",
        "float32",
        "mm",
        "sampled length times m/p_z: weight of a flat decay point",
        presence="simulation",
    ),
    *_collection(
        "Truth",
        [
            ("pdg", "int32", "1", "PDG number of a daughter"),
            ("px", "float32", "MeV/c", "momentum of a daughter"),
            ("py", "float32", "MeV/c", "momentum of a daughter"),
            ("pz", "float32", "MeV/c", "momentum of a daughter"),
        ],
        presence="simulation",
    ),
]

COLUMNS: dict[str, Column] = {c.name: c for c in [*_EVENT, *_TRACK, *_RICH, *_HITS, *_TRUTH]}
"""Every column by name, in the order in which they are written."""

KEY = ("run", "burst", "event")
"""Columns that name an event."""


def column(name: str) -> Column:
    """Row of the table for one column.

    Parameters
    ----------
    name : str
        Name of the branch.

    Returns
    -------
    Column
        Its type, unit and meaning.

    Raises
    ------
    UnknownNameError
        If the contract has no such column.
    """
    if name not in COLUMNS:
        msg = f"unknown column '{name}'; {nearest(name, COLUMNS)}"
        raise UnknownNameError(msg)
    return COLUMNS[name]


def collections(names: Iterable[str] = COLUMNS) -> dict[str, list[Column]]:
    """Columns grouped by collection.

    Parameters
    ----------
    names : iterable of str
        Columns to group; all of them by default.

    Returns
    -------
    dict of str to list of Column
        Keyed by collection, in the table's order; one value per event is under the empty name.
    """
    wanted = set(names)
    grouped: dict[str, list[Column]] = {}
    for entry in COLUMNS.values():
        if entry.name in wanted:
            grouped.setdefault(entry.collection, []).append(entry)
    return grouped
