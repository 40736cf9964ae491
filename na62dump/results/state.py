"""Under which conditions a result was made."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import field_validator

from na62dump.configuration import FileName, Many, Settings
from na62dump.datasets.samples import Kind
from na62dump.errors import BlindingError, ConfigurationError
from na62dump.histograms import NOMINAL
from na62dump.regions import Plane, hidden_points

if TYPE_CHECKING:
    from numpy.typing import NDArray


class SampleState(Settings):
    """What one sample was declared to be; ``simulated`` says what its files are."""

    kind: Kind
    label: str
    simulated: bool


class Look(Settings):
    """A view under which rows of data are hidden, and which the values of the rows themselves can tell.

    Attributes
    ----------
    analysis : str
        Whose regions they are.
    plane : Plane
        The regions.
    opened : tuple of str
        Those of its hidden regions and control samples that were open.
    bare : bool
        Whether it looks at the tracks alone, without the photons.
    """

    analysis: FileName
    plane: Plane
    opened: Many[str]
    bare: bool


class State(Settings):
    """Under which conditions a result was made; only results of equal state add up.

    Attributes
    ----------
    analysis : str
        Name of the analysis.
    digest, run_digest : str
        Analysis digest, and run digest.
    opened, hidden : tuple of str
        Hidden regions and control samples that were open, and hidden regions that were not.
    plane : Plane
        The regions.
    samples : mapping
        What each sample was declared to be.
    variations : tuple of str
        Systematic variations, in order, beside the nominal one.
    also_hidden : tuple of str
        Regions of other analyses of the same events that hide rows of data too, such as ``"CR of kk"``.
    looks : tuple of Look
        Views beside that of the analysis itself that a writer can check.
    kept : mapping
        What was asked to be kept for backgrounds: the table ``keep`` of the analysis.
    """

    analysis: FileName
    digest: str
    run_digest: str
    opened: Many[str]
    hidden: Many[str]
    plane: Plane
    samples: Mapping[str, SampleState]
    variations: Many[str] = ()
    also_hidden: Many[str] = ()
    looks: Many[Look] = ()
    kept: Mapping[str, Any] = {}

    @field_validator("variations")
    @classmethod
    def _named_once(cls, variations: tuple[str, ...]) -> tuple[str, ...]:
        if len({NOMINAL, *variations}) <= len(variations):
            msg = f"variations {list(variations)}: each has a name of its own, and '{NOMINAL}' is that of none of them"
            raise ConfigurationError(msg)
        return variations

    @property
    def closed(self) -> frozenset[str]:
        """Names of the regions of which a number of data would mislead: hidden here, or opened here and hidden elsewhere."""
        elsewhere = {label.rpartition(" of ")[0] for label in self.also_hidden}
        return frozenset(self.hidden) | (frozenset(self.opened) & elsewhere)

    @property
    def hidden_elsewhere(self) -> tuple[str, ...]:
        """``also_hidden`` in fewer words, such as ``"CR, SR of kk, kkpi0"``: analyses with the same regions together."""
        regions: dict[str, list[str]] = {}
        for region, _, analysis in (label.rpartition(" of ") for label in self.also_hidden):
            regions.setdefault(analysis, []).append(region)
        analyses: dict[str, list[str]] = {}
        for analysis, names in regions.items():
            analyses.setdefault(", ".join(names), []).append(analysis)
        return tuple(f"{names} of {', '.join(of)}" for names, of in analyses.items())

    @property
    def data(self) -> tuple[str, ...]:
        """Names of the samples that are data."""
        return tuple(name for name, sample in self.samples.items() if sample.kind == "data")

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of the regions, in order."""
        return self.plane.names


def difference(one: State, other: State) -> str:
    """Why results of two states do not add up: in words if it is what was open, before a digest says so too."""
    first, second = one.model_dump(), other.model_dump()
    key = next(key for key in ("analysis", "opened", "also_hidden", *first) if first[key] != second[key])
    return f"results of different conditions do not add up: {key} is {first[key]!r} in one and {second[key]!r} in the other"


def hidden_rows(state: State, columns: Mapping[str, NDArray[Any]], *, controls: bool) -> NDArray[np.bool_]:
    """Which rows of data a writer must refuse, by their own values.

    Parameters
    ----------
    state : State
        Under which conditions they were selected.
    columns : mapping of str to array[row]
        Their quantities, in base units (mm, ns, MeV/c).
    controls : bool
        Whether open control samples show their rows; they show none that meets every requirement of the search.

    Returns
    -------
    bool[row]
        True in a hidden region of the analysis, of another one that looks at the same tracks and as many photons, or of
        any one that looks at the tracks alone; and where a coordinate is undefined.
    """
    hides = np.zeros(len(columns["run"]), dtype=np.bool_)
    for look in _every(state):
        values = partial(_seen_so, columns, bare=look.bare)
        x, y = (values(name) for name in look.plane.columns)
        shown = look.plane.shown(look.opened, values=values) if controls else {}
        hides |= hidden_points(look.plane, x, y=y, opened=look.opened, shown=shown)
    return hides


def hidden_candidates(state: State, columns: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
    """Which rows that meet every requirement a writer must refuse: open control samples show none of these.

    Parameters
    ----------
    state : State
        Under which conditions they were selected.
    columns : mapping of str to array[row]
        Their quantities, in base units (mm, ns, MeV/c).

    Returns
    -------
    bool[row]
        As `hidden_rows`, without control samples.

    Raises
    ------
    BlindingError
        As for `refuse_candidates`.
    """
    refuse_candidates(state, columns)
    return hidden_rows(state, columns, controls=False)


def refuse_candidates(state: State, columns: Mapping[str, NDArray[Any]]) -> None:
    """Refuse an open control sample that shows rows of data which meet every requirement of the search.

    Parameters
    ----------
    state : State
        Under which conditions they were selected.
    columns : mapping of str to array[row]
        Quantities of the rows that meet every requirement, in base units (mm, ns, MeV/c).

    Raises
    ------
    BlindingError
        If there are such rows; it names the control samples.
    """
    belonging = {
        f"'{control.name}' of {look.analysis}": control.holds(columns[control.column])
        for look in _every(state)
        for control in look.plane.control
        if control.name in look.opened
    }
    if not belonging:
        return
    shown = hidden_rows(state, columns, controls=False) & ~hidden_rows(state, columns, controls=True)
    if shown.any():
        names = ", ".join(name for name, belongs in belonging.items() if (belongs & shown).any())
        msg = (
            f"control sample {names}: {int(shown.sum())} of its rows in hidden regions meet every requirement of "
            f"{state.analysis}, so they are candidates, and nothing was written; a control sample in regions.toml holds only "
            "what the requirements refuse"
        )
        raise BlindingError(msg)


def _every(state: State) -> tuple[Look, ...]:
    return (Look(analysis=state.analysis, plane=state.plane, opened=state.opened, bare=False), *state.looks)


def _seen_so(columns: Mapping[str, NDArray[Any]], name: str, *, bare: bool) -> NDArray[Any]:
    alone = f"tracks_{name}"
    return columns[alone] if bare and alone in columns else columns[name]
