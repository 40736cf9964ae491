"""The coffea processor: the chain, in order, on the events of one unit."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np
from coffea.processor import ProcessorABC

from na62dump.analysis import Looks, conditions, single_tracks
from na62dump.errors import BlindingError, InputFileError
from na62dump.events import Scaling
from na62dump.events.quality import in_bursts
from na62dump.events.schema import NA62Schema, from_nanoevents
from na62dump.reconstruction import Candidates
from na62dump.regions import NOTHING, Policy, blind, curtain, hidden_events
from na62dump.results import Result, book, count_entries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from na62dump.analysis import Analysis
    from na62dump.datasets import Bursts, Plan
    from na62dump.events import Events
    from na62dump.regions import Opened


class Processor(ProcessorABC):  # type: ignore[misc]  # coffea has no types
    """One analysis over the samples of one plan; hand it to coffea's own Runner, or call `chain`.

    Parameters
    ----------
    analysis : Analysis
        The search.
    plan : Plan
        What is read: kinds of samples, files and their good bursts, columns.
    opened : mapping of str to Opened
        Hidden regions that the blinding record has opened, for this analysis and for others of the same events, by name.

    Attributes
    ----------
    schema : type
        What Runner needs to read the files: the columns, under the names and in the units of the analysis.
    """

    def __init__(self, analysis: Analysis, plan: Plan, *, opened: Mapping[str, Opened] | None = None) -> None:
        own = (opened or {}).get(analysis.name, NOTHING)
        others = [name for name, its in (opened or {}).items() if its.regions and its.analysis != name]
        if others or (own.regions and own.digest != analysis.digest):
            name = others[0] if others else f"{analysis.name} as it is now"
            msg = f"regions were opened for another analysis than {name}: they stay closed"
            raise BlindingError(msg)
        self.analysis, self.plan, self.own, self.opened = analysis, plan, own, dict(opened or {})
        self.schema = NA62Schema.requiring(plan.columns["data"], renames=analysis.renames)
        self.state = conditions(analysis, plan, opened=self.opened)

    def process(self, events: Any) -> Result:  # noqa: ANN401 - NanoEvents
        """Result of what coffea's Runner read with our schema; refused if the file is not the one planned."""
        sample, uuid = events.metadata["dataset"], str(events.metadata["fileuuid"])
        file = self.plan.by_uuid.get(uuid)
        if file is None or file.sample != sample:
            msg = f"{events.metadata['filename']}: not a file of sample '{sample}' in the plan; plan again"
            raise InputFileError(msg)
        if events.metadata["entrystop"] > file.entries:
            msg = f"{file.path}: written again since it was planned: it has more than {file.entries} events; plan again"
            raise InputFileError(msg)
        columns = self.plan.columns[self.plan.samples[sample].kind]
        found = from_nanoevents(events, columns, renames=self.analysis.renames)
        return self.chain(found, sample, bursts=file.bursts)

    def chain(self, events: Events, sample: str, *, bursts: Bursts | None = None) -> Result:
        """Result of some events.

        Parameters
        ----------
        events : Events
            What the detector recorded, in mm, ns, MeV, MeV/c.
        sample : str
            The sample that they are of.
        bursts : Bursts, optional
            Those of the file that they are from: events of others are left out, and counted. If left out, those of all
            files of the sample.

        Returns
        -------
        Result
            Of these events alone.
        """
        search, declared = self.analysis, self.state.samples[sample]
        lasting = (self.plan.bursts(sample) if bursts is None else bursts).durations()
        good = in_bursts(events, frozenset(lasting)) if declared.kind == "data" else np.ones(len(events), np.bool_)
        counts = count_entries(events, good, state=self.state, sample=sample)
        looks, policy, parts = Looks(search, events), Policy(declared.kind, self.own), []
        counts = replace(counts, crowded=int(np.count_nonzero(looks.own(Scaling()).rows.crowded)))
        hidden = curtain(looks.veils(self.opened), n_events=len(events)) if declared.kind == "data" else None
        for name, varied in search.variations.items():
            every = looks.own(varied.scaling)
            candidates = Candidates(every.rows.where(good[every.rows.index]))
            visible = blind(candidates, [search.plane], policy=policy, behind=hidden)
            selection = search.selection.select(visible, varied.cuts)
            booked = search.declarations
            parts.append(
                book(
                    selection,
                    counts,
                    state=self.state,
                    sample=sample,
                    declarations=booked,
                    variation=name,
                    loosened=search.file.keep.loosened,
                )
            )
        total = reduce(add, parts)
        if declared.kind == "simulation" or not search.file.keep.singles:
            return total
        unseen = hidden_events(looks.own(Scaling()), [search.plane], policy=policy, behind=hidden)
        tracks = single_tracks(search, events, among=good & ~unseen.events, bursts=lasting)
        return replace(total, singles={sample: tracks} if tracks else {})

    def postprocess(self, accumulator: Result) -> Result:
        """Give back the sum as it is."""
        return accumulator
