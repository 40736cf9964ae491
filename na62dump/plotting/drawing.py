"""All figures of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.errors import ConfigurationError
from na62dump.plotting.correlations import correlations
from na62dump.plotting.cutflows import staircase
from na62dump.plotting.planes import panels
from na62dump.plotting.seen import of_kind
from na62dump.plotting.spectrum import spectrum
from na62dump.plotting.style import styled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

    from na62dump.regions import Plane
    from na62dump.results import Result

CUTFLOW, CORRELATION = "cutflow", "correlation"


def draw(result: Result, plane: Plane, *, expected: Mapping[str, float] | None = None) -> dict[str, Figure]:
    """Draw a result.

    A histogram of one variable becomes one figure of all samples: data are points with Poisson errors, simulation is
    lines, scaled to the number of data entries, or to area 1 where no data are to be seen. A histogram of two variables
    becomes one panel a sample; if its axes are the columns of the plane, hidden regions of data are masked. Correlations
    between requirements are one figure a sample.

    Parameters
    ----------
    result : Result
        What a run gave.
    plane : Plane
        Its regions.
    expected : mapping of str to float, optional
        Number of selected candidates that each sample of simulation is to stand for, in all its figures of one variable.

    Returns
    -------
    dict of str to Figure
        By name of the histogram, then ``"cutflow"``, then ``"correlation_"`` and the sample. To be shown or written
        within `styled`, as `save` does.

    Raises
    ------
    ConfigurationError
        If the regions are not those that the result was made with, or the expected numbers are not of its samples of
        simulation.
    """
    if plane != result.state.plane:
        msg = (
            f"these regions ({', '.join(plane.names)}) are not those that the result of {result.state.analysis} was made "
            "with: what they show as visible may be hidden; give result.state.plane"
        )
        raise ConfigurationError(msg)
    simulated = of_kind(result, data=False)
    if expected is not None and set(expected) != set(simulated):
        msg = f"expected numbers came for {sorted(expected)}; give one for each sample of simulation: {simulated}"
        raise ConfigurationError(msg)
    figures = {}
    with styled():
        for name, histogram in result.book.declarations.histograms.items():
            one = len(histogram.axes) == 1
            figures[name] = spectrum(result, name, expected=expected) if one else panels(result, name, plane=plane)
        figures[CUTFLOW] = staircase(result)
        for sample, flow in result.cutflow.items():
            if flow.names:
                figures[f"{CORRELATION}_{sample}"] = correlations(result, sample, matrix=flow.correlation())
    return figures
