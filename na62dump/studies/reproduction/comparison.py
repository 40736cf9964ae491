"""Our numbers beside published ones, with a verdict on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from na62dump.errors import ConfigurationError

Verdict = Literal["agrees", "reaches further", "differs", "not comparable"]
Kind = Literal["predicted", "fitted", "input"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Line:
    """One published number and ours.

    Attributes
    ----------
    what : str
        What it is, with its unit.
    published : str, float or None
        As printed; None where nothing is published.
    ours : str, float or None
        As computed; None where it could not be.
    difference : float or None
        Ours less published; None unless both are numbers.
    tolerance : float or None
        Largest difference that agrees; None if nothing was agreed on.
    verdict : str
        A name of `Verdict`.
    remark : str
        Where the number is printed, and what a reader should know.
    kind : str
        ``"predicted"``: nothing of ours knew the published number; ``"fitted"``: something was adjusted to it;
        ``"input"``: it went in.
    """

    what: str
    published: str | float | None
    ours: str | float | None
    difference: float | None
    tolerance: float | None
    verdict: Verdict
    remark: str
    kind: Kind


@dataclass(frozen=True)
class Section:
    """Lines that belong together.

    Attributes
    ----------
    title : str
        Of the section.
    lines : tuple of Line
        Its comparisons.
    notes : tuple of str
        What holds for all of them.
    figures : tuple of str
        Names of figures that belong to it.
    """

    title: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


def numbers(
    what: str,
    *,
    published: float,
    ours: float,
    tolerance: float | None = None,
    remark: str = "",
    kind: Kind = "predicted",
) -> Line:
    """Compare two numbers: they agree if they differ by no more than the tolerance.

    Parameters
    ----------
    what : str
        What it is, with its unit.
    published, ours : float
        In that unit.
    tolerance : float, optional
        In that unit, such as half of the last printed digit; without one nothing is comparable.
    remark : str
        For people.
    kind : str
        A name of `Kind`.

    Returns
    -------
    Line
        With difference and verdict.

    Raises
    ------
    ConfigurationError
        If the tolerance is below 0.
    """
    difference = ours - published
    return Line(what, published, ours, difference, tolerance, _verdict(difference, tolerance, what), remark, kind)


def words(
    what: str,
    *,
    published: str | float | None,
    ours: str | float | None,
    remark: str = "",
    kind: Kind = "predicted",
) -> Line:
    """Compare what is no measured number: it agrees if it is the same, and is not comparable if one is missing.

    Parameters
    ----------
    what : str
        What it is.
    published, ours : str, float or None
        To show beside each other.
    remark : str
        For people.
    kind : str
        A name of `Kind`.

    Returns
    -------
    Line
        Without difference.
    """
    verdict: Verdict = "not comparable"
    if published is not None and ours is not None:
        verdict = "agrees" if published == ours else "differs"
    return Line(what, published, ours, None, None, verdict, remark, kind)


def _verdict(difference: float, tolerance: float | None, what: str) -> Verdict:
    if tolerance is None:
        return "not comparable"
    if not tolerance >= 0:
        msg = f"tolerance {tolerance:g} of '{what}': it must be 0 or above; give the largest difference that agrees"
        raise ConfigurationError(msg)
    return "agrees" if abs(difference) <= tolerance else "differs"
