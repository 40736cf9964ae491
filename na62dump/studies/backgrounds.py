"""All backgrounds of one search, from merged results: each mechanism that config/background.toml describes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump import configuration as conf
from na62dump.background.backgrounds import Backgrounds
from na62dump.background.checks import CheckSettings, abcd, abcd_checks, inversions, time_side_bands
from na62dump.background.combinatorial import NAME as COMBINATORIAL
from na62dump.background.combinatorial import CombinatorialSettings, combinatorial
from na62dump.background.extrapolation import Extrapolation
from na62dump.background.halo import muons
from na62dump.background.mixing import pool
from na62dump.background.neutrino import neutrino
from na62dump.background.observed import numbers, visible
from na62dump.background.prompt import PromptSettings, prompt
from na62dump.background.suppression import VetoSettings, share_left, suppressions, veto_times, vetoed
from na62dump.background.tables import table
from na62dump.background.upstream import upstream
from na62dump.configuration import Many, Settings, number
from na62dump.datasets import TriggerLines
from na62dump.errors import EstimateError, UnknownNameError, nearest
from na62dump.regions import UNDEFINED
from na62dump.skims import SAMPLE
from na62dump.studies.stages import silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from na62dump.analysis import Analysis
    from na62dump.background.checks import Check
    from na62dump.background.estimate import Estimate
    from na62dump.background.suppression import Suppression
    from na62dump.results import Result
    from na62dump.studies.background_inputs import Inputs
    from na62dump.studies.stages import Stage

UPSTREAM = {"upstream": upstream, "neutrino": neutrino}
"""Mechanisms that are extrapolated from side regions, in the order in which each is taken off before the next."""


class ValidationSettings(Settings):
    """The table ``validation``: regions that are looked at together, by the name of the set."""

    joint: Mapping[str, Many[str]]


@dataclass
class _Made:
    """What has been found so far."""

    estimates: list[Estimate] = field(default_factory=list)
    inverted: dict[frozenset[str], list[Estimate]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    undescribed: list[str] = field(default_factory=list)


def backgrounds(analysis: Analysis, inputs: Inputs, *, stage: Stage = silent) -> Backgrounds:
    """Estimate every mechanism that is described, and compare with what data show.

    Parameters
    ----------
    analysis : Analysis
        The search.
    inputs : Inputs
        Merged results.
    stage : Stage
        Tells how far it is.

    Returns
    -------
    Backgrounds
        A mechanism that lacks its input is left out, and named in the remarks.

    Raises
    ------
    ConfigurationError, UnknownNameError, MergeError, BlindingError
        If something described is wrong, or results do not belong to the search as it is.
    EstimateError
        If every mechanism lacks its input.
    """
    data, made = inputs.data, _Made()
    lines = conf.load(conf.find("experiment/trigger", near=analysis.path.parent), TriggerLines)
    checks = table(analysis, "checks", model=CheckSettings)
    _combinatorial(analysis, data, lines, made, stage, checks.inversions if checks else {})
    vetoes = table(analysis, "vetoes", model=VetoSettings)
    half_window = float(number(analysis.cuts, vetoes.window)) if vetoes else 0.0
    measured = suppressions(data, vetoes, half_window=half_window) if vetoes else ()
    _prompt(analysis, inputs, lines, made, stage, measured)
    for name in UPSTREAM:
        _extrapolated(analysis, inputs, name, made)
    if not made.estimates:
        msg = f"no background of {analysis.name} could be estimated: {'; '.join(made.remarks)}"
        raise EstimateError(msg)
    sets = table(analysis, "validation", model=ValidationSettings)
    _check_sets(analysis, sets.joint if sets else {})
    return Backgrounds(
        state=data.state,
        estimates=tuple(made.estimates),
        inverted=tuple(estimate for each in made.inverted.values() for estimate in each),
        observed={name: n for name, n in numbers(data).items() if name != UNDEFINED},
        joint=dict(sets.joint) if sets else {},
        checks=_checks(analysis, data, checks, made) if checks else (),
        vetoes=_told(vetoes, measured, half_window) if vetoes else {},
        times=veto_times(data, vetoes)._asdict() if vetoes else {},
        points=_points(data),
        remarks=tuple(made.remarks),
        undescribed=tuple(made.undescribed),
        protons=sum(exposure.pot for name, exposure in data.exposure.items() if name in data.state.data),
    )


def _combinatorial(
    analysis: Analysis,
    data: Result,
    lines: TriggerLines,
    made: _Made,
    stage: Stage,
    inversions_of: Mapping[str, tuple[str, ...]],
) -> None:
    settings = table(analysis, "combinatorial", model=CombinatorialSettings)
    if settings is None:
        made.undescribed.append("combinatorial")
        return
    try:
        tracks = pool(data.singles)
        with stage("mixing single tracks", len(tracks.bursts)) as done:
            found = combinatorial(
                analysis, tracks, settings=settings, lines=lines, inverted=inversions_of, on_progress=done
            )
    except EstimateError as error:
        made.remarks.append(f"combinatorial: {error}")
        return
    made.estimates.append(found.estimate)
    for name, estimate in found.inverted.items():
        made.inverted.setdefault(frozenset(inversions_of[name]), []).append(estimate)


def _prompt(
    analysis: Analysis,
    inputs: Inputs,
    lines: TriggerLines,
    made: _Made,
    stage: Stage,
    measured: Sequence[Suppression],
) -> None:
    settings = table(analysis, "prompt", model=PromptSettings)
    if settings is None:
        made.undescribed.append("prompt")
        return
    if settings.muons not in inputs.halo:
        made.remarks.append(
            f"prompt: its muons are single tracks of {settings.muons}, and no result given has any; give a merged result of "
            f"{settings.muons} that keeps them"
        )
        return
    of, result = inputs.halo[settings.muons]
    written = lines["H2"].efficiency / lines["H2"].downscaling
    with stage("prompt pairs of muons", 1) as done:
        halo = muons(of, pool(result.singles), lines=lines)
        found = prompt(analysis, halo, settings=settings, suppression=share_left(measured), written=written)
        done(1)
    made.estimates.append(found)
    for each in measured:
        if len(each.vetoes) == 1 and each.factor is not None:
            made.inverted.setdefault(frozenset(each.vetoes), []).append(vetoed(found, each))


def _extrapolated(analysis: Analysis, inputs: Inputs, name: str, made: _Made) -> None:
    settings = table(analysis, name, model=Extrapolation)
    if settings is None:
        made.undescribed.append(name)
        return
    simulated = next((each for each in (inputs.data, *inputs.simulated) if settings.sample in each.cutflow), None)
    if simulated is None:
        made.remarks.append(
            f"{name}: no result has its sample; simulate, run and merge '{settings.sample}', and give it too"
        )
        return
    others = made.inverted.get(frozenset(settings.inverted), []) if settings.inverted else made.estimates
    estimate = UPSTREAM[name]
    if not others or (others is made.estimates and others[0].mechanism != COMBINATORIAL):
        made.remarks.append(
            f"{name}: accidental pairs are not known, so that the data of its side do not tell its size"
        )
        return
    if settings.inverted and not any(each.mechanism == "prompt" for each in others):
        made.remarks.append(
            f"{name}: prompt pairs that fail {', '.join(settings.inverted)} are not taken off, since their share is not measured"
        )
    try:
        made.estimates.append(estimate(inputs.data, settings, simulated=simulated, others=list(others)))
        for failing, known in made.inverted.items():
            if failing != frozenset(settings.inverted):
                here = estimate(inputs.data, settings, simulated=simulated, others=list(others), failing=failing)
                known.append(here)
    except EstimateError as error:
        made.remarks.append(str(error))


def _check_sets(analysis: Analysis, joint: Mapping[str, tuple[str, ...]]) -> None:
    for name, regions in joint.items():
        for region in regions:
            if region not in analysis.plane.names:
                known = nearest(region, analysis.plane.names)
                msg = (
                    f"config/background.toml: the set '{name}' of [validation.joint] has no region '{region}'; {known}"
                )
                raise UnknownNameError(msg)


def _checks(analysis: Analysis, data: Result, settings: CheckSettings, made: _Made) -> tuple[Check, ...]:
    accidental = [estimate for estimate in made.estimates if estimate.mechanism == COMBINATORIAL]
    return (
        *time_side_bands(data, settings, cuts=analysis.cuts, estimates=accidental),
        *inversions(data, settings, cuts=analysis.cuts, estimates=made.inverted),
        *abcd_checks(abcd(data, settings, cuts=analysis.cuts)),
    )


def _told(settings: VetoSettings, measured: Sequence[Suppression], half_window: float) -> dict[str, Any]:
    """What the fits of the time difference say, as plain tables; widths are full ones, in ns."""
    last = measured[-1]
    return {
        "window": 2 * settings.end,
        "resolution": settings.resolution,
        "central": 2 * half_window,
        "fits": {"before": last.before._asdict(), "after": last.after._asdict()},
        "suppression": {" and ".join(each.vetoes): _share(each) for each in measured},
    }


def _share(of: Suppression) -> dict[str, Any]:
    if of.factor is None:
        return {"reason": of.reason}
    return {"value": of.factor, "uncertainty": of.uncertainty, "limit": of.limit}


def _points(data: Result) -> NDArray[np.float64]:
    """Where selected rows of data lie, float64[2, row], in the base units of the regions' columns."""
    rows = data.skim.columns
    chosen = np.isin(rows[SAMPLE], data.state.data)
    chosen &= np.isin(
        data.state.plane.classify(*_places(data)), [data.state.regions.index(n) for n in visible(data.state)]
    )
    return np.stack(_places(data))[:, chosen]


def _places(data: Result) -> list[NDArray[np.float64]]:
    return [data.skim.columns[name].astype(np.float64) for name in data.state.plane.columns]
