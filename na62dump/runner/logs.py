"""What happened to a unit, in a file of its own: never a reason to fail, never on the terminal."""

from __future__ import annotations

import contextlib
import logging
import os
import platform
import resource
import secrets
import traceback
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from na62dump.runner.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from na62dump.datasets import WorkUnit
    from na62dump.runner.failures import Failure
    from na62dump.runner.places import Places

_KB_PER_MB = 1024
"""`resource` counts peak memory in kB on Linux."""


@dataclass(frozen=True)
class Log:
    """Log of one unit; each line is on disk as soon as it is written, so a killed worker leaves what it knew.

    Attributes
    ----------
    path : Path
        The file; earlier attempts in it are kept.
    """

    path: Path

    def write(self, text: str) -> None:
        """Append a line, or several, with the time (UTC); a disk that is full loses it and nothing else.

        Parameters
        ----------
        text : str
            What happened.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"{now}Z {text}\n")

    def begin(self, unit: WorkUnit) -> None:
        """Say what is to be done, where."""
        events = f"events {unit.start} to {unit.stop} of {unit.path}"
        self.write(f"begin {unit.name}: {events}; host {platform.node()}, process {os.getpid()}")

    def fail(self, failure: Failure, error: BaseException) -> None:
        """Keep an error with its whole traceback."""
        trace = "".join(traceback.format_exception(error)).rstrip()
        self.write(f"attempt {failure.attempts} failed ({failure.kind})\n{trace}")

    def end(self, unit: WorkUnit, *, seconds: float) -> None:
        """Say that the result is there, and what it cost."""
        speed = (unit.stop - unit.start) / seconds if seconds else 0
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _KB_PER_MB
        self.write(f"done: {seconds:.3f} s, {speed:.0f} events/s; process at most {peak} MB so far")


@contextlib.contextmanager
def log_of(unit: WorkUnit, places: Places) -> Iterator[Log]:
    """Log of a unit, into which warnings and log messages of the body go as well, instead of to the terminal.

    Parameters
    ----------
    unit : WorkUnit
        What is worked on.
    places : Places
        Of the run.

    Yields
    ------
    Log
        Open for more.
    """
    log = Log(places.log(unit))
    log.begin(unit)
    handler = _Handler(log)
    # filters stay as they are: where warnings are errors, they are errors here
    with warnings.catch_warnings():
        warnings.showwarning = _Warnings(log)  # type: ignore[assignment]  # mypy wants a function
        logging.getLogger().addHandler(handler)
        try:
            yield log
        finally:
            logging.getLogger().removeHandler(handler)


def join_logs(places: Places, shard: int) -> None:
    """Put the logs of a shard's units into one file, so that a run of many units is not a folder of many files.

    Parameters
    ----------
    places : Places
        Of the run.
    shard : int
        Number of a shard whose units are all done.
    """
    folder, joined = places.logs_of(shard), places.joined_log(shard)
    # taken away first: of two workers that seal one shard, one finds nothing more to join
    taken = folder.with_name(f".{folder.name}.{os.getpid()}-{secrets.token_hex(2)}")
    with contextlib.suppress(OSError):
        folder.rename(taken)
        paths = sorted(taken.iterdir())
        earlier = [joined.read_bytes()] if joined.exists() else []
        write_atomically(joined, b"".join([*earlier, *(path.read_bytes() for path in paths)]))
        for path in paths:
            path.unlink(missing_ok=True)
        taken.rmdir()


class _Handler(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = f"{record.levelname.lower()} of {record.name}: {record.getMessage()}"
        except (TypeError, ValueError):
            # its arguments do not fit its text
            text = f"{record.levelname.lower()} of {record.name}: {record.msg}"
        self._log.write(text)


@dataclass(frozen=True)
class _Warnings:
    log: Log

    def __call__(self, message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object) -> None:
        self.log.write(f"{category.__name__}: {message} ({filename}, line {lineno})")
