"""Programs of a batch system: words as a list, never through a shell."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from na62dump.errors import BatchSystemError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PATIENCE_S = 120.0
"""Longest wait for an answer, s."""

_LONGEST = 500

_OPTIONS_OF_THE_USER = ("SQUEUE_", "SBATCH_")
"""How variables begin that stand for options: a filter on partitions would hide our jobs."""

_MORE_OPTIONS = frozenset({"SLURM_CLUSTERS", "SLURM_HINT"})
"""Whole names of others (man sbatch, man squeue): most that begin so are no options, and SLURM_CONF is needed."""


class Queue(NamedTuple):
    """What a queue says of our jobs, each told by the token of its submission and the number of its slice.

    Attributes
    ----------
    alive : set of (str, int)
        Those that wait or run.
    removed : set of (str, int)
        Those that were held, and that we have removed.
    remarks : tuple of str
        What a person should know of them.
    """

    alive: set[tuple[str, int]]
    removed: set[tuple[str, int]] = set()  # noqa: RUF012 - nobody changes it
    remarks: tuple[str, ...] = ()


class RefusedError(BatchSystemError):
    """A program has said no, or is not there."""


def answer(words: Sequence[str], *, folder: Path | None = None) -> str:
    """What a program prints.

    Parameters
    ----------
    words : sequence of str
        The program, found on the path, and its arguments.
    folder : Path, optional
        To work in.

    Returns
    -------
    str
        Its standard output.

    Raises
    ------
    RefusedError
        If it is not there, or ends with another code than 0; the message says what it said.
    BatchSystemError
        If it does not answer: whether it has done its work is not known.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the caller's words, none of which a shell sees
            list(words), cwd=folder, capture_output=True, text=True, check=True, timeout=PATIENCE_S, env=_environment()
        )
    except FileNotFoundError as error:
        msg = f"'{words[0]}' is not on the path; submit from a machine that has the batch system's programs"
        raise RefusedError(msg) from error
    except subprocess.TimeoutExpired as error:
        msg = f"'{words[0]}' has not answered for {PATIENCE_S:g} s; try again when the batch system does"
        raise BatchSystemError(msg) from error
    except subprocess.CalledProcessError as error:
        said = " ".join((error.stderr or error.stdout).split())[:_LONGEST] or "nothing"
        msg = f"'{words[0]}' ends with code {error.returncode} and says: {said}"
        raise RefusedError(msg) from error
    return done.stdout


def _environment() -> dict[str, str]:
    """Ours, without what changes the options that the programs are given."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in _MORE_OPTIONS and not name.startswith(_OPTIONS_OF_THE_USER)
    }
