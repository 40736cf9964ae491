"""The candidates of some events under every view of an analysis, each made once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from na62dump.events import Scaling, scaled
from na62dump.reconstruction import Candidates, FinalState, build
from na62dump.regions import NOTHING, Veil

if TYPE_CHECKING:
    from collections.abc import Mapping

    from na62dump.analysis.assembly import Analysis
    from na62dump.events import Events
    from na62dump.regions import Opened


@dataclass(frozen=True)
class Looks:
    """Looks at the events of one unit.

    Attributes
    ----------
    analysis : Analysis
        The search.
    events : Events
        What the detector recorded.
    """

    analysis: Analysis
    events: Events
    _scaled: dict[Scaling, Events] = field(default_factory=dict)
    _made: dict[tuple[bool, int, Scaling], Candidates] = field(default_factory=dict)

    def own(self, scaling: Scaling) -> Candidates:
        """Candidates of the analysis itself, the detectors scaled."""
        return self._look(self.analysis.file.final_state, scaling)

    def veils(self, opened: Mapping[str, Opened], *, beside: Scaling) -> list[Veil]:
        """All views under which data are hidden, but that of the analysis itself under one scaling.

        Parameters
        ----------
        opened : mapping of str to Opened
            What the records of each analysis have opened.
        beside : Scaling
            The one whose rows the blinding door is given anyway.

        Returns
        -------
        list of Veil
            For the blinding door.
        """
        search = self.analysis
        state = search.file.final_state
        given = (search.name, (state.charged, state.photons, beside))
        return [
            Veil(self._look(view.final_state, view.scaling), view.plane, opened.get(view.analysis, NOTHING))
            for view in search.views
            if (view.analysis, view.look) != given
        ]

    def _look(self, final_state: FinalState, scaling: Scaling) -> Candidates:
        """Candidates with the lines of a final state: what its tracks and photons are taken for makes no difference."""
        search, own = self.analysis, self.analysis.file.final_state
        key = (final_state.charged, final_state.photons, scaling)
        if scaling not in self._scaled:
            self._scaled[scaling] = scaled(self.events, scaling)
        if key not in self._made:
            state = own if key[:2] == (own.charged, own.photons) else final_state
            events = self._scaled[scaling]
            self._made[key] = build(events, search.geometry, matching=search.matching, final_state=state)
        return self._made[key]
