"""Tables from results: plain data, which the terminal and JSON both show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from na62dump.cutflow import COUNT, EVENTS, ROWS, SUM, SUM2
from na62dump.regions import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from na62dump.analysis import Analysis
    from na62dump.cutflow import Cutflow
    from na62dump.results import Result
    from na62dump.runs import Status

HIDDEN = "hidden"
"""What stands where a number of a hidden region would."""


@dataclass(frozen=True)
class Table:
    """A titled table.

    Attributes
    ----------
    title : str
        What it shows.
    columns : tuple of str
        Headings.
    rows : tuple of tuple
        Text or numbers; None where there is nothing to say.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | None, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """One object per row."""
        return {"title": self.title, "rows": [dict(zip(self.columns, row, strict=True)) for row in self.rows]}


def _number(value: float) -> int | float:
    return int(value) if float(value).is_integer() else float(value)


def cutflow(result: Result, sample: str) -> Table:
    """Cutflow of one sample: what is left after each requirement, for rows and events, with efficiencies.

    Parameters
    ----------
    result : Result
        What a run gave.
    sample : str
        Name of a sample.

    Returns
    -------
    Table
        Numbers of rows and events; for simulation also sum of weights and its error.
    """
    flow, declared = result.cutflow[sample], result.state.samples[sample]
    weighted = declared.kind == "simulation"
    head = ("requirement", "rows", "events", "of the step before", "of all")
    rows = []
    for step, name in enumerate(("visible pairs", *flow.names)):
        left = [_number(flow.cumulative[what, step, COUNT]) for what in (ROWS, EVENTS)]
        before = flow.cumulative[ROWS, max(step - 1, 0), COUNT]
        every = flow.cumulative[ROWS, 0, COUNT]
        weights = (flow.cumulative[ROWS, step, SUM], flow.cumulative[ROWS, step, SUM2] ** 0.5) if weighted else ()
        rows.append((name, *left, _ratio(left[0], before), _ratio(left[0], every), *map(float, weights)))
    entries = result.counts[sample].entries
    title = f"{declared.label} [{sample}]: {entries} entries read; {opened(result)}"
    return Table(title, (*head, *(("sum of weights", "its error") if weighted else ())), tuple(rows))


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def removed(flow: Cutflow, *, title: str) -> Table:
    """What each requirement removes: N-1 counts, first failures, and what it alone removes.

    Parameters
    ----------
    flow : Cutflow
        Of one sample.
    title : str
        What it is of.

    Returns
    -------
    Table
        Numbers of rows.
    """
    first, only = flow.first_failure(), flow.only_failure()
    rows = tuple(
        (
            name,
            _number(flow.alone[ROWS, i, COUNT]),
            _number(flow.all_but[ROWS, i, COUNT]),
            _number(first[ROWS, i, COUNT]),
            _number(only[ROWS, i, COUNT]),
        )
        for i, name in enumerate(flow.names)
    )
    return Table(title, ("requirement", "meets it", "meets all others", "first to remove", "alone removes"), rows)


def regions(result: Result) -> Table:
    """Selected rows in each region, for every sample; hidden regions of data are named so.

    Parameters
    ----------
    result : Result
        What a run gave.

    Returns
    -------
    Table
        Numbers of rows.
    """
    samples = result.state.samples
    closed = {*result.state.hidden, UNDEFINED}
    rows = []
    for index, region in enumerate(result.state.regions):
        line: list[str | int | float | None] = [region]
        for name, sample in samples.items():
            count = result.counts[name].regions[index, COUNT] if name in result.counts else 0
            line.append(HIDDEN if sample.kind == "data" and region in closed else _number(count))
        rows.append(tuple(line))
    return Table(f"Selected pairs by region; {opened(result)}", ("region", *samples), tuple(rows))


def read(result: Result) -> Table:
    """What was read of each sample, and what of it was left out before any pair was made.

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
        (name, samples[name].kind, c.entries, c.bad_burst, c.generated_weight if samples[name].kind != "data" else None)
        for name, c in result.counts.items()
    )
    left_out = "left out: burst not good or not listed"
    return Table("Entries", ("sample", "kind", "entries read", left_out, "generated weight"), rows)


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


def opened(result: Result) -> str:
    """What was open, in words."""
    state = result.state
    closed = f"hidden in data: {', '.join(state.hidden) or 'nothing'}"
    return f"{closed}; opened: {', '.join(state.opened)}" if state.opened else closed


def requirements(
    analysis: Analysis, traced: Mapping[str, tuple[str, ...]], *, columns: Mapping[str, tuple[str, ...]]
) -> Table:
    """Requirements of an analysis in order, with what each reads.

    Parameters
    ----------
    analysis : Analysis
        The search.
    traced : mapping of str to tuple of str
        Quantities that each requirement reads.
    columns : mapping of str to tuple of str
        Columns of the ntuple that each requirement reads.

    Returns
    -------
    Table
        One row per requirement.
    """
    rows = tuple((name, ", ".join(traced[name]), ", ".join(columns[name])) for name in traced)
    return Table(
        f"Requirements of {analysis.name}, in order", ("requirement", "quantities", "columns of the ntuple"), rows
    )


def region_shapes(analysis: Analysis) -> Table:
    """Regions of an analysis, in order of precedence."""
    rows = tuple(
        (
            region.name,
            region.shape,
            *(str(value) for key, value in region.model_dump().items() if key in {"x", "y", "centre", "semi_axes"}),
            "hidden" if region.hidden else "visible",
        )
        for region in analysis.plane.region
    )
    x, y = analysis.plane.columns
    return Table(
        "Regions; the first that holds a row has it", ("region", "shape", f"{x} [mm]", f"{y} [mm]", "data"), rows
    )


def progress(status: Status) -> Table:
    """How far each sample of a run is."""
    rows = tuple((s.sample, s.units, s.done, s.failed, s.entries, s.entries_done, s.rejected) for s in status.samples)
    head = ("sample", "units", "done", "failed", "entries", "entries done", "rejected files")
    done = "complete" if status.complete else "not complete"
    opened = f"opened in data: {', '.join(status.opened)}" if status.opened else "nothing opened"
    return Table(f"Run of {status.analysis}: {done}; {opened}", head, rows)


def problems(status: Status) -> Table:
    """Files and units that are missing, with the reason."""
    rejected = [(item.sample, item.path, item.reason) for item in status.rejected]
    failed = [("unit " + failure.unit, failure.path, failure.reason) for failure in status.failures]
    return Table("Not done", ("what", "file", "reason"), tuple(rejected + failed))


def histograms(result: Result) -> Table:
    """Histograms of a result, with their axes and stages."""
    declared = result.book.declarations
    rows = tuple(
        (name, ", ".join(axis.title for axis in declared.axes_of(name).values()), histogram.stage)
        for name, histogram in declared.histograms.items()
    )
    return Table(
        "Histograms; each also by sample and region", ("histogram", "axes", "filled with pairs that are"), rows
    )


def provenance(made: Mapping[str, Any]) -> Table:
    """How a result was made."""
    digests = [(f"{name} digest", value) for name, value in made["digests"].items()]
    libraries = ", ".join(f"{name} {version}" for name, version in made["libraries"].items())
    package = " ".join(str(value) for value in made["package"].values() if value)
    rows = [("time", made["time"]), ("package", package), ("Python", made["python"]), ("libraries", libraries)]
    return Table("Provenance", ("what", "value"), (*rows, *digests, ("units", len(made["inputs"]["units"]))))
