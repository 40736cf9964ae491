"""Limits over mass and coupling: what `na62dump limit` writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from na62dump.inference.counting import Counting


@dataclass(frozen=True, eq=False)
class Scan:
    """Limits of one search, or of several together, at each point of a grid of mass and coupling.

    Attributes
    ----------
    counting : Counting
        What is counted.
    events : float64[m, c]
        Expected signal inside of the windows, pure numbers.
    relative : float64[m, c]
        Its relative uncertainty, as included in the limits; pure numbers.
    expected : float64[m, c], counts
        Upper limit on the signal for the median count of the background alone.
    bands : float64[width, m, c], counts
        The same at each number of standard deviations: limits of pseudo-experiments whose count and whose signal fluctuate.
    observed : float64[m, c], counts, or None
        Upper limit on the signal for the observed count; None while a region that counts is hidden.
    """

    counting: Counting
    events: NDArray[np.float64]
    relative: NDArray[np.float64]
    expected: NDArray[np.float64]
    bands: NDArray[np.float64]
    observed: NDArray[np.float64] | None


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits on one model.

    Attributes
    ----------
    model, label : str
        The model.
    coupling : mapping of str to str
        Its parameter: ``name``, ``label`` in mathtext, ``unit``.
    digests : mapping of str to str
        Of the model's files, of each search, and of the settings.
    protons, protons_uncertainty : float
        Protons on target, and their relative uncertainty.
    projected : float or None
        Protons of the data, where protons stands for another number that backgrounds and signal were scaled to.
    confidence : float
        Level, a pure number.
    method : str
        How limits were made.
    included : tuple of str
        Uncertainties of the signal that the limits include.
    widths : tuple of float
        Standard deviations of the bands.
    masses : float64[m], MeV
        Grid.
    couplings : float64[c]
        Grid, in the unit of the coupling.
    scans : tuple of Scan
        Of each search; of all together, if there are several, last.
    """

    model: str
    label: str
    coupling: Mapping[str, str]
    digests: Mapping[str, str]
    protons: float
    protons_uncertainty: float
    projected: float | None
    confidence: float
    method: str
    included: tuple[str, ...]
    widths: tuple[float, ...]
    masses: NDArray[np.float64]
    couplings: NDArray[np.float64]
    scans: tuple[Scan, ...]
