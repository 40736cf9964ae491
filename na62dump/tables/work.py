"""Tables of a run: how far it is, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.tables.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from na62dump.runner import Submitted
    from na62dump.runs import Status


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


def submitted(found: Mapping[str, Submitted]) -> Table:
    """What was sent to a batch system, by name of the analysis."""
    head = ("analysis", "jobs", "units", "alone", "with more resources", "waiting before", "refused", "identifiers")
    rows = tuple(
        (name, sent.jobs, sent.units, sent.alone, sent.raised, sent.waiting, sent.refused, sent.identifiers)
        for name, sent in found.items()
    )
    return Table("Submitted", head, rows)
