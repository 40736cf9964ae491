"""Expected numbers of a model: protons x production x branching ratio x accepted fraction."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import ConfigurationError, InputFileError
from na62dump.signal.acceptance import Acceptance, per_particle
from na62dump.signal.binning import MOMENTS
from na62dump.signal.interpolation import mixed
from na62dump.signal.joining import joined
from na62dump.signal.residuals import WIDTHS
from na62dump.signal.standard import HBARC
from na62dump.signal.yields import Expected, Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from na62dump.signal.model import Channel, Model


def expect(
    model: Model,
    acceptances: Sequence[Acceptance],
    *,
    masses: NDArray[np.float64],
    couplings: NDArray[np.float64],
    protons: float,
    protons_uncertainty: float,
) -> Expected:
    """Expected numbers of a model.

    N = N_POT chi BR <P_RD A_acc A_trig> [NA62, arXiv:2312.17188], where the mean over momenta is that of the simulated decays.

    Parameters
    ----------
    model : Model
        What is searched for.
    acceptances : sequence of Acceptance
        Selected decays of this model, one for each search.
    masses : float64[m], MeV
        Grid.
    couplings : float64[c]
        Grid, in the unit of the coupling.
    protons, protons_uncertainty : float
        Protons on target, and their relative uncertainty; pure numbers.

    Returns
    -------
    Expected
        By production channel, final state and region of each search.

    Raises
    ------
    InputFileError
        If an acceptance is of another model, of other values of it, or given twice.
    ConfigurationError
        If there are no protons.
    """
    if not 0 < protons < math.inf:
        msg = f"{protons:g} protons on target: give a finite number above 0"
        raise ConfigurationError(msg)
    searches = joined(acceptances)
    for acceptance in searches.values():
        _check_model(acceptance, model)
    parts = [Part(name, *key, region) for name, one in searches.items() for key in one.series for region in one.regions]
    found = [_at_mass(model, searches, mass=mass, couplings=couplings) for mass in masses.tolist()]
    per_proton, variance, residuals = (np.stack(each, axis=1) for each in zip(*(one[:3] for one in found), strict=True))
    missing: dict[str, list[int]] = {}
    for column, (*_, uncovered) in enumerate(found):
        for what in uncovered:
            missing.setdefault(what, []).append(column)
    return Expected(
        model=model.name,
        label=model.label,
        coupling=_told(model),
        digests={"model": model.origin} | {f"analysis {name}": one.digest for name, one in searches.items()},
        protons=protons,
        protons_uncertainty=protons_uncertainty,
        masses=masses,
        couplings=couplings,
        parts=tuple(parts),
        events=protons * per_proton,
        statistical=protons * np.sqrt(variance),
        residuals=residuals,
        uncertainties={channel.name: _uncertain(channel, masses) for channel in model.channels},
        uncovered=tuple(f"{what}: {_ranges(masses, columns)}" for what, columns in missing.items()),
    )


def _told(model: Model) -> dict[str, str]:
    """What tables and figures say of the coupling, and of a product of branching ratios that is free."""
    coupling, product = model.coupling, model.product
    told = {"name": coupling.name, "label": coupling.label, "unit": coupling.unit}
    if product is not None:
        told |= {"product": product.name, "product_label": product.label, "product_value": repr(product.value)}
    return told


def _uncertain(channel: Channel, masses: NDArray[np.float64]) -> dict[str, list[float]]:
    """Relative uncertainties (pure numbers) of a channel at each mass, float64[m], MeV, by source; 0 where it makes nothing."""
    at = [channel.uncertain(mass) if channel.makes(mass) else {} for mass in masses.tolist()]
    return {source: [found.get(source, 0.0) for found in at] for source in channel.uncertainties}


def _ranges(masses: NDArray[np.float64], columns: list[int]) -> str:
    """Neighbouring masses of a grid (float64[m], MeV) in words."""
    breaks = np.flatnonzero(np.diff(columns) > 1) + 1
    runs = [(masses[run[0]], masses[run[-1]]) for run in np.split(np.array(columns), breaks)]
    words = (f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}" for low, high in runs)
    return ", ".join(words) + " MeV"


def _at_mass(
    model: Model,
    searches: Mapping[str, Acceptance],
    *,
    mass: float,
    couplings: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Numbers per proton, squares of their errors, float64[part, c] (pure numbers), residuals, and what no sample covers.

    Residuals of each search: float64[analysis, z], MeV.
    """
    width = model.width(mass)
    if not width > 0:
        nothing = np.zeros((sum(map(_size, searches.values())), len(couplings)))
        return nothing, nothing, np.full((len(searches), len(WIDTHS)), np.nan), []
    scale = HBARC / (width * couplings**model.coupling.width_power) / mass
    made = couplings**model.coupling.production_power
    numbers = {channel.name: channel.number(mass) if channel.makes(mass) else 0.0 for channel in model.channels}
    branching = model.final_states(mass)
    expected, squares, residuals, uncovered = [], [], [], []
    for acceptance in searches.values():
        sums, factors, parts = _accepted(acceptance, numbers, branching, mass=mass)
        (low, spread), (high, wide) = (acceptance.binning.shares(each, scale) for each in sums)
        share, variance = mixed((low, high), (spread, wide), part=parts[:, None, None])
        weight = np.repeat(factors, len(acceptance.regions))[:, None] * made
        expected.append(weight * share.reshape(-1, len(couplings)))
        squares.append(weight**2 * variance.reshape(-1, len(couplings)))
        residuals.append(_residuals(acceptance, factors, mass=mass))
        uncovered += _uncovered(acceptance, numbers, branching, mass=mass)
    return np.concatenate(expected), np.concatenate(squares), np.array(residuals), uncovered


def _accepted(
    acceptance: Acceptance, numbers: Mapping[str, float], branching: Mapping[str, float], *, mass: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Sums of the samples below and above, float64[2, series, region, 4, bin] (mm/MeV), and of each series, float64[series].

    The latter, pure numbers: particles per proton that it makes, and where the mass lies between the samples.
    """
    sums = np.zeros((2, len(acceptance.series), len(acceptance.regions), MOMENTS + 1, acceptance.binning.bins))
    factors, parts = np.zeros((2, len(acceptance.series)))
    for index, (channel, final_state) in enumerate(acceptance.series):
        factor = numbers[channel] * branching.get(final_state, 0.0)
        found = acceptance.around(channel, final_state, mass=mass) if factor > 0 else None
        if found is not None:
            below, above, parts[index] = found
            sums[:, index] = per_particle(below), per_particle(above)
            factors[index] = factor
    return sums, factors, parts


def _residuals(acceptance: Acceptance, factors: NDArray[np.float64], *, mass: float) -> NDArray[np.float64]:
    """Mean quantiles of the series that make something (float64[series], pure numbers): float64[z], MeV; NaN without any.

    A plain mean: which channel makes how much depends on the coupling, and their residuals differ little.
    """
    found = []
    for (channel, final_state), factor in zip(acceptance.series, factors, strict=True):
        around = acceptance.around(channel, final_state, mass=mass) if factor > 0 else None
        if around is not None:
            *ends, part = around
            measured = [(1 - part, ends[0].residuals), (part, ends[1].residuals)]
            found += [mean for mean in (_mean(measured),) if mean is not None]
    return np.mean(found, axis=0) if found else np.full(len(WIDTHS), np.nan)


def _mean(measured: Sequence[tuple[float, Sequence[float] | None]]) -> NDArray[np.float64] | None:
    """Weighted mean (pure numbers) of those quantiles, float64[z], MeV, that there are: float64[z], MeV."""
    there = [(weight, values) for weight, values in measured if values is not None]
    total = sum(weight for weight, _ in there)
    return (
        np.array([np.multiply(weight / total, values) for weight, values in there]).sum(axis=0) if total > 0 else None
    )


def _uncovered(
    acceptance: Acceptance, numbers: Mapping[str, float], branching: Mapping[str, float], *, mass: float
) -> list[str]:
    """Channels that make the particle, and of which no sample of a final state that the search covers reaches the mass."""
    final_states = {final_state for _, final_state in acceptance.series}
    return [
        f"{channel} -> {final_state} ({acceptance.analysis})"
        for channel, number in numbers.items()
        for final_state in sorted(final_states)
        if number > 0 and branching.get(final_state, 0.0) > 0 and not acceptance.covers(channel, final_state, mass=mass)
    ]


def _size(acceptance: Acceptance) -> int:
    return len(acceptance.series) * len(acceptance.regions)


def _check_model(acceptance: Acceptance, model: Model) -> None:
    """Refuse decays of another model, or of other numbers of the same model."""
    if acceptance.model != model.name:
        msg = f"the acceptance of '{acceptance.analysis}' is of the model '{acceptance.model}', not of '{model.name}'; make one"
        raise InputFileError(msg)
    if acceptance.origin != model.origin:
        msg = (
            f"the acceptance of '{acceptance.analysis}' was made when config/signal/ held other values for '{model.name}'; "
            "make it again with 'na62dump acceptance'"
        )
        raise InputFileError(msg)
    final_states = sorted({final_state for _, final_state in acceptance.series})
    if model.product is not None and len(final_states) > 1:
        msg = (
            f"the acceptance of '{acceptance.analysis}' has decays into {', '.join(final_states)}, which are alternatives in "
            f"'{model.name}': numbers of two would be added up; make it of one with 'na62dump acceptance --final-state'"
        )
        raise InputFileError(msg)
    strangers = {channel for channel, _ in acceptance.series} - {channel.name for channel in model.channels}
    if strangers:
        msg = f"the acceptance of '{acceptance.analysis}' has channels that '{model.name}' has not: {sorted(strangers)}"
        raise InputFileError(msg)
