"""Systematic variations as data: changed cut values and detector scales, run beside the nominal ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pydantic import field_validator, model_validator

from na62dump import configuration as conf
from na62dump import units
from na62dump.configuration import Settings
from na62dump.errors import ConfigurationError, UnknownNameError, nearest
from na62dump.events import COLUMNS, Scaling
from na62dump.histograms import NOMINAL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SHARED = "variations"
"""File of config/ with the variations that several analyses name."""


class Variation(Settings):
    """One table ``[variation.NAME]``.

    Attributes
    ----------
    cuts : mapping
        Values instead of those of the analysis, in tables of the same shape.
    factors : mapping of str to float
        What columns of the ntuple are multiplied with, by name.
    shifts : mapping of str to float
        What is added to them after that: text with a unit, as in ``Track_time = "0.2 ns"``.
    """

    cuts: Mapping[str, Any] = {}
    factors: Mapping[str, float] = {}
    shifts: Mapping[str, float] = {}

    @field_validator("shifts", mode="before")
    @classmethod
    def _in_units_of_columns(cls, shifts: object) -> object:
        return {name: _shift(name, text) for name, text in shifts.items()} if isinstance(shifts, Mapping) else shifts

    @model_validator(mode="after")
    def _changes_something(self) -> Variation:
        if not (self.cuts or self.factors or self.shifts):
            msg = "changes nothing; give it a table cuts, factors or shifts"
            raise ValueError(msg)
        try:
            _ = self.scaling
        except UnknownNameError as error:
            raise ValueError(str(error)) from None
        return self

    @property
    def scaling(self) -> Scaling:
        """Scales of the detectors."""
        return Scaling(self.factors, self.shifts)


def _shift(column: str, text: object) -> object:
    """A shift in the unit of its column; that of an unknown column is left for `Scaling` to refuse."""
    unit = COLUMNS[column].unit if column in COLUMNS else None
    dimension = next((name for name, known in units.DIMENSIONS.items() if unit in known), None)
    try:
        return units.parse(text, dimension) if dimension else text if unit else units.parse_any(text)
    except ConfigurationError as error:
        msg = f"column '{column}': {error}"
        raise ConfigurationError(msg) from error


class Variations(Settings):
    """The whole of config/variations.toml."""

    variation: Mapping[str, Variation]


@dataclass(frozen=True)
class Varied:
    """Under which numbers an analysis is done.

    Attributes
    ----------
    scaling : Scaling
        Scales of the detectors.
    cuts : Settings
        Numbers of its requirements, in base units.
    changes : mapping
        Those that are not nominal, as the file has them.
    """

    scaling: Scaling
    cuts: Settings
    changes: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Plain tables, for a digest."""
        return {"scaling": asdict(self.scaling), "cuts": dict(self.changes)}


def chosen(names: Sequence[str], own: Mapping[str, Variation], *, near: Path, where: str) -> dict[str, Variation]:
    """Variations of an analysis: those it names from the shared file, then those of its own file.

    Parameters
    ----------
    names : sequence of str
        Names in config/variations.toml.
    own : mapping of str to Variation
        Those that its own file defines.
    near : Path
        Its folder, searched first.
    where : str
        Name of its file, for messages.

    Returns
    -------
    dict of str to Variation
        In order.

    Raises
    ------
    ConfigurationError
        If a name is not known, or taken twice.
    """
    shared = conf.load(conf.find(SHARED, near=near), Variations).variation if names else {}
    for name in names:
        if name not in shared:
            msg = f"{where}: key 'variations' names no variation '{name}' of {SHARED}.toml; {nearest(name, shared)}"
            raise ConfigurationError(msg)
    every = [NOMINAL, *names, *own]
    for name in every:
        if every.count(name) > 1:
            msg = f"{where}: there are two variations called '{name}'; rename one ('{NOMINAL}' is taken)"
            raise ConfigurationError(msg)
    return {name: shared[name] for name in names} | dict(own)


def changed(tables: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Tables with some values changed, table by table.

    Parameters
    ----------
    tables : mapping
        As a file has them.
    changes : mapping
        New values, in tables of the same shape.

    Returns
    -------
    dict
        The changed tables; a key that was not there is there now, for the model to refuse.
    """
    new = dict(tables)
    for key, value in changes.items():
        old = tables.get(key)
        new[key] = changed(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return new
