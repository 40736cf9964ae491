"""Limits on a model from files: yields, backgrounds, and merged results where they may be seen."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from na62dump.errors import ConfigurationError
from na62dump.inference.counts.projection import check_size, scaled
from na62dump.inference.counts.refinement import refined
from na62dump.inference.counts.windows import counting, seen_masses
from na62dump.inference.exclusion import scan
from na62dump.reach import SIGNAL_REGIONS
from na62dump.signal.merging import merged
from na62dump.studies.stages import silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from na62dump.background.backgrounds import Backgrounds
    from na62dump.inference.exclusion.limits import Limits
    from na62dump.inference.settings import Inference
    from na62dump.results import Result
    from na62dump.signal.yields import Expected
    from na62dump.studies.stages import Stage

T = TypeVar("T")

ROUNDING = 1e-6
"""Numbers of protons that differ by less, relative, are the same."""


def limits(
    yields: Sequence[Expected],
    backgrounds: Sequence[Backgrounds],
    *,
    results: Sequence[Result] = (),
    settings: Inference,
    regions: Sequence[str] = SIGNAL_REGIONS,
    protons: float | None = None,
    intensity: float | None = None,
    stage: Stage = silent,
) -> Limits:
    """Limits of each search, and of all together.

    Parameters
    ----------
    yields : sequence of Expected
        What ``na62dump yields`` wrote, for one model.
    backgrounds : sequence of Backgrounds
        Of each search in the yields.
    results : sequence of Result
        Merged results with data; without that of a search only expected limits are made of it.
    settings : Inference
        Method, level, what is included.
    regions : sequence of str
        Where events are counted.
    protons : float, optional
        On target, instead of those of the data: signal and background are scaled by their laws, and nothing is observed.
    intensity : float, optional
        Of the projection, over that of the data.
    stage : Stage
        Tells how far it is.

    Returns
    -------
    Limits
        The combination last, if there are several searches.

    Raises
    ------
    ConfigurationError
        If files do not belong together, or a search has not what it needs.
    """
    signal = merged(yields)
    grounds = _by_search(((each.state.analysis, each) for each in backgrounds), what="background")
    seen = _by_search(((each.state.analysis, each) for each in results), what="merged result")
    names = signal.names("analysis")
    _match(names, grounds, seen)
    projection = protons is not None or intensity is not None
    of_data = {name: grounds[name].protons or signal.protons for name in names}
    data = {} if projection else {name: seen_masses(seen[name], regions) for name in names if name in seen}
    target = refined(scaled(signal, protons=of_data if protons is None else protons), data, window=settings.window)
    countings = []
    with stage("limits", len(names) + 1) as done:
        for step, name in enumerate(names, start=1):
            one = counting(
                target,
                name,
                result=None if projection else seen.get(name),
                backgrounds=grounds[name],
                settings=settings,
                regions=tuple(regions),
                scale=1.0 if protons is None else protons / of_data[name],
                intensity=1.0 if intensity is None else intensity,
            )
            countings.append(replace(one, remarks=(*one.remarks, *_of_protons(signal, grounds[name]))))
            done(step)
        check_size(countings, protons=protons, intensity=intensity)
        projected = max(of_data.values()) if projection else None
        found = scan.limits(target, countings, settings=settings, projected=projected, data=_kinds(backgrounds))
        done(len(names) + 1)
    return found


def _of_protons(signal: Expected, background: Backgrounds) -> list[str]:
    """Says which protons the signal goes with, where that is not what the yields say."""
    name, protons = background.state.analysis, background.protons
    if not protons:
        return [f"{name}: its data book no protons (column pot); taken to be the {signal.protons:.3g} of the yields"]
    if math.isclose(protons, signal.protons, rel_tol=ROUNDING):
        return []
    return [
        f"{name}: signal and background are those of the {protons:.3g} protons of its data; yields were made for {signal.protons:.3g}"
    ]


def _kinds(backgrounds: Iterable[Backgrounds]) -> str:
    samples = [each.state.samples[name] for each in backgrounds for name in each.state.data]
    words = ("pseudo-data (simulated)" if sample.simulated else "Data" for sample in samples)
    return ", ".join(dict.fromkeys(words))


def _by_search(given: Iterable[tuple[str, T]], *, what: str) -> dict[str, T]:
    found: dict[str, T] = {}
    for name, each in given:
        if name in found:
            msg = f"more than one {what} of {name} is given; give one"
            raise ConfigurationError(msg)
        found[name] = each
    return found


def _match(names: Sequence[str], grounds: Mapping[str, object], seen: Mapping[str, object]) -> None:
    """Refuse a search that lacks its background, and files of searches that have no yields."""
    for name in names:
        if name not in grounds:
            msg = f"no background of {name} is given, of which there are yields; make it with 'na62dump background', and give it too"
            raise ConfigurationError(msg)
    for what, given in (("background", grounds), ("merged result", seen)):
        for name in given:
            if name not in names:
                msg = f"a {what} of {name} is given, and no yields of it; make them with 'na62dump yields', or leave it out"
                raise ConfigurationError(msg)
