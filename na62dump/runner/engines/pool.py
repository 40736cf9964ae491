"""The pool of processes of this machine: one, which all who need processes use."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, TypeVar

from loky import get_reusable_executor

from na62dump.runner.engines.interrupts import held_back, leave_interrupts_to_the_parent

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

A = TypeVar("A")

_IDLE_SECONDS = 3600
"""How long a process waits for more, s: loky's own 10 s pass between two tasks, and it warns of that."""


class Processes(Executor):
    """Processes that leave Ctrl-C to this one; later calls use them again, and replace those that died.

    Parameters
    ----------
    workers : int
        How many.
    """

    def __init__(self, workers: int) -> None:
        with held_back():
            self._pool = _pool(workers)

    def submit(self, function: Callable[..., A], /, *args: Any, **kwargs: Any) -> Future[A]:  # noqa: ANN401 - as in concurrent.futures
        """Call a function in one of them; the first call starts them.

        Raises
        ------
        BrokenProcessPool
            If one has died.
        """
        with held_back():
            found: Future[A] = self._pool.submit(function, *args, **kwargs)
        return found


def kill_processes() -> None:
    """End all of them, whatever they do."""
    _pool(None).shutdown(kill_workers=True)


def _pool(workers: int | None) -> Any:  # noqa: ANN401 - loky has no types
    """The pool with so many processes, or with as many as it has."""
    return get_reusable_executor(
        max_workers=workers,
        timeout=_IDLE_SECONDS,
        initializer=leave_interrupts_to_the_parent,
        reuse="auto" if workers else True,
    )
