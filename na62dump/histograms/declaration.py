"""Which histograms there are: axes and histograms as config/histograms.toml names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationInfo, field_validator

from na62dump.configuration import Many, Settings
from na62dump.errors import ConfigurationError, UnknownNameError, nearest
from na62dump.histograms.axis import Axis

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

DATASET = "dataset"
"""Name of the category axis of samples; hist keeps the name ``sample`` for an argument of its own."""

VARIATION = "variation"
"""Name of the category axis of systematic variations."""

REGION = "region"
"""Name of the category axis of regions."""

NOMINAL = "nominal"
"""The variation in which nothing is varied; every book has it."""

RESERVED = (DATASET, VARIATION, REGION, "sample", "weight", "threads")
"""Names that no variable axis can have: the category axes, and arguments of hist's own fill."""

VISIBLE = "visible"
SELECTED = "selected"
ALL_BUT = "all but "

_MOST_AXES = 2


class Histogram(Settings):
    """One histogram.

    Attributes
    ----------
    axes : tuple of str
        Names of one or two axes.
    stage : str
        ``"visible"`` (all that came through the door), ``"selected"``, or ``"all but NAME"`` with the name of a
        requirement: rows that pass all others (N-1).
    """

    axes: Many[str]
    stage: str

    @field_validator("axes")
    @classmethod
    def _one_or_two(cls, axes: tuple[str, ...]) -> tuple[str, ...]:
        if not 1 <= len(axes) <= _MOST_AXES or len(set(axes)) < len(axes):
            msg = f"{list(axes)} must be one axis or two different ones"
            raise ConfigurationError(msg)
        return axes

    @field_validator("stage")
    @classmethod
    def _stage_is_known(cls, stage: str) -> str:
        if stage in {VISIBLE, SELECTED} or stage.removeprefix(ALL_BUT).strip() not in {"", stage.strip()}:
            return stage
        msg = f"'{stage}' is no stage; write '{VISIBLE}', '{SELECTED}' or '{ALL_BUT}' and the name of a requirement"
        raise ConfigurationError(msg)

    @property
    def without(self) -> str | None:
        """Name of the requirement that is left out, or None."""
        return self.stage.removeprefix(ALL_BUT) if self.stage.startswith(ALL_BUT) else None


class Declarations(Settings):
    """All axes and histograms of an analysis.

    Attributes
    ----------
    axes : dict
        Name for code to axis.
    histograms : dict
        Name to histogram.
    """

    axes: dict[str, Axis]
    histograms: dict[str, Histogram]

    @field_validator("axes")
    @classmethod
    def _names_are_free(cls, axes: dict[str, Axis]) -> dict[str, Axis]:
        taken = sorted(set(axes) & set(RESERVED))
        if taken:
            msg = f"the name '{taken[0]}' is taken: no axis can be called {', '.join(RESERVED)}"
            raise ConfigurationError(msg)
        return axes

    @field_validator("histograms")
    @classmethod
    def _axes_exist(cls, histograms: dict[str, Histogram], info: ValidationInfo) -> dict[str, Histogram]:
        axes = info.data.get("axes")
        if axes is None:
            # the axes are wrong already, and that is what the person should read
            return histograms
        for name, histogram in histograms.items():
            for axis in histogram.axes:
                if axis not in axes:
                    msg = f"histogram '{name}' has the unknown axis '{axis}'; {nearest(axis, axes)}"
                    raise ConfigurationError(msg)
        return histograms

    def axes_of(self, name: str) -> dict[str, Axis]:
        """Axes of one histogram, by name, in order.

        Parameters
        ----------
        name : str
            Name of the histogram.

        Returns
        -------
        dict
            Name to `Axis`.
        """
        return {axis: self.axes[axis] for axis in self.histograms[name].axes}

    def only(self, names: Sequence[str]) -> Declarations:
        """Some of the histograms, in the order of the declarations, with the axes that they use.

        Parameters
        ----------
        names : sequence of str
            Histograms to keep.

        Returns
        -------
        Declarations
            Of those alone.

        Raises
        ------
        UnknownNameError
            If one is not declared.
        """
        for name in names:
            if name not in self.histograms:
                msg = f"no histogram '{name}' is declared; {nearest(name, self.histograms)}"
                raise UnknownNameError(msg)
        kept = {name: histogram for name, histogram in self.histograms.items() if name in names}
        used = {axis for histogram in kept.values() for axis in histogram.axes}
        return Declarations(axes={name: axis for name, axis in self.axes.items() if name in used}, histograms=kept)

    def check_stages(self, requirements: Collection[str]) -> None:
        """Refuse a stage that leaves out a requirement which the selection does not have.

        Parameters
        ----------
        requirements : collection of str
            Names of the requirements.

        Raises
        ------
        ConfigurationError
            Histogram, stage, and the nearest names.
        """
        for name, histogram in self.histograms.items():
            if histogram.without is not None and histogram.without not in requirements:
                known = nearest(histogram.without, requirements)
                msg = f"histogram '{name}': stage '{histogram.stage}' names no requirement of the selection; {known}"
                raise ConfigurationError(msg)
