"""Files that do not depend on each other, made in several processes; what is there and current is not made again."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from loky import get_reusable_executor

from na62dump import __version__, archives, provenance, runner
from na62dump import analysis as searches
from na62dump import configuration as conf
from na62dump.errors import IncompleteError, InputFileError, NA62DumpError
from na62dump.results import Result, content_digest
from na62dump.signal import library
from na62dump.studies.acceptances import acceptance, made_from
from na62dump.studies.background_inputs import inputs_of
from na62dump.studies.backgrounds import backgrounds
from na62dump.studies.stages import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    from na62dump.studies.stages import Stage

MADE_FROM = "made from"
"""Name of the digest in the provenance of a file that says whether the file is current."""


@dataclass(frozen=True)
class Task:
    """One file.

    Attributes
    ----------
    path : Path
        Where it is written.
    made_from : str
        Digest of everything that decides its content.
    make : callable
        Gives the content from its provenance; it must pickle.
    """

    path: Path
    made_from: str
    make: Callable[[Mapping[str, object]], bytes]

    @property
    def done(self) -> bool:
        """Whether the file is there and current; one that cannot be read is not."""
        try:
            digests = archives.provenance_of(self.path).get("digests", {}) if self.path.is_file() else {}
        except InputFileError:
            return False
        return bool(digests.get(MADE_FROM) == self.made_from)

    def run(self) -> None:
        """Make the file."""
        stamp = provenance.stamp(digests={MADE_FROM: self.made_from})
        runner.write_atomically(self.path, self.make(stamp))


@dataclass(frozen=True)
class Begun:
    """Files that are being made.

    Attributes
    ----------
    number : int
        How many.
    ended : iterator of (Path, NA62DumpError or None)
        Each when it has ended, with what went wrong.
    """

    number: int
    ended: Iterator[tuple[Path, NA62DumpError | None]]

    def end(self, what: str, *, stage: Stage = silent) -> dict[Path, NA62DumpError]:
        """Wait for all of them.

        Parameters
        ----------
        what : str
            For the progress bar.
        stage : Stage
            Tells how far it is.

        Returns
        -------
        dict of Path to NA62DumpError
            Files that could not be made, and why.

        Raises
        ------
        IncompleteError
            If a process died. Finished files are kept.
        """
        failed = {}
        with stage(what, self.number) as done:
            for number, (path, error) in enumerate(self.ended, start=1):
                if error is not None:
                    failed[path] = error
                done(number)
        return failed


def begin(tasks: Sequence[Task], *, workers: int) -> Begun:
    """Begin to make the files that are missing.

    Parameters
    ----------
    tasks : sequence of Task
        None needs the file of another; the longest first keeps all processes busy until the end.
    workers : int
        Processes beside this one; if 0, this one makes the files as it waits for them. The files do not depend on it.

    Returns
    -------
    Begun
        To be waited for.
    """
    missing = [task for task in tasks if not task.done]
    for folder in {task.path.parent for task in missing}:
        folder.mkdir(parents=True, exist_ok=True)
    if not (workers and missing):
        return Begun(len(missing), map(_attempt, missing))
    pool = get_reusable_executor(max_workers=workers)
    return Begun(len(missing), _results([pool.submit(_attempt, task) for task in missing]))


def _results(futures: list[Future[tuple[Path, NA62DumpError | None]]]) -> Iterator[tuple[Path, NA62DumpError | None]]:
    try:
        for future in as_completed(futures):
            yield future.result()
    except BrokenProcessPool as error:
        msg = "a process that made a file died; finished files are kept: run again, and only the rest is made"
        raise IncompleteError(msg) from error
    finally:
        for future in futures:
            future.cancel()


def _attempt(task: Task) -> tuple[Path, NA62DumpError | None]:
    try:
        task.run()
    except NA62DumpError as error:
        return task.path, error
    return task.path, None


def acceptance_task(
    path: Path,
    analysis: str,
    *,
    model: str,
    events: int,
    masses: Sequence[float] | None = None,
    number: int | None = None,
    final_states: Sequence[str] | None = None,
) -> Task:
    """What `na62dump acceptance` writes.

    Parameters
    ----------
    path : Path
        Where to.
    analysis, model : str
        Names of the search and of the model.
    events : int
        Decays of each sample.
    masses : sequence of float, MeV, optional
        Instead of a grid between the thresholds.
    number : int, optional
        Masses of this grid.
    final_states : sequence of str, optional
        That of the search's own sample if left out.

    Returns
    -------
    Task
        Current as long as search, model and numbers are.
    """
    search = searches.load(analysis)
    asked: dict[str, Any] = {"events": events, "masses": masses, "number": number, "final_states": final_states}
    asked = {key: list(value) if isinstance(value, Sequence) else value for key, value in asked.items()}
    decided = [__version__, search.digest, made_from(search), library.load(model).origin, asked]
    return Task(path, provenance.digest(decided), partial(_acceptance, analysis, model, asked))


def _acceptance(analysis: str, model: str, asked: Mapping[str, Any], stamp: Mapping[str, object]) -> bytes:
    return acceptance(searches.load(analysis), library.load(model), **asked).dumps(stamp)


def background_task(path: Path, analysis: str, *, merged: Mapping[str, Path]) -> Task:
    """What `na62dump background` writes.

    Parameters
    ----------
    path : Path
        Where to.
    analysis : str
        Name of the search.
    merged : mapping of str to Path
        Merged results by the names of their searches.

    Returns
    -------
    Task
        Current as long as searches, results and the description of backgrounds are.
    """
    found = {name: searches.load(name) for name in (analysis, *merged)}
    described = conf.read_toml(conf.find("background", near=found[analysis].path.parent))
    digests = {name: search.digest for name, search in found.items()}
    contents = {name: content_digest(file.read_bytes()) for name, file in merged.items()}
    decided = provenance.digest([__version__, digests, contents, described])
    return Task(path, decided, partial(_background, analysis, dict(merged)))


def _background(analysis: str, merged: Mapping[str, Path], stamp: Mapping[str, object]) -> bytes:
    found = {name: searches.load(name) for name in (analysis, *merged)}
    results = {str(path): Result.load(path) for path in merged.values()}
    return backgrounds(found[analysis], inputs_of(results, found, search=analysis)).dumps(stamp)
