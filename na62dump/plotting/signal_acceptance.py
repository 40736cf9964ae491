"""All figures of accepted decays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.errors import UnknownNameError, nearest
from na62dump.plotting.signal_checks import resolution_figure, trigger_figure
from na62dump.plotting.signal_shares import Series, shares_figure
from na62dump.plotting.signal_words import file_name
from na62dump.plotting.style import styled
from na62dump.signal.reach import SIGNAL_REGIONS

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
        and ``"trigger"`` with the search, if there is anything to show. To be written by `save`.

    Raises
    ------
    UnknownNameError
        If there is no such region.
    """
    if region not in acceptance.regions:
        msg = f"no decays of '{acceptance.analysis}' in a region '{region}'; {nearest(region, acceptance.regions)}"
        raise UnknownNameError(msg)
    analysis = acceptance.analysis
    with styled():
        figures = {
            file_name("acceptance", analysis, *key): shares_figure(Series(acceptance, *key, region))
            for key in acceptance.series
        }
        others = {"resolution": resolution_figure(acceptance), "trigger": trigger_figure(acceptance)}
    return figures | {file_name(name, analysis): figure for name, figure in others.items() if figure is not None}
