"""A run as jobs of a batch system: what `run` says of it, and the verb that a job calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from na62dump.cli.screen import INCOMPLETE, as_word, show, tell
from na62dump.cli.stopping import stoppable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from na62dump.runner import Batch
    from na62dump.runs import Run


def submit(
    folder: Path, opened: Sequence[Run], *, execution: Batch, verify: bool, skip_failed: bool, as_json: bool
) -> None:
    """Send what is missing of some runs; exit code 0 if all of it is now done, waits or runs."""
    from na62dump import runs, tables

    found = {}
    for run in opened:
        tell(*run.remarks)
        found[run.analysis.name] = runs.submit(run, execution, verify=verify, skip_failed=skip_failed)
        tell(*found[run.analysis.name].remarks)
    # each remark is a line already
    show([tables.submitted(found), *(tables.of_jobs(found) if as_json else ())], as_json=as_json)
    refused = sum(sent.refused for sent in found.values())
    left = sum(sent.units + sent.waiting for sent in found.values())
    if refused:
        tell(f"not complete; {refused} units need more than the execution file allows: raise that and run again")
        raise typer.Exit(INCOMPLETE)
    if not left and not all(runs.status(run).complete for run in opened):
        tell(f"not complete, and nothing to submit; what is missing: na62dump status {as_word(folder)}")
        raise typer.Exit(INCOMPLETE)
    if not left:
        tell(f"complete; next: na62dump merge {as_word(folder)}")
        return
    if not any(sent.jobs for sent in found.values()):
        tell(f"nothing new to send: {left} units wait or run; results so far: na62dump status {as_word(folder)}")
        return
    tell(
        "submitted; when the jobs are done, run again: it sends what is missing then, or says that all is complete; results so "
        f"far: na62dump status {as_word(folder)}"
    )


def worker(
    job: Annotated[Path, typer.Argument(metavar="JOB", help="File job.json of a submission.")],
    slice_: Annotated[int, typer.Option("--slice", min=0, help="Number of the slice to do.")],
) -> None:
    """Do one slice of a submitted run; called by jobs."""
    from na62dump import runs

    with stoppable():
        failures = runs.do_slice(job, slice_)
    tell(*(f"failed: {failure.path}: {failure.reason}" for failure in failures))
    if failures:
        raise typer.Exit(INCOMPLETE)


def add_to(app: typer.Typer) -> None:
    """Add the verb that jobs call."""
    app.command(hidden=True)(worker)
