"""A pool whose dead workers are reported like results, so that one death does not hide the other reports."""

from __future__ import annotations

import contextlib
from concurrent.futures import CancelledError, Executor, Future, InvalidStateError
from typing import TYPE_CHECKING, Any

from na62dump.runner.statuses import Statuses

if TYPE_CHECKING:
    from collections.abc import Callable

_EXIT_CODES = "The exit codes of the workers are "
"""What loky's message says before, for instance, ``{SIGKILL(-9)}``."""


class Patient(Executor):
    """A pool that gives a loss in place of the report of a worker that died.

    Parameters
    ----------
    pool : Executor
        Of processes, wherever they are; the caller shuts it down.
    """

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._given: list[Future[Any]] = []

    def submit(self, function: Callable[..., Any], /, *args: object, **kwargs: object) -> Future[Any]:
        """Hand on to the pool; the future always has a result."""
        outer: Future[Any] = Future()
        self._given.append(outer)

        def pass_on(inner: Future[Any]) -> None:
            # a pool that loses its scheduler cancels
            error = CancelledError("its cluster is gone") if inner.cancelled() else inner.exception()
            _resolve(outer, inner.result() if error is None else Statuses.of_lost_worker(_signal_first(error)))

        try:
            self._pool.submit(function, *args, **kwargs).add_done_callback(pass_on)
        except RuntimeError as error:
            # a pool that is already broken refuses
            _resolve(outer, Statuses.of_lost_worker(error))
        return outer

    def give_up(self, error: BaseException) -> None:
        """Report all that is not done as lost: the pool does not always say so when it is gone."""
        for outer in list(self._given):
            _resolve(outer, Statuses.of_lost_worker(error))


def _resolve(outer: Future[Any], report: object) -> None:
    with contextlib.suppress(InvalidStateError):
        outer.set_result(report)


def _signal_first(error: BaseException) -> BaseException:
    """The same error, with what ended the worker, if that is known, at the begin of its long message."""
    _, found, codes = str(error).rpartition(_EXIT_CODES)
    return type(error)(f"a worker ended by {codes}: {error}") if found else error
