"""Pairs made upstream of the decay volume, by particles that the achromat collects or by halo in the last collimators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.background.extrapolation import Extrapolation, extrapolated

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from na62dump.background.estimate import Estimate
    from na62dump.results import Result


def upstream(
    result: Result,
    settings: Extrapolation,
    *,
    simulated: Result | None = None,
    others: Sequence[Estimate] = (),
    failing: Collection[str] = (),
) -> Estimate:
    """Upstream background. Its pairs cross ANTI0: where that is a veto, only rows that fail it tell how many there are.

    Parameters and errors are those of `extrapolated`.

    Returns
    -------
    Estimate
        Of the mechanism "upstream".
    """
    return extrapolated(result, settings, mechanism="upstream", simulated=simulated, others=others, failing=failing)
