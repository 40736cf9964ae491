"""Accepted decays of a model: simulated for each way it is made, each mass and final state, and selected by the real search."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na62dump import configuration as conf
from na62dump import simulation
from na62dump.datasets import Sample
from na62dump.errors import ConfigurationError, UnknownNameError, nearest
from na62dump.signal import library
from na62dump.signal.acceptance import Acceptance
from na62dump.signal.binning import Binning
from na62dump.studies.samples import Study
from na62dump.studies.stages import silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from na62dump.analysis import Analysis
    from na62dump.signal.model import Channel, Model
    from na62dump.studies.stages import Stage


class Settings(conf.Settings):
    """How accepted fractions are made (config/signal/acceptance.toml); MeV and pure numbers.

    Attributes
    ----------
    models : tuple of str
        Models in the order in which one is looked for that decays into what a search is for.
    events, masses : int
        Simulated decays of a sample, and masses of a final state, unless asked otherwise.
    lightest : float, MeV
        Masses begin here at the earliest.
    margin : float
        Relative distance of the first and last mass from the ends of the allowed range.
    reach : float
        How far beyond the first and last mass the nearest sample stands in, relative.
    bias : float
        Power of the momentum that samples are drawn with beside the flux.
    binning : Binning
        Of the kept sums.
    """

    models: conf.Many[str]
    events: int
    masses: int
    lightest: conf.Energy
    margin: float
    reach: float
    bias: float
    binning: Binning


def acceptance(
    analysis: Analysis,
    model: Model,
    *,
    stage: Stage = silent,
    events: int | None = None,
    masses: Sequence[float] | None = None,
    channels: Sequence[str] | None = None,
    final_states: Sequence[str] | None = None,
) -> Acceptance:
    """Simulate and select decays of a model.

    Parameters
    ----------
    analysis : Analysis
        The search.
    model : Model
        What decays.
    stage : callable
        Opens a progress bar; nothing is shown if left out.
    events : int, optional
        Decays of each sample.
    masses : sequence of float, MeV, optional
        Masses, instead of a grid between the thresholds.
    channels, final_states : sequence of str, optional
        Production channels, all if left out; and final states, that of the search's own sample if left out.

    Returns
    -------
    Acceptance
        Selected decays.

    Raises
    ------
    UnknownNameError
        If the model has no such channel.
    ConfigurationError
        If nothing is left to simulate.
    """
    settings = conf.load(conf.find("signal/acceptance", near=analysis.path.parent), Settings)
    made = [model.channel(name) for name in channels] if channels else model.channels
    wanted = tuple(final_states or (_own_final_state(analysis),))
    points = [
        (channel, final_state, mass)
        for final_state in wanted
        for channel in made
        for mass in _masses(model, channel, final_state, asked=masses, settings=settings)
    ]
    if not points:
        open_ones = ", ".join(sorted({mode.final_state for mode in model.modes if mode.final_state})) or "none"
        msg = (
            f"{model.name}: nothing to simulate for {', '.join(wanted)} at the masses asked for; final states of this model: "
            f"{open_ones}; masses: {model.mass_min:g} to {model.mass_max:g} MeV"
        )
        raise ConfigurationError(msg)
    study = Study(analysis, model, settings.binning, settings.bias, events or settings.events)
    samples = []
    with stage(f"{analysis.name}: {model.name}", len(points)) as done:
        for number, (channel, final_state, mass) in enumerate(points, start=1):
            samples.append(study.sample(channel, final_state, mass=mass))
            done(number)
    return Acceptance(
        *(analysis.name, analysis.digest, model.name, model.origin),
        *(analysis.plane.names, settings.binning, settings.reach, tuple(samples)),
    )


def first_model(analysis: Analysis) -> Model:
    """First model of config/signal/acceptance.toml that decays into what a search is for.

    Parameters
    ----------
    analysis : Analysis
        The search.

    Returns
    -------
    Model
        Ready to predict.

    Raises
    ------
    ConfigurationError
        If none does.
    """
    settings = conf.load(conf.find("signal/acceptance", near=analysis.path.parent), Settings)
    wanted = _own_final_state(analysis)
    for name in settings.models:
        model = library.load(name)
        if any(mode.final_state == wanted for mode in model.modes):
            return model
    msg = f"no model of config/signal/acceptance.toml (models: {', '.join(settings.models)}) decays into '{wanted}'; give --model"
    raise ConfigurationError(msg)


def _own_final_state(analysis: Analysis) -> str:
    """Final state of the first simulated sample that the analysis names."""
    name = analysis.file.samples[0]
    declared = conf.load(conf.find(f"samples/{name}", near=analysis.path.parent), Sample)
    return str(dict(declared.simulate or {})["final_state"])


def _masses(
    model: Model, channel: Channel, final_state: str, *, asked: Sequence[float] | None, settings: Settings
) -> list[float]:
    """Masses (MeV) at which a channel is simulated: of a grid that all channels share, and near its own ends."""
    known = {mode.final_state for mode in model.modes if mode.final_state}
    if final_state not in known:
        msg = f"{model.name} does not decay into '{final_state}'; {nearest(final_state, known)}"
        raise UnknownNameError(msg)
    threshold = simulation.threshold(final_state)
    low, high = max(threshold, model.mass_min), min(model.mass_max, max(each.mass_max for each in model.channels))
    if asked is not None:
        return [mass for mass in asked if channel.makes(mass) and mass > threshold]
    if high <= low or math.isclose(high, low):
        return [high] if high > threshold and channel.makes(high) else []
    first, last = max(low * (1 + settings.margin), settings.lightest), high * (1 - settings.margin)
    slow, fast = (math.sqrt(end**2 - threshold**2) for end in (first, last))
    momenta = np.geomspace(slow, fast, settings.masses)
    grid = [first, *(float(mass) for mass in np.hypot(momenta, threshold)[1:-1]), last]
    ends = [channel.mass_min * (1 + settings.margin), channel.mass_max * (1 - settings.margin)]
    inside = [mass for mass in (*grid, *ends) if first <= mass <= last and ends[0] <= mass <= ends[1]]
    return sorted(set(inside))
