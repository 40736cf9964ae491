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
    return "\n".join(["#!/bin/bash", *execution.setup, work, ""])
