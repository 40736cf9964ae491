"""Pairs made by neutrinos in the material of the vessel and the chambers, without a halo muon and what it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.background.extrapolation import Extrapolation, extrapolated

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from na62dump.background.estimate import Estimate
    from na62dump.results import Result


def neutrino(
    result: Result,
    settings: Extrapolation,
    *,
    simulated: Result | None = None,
    others: Sequence[Estimate] = (),
    failing: Collection[str] = (),
) -> Estimate:
    """Neutrino-induced background. Vetoes stay silent, so that selected rows of visible regions tell how many there are.

    Parameters and errors are those of `extrapolated`.

    Returns
    -------
    Estimate
        Of the mechanism "neutrino".
    """
    return extrapolated(result, settings, mechanism="neutrino", simulated=simulated, others=others, failing=failing)
