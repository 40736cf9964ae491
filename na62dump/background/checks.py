"""Cross-checks in visible regions: what data with a requirement inverted should show, and show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from na62dump.background.abcd import Square, corner
from na62dump.background.mechanisms import together
from na62dump.background.observed import numbers, visible
from na62dump.configuration import Many, Settings, Time, number
from na62dump.errors import ConfigurationError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Collection

    from na62dump.background.estimate import Estimate
    from na62dump.results import Result


class CheckSettings(Settings):
    """Names of what is inverted.

    Attributes
    ----------
    time, lav : str
        Requirements that tracks are in time with each other, and that the LAV is silent.
    window : str
        Key of the half width of the window in time among the numbers of the analysis.
    band_end : float, ns
        End of the side bands in the absolute time difference, which begin where the window ends.
    inversions : mapping of str to tuple of str
        Checks by name: loosened requirements that rows fail, all of them and no other.
    """

    time: str
    lav: str
    window: str
    band_end: Time
    inversions: Mapping[str, Annotated[Many[str], Field(min_length=1)]]


@dataclass(frozen=True)
class Check:
    """One comparison.

    Attributes
    ----------
    name, what : str
        Which check, and what is compared, in one line.
    region : str
        A visible one.
    expected, uncertainty : float, rows
        From elsewhere in data, or of the estimates. A Poisson number of 0 counts with the error of 1.
    observed : int
        Rows of data.
    shared : bool
        Whether its uncertainty is that of estimates, which moves all regions together.
    """

    name: str
    what: str
    region: str
    expected: float
    uncertainty: float
    observed: int
    shared: bool = False


def bands(settings: CheckSettings, cuts: Settings) -> tuple[float, float]:
    """Edges of the side bands in the absolute time difference, ns.

    Parameters
    ----------
    settings : CheckSettings
        Key of the window, end of the bands.
    cuts : Settings
        Numbers of the analysis.

    Returns
    -------
    float, float
        The half width of the window, and the end.

    Raises
    ------
    UnknownNameError
        If no number has that key.
    ConfigurationError
        If the bands would be empty.
    """
    value = number(cuts, settings.window)
    if not isinstance(value, float):
        msg = f"window = '{settings.window}' is no time among the numbers of this analysis; name one such as 'tracks.dt_pair_max'"
        raise UnknownNameError(msg)
    if not value < settings.band_end:
        msg = f"band_end ({settings.band_end:g} ns) must be above {settings.window} ({value:g} ns), where side bands begin"
        raise ConfigurationError(msg)
    return value, settings.band_end


def time_side_bands(
    result: Result, settings: CheckSettings, *, cuts: Settings, estimates: Sequence[Estimate] = ()
) -> tuple[Check, ...]:
    """Selected rows, and estimates of accidental ones, against rows in the side bands of the time difference.

    Accidental pairs are flat in the time difference, so that their numbers are in the ratio of the widths. Prompt pairs
    are selected and leave nothing in the side bands.

    Parameters
    ----------
    result : Result
        With data.
    settings : CheckSettings
        Names.
    cuts : Settings
        Numbers of the analysis.
    estimates : sequence of Estimate
        Accidental mechanisms, for selected rows.

    Returns
    -------
    tuple of Check
        For each visible region selected rows against scaled side bands, then side bands against scaled estimates.

    Raises
    ------
    UnknownNameError, ConfigurationError
        If a name or the bands are not those of the analysis.
    """
    low, high = bands(settings, cuts)
    ratio = low / (high - low)
    inside, beside = numbers(result), numbers(result, failing={settings.time}, dt=(low, high))
    seen = [(name, inside[name] or 0, beside[name] or 0) for name in visible(result.state)]
    what = "selected rows against side bands of the time difference, scaled by the widths"
    found = [Check("time side bands", what, name, ratio * n, ratio * max(n, 1) ** 0.5, k) for name, k, n in seen]
    if estimates:
        what = "side bands of the time difference against estimates of selected rows, scaled by the widths"
        for name in visible(result.state, {settings.time}):
            expected, error = together(estimates, [name])
            found.append(
                Check(
                    "accidental in side bands",
                    what,
                    name,
                    expected / ratio,
                    error / ratio,
                    beside[name] or 0,
                    shared=True,
                )
            )
    return tuple(found)


def inversions(
    result: Result,
    settings: CheckSettings,
    *,
    cuts: Settings,
    estimates: Mapping[frozenset[str], Sequence[Estimate]],
) -> tuple[Check, ...]:
    """Rows that fail exactly some requirements, against estimates of such rows.

    Where there is no estimate, as of what single tracks were asked already, data are compared with themselves: with such rows
    in the side bands of the time difference, scaled by the widths, as accidental rows are.

    Parameters
    ----------
    result : Result
        With data.
    settings : CheckSettings
        Names.
    cuts : Settings
        Numbers of the analysis.
    estimates : mapping of frozenset of str to sequence of Estimate
        For requirements that rows fail: the mechanisms that are known there.

    Returns
    -------
    tuple of Check
        For each check and each visible region.

    Raises
    ------
    UnknownNameError
        If no rows that fail a requirement were kept.
    """
    found: list[Check] = []
    for name, failing in settings.inversions.items():
        of_these = estimates.get(frozenset(failing))
        if of_these is None:
            found += _with_side_bands(result, settings, cuts, name=name, failing=failing)
            continue
        observed = numbers(result, failing=failing)
        what = f"rows that fail {_listed(failing)} against {_listed([e.mechanism for e in of_these])}"
        found += [
            Check(name, what, region, *together(of_these, [region]), observed[region] or 0, shared=True)
            for region in visible(result.state, failing)
        ]
    return tuple(found)


def _with_side_bands(
    result: Result, settings: CheckSettings, cuts: Settings, *, name: str, failing: tuple[str, ...]
) -> list[Check]:
    low, high = bands(settings, cuts)
    ratio = low / (high - low)
    inside = numbers(result, failing=failing)
    beside = numbers(result, failing={*failing, settings.time}, dt=(low, high))
    what = f"rows that fail {_listed(failing)} against those in the side bands of the time difference, scaled by the widths"
    seen = [(region, inside[region] or 0, beside[region] or 0) for region in visible(result.state, failing)]
    return [Check(name, what, region, ratio * n, ratio * max(n, 1) ** 0.5, k) for region, k, n in seen]


def abcd(result: Result, settings: CheckSettings, *, cuts: Settings) -> dict[str, Square]:
    """Rows by what they do about the LAV veto and the time difference, in each visible region.

    From A (meets both), B (fails the LAV veto), C (in the side bands of the time difference) and D (both), B C / D says
    how many rows of A are accidental if, among accidental rows, LAV activity does not depend on the time difference.
    It is not the number of all rows in A: prompt pairs in A are left out. Prompt pairs in B, which is where most
    of them are, make it too large, as does any LAV activity that the pair shares with the time of its tracks.

    Parameters
    ----------
    result : Result
        With data.
    settings : CheckSettings
        Names.
    cuts : Settings
        Numbers of the analysis.

    Returns
    -------
    dict of str to Square
        By region; `corner` gives the expectation of A.

    Raises
    ------
    UnknownNameError, ConfigurationError
        If a name or the bands are not those of the analysis.
    """
    band = bands(settings, cuts)
    counts = [
        numbers(result),
        numbers(result, failing={settings.lav}),
        numbers(result, failing={settings.time}, dt=band),
        numbers(result, failing={settings.time, settings.lav}, dt=band),
    ]
    return {name: Square(*(count[name] or 0 for count in counts)) for name in visible(result.state)}


def abcd_checks(squares: Mapping[str, Square]) -> tuple[Check, ...]:
    """A against B C / D, in each region where D is not 0."""
    what = "rows that meet LAV veto and time difference against (fail LAV)(side bands)/(both)"
    corners = {name: corner(square) for name, square in squares.items()}
    return tuple(
        Check("ABCD", what, name, found.expected, found.uncertainty, squares[name].a)
        for name, found in corners.items()
        if found is not None
    )


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
