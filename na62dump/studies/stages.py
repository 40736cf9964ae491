"""How long work tells how far it is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


class Stage(Protocol):
    """Opens a progress bar of so many steps; what it gives is called with the number of steps done."""

    def __call__(self, what: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Open it."""
        ...


@contextmanager
def silent(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Tell nobody."""
    del what, total
    yield lambda _: None
