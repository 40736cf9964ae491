"""Between two simulated masses: shares follow a power of the momentum that the daughters have at rest.

What a selection leaves of a decay depends on its opening angle, and that on q = sqrt(m^2 - m_threshold^2) over the energy.
At the same flight (x = z/p) shares of neighbouring masses are therefore mixed linearly in their logarithms over log q.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def place(mass: float, ends: tuple[float, float], *, threshold: float) -> float:
    """Where a mass lies between two others, from 0 to 1: in the logarithm of q (masses in MeV, above the threshold)."""
    low, here, high = (0.5 * np.log(m**2 - threshold**2) for m in (ends[0], mass, ends[1]))
    return float((here - low) / (high - low))


def mixed(
    shares: tuple[NDArray[np.float64], NDArray[np.float64]],
    variances: tuple[NDArray[np.float64], NDArray[np.float64]],
    *,
    part: NDArray[np.float64] | float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares between those of two samples, and their variances.

    Parameters
    ----------
    shares, variances : pair of float64[a, b]
        Of the sample below and of that above, pure numbers.
    part : float or float64[a, b]
        Place between them, from 0 to 1.

    Returns
    -------
    share, variance : float64[a, b]
        Pure numbers. Where one of both has nothing, the mean by the place is linear.
    """
    low, high = shares
    keep = 1 - part
    both = (low > 0) & (high > 0)
    safe = [np.where(both, share, 1.0) for share in shares]
    power = np.exp(keep * np.log(safe[0]) + part * np.log(safe[1]))
    errors = [np.sqrt(variance) / share for variance, share in zip(variances, safe, strict=True)]
    relative = (keep * errors[0]) ** 2 + (part * errors[1]) ** 2  # not the square of a share, which may be very small
    linear = keep**2 * variances[0] + part**2 * variances[1]
    return np.where(both, power, keep * low + part * high), np.where(both, power**2 * relative, linear)
