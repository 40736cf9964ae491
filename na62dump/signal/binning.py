"""Decays in bins of distance over momentum, which any lifetime is a weight of.

A decay at the distance z from the dump of a particle with momentum p and mass m happens at the proper distance d = m z/p.
Simulated decays are flat in z; the decay law makes a weight of each, (L m/p) exp(-d/(c tau))/(c tau), where L is the
simulated length. In x = z/p = d/m and lambda = c tau/m this is (L/p) exp(-x/lambda)/lambda: the mass is gone. So the
selected decays are kept in bins of log x, as sums of v = L/p with their moments about the middle of the bin, and any lifetime
is a product of a matrix with them. For a mass between two samples the sums of both are mixed: the same flight, x, for the same
kinematics.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from na62dump import configuration as conf
from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOMENTS = 3
"""Sums kept for each bin: v, v (x - middle), v (x - middle)^2; after them v^2."""


class Binning(conf.Settings):
    """Bins of one width in the logarithm of x, distance over momentum, mm/(MeV/c).

    Attributes
    ----------
    low, high : float, mm/MeV
        First and last edge.
    bins : int
        Their number.
    """

    low: conf.LengthPerMomentum
    high: conf.LengthPerMomentum
    bins: int

    @cached_property
    def middles(self) -> NDArray[np.float64]:
        """Middle of each bin, float64[bin], mm/MeV."""
        edges = np.geomspace(self.low, self.high, self.bins + 1)
        return np.asarray((edges[1:] + edges[:-1]) / 2)

    def place(self, x: NDArray[np.float64]) -> NDArray[np.int64]:
        """Bin of each value of x.

        Parameters
        ----------
        x : float64[n], mm/MeV
            Distance over momentum.

        Returns
        -------
        int64[n]
            Index.

        Raises
        ------
        ConfigurationError
            If one lies outside.
        """
        if not np.all((x >= self.low) & (x < self.high)):
            msg = (
                f"config/signal/acceptance.toml: decays at z/p from {x.min():g} to {x.max():g} mm/(MeV/c) do not fit between "
                f"binning.low = {self.low:g} and binning.high = {self.high:g}; widen it"
            )
            raise ConfigurationError(msg)
        step = np.log(self.high / self.low) / self.bins
        place: NDArray[np.int64] = np.minimum((np.log(x / self.low) / step).astype(np.int64), self.bins - 1)
        return place

    def sums(
        self, x: NDArray[np.float64], v: NDArray[np.float64], *, region: NDArray[np.int64], regions: int
    ) -> NDArray[np.float64]:
        """Decays in their bins.

        Parameters
        ----------
        x : float64[n], mm/MeV
            Distance over momentum of each selected decay.
        v : float64[n], mm/MeV
            Simulated length over momentum of each, times its weight.
        region : int64[n]
            Index of the region of each.
        regions : int
            Their number.

        Returns
        -------
        float64[region, 4, bin]
            Sums of v, v (x - middle), v (x - middle)^2 and v^2, in powers of mm/MeV.
        """
        place = self.place(x)
        shift = x - self.middles[place]
        flat = region * self.bins + place
        terms = (v, v * shift, v * shift**2, v**2)
        found = [np.bincount(flat, weights=term, minlength=regions * self.bins) for term in terms]
        return np.stack([sums.reshape(regions, self.bins) for sums in found], axis=1)

    def shares(
        self, sums: NDArray[np.float64], scale: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Decays in the sums for some decay lengths: the decay law to second order in each bin.

        Parameters
        ----------
        sums : float64[..., 4, bin]
            As `sums` gives them, in powers of mm/MeV.
        scale : float64[c], mm/MeV
            Proper decay length over mass, lambda.

        Returns
        -------
        share, variance : float64[..., c]
            Sums of v exp(-x/lambda)/lambda, pure numbers, and of their squares.
        """
        rows = sums.reshape(-1, MOMENTS + 1, self.bins)
        filled = np.flatnonzero(rows[:, MOMENTS].any(axis=0))  # a matrix product is as fast as it is small
        decay = np.exp(-self.middles[filled, None] / scale) / scale
        basis = np.concatenate([decay, -decay / scale, decay / scale**2 / 2])
        shape = (*sums.shape[:-2], len(scale))
        share = rows[:, :MOMENTS, filled].reshape(len(rows), -1) @ basis
        variance = rows[:, MOMENTS, filled] @ decay**2
        return share.reshape(shape), variance.reshape(shape)
