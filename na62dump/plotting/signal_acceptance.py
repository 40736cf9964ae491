"""All figures of accepted decays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.errors import UnknownNameError, nearest
from na62dump.plotting.signal_checks import resolution_figure, trigger_figure
from na62dump.plotting.signal_shares import Series, shares_figure
from na62dump.plotting.signal_words import file_name
from na62dump.plotting.style import styled
from na62dump.reach import SIGNAL_REGIONS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from na62dump.signal.acceptance import Acceptance


def draw_acceptance(acceptance: Acceptance, *, region: str = SIGNAL_REGIONS[0]) -> dict[str, Figure]:
    """Draw accepted decays.

    Parameters
    ----------
    acceptance : Acceptance
        What ``na62dump acceptance`` wrote.
    region : str
        Where decays are selected.

    Returns
    -------
    dict of str to Figure
        ``"acceptance"``, the search, the production channel and the final state: the accepted share. Then ``"resolution"``
        and ``"trigger"`` with the search and the final state, if there is anything to show. To be written by `save`.

    Raises
    ------
    UnknownNameError
        If there is no such region.
    """
    if region not in acceptance.regions:
        msg = f"no decays of '{acceptance.analysis}' in a region '{region}'; {nearest(region, acceptance.regions)}"
        raise UnknownNameError(msg)
    found: dict[str, Figure | None] = {}
    with styled():
        for channel, final_state in acceptance.series:
            name = file_name("acceptance", acceptance.analysis, channel, final_state)
            found[name] = shares_figure(Series(acceptance, channel, final_state, region))
        for final_state in dict.fromkeys(final_state for _, final_state in acceptance.series):
            what = acceptance.analysis, final_state
            found[file_name("resolution", *what)] = resolution_figure(acceptance, final_state)
            found[file_name("trigger", *what)] = trigger_figure(acceptance, final_state)
    return {name: figure for name, figure in found.items() if figure is not None}
