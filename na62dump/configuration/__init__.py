"""The shape of the TOML files: frozen models, strict keys, units written out."""

from na62dump.configuration.loading import load, load_text, read_toml
from na62dump.configuration.locate import find, names, roots, shipped
from na62dump.configuration.settings import (
    Angle,
    Area,
    Energy,
    EnergySquared,
    InverseEnergy,
    InverseEnergySquared,
    Length,
    LengthMomentum,
    LengthPerMomentum,
    Many,
    Momentum,
    Rate,
    Settings,
    Time,
)

__all__ = [
    "Angle",
    "Area",
    "Energy",
    "EnergySquared",
    "InverseEnergy",
    "InverseEnergySquared",
    "Length",
    "LengthMomentum",
    "LengthPerMomentum",
    "Many",
    "Momentum",
    "Rate",
    "Settings",
    "Time",
    "find",
    "load",
    "load_text",
    "names",
    "read_toml",
    "roots",
    "shipped",
]
