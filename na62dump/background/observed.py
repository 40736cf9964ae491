"""What data show, and simulated samples hold, of rows that fail exactly some of the loosened requirements, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump.errors import UnknownNameError, nearest
from na62dump.regions import UNDEFINED
from na62dump.results.booking import MEETS
from na62dump.results.counts import tally_regions
from na62dump.skims import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray

    from na62dump.results import Result, State
    from na62dump.skims import Skim


def visible(state: State, failing: Collection[str] = ()) -> tuple[str, ...]:
    """Regions of which a number of data may be said, in order: not hidden, here or elsewhere, and defined.

    Parameters
    ----------
    state : State
        What was open.
    failing : collection of str
        Requirements that the rows fail: hidden regions count too if an open control sample shows all such rows there.
    """
    shown = {
        region
        for control in state.plane.control
        for region in control.inside
        if control.name in state.opened and control.fails in failing and not _closed_elsewhere(state, control.name)
    }
    return tuple(name for name in state.regions if (name not in state.closed or name in shown) and name != UNDEFINED)


def _closed_elsewhere(state: State, control: str) -> bool:
    """Whether another search of the same events hides the rows of a control sample."""
    return any(label.rpartition(" of ")[0] == control for label in state.also_hidden)


def numbers(
    result: Result, *, failing: Collection[str] = (), dt: tuple[float, float] | None = None
) -> dict[str, int | None]:
    """Rows of all data samples in each region.

    Parameters
    ----------
    result : Result
        Of a search.
    failing : collection of str
        Loosened requirements that a row fails, all of them and no other; none of them for selected rows.
    dt : (float, float), ns, optional
        Range of the absolute time difference: the lower edge belongs to it, the upper one does not.

    Returns
    -------
    dict of str to int or None
        None where data are hidden.

    Raises
    ------
    UnknownNameError
        If the result keeps no rows that fail one of these.
    """
    state = result.state
    data = [name for name, sample in state.samples.items() if sample.kind == "data"]
    count = _tally(result, data, failing=failing, dt=dt)[:, 0]
    seen = visible(state, failing)
    return {name: int(n) if name in seen else None for name, n in zip(state.regions, count, strict=True)}


def selected(result: Result, regions: Collection[str]) -> dict[str, NDArray[Any]]:
    """Selected rows of all data samples in some regions.

    Parameters
    ----------
    result : Result
        Of a search.
    regions : collection of str
        Where; those in which data are hidden give nothing.

    Returns
    -------
    dict of str to array[row]
        Columns of the skim, in base units.

    Raises
    ------
    UnknownNameError
        If there is no such region.
    """
    state = result.state
    data = [name for name, sample in state.samples.items() if sample.kind == "data"]
    table, chosen = _rows(result, data, failing=())
    chosen &= np.isin(_regions(state, table), _places(state, regions))
    return {name: column[chosen] for name, column in table.columns.items()}


def weights(
    result: Result, sample: str, *, failing: Collection[str] = (), dt: tuple[float, float] | None = None
) -> NDArray[np.float64]:
    """Rows of one simulated sample in each region, hidden ones too.

    Parameters
    ----------
    result : Result
        Of a search.
    sample : str
        One of its simulated samples.
    failing, dt
        As of `numbers`.

    Returns
    -------
    float64[region, 3]
        Number, sum of weights, sum of squared weights, without unit.

    Raises
    ------
    UnknownNameError
        If there is no such simulated sample, or the result keeps no rows that fail one of these.
    """
    _known(result, sample)
    return _tally(result, [sample], failing=failing, dt=dt)


def largest_weight(result: Result, sample: str) -> float:
    """Largest weight, without unit, of what is kept of one simulated sample; 0 if nothing is.

    Raises
    ------
    UnknownNameError
        If there is no such simulated sample.
    """
    _known(result, sample)
    tables = [table for table in (result.skim, result.loose) if table is not None]
    kept = [table.columns["weight"][table.columns[SAMPLE] == sample] for table in tables]
    return float(np.concatenate(kept).max(initial=0.0))


def time_differences(
    result: Result, *, patterns: Iterable[Collection[str]], regions: Collection[str]
) -> NDArray[np.float64]:
    """Time differences of the tracks of rows of all data samples.

    Parameters
    ----------
    result : Result
        Of a search.
    patterns : iterable of collections of str
        Which rows: for each of these, those that fail exactly these requirements.
    regions : collection of str
        Where; those in which data are hidden give nothing.

    Returns
    -------
    float64[row], ns
        With sign, pattern after pattern.

    Raises
    ------
    UnknownNameError
        If the result keeps no rows that fail one of these, or there is no such region.
    """
    state = result.state
    places = _places(state, regions)
    data = [name for name, sample in state.samples.items() if sample.kind == "data"]
    found = []
    for failing in patterns:
        table, chosen = _rows(result, data, failing=failing)
        found.append(table.columns["dt"][chosen & np.isin(_regions(state, table), places)])
    return np.concatenate([np.zeros(0), *found])


def _tally(
    result: Result, samples: Collection[str], *, failing: Collection[str], dt: tuple[float, float] | None
) -> NDArray[np.float64]:
    table, chosen = _rows(result, samples, failing=failing)
    if dt is not None:
        apart = np.abs(table.columns["dt"])
        chosen &= (apart >= dt[0]) & (apart < dt[1])
    region = _regions(result.state, table)[chosen]
    tally = tally_regions(region, table.columns["weight"][chosen], n_regions=len(result.state.regions))
    return tally.astype(np.float64)  # nothing to count gives whole numbers


def _rows(result: Result, samples: Collection[str], *, failing: Collection[str]) -> tuple[Skim, NDArray[np.bool_]]:
    """The table that holds rows that fail exactly these requirements, and which of its rows do."""
    table = result.skim
    if failing:
        loosened = _loosened(result.loose)
        for name in failing:
            if name not in loosened:
                msg = (
                    f"this result of '{result.state.analysis}' keeps no rows that fail '{name}': name it under [keep] "
                    f"loosened in the file of the analysis, and run again; {nearest(name, loosened)}"
                )
                raise UnknownNameError(msg)
    if failing and result.loose is not None:
        table = result.loose
    chosen = np.isin(table.columns[SAMPLE], sorted(samples))
    for name in _loosened(table):
        chosen &= table.columns[f"{MEETS}{name}"] != (name in failing)
    return table, chosen


def _loosened(table: Skim | None) -> list[str]:
    columns = () if table is None else table.columns
    return [name.removeprefix(MEETS) for name in columns if name.startswith(MEETS)]


def _regions(state: State, table: Skim) -> NDArray[np.int64]:
    return state.plane.classify(*(table.columns[name] for name in state.plane.columns))


def _places(state: State, regions: Collection[str]) -> list[int]:
    """Indices of those of some regions in which data are visible."""
    for name in regions:
        if name not in state.regions:
            msg = f"no region '{name}' in this result; {nearest(name, state.regions)}"
            raise UnknownNameError(msg)
    return [state.regions.index(name) for name in visible(state) if name in regions]


def _known(result: Result, sample: str) -> None:
    simulated = [name for name, known in result.state.samples.items() if known.kind == "simulation"]
    if sample not in simulated:
        msg = f"no simulated sample '{sample}' in this result; {nearest(sample, simulated)}"
        raise UnknownNameError(msg)
