"""How counts become limits, as config/inference.toml says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from na62dump import configuration as conf
from na62dump.configuration import Many
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Prior = Literal["gamma", "gaussian", "lognormal"]
Method = Literal["cls", "feldman-cousins", "bayesian"]
T = TypeVar("T")

LEVELS = 0.5, 0.999999
"""Lowest and highest confidence level: below, a limit excludes what is as probable as not; above, its digits are lost."""

FARTHEST = 5.0
"""Standard deviations of a band, at most."""


def check_level(confidence: float) -> float:
    """Confidence level, if it is one.

    Raises
    ------
    ConfigurationError
        If it is not one of `LEVELS` or between them.
    """
    low, high = LEVELS
    if not low <= confidence <= high:
        msg = f"confidence level {confidence:g}: it has to be a number from {low:g} to {high:.6f}, such as 0.9"
        raise ConfigurationError(msg)
    return confidence


def _distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) < len(values):
        msg = f"{', '.join(map(str, values))}: one is there twice; name each once"
        raise ConfigurationError(msg)
    return values


def _bands(widths: tuple[float, ...]) -> tuple[float, ...]:
    bad = [width for width in widths if not 0 < abs(width) <= FARTHEST]
    if bad or not widths:
        msg = (
            f"{', '.join(f'{width:g}' for width in bad) or 'no number'}: give at least one number of standard deviations, from "
            f"-{FARTHEST:g} to {FARTHEST:g} and not 0, which is the expected limit itself"
        )
        raise ConfigurationError(msg)
    return widths


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

    widths: Annotated[float, Field(ge=0.5, le=10.0)]
    events: Annotated[int, Field(ge=0)]
    entries: Annotated[float, Field(gt=0.0)]


class SignalUncertainty(conf.Settings):
    """Uncertainties of expected signal that limits include, and the largest relative one of all together: more counts as this."""

    uncertainties: Annotated[Many[Literal["protons", "statistical", "theory"]], AfterValidator(_distinct)]
    largest: Annotated[float, Field(gt=0.0, lt=1.0)]


class Bands(conf.Settings):
    """Bands of expected limits: standard deviations of a normal distribution."""

    widths: Annotated[Many[float], AfterValidator(_bands), AfterValidator(_distinct)]


class Export(conf.Settings):
    """Proper decay lengths at which accepted decays are published: first, last (mm), and how many."""

    shortest: conf.Length
    longest: conf.Length
    lengths: Annotated[int, Field(gt=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Export:
        if not 0 < self.shortest < self.longest < math.inf:
            msg = f"shortest = {self.shortest:g} mm, longest = {self.longest:g} mm: give lengths above 0, the shortest first"
            raise ConfigurationError(msg)
        return self

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

    confidence: Annotated[float, AfterValidator(check_level)]
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
