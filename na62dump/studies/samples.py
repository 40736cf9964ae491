"""One simulated sample of a model, selected: how many decays, where, and how the trigger did."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from na62dump import configuration as conf
from na62dump import planning, provenance
from na62dump.datasets import Sample
from na62dump.errors import ConfigurationError
from na62dump.events import CONTROL, H2, Q1
from na62dump.signal.acceptance import Simulated
from na62dump.signal.residuals import quantiles
from na62dump.studies.closure import simulated
from na62dump.studies.fluxes import Drawn, drawn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from na62dump.analysis import Analysis
    from na62dump.cutflow import Selection
    from na62dump.events import Events
    from na62dump.signal.binning import Binning
    from na62dump.signal.model import Channel, Model

LINES = {"Control": CONTROL, "Q1": Q1, "H2": H2}
"""Trigger lines by their bits."""

TRUTH = "all events"
"""What stands for a line that takes every event: the efficiency as it is, which no data tell."""

TRIGGER = "trigger"
"""Quantity that a requirement of a trigger line reads."""

SEED_DIGITS = 12
"""Hexadecimal digits of a digest that make a seed."""

FEWEST = 20
"""Rows below which a width says nothing."""


CHANGED = ("mass", "events", "keep", "channel", "final_state", "pdg", "seed", "spectrum", "proper_lifetime")
"""Keys of a recipe that a study gives values of its own."""


@dataclass(frozen=True)
class SignalSample:
    """A sample of config/samples/ that simulates signal.

    Attributes
    ----------
    name : str
        Of the sample.
    recipe : mapping
        Its table ``[simulate]``.
    """

    name: str
    recipe: Mapping[str, Any]

    @property
    def final_state(self) -> str:
        """What the particle decays into."""
        return str(self.recipe["final_state"])


def signal_sample(analysis: Analysis) -> SignalSample:
    """First sample of an analysis that simulates signal: its recipe is that of all samples of a study.

    Parameters
    ----------
    analysis : Analysis
        The search.

    Returns
    -------
    SignalSample
        Name and recipe.

    Raises
    ------
    ConfigurationError
        If it has none.
    """
    for name in analysis.file.samples:
        table = conf.load(conf.find(f"samples/{name}", near=analysis.path.parent), Sample).simulate
        if table and table.get("process") == "signal":
            return SignalSample(name, table)
    msg = (
        f"{analysis.path}: key 'samples' = {list(analysis.file.samples)} names no sample with process = \"signal\", which "
        "acceptances are simulated by; add one"
    )
    raise ConfigurationError(msg)


def seed(model: Model, channel: str, *, final_state: str, mass: float) -> int:
    """Seed of one sample (mass in MeV): samples are independent of each other."""
    return int(provenance.digest([model.name, channel, final_state, mass])[:SEED_DIGITS], 16)


@dataclass(frozen=True)
class Study:
    """Samples of one model for one search.

    Attributes
    ----------
    analysis : Analysis
        The search.
    model : Model
        What decays.
    template : str
        Name of the sample whose recipe is used.
    binning : Binning
        Of what is kept, mm/MeV.
    bias : float
        Power of the momentum that samples are drawn with beside the flux.
    events : int
        Decays of each sample.
    """

    analysis: Analysis
    model: Model
    template: str
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
            "seed": seed(self.model, channel.name, final_state=final_state, mass=mass),
            "proper_lifetime": None,  # the decay law comes afterwards, for any lifetime
        }
        parts = [
            self._part(made, selection, source=source, mass=mass)
            for made, selection in simulated(self.analysis, self.template, changes=changes, spectrum=source.spectrum)
        ]
        residuals = np.concatenate([part.residuals for part in parts])
        return Simulated(
            *(channel.name, final_state, mass, self.events, flux.normalised().inside),
            selected=sum(part.selected for part in parts),
            sums=np.sum([part.sums for part in parts], axis=0),
            trigger=_together([part.trigger for part in parts]),
            residuals=quantiles(residuals) if len(residuals) >= FEWEST else None,
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

    @cached_property
    def _asking(self) -> str | None:
        """The one requirement that asks for a trigger line, if there is just one."""
        asking = [name for name, read in planning.trace(self.analysis).items() if TRIGGER in read]
        return asking[0] if len(asking) == 1 else None

    def _trigger(self, selection: Selection) -> dict[str, Line]:
        """Efficiency of the trigger that the search asks for, as each line sees it, and as it is."""
        if self._asking is None:
            return {}
        asked, others = selection.masks[self._asking], selection.all_but(self._asking)
        rows = selection.visible.rows
        found = {}
        for line, bit in {TRUTH: 0, **LINES}.items():
            fired = (rows.trigger & bit) == bit
            had, both = (len(np.unique(rows.index[others & fired & mask])) for mask in (True, asked))
            found[line] = Line(had, both, new=not np.array_equal(asked, fired))
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
    trigger: dict[str, Line]
    residuals: NDArray[np.float64]


class Line(NamedTuple):
    """Events selected apart from the trigger that a line took, those with the line asked for, and whether the two differ."""

    had: int
    both: int
    new: bool


def _together(parts: Sequence[dict[str, Line]]) -> dict[str, tuple[int, int]]:
    """Lines of all parts; the line that the search asks for says nothing of itself."""
    found = {}
    for line in parts[0]:
        had, both, new = zip(*(part[line] for part in parts), strict=True)
        if any(new) or line == TRUTH:
            found[line] = (sum(had), sum(both))
    return found
