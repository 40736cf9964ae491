"""The script that a job runs."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from na62dump.runner.atomic import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from na62dump.runner.batch.settings import Batch

SCRIPT = "job.sh"

ARRAY_INDEX = '"$SLURM_ARRAY_TASK_ID"'
FIRST_WORD = '"$1"'
"""Where a script finds the number of its slice, as the shell writes it."""


def write_script(folder: Path, execution: Batch, *, slice_from: str) -> None:
    """Write the script of a submission.

    Parameters
    ----------
    folder : Path
        Of the submission; the script runs there.
    execution : Batch
        Has the lines before the work, and the interpreter.
    slice_from : str
        `ARRAY_INDEX` or `FIRST_WORD`.
    """
    write_atomically(folder / SCRIPT, text(execution, slice_from).encode())
    (folder / SCRIPT).chmod(0o755)


def text(execution: Batch, slice_from: str) -> str:
    """Script of a submission, for bash."""
    work = f"exec {shlex.quote(execution.python)} -m na62dump worker job.json --slice {slice_from}"
    lines = [each for number, line in enumerate(execution.setup, start=1) for each in (line, _checked(number, line))]
    return "\n".join(["#!/bin/bash", *lines, work, ""])


def _checked(number: int, line: str) -> str:
    """Line that ends the job if the one before has failed: an environment that is not the one wanted gives no results."""
    told = shlex.quote(f"line {number} of setup failed: {line}; mend it, or let it end with '|| true'")
    return f"[ $? -eq 0 ] || {{ echo {told} >&2; exit 1; }}"
