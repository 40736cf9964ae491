"""Submissions on disk: what was sent to a batch system, and what its jobs say."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from na62dump.configuration import Many, Settings
from na62dump.datasets import Access
from na62dump.errors import ConfigurationError
from na62dump.runner.atomic import write_atomically
from na62dump.runner.batch.settings import SystemName

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

JOBS = "jobs"
"""Folder of a run that holds its submissions."""

JOB = "job.json"
_IDENTIFIER = "identifier"
_REFUSED = "refused"
_DIGITS = 4

STOPPED = "ended by the batch system (SIGTERM)"
"""Reason of a job that was told to end: it may wait again, and what the batch system says of it counts."""


class DamagedJobError(ConfigurationError):
    """What was sent to a batch system is not known any more."""


class Conditions(Settings):
    """Under which a job may work: what it finds on its node must be the same. A plan may have grown meanwhile.

    Attributes
    ----------
    version : str
        Of na62dump.
    run : str
        Folder of the run.
    fingerprint : str
        Run digest; holds analysis, open regions, samples and columns.
    opened : tuple of str
        Hidden regions that are open.
    verify : bool
        Whether checksums of files are compared with the plan's.
    files : Access
        How input files are reached.
    """

    version: str
    run: str
    fingerprint: str
    opened: Many[str]
    verify: bool
    files: Access


class Given(Settings):
    """What the jobs of a submission asked for.

    Attributes
    ----------
    cpus : int
        Cores.
    memory : float
        MB.
    time : float
        ns.
    memory_share : float
        Share of the memory at which a job ends its largest worker, fraction.
    time_kept : float
        How long before its end a job stops work, ns.
    raised : bool
        Whether it is more than the settings asked for, because less did not suffice.
    """

    cpus: int
    memory: float
    time: float
    memory_share: float
    time_kept: float
    raised: bool


class Submission(Settings):
    """Jobs that were sent together.

    Attributes
    ----------
    engine : str
        Batch system.
    token : str
        By which its queue knows them; no other submission has it.
    schedd : str
        Name of the queue of HTCondor that has them; empty for that of the machine that asks, and for Slurm.
    conditions : Conditions
        Under which they may work.
    given : Given
        What each asked for.
    slices : tuple of tuple of str
        Names of the units of each job.
    """

    engine: SystemName
    token: str
    schedd: str = ""
    conditions: Conditions
    given: Given
    slices: Many[Many[str]]


class Report(Settings):
    """What a job says of itself.

    Attributes
    ----------
    state : str
        ``"working"``, ``"ended"`` (whatever is missing), or ``"refused"`` (it found other conditions).
    host : str
        Where.
    process : int
        Which.
    reason : str
        Why it refused, or stopped early.
    working : tuple of str
        Units that were worked on when it was told to end.
    """

    state: Literal["working", "ended", "refused"]
    host: str
    process: int
    reason: str = ""
    working: Many[str] = ()

    @property
    def is_final(self) -> bool:
        """Whether nothing but the job itself has ended it."""
        return self.state != "working" and self.reason != STOPPED


@dataclass(frozen=True)
class Sent:
    """A submission in its folder.

    Attributes
    ----------
    folder : Path
        ``RUN/jobs/NNNN``.
    submission : Submission
        What was sent.
    """

    folder: Path
    submission: Submission

    @property
    def identifier(self) -> str | None:
        """Name that the batch system gave it; None if that was not written down."""
        try:
            return (self.folder / _IDENTIFIER).read_text(encoding="utf-8")
        except OSError:
            return None

    def write_identifier(self, identifier: str) -> None:
        """Keep the name that the batch system gave."""
        write_atomically(self.folder / _IDENTIFIER, identifier.encode())

    @property
    def is_refused(self) -> bool:
        """Whether the batch system said no; it may have it all the same, if its answer was lost on the way."""
        return (self.folder / _REFUSED).exists()

    def write_refused(self, reason: str) -> None:
        """Keep that the batch system said no."""
        write_atomically(self.folder / _REFUSED, reason.encode())

    def report(self, number: int) -> Report | None:
        """What a job said last; None if it never began."""
        try:
            return Report.model_validate_json((self.folder / f"{number}.json").read_bytes())
        except (OSError, ValidationError):
            return None

    def write_report(
        self,
        number: int,
        state: Literal["working", "ended", "refused"],
        *,
        reason: str = "",
        working: Collection[str] = (),
    ) -> None:
        """Say something of a job, which is this process."""
        report = Report(
            state=state, host=platform.node(), process=os.getpid(), reason=reason, working=tuple(sorted(working))
        )
        write_atomically(self.folder / f"{number}.json", report.model_dump_json().encode())

    def log_path(self, number: int) -> Path:
        """Standard error of a job."""
        return self.folder / f"{number}.err"

    def log(self, number: int) -> str:
        """What a job wrote on standard error."""
        try:
            return self.log_path(number).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def unfinished(self) -> list[int]:
        """Numbers of the jobs that have not said that they ended by themselves, or refused."""
        reports = ((number, self.report(number)) for number in range(len(self.submission.slices)))
        return [number for number, report in reports if report is None or not report.is_final]


def load(path: Path) -> Submission:
    """Read a submission.

    Parameters
    ----------
    path : Path
        Its ``job.json``.

    Returns
    -------
    Submission
        As it was sent.

    Raises
    ------
    ConfigurationError
        If it is not there, or is of another version of na62dump; as `DamagedJobError` if it is damaged.
    """
    try:
        return Submission.model_validate_json(path.read_bytes())
    except OSError as error:
        msg = f"{path}: no job here ({error.strerror}); 'na62dump run RUN --execution FILE' makes them"
        raise ConfigurationError(msg) from error
    except ValidationError as error:
        if any(problem["type"] == "json_invalid" for problem in error.errors()):
            msg = (
                f"{path}: damaged, so nobody knows which units its jobs have; look at the queue, cancel them if they wait or run, "
                f"and remove {path.parent}"
            )
            raise DamagedJobError(msg) from error
        msg = f"{path}: not a job of this version of na62dump; run again with the version that is installed"
        raise ConfigurationError(msg) from error


def history(run: Path, conditions: Conditions) -> list[Sent]:
    """Submissions of a run under some conditions, of this plan or of one that it has grown from.

    Parameters
    ----------
    run : Path
        Its folder.
    conditions : Conditions
        Of which the fingerprint counts.

    Returns
    -------
    list of Sent
        Oldest first; without those of other versions of na62dump.

    Raises
    ------
    DamagedJobError
        If one cannot be read: its jobs may wait or run.
    """
    found = []
    for folder in _folders(run / JOBS):
        try:
            submission = load(folder / JOB)
        except DamagedJobError:
            raise
        except ConfigurationError:
            continue
        if submission.conditions.fingerprint == conditions.fingerprint:
            found.append(Sent(folder, submission))
    return found


def create(run: Path, submission: Submission) -> Sent:
    """Write a submission into a new folder, before it is sent."""
    numbers = [int(folder.name) for folder in _folders(run / JOBS)]
    folder = run / JOBS / f"{max(numbers, default=0) + 1:0{_DIGITS}d}"
    folder.mkdir(parents=True)
    write_atomically(folder / JOB, submission.model_dump_json(indent=1).encode())
    return Sent(folder, submission)


def _folders(jobs: Path) -> Iterator[Path]:
    if jobs.is_dir():
        yield from sorted((path for path in jobs.iterdir() if path.name.isdecimal()), key=lambda path: int(path.name))
