"""Tables of a result: what was read, what was hidden, what is left of each sample, and how it varies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from na62dump.cutflow import COUNT, SUM
from na62dump.histograms import NOMINAL
from na62dump.regions import UNDEFINED
from na62dump.tables.table import Cell, Table, number, ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from na62dump.background.backgrounds import Backgrounds
    from na62dump.results import Result

HIDDEN = "hidden"
"""What stands where a number of a hidden region would."""


def regions(result: Result, *, variation: str = NOMINAL) -> Table:
    """Selected rows in each region, for every sample; hidden regions of data are named so.

    Parameters
    ----------
    result : Result
        What a run gave.
    variation : str
        Name of a systematic variation.

    Returns
    -------
    Table
        Numbers of rows; nothing for a sample without that variation.
    """
    columns = [_column(result, sample, variation=variation) for sample in result.state.samples]
    rows = tuple(zip(result.state.regions, *columns, strict=True))
    varied = "" if variation == NOMINAL else f" [varied: {variation}]"
    title = f"Selected candidates by region{varied}; {opened(result)}"
    return Table(title, ("region", *result.state.samples), rows)


def _column(result: Result, sample: str, *, variation: str) -> list[Cell]:
    """Rows of one sample in each region; without a result of the sample, the nominal number is 0."""
    if variation in result.variations_of(sample):
        left: list[Cell] = [number(count) for count in result.of(sample, variation=variation).regions[:, COUNT]]
    else:
        left = [0 if variation == NOMINAL else None] * len(result.state.regions)
    closed = _closed(result, sample)
    return [HIDDEN if name in closed else cell for name, cell in zip(result.state.regions, left, strict=True)]


def _closed(result: Result, sample: str) -> frozenset[str]:
    """Regions of a sample that have no number."""
    state = result.state
    return state.closed | {UNDEFINED} if state.samples[sample].kind == "data" else frozenset()


def variations(result: Result) -> Table:
    """What systematic variations change: selected rows of each sample in all, and in each region.

    Parameters
    ----------
    result : Result
        What a run gave.

    Returns
    -------
    Table
        Number of rows and sum of weights in all; their relative change against the nominal ones, by weight, in all and
        in each region; hidden regions of data are named so.
    """
    rows = tuple(
        (sample, name, *_changes(result, sample, variation=name))
        for sample in result.state.samples
        for name in result.variations_of(sample)
    )
    head = ("sample", "variation", "rows", "sum of weights", "change", *(f"in {name}" for name in result.state.regions))
    return Table(f"Systematic variations, relative change of the sum of weights; {opened(result)}", head, rows)


def _changes(result: Result, sample: str, *, variation: str) -> tuple[Cell, ...]:
    varied, nominal = (result.of(sample, variation=name).regions for name in (variation, NOMINAL))
    closed = _closed(result, sample)
    by_region: list[Cell] = [
        HIDDEN if name in closed else _change(varied[index], nominal[index])
        for index, name in enumerate(result.state.regions)
    ]
    total, before = varied.sum(axis=0), nominal.sum(axis=0)
    return (number(total[COUNT]), float(total[SUM]), _change(total, before), *by_region)


def _change(varied: NDArray[np.float64], nominal: NDArray[np.float64]) -> float | None:
    return ratio(float(varied[SUM] - nominal[SUM]), float(nominal[SUM]))


def read(result: Result) -> Table:
    """What was read of each sample, and what of it was left out before any requirement.

    Parameters
    ----------
    result : Result
        What a run gave.

    Returns
    -------
    Table
        Numbers of entries; for simulation also the sum of generated weights.
    """
    samples = result.state.samples
    rows = tuple(
        (
            *(name, samples[name].kind, c.entries, c.bad_burst, c.crowded),
            c.generated_weight if samples[name].kind != "data" else None,
        )
        for name, c in result.counts.items()
    )
    left_out = "left out: burst not good or not listed", "left out: too many photons"
    return Table("Entries", ("sample", "kind", "entries read", *left_out, "generated weight"), rows)


def exposure(result: Result) -> Table:
    """Protons on target and spill time of the data samples.

    Parameters
    ----------
    result : Result
        What a merged run gave.

    Returns
    -------
    Table
        Good bursts, protons on target, spill time (s).
    """
    rows = tuple((name, e.bursts, e.pot, e.duration_ns * 1e-9) for name, e in result.exposure.items())
    return Table("Exposure", ("sample", "good bursts", "protons on target", "spill time [s]"), rows)


def opened(result: Result | Backgrounds) -> str:
    """What was open, in words."""
    state = result.state
    own = ", ".join(state.hidden)
    closed = f"hidden in data: {'; '.join([*([own] if own else []), *state.hidden_elsewhere]) or 'nothing'}"
    return f"{closed}; opened: {', '.join(state.opened)}" if state.opened else closed


def histograms(result: Result) -> Table:
    """Histograms of a result, with their axes and stages."""
    declared = result.book.declarations
    rows = tuple(
        (name, ", ".join(axis.title for axis in declared.axes_of(name).values()), histogram.stage)
        for name, histogram in declared.histograms.items()
    )
    return Table(
        "Histograms; each also by sample, variation and region",
        ("histogram", "axes", "filled with candidates that are"),
        rows,
    )


def provenance(made: Mapping[str, Any]) -> Table:
    """How a result was made."""
    digests = [(f"{name} digest", value) for name, value in made["digests"].items()]
    libraries = ", ".join(f"{name} {version}" for name, version in made["libraries"].items())
    package = " ".join(str(value) for value in made["package"].values() if value)
    rows = [("time", made["time"]), ("package", package), ("Python", made["python"]), ("libraries", libraries)]
    units = [("units", len(made["inputs"]["units"]))] if "units" in made["inputs"] else []
    return Table("Provenance", ("what", "value"), (*rows, *digests, *units))
