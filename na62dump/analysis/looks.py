"""The candidates of some events under every view of an analysis."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from na62dump.events import Scaling, scaled
from na62dump.reconstruction import Candidates, build, lines
from na62dump.regions import NOTHING, Veil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from na62dump.analysis.assembly import Analysis
    from na62dump.analysis.views import View
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
    _own: dict[Scaling, Candidates] = field(default_factory=dict)

    def own(self, scaling: Scaling) -> Candidates:
        """Candidates of the analysis itself, the detectors scaled."""
        if scaling not in self._own:
            search = self.analysis
            self._own[scaling] = build(
                scaled(self.events, scaling),
                search.geometry,
                matching=search.matching,
                final_state=search.file.final_state,
            )
        return self._own[scaling]

    def veils(self, opened: Mapping[str, Opened]) -> Iterator[Veil]:
        """All views under which data are hidden, one by one: nothing of a view is kept when the next one comes.

        Parameters
        ----------
        opened : mapping of str to Opened
            What the records of each analysis have opened.

        Yields
        ------
        Veil
            For the blinding door.
        """
        for _, views in groupby(sorted(self.analysis.views, key=_order), key=_order):
            candidates = None
            for view in views:
                candidates = candidates or self._lines(view)
                yield Veil(candidates, view.plane, opened.get(view.analysis, NOTHING))

    def _lines(self, view: View) -> Candidates:
        """Candidates of a view, which know where they lie; what tracks and photons are taken for makes no difference."""
        search, own = self.analysis, self.analysis.file.final_state
        if view.look == (own.charged, own.photons, view.scaling):
            return self.own(view.scaling)
        events = scaled(self.events, view.scaling)
        return lines(events, search.geometry, matching=search.matching, final_state=view.final_state)


def _order(view: View) -> tuple[object, ...]:
    charged, photons, scaling = view.look
    return charged, photons, scaling.factors, scaling.shifts
