"""One mechanism of background inside of mass windows, and several together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import ConfigurationError, nearest
from na62dump.inference.counts.shapes import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from na62dump.background.estimate import Estimate
    from na62dump.inference.counts.shapes import Shape
    from na62dump.inference.settings import Inference


@dataclass(frozen=True, eq=False)
class Component:
    """A mechanism at each mass.

    Attributes
    ----------
    name : str
        Such as ``"mumu combinatorial"``.
    expected, statistical : float64[m], counts
        Inside of the window, and the error of its own.
    systematic : mapping of str to float64[m], counts
        Uncertainties by source, with sign.
    """

    name: str
    expected: NDArray[np.float64]
    statistical: NDArray[np.float64]
    systematic: Mapping[str, NDArray[np.float64]]

    @property
    def uncertainty(self) -> NDArray[np.float64]:
        """All uncertainties in quadrature: float64[m], counts."""
        return quadrature(self.statistical, self.systematic)


@dataclass(frozen=True)
class Growth:
    """From the data to another number of protons, at another intensity: both relative to those of the data."""

    scale: float = 1.0
    intensity: float = 1.0

    def __post_init__(self) -> None:
        for what, value in (("scale", self.scale), ("intensity", self.intensity)):
            if not 0 < value < math.inf:
                msg = f"{what} = {value:g} of a projection: it is a ratio to the data, so give a finite number above 0"
                raise ConfigurationError(msg)

    @property
    def projects(self) -> bool:
        """Whether anything changes."""
        return not self.scale == self.intensity == 1.0

    def of(self, mechanism: str, settings: Inference) -> float:
        """Factor of a mechanism: scale times intensity^(power - 1), because time is protons over intensity.

        Parameters
        ----------
        mechanism : str
            Such as ``"combinatorial"``.
        settings : Inference
            Have the power of each mechanism.

        Returns
        -------
        float
            A pure number.

        Raises
        ------
        ConfigurationError
            If the power of the mechanism is not known, and anything changes.
        """
        if not self.projects:
            return 1.0
        if mechanism not in settings.projection:
            msg = (
                f"no law of growth for the background '{mechanism}': give its power of the intensity under [projection] in "
                f"config/inference.toml; {nearest(mechanism, settings.projection)}"
            )
            raise ConfigurationError(msg)
        return float(self.scale * self.intensity ** (settings.projection[mechanism] - 1))


def component(
    estimate: Estimate, regions: Sequence[str], *, windows: NDArray[np.float64], entries: float
) -> tuple[Component, str]:
    """A mechanism inside of windows: its number in the regions, times the share of its mass distribution.

    Parameters
    ----------
    estimate : Estimate
        Of the mechanism.
    regions : sequence of str
        Regions that count, of which it has more than a limit.
    windows : float64[m, 2], MeV
        Lowest and highest mass; infinite where all count.
    entries : float
        Effective entries that a distribution needs in the regions.

    Returns
    -------
    component : Component
        The error of the share is part of the statistical one.
    remark : str
        What a person should know of it; empty if nothing.
    """
    at = [estimate.regions.index(name) for name in regions]
    number, variance = float(estimate.expected[at].sum()), float(estimate.covariance[np.ix_(at, at)].sum())
    moved = {source: float(widths[at].sum()) for source, widths in estimate.systematic.items()}
    whole = bool(np.isinf(windows).all())
    shape, remark = (None, "") if whole else shape_of(estimate, regions, entries=entries)
    return spread(
        estimate.mechanism, number, error=math.sqrt(variance), moved=moved, shape=shape, windows=windows
    ), remark


def spread(
    name: str,
    number: float,
    *,
    error: float,
    moved: Mapping[str, float],
    shape: Shape | None,
    windows: NDArray[np.float64],
) -> Component:
    """A number of counts over windows.

    Parameters
    ----------
    name : str
        Of the mechanism.
    number, error : float, counts
        In all windows together, and the error of its own.
    moved : mapping of str to float, counts
        Uncertainties by source, with sign.
    shape : Shape or None
        Distribution of the mass; without one all of it lies in every window.
    windows : float64[m, 2], MeV
        Lowest and highest mass.

    Returns
    -------
    Component
        With the error of the share in the statistical one.
    """
    share, unknown = (np.ones(len(windows)), np.zeros(len(windows))) if shape is None else shape.shares(windows)
    statistical = np.hypot(error * share, number * unknown)
    return Component(name, number * share, statistical, {source: width * share for source, width in moved.items()})


def grown(one: Component, *, name: str, factor: float) -> Component:
    """The same mechanism under another name, times a pure number."""
    systematic = {source: factor * width for source, width in one.systematic.items()}
    return Component(name, factor * one.expected, factor * one.statistical, systematic)


def added(parts: Iterable[Mapping[str, NDArray[np.float64]]]) -> dict[str, NDArray[np.float64]]:
    """Uncertainties by source of several parts, float64[m], counts: what has one name moves together, with its sign."""
    total: dict[str, NDArray[np.float64]] = {}
    for systematic in parts:
        for source, width in systematic.items():
            total[source] = total[source] + width if source in total else width
    return total


def quadrature(statistical: NDArray[np.float64], systematic: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Uncertainty of statistical and systematic errors (by source) together; each and the sum float64[m], counts."""
    return np.asarray(np.sqrt(statistical**2 + sum(width**2 for width in systematic.values())))
