"""How events are looked at: every final state they are analysed for, each of which may hide them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

from na62dump.errors import ConfigurationError
from na62dump.reconstruction import IDENTIFIED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from na62dump.events import Scaling
    from na62dump.reconstruction import FinalState
    from na62dump.regions import Plane


class View(NamedTuple):
    """A final state with the regions of its analysis.

    Attributes
    ----------
    analysis : str
        Name of the analysis, whose record opens the regions.
    final_state : FinalState
        Tracks and photons; what they are taken for makes no difference to their line.
    plane : Plane
        Its regions.
    scaling : Scaling
        Scales of the detectors.
    """

    analysis: str
    final_state: FinalState
    plane: Plane
    scaling: Scaling

    @property
    def look(self) -> tuple[bool, int, Scaling]:
        """What decides where rows lie: whether there are tracks, how many photons, and the scales of the detectors."""
        return self.final_state.charged, self.final_state.photons, self.scaling


class Kin(NamedTuple):
    """Another analysis of the same events: its final state, its regions and the scales that it varies."""

    final_state: FinalState
    plane: Plane
    scalings: tuple[Scaling, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain tables, for a digest."""
        models = {"final_state": self.final_state, "regions": self.plane}
        dumped = {name: model.model_dump(mode="json", exclude_none=True) for name, model in models.items()}
        return {**dumped, "scalings": [asdict(scaling) for scaling in self.scalings]}


def check_geometry(planes: Mapping[str, Plane], *, where: str) -> None:
    """Refuse regions that one final state cannot hide for another.

    Parameters
    ----------
    planes : mapping of str to Plane
        Regions of an analysis and of the others of the same events, by name.
    where : str
        Name of its file, for messages.

    Raises
    ------
    ConfigurationError
        If there are others, and any of the regions are over what tracks and photons are taken for.
    """
    for name, plane in planes.items():
        if len(planes) > 1 and (named := IDENTIFIED.intersection(plane.columns)):
            msg = (
                f"{where}: key 'hidden_with': regions of {name} are over {', '.join(sorted(named))}, which is another for "
                "each final state; analyses hide together by geometry alone, such as cda_tax and z_tax"
            )
            raise ConfigurationError(msg)


def views(name: str, own: Kin, *, kin: dict[str, Kin]) -> tuple[View, ...]:
    """Every view under which data of an analysis are hidden.

    Parameters
    ----------
    name : str
        Name of the analysis.
    own : Kin
        The analysis itself.
    kin : dict of str to Kin
        Analyses of the same events.

    Returns
    -------
    tuple of View
        Each final state and each bare pair of tracks, in every systematic variation; each once.
    """
    every = {name: own, **kin}
    scalings = dict.fromkeys(scaling for analysis in every.values() for scaling in analysis.scalings)
    found = (
        View(analysis, state, of.plane, scaling)
        for analysis, of in every.items()
        for state in _looks(of.final_state)
        for scaling in scalings
    )
    return tuple({(view.analysis, view.look): view for view in found}.values())


def _looks(final_state: FinalState) -> Iterable[FinalState]:
    yield final_state.unidentified
    if final_state.charged:
        yield final_state.bare
