"""The sum over a plan: exactly its units, in its order, one at a time."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from na62dump.errors import GapsError, MergeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from na62dump.datasets import WorkUnit
    from na62dump.runner.ledger import Ledger


class Addable(Protocol):
    """Anything with a sum."""

    def __add__(self, other: Self, /) -> Self:
        """Sum of two."""
        ...


R = TypeVar("R", bound=Addable)


def merge(units: Sequence[WorkUnit], ledger: Ledger, *, load: Callable[[bytes], R]) -> R:
    """Add up the results of a plan.

    Parameters
    ----------
    units : sequence of WorkUnit
        All units of the plan, in its order.
    ledger : Ledger
        Where the results are.
    load : callable
        From the bytes of a result to something with ``+``.

    Returns
    -------
    R
        ``((r0 + r1) + r2) + ...``; one result is in memory at a time beside the sum.

    Raises
    ------
    MergeError
        If a unit is missing, overlaps another, is damaged, or was made under another fingerprint, or if the folder
        holds results of units that are not in the plan.
    """
    _refuse_overlaps(units)
    _refuse_strangers_and_gaps(units, ledger)
    total: R | None = None
    for unit in units:
        result = _loaded(unit, ledger, load=load)
        total = result if total is None else total + result
    if total is None:
        msg = "the plan has no units: nothing can be merged; check the files of its samples"
        raise MergeError(msg)
    return total


def _loaded(unit: WorkUnit, ledger: Ledger, *, load: Callable[[bytes], R]) -> R:
    try:
        return load(ledger.read(unit))
    except MergeError:
        raise
    except Exception as error:
        msg = f"{ledger.result_path(unit)} cannot be loaded ({error}); run again, and this unit is computed anew"
        raise MergeError(msg) from error


def _refuse_overlaps(units: Iterable[WorkUnit]) -> None:
    ordered = sorted(units, key=lambda unit: (unit.uuid, unit.start, unit.stop))
    for first, second in pairwise(ordered):
        same = first.name == second.name
        if first.uuid == second.uuid and (second.start < first.stop or same):
            msg = f"units {first.name} and {second.name} of {second.path} overlap: their events would count twice"
            raise MergeError(msg)


def _refuse_strangers_and_gaps(units: Sequence[WorkUnit], ledger: Ledger) -> None:
    planned = {unit.name for unit in units}
    present = ledger.names()
    strangers = sorted(present - planned)
    if strangers:
        msg = (
            f"{ledger.results} holds {len(strangers)} results that are not of this plan, first {strangers[0]}: "
            "use another output folder for another plan, or remove them"
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
