"""Words of the figures of signal: names of final states, axes, numbers with units, and the heading."""

from __future__ import annotations

import re
from textwrap import shorten
from typing import TYPE_CHECKING, NamedTuple

from na62dump import units
from na62dump.plotting.heading import write_heading, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from na62dump.signal.acceptance import Acceptance
    from na62dump.signal.yields import Expected

KINDS = "Simulation"

SEARCHES = 24
"""Most letters of the names of searches, so that the line has room for what is drawn."""

MASS = "Mass [MeV]"

FINAL_STATES = {
    "mumu": r"\mu^+\mu^-",
    "ee": "e^+e^-",
    "pipi": r"\pi^+\pi^-",
    "pipig": r"\pi^+\pi^-\gamma",
    "pipipi0": r"\pi^+\pi^-\pi^0",
    "pipi2pi0": r"\pi^+\pi^-2\pi^0",
    "pipieta": r"\pi^+\pi^-\eta",
    "kk": "K^+K^-",
    "kkpi0": r"K^+K^-\pi^0",
    "gg": r"\gamma\gamma",
    "pimu": r"\pi\mu",
    "pie": r"\pi e",
    "eenu": r"ee\nu",
    "mumunu": r"\mu\mu\nu",
    "emunu": r"e\mu\nu",
}
"""In mathtext; what is not here has its own name."""


class About(NamedTuple):
    """What a heading says beside what is drawn: protons on target, and the model."""

    pot: str
    model: str


def final_state_label(name: str) -> str:
    """Final state for people."""
    return f"${FINAL_STATES[name]}$" if name in FINAL_STATES else name


def axis_of(coupling: Mapping[str, str]) -> str:
    """Label of an axis of couplings."""
    return coupling["label"] if coupling["unit"] == "1" else f"{coupling['label']} [{coupling['unit']}]"


def value_of(coupling: Mapping[str, str], value: float) -> str:
    """A coupling with its unit."""
    unit = "" if coupling["unit"] == "1" else f" {coupling['unit']}"
    return f"{coupling['label']} = {written(value)}{unit}"


def length(value: float) -> str:
    """A length (mm) in the largest of mm, m and km in which it is at least 1."""
    unit = next((unit for unit in ("km", "m") if value >= units.LENGTH[unit]), "mm")
    return f"{value / units.LENGTH[unit]:g} {unit}"


def file_name(*words: str) -> str:
    """Name of a figure, of letters, digits, points and underscores only."""
    return re.sub(r"[^0-9A-Za-z.]+", "_", " ".join(words)).strip("_")


def head_yields(figure: Figure, expected: Expected, *, about: About, what: str) -> None:
    """Write the heading of a figure of expected numbers."""
    searches = shorten(", ".join(expected.names("analysis")), SEARCHES, placeholder="...")
    write_heading(figure, kinds=KINDS, what=f"{searches}: {what}", pot=about.pot, state=about.model)


def head_acceptance(figure: Figure, acceptance: Acceptance, *, what: str) -> None:
    """Write the heading of a figure of accepted decays."""
    write_heading(figure, kinds=KINDS, what=f"{acceptance.analysis}: {what}", state=f"model: {acceptance.model}")
