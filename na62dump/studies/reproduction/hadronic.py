"""Published fewest events of the searches for decays into hadrons, computed again from the published backgrounds."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from na62dump.inference.published import load_hadronic
from na62dump.inference.statistics.discovery import minimum_counts
from na62dump.studies.reproduction.comparison import Section, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from na62dump.inference.published import Hadronic
    from na62dump.inference.settings import Prior

REGIONS = ("SR", "SR + CR")

SIDES = {2: "two-sided", 1: "one-sided"}

DENSITIES: dict[Prior | None, str] = {
    None: "known background",
    "gaussian": "Gaussian background",
    "gamma": "gamma background",
    "lognormal": "log-normal background",
}
"""What may be meant by the errors of a background; None if they are left out."""


def hadronic() -> Section:
    """Fewest events beyond the significance in the signal region, and in both regions together.

    Returns
    -------
    Section
        Two lines for each final state, and how many of them each convention has.
    """
    table = load_hadronic()
    expected, _ = _backgrounds(table)
    printed, found = _printed(table), _fewest(table, sides=2, prior=None)
    lines = tuple(
        words(
            f"{channel.final_state}: fewest events in {region}",
            published=int(printed[place]),
            ours=int(found[place]),
            remark=f"{expected[place]:.3g} expected",
            kind="fitted",
        )
        for row, channel in enumerate(table.channel)
        for place, region in (((row, column), region) for column, region in enumerate(REGIONS))
    )
    notes = (
        (
            f"Fewest events whose probability is below that of {table.sigmas:g} standard deviations, two-sided, for a Poisson number "
            f"of the expected mean without its uncertainty; {table.source}."
        ),
        (
            f"The convention was chosen on this table, so that its lines are fitted. Equal entries, of {printed.size}: "
            f"{'; '.join(_equal(table))}."
        ),
        "There a background has the mean of its errors, and in both regions together their sum.",
    )
    return Section("Fewest events for a discovery, decays into hadrons", lines, notes)


def _equal(table: Hadronic) -> Iterator[str]:
    """How many entries each convention has."""
    printed = _printed(table)
    for (sides, counted), (prior, density) in product(SIDES.items(), DENSITIES.items()):
        yield f"{counted}, {density} {(_fewest(table, sides=sides, prior=prior) == printed).sum()}"


def _printed(table: Hadronic) -> NDArray[np.int64]:
    """Printed entries: int64[channel, region]."""
    return np.array([(channel.minimum_signal, channel.minimum_both) for channel in table.channel])


def _fewest(table: Hadronic, *, sides: int, prior: Prior | None) -> NDArray[np.int64]:
    """Fewest events by a convention: int64[channel, region]."""
    expected, errors = _backgrounds(table)
    widths = errors if prior else np.zeros_like(errors)
    return minimum_counts(expected, uncertainty=widths, prior=prior or "gaussian", deviations=table.sigmas, sides=sides)


def _backgrounds(table: Hadronic) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Backgrounds and their errors, each float64[channel, region], counts.

    Relative errors of the two regions are nearly equal, as of one source: they add up.
    """
    alone = [[(each.expected, (each.up + each.down) / 2) for each in (row.SR, row.CR)] for row in table.channel]
    expected, errors = np.moveaxis(np.array(alone).cumsum(axis=1), -1, 0)
    return expected, errors
