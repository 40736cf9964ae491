"""What the published texts say in words: extents of exclusions, and where they disagree."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from na62dump.configuration import Energy, Many, Settings


class Extent(Settings):
    """Part of an exclusion that nobody had excluded before, as a text says it.

    Attributes
    ----------
    model : str
        Of config/signal/.
    searches : tuple of str
        One, or those of a combination.
    source : str
        Where it is printed.
    masses : float64[2], MeV
        From and to.
    couplings : float64[2] or None
        From and to, in the unit of the coupling, where the text says so.
    order : bool
        Whether the couplings are an order of magnitude only.
    """

    model: str
    searches: Many[str]
    source: str
    masses: Annotated[tuple[Energy, Energy], Field(strict=False)]
    couplings: Annotated[tuple[float, float], Field(strict=False)] | None = None
    order: bool


class Exclusions(Settings):
    """Extents of all searches.

    Attributes
    ----------
    confidence : float
        Level, a pure number.
    protons : float
        On target.
    extent : tuple of Extent
        In the order of the file.
    """

    confidence: Annotated[float, Field(gt=0.0, lt=1.0)]
    protons: Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
    extent: Many[Extent]


class Inconsistency(Settings):
    """One disagreement: what it is about, what is printed where, and what is used here."""

    what: str
    printed: str
    used: str


class Inconsistencies(Settings):
    """All of them, in the order of the file."""

    entry: Many[Inconsistency]
