"""Whether yields, results and backgrounds belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.errors import ConfigurationError, MergeError, UnknownNameError, nearest
from na62dump.regions import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from na62dump.background.backgrounds import Backgrounds
    from na62dump.inference.counts.counting import Counting
    from na62dump.results import Result, State
    from na62dump.signal.yields import Expected


def check_agreement(expected: Expected, analysis: str, *, result: Result | None, backgrounds: Backgrounds) -> None:
    """Refuse yields, a result and backgrounds of one search that were made under different conditions.

    Raises
    ------
    MergeError
        If analysis, data or open regions differ; it says what to make again.
    """
    _check_search(expected, analysis, what="backgrounds", state=backgrounds.state)
    if result is not None:
        _check_search(expected, analysis, what="result", state=result.state)
        _check_states(analysis, result.state, backgrounds.state)


def _check_search(expected: Expected, analysis: str, *, what: str, state: State) -> None:
    if state.analysis != analysis:
        msg = f"{what} of '{state.analysis}' given for '{analysis}'; give what was made for '{analysis}'"
        raise MergeError(msg)
    if state.digest != expected.digests.get(f"analysis {analysis}"):
        msg = (
            f"'{analysis}': {what} and yields of '{expected.model}' were not made with the same analysis; make again what is "
            "older, with 'na62dump run' and 'na62dump background', or with 'na62dump acceptance' and 'na62dump yields'"
        )
        raise MergeError(msg)


def _check_states(analysis: str, result: State, backgrounds: State) -> None:
    for what, one, other in (
        ("open regions and control samples", sorted(result.opened), sorted(backgrounds.opened)),
        ("regions hidden by other searches", sorted(result.also_hidden), sorted(backgrounds.also_hidden)),
        ("data", list(result.data), list(backgrounds.data)),
    ):
        if one != other:
            msg = (
                f"'{analysis}': {what} are {one} in the result and {other} in the backgrounds; both have to be the same: make "
                "the backgrounds again from this result, with 'na62dump background'"
            )
            raise MergeError(msg)


def check_regions(regions: Sequence[str], state: State) -> None:
    """Refuse regions that a search does not have, or that are not named once each.

    Raises
    ------
    UnknownNameError, ConfigurationError
        If so.
    """
    known = [name for name in state.regions if name != UNDEFINED]
    for name in regions:
        if name not in known:
            msg = f"'{state.analysis}' has no region '{name}' to count in; {nearest(name, known)}"
            raise UnknownNameError(msg)
    if not regions or len(set(regions)) < len(regions):
        msg = f"events of '{state.analysis}' are to be counted in {list(regions)}: name at least one region, and each once"
        raise ConfigurationError(msg)


def check_alike(countings: Sequence[Counting]) -> None:
    """Refuse counts of several searches that do not add up.

    Raises
    ------
    ConfigurationError
        If there are none, a search is there twice, or masses or regions differ.
    """
    if not countings:
        msg = "no search to put together: give at least one"
        raise ConfigurationError(msg)
    searches = [name for each in countings for name in each.searches]
    if len(set(searches)) < len(searches):
        msg = f"searches {searches} cannot be put together: each counts once"
        raise ConfigurationError(msg)
    first = countings[0]
    for each in countings[1:]:
        if set(each.regions) != set(first.regions):
            msg = f"'{first.name}' counts in {list(first.regions)} and '{each.name}' in {list(each.regions)}: take the same regions"
            raise ConfigurationError(msg)
        if not np.array_equal(each.masses, first.masses):
            msg = f"'{first.name}' and '{each.name}' have different masses; make both with one file of yields"
            raise ConfigurationError(msg)
