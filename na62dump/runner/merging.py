"""The sum over a plan: exactly its units, few of them in memory at a time."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from na62dump.errors import GapsError, MergeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from na62dump.datasets import WorkUnit
    from na62dump.runner.ledger import Ledger


class Addable(Protocol):
    """Anything with a sum."""

    def __add__(self, other: Self, /) -> Self:
        """Sum of two."""
        ...


R = TypeVar("R", bound=Addable)


def total(terms: Iterable[R]) -> R | None:
    """Sum in pairs, then of pairs, and so on, so that no long sum is copied for each term.

    Parameters
    ----------
    terms : iterable
        What to add, taken one at a time.

    Returns
    -------
    R or None
        The sum in order, with brackets that depend on the number of terms alone; None without terms.
    """
    waiting: list[tuple[int, R]] = []
    for term in terms:
        size, found = 1, term
        while waiting and waiting[-1][0] == size:
            found = waiting.pop()[1] + found
            size += size
        waiting.append((size, found))
    if not waiting:
        return None
    found = waiting.pop()[1]
    while waiting:
        found = waiting.pop()[1] + found
    return found


def merge(units: Sequence[WorkUnit], ledger: Ledger, *, load: Callable[[bytes], R]) -> R:
    """Add up the results of a plan.

    Parameters
    ----------
    units : sequence of WorkUnit
        All units of the plan.
    ledger : Ledger
        Where the results are.
    load : callable
        From the bytes of a result to something with ``+``.

    Returns
    -------
    R
        Sum over shards, in their order, of the sum over the units of each, in order of their names.

    Raises
    ------
    MergeError
        If a unit is missing, overlaps another, is damaged, or was made under another fingerprint, or if the folder
        holds results of units that are not in the plan.
    """
    _refuse_overlaps(units)
    _refuse_strangers_and_gaps(units, ledger)
    ordered = sorted(units, key=lambda unit: (unit.shard, unit.name))
    shards = (list(several) for _, several in groupby(ordered, key=lambda unit: unit.shard))
    found = total(_of_shard(shard, ledger, load=load) for shard in shards)
    if found is None:
        msg = "the plan has no units: nothing can be merged; check the files of its samples"
        raise MergeError(msg)
    return found


def _of_shard(units: Sequence[WorkUnit], ledger: Ledger, *, load: Callable[[bytes], R]) -> R:
    try:
        found = _of_sealed(units, ledger, load=load)
        if found is None:
            found = total(_single(units, ledger, load=load))
    except FileNotFoundError as error:
        # a run has sealed it since it was looked for
        found = _of_sealed(units, ledger, load=load)
        if found is None:
            msg = f"{error.filename} is not there; run again: only what is missing is computed"
            raise GapsError(msg) from error
    assert found is not None  # noqa: S101 - a shard has units
    return found


def _of_sealed(units: Sequence[WorkUnit], ledger: Ledger, *, load: Callable[[bytes], R]) -> R | None:
    sealed = ledger.read_shard(units)
    return None if sealed is None else _loaded(sealed, f"{ledger.places.shard(units[0])}", load=load)


def _single(units: Iterable[WorkUnit], ledger: Ledger, *, load: Callable[[bytes], R]) -> Iterator[R]:
    for unit in units:
        yield _loaded(ledger.read(unit), f"{ledger.places.result(unit)}", load=load)


def _loaded(content: bytes, where: str, *, load: Callable[[bytes], R]) -> R:
    try:
        return load(content)
    except MergeError:
        raise
    except Exception as error:
        msg = f"{where} cannot be loaded ({error}); run again, and it is computed anew"
        raise MergeError(msg) from error


def _refuse_overlaps(units: Iterable[WorkUnit]) -> None:
    ordered = sorted(units, key=lambda unit: (unit.uuid, unit.start, unit.stop))
    for first, second in pairwise(ordered):
        same = (first.start, first.stop) == (second.start, second.stop)
        if first.uuid == second.uuid and (second.start < first.stop or same):
            msg = f"units {first.name} and {second.name} of {second.path} overlap: their events would count twice"
            raise MergeError(msg)


def _refuse_strangers_and_gaps(units: Sequence[WorkUnit], ledger: Ledger) -> None:
    planned = {unit.name for unit in units}
    present = ledger.names()
    strangers = sorted(present - planned)
    if strangers:
        msg = (
            f"{ledger.places.results} holds {len(strangers)} results that are not of this plan, first {strangers[0]} in "
            f"{ledger.places.file_with(strangers[0])}: merge again if files are being added to the plan; otherwise move that "
            "file away, or plan in another folder"
        )
        raise MergeError(msg)
    gaps = [unit for unit in units if unit.name not in present]
    if gaps:
        first = gaps[0]
        msg = (
            f"{len(gaps)} of {len(units)} units have no result, first {first.name} ({first.path}): "
            "run again, only these are computed"
        )
        raise GapsError(msg)
