"""Accepted decays of a model: simulated for each way it is made, each mass and final state, and selected by the real search."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump import provenance, simulation
from na62dump.errors import ConfigurationError, UnknownNameError, nearest
from na62dump.signal import library
from na62dump.signal.acceptance import Acceptance
from na62dump.signal.binning import Binning
from na62dump.studies.samples import CHANGED, Study, signal_sample
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
    number: int | None = None,
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
    number : int, optional
        Masses of this grid.
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
    options = settings(analysis)
    options = options.model_copy(update={"masses": number or options.masses})
    template = signal_sample(analysis)
    wanted = sorted(set(final_states or (template.final_state,)))
    points = [
        (channel, final_state, mass)
        for final_state in wanted
        for channel in _channels(model, channels)
        for mass in _masses(model, channel, final_state, asked=masses, options=options)
    ]
    _check(model, wanted, points, asked=masses)
    study = Study(analysis, model, template.name, options.binning, options.bias, events or options.events)
    samples = []
    with stage(f"{analysis.name}: {model.name}", len(points)) as done:
        for step, (channel, final_state, mass) in enumerate(points, start=1):
            samples.append(study.sample(channel, final_state, mass=mass))
            done(step)
    return Acceptance(
        *(analysis.name, analysis.digest, made_from(analysis), model.name, model.origin),
        *(analysis.plane.names, options.binning, options.reach, tuple(samples)),
    )


def settings(analysis: Analysis) -> Settings:
    """How accepted fractions are made: config/signal/acceptance.toml, looked for beside the search first; MeV."""
    return conf.load(conf.find("signal/acceptance", near=analysis.path.parent), Settings)


def made_from(analysis: Analysis) -> str:
    """Digest of what decides an acceptance beside the search and the model.

    Parameters
    ----------
    analysis : Analysis
        The search.

    Returns
    -------
    str
        Of the recipe that its signal is simulated by, of the response of the detectors, and of the bias of the draws.
    """
    response = conf.read_toml(conf.find("experiment/response", near=analysis.path.parent))
    recipe = {key: value for key, value in signal_sample(analysis).recipe.items() if key not in CHANGED}
    return provenance.digest({"recipe": recipe, "response": response, "bias": settings(analysis).bias})


def check_current(acceptance: Acceptance) -> None:
    """Refuse an acceptance whose search has changed since.

    Parameters
    ----------
    acceptance : Acceptance
        Selected decays.

    Raises
    ------
    ConfigurationError
        If the search, the recipe of its signal or the response of the detectors is another one now.
    UnknownNameError
        If there is no such search here.
    """
    search = searches.load(acceptance.analysis)
    if acceptance.digest != search.digest or acceptance.made_from != made_from(search):
        what = "another analysis" if acceptance.digest != search.digest else "another recipe, response or bias"
        msg = (
            f"the acceptance of '{acceptance.analysis}' was made with {what} than config/ and selections/ hold now; "
            f"make it again with 'na62dump acceptance {acceptance.analysis}'"
        )
        raise ConfigurationError(msg)


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
    names, wanted = settings(analysis).models, signal_sample(analysis).final_state
    for name in names:
        model = library.load(name)
        if any(mode.final_state == wanted for mode in model.modes):
            return model
    msg = f"no model of config/signal/acceptance.toml (models: {', '.join(names)}) decays into '{wanted}'; give --model"
    raise ConfigurationError(msg)


def _channels(model: Model, names: Sequence[str] | None) -> list[Channel]:
    """Channels by their names, each once, in the order of the model; all without names."""
    asked = [model.channel(name) for name in names or ()]
    return [channel for channel in model.channels if not asked or channel in asked]


def _check(
    model: Model,
    wanted: Sequence[str],
    points: Sequence[tuple[Channel, str, float]],
    *,
    asked: Sequence[float] | None,
) -> None:
    """Refuse masses (MeV) at which nothing can be simulated."""
    simulated = {mass for _, _, mass in points}
    missing = [mass for mass in asked or () if mass not in simulated]
    if points and not missing:
        return
    thresholds = ", ".join(f"{name} from {simulation.threshold(name):g} MeV" for name in wanted)
    where = f"at {', '.join(f'{mass:g}' for mass in missing)} MeV" if missing else "at any mass"
    msg = (
        f"{model.name}: nothing to simulate for {', '.join(wanted)} {where}: {thresholds}; this model is known "
        f"from {model.mass_min:g} to {model.mass_max:g} MeV, and the channels asked for may end before"
    )
    raise ConfigurationError(msg)


def _masses(
    model: Model, channel: Channel, final_state: str, *, asked: Sequence[float] | None, options: Settings
) -> list[float]:
    """Masses (MeV) at which a channel is simulated: of a grid that all channels share, and near its own ends."""
    known = {mode.final_state for mode in model.modes if mode.final_state}
    if final_state not in known:
        msg = f"{model.name} does not decay into '{final_state}'; {nearest(final_state, known)}"
        raise UnknownNameError(msg)
    threshold = simulation.threshold(final_state)
    low, high = max(threshold, model.mass_min), min(model.mass_max, max(each.mass_max for each in model.channels))
    if asked is not None:
        return sorted({float(mass) for mass in asked if channel.makes(mass) and mass > threshold})
    first, last = max(low * (1 + options.margin), options.lightest), high * (1 - options.margin)
    ends = [channel.mass_min * (1 + options.margin), channel.mass_max * (1 - options.margin)]
    if first >= last or ends[0] >= ends[1]:
        middle = (max(low, channel.mass_min) + min(high, channel.mass_max)) / 2
        return [middle] if middle > threshold and channel.makes(middle) else []
    slow, fast = (math.sqrt(end**2 - threshold**2) for end in (first, last))
    momenta = np.geomspace(slow, fast, options.masses)
    grid = [first, *(float(mass) for mass in np.hypot(momenta, threshold)[1:-1]), last]
    return sorted({mass for mass in (*grid, *ends) if first <= mass <= last and ends[0] <= mass <= ends[1]})
