"""Muons of the halo, from single tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na62dump.background.backward import Muons
from na62dump.background.rates import stands_for

if TYPE_CHECKING:
    from na62dump.analysis import Analysis
    from na62dump.background.mixing import Pool
    from na62dump.datasets import TriggerLines


def muons(analysis: Analysis, tracks: Pool, *, lines: TriggerLines) -> Muons:
    """Muons at the reference plane.

    Parameters
    ----------
    analysis : Analysis
        The search whose single tracks they are.
    tracks : Pool
        Single tracks; mm, rad, MeV/c.
    lines : TriggerLines
        Downscaling and efficiency of their line.

    Returns
    -------
    Muons
        Each with the number of muons that it stands for.
    """
    names = ("x", "y", "dxdz", "dydz", "p", "charge")
    columns = (tracks.events[f"Track_{name}"].astype(np.float64) for name in names)
    x, y, dxdz, dydz, p, charge = columns
    weight = np.full(len(tracks), stands_for(analysis, lines))
    return Muons(analysis.geometry.reference.z, x, y, dxdz, dydz, p, charge, weight)
