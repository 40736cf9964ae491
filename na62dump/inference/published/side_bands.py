"""Published comparisons of observed with expected counts, as printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from na62dump.configuration import Many, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence


class Printed(Settings):
    """One line of the printed table.

    Attributes
    ----------
    region : str
        Its name.
    expected, uncertainty : float, counts
        Expected number.
    observed : int
        Counts seen.
    p_n, p_l : float or None
        Printed p-values, of at least as many and of at most as probable counts.
    rounding : float
        Half a unit of their last printed digit.
    together : tuple of str
        Regions that the line is the sum of; none if it is a region of its own.
    """

    region: str
    expected: float
    uncertainty: float
    observed: int
    p_n: float
    p_l: float | None = None
    rounding: float
    together: Many[str] = ()


class SideBands(Settings):
    """A printed table.

    Attributes
    ----------
    exchanged : tuple of str
        Two regions of which the printed p-values belong to the respective other.
    row : tuple of Printed
        Its lines.
    """

    exchanged: Many[str]
    row: Many[Printed]

    def corrected(self) -> Sequence[Printed]:
        """Lines with the exchanged p-values at their place."""
        lines = {line.region: line for line in self.row}
        other = dict(zip(self.exchanged, reversed(self.exchanged), strict=True))
        return [
            line.model_copy(update={"p_n": source.p_n, "p_l": source.p_l})
            for line in self.row
            for source in (lines[other.get(line.region, line.region)],)
        ]
