"""Tables of the time difference of tracks: accidental and prompt pairs, and what vetoes leave of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.tables.table import Table

if TYPE_CHECKING:
    from na62dump.background.backgrounds import Backgrounds

TIMES = "before", "after"
"""Rows without and with the LAV veto."""

NUMBERS = ("accidental", "accidental_error", "prompt", "prompt_error", "prompt_limit")


def veto_fits(found: Backgrounds) -> Table:
    """Accidental and prompt pairs before and after the LAV veto.

    Parameters
    ----------
    found : Backgrounds
        What ``na62dump background`` wrote.

    Returns
    -------
    Table
        Pairs in the window of the fit; a limit is at 90% CL. Without a fit, the number of rows alone.
    """
    fits = found.vetoes.get("fits", {})
    rows = tuple(
        (name, len(found.times[name]), *(fits.get(name, {}).get(number) for number in NUMBERS))
        for name in TIMES
        if name in found.times
    )
    head = ("LAV veto", "rows", "accidental", "error", "prompt", "error of prompt", "upper limit of prompt (90% CL)")
    window = f" within {found.vetoes['window']:g} ns" if "window" in found.vetoes else ""
    return Table(f"Pairs{window} by the time difference of their tracks", head, rows)


def suppression(found: Backgrounds) -> Table:
    """What vetoes leave of prompt pairs.

    Parameters
    ----------
    found : Backgrounds
        What ``na62dump background`` wrote.

    Returns
    -------
    Table
        The share that is left with its uncertainty, a limit at 90% CL where there is one, or why it was not measured.
    """
    rows = tuple(
        (veto, *(said.get(key) for key in ("value", "uncertainty", "limit", "reason")))
        for veto, said in found.vetoes.get("suppression", {}).items()
    )
    head = ("veto", "share left", "uncertainty", "upper limit (90% CL)", "why not measured")
    return Table("Prompt pairs that vetoes leave", head, rows)
