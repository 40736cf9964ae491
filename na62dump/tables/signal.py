"""Tables of signal: expected numbers, what they come from, and accepted decays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.efficiencies import efficiency
from na62dump.reach import ENOUGH, SIGNAL_REGIONS, reach, spread, within
from na62dump.tables.table import Cell, Table, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from na62dump.signal.acceptance import Acceptance, Simulated
    from na62dump.signal.yields import Expected

SOME = 8
"""Masses that a person is shown."""

LEAST = 0.001
"""Share of the events that a person is shown."""

ALL = "all"
"""What stands for all searches together."""

TRIGGER = ("trigger", "-", "+")
"""Efficiency and lengths of its error bars, each after the name of the line that it is measured with."""

NUMBERS = ("events", "statistical error", "theory error")


def yields(expected: Expected, *, regions: Sequence[str] = SIGNAL_REGIONS, most: int | None = SOME) -> Table:
    """How far each search reaches: where it expects most events, and where it expects enough.

    Parameters
    ----------
    expected : Expected
        What ``na62dump yields`` wrote.
    regions : sequence of str
        Where events are counted, each on its own.
    most : int, optional
        Number of masses; all of the grid if None.

    Returns
    -------
    Table
        One row for each search, region and mass (MeV): the coupling with the most events, these with their errors, and the
        first and last coupling of the grid with more than 2.3 events. With several searches, also all together, unless final
        states are alternatives.

    Raises
    ------
    UnknownNameError
        If no numbers lie in a region.
    """
    coupling = _name(expected)
    head = ("search", "region", "mass [MeV]", f"best {coupling}", *NUMBERS)
    ends = (f"more than {ENOUGH:.3g} events from {coupling}", f"to {coupling}")
    rows = (row for region in regions for row in _reaches(expected, region, most=most))
    return Table(f"Reach of the searches; {_said(expected)}", (*head, *ends), tuple(rows))


def channels(
    expected: Expected, *, regions: Sequence[str] = SIGNAL_REGIONS, most: int | None = SOME, least: float = LEAST
) -> Table:
    """What the events come from, at the coupling with the most events of all searches together.

    Parameters
    ----------
    expected : Expected
        What ``na62dump yields`` wrote.
    regions : sequence of str
        Where events are counted, all together.
    most : int, optional
        Number of masses; all of the grid if None.
    least : float
        Smallest share that has a row.

    Returns
    -------
    Table
        One row for each mass (MeV), production channel and final state that has events, by falling share; of alternatives
        each has its own.

    Raises
    ------
    UnknownNameError
        If no numbers lie in a region.
    """
    counted = within(expected, regions)
    rows: list[tuple[Cell, ...]] = []
    total = counted.total()
    pairs = dict.fromkeys((part.channel, part.final_state) for part in counted.parts)
    numbers = {pair: _numbers(counted, channel=pair[0], final_state=pair[1]) for pair in pairs}
    for row in _places(expected, most):
        best = int(total[row].argmax())
        at = float(expected.masses[row]), float(expected.couplings[best])
        found = {pair: tuple(float(of[row, best]) for of in every) for pair, every in numbers.items()}
        wholes = {pair: _whole(counted, total, final_state=pair[1])[row, best] for pair in pairs}
        shares = {pair: ratio(found[pair][0], float(wholes[pair])) or 0.0 for pair in pairs}
        some = sorted(
            (pair for pair in pairs if shares[pair] and shares[pair] >= least), key=lambda pair: -shares[pair]
        )
        rows += ((*at, *pair, shares[pair], *found[pair]) for pair in some)
    head = ("mass [MeV]", f"best {_name(expected)}", "production channel", "final state", "share", *NUMBERS)
    title = f"What events in {', '.join(regions)} come from, shares of at least {least:g}; {_said(expected)}"
    return Table(title, head, tuple(rows))


def uncovered(expected: Expected) -> Table:
    """What the model has and no sample covers, with the search and the masses.

    Parameters
    ----------
    expected : Expected
        What ``na62dump yields`` wrote.

    Returns
    -------
    Table
        One row each; none if all is covered.
    """
    rows = (tuple(text.rsplit(": ", 1)) for text in expected.uncovered)
    return Table(f"Not simulated: missing in the numbers of {expected.model}", ("what", "masses"), tuple(rows))


def acceptance(accepted: Acceptance) -> Table:
    """Simulated decays: how many, how many are selected, the trigger efficiency and the mass resolution.

    Parameters
    ----------
    accepted : Acceptance
        What ``na62dump acceptance`` wrote.

    Returns
    -------
    Table
        One row for each sample. ``share`` is that of all particles of the channel that fly where decays are simulated.
        Trigger efficiencies are measured with each line that says nothing of the one asked for; their errors are those of
        Clopper and Pearson, 68%. Offset and resolution are those of the measured minus the true mass, MeV.
    """
    lines = tuple(dict.fromkeys(line for sample in accepted.samples for line in sample.trigger))
    head = ("mass [MeV]", "channel", "final state", "decays", "selected", "share")
    triggers = [f"{line} {what}" for line in lines for what in TRIGGER]
    rows = tuple(
        (
            *(sample.mass, sample.channel, sample.final_state, sample.generated, sample.selected, sample.share),
            *(cell for line in lines for cell in _efficiency(sample, line)),
            *(sample.resolution or (None, None)),
        )
        for samples in accepted.series.values()
        for sample in samples
    )
    title = f"Simulated decays of {accepted.model}, selected by {accepted.analysis}"
    return Table(title, (*head, *triggers, "offset [MeV]", "resolution [MeV]"), rows)


def _whole(counted: Expected, total: NDArray[np.float64], *, final_state: str) -> NDArray[np.float64]:
    """What shares are of: all events, float64[m, c], pure numbers, or those of the final state if it is an alternative."""
    return counted.total(final_state=final_state) if counted.alternatives else total


def _reaches(expected: Expected, region: str, *, most: int | None) -> Iterator[tuple[Cell, ...]]:
    """Rows of one region."""
    counted = within(expected, [region])
    names = counted.names("analysis")
    for name in (*names, *([ALL] if len(names) > 1 and not expected.alternatives else [])):
        total, *errors = _numbers(counted, **({} if name == ALL else {"analysis": name}))
        for row in _places(expected, most):
            best = int(total[row].argmax())
            numbers = (float(of[row, best]) for of in (total, *errors))
            at = float(expected.couplings[best]) if total[row, best] > 0 else None
            ends = reach(total[row], expected.couplings) or (None, None)
            yield (name, region, float(expected.masses[row]), at, *numbers, *ends)


def _numbers(expected: Expected, **asked: str) -> tuple[NDArray[np.float64], ...]:
    """Events, their statistical error and that by theory: float64[m, c] each, pure numbers."""
    return expected.total(**asked), expected.statistical_error(**asked), expected.theory_error(**asked)


def _places(expected: Expected, most: int | None) -> list[int]:
    """Indices of the masses that are shown."""
    number = len(expected.masses)
    return spread(number, number if most is None else most)


def _name(expected: Expected) -> str:
    """Name of the coupling, with its unit if it has one."""
    name, unit = expected.coupling["name"], expected.coupling["unit"]
    return name if unit == "1" else f"{name} [{unit}]"


def _said(expected: Expected) -> str:
    """What all numbers are of, and what is not in them."""
    missing = [f"not simulated: {len(expected.uncovered)} of its parts"] if expected.uncovered else []
    protons = (
        f"{expected.protons:.3g} protons on target, uncertain by {expected.protons_uncertainty:.0%} beyond the errors"
    )
    return "; ".join([expected.model, protons, *missing])


def _efficiency(sample: Simulated, line: str) -> tuple[float | None, ...]:
    had, both = sample.trigger.get(line, (0, 0))
    return efficiency(both, had) or (None, None, None)
