"""How counts become limits, as config/inference.toml says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field

from na62dump import configuration as conf
from na62dump.configuration import Many

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Prior = Literal["gamma", "gaussian", "lognormal"]
Method = Literal["cls", "feldman-cousins", "bayesian"]


class Priors(conf.Settings):
    """Densities that probabilities are averaged over; all have mean 1 but for the cut of the Gaussian at 0."""

    background: Prior
    signal: Prior


class Window(conf.Settings):
    """Masses that belong to a hypothesis.

    Attributes
    ----------
    widths : float
        They lie within so many standard deviations of the measured mass, to each side.
    events : int
        Observed events around whose masses the grid gets more hypotheses.
    entries : float
        Effective entries that the mass distribution of a background needs in the regions that count; with fewer it is that
        of all regions.
    """

    widths: Annotated[float, Field(gt=0.0)]
    events: Annotated[int, Field(ge=0)]
    entries: Annotated[float, Field(gt=0.0)]


class SignalUncertainty(conf.Settings):
    """Uncertainties of expected signal that limits include, and the largest relative one of all together: more counts as this."""

    uncertainties: Many[Literal["protons", "statistical", "theory"]]
    largest: Annotated[float, Field(gt=0.0, lt=1.0)]


class Bands(conf.Settings):
    """Bands of expected limits: standard deviations of a normal distribution."""

    widths: Many[float]


class Export(conf.Settings):
    """Proper decay lengths at which accepted decays are published: first, last (mm), and how many."""

    shortest: conf.Length
    longest: conf.Length
    lengths: Annotated[int, Field(gt=1)]

    def decay_lengths(self) -> NDArray[np.float64]:
        """Evenly spaced in the logarithm: float64[c], mm."""
        return np.geomspace(self.shortest, self.longest, self.lengths)


class Inference(conf.Settings):
    """How limits are made.

    Attributes
    ----------
    confidence : float
        Level of limits, a pure number.
    method : str
        A name of `Method`.
    priors : Priors
        What an uncertainty means.
    window : Window
        Masses that belong to a hypothesis.
    signal : SignalUncertainty
        What limits include.
    bands : Bands
        Of expected limits.
    export : Export
        What is published.
    projection : mapping of str to float
        Of each mechanism of background, the power of the intensity that it goes with, at equal time; a pure number.
    """

    confidence: Annotated[float, Field(gt=0.5, lt=1.0)]
    method: Method
    priors: Priors
    window: Window
    signal: SignalUncertainty
    bands: Bands
    export: Export
    projection: Mapping[str, float]


def settings(*, near: Path | None = None) -> Inference:
    """What config/inference.toml says.

    Parameters
    ----------
    near : Path, optional
        Folder that is looked into first.

    Returns
    -------
    Inference
        Checked.

    Raises
    ------
    UnknownNameError, ConfigurationError
        If there is no such file, or something in it is wrong.
    """
    return conf.load(conf.find("inference", near=near), Inference)
