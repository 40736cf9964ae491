"""What a run keeps for backgrounds, beside what is selected: the table ``[keep]`` of an analysis."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from na62dump.configuration import Many, Settings, Time
from na62dump.errors import nearest
from na62dump.events import TRIGGERS


class KeepSingles(Settings):
    """Single tracks of a trigger line, which pairs of the combinatorial background are made of.

    Attributes
    ----------
    trigger : str
        Line that an event must have.
    veto : tuple of str
        Lines that it must not have.
    share : float
        Share of them that is kept, chosen by a hash of the event.
    window : float, ns
        Hits of the event within this time of the track are kept with it.
    """

    trigger: str
    veto: Many[str]
    share: Annotated[float, Field(gt=0, le=1)]
    window: Annotated[Time, Field(gt=0)]

    @field_validator("trigger", "veto")
    @classmethod
    def _lines(cls, names: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for name in [names] if isinstance(names, str) else names:
            if name not in TRIGGERS:
                msg = f"'{name}' is no trigger line; {nearest(name, TRIGGERS)}"
                raise ValueError(msg)
        return names


class Keep(Settings):
    """What is kept.

    Attributes
    ----------
    loosened : tuple of str
        Requirements: rows that fail some of these and no other are kept too.
    singles : KeepSingles, optional
        Which single tracks.
    """

    loosened: Many[str] = ()
    singles: KeepSingles | None = None
