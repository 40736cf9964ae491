"""Which columns of the ntuple an analysis reads, and what for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.configuration import number
from na62dump.errors import ConfigurationError, nearest
from na62dump.events import KEY
from na62dump.histograms import quantities
from na62dump.planning.tracing import nothing, trace, trace_single
from na62dump.reconstruction import ntuple_columns, row_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from na62dump.analysis import Analysis
    from na62dump.analysis.views import View
    from na62dump.datasets.samples import Kind
    from na62dump.reconstruction import FinalState

SINGLES = ("trigger", "burst_time", "trigger_time", "Track_time", "Track_p", "Track_charge")
"""What single tracks are kept with, whatever is asked of them."""


def needs(analysis: Analysis, kind: Kind) -> Mapping[str, tuple[str, ...]]:
    """Columns that an analysis reads from a kind of sample.

    Parameters
    ----------
    analysis : Analysis
        The search.
    kind : str
        ``"data"`` or ``"simulation"``.

    Returns
    -------
    mapping of str to tuple of str
        For each column, in order of first need, what needs it, such as ``"requirement 'E/p'"``.
    """
    found: dict[str, list[str]] = {}
    for column, reason in _reasons(analysis, kind):
        reasons = found.setdefault(column, [])
        if reason not in reasons:
            reasons.append(reason)
    return {column: tuple(reasons) for column, reasons in found.items()}


def _reasons(analysis: Analysis, kind: Kind) -> Iterator[tuple[str, str]]:
    for column in KEY:
        yield column, "the identity of the event"
    if kind == "simulation":
        yield "weight", "the weight of a simulated event"
    for view in analysis.views:
        for column in row_columns(view.final_state):
            yield column, "the candidates"
    yield from ((column, "the single tracks") for column in (SINGLES if analysis.file.keep.singles else ()))
    for name, reason in _quantities(analysis):
        for column in ntuple_columns(name, final_state=analysis.file.final_state):
            yield column, reason


def _quantities(analysis: Analysis) -> Iterator[tuple[str, str]]:
    for requirement, read in trace(analysis).items():
        yield from ((name, f"requirement '{requirement}'") for name in read)
    yield from ((name, "what is asked of one track alone") for name in trace_single(analysis))
    for view in analysis.views:
        yield from ((name, "the regions") for name in view.plane.columns)
        yield from ((control.column, f"control sample '{control.name}'") for control in view.plane.control)
    declared = analysis.declarations
    for histogram in declared.histograms:
        for axis in declared.axes_of(histogram).values():
            names = quantities(axis.variable)
            yield from ((name, f"histogram '{histogram}'") for name in names)


def columns_of(quantities_read: Iterable[str], *, final_state: FinalState) -> tuple[str, ...]:
    """Columns of the ntuple that some quantities are made of, each once, in order.

    Parameters
    ----------
    quantities_read : iterable of str
        Names such as ``"cda"`` and ``"plus.p"``.
    final_state : FinalState
        Whose candidates they are of.

    Returns
    -------
    tuple of str
        Names in the table of columns.
    """
    return tuple(
        dict.fromkeys(column for name in quantities_read for column in ntuple_columns(name, final_state=final_state))
    )


def check(analysis: Analysis) -> Mapping[str, tuple[str, ...]]:
    """Refuse an analysis whose requirements, regions or histograms ask for what its candidates do not have.

    Parameters
    ----------
    analysis : Analysis
        The search.

    Returns
    -------
    mapping of str to tuple of str
        What `trace` gives.

    Raises
    ------
    UnknownNameError, ConfigurationError
        What is asked for, where, and what there is.
    """
    traced = trace(analysis)
    analysis.declarations.check_stages(list(traced))
    _check_loosened(analysis, traced)
    known = list(nothing(analysis).columns())
    _check_controls(analysis, traced)
    _check_regions(analysis, known)
    _check_histograms(analysis, known)
    return traced


def _check_loosened(analysis: Analysis, requirements: Collection[str]) -> None:
    for name in analysis.file.keep.loosened:
        if name not in requirements:
            msg = f"{analysis.path}: key 'keep.loosened': no requirement is called '{name}'; {nearest(name, requirements)}"
            raise ConfigurationError(msg)


def _check_controls(analysis: Analysis, requirements: Collection[str]) -> None:
    """Refuse a control sample of which the number would not be complete; searches may share regions without its requirement."""
    for control in (each for each in analysis.plane.control if each.cut and each.fails in requirements):
        edge = float(number(analysis.cuts, control.cut))
        if control.beyond != (-edge, edge):
            msg = (
                f"{analysis.path}: control sample '{control.name}' is beyond {list(control.beyond)} of {control.column}, but the cut "
                f"'{control.cut}' is {edge:g} (base units): make them equal, or its number would not be complete"
            )
            raise ConfigurationError(msg)


def _check_regions(analysis: Analysis, known: Sequence[str]) -> None:
    for view in analysis.views:
        where = nothing(analysis, final_state=view.final_state)
        for column, what in _told_by(view):
            if not where.has(column):
                _missing(analysis, f"{_look(view)}: {what} '{column}'", known)


def _check_histograms(analysis: Analysis, known: Sequence[str]) -> None:
    rows = nothing(analysis)
    for histogram in analysis.declarations.histograms:
        for axis in analysis.declarations.axes_of(histogram).values():
            if not any(rows.has(name) for name in quantities(axis.variable)):
                _missing(analysis, f"histogram '{histogram}' is filled with '{axis.variable}'", known)


def _told_by(view: View) -> Iterator[tuple[str, str]]:
    """Columns that decide whether a row is hidden in a view, and what for, in words."""
    yield from ((column, f"the regions of {view.analysis} lie over") for column in view.plane.columns)
    for control in view.plane.control:
        yield control.column, f"control sample '{control.name}' of {view.analysis} is told by"


def _look(view: View) -> str:
    """What is looked at, in words."""
    tracks = "the bare pair of tracks" if view.final_state.charged else "no tracks"
    return f"with {view.final_state.photons} photons" if view.final_state.photons else f"as {tracks}"


def _missing(analysis: Analysis, what: str, known: Sequence[str]) -> None:
    name = what.rsplit("'", 2)[1]
    msg = f"{analysis.path}: {what}, which such candidates do not have; {nearest(name, known)}"
    raise ConfigurationError(msg)
