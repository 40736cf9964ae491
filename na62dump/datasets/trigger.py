"""Lines of the trigger: which part of what fires one is written to disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from na62dump.configuration import Settings
from na62dump.errors import UnknownNameError, nearest


class TriggerLine(Settings):
    """One line.

    Attributes
    ----------
    downscaling : int
        One of so many events is written.
    efficiency : float
        Share of the events that should fire it which do.
    uncertainty : float
        Of the efficiency, absolute.
    """

    downscaling: Annotated[int, Field(ge=1)]
    efficiency: Annotated[float, Field(gt=0, le=1)]
    uncertainty: Annotated[float, Field(ge=0, lt=1)]


class TriggerLines(Settings):
    """All of config/experiment/trigger.toml."""

    line: Mapping[str, TriggerLine]

    def __getitem__(self, name: str) -> TriggerLine:
        """One line by name.

        Raises
        ------
        UnknownNameError
            If the file does not have it.
        """
        if name not in self.line:
            msg = f"experiment/trigger.toml has no line '{name}'; {nearest(name, self.line)}"
            raise UnknownNameError(msg)
        return self.line[name]
