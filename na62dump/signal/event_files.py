"""Particles in files of event generators: LHE by pylhe, HepMC3 by pyhepmc, both of the extra ``generators``."""

from __future__ import annotations

import gzip
import importlib
import math
import warnings
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.errors import ConfigurationError, InputFileError
from na62dump.units import ENERGY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

LHE, HEPMC = (".lhe", ".lhe.gz"), (".hepmc", ".hepmc.gz", ".hepmc3", ".hepmc3.gz")
"""Endings of the files' names."""

Row = tuple[float, float, float, float, float]
"""px, py, pz, mass (MeV) and weight of a particle."""

LIVING = (1, 2)
"""Status of a particle of an LHE file that leaves the process or decays in it; others go into it, or are no particles."""


@dataclass(frozen=True)
class Generated:
    """Particles of one species in the laboratory; antiparticles among them.

    Attributes
    ----------
    momentum : float64[n], MeV
        Of each.
    theta : float64[n], rad
        Angle of each to the z axis, along which the protons fly.
    mass : float64[n], MeV
        As the file states it.
    weight : float64[n]
        Of its event, in the file's unit.
    """

    momentum: NDArray[np.float64]
    theta: NDArray[np.float64]
    mass: NDArray[np.float64]
    weight: NDArray[np.float64]


def read(path: Path, pdg: int) -> Generated:
    """Particles of one species in a file.

    Parameters
    ----------
    path : Path
        LHE or HepMC3 by the ending of its name, which may add ``.gz``; in the laboratory, the protons along +z.
    pdg : int
        Species; antiparticles are taken too. Of copies of one particle the last is taken.

    Returns
    -------
    Generated
        MeV, rad and the file's weights.

    Raises
    ------
    ConfigurationError
        If the name has another ending, or the package that reads it is not installed.
    InputFileError
        If the file cannot be read, is damaged, has no such particle, or negative weights or none above 0.
    """
    name = path.name.lower()
    if not name.endswith((*LHE, *HEPMC)):
        msg = f"{path}: its name must end in one of {', '.join((*LHE, *HEPMC))}"
        raise ConfigurationError(msg)
    rows = _lhe if name.endswith(LHE) else _hepmc
    library = _library("pylhe" if rows is _lhe else "pyhepmc", path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)  # pylhe warns of a file that ends early
            table = np.array(list(rows(library, path, abs(pdg))), dtype=np.float64).reshape(-1, 5)
    except InputFileError:
        raise
    except (OSError, EOFError, zlib.error, ValueError, LookupError, RuntimeError, RuntimeWarning) as error:
        msg = f"{path}: cannot be read, or is damaged: {error}"
        raise InputFileError(msg) from error
    _check(table, path, pdg)
    px, py, pz, mass, weight = table.T
    pt = np.hypot(px, py)
    return Generated(np.hypot(pt, pz), np.arctan2(pt, pz), mass, weight)


def _library(name: str, path: Path) -> Any:  # noqa: ANN401 - these packages have no types
    try:
        return importlib.import_module(name)
    except ImportError as error:
        msg = f"{path}: the package '{name}' that reads it is missing; install the extra: na62dump[generators]"
        raise ConfigurationError(msg) from error


def _lhe(pylhe: Any, path: Path, pdg: int) -> Iterator[Row]:  # noqa: ANN401
    gev = ENERGY["GeV"]
    for event in pylhe.LHEFile.fromfile(path).events:
        mine = [p for p in event.particles if abs(p.id) == pdg and p.status in LIVING]
        mothers = {id(event.particles[p.mother1 - 1]) for p in mine if p.mother1 > 0}
        for p in mine:
            if id(p) not in mothers:
                yield gev * p.px, gev * p.py, gev * p.pz, gev * p.m, event.eventinfo.weight


def _hepmc(pyhepmc: Any, path: Path, pdg: int) -> Iterator[Row]:  # noqa: ANN401
    written, read_ = _events(path), 0
    with pyhepmc.open(path, format="HepMC3") as events:
        for read_, event in enumerate(events, start=1):  # noqa: B007 - counted for what comes after
            unit = ENERGY["GeV" if event.momentum_unit == pyhepmc.Units.GEV else "MeV"]
            weight = event.weights[0] if event.weights else 1.0
            for p in event.particles:
                if abs(p.pid) == pdg and not any(abs(child.pid) == pdg for child in p.children):
                    at = p.momentum
                    yield unit * at.px, unit * at.py, unit * at.pz, unit * p.generated_mass, weight
    if read_ != written:
        msg = f"{path}: damaged: {read_} of its {written} events can be read; write it again"
        raise InputFileError(msg)


def _events(path: Path) -> int:
    """Events that a HepMC3 file announces: the reader ends in silence at a damaged one."""
    with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as lines:
        return sum(line.startswith(b"E ") for line in lines)


def _check(table: NDArray[np.float64], path: Path, pdg: int) -> None:
    if not len(table):
        msg = f"{path}: has no particle {pdg}; write the 'pdg' that the file has, or the right file"
        raise InputFileError(msg)
    if not np.all(np.isfinite(table)):
        msg = f"{path}: has a momentum, mass or weight of particle {pdg} that is not finite"
        raise InputFileError(msg)
    least, total = float(table[:, 4].min()), math.fsum(table[:, 4])
    if least < 0 or not total > 0:
        msg = (
            f"{path}: has the weight {least:g}, and all add up to {total:g}; none may be negative, and one must be above 0: "
            "generate at leading order, or unweight"
        )
        raise InputFileError(msg)
