"""Two bodies in the rest frame of what they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Masses = NDArray[np.float64] | float


def momenta(parent: Masses, daughters: tuple[Masses, Masses]) -> NDArray[np.float64]:
    """Momentum of both daughters of a two-body decay, sqrt(lambda(M^2, m1^2, m2^2))/2M [PDG, review of kinematics].

    The Kallen function is written in factors, which keep their digits at the threshold.

    Parameters
    ----------
    parent : float or float64[n], MeV
        Mass.
    daughters : pair of float or float64[n], MeV
        Masses.

    Returns
    -------
    float64[n], MeV
        0 at the threshold and below.
    """
    one, other = daughters
    above = np.maximum(parent - (one + other), 0.0) * (parent + (one + other))
    return np.asarray(np.sqrt(above * np.maximum(parent**2 - (one - other) ** 2, 0.0)) / (2 * parent))


def momentum(parent: float, daughters: tuple[float, float]) -> float:
    """The same for one decay: MeV, for masses in MeV."""
    return float(momenta(parent, daughters))
