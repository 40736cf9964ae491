"""Tables of a run: how far it is, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.tables.table import Table, ratio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from na62dump.runner import Submitted
    from na62dump.runs import Status
    from na62dump.tables.table import Cell

_PERCENT = 100
_DIGITS = 1
_PROGRESS = (
    *("sample", "units", "done", "failed", "missing", "worked on"),
    *("entries", "entries done", "% done", "rejected files"),
)


def progress(status: Status) -> Table:
    """How far each sample of a run is."""
    rows: list[tuple[Cell, ...]] = []
    for s in status.samples:
        share = ratio(s.entries_done, s.entries)
        # down, not to the nearest: what is not complete never looks complete
        percent = None if share is None else int(share * _PERCENT * 10**_DIGITS) / 10**_DIGITS
        rows.append(
            (
                s.sample,
                s.units,
                s.done,
                s.failed,
                s.missing,
                s.worked_on,
                s.entries,
                s.entries_done,
                percent,
                s.rejected,
            )
        )
    done = "complete" if status.complete else "not complete"
    opened = f"opened in data: {', '.join(status.opened)}" if status.opened else "nothing opened"
    return Table(f"Run of {status.analysis}: {done}; {opened}", _PROGRESS, tuple(rows))


def problems(status: Status, *, most: int | None = None) -> list[Table]:
    """Units that failed, files that were rejected, and jobs that have not done all of their work, with the reason.

    Parameters
    ----------
    status : Status
        Of a run.
    most : int, optional
        Rows of a table, at most; its title counts the others.

    Returns
    -------
    list of Table
        Those that have rows.
    """
    failed = [(f.sample, f.path, f.unit, f.kind, f.attempts, f.reason, f.log) for f in status.failures]
    rejected = [(item.sample, item.path, item.reason) for item in status.rejected]
    jobs = [(remark.jobs, remark.reason, remark.log) for remark in status.jobs]
    tables = (
        _table("Failed units", ("sample", "file", "unit", "kind", "attempts", "reason", "log"), failed, most=most),
        _table("Rejected files", ("sample", "file", "reason"), rejected, most=most),
        _table("Jobs that ended early", ("jobs", "reason", "log of the first"), jobs, most=most),
    )
    return [table for table in tables if table.rows]


def differing(status: Status) -> list[Table]:
    """Files that are not as planned although nothing of them is missing; no table if there are none."""
    rows = [(item.sample, item.path, item.results, item.reason) for item in status.differing]
    found = _table("Files that differ from the plan", ("sample", "file", "results", "reason"), rows, most=None)
    return [found] if rows else []


def _table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[Cell, ...]], *, most: int | None) -> Table:
    shown = tuple(rows[:most])
    more = f": the first {len(shown)} of {len(rows)}; --all shows every one" if len(shown) < len(rows) else ""
    return Table(f"{title}{more}", columns, shown)


def of_jobs(found: Mapping[str, Submitted]) -> list[Table]:
    """What a person should know of jobs sent before, by name of the analysis; no table without remarks."""
    rows = tuple((name, remark) for name, sent in found.items() for remark in sent.remarks)
    return [Table("Remarks", ("analysis", "remark"), rows)] if rows else []


def submitted(found: Mapping[str, Submitted]) -> Table:
    """What was sent to a batch system, by name of the analysis."""
    head = ("analysis", "jobs", "units", "alone", "with more resources", "waiting before", "refused", "identifiers")
    rows = tuple(
        (name, sent.jobs, sent.units, sent.alone, sent.raised, sent.waiting, sent.refused, sent.identifiers)
        for name, sent in found.items()
    )
    return Table("Submitted", head, rows)
