"""Which quantities each requirement reads: found by running the selection on nothing, and watching."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.cutflow import Selection
from na62dump.errors import ConfigurationError, NA62DumpError
from na62dump.events import COLUMNS, empty
from na62dump.reconstruction import Candidates, Leg, Rows, build
from na62dump.regions import Policy, blind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from na62dump.analysis import Analysis
    from na62dump.reconstruction import FinalState
    from na62dump.regions import Visible


class Traced(np.ndarray[Any, Any]):
    """An array that remembers the quantities it was made from.

    Attributes
    ----------
    sources : frozenset of str
        Their names.
    """

    sources: frozenset[str]

    def __array_finalize__(self, parent: object) -> None:
        """Views and slices remember what their parent did."""
        self.sources = getattr(parent, "sources", frozenset())

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:  # noqa: ANN401 - numpy's protocol
        """Arithmetic remembers all its operands."""
        return self._marked(getattr(ufunc, method)(*_plain(inputs), **options), inputs)

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:  # noqa: ANN401 - numpy's protocol
        """Functions of numpy remember all their arguments."""
        del types
        return self._marked(func(*_plain(args), **_plain(kwargs)), (args, tuple(kwargs.values())))

    @staticmethod
    def _marked(result: Any, inputs: Any) -> Any:  # noqa: ANN401 - whatever numpy returns
        if not isinstance(result, np.ndarray):
            return result
        traced = result.view(Traced)
        traced.sources = frozenset().union(*_sources(inputs))
        return traced


def _plain(value: Any) -> Any:  # noqa: ANN401 - arguments of any function of numpy
    if isinstance(value, Traced):
        return value.view(np.ndarray)
    if isinstance(value, tuple | list):
        return type(value)(_plain(item) for item in value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _sources(value: object) -> Iterable[frozenset[str]]:
    if isinstance(value, Traced):
        yield value.sources
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _sources(item)


Touched = set[str]
"""Names of quantities that were asked for."""


@dataclass(frozen=True)
class _WatchedLeg(Leg):
    """A track or photon whose quantities remember their names."""

    name: str
    touched: Touched

    def __getattr__(self, quantity: str) -> Traced:
        return _mark(super().__getattr__(quantity), f"{self.name}.{quantity}", self.touched)


@dataclass(frozen=True)
class _WatchedRows(Rows):
    """Rows whose quantities remember their names."""

    touched: Touched

    def leg(self, name: str) -> Leg:
        found = super().leg(name)
        return _WatchedLeg(found.values, found.index, name, self.touched)

    def __getattr__(self, quantity: str) -> Traced:
        return _mark(super().__getattr__(quantity), quantity, self.touched)


def _mark(values: np.ndarray[Any, Any], name: str, touched: Touched) -> Traced:
    touched.add(name)
    traced = values.view(Traced)
    traced.sources = frozenset({name})
    return traced


def nothing(analysis: Analysis, *, final_state: FinalState | None = None) -> Rows:
    """Rows of no events, with all that the candidates of an analysis, or of another final state, know."""
    events, state = empty(list(COLUMNS)), final_state or analysis.file.final_state
    return build(events, analysis.geometry, matching=analysis.matching, final_state=state).rows


def trace(analysis: Analysis) -> Mapping[str, tuple[str, ...]]:
    """Quantities that each requirement of an analysis reads.

    What was asked for but cannot be followed to a requirement (numpy forgets it where a list of arrays is handed to
    it) is taken to be read by those that seem to read nothing, or else by all.

    Parameters
    ----------
    analysis : Analysis
        The search.

    Returns
    -------
    mapping of str to tuple of str
        Names such as ``"cda"`` and ``"plus.p"``, sorted, for each requirement in its order.

    Raises
    ------
    UnknownNameError, ConfigurationError
        If a requirement asks for what no candidate has, or is given twice, or if the selection does not run.
    """
    rows = nothing(analysis)
    touched: Touched = set()
    watched = _WatchedRows(**{field.name: getattr(rows, field.name) for field in fields(Rows)}, touched=touched)
    visible = blind(Candidates(watched), [analysis.plane], policy=Policy("simulation"))
    selection = _selected(analysis, visible)
    found = {name: frozenset().union(*_sources(mask)) for name, mask in selection.masks.items()}
    lost = touched.difference(*found.values())
    bare = [name for name, read in found.items() if not read] or list(found)
    return {name: tuple(sorted(read | lost if name in bare else read)) for name, read in found.items()}


def trace_single(analysis: Analysis) -> tuple[str, ...]:
    """Quantities that an analysis reads of one track alone, if it keeps single tracks.

    Parameters
    ----------
    analysis : Analysis
        The search.

    Returns
    -------
    tuple of str
        Names such as ``"plus.p"``, sorted.

    Raises
    ------
    UnknownNameError, ConfigurationError
        If it asks for what no track has, or does not run.
    """
    ask = analysis.selection.single
    if analysis.file.keep.singles is None or ask is None:
        return ()
    track, touched = nothing(analysis).plus, set[str]()
    watched = _WatchedLeg(track.values, track.index, "plus", touched)
    with _told(analysis, "single()"):
        ask(watched, analysis.cuts)
    return tuple(sorted(touched))


def asked_of_one(analysis: Analysis) -> tuple[str, ...]:
    """Names of what an analysis asks of one track alone; none if it keeps no single tracks."""
    ask = analysis.selection.single
    if analysis.file.keep.singles is None or ask is None:
        return ()
    with _told(analysis, "single()"):
        return tuple(ask(nothing(analysis).plus, analysis.cuts))


def _selected(analysis: Analysis, visible: Visible) -> Selection:
    """What the selection asks of no rows; whatever it raises is a mistake in its file, told in one line."""
    path = analysis.selection.path
    with _told(analysis, "select()"):
        selection: object = analysis.selection.select(visible, analysis.cuts)
    if not isinstance(selection, Selection):
        msg = (
            f"{path}: select() gives a {type(selection).__name__}: it must return a Selection(visible, {{name: mask}})"
        )
        raise ConfigurationError(msg)
    return selection


@contextmanager
def _told(analysis: Analysis, function: str) -> Iterator[None]:
    """Whatever a function of a selection raises is a mistake in its file, told in one line."""
    path = analysis.selection.path
    try:
        yield
    except NA62DumpError as error:
        msg = f"{path}: {error}"
        raise type(error)(msg) from error
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(path.absolute())]
        where = f"{path}, line {lines[-1]}" if lines else str(path)
        reason = " ".join(str(error).split())
        msg = f"{where}: {function} does not run: {type(error).__name__}: {reason}; mend the selection"
        raise ConfigurationError(msg) from error
