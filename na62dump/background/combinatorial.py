"""Combinatorial background: two tracks that meet by accident, made of single tracks of a control sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
from pydantic import Field

from na62dump.background.estimate import Estimate
from na62dump.background.limits import upper_limit
from na62dump.background.mixing import Window, met
from na62dump.background.pair_sums import pair_sums
from na62dump.background.prefilter import Lines, close_pairs
from na62dump.background.rates import RateSettings, rate, thinned
from na62dump.configuration import Settings, number
from na62dump.errors import ConfigurationError, nearest
from na62dump.histograms import SELECTED, Book, fill
from na62dump.planning import asked_of_one
from na62dump.regions import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from na62dump.analysis import Analysis
    from na62dump.background.mixing import Pool
    from na62dump.background.rates import Rate
    from na62dump.cutflow import Selection
    from na62dump.datasets import TriggerLines

    Indices = NDArray[np.int64]

NAME = "combinatorial"
CHUNK = 100_000
"""Pairs that are reconstructed at a time."""


class CombinatorialSettings(Settings):
    """The table ``combinatorial`` of a search in config/background.toml.

    Attributes
    ----------
    vertex : str
        Key of the search's cuts that has ``cda_max``, ``z_min`` and ``z_max``: pairs beyond are not built.
    half_window : str
        Key of the cut on the time difference of the two tracks.
    rate : RateSettings
        Window and profile.
    most : int
        Pairs that are looked at, at most: with more, a share of the tracks is used.
    seed : int
        Of the time differences, and of that share.
    same_charge : str
        The requirement that pairs of one charge fail.
    """

    vertex: str
    half_window: str
    rate: RateSettings
    most: Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=0)]
    same_charge: str


@dataclass(frozen=True)
class Combinatorial:
    """What pairs of single tracks give.

    Attributes
    ----------
    estimate : Estimate
        Of the rows that meet every requirement.
    inverted : mapping of str to Estimate
        Of rows that fail some, for cross-checks.
    """

    estimate: Estimate
    inverted: Mapping[str, Estimate]


class _Pairs(NamedTuple):
    """Some pairs that may be close: their tracks, and whether these have one charge."""

    first: Indices
    second: Indices
    alike: bool


@dataclass
class _Found:
    """What is found of one pattern of failed requirements."""

    failed: tuple[str, ...]
    alike: bool
    book: Book
    rows: list[tuple[Indices, ...]] = field(default_factory=list)
    weights: list[NDArray[np.float64]] = field(default_factory=list)


def combinatorial(
    analysis: Analysis,
    tracks: Pool,
    *,
    settings: CombinatorialSettings,
    lines: TriggerLines,
    inverted: Mapping[str, tuple[str, ...]] | None = None,
    on_progress: Callable[[int], object] = lambda _: None,
) -> Combinatorial:
    """Expected rows of accidental pairs.

    Parameters
    ----------
    analysis : Analysis
        The search.
    tracks : Pool
        Single tracks that met what it asks of one track alone; mm, ns, MeV/c.
    settings : CombinatorialSettings
        Window, profile, cross-checks.
    lines : TriggerLines
        Downscaling and efficiency of the control sample's line, and of H2.
    inverted : mapping of str to tuple of str, optional
        Cross-checks by name: requirements that rows fail, all others being met. Those that single
        tracks were asked alone already are left out.
    on_progress : callable
        Called with the number of bursts done.

    Returns
    -------
    Combinatorial
        The same numbers in whatever order the tracks come. Where no pair is selected there is a limit: that on a mean of
        which nothing was seen, times what a pair stands for at most.

    Raises
    ------
    ConfigurationError, UnknownNameError
        If the numbers do not fit the search.
    """
    used, share = thinned(tracks, most=settings.most, seed=settings.seed)
    width = 2 * float(number(analysis.cuts, settings.half_window))
    per_pair = rate(analysis, used, settings=settings.rate, lines=lines, window=width, share=share)
    patterns = {NAME: (), **_possible(analysis, inverted or {})}
    found = {name: _begin(analysis, failed, settings) for name, failed in patterns.items()}
    alike = any(part.alike for part in found.values())
    for pairs in _chunks(_close(analysis, used, settings, on_progress, alike=alike)):
        _book(analysis, used, pairs, per_pair, settings.seed, found)
    inputs = {
        "tracks": len(used),
        "share": share,
        "bursts": len(used.bursts),
        "window": width,
        "per_pair": per_pair.per_pair,
        "settings": settings.model_dump(mode="json"),
        "trigger": lines.model_dump(mode="json"),
    }
    made = {name: _estimate(analysis, name, part, per_pair, inputs) for name, part in found.items()}
    return Combinatorial(made.pop(NAME), made)


def _possible(analysis: Analysis, inverted: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Those of which single tracks can tell: they do not fail what was asked of each alone."""
    asked = set(asked_of_one(analysis))
    return {name: failed for name, failed in inverted.items() if not asked.intersection(failed)}


def _begin(analysis: Analysis, failed: tuple[str, ...], settings: CombinatorialSettings) -> _Found:
    """Nothing yet, of rows that fail some requirements; histograms only of those that are filled after the selection."""
    declared = analysis.declarations
    kept = declared.only([name for name, each in declared.histograms.items() if each.stage == SELECTED])
    book = Book.declare(kept, samples=[NAME], regions=analysis.plane.names)
    return _Found(failed, settings.same_charge in failed, book)


def _close(
    analysis: Analysis,
    tracks: Pool,
    settings: CombinatorialSettings,
    on_progress: Callable[[int], object],
    *,
    alike: bool,
) -> Iterator[_Pairs]:
    """Pairs of each burst that come close to each other where the search looks, of different and of one charge."""
    cuts, z = number(analysis.cuts, settings.vertex), analysis.geometry.reference.z
    limits = {"cda_max": cuts.cda_max, "z_min": cuts.z_min, "z_max": cuts.z_max}
    charge = tracks.events["Track_charge"]
    for step, burst in enumerate(tracks.bursts, 1):
        plus, minus = burst[charge[burst] > 0], burst[charge[burst] < 0]
        i, j = close_pairs(_lines(tracks, plus, z), _lines(tracks, minus, z), **limits)
        yield _of_two_events(tracks, _Pairs(plus[i], minus[j], alike=False))
        for same in (plus, minus) if alike else ():
            i, j = close_pairs(_lines(tracks, same, z), None, **limits)
            yield _of_two_events(tracks, _Pairs(same[i], same[j], alike=True))
        on_progress(step)


def _lines(tracks: Pool, index: Indices, z: float) -> Lines:
    x, y, dxdz, dydz = (tracks.events[f"Track_{name}"][index].astype(np.float64) for name in ("x", "y", "dxdz", "dydz"))
    return Lines(x, y, dxdz, dydz, z)


def _of_two_events(tracks: Pool, pairs: _Pairs) -> _Pairs:
    differ = (tracks.key[pairs.first] != tracks.key[pairs.second]).any(axis=1)
    return _Pairs(pairs.first[differ], pairs.second[differ], pairs.alike)


def _chunks(parts: Iterator[_Pairs]) -> Iterator[_Pairs]:
    """Pairs, cut and put together to numbers that are good to work on."""
    waiting: dict[bool, list[_Pairs]] = {False: [], True: []}
    for part in parts:
        waiting[part.alike].append(part)
        if sum(len(each.first) for each in waiting[part.alike]) >= CHUNK:
            yield from _cut(waiting[part.alike])
            waiting[part.alike] = []
    for rest in waiting.values():
        yield from _cut(rest)


def _cut(parts: list[_Pairs]) -> Iterator[_Pairs]:
    if not parts:
        return
    first, second = (np.concatenate([part[side] for part in parts]) for side in (0, 1))
    for start in range(0, len(first), CHUNK):
        yield _Pairs(first[start : start + CHUNK], second[start : start + CHUNK], parts[0].alike)


def _book(
    analysis: Analysis, tracks: Pool, pairs: _Pairs, per_pair: Rate, seed: int, found: Mapping[str, _Found]
) -> None:
    """Put the pairs through reconstruction and selection, and take what is looked for."""
    weight = per_pair.weight(pairs.first)
    relative = (weight / per_pair.largest).astype(np.float32)
    both = (pairs.first, pairs.second)
    seen = met(analysis, tracks, pairs=both, window=Window(per_pair.window, seed), weight=relative)
    selection = analysis.selection.select(seen, analysis.cuts)
    region = analysis.plane.of(seen.rows)
    for part in (part for part in found.values() if part.alike == pairs.alike):
        if not part.failed:
            fill(part.book, selection, sample=NAME, region=region)
        row = np.flatnonzero(_failing(selection, part.failed))
        pair = seen.rows.index[row]
        part.rows.append((pairs.first[pair], pairs.second[pair], region[row]))
        part.weights.append(weight[pair])


def _failing(selection: Selection, failed: tuple[str, ...]) -> NDArray[np.bool_]:
    """Rows that fail some requirements, and no other."""
    exactly: NDArray[np.bool_] = selection.failures == len(failed)
    for name in failed:
        if name not in selection.masks:
            msg = f"config/background.toml inverts '{name}', which is no requirement; {nearest(name, selection.masks)}"
            raise ConfigurationError(msg)
        exactly &= ~selection.masks[name]
    return exactly


def _estimate(analysis: Analysis, name: str, found: _Found, per_pair: Rate, inputs: Mapping[str, object]) -> Estimate:
    regions = tuple(region for region in analysis.plane.names if region != UNDEFINED)
    nothing = np.empty(0, dtype=np.int64)
    first, second, region = (np.concatenate([nothing, *(rows[k] for rows in found.rows)]) for k in range(3))
    inside = region < len(regions)
    sums = pair_sums(
        first[inside],
        second[inside],
        region=region[inside],
        weight=np.concatenate([np.empty(0), *found.weights])[inside],
        regions=len(regions),
        one_list=found.alike,
    )
    pairs = np.bincount(region[inside], minlength=len(regions))
    return Estimate(
        mechanism=name,
        method="pairs of single tracks of one burst, reconstructed and selected as data",
        regions=regions,
        expected=sums.expected,
        covariance=sums.covariance,
        systematic={source: value * sums.expected for source, value in per_pair.uncertainties.items()},
        limit=np.where(pairs == 0, upper_limit(0) * per_pair.largest, np.nan),
        inputs={**inputs, "row": per_pair.largest, "rows": pairs.tolist(), "inverted": list(found.failed)},
        book=None if found.failed else found.book,
        scale=per_pair.largest,
    )
