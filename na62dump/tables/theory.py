"""Tables of a model: what theory says, without a detector."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from na62dump.errors import ConfigurationError
from na62dump.tables.table import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from na62dump.signal.model import Model


FIXED = 2
"""Rows that are always shown."""


def model(theory: Model, masses: Sequence[float], *, coupling: float, decays: Sequence[float] | None = None) -> Table:
    """Width, lifetime, branching ratios and production at some masses.

    Parameters
    ----------
    theory : Model
        The particle.
    masses : sequence of float, MeV
        Which.
    coupling : float
        In its unit.
    decays : sequence of float, optional
        Particles that decay in the decay volume at each mass.

    Returns
    -------
    Table
        One column for each mass; one row for the total width at coupling 1 and the proper decay length, and for each
        branching ratio and each production channel that is not 0 everywhere. None where a particle decays into nothing.

    Raises
    ------
    ConfigurationError
        If the coupling is not above 0, or a mass is outside of those of the model.
    """
    _check(theory, masses, coupling=coupling)
    unit = "" if theory.coupling.unit == "1" else f" {theory.coupling.unit}"
    widths = [theory.width(mass) for mass in masses]
    branching = [theory.branching(mass) if width > 0 else {} for mass, width in zip(masses, widths, strict=True)]
    made = [_made(theory, mass, coupling=coupling) for mass in masses]
    lengths = [theory.ctau(mass, coupling) if width > 0 else None for mass, width in zip(masses, widths, strict=True)]
    rows: list[tuple[str, Sequence[Cell]]] = [
        (f"total width at {theory.coupling.name} = 1{unit} [MeV]", widths),
        ("c tau [mm]", lengths),
        *((f"into {mode.name}", [ratios.get(mode.name) for ratios in branching]) for mode in theory.modes),
        *((f"per proton by {c.name}", [numbers[c.name] for numbers in made]) for c in theory.channels),
        ("per proton, all", [math.fsum(numbers.values()) for numbers in made]),
        *([("decays in the decay volume", decays)] if decays is not None else []),
    ]
    shown = (row for place, row in enumerate(rows) if place < FIXED or any(row[1]))
    title = (
        f"{theory.name} at {theory.coupling.name} = {coupling:g}{unit}; branching ratios, and numbers in all directions"
    )
    head = ("what", *(f"{mass:g} MeV" for mass in masses))
    return Table(title, head, tuple((name, *cells) for name, cells in shown))


def _made(theory: Model, mass: float, *, coupling: float) -> dict[str, float]:
    """Particles per proton by each channel, pure numbers."""
    factor = coupling**theory.coupling.production_power
    return {c.name: factor * c.number(mass) if c.makes(mass) else 0.0 for c in theory.channels}


def _check(theory: Model, masses: Sequence[float], *, coupling: float) -> None:
    if not 0 < coupling < math.inf:
        msg = f"{theory.coupling.name} = {coupling:g}: a coupling has to be above 0"
        raise ConfigurationError(msg)
    for mass in masses:
        if not theory.mass_min <= mass <= theory.mass_max:
            msg = f"{theory.name} is known from {theory.mass_min:g} to {theory.mass_max:g} MeV, and not at {mass:g} MeV"
            raise ConfigurationError(msg)
