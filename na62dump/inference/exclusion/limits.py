"""Limits over mass and coupling: what `na62dump limit` writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from na62dump import archives
from na62dump.inference.counts.counting import Counting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

KIND = "limits"
MADE_BY = "na62dump limit"
OBSERVED, EXPECTED = "observed", "expected"
"""Names of curves, beside those of the bands."""

GRIDS = ("masses", "couplings")
OF_SCAN = ("events", "relative", "median", "expected", "bands", "observed", "p_values")
OF_DATA = "observed", "p_values"
"""Not there while a region that counts is hidden."""

OF_COUNTING = (
    *("masses", "windows", "shares", "expected", "uncertainty", "by_mechanism", "by_uncertainty"),
    *("keys", "seen", "observed"),
)
SEVERAL = ("searches", "regions", "mechanisms", "limited", "missing", "remarks")
SYSTEMATIC = "systematic"
COUNTING, SOURCE = ".counting.", f".{SYSTEMATIC}."
"""Between the place of a scan and the name of an array of its counts, or the place of a source of their uncertainty."""


@dataclass(frozen=True, eq=False)
class Scan:
    """Limits of one search, or of several together, at each point of a grid of mass and coupling.

    Attributes
    ----------
    counting : Counting
        What is counted.
    events : float64[m, c]
        Expected signal inside of the windows, pure numbers.
    relative : float64[m, c]
        Its relative uncertainty, as included in the limits; pure numbers.
    median : int64[m]
        Median count of the background alone.
    expected : float64[m, c], counts
        Upper limit on the signal for this count.
    bands : float64[width, m, c], counts
        The same at each number of standard deviations: limits of pseudo-experiments whose count and whose signal fluctuate.
    observed : float64[m, c], counts, or None
        Upper limit on the signal for the observed count; None while a region that counts is hidden.
    p_values : float64[m] or None
        Probability of at least the observed count from the background in the window alone; None likewise.
    """

    counting: Counting
    events: NDArray[np.float64]
    relative: NDArray[np.float64]
    median: NDArray[np.int64]
    expected: NDArray[np.float64]
    bands: NDArray[np.float64]
    observed: NDArray[np.float64] | None
    p_values: NDArray[np.float64] | None = None

    @property
    def shown(self) -> str:
        """Name of the curve that stands for the result: the observed one, or the expected one while counts are hidden."""
        return EXPECTED if self.observed is None else OBSERVED


def band_name(width: float) -> str:
    """Name of a curve so many standard deviations from the expected one, such as ``"minus2"``."""
    return f"{'minus' if width < 0 else 'plus'}{abs(width):g}"


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits on one model.

    Attributes
    ----------
    model, label : str
        The model.
    coupling : mapping of str to str
        Its parameter: ``name``, ``label`` in mathtext, ``unit``.
    digests : mapping of str to str
        Of the model's files, of each search, and of the settings.
    protons, protons_uncertainty : float
        Protons on target, and their relative uncertainty.
    projected : float or None
        Protons of the data, where protons stands for another number that backgrounds and signal were scaled to.
    confidence : float
        Level, a pure number.
    method : str
        How limits were made.
    included : tuple of str
        Uncertainties of the signal that the limits include.
    widths : tuple of float
        Standard deviations of the bands.
    masses : float64[m], MeV
        Grid.
    couplings : float64[c]
        Grid, in the unit of the coupling.
    scans : tuple of Scan
        Of each search; of all together, if there are several, last.
    data : str
        What is counted, such as ``"Data"`` or ``"pseudo-data (simulated)"``; empty if that is not known.
    """

    model: str
    label: str
    coupling: Mapping[str, str]
    digests: Mapping[str, str]
    protons: float
    protons_uncertainty: float
    projected: float | None
    confidence: float
    method: str
    included: tuple[str, ...]
    widths: tuple[float, ...]
    masses: NDArray[np.float64]
    couplings: NDArray[np.float64]
    scans: tuple[Scan, ...]
    data: str = ""

    @property
    def main(self) -> Scan | None:
        """What stands for the model: all searches together, or the only one; None if there are several, and none of all."""
        last = self.scans[-1]
        return last if len(self.scans) == 1 or len(last.counting.searches) > 1 else None

    @property
    def missing(self) -> tuple[str, ...]:
        """Mechanisms of background that count as none because they could not be estimated, such as ``"ee combinatorial"``."""
        return tuple(dict.fromkeys(name for scan in self.scans for name in scan.counting.missing))

    @property
    def uncertainties(self) -> str:
        """Which uncertainties of the signal are included, in words."""
        words = {"protons": f"{self.protons_uncertainty:.0%} on protons", "statistical": "simulated decays"}
        names = [words[name] for name in self.included if name in words]
        theory = f"theory uncertainty {'' if 'theory' in self.included else 'not '}included"
        return "; ".join([*([f"includes {' and '.join(names)}"] if names else []), theory])

    def curves(self, scan: Scan) -> dict[str, NDArray[np.float64]]:
        """Limits of a scan on the signal by name: ``"observed"`` if open, ``"expected"``, ``"minus2"``, ...

        Parameters
        ----------
        scan : Scan
            One of `scans`.

        Returns
        -------
        dict of str to float64[m, c], counts
            The bands in the order of `widths`.
        """
        seen = {} if scan.observed is None else {OBSERVED: scan.observed}
        return {**seen, EXPECTED: scan.expected, **dict(zip(map(band_name, self.widths), scan.bands, strict=True))}

    def dumps(self, provenance: Mapping[str, object]) -> bytes:
        """Content of a file; how it was made is kept beside."""
        about = {key: value for key, value in vars(self).items() if key not in {*GRIDS, "scans"}}
        arrays = {key: getattr(self, key) for key in GRIDS}
        for place, scan in enumerate(self.scans):
            arrays |= _arrays(scan, OF_SCAN, f"{place}.")
            arrays |= _arrays(scan.counting, OF_COUNTING, f"{place}{COUNTING}")
            arrays |= {f"{place}{SOURCE}{n}": width for n, width in enumerate(scan.counting.systematic.values())}
        countings = [_plain(scan.counting) for scan in self.scans]
        return archives.pack(KIND, {"about": about, "countings": countings}, arrays=arrays, provenance=provenance)

    @classmethod
    def load(cls, path: Path) -> Limits:
        """Read what `dumps` gave.

        Parameters
        ----------
        path : Path
            What ``na62dump limit`` wrote.

        Returns
        -------
        Limits
            Its content.

        Raises
        ------
        InputFileError
            If it is no such file.
        """
        tables, arrays = archives.unpack(path, KIND, made_by=MADE_BY)
        try:
            about: dict[str, Any] = tables["about"]
            about |= {"included": tuple(about["included"]), "widths": tuple(about["widths"])}
            grids: dict[str, Any] = {key: arrays[key] for key in GRIDS}
            size: dict[str, Any] = {"shape": tuple(map(len, grids.values())), "bands": len(about["widths"])}
            scans = (_scan(table, arrays, place, **size) for place, table in enumerate(tables["countings"]))
            return cls(**about, **grids, scans=tuple(scans))
        except archives.NO_ARCHIVE as error:
            raise archives.damaged(path, error, made_by=MADE_BY) from error


def _plain(counting: Counting) -> dict[str, Any]:
    """What is no array, and the names of sources."""
    plain = {key: value for key, value in vars(counting).items() if key not in OF_COUNTING}
    return plain | {SYSTEMATIC: list(counting.systematic)}


def _arrays(of: Scan | Counting, names: tuple[str, ...], prefix: str) -> dict[str, NDArray[Any]]:
    found = {name: getattr(of, name) for name in names}
    return {f"{prefix}{name}": array for name, array in found.items() if array is not None}


def _scan(
    table: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], place: int, *, shape: tuple[int, ...], bands: int
) -> Scan:
    """A scan on a grid of (masses, couplings) from the arrays of a file."""
    plain: dict[str, Any] = {key: tuple(value) if key in SEVERAL else value for key, value in table.items()}
    counted: dict[str, Any] = {name: arrays.get(f"{place}{COUNTING}{name}") for name in OF_COUNTING}
    counted[SYSTEMATIC] = {name: arrays[f"{place}{SOURCE}{n}"] for n, name in enumerate(table[SYSTEMATIC])}
    found: dict[str, Any] = {name: arrays.get(f"{place}.{name}") for name in OF_SCAN}
    sizes = {"bands": (bands, *shape), "median": shape[:1], "p_values": shape[:1]}
    for name, array in found.items():
        if array is not None or name not in OF_DATA:
            archives.check_array(arrays[f"{place}.{name}"], sizes.get(name, shape))
    return Scan(counting=Counting(**(plain | counted)), **found)
