"""Limits on each model, from simulated decays and published counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from na62dump.inference.counts.refinement import refined
from na62dump.inference.exclusion.lifetimes import has_product, product_limits
from na62dump.inference.exclusion.scan import limits
from na62dump.inference.published import load_exclusions
from na62dump.studies.expectations import expected
from na62dump.studies.reproduction.comparison import Section, words
from na62dump.studies.reproduction.contours import compared, reach
from na62dump.studies.reproduction.counted import counted, published_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from na62dump.inference.counts.shapes import Shape
    from na62dump.inference.exclusion.limits import Limits
    from na62dump.inference.published import Exclusions
    from na62dump.inference.settings import Inference
    from na62dump.signal.yields import Expected
    from na62dump.studies.reproduction.comparison import Line
    from na62dump.studies.reproduction.settings import Agreement, Plan, Size, Study

PREDICTED = (
    "No efficiency, yield or resolution of ours was adjusted to a contour: contours are predicted.",
    (
        "Adjusted beforehand to other published numbers: the spot of the beam on the dump (share of signal in the signal "
        "region), size and divergence of the source of halo muons (ratios of regions; it only gives the masses of accidental "
        "pairs), the time resolution of a track (time difference of the event), and the Gaussian of an uncertain background "
        "(p-value of a side band)."
    ),
)
AS_PUBLISHED = "Input: protons, backgrounds, and where they are published observed counts and the mass of the event."


@dataclass(frozen=True)
class Excluded:
    """What one model gave: signal and limits."""

    study: Study
    expected: Expected
    limits: Limits


def excluded(
    study: Study, files: Sequence[Path], *, plan: Plan, size: Size, shapes: Mapping[str, Shape], settings: Inference
) -> Excluded:
    """Limits on one model.

    Parameters
    ----------
    study : Study
        The model.
    files : sequence of Path
        Accepted decays of each search.
    plan : Plan
        What backgrounds are.
    size : Size
        Of the grid.
    shapes : mapping of str to Shape
        By search, distribution of the background over the mass.
    settings : Inference
        How limits are made.

    Returns
    -------
    Excluded
        Signal, and limits of each search and of all together.
    """
    signal = expected(
        study.model,
        files,
        masses=size.masses,
        couplings=size.couplings,
        coupling_range=study.couplings,
        protons=study.protons,
    )
    of_data = load_exclusions().protons
    projected = of_data if study.protons != of_data else None
    seen = {} if projected else {search: published_of(search).events or () for search in study.searches}
    signal = refined(signal, seen, window=settings.window)
    countings = [
        counted(signal, search, mechanisms=plan.background, shapes=shapes, settings=settings)
        for search in study.searches
    ]
    return Excluded(
        study, signal, limits(signal, countings, settings=settings, projected=projected, data="published counts")
    )


def section(made: Excluded, *, published: Exclusions, agreement: Agreement, figures: Sequence[str]) -> Section:
    """Limits on one model beside what is published.

    Parameters
    ----------
    made : Excluded
        Ours.
    published : Exclusions
        Extents of all models.
    agreement : Agreement
        Within what they have to be held.
    figures : sequence of str
        Names of figures that belong to it.

    Returns
    -------
    Section
        Extents of each search, and of all together.
    """
    limits, study = made.limits, made.study
    lines: list[Line] = []
    for extent in published.extent:
        if extent.model == study.published:
            lines += compared(limits, extent, agreement=agreement)
    lines += products(limits, published, model=study.published) if has_product(limits.coupling) else reach(limits)
    told = (
        f"{limits.protons:.3g} protons on target; {limits.confidence:.0%} CL ({limits.method}), {limits.uncertainties}."
    )
    notes = [
        *PREDICTED,
        _input(limits),
        told,
        *dict.fromkeys(remark for scan in limits.scans for remark in scan.counting.remarks),
        *(f"not simulated, so missing in the numbers: {what}" for what in made.expected.uncovered),
    ]
    return Section(study.title, tuple(lines), tuple(notes), tuple(figures))


def _input(limits: Limits) -> str:
    if limits.projected is None:
        return AS_PUBLISHED
    return (
        f"A projection: nothing is observed, and limits are the expected ones. Input: backgrounds as published for "
        f"{limits.projected:.3g} protons, scaled to {limits.protons:.3g} at equal intensity."
    )


def products(limits: Limits, published: Exclusions, *, model: str | None) -> Iterator[Line]:
    """Lowest limit on a product of branching ratios of each search, beside where the texts say that others are improved on.

    Parameters
    ----------
    limits : Limits
        Of a model with a free product.
    published : Exclusions
        Extents of all models.
    model : str or None
        Whose extents are meant.

    Yields
    ------
    Line
        One for each search; masses in MeV, lifetimes in ns.
    """
    said = {extent.searches: extent for extent in published.extent if extent.model == model}
    for found in product_limits(limits):
        extent = said.get((found.search,))
        printed = None if extent is None else f"improves on others at {extent.masses[0]:g} to {extent.masses[1]:g} MeV"
        row, column = np.unravel_index(int(found.result.argmin()), found.result.shape)
        tested = found.masses[(found.result < 1).any(axis=1)]
        reached = f"below 1 from {tested.min():.4g} to {tested.max():.4g} MeV" if tested.size else "nowhere below 1"
        yield words(
            f"{found.search}: lowest limit on {found.product}",
            published=None,
            ours=f"{found.result[row, column]:.2g} at {found.masses[row]:.4g} MeV, {found.lifetimes[column]:.2g} ns",
            remark=f"{reached}; published: {printed or 'nothing'} (limits of others are not known here)",
        )
