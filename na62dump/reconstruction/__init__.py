"""From detector quantities to candidates: values only, no verdict."""

from na62dump.reconstruction.candidates import Candidates, build, lines
from na62dump.reconstruction.final_state import FinalState
from na62dump.reconstruction.matching import Matching
from na62dump.reconstruction.quantities import (
    GROUPS,
    IDENTIFIED,
    LEG,
    LEGS,
    OF_TRACKS,
    PAIR,
    PHOTON,
    PHOTONS,
    Quantity,
    ntuple_columns,
    quantity,
    row_columns,
)
from na62dump.reconstruction.rows import Leg, Neutral, Rows
from na62dump.reconstruction.singles import Singles, singles

__all__ = [
    "GROUPS",
    "IDENTIFIED",
    "LEG",
    "LEGS",
    "OF_TRACKS",
    "PAIR",
    "PHOTON",
    "PHOTONS",
    "Candidates",
    "FinalState",
    "Leg",
    "Matching",
    "Neutral",
    "Quantity",
    "Rows",
    "Singles",
    "build",
    "lines",
    "ntuple_columns",
    "quantity",
    "row_columns",
    "singles",
]
