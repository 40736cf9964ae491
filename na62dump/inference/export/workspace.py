"""Limits as a statistical model that other programs read: HistFactory JSON, one bin for each search.

Every uncertainty is a log-normal factor, so that no expectation is ever negative: for a relative standard deviation r the
logarithm of the factor has the variance ln(1 + r^2), which keeps the meaning of r up to 100% and beyond.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from na62dump.errors import ConfigurationError
from na62dump.inference.export.extra import library, quietly
from na62dump.inference.statistics.empty import positive

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from na62dump.inference.exclusion.limits import Limits, Scan

NOTE = (
    "Asymptotic formulae, the default of pyhf and cabinetry, give wrong limits for such small counts: make them with "
    "pseudo-experiments, or take those of the tables."
)
"""What everybody who is given a workspace has to be told."""

NO_RECORD = "ins0000000"
"""Stands for a record of HEPData that does not exist yet; a patch set has to name one."""

FILES = "workspace.json", "patchset.json"
"""What is written."""

VERSION = "1.0.0"
"""Of the schemas of workspace and patch set [pyhf]."""

_WIDEST = 10.0
"""A signal strength is fitted up to so many times what is excluded, or what is expected: the default of pyhf for a factor."""


class Point(NamedTuple):
    """Indices of a mass and of a coupling."""

    mass: int
    coupling: int


def most_sensitive(scan: Scan) -> NDArray[np.int64]:
    """Coupling with the most signal per excluded signal.

    Parameters
    ----------
    scan : Scan
        Limits of a search, or of several together.

    Returns
    -------
    int64[m]
        Its index at each mass.
    """
    return np.asarray(strength(scan).argmax(axis=1))


def at_the_limit(strength: NDArray[np.float64]) -> NDArray[np.int64]:
    """Coupling at which the signal is nearest to its limit.

    Parameters
    ----------
    strength : float64[m, c]
        Signal in units of its limit, pure numbers.

    Returns
    -------
    int64[m]
        Its index at each mass: a fit of a much larger signal would end at the edge of its parameter.
    """
    some = strength > 0
    distance = np.abs(np.log(strength, where=some, out=np.full(strength.shape, np.inf)))
    return np.asarray(distance.argmin(axis=1))


def strength(scan: Scan) -> NDArray[np.float64]:
    """Expected signal in units of its upper limit, float64[m, c], pure numbers: what is above 1 is excluded; while hidden, of the expected one."""
    bound = scan.expected if scan.observed is None else scan.observed
    return np.divide(scan.events, bound, out=np.zeros(bound.shape), where=scan.events > 0)


def point(limits: Limits, *, mass: float | None = None, coupling: float | None = None) -> Point:
    """Point of the grid that a workspace describes.

    Parameters
    ----------
    limits : Limits
        Have the grid.
    mass : float, optional
        In MeV; the nearest is taken. If left out, where the signal gets largest in units of its limit, of masses at which
        every search expects signal if there are such.
    coupling : float, optional
        In its unit; the nearest is taken. If left out, where the signal is nearest to its limit.

    Returns
    -------
    Point
        Its indices.

    Raises
    ------
    ConfigurationError
        If it lies outside of the grid, or no signal is expected anywhere.
    """
    sensitivity = strength(limits.scans[-1])
    allowed = np.full(sensitivity.shape, fill_value=True)
    if mass is not None:
        allowed &= _nearest(limits.masses, mass, what="mass", unit="MeV")[:, None]
    if coupling is not None:
        allowed &= _nearest(limits.couplings, coupling, what=limits.coupling["name"], unit=limits.coupling["unit"])
    if not sensitivity[allowed].any():
        msg = f"no signal of '{limits.model}' is expected there, so there is nothing to export; take another point"
        raise ConfigurationError(msg)
    couplings = at_the_limit(np.where(allowed, sensitivity, 0.0))
    best = np.where(allowed, sensitivity, 0.0).max(axis=1)
    everywhere = np.all([scan.events[np.arange(len(couplings)), couplings] > 0 for scan in limits.scans], axis=0)
    row = int((best * everywhere if (best * everywhere).any() else best).argmax())
    return Point(row, int(couplings[row]))


def workspace(limits: Limits, *, mass: float | None = None, coupling: float | None = None) -> dict[str, Any]:
    """HistFactory model of one hypothesis: a channel of one bin for each search, its mass window.

    Parameters
    ----------
    limits : Limits
        What is exported.
    mass : float, optional
        In MeV; see `point`.
    coupling : float, optional
        In its unit; see `point`.

    Returns
    -------
    dict
        JSON that pyhf found valid. The parameter of interest ``mu`` multiplies the expected signal.

    Raises
    ------
    ConfigurationError
        If pyhf is missing, or there is no signal at the point.
    """
    made = _specification(limits, at=point(limits, mass=mass, coupling=coupling))
    quietly(library("pyhf").schema.validate, made, "workspace.json", version=VERSION)
    return made


def patchset(limits: Limits, *, record: str = NO_RECORD) -> dict[str, Any]:
    """Patches of `workspace` for all masses: each has its own windows, so background and observation change with the signal.

    Parameters
    ----------
    limits : Limits
        What is exported.
    record : str
        Record of HEPData, such as ``"ins1234567"``.

    Returns
    -------
    dict
        JSON that pyhf found valid. A patch is named by the mass and has the coupling whose signal is nearest to its limit;
        masses without signal have none.

    Raises
    ------
    ConfigurationError
        If pyhf is missing, or no signal is expected anywhere.
    """
    pyhf = library("pyhf")
    base = workspace(limits)
    couplings = at_the_limit(strength(limits.scans[-1]))
    some = limits.scans[-1].events.any(axis=1)
    made = {
        "metadata": {
            "references": {"hepdata": record},
            "digests": {"sha256": pyhf.utils.digest(base)},
            "labels": ["mass_MeV", _word(limits.coupling["name"])],
            "description": f"{limits.label}: signal, background and observation in the window of each mass. {NOTE}",
        },
        "patches": [_patch(limits, at=Point(int(mass), int(couplings[mass]))) for mass in np.flatnonzero(some)],
        "version": VERSION,
    }
    quietly(pyhf.schema.validate, made, "patchset.json", version=VERSION)
    return made


def files(limits: Limits, *, record: str = NO_RECORD) -> dict[str, bytes]:
    """Content of `FILES`, by name; arguments and errors as those of `patchset`."""
    made = workspace(limits), patchset(limits, record=record)
    return {name: json.dumps(each, indent=1, sort_keys=True).encode() for name, each in zip(FILES, made, strict=True)}


def _specification(limits: Limits, *, at: Point) -> dict[str, Any]:
    scans = [scan for scan in limits.scans if len(scan.counting.searches) == 1]
    excluded = 1 / float(strength(limits.scans[-1])[at])
    factor = {"name": "mu", "inits": [excluded], "bounds": [[0.0, _WIDEST * max(excluded, 1.0)]]}
    return {
        "channels": [{"name": scan.counting.name, "samples": _samples(limits, scan, at=at)} for scan in scans],
        "observations": [{"name": scan.counting.name, "data": [_observed(scan, at=at)]} for scan in scans],
        "measurements": [{"name": _title(limits, scans), "config": {"poi": "mu", "parameters": [factor]}}],
        "version": VERSION,
    }


def _patch(limits: Limits, *, at: Point) -> dict[str, Any]:
    made = _specification(limits, at=at)
    mass, coupling = float(limits.masses[at.mass]), float(limits.couplings[at.coupling])
    paths = [
        *((f"/channels/{n}/samples", each["samples"]) for n, each in enumerate(made["channels"])),
        *((f"/observations/{n}/data", each["data"]) for n, each in enumerate(made["observations"])),
        ("/measurements", made["measurements"]),
    ]
    return {
        "metadata": {"name": f"mass_{_word(f'{mass:.9g}')}_MeV", "values": [mass, coupling]},
        "patch": [{"op": "replace", "path": path, "value": value} for path, value in paths],
    }


def _samples(limits: Limits, scan: Scan, *, at: Point) -> list[dict[str, Any]]:
    counting = scan.counting
    mechanisms = counting.mechanisms or (f"{counting.name} background",)
    each = (counting.by_mechanism, counting.by_uncertainty)
    expected, errors = each if counting.mechanisms else (counting.expected[None], counting.uncertainty[None])
    backgrounds = (
        _background(_word(name), float(expected[n, at.mass]), float(errors[n, at.mass]))
        for n, name in enumerate(mechanisms)
    )
    return [_signal(limits, scan, at=at), *backgrounds]


def _signal(limits: Limits, scan: Scan, *, at: Point) -> dict[str, Any]:
    """Expected signal; what is not common to all searches is in one factor of the search."""
    total = float(scan.relative[at])
    common = min(limits.protons_uncertainty, total) if "protons" in limits.included else 0.0
    others = [source for source in limits.included if source != "protons"]
    own = math.sqrt(total**2 - common**2) if others else 0.0
    modifiers = [
        {"name": "mu", "type": "normfactor", "data": None},
        *_factor("protons", common),
        *_factor(_word(f"{scan.counting.name} signal {' '.join(others)}"), own),
    ]
    return {"name": "signal", "data": [float(scan.events[at])], "modifiers": modifiers}


def _background(name: str, expected: float, uncertainty: float) -> dict[str, Any]:
    """One mechanism; where nothing is expected, but not for certain, mean and width of a Gaussian cut off at 0."""
    mean, width = map(float, positive(expected, uncertainty, prior="lognormal"))
    return {"name": name, "data": [mean], "modifiers": _factor(name, width / mean if mean else 0.0)}


def _factor(name: str, relative: float) -> list[dict[str, Any]]:
    """Log-normal factor of a relative standard deviation; none if that is 0."""
    if not relative:
        return []
    width = math.sqrt(math.log1p(relative**2))
    return [{"name": name, "type": "normsys", "data": {"hi": math.exp(width), "lo": math.exp(-width)}}]


def _observed(scan: Scan, *, at: Point) -> float:
    counts = scan.median if scan.counting.observed is None else scan.counting.observed
    return float(counts[at.mass])


def _title(limits: Limits, scans: list[Scan]) -> str:
    """What the numbers are: the only place of a workspace for words."""
    hidden = [scan.counting.name for scan in scans if scan.counting.observed is None]
    parts = [limits.model, f"{limits.protons:g} protons"]
    if limits.projected is not None:
        parts.append(f"projected from {limits.projected:g}")
    if hidden:
        parts.append(f"nothing observed: {', '.join(hidden)} with the median of the background")
    return "; ".join(parts)


def _word(text: str) -> str:
    """Text of letters, numbers and underscores only, as names of patches have to be."""
    return re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")


def _nearest(grid: NDArray[np.float64], value: float, *, what: str, unit: str) -> NDArray[np.bool_]:
    """Where a grid of positive numbers is nearest to a value, by their ratio."""
    if not grid.min() <= value <= grid.max():
        words = "" if unit == "1" else f" {unit}"
        msg = (
            f"{what} = {value:g}{words} is outside of the limits; they are from {grid.min():g} to {grid.max():g}{words}"
        )
        raise ConfigurationError(msg)
    distance = np.abs(np.log(grid / value))
    return np.asarray(distance == distance.min())
