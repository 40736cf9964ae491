"""Merged results that backgrounds are estimated from, each put where it belongs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from na62dump.analysis import Analysis
    from na62dump.results import Result


@dataclass(frozen=True)
class Inputs:
    """Merged results that a search is estimated from.

    Attributes
    ----------
    data : Result
        Of the search, with data.
    simulated : tuple of Result
        Of the search, with simulated samples.
    halo : mapping of str to (Analysis, Result)
        Of searches whose single tracks are muons of the halo, by name.
    """

    data: Result
    simulated: tuple[Result, ...]
    halo: Mapping[str, tuple[Analysis, Result]]


def inputs_of(results: Mapping[str, Result], analyses: Mapping[str, Analysis], *, search: str) -> Inputs:
    """Sort merged results by what they are for.

    Parameters
    ----------
    results : mapping of str to Result
        By the names of their files.
    analyses : mapping of str to Analysis
        The searches they are of, as they are now.
    search : str
        The one whose backgrounds are asked for.

    Returns
    -------
    Inputs
        Each result where it belongs.

    Raises
    ------
    ConfigurationError
        If a result was made with other values than those of its search now, if data of the search are in none or in more
        than one, or if single tracks of one search, or one of its simulated samples, are in more than one.
    """
    for name, result in results.items():
        _require_current(name, result, analyses[result.state.analysis])
    own = {name: result for name, result in results.items() if result.state.analysis == search}
    data = {name: r for name, r in own.items() if r.state.data}
    if len(data) != 1:
        which = ", ".join(data) or "none"
        msg = f"exactly one merged result of {search} must hold its data, all of them; of those given: {which}"
        raise ConfigurationError(msg)
    simulated = {name: result for name, result in own.items() if name not in data}
    tracks = {name: result for name, result in results.items() if result.singles}
    _require_once({name: [f"sample '{sample}'" for sample in r.cutflow] for name, r in own.items()})
    _require_once({name: [f"single tracks of {r.state.analysis}"] for name, r in tracks.items()})
    halo = {r.state.analysis: (analyses[r.state.analysis], r) for r in tracks.values()}
    return Inputs(next(iter(data.values())), tuple(simulated.values()), halo)


def _require_once(held: Mapping[str, Sequence[str]]) -> None:
    """Refuse results that hold the same: which one is meant must not depend on their order."""
    by: dict[str, list[str]] = {}
    for name, contents in held.items():
        for content in contents:
            by.setdefault(content, []).append(name)
    for content, names in by.items():
        if len(names) > 1:
            msg = f"{content}: in more than one of the results given, {', '.join(names)}; give one of them"
            raise ConfigurationError(msg)


def _require_current(name: str, result: Result, analysis: Analysis) -> None:
    kept = analysis.file.keep.model_dump(mode="json", exclude_none=True)
    if result.state.digest != analysis.digest or dict(result.state.kept) != kept:
        msg = (
            f"{name}: was made with other values than those of {analysis.path} now (analysis digest "
            f"{result.state.digest[:16]}, now {analysis.digest[:16]}, or other tracks kept); plan, run and merge again"
        )
        raise ConfigurationError(msg)
