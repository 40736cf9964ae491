"""What each search counts, from its published background and events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from na62dump import analysis
from na62dump.inference.counts.windows import given
from na62dump.inference.published import load_event, load_exclusions, load_expectations, load_hadronic
from na62dump.studies.samples import signal_sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from na62dump.inference.counts.counting import Counting
    from na62dump.inference.counts.shapes import Shape
    from na62dump.inference.settings import Inference
    from na62dump.signal.yields import Expected

SIGNAL = "SR"


class Numbers(NamedTuple):
    """Published background of a signal region.

    Attributes
    ----------
    expected, down, up : float, counts
        Number and errors.
    events : tuple of float, MeV, or None
        Masses of observed events; None if their number is not published.
    """

    expected: float
    down: float
    up: float
    events: tuple[float, ...] | None


NONE = Numbers(0.0, 0.0, 0.0, None)
"""Nothing is published."""


def published_of(search: str) -> Numbers:
    """Published background and events of a search.

    Parameters
    ----------
    search : str
        Its name.

    Returns
    -------
    Numbers
        `NONE` if nothing is published.
    """
    leptons = [row for row in load_expectations().row if (row.search, row.region) == (search, SIGNAL)]
    if leptons:
        first, event = leptons[0], load_event().mass
        return Numbers(first.expected, first.down, first.up, (event,) * (first.observed or 0))
    decays_into = signal_sample(analysis.load(search)).final_state
    hadrons = [channel.SR for channel in load_hadronic().channel if channel.final_state == decays_into]
    return Numbers(hadrons[0].expected, hadrons[0].down, hadrons[0].up, None) if hadrons else NONE


def counted(
    expected: Expected, search: str, *, mechanisms: Mapping[str, str], shapes: Mapping[str, Shape], settings: Inference
) -> Counting:
    """What a search counts.

    Parameters
    ----------
    expected : Expected
        Signal; its protons are what backgrounds are scaled to.
    search : str
        Its name.
    mechanisms : mapping of str to str
        What the background of each search is.
    shapes : mapping of str to Shape
        By search, distribution of the background over the mass.
    settings : Inference
        Width of windows, growth of backgrounds.

    Returns
    -------
    Counting
        Of the signal region; its remarks say what is not published.
    """
    numbers, scale = published_of(search), expected.protons / load_exclusions().protons
    counting = given(
        expected,
        search,
        background=numbers.expected,
        uncertainty=(numbers.down, numbers.up),
        events=numbers.events,
        shape=shapes.get(search),
        settings=settings,
        mechanism=mechanisms[search],
        scale=scale,
    )
    if numbers is NONE:
        return replace(counting, remarks=(f"no background is published for {search}: taken to be 0",))
    if numbers.events is None and scale == 1:
        unseen = f"observed counts of {search} are not published: expected limits only"
        return replace(counting, remarks=(*counting.remarks, unseen))
    return counting
