"""What earlier jobs tell of the units that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from na62dump.runner.batch.portions import Had, Lack, Past
from na62dump.runner.batch.systems import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from na62dump.datasets import WorkUnit
    from na62dump.runner.batch.submissions import Sent
    from na62dump.runner.ledger import Ledger


class Place(NamedTuple):
    """A job: number of its submission in the order of the history, and of its slice."""

    submission: int
    slice: int


def past_of(before: Sequence[Sent], ledger: Ledger, *, units: Sequence[WorkUnit]) -> Past:
    """What is known of units.

    Parameters
    ----------
    before : sequence of Sent
        Earlier submissions, oldest first.
    ledger : Ledger
        Has failures, and marks of what was worked on.
    units : sequence of WorkUnit
        Missing, and in no job that waits or runs.

    Returns
    -------
    Past
        What the last job that began with each had, what it lacked, and which units were worked on when their job
        vanished.
    """
    names = {unit.name for unit in units}
    told = {place: lack for i, sent in enumerate(before) for place, lack in _told(i, sent, names)}
    last = last_places(before, names, began=set(told))
    lacks: dict[str, Lack] = {}
    marked = ledger.places.marked_names() & names
    for place in set(last.values()) & set(told):
        own = [name for name in before[place.submission].submission.slices[place.slice] if last.get(name) == place]
        # a job that was ended as a whole is the fault of what it was doing, or, if that is not known, of any of its units
        doing = marked.union(_doing(before, place))
        lacks |= dict.fromkeys([name for name in own if name in doing] or own, told[place])
    for failure in ledger.failures(units):
        if failure.kind == "memory" or failure.kind == "time":  # noqa: PLR1714 - mypy narrows a literal by ==
            lacks[failure.unit] = failure.kind
    return Past({name: _had(before, place) for name, place in last.items()}, lacks, marked)


def last_places(before: Sequence[Sent], names: Collection[str], *, began: Collection[Place] | None) -> dict[str, Place]:
    """Newest job of each unit; with ``began``, of those jobs only that have said something, or are in it."""
    found: dict[str, Place] = {}
    for i, sent in enumerate(before):
        for number, several in enumerate(sent.submission.slices):
            own = [name for name in several if name in names]
            if own and (
                _may_begin(sent, number) if began is None else Place(i, number) in began or _began(sent, number)
            ):
                found |= dict.fromkeys(own, Place(i, number))
    return found


def vanished(before: Sequence[Sent], names: Collection[str]) -> list[tuple[Sent, int]]:
    """Newest jobs of units that have neither ended, nor refused, nor been told to end."""
    places = sorted(set(last_places(before, names, began=None).values()))
    unfinished = {i: set(before[i].unfinished()) for i in {place.submission for place in places}}
    lost = [(before[place.submission], place.slice) for place in places if place.slice in unfinished[place.submission]]
    return [(sent, number) for sent, number in lost if not _said(sent, number)]


def _told(index: int, sent: Sent, names: set[str]) -> list[tuple[Place, Lack]]:
    """What the batch system says of jobs that could not say it themselves and have units among some."""
    wanted = {number for number, several in enumerate(sent.submission.slices) if not names.isdisjoint(several)}
    unfinished = wanted.intersection(sent.unfinished()) if wanted else set()
    lacking: Mapping[int, Lack] = SYSTEMS[sent.submission.engine].lacking(sent) if unfinished else {}
    return [(Place(index, number), lack) for number, lack in lacking.items() if number in unfinished]


def _began(sent: Sent, number: int) -> bool:
    report = sent.report(number)
    return report is not None and report.state != "refused"


def _may_begin(sent: Sent, number: int) -> bool:
    return not sent.is_refused or sent.report(number) is not None


def _said(sent: Sent, number: int) -> str:
    report = sent.report(number)
    return report.reason if report else ""


def _doing(before: Sequence[Sent], place: Place) -> tuple[str, ...]:
    """What a job was doing when it was told to end."""
    report = before[place.submission].report(place.slice)
    return report.working if report else ()


def _had(before: Sequence[Sent], place: Place) -> Had:
    submission = before[place.submission].submission
    given = submission.given
    return Had(given.memory, given.time, raised=given.raised, alone=len(submission.slices[place.slice]) == 1)
