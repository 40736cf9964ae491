"""Prompt background: what muons of the halo make in material, from muons that were measured.

A measured muon is taken back to each slab and interacts there with the probability n sigma; what comes of it goes through the
simulated detector and the selection. Left out: loss and scattering of the products in the rest of the slab (whatever stops
them there is not made, see ``escapes``), and interactions of interactions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np
from pydantic import Field

from na62dump import configuration as conf
from na62dump.background.estimate import Estimate
from na62dump.background.exposure import Depth, Target, UnfoldingSettings, crossings, exposed
from na62dump.background.limits import upper_limit
from na62dump.background.material import Material
from na62dump.background.simulated import BURST, put_through, recipe, response
from na62dump.background.suppression import SUPPRESSION
from na62dump.configuration import Area, Settings
from na62dump.errors import ConfigurationError, UnknownNameError, nearest
from na62dump.provenance import digest
from na62dump.regions import UNDEFINED
from na62dump.simulation import PromptRecipe, burst_key, chosen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.analysis import Analysis
    from na62dump.background.backward import Muons
    from na62dump.background.exposure import Exposed
    from na62dump.cutflow import Selection

Suppression = Mapping[str, tuple[float, float]]
"""By requirement: the share of rows that meet it, as measured, and its uncertainty; pure numbers."""


class Interaction(Settings):
    """One process.

    Attributes
    ----------
    cross_section : float, mm^2
        For what is in the recipe, its least share of the muon's momentum included.
    target : str
        What the cross section is given for: ``"nucleon"``, ``"nucleus"``, or ``"charge squared"``, the nucleus over Z^2.
    escapes : str
        From how deep the products come out: ``"thickness"``, or the last ``"radiation length"`` or ``"interaction length"``.
    uncertainty : float
        Of the normalisation, relative.
    recipe : mapping
        Keys of the sample's recipe with other values: final state, masses, number of events, seed.
    """

    cross_section: Area
    target: Target
    escapes: Depth
    uncertainty: Annotated[float, Field(ge=0.0)]
    recipe: Mapping[str, Any]


class PromptSettings(Settings):
    """The table ``prompt`` of a search in config/background.toml.

    Attributes
    ----------
    muons : str
        Search whose single tracks are the muons.
    sample : str
        Name in config/samples/: its recipe, of the process "prompt", is what the processes change.
    seed : int
        Of what is drawn on the way back.
    unfolding : UnfoldingSettings
        Of the momentum.
    process : mapping of str to Interaction
        By name.
    """

    muons: str
    sample: str
    seed: Annotated[int, Field(ge=0)]
    unfolding: UnfoldingSettings
    process: Mapping[str, Interaction]


def prompt(
    analysis: Analysis,
    muons: Muons,
    *,
    settings: PromptSettings,
    material: Material | None = None,
    suppression: Suppression | None = None,
    written: float = 1.0,
) -> Estimate:
    """Expected rows of the prompt background.

    The statistical covariance is that of sums over muons that come by chance: all rows of one muon are moved together.

    Parameters
    ----------
    analysis : Analysis
        The search.
    muons : Muons
        As measured; mm, MeV/c. Their order changes nothing.
    settings : PromptSettings
        Processes, unfolding, numbers of events.
    material : Material, optional
        Instead of that in config/experiment/material.toml.
    suppression : mapping, optional
        Measured share of rows that meets each of some vetoes; rows are then counted without asking for these. Without it the
        simulated vetoes are asked for.
    written : float
        Share of the events that ought to have H2 which are written: its efficiency over its downscaling.

    Returns
    -------
    Estimate
        In all regions and outside of them. Limits where nothing is selected are those on none seen, times the largest weight
        of a row.

    Raises
    ------
    ConfigurationError, UnknownNameError
        If a recipe is wrong, or a veto is no requirement of the search.
    """
    it = material or conf.load(conf.find("experiment/material", near=analysis.path.parent), Material)
    detector, rng = response(analysis), np.random.Generator(np.random.Philox(settings.seed))
    ordered = muons.in_order()
    dump = analysis.geometry.axis.z
    crossed = crossings(ordered, material=it, settings=settings.unfolding, detector=detector, dump=dump, rng=rng)
    parts = {}
    for name, process in settings.process.items():
        exposure = exposed(crossed, cross_section=process.cross_section, target=process.target, depth=process.escapes)
        if exposure is not None:
            parts[name] = _selected(analysis, exposure, settings.sample, process, tuple(suppression or ()))
    inputs = {
        "muons": len(ordered.p),
        "weight": float(ordered.weight.sum()),
        "material": digest(it.model_dump(mode="json")),
        "settings": settings.model_dump(mode="json"),
        "written": written,
    }
    return _estimate(analysis, parts, settings, suppression, inputs)


class _Part(NamedTuple):
    """Selected rows of one process: muons, regions, weights, these if the smearing were wider; and the weight of any row."""

    muon: NDArray[np.int64]
    region: NDArray[np.int64]
    weight: NDArray[np.float64]
    varied: NDArray[np.float64]
    largest: float


def _selected(
    analysis: Analysis, exposure: Exposed, sample: str, process: Interaction, vetoes: tuple[str, ...]
) -> _Part:
    it = recipe(analysis, sample, changes=process.recipe)
    if not isinstance(it, PromptRecipe) or it.events == 0:
        msg = f"sample '{sample}' makes no pairs; it must have process = \"prompt\" and events above 0"
        raise ConfigurationError(msg)
    events, regions = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for made, selection in put_through(analysis, it, muons=exposure.muons):
        rows = selection.visible.rows.take(np.flatnonzero(_passed(selection, vetoes)))
        events.append(made["event"][rows.index].astype(np.int64))
        regions.append(analysis.plane.of(rows))
    row = chosen(exposure.muons, burst_key(it, BURST), events=np.concatenate(events))
    largest = float(exposure.expected.sum()) / it.events
    weight = np.full(len(row), largest)
    varied = weight * exposure.varied[row] / exposure.expected[row]
    return _Part(exposure.number[row], np.concatenate(regions), weight, varied, largest)


def _passed(selection: Selection, vetoes: tuple[str, ...]) -> NDArray[np.bool_]:
    """Rows that meet all requirements but some."""
    for name in vetoes:
        if name not in selection.masks:
            msg = f"no requirement is called '{name}', so nothing can stand for it; {nearest(name, selection.masks)}"
            raise UnknownNameError(msg)
    asked = [mask for name, mask in selection.masks.items() if name not in vetoes]
    return np.asarray(np.logical_and.reduce(asked))


def _estimate(
    analysis: Analysis,
    parts: Mapping[str, _Part],
    settings: PromptSettings,
    suppression: Suppression | None,
    inputs: Mapping[str, Any],
) -> Estimate:
    regions = tuple(name for name in analysis.plane.names if name != UNDEFINED)
    share, share_error = _together(suppression or {})
    factor = share * inputs["written"]
    zero = np.zeros(len(regions))
    by_process = {name: factor * _sums(part, part.weight, len(regions)) for name, part in parts.items()}
    expected = sum(by_process.values(), zero)
    varied = sum((factor * _sums(part, part.varied, len(regions)) for part in parts.values()), zero)
    scaled = (settings.process[name].uncertainty * numbers for name, numbers in by_process.items())
    systematic = {"prompt normalisation": sum(scaled, zero), "prompt unfolding": np.abs(varied - expected)}
    if suppression is not None:
        systematic[SUPPRESSION] = share_error * expected
    limit = upper_limit(0) * factor * max((part.largest for part in parts.values()), default=0.0)
    selected = {name: _sums(part, np.ones(len(part.region)), len(regions)).tolist() for name, part in parts.items()}
    return Estimate(
        mechanism="prompt",
        method="measured muons taken back to material, interactions there simulated and selected",
        regions=regions,
        expected=expected,
        covariance=factor**2 * _covariance(list(parts.values()), len(regions)),
        systematic=systematic,
        limit=np.where(expected > 0, np.nan, limit),
        inputs={
            **inputs,
            "vetoes": "simulated" if suppression is None else {name: list(pair) for name, pair in suppression.items()},
            "selected": selected,
            "row": {name: factor * part.largest for name, part in parts.items()},
        },
    )


def _together(suppression: Suppression) -> tuple[float, float]:
    """Product of the measured shares, and its relative uncertainty, if they are independent."""
    shares = np.array([share for share, _ in suppression.values()])
    errors = np.array([error for _, error in suppression.values()])
    if not (np.isfinite(errors).all() and (shares > 0).all() and (shares <= 1).all() and (errors >= 0).all()):
        msg = f"shares that vetoes leave must be above 0 and at most 1, with errors from 0; got {dict(suppression)}"
        raise ConfigurationError(msg)
    return float(np.prod(shares)), float(np.sqrt(np.sum((errors / shares) ** 2)))


def _sums(part: _Part, weight: NDArray[np.float64], regions: int) -> NDArray[np.float64]:
    return np.bincount(part.region, weight, minlength=regions)[:regions].astype(np.float64)


def _covariance(parts: Sequence[_Part], regions: int) -> NDArray[np.float64]:
    """Sum over muons of the products of what each adds to two regions."""
    muon, region, weight = (
        np.concatenate([np.empty(0, dtype=kind), *(getattr(part, name) for part in parts)])
        for name, kind in (("muon", np.int64), ("region", np.int64), ("weight", np.float64))
    )
    inside = region < regions
    who, number = np.unique(muon[inside], return_inverse=True)
    sums = np.zeros((len(who), regions))
    np.add.at(sums, (number, region[inside]), weight[inside])
    return np.asarray(sums.T @ sums)
