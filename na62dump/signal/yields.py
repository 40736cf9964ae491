"""Expected numbers of selected particles over mass and coupling, and their uncertainties."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from na62dump import archives
from na62dump.signal.residuals import WIDTHS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

KIND = "yields"
MADE_BY = "na62dump yields"
ARRAYS = ("masses", "couplings", "events", "statistical", "residuals")
ABOUT = (
    *("model", "label", "coupling", "digests", "protons", "protons_uncertainty"),
    *("uncertainties", "uncovered"),
)


@dataclass(frozen=True)
class Part:
    """What is counted apart: one production channel, final state and region of one search."""

    analysis: str
    channel: str
    final_state: str
    region: str


@dataclass(frozen=True)
class Expected:
    """Expected numbers of one model.

    Attributes
    ----------
    model, label : str
        The model.
    coupling : mapping of str to str
        Its parameter: ``name``, ``label`` in mathtext, ``unit``. If a product of branching ratios is free beside it, also
        ``product``, ``product_label`` and ``product_value``: the one that the numbers are proportional to, and given at.
    digests : mapping of str to str
        Of the model's files, and of each search.
    protons, protons_uncertainty : float
        Protons on target, and their relative uncertainty; not part of the errors below.
    masses : float64[m], MeV
        Grid.
    couplings : float64[c]
        Grid, in the unit of the coupling.
    parts : tuple of Part
        What is counted apart.
    events, statistical : float64[part, m, c]
        Numbers of events, and their error by the number of simulated decays; pure numbers.
    residuals : float64[analysis, m, z], MeV
        Quantiles of the measured minus the true mass at the `residuals.WIDTHS`, of each search of ``names("analysis")``: the
        mean over its production channels and final states. NaN where it selects nothing, or measures no mass.
    uncertainties : mapping of str to mapping of str to float or sequence of float
        Relative uncertainties by theory: of each channel, by source, at each mass if not all are equal.
    uncovered : tuple of str
        What the model has and no sample covers: it is missing in the numbers.
    """

    model: str
    label: str
    coupling: Mapping[str, str]
    digests: Mapping[str, str]
    protons: float
    protons_uncertainty: float
    masses: NDArray[np.float64]
    couplings: NDArray[np.float64]
    parts: tuple[Part, ...]
    events: NDArray[np.float64]
    statistical: NDArray[np.float64]
    residuals: NDArray[np.float64]
    uncertainties: Mapping[str, Mapping[str, float | Sequence[float]]]
    uncovered: tuple[str, ...]

    @property
    def alternatives(self) -> bool:
        """Whether final states stand alone, each with the same product of branching ratios, so that none are added up."""
        return "product" in self.coupling

    def select(self, **asked: str) -> NDArray[np.int64]:
        """Indices of the parts whose fields have the values asked for: int64[n]."""
        good = [all(getattr(part, key) == value for key, value in asked.items()) for part in self.parts]
        return np.flatnonzero(good)

    def take(self, indices: NDArray[np.int64] | Sequence[int]) -> Expected:
        """The same numbers of some parts only.

        Parameters
        ----------
        indices : int64[n]
            Which are kept, in increasing order; pure numbers.

        Returns
        -------
        Expected
            With the residuals of their searches.
        """
        kept = np.asarray(indices, dtype=np.int64)
        parts = tuple(self.parts[index] for index in kept)
        searches = [name in {part.analysis for part in parts} for name in self.names("analysis")]
        return replace(
            self,
            parts=parts,
            events=self.events[kept],
            statistical=self.statistical[kept],
            residuals=self.residuals[searches],
        )

    def total(self, **asked: str) -> NDArray[np.float64]:
        """Expected number of all parts asked for: float64[m, c], pure numbers."""
        return np.asarray(self.events[self.select(**asked)].sum(axis=0))

    def statistical_error(self, **asked: str) -> NDArray[np.float64]:
        """Its error by the number of simulated decays, those of the parts added in quadrature: float64[m, c], pure numbers."""
        return np.asarray(np.sqrt((self.statistical[self.select(**asked)] ** 2).sum(axis=0)))

    def theory_error(self, **asked: str) -> NDArray[np.float64]:
        """Its error by theory: linear over what one source moves together, in quadrature over sources: float64[m, c], pure numbers."""
        found = np.zeros(self.events.shape[1:])
        for source in sorted({source for each in self.uncertainties.values() for source in each}):
            moved = np.zeros(self.events.shape[1:])
            for index in self.select(**asked):
                relative = self.uncertainties[self.parts[index].channel].get(source)
                moved += 0.0 if relative is None else np.atleast_1d(relative)[:, None] * self.events[index]
            found += moved**2
        return np.asarray(np.sqrt(found))

    def names(self, field: str) -> tuple[str, ...]:
        """Values of a field of the parts, each once, in order."""
        return tuple(dict.fromkeys(getattr(part, field) for part in self.parts))

    def dumps(self, provenance: Mapping[str, object]) -> bytes:
        """Content of a file; how it was made is kept beside."""
        about = {key: value for key, value in vars(self).items() if key in ABOUT}
        arrays = {key: getattr(self, key) for key in ARRAYS}
        tables = {"about": about, "parts": [vars(part) for part in self.parts]}
        return archives.pack(KIND, tables, arrays=arrays, provenance=provenance)

    @classmethod
    def load(cls, path: Path) -> Expected:
        """Read what `dumps` gave.

        Parameters
        ----------
        path : Path
            What ``na62dump yields`` wrote.

        Returns
        -------
        Expected
            Its content.

        Raises
        ------
        InputFileError
            If it is no such file.
        """
        tables, arrays = archives.unpack(path, KIND, made_by=MADE_BY)
        try:
            about = tables["about"] | {"uncovered": tuple(tables["about"]["uncovered"])}
            fields: dict[str, Any] = {**about, **{key: arrays[key] for key in ARRAYS}}
            shape = (len(tables["parts"]), len(arrays["masses"]), len(arrays["couplings"]))
            archives.check_array(arrays["events"], shape)
            archives.check_array(arrays["statistical"], shape)
            found = cls(**fields, parts=tuple(Part(**part) for part in tables["parts"]))
            widths = (len(found.names("analysis")), len(found.masses), len(WIDTHS))
            archives.check_array(np.where(np.isnan(found.residuals), 0.0, found.residuals), widths)
        except archives.NO_ARCHIVE as error:
            raise archives.damaged(path, error, made_by=MADE_BY) from error
        return found
