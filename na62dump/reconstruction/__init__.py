"""From detector quantities to candidates: values only, no verdict."""

from na62dump.reconstruction.candidates import Candidates, Leg, Rows, build
from na62dump.reconstruction.final_state import FinalState
from na62dump.reconstruction.matching import Matching
from na62dump.reconstruction.quantities import LEG, LEGS, PAIR, Quantity, ntuple_columns, quantity

__all__ = [
    "LEG",
    "LEGS",
    "PAIR",
    "Candidates",
    "FinalState",
    "Leg",
    "Matching",
    "Quantity",
    "Rows",
    "build",
    "ntuple_columns",
    "quantity",
]
