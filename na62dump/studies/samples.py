"""One simulated sample of a model, selected: how many decays, where, and how the trigger did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump import planning, provenance
from na62dump.events import CONTROL, H2, Q1
from na62dump.signal.acceptance import Simulated
from na62dump.studies.closure import SIGMA, simulated
from na62dump.studies.fluxes import Drawn, drawn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from na62dump.analysis import Analysis
    from na62dump.cutflow import Selection
    from na62dump.events import Events
    from na62dump.signal.binning import Binning
    from na62dump.signal.model import Channel, Model

LINES = {"Control": CONTROL, "Q1": Q1, "H2": H2}
"""Trigger lines by their bits."""

TRIGGER = "trigger"
"""Quantity that a requirement of a trigger line reads."""

SEED_DIGITS = 12
"""Hexadecimal digits of a digest that make a seed."""

FEWEST = 20
"""Rows below which a width says nothing."""


def seed(model: Model, channel: str, *, final_state: str) -> int:
    """Seed of the samples of one channel and final state: at every mass the same, which makes their acceptances alike."""
    return int(provenance.digest([model.name, channel, final_state])[:SEED_DIGITS], 16)


@dataclass(frozen=True)
class Study:
    """Samples of one model for one search.

    Attributes
    ----------
    analysis : Analysis
        The search.
    model : Model
        What decays.
    binning : Binning
        Of what is kept, mm/MeV.
    bias : float
        Power of the momentum that samples are drawn with beside the flux.
    events : int
        Decays of each sample.
    """

    analysis: Analysis
    model: Model
    binning: Binning
    bias: float
    events: int

    def sample(self, channel: Channel, final_state: str, *, mass: float) -> Simulated:
        """Selected decays of one channel, final state and mass (MeV)."""
        flux = channel.flux(mass)
        source = drawn(flux, mass, bias=self.bias)
        changes = {
            "mass": f"{mass!r} MeV",
            "events": self.events,
            "keep": "all",
            "channel": channel.mechanism,
            "final_state": final_state,
            "pdg": self.model.pdg,
            "seed": seed(self.model, channel.name, final_state=final_state),
        }
        parts = [
            self._part(made, selection, source=source, mass=mass)
            for made, selection in simulated(
                self.analysis, self.analysis.file.samples[0], changes=changes, spectrum=source.spectrum
            )
        ]
        trigger = {line: _added([part.trigger[line] for part in parts]) for line in parts[0].trigger}
        residuals = np.concatenate([part.residuals for part in parts])
        return Simulated(
            *(channel.name, final_state, mass, self.events, flux.normalised().inside),
            selected=sum(part.selected for part in parts),
            sums=np.sum([part.sums for part in parts], axis=0),
            trigger=trigger,
            resolution=_resolution(residuals),
        )

    def _part(self, events: Events, selection: Selection, *, source: Drawn, mass: float) -> _Part:
        rows = selection.visible.rows
        chosen = np.flatnonzero(selection.passed())
        region = self.analysis.plane.of(rows.take(chosen))
        order = np.lexsort((region, rows.index[chosen]))
        event, first = np.unique(rows.index[chosen][order], return_index=True)  # once an event, where it matters most
        energy = events["truth_energy"].astype(np.float64)[event]
        weight = source.weights(np.sqrt(np.maximum(energy**2 - mass**2, 0.0)))
        x = events["truth_proper_distance"].astype(np.float64)[event] / mass
        v = events["truth_weight"].astype(np.float64)[event] / mass * weight
        sums = self.binning.sums(x, v, region=region[order][first], regions=len(self.analysis.plane.names))
        return _Part(len(event), sums, self._trigger(selection), self._residuals(selection, chosen, events, mass))

    def _trigger(self, selection: Selection) -> dict[str, tuple[int, int]]:
        """Efficiency of the trigger that the search asks for, as the other lines see it: had the line, and had both."""
        asking = [name for name, read in planning.trace(self.analysis).items() if TRIGGER in read]
        if len(asking) != 1:
            return {}
        asked, others = selection.masks[asking[0]], selection.all_but(asking[0])
        index = selection.visible.rows.index
        word = selection.visible.rows.trigger
        found = {}
        for line, bit in LINES.items():
            reference = others & ((word & bit) > 0)
            had, both = (len(np.unique(index[mask])) for mask in (reference, reference & asked))
            if not np.array_equal(asked, (word & bit) > 0):
                found[line] = (had, both)
        return found

    def _residuals(
        self, selection: Selection, chosen: NDArray[np.int64], events: Events, mass: float
    ) -> NDArray[np.float64]:
        """Measured minus true mass of the selected rows: float64[row], MeV; none if something flies away unseen."""
        state = self.analysis.file.final_state
        seen = int(events.offsets["Truth"][-1]) == len(events) * (2 * state.charged + state.photons)
        rows = selection.visible.rows
        return rows.take(chosen).mass - mass if seen and rows.has("mass") else np.empty(0)


@dataclass(frozen=True)
class _Part:
    selected: int
    sums: NDArray[np.float64]
    trigger: dict[str, tuple[int, int]]
    residuals: NDArray[np.float64]


def _added(pairs: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum(had for had, _ in pairs), sum(both for _, both in pairs)


def _resolution(residuals: NDArray[np.float64]) -> tuple[float, float] | None:
    """Median and half of the central 68% (MeV) of residuals, float64[row]; None if there are too few."""
    if len(residuals) < FEWEST:
        return None
    low, high = np.percentile(residuals, SIGMA)
    return float(np.median(residuals)), float(high - low) / 2
