"""The coffea processor: the chain, in order, on the events of one unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from coffea.processor import ProcessorABC

from na62dump.errors import BlindingError, InputFileError
from na62dump.events.quality import in_bursts
from na62dump.events.schema import NA62Schema, from_nanoevents
from na62dump.reconstruction import Candidates, build
from na62dump.regions import NOTHING, Policy, blind
from na62dump.results import Result, SampleState, State, book, count_entries

if TYPE_CHECKING:
    from na62dump.analysis import Analysis
    from na62dump.datasets import Plan
    from na62dump.events import Events
    from na62dump.regions import Opened


class Processor(ProcessorABC):  # type: ignore[misc]  # coffea has no types
    """One analysis over the samples of one plan; hand it to coffea's own Runner, or call `chain`.

    Parameters
    ----------
    analysis : Analysis
        The search.
    plan : Plan
        What is read: kinds of samples, good bursts, columns.
    opened : Opened
        Hidden regions that the blinding record has opened for this analysis.

    Attributes
    ----------
    schema : type
        What Runner needs to read the files: the columns, under the names and in the units of the analysis.
    """

    def __init__(self, analysis: Analysis, plan: Plan, *, opened: Opened = NOTHING) -> None:
        if opened.regions and opened.digest != analysis.digest:
            msg = f"regions were opened for another analysis than {analysis.name} as it is now: they stay closed"
            raise BlindingError(msg)
        self.analysis, self.plan, self.opened = analysis, plan, opened
        self.schema = NA62Schema.requiring(plan.columns["data"], renames=analysis.renames)
        self.state = _state(analysis, plan, opened.regions)
        self.good_bursts = {sample: plan.good_bursts(sample) for sample in plan.samples}

    def process(self, events: Any) -> Result:  # noqa: ANN401 - NanoEvents
        """Result of what coffea's Runner read with our schema; refused if the file is not the one planned."""
        sample, uuid = events.metadata["dataset"], str(events.metadata["fileuuid"])
        if not any(file.uuid == uuid and file.sample == sample for file in self.plan.files):
            msg = f"{events.metadata['filename']}: not a file of sample '{sample}' in the plan; plan again"
            raise InputFileError(msg)
        columns = self.plan.columns[self.plan.samples[sample].kind]
        return self.chain(from_nanoevents(events, columns, renames=self.analysis.renames), sample)

    def chain(self, events: Events, sample: str) -> Result:
        """Result of the events of one sample."""
        search, declared = self.analysis, self.state.samples[sample]
        good = (
            in_bursts(events, self.good_bursts[sample]) if declared.kind == "data" else np.ones(len(events), np.bool_)
        )
        counts = count_entries(events, good, state=self.state, sample=sample)
        looks, total = Looks(search, events), None
        for name, varied in search.variations.items():
            every = looks.own(varied.scaling)
            candidates = Candidates(every.rows.where(good[every.rows.index]))
            veils = looks.veils(self.openings, beside=varied.scaling) if declared.kind == "data" else ()
            visible = blind(candidates, [search.plane], policy=Policy(declared.kind, self.opened), veils=veils)
            selection = search.selection.select(visible, varied.cuts)
            part = book(
                selection,
                counts if total is None else Counts.zero(len(self.state.regions)),
                state=self.state,
                sample=sample,
                declarations=search.declarations,
                variation=name,
            )
            total = part if total is None else total + part
        return total

    def postprocess(self, accumulator: Result) -> Result:
        """Give back the sum as it is."""
        return accumulator


def _state(analysis: Analysis, plan: Plan, opened: frozenset[str]) -> State:
    made = {sample: any(f.simulated for f in plan.files if f.sample == sample) for sample in plan.samples}
    return State(
        analysis=analysis.name,
        digest=analysis.digest,
        run_digest=analysis.run_digest(opened),
        opened=tuple(sorted(opened)),
        hidden=tuple(sorted(analysis.plane.hidden - opened)),
        plane=analysis.plane,
        samples={
            sample: SampleState(kind=declared.kind, label=declared.label, simulated=made[sample])
            for sample, declared in plan.samples.items()
        },
    )
