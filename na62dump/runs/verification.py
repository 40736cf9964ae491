"""Whether input files still are what was planned: their bytes, and the bursts of which protons on target are booked."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING

from na62dump import events
from na62dump.configuration import Settings
from na62dump.datasets import Bursts
from na62dump.errors import ConfigurationError, InputFileError, NA62DumpError
from na62dump.planning.opening import each

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from na62dump.datasets import Access, FileRecord
    from na62dump.events import Renames
    from na62dump.runner import Execution
    from na62dump.runs.folder import Run


class Differing(Settings):
    """A file that is not, or may not be, as planned, and of which nothing is missing.

    Attributes
    ----------
    sample : str
        Its sample.
    path : str
        Absolute path, or address.
    results : int
        Units of it that are done: before it was changed or after, nobody knows.
    reason : str
        All of this in one line.
    """

    sample: str
    path: str
    results: int
    reason: str


def require_checksums(run: Run) -> None:
    """Refuse to compare checksums with a plan that has none.

    Parameters
    ----------
    run : Run
        The run.

    Raises
    ------
    ConfigurationError
        If a file was planned without a checksum.
    """
    if not all(file.checksum for file in run.plan.files):
        msg = (
            f"{run.folder}: planned with --no-checksums: there is nothing to compare with; plan again in another folder"
        )
        raise ConfigurationError(msg)


def require_same(file: FileRecord, *, renames: Renames | None = None, cache: Path | None = None) -> None:
    """Refuse a file that is not as planned.

    Parameters
    ----------
    file : FileRecord
        As it was planned.
    renames : Renames, optional
        Names in foreign ntuples.
    cache : Path, optional
        Folder for a copy of a remote file, which is what is compared then; without, the server is asked.

    Raises
    ------
    InputFileError
        If its bytes or its bursts differ, or cannot be read.
    MissingColumnError
        If its table of bursts lacks a column.
    """
    told = _difference(file, renames=renames, cache=cache)
    if told:
        msg = f"{told}; plan again in another folder"
        raise InputFileError(msg)


def _difference(file: FileRecord, *, renames: Renames | None, cache: Path | None = None) -> str:
    found = events.checksum(file.path, cache=cache)
    if found != file.checksum:
        return f"{file.path}: its bytes have changed since it was planned ({file.checksum} then, {found} now)"
    bursts = Bursts.of(events.read_bursts(file.path, renames=renames, cache=cache))
    if bursts == file.bursts:
        return ""
    # a table in the file itself would have other bytes
    then, now = next((a, b) for a, b in zip_longest(file.bursts, bursts) if a != b)
    return (
        f"{file.path}: its table of bursts, {events.beside(file.path)}, has changed since it was planned "
        f"(first where it had: {then or 'nothing'}, and has: {now or 'nothing'})"
    )


@dataclass(frozen=True)
class _Comparison:
    """What is asked of a file; it travels to other processes."""

    renames: Renames | None
    access: Access

    def __call__(self, file: FileRecord) -> str:
        """Why it is not known to be as planned; empty if it is."""
        try:
            return events.patiently(partial(_difference, file, renames=self.renames), access=self.access)
        except NA62DumpError as error:
            return " ".join(str(error).split())


def _killed(file: FileRecord, reason: str) -> str:
    return f"{file.path}: ends the process that compares it ({reason})"


def compare(
    run: Run,
    files: Sequence[FileRecord],
    *,
    execution: Execution,
    on_progress: Callable[[int], object] = lambda _: None,
) -> list[Differing]:
    """Compare files with what was planned; nothing is thrown away.

    Parameters
    ----------
    run : Run
        The run.
    files : sequence of FileRecord
        Of its plan, such as `files_not_read` gives.
    execution : Execution
        How many processes of this machine do it, and how often a server is asked again that fails.
    on_progress : callable
        Called with the number of files compared so far.

    Returns
    -------
    list of Differing
        In order of the files.

    Raises
    ------
    ConfigurationError
        If a file was planned without a checksum.
    """
    if not files:
        return []
    require_checksums(run)
    asked = _Comparison(run.analysis.renames, execution.files)
    reasons = [""] * len(files)
    with closing(each(files, asked, workers=execution.workers, died=_killed)) as found:
        for done, (number, reason) in enumerate(found, start=1):
            reasons[number] = reason
            on_progress(done)
    results = Counter(unit.uuid for unit in run.ledger.done(run.plan.units)) if any(reasons) else Counter[str]()
    return [_differing(file, reason, results[file.uuid]) for file, reason in zip(files, reasons, strict=True) if reason]


def _differing(file: FileRecord, reason: str, results: int) -> Differing:
    told = f"{reason}; its results ({results}) may or may not be of what was planned: restore the file, or plan anew"
    return Differing(sample=file.sample, path=file.path, results=results, reason=told)
