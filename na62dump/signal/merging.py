"""Expected numbers of several files as one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from na62dump.signal.yields import Expected

SAME = ("model", "coupling", "protons", "protons_uncertainty")
"""What all have to have in common, beside the grid and the files of the model."""


def merged(several: Sequence[Expected]) -> Expected:
    """Expected numbers of different searches for one model.

    Parameters
    ----------
    several : sequence of Expected
        What ``na62dump yields`` wrote: one model, one grid, one number of protons, and no search or final state twice.

    Returns
    -------
    Expected
        With the parts of all.

    Raises
    ------
    ConfigurationError
        If there are none, or they do not belong together.
    """
    if not several:
        msg = "no expected numbers: give at least one file that 'na62dump yields' wrote"
        raise ConfigurationError(msg)
    first, *others = several
    for other in others:
        _check_pair(first, other)
    for field, what in (("analysis", "for the search"), ("final_state", "of decays into")):
        names = [name for each in several for name in each.names(field)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            msg = f"expected numbers {what} {', '.join(twice)} are in two files: they would be counted twice; give one of them"
            raise ConfigurationError(msg)
    if not others:
        return first
    return replace(
        first,
        digests={name: digest for each in several for name, digest in each.digests.items()},
        parts=tuple(part for each in several for part in each.parts),
        events=np.concatenate([each.events for each in several]),
        statistical=np.concatenate([each.statistical for each in several]),
        residuals=np.concatenate([each.residuals for each in several]),
        uncertainties={channel: sources for each in several for channel, sources in each.uncertainties.items()},
        uncovered=tuple(dict.fromkeys(text for each in several for text in each.uncovered)),
    )


def _check_pair(one: Expected, other: Expected) -> None:
    for key in SAME:
        if getattr(one, key) != getattr(other, key):
            msg = (
                f"expected numbers do not belong together: {key} is {getattr(one, key)} in one and {getattr(other, key)} in "
                "another; make them alike with 'na62dump yields'"
            )
            raise ConfigurationError(msg)
    if one.digests.get("model") != other.digests.get("model"):
        msg = f"expected numbers were made with different values of '{one.model}' in config/signal/; make them again"
        raise ConfigurationError(msg)
    if not (np.array_equal(one.masses, other.masses) and np.array_equal(one.couplings, other.couplings)):
        msg = (
            f"expected numbers of '{one.model}' are on different grids; give all calls of 'na62dump yields' the same --masses, "
            "--mass-range, --couplings and --coupling-range"
        )
        raise ConfigurationError(msg)
