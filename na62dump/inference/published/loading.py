"""Files of published numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from na62dump.configuration import Settings, find, load
from na62dump.inference.published.counts import Expectations, Hadronic
from na62dump.inference.published.event import Event
from na62dump.inference.published.side_bands import SideBands
from na62dump.inference.published.statements import Exclusions, Inconsistencies

if TYPE_CHECKING:
    from na62dump.inference.published.statements import Inconsistency

T = TypeVar("T", bound=Settings)


@dataclass(frozen=True)
class Published(Generic[T]):
    """One file: its name in ``config/``, and what it holds."""

    name: str
    model: type[T]

    def __call__(self, name: str | None = None) -> T:
        """What is printed.

        Parameters
        ----------
        name : str, optional
            Another name in ``config/``, or a TOML file.

        Returns
        -------
        Settings
            Of the model.

        Raises
        ------
        UnknownNameError, ConfigurationError
            If there is no such file, or something in it is wrong.
        """
        return load(find(name or self.name), self.model)


load_expectations = Published("published/expectations", Expectations)
"""Backgrounds of the searches for two leptons, with the misprints apart."""

load_hadronic = Published("published/hadronic", Hadronic)
"""Backgrounds and fewest events of the searches for decays into hadrons."""

load_event = Published("published/event", Event)
"""The event."""

load_side_bands = Published("published/mumu_side_bands", SideBands)
"""Printed table of the side bands of a search, with the two exchanged regions named."""

load_exclusions = Published("published/exclusions", Exclusions)
"""Extents of exclusions."""

_inconsistencies = Published("published/inconsistencies", Inconsistencies)


def load_inconsistencies() -> tuple[Inconsistency, ...]:
    """Where the published texts disagree, in the order of the file; errors as of `Published`."""
    return _inconsistencies().entry
