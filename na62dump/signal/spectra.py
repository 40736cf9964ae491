"""Momenta of the parents: tables of mesons in log10(p/GeV) and sqrt(pT/GeV), made by config/signal/spectra/generate.py."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump import configuration as conf
from na62dump.archives import unpacked_limit
from na62dump.errors import InputFileError, UnknownNameError, nearest
from na62dump.units import ENERGY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

GEV = ENERGY["GeV"]
ENDING = ".json.gz"


@dataclass(frozen=True)
class Spectrum:
    """Mesons of one species, antiparticles included, by momentum.

    Attributes
    ----------
    pdg : int
        Species.
    log_p : float64[p+1]
        Edges in log10 of the momentum in GeV, a pure number.
    sqrt_pt : float64[t+1]
        Edges in the square root of the transverse momentum in GeV; without unit.
    counts : int64[p, t]
        Mesons in each cell.
    mesons : int
        All of them, also those outside of the table.
    events : int
        Simulated collisions.
    made_by : mapping
        What made the table.
    """

    pdg: int
    log_p: NDArray[np.float64]
    sqrt_pt: NDArray[np.float64]
    counts: NDArray[np.int64]
    mesons: int
    events: int
    made_by: Mapping[str, Any]

    @property
    def multiplicity(self) -> float:
        """Mesons per collision of the process that made them, a pure number."""
        return self.mesons / self.events

    @property
    def inside(self) -> float:
        """Share of the mesons that is in the table, a pure number."""
        return int(self.counts.sum()) / self.mesons

    def draw(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Momenta distributed as the table: points of the unit cube become mesons.

        Parameters
        ----------
        points : float64[n, 3]
            Pure numbers from 0 to below 1: they choose the cell, and the place in it along both axes.

        Returns
        -------
        momentum, transverse : float64[n]
            MeV.
        """
        total = np.cumsum(self.counts.ravel())
        cell = np.searchsorted(total, points[:, 0] * total[-1], side="right")
        row, column = np.divmod(cell, self.counts.shape[1])
        log_p = self.log_p[row] + points[:, 1] * np.diff(self.log_p)[row]
        root = self.sqrt_pt[column] + points[:, 2] * np.diff(self.sqrt_pt)[column]
        momentum = GEV * 10.0**log_p
        return momentum, np.minimum(GEV * root**2, momentum)


@cache
def read(path: Path) -> dict[int, Spectrum]:
    """Tables of one file, by species.

    Parameters
    ----------
    path : Path
        What the script wrote.

    Returns
    -------
    dict of int to Spectrum
        By PDG number.

    Raises
    ------
    InputFileError
        If it cannot be read, or was changed since it was made.
    """
    try:
        with gzip.open(path) as file:
            content = json.loads(file.read(unpacked_limit(path.stat().st_size)))
        told = content.pop("sha256")
        found = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        edges = [np.linspace(low, high, n + 1) for low, high, n in (content["log10_p_gev"], content["sqrt_pt_gev"])]
        shape = (len(edges[0]) - 1, len(edges[1]) - 1)
        made = content["made_by"]
        tables = {
            int(pdg): Spectrum(
                *(int(pdg), edges[0], edges[1], np.array(cells, dtype=np.int64).reshape(shape)),
                *(content["mesons"][pdg], made["events"], made),
            )
            for pdg, cells in content["counts"].items()
        }
    except (OSError, EOFError, zlib.error, ValueError, LookupError, TypeError, AttributeError) as error:
        msg = f"{path}: not a table of spectra: {error}; make it again with generate.py beside it"
        raise InputFileError(msg) from error
    if told != found:
        msg = (
            f"{path}: its content does not match its sha256: it was changed or damaged; make it again with generate.py"
        )
        raise InputFileError(msg)
    return tables


def spectrum(table: str, pdg: int, *, near: Path | None = None) -> Spectrum:
    """Momenta of one species.

    Parameters
    ----------
    table : str
        Name of a file in config/signal/spectra/.
    pdg : int
        Species, in PDG numbers.
    near : Path, optional
        Folder looked into first.

    Returns
    -------
    Spectrum
        Its table, GeV.

    Raises
    ------
    UnknownNameError
        If there is no such file, or the species is not in it.
    InputFileError
        If it cannot be read.
    """
    path = conf.find(f"signal/spectra/{table}", suffix=ENDING, near=near)
    tables = read(path)
    if pdg not in tables:
        msg = f"{path}: has no particle {pdg}; {nearest(str(pdg), map(str, tables))}"
        raise UnknownNameError(msg)
    return tables[pdg]
