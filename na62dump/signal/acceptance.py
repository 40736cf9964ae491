"""Accepted decays, frozen: how many are selected in each region, for any lifetime and for masses between the simulated ones."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump import archives
from na62dump.configuration import check_file_name
from na62dump.errors import ConfigurationError
from na62dump.signal.binning import MOMENTS, Binning
from na62dump.signal.final_states import threshold
from na62dump.signal.interpolation import mixed, place
from na62dump.signal.residuals import WIDTHS, resolution

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

KIND = "acceptance"
MADE_BY = "na62dump acceptance"
ABOUT = ("analysis", "digest", "made_from", "model", "origin", "reach")


@dataclass(frozen=True)
class Simulated:
    """Selected decays of one sample.

    Attributes
    ----------
    channel, final_state : str
        How the particle is made, and what it decays into.
    mass : float, MeV
        Of the particle.
    generated : int
        Simulated decays.
    share : float
        Share of all particles of the channel that the sample stands for; the others fly past the detector. A pure number.
    selected : int
        Events with a selected row.
    sums : float64[region, 4, bin]
        As `Binning.sums` gives them, mm/MeV.
    trigger : mapping of str to (int, int)
        For each line but the one asked for, and for all events: events selected apart from the trigger that it took, and those
        of them that have the one asked for.
    residuals : tuple of float, MeV, optional
        Quantiles of the measured minus the true mass, at the `residuals.WIDTHS`.
    """

    channel: str
    final_state: str
    mass: float
    generated: int
    share: float
    selected: int
    sums: NDArray[np.float64]
    trigger: Mapping[str, tuple[int, int]]
    residuals: tuple[float, ...] | None = None

    @property
    def resolution(self) -> tuple[float, float] | None:
        """Median and half of the central 68% of the measured minus the true mass, MeV."""
        if self.residuals is None:
            return None
        median, half = resolution(np.array(self.residuals))
        return float(median), float(half)

    def to_json(self) -> dict[str, Any]:
        """All but the sums."""
        return {key: value for key, value in vars(self).items() if key != "sums"}


@dataclass(frozen=True)
class Acceptance:
    """Selected decays of one model by one search.

    Attributes
    ----------
    analysis, digest : str
        The search, and its analysis digest.
    made_from : str
        Digest of the recipe and the response that the decays were simulated with.
    model, origin : str
        The model, and the digest of the files that it was read from.
    regions : tuple of str
        Where the selected decays may lie.
    binning : Binning
        Bins of the sums, mm/MeV.
    reach : float
        How far beyond the first and last mass the nearest sample stands in, relative.
    samples : tuple of Simulated
        Selected decays.
    """

    analysis: str
    digest: str
    made_from: str
    model: str
    origin: str
    regions: tuple[str, ...]
    binning: Binning
    reach: float
    samples: tuple[Simulated, ...]

    @property
    def empty(self) -> tuple[str, ...]:
        """Samples of which nothing is selected, in words."""
        nothing = (sample for sample in self.samples if not sample.selected)
        return tuple(f"{it.channel} -> {it.final_state} at {it.mass:g} MeV" for it in nothing)

    @cached_property
    def series(self) -> Mapping[tuple[str, str], tuple[Simulated, ...]]:
        """Samples of each channel and final state, by increasing mass; one of which nothing is selected says nothing."""
        found: dict[tuple[str, str], list[Simulated]] = {}
        for sample in sorted(self.samples, key=lambda it: it.mass):
            if sample.selected:
                found.setdefault((sample.channel, sample.final_state), []).append(sample)
        return {key: tuple(samples) for key, samples in found.items()}

    def around(self, channel: str, final_state: str, *, mass: float) -> tuple[Simulated, Simulated, float] | None:
        """Samples below and above a mass, and where it lies between them.

        Parameters
        ----------
        channel, final_state : str
            What is asked for.
        mass : float, MeV
            Of the particle.

        Returns
        -------
        (Simulated, Simulated, float) or None
            The place is from 0 to 1; at a sample, and just outside of all, both are the same. None further away.
        """
        if not self.covers(channel, final_state, mass=mass):
            return None
        samples = self.series[channel, final_state]
        after = bisect_left(samples, mass, key=lambda sample: sample.mass)
        if after in (0, len(samples)) or samples[after].mass == mass:
            nearest = samples[min(after, len(samples) - 1)]
            return nearest, nearest, 0.0
        below, above = samples[after - 1], samples[after]
        return below, above, place(mass, (below.mass, above.mass), threshold=threshold(final_state))

    def covers(self, channel: str, final_state: str, *, mass: float) -> bool:
        """Whether a mass (MeV) lies between the samples of a channel and final state, or close enough to the ends."""
        samples = self.series.get((channel, final_state), ())
        return bool(samples) and samples[0].mass * (1 - self.reach) <= mass <= samples[-1].mass * (1 + self.reach)

    def fractions(
        self, channel: str, final_state: str, *, mass: float, ctau: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Share of all particles that decay where they are selected.

        Parameters
        ----------
        channel, final_state : str
            What is asked for.
        mass : float, MeV
            Of the particle.
        ctau : float64[c], mm
            Proper decay lengths.

        Returns
        -------
        share, error : float64[region, c]
            Pure numbers: P_RD times A_acc times A_trig, averaged over the momenta, and its statistical error.

        Raises
        ------
        ConfigurationError
            If the mass is outside of the samples.
        """
        found = self.around(channel, final_state, mass=mass)
        if found is None:
            known = [f"{sample.mass:g}" for sample in self.series.get((channel, final_state), ())] or ["none"]
            msg = (
                f"no accepted fraction of {channel} -> {final_state} by {self.analysis} at {mass:g} MeV; "
                f"simulated: {', '.join(known)} MeV"
            )
            raise ConfigurationError(msg)
        *samples, part = found
        (low, spread), (high, wide) = (self.binning.shares(per_particle(it), ctau / mass) for it in samples)
        share, variance = mixed((low, high), (spread, wide), part=part)
        return share, np.sqrt(variance)

    def dumps(self, provenance: Mapping[str, object]) -> bytes:
        """Content of a file; how it was made is kept beside."""
        about = {key: value for key, value in vars(self).items() if key in ABOUT}
        tables = {
            "about": about
            | {"regions": self.regions, "binning": [self.binning.low, self.binning.high, self.binning.bins]},
            "samples": [sample.to_json() for sample in self.samples],
        }
        sums = np.stack([sample.sums for sample in self.samples])
        return archives.pack(KIND, tables, arrays={"sums": sums}, provenance=provenance)

    @classmethod
    def load(cls, path: Path) -> Acceptance:
        """Read what `dumps` gave.

        Parameters
        ----------
        path : Path
            What ``na62dump acceptance`` wrote.

        Returns
        -------
        Acceptance
            Its content.

        Raises
        ------
        InputFileError
            If it is no such file.
        """
        tables, arrays = archives.unpack(path, KIND, made_by=MADE_BY)
        try:
            about = tables["about"]
            low, high, bins = about.pop("binning")
            _ = [check_file_name(about[name]) for name in ("analysis", "model")]
            binning = Binning.model_construct(low=float(low), high=float(high), bins=int(bins))
            archives.check_array(
                arrays["sums"], (len(tables["samples"]), len(about["regions"]), MOMENTS + 1, binning.bins)
            )
            samples = tuple(
                Simulated(**_sample(table), sums=sums)
                for table, sums in zip(tables["samples"], arrays["sums"], strict=True)
            )
            return cls(**about | {"regions": tuple(about["regions"])}, binning=binning, samples=samples)
        except archives.NO_ARCHIVE as error:
            raise archives.damaged(path, error, made_by=MADE_BY) from error


def per_particle(sample: Simulated) -> NDArray[np.float64]:
    """Sums of a sample for each particle that its channel makes.

    Parameters
    ----------
    sample : Simulated
        Selected decays.

    Returns
    -------
    float64[region, 4, bin]
        In powers of mm/MeV; squares go with the square of the weight of one decay.
    """
    factor = sample.share / sample.generated
    return np.asarray(sample.sums * np.array([*[factor] * MOMENTS, factor**2])[None, :, None])


def _sample(table: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a sample as JSON has them."""
    trigger = {line: (int(had), int(both)) for line, (had, both) in table["trigger"].items()}
    residuals = tuple(table["residuals"]) if table["residuals"] else None
    if residuals is not None:
        archives.check_array(np.array(residuals), np.shape(WIDTHS))
    numbers = {key: float(table[key]) for key in ("mass", "share")} | {
        key: int(table[key]) for key in ("generated", "selected")
    }
    return {**table, **numbers, "trigger": trigger, "residuals": residuals}
