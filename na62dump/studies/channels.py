"""How well each search finds the decay that it is for: cutflow, accepted fraction, and closure with truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from na62dump.cutflow import COUNT, EVENTS, Cutflow
from na62dump.studies.closure import SIGMA, simulated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from na62dump.analysis import Analysis
    from na62dump.cutflow import Selection
    from na62dump.events import Events

MASS, VERTEX, CENTRE = "mass", "vertex_z", "coe_radius"
"""What is compared with truth: mass (MeV), vertex along the beam (mm), radius of the centre of energy at the LKr (mm)."""


@dataclass(frozen=True)
class Channel:
    """One search on simulated decays of one mass.

    Attributes
    ----------
    mass : float, MeV
        Of what decays.
    generated : int
        Simulated decays.
    decays : int
        Those with the vertex where the search looks for it.
    flow : Cutflow
        Of all rows.
    selected : int
        Decays, of those, with a selected row.
    inside : int
        Selected rows in the signal region.
    residuals : mapping of str to float64[row]
        Measured minus true values of the selected rows: `MASS` (MeV), if nothing goes unseen, `VERTEX` and `CENTRE` (mm),
        where the candidates have them.
    """

    mass: float
    generated: int
    decays: int
    flow: Cutflow
    selected: int
    inside: int
    residuals: Mapping[str, NDArray[np.float64]]

    @property
    def rows(self) -> int:
        """Selected rows."""
        return int(self.flow.cumulative[0, -1, COUNT])

    @property
    def efficiency(self) -> tuple[float, float]:
        """Share of the decays that are selected, and its binomial error; pure numbers."""
        share = self.selected / self.decays
        return share, float(np.sqrt(share * (1 - share) / self.decays))

    def passing(self, step: int) -> float:
        """Share of all simulated decays of which a row is left after so many requirements; a pure number."""
        return float(self.flow.cumulative[EVENTS, step, COUNT]) / self.generated

    def offset(self, name: str) -> tuple[float, float]:
        """Median residual and its error, in the unit of the quantity."""
        values = self.residuals[name]
        return float(np.median(values)), _MEDIAN * self.width(name) / float(np.sqrt(len(values)))

    def width(self, name: str) -> float:
        """Half of the central 68% of the residuals, in the unit of the quantity."""
        low, high = np.percentile(self.residuals[name], SIGMA)
        return float(high - low) / 2


_MEDIAN = float(np.sqrt(np.pi / 2))
"""Error of the median over that of the mean, for a normal distribution."""


def channel(analysis: Analysis, *, mass: float, events: int, sample: str | None = None) -> Channel:
    """Select simulated decays of one mass, and compare with truth.

    Parameters
    ----------
    analysis : Analysis
        The search.
    mass : float, MeV
        Of what decays.
    events : int
        Decays to simulate.
    sample : str, optional
        Name of a sample in config/samples/; the first one of the analysis if left out.

    Returns
    -------
    Channel
        What was found.
    """
    changes = {"mass": f"{mass} MeV", "events": events}
    parts = [
        _part(made, selection, analysis, mass)
        for made, selection in simulated(analysis, sample or analysis.file.samples[0], changes=changes)
    ]
    flows, decays, selected, inside, residuals = zip(*parts, strict=True)
    names = residuals[0]
    joined = {name: np.concatenate([part[name] for part in residuals]) for name in names}
    return Channel(mass, events, sum(decays), reduce(add, flows), sum(selected), sum(inside), joined)


def _part(
    events: Events, selection: Selection, analysis: Analysis, mass: float
) -> tuple[Cutflow, int, int, int, dict[str, NDArray[np.float64]]]:
    chosen = selection.visible.rows.take(np.flatnonzero(selection.passed()))
    sought = _sought(events, analysis)
    selected = np.unique(chosen.index)
    found = {}
    if chosen.has("vertex_z"):
        found[VERTEX] = chosen.vertex_z - events["truth_z"].astype(np.float64)[chosen.index]
    if chosen.has("mass") and _all_seen(events, analysis):
        found[MASS] = chosen.mass - mass
    if chosen.has("coe_radius"):
        found[CENTRE] = chosen.coe_radius - _ahead(events, analysis)[chosen.index]
    inside = int(np.count_nonzero(analysis.plane.of(chosen) == 0))
    return Cutflow.of(selection), int(sought.sum()), int(sought[selected].sum()), inside, found


def _sought(events: Events, analysis: Analysis) -> NDArray[np.bool_]:
    """Events that decayed where the search looks: bool[event]."""
    vertex = getattr(analysis.cuts, "vertex", None)
    z = events["truth_z"]
    low, high = (vertex.z_min, vertex.z_max) if vertex else (analysis.geometry.anti0.z, analysis.geometry.straw[0].z)
    inside: NDArray[np.bool_] = (z > low) & (z < high)
    return inside


def _all_seen(events: Events, analysis: Analysis) -> bool:
    """Whether the candidates have all daughters: there is no neutrino."""
    state = analysis.file.final_state
    return int(events.offsets["Truth"][-1]) == len(events) * (2 * state.charged + state.photons)


def _ahead(events: Events, analysis: Analysis) -> NDArray[np.float64]:
    """Distance from the proton axis at which what decayed would have crossed the LKr: float64[event], mm."""
    axis, z = analysis.geometry.axis, analysis.geometry.lkr.z
    first, ahead = events.offsets["Truth"][:-1], z - events["truth_z"].astype(np.float64)
    px, py, pz = (np.add.reduceat(events[f"Truth_p{side}"].astype(np.float64), first) for side in "xyz")
    x, y = events["truth_x"] + px / pz * ahead, events["truth_y"] + py / pz * ahead
    found: NDArray[np.float64] = np.hypot(x - axis.x - axis.dxdz * (z - axis.z), y - axis.y - axis.dydz * (z - axis.z))
    return found
