"""All estimates of one search, with what data show where they may be seen: one file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from na62dump import archives
from na62dump.background.checks import Check
from na62dump.background.estimate import Estimate
from na62dump.histograms import Book
from na62dump.results import State

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

KIND = "backgrounds"
MADE_BY = "na62dump background"
MECHANISMS = "combinatorial", "prompt", "upstream", "neutrino"
"""What may make pairs: a search has an estimate of each, or does not describe it."""

_NUMBERS = ("expected", "covariance", "limit")


@dataclass(frozen=True)
class Backgrounds:
    """What a search expects of background, and what data show.

    Attributes
    ----------
    state : State
        Of the results that it was made from: what was open.
    estimates : tuple of Estimate
        One per mechanism.
    inverted : tuple of Estimate
        Of rows that fail some requirements, for cross-checks.
    observed : mapping of str to int or None
        Selected rows of data by region; None where they are hidden.
    joint : mapping of str to tuple of str
        Regions that are looked at together.
    checks : tuple of Check
        Cross-checks in visible regions.
    vetoes : mapping
        What the fits of the time difference say of the vetoes; JSON only.
    times : mapping of str to float64[row], ns
        Time differences of rows of data: ``"before"`` and ``"after"`` the vetoes.
    points : float64[2, row], in the base units of the regions' columns
        Where the selected rows of data lie.
    remarks : tuple of str
        What was not estimated, and why.
    undescribed : tuple of str
        Mechanisms that config/background.toml does not describe for the search.
    protons : float
        On target in the data, in good bursts; 0 if none are booked.
    """

    state: State
    estimates: tuple[Estimate, ...]
    inverted: tuple[Estimate, ...]
    observed: Mapping[str, int | None]
    joint: Mapping[str, tuple[str, ...]]
    checks: tuple[Check, ...]
    vetoes: Mapping[str, Any]
    times: Mapping[str, NDArray[np.float64]]
    points: NDArray[np.float64]
    remarks: tuple[str, ...] = field(default=())
    undescribed: tuple[str, ...] = field(default=())
    protons: float = field(default=0.0)

    @property
    def missing(self) -> tuple[str, ...]:
        """Mechanisms that are described but could not be estimated: nothing is known of them, which is not 0."""
        known = {*(each.mechanism for each in self.estimates), *self.undescribed}
        return tuple(name for name in MECHANISMS if name not in known)

    @property
    def all_vetoes(self) -> str:
        """Names of the vetoes that rows ``"before"`` may fail, and ``"after"`` meet: what was measured last."""
        return next(reversed(self.vetoes.get("suppression", {})), "vetoes")

    def dumps(self, provenance: Mapping[str, object]) -> bytes:
        """Content of a file; how it was made is kept beside."""
        groups = {"estimates": self.estimates, "inverted": self.inverted}
        tables = {
            "state": self.state.model_dump(mode="json"),
            **{name: [_about(each) for each in group] for name, group in groups.items()},
            "observed": dict(self.observed),
            "joint": {name: list(regions) for name, regions in self.joint.items()},
            "checks": [vars(check) for check in self.checks],
            "vetoes": dict(self.vetoes),
            "times": list(self.times),
            "remarks": list(self.remarks),
            "undescribed": list(self.undescribed),
            "protons": self.protons,
        }
        arrays = {f"{name}.{number}.{key}": array for name, group in groups.items() for number, each in enumerate(group)
                  for key, array in _arrays(each).items()}  # fmt: skip
        arrays |= {f"times.{name}": values for name, values in self.times.items()} | {"points": self.points}
        return archives.pack(KIND, tables, arrays=arrays, provenance=provenance, also=self._write_books)

    def _write_books(self, archive: zipfile.ZipFile) -> None:
        for number, estimate in enumerate(self.estimates):
            if estimate.book is not None:
                estimate.book.write(archive, folder=_folder(number))

    @classmethod
    def load(cls, path: Path) -> Backgrounds:
        """Read what `dumps` gave.

        Parameters
        ----------
        path : Path
            What ``na62dump background`` wrote.

        Returns
        -------
        Backgrounds
            Its content.

        Raises
        ------
        InputFileError
            If it is no such file.
        """
        tables, arrays = archives.unpack(path, KIND, made_by=MADE_BY)
        try:
            estimates, inverted = (
                tuple(_estimate(about, _of(arrays, f"{name}.{number}.")) for number, about in enumerate(tables[name]))
                for name in ("estimates", "inverted")
            )
            with archives.opened(path) as archive:
                estimates = tuple(_with_book(each, archive, number) for number, each in enumerate(estimates))
            return cls(
                state=State.model_validate_json(json.dumps(tables["state"])),
                estimates=estimates,
                inverted=inverted,
                observed=tables["observed"],
                joint={name: tuple(regions) for name, regions in tables["joint"].items()},
                checks=tuple(Check(**check) for check in tables["checks"]),
                vetoes=tables["vetoes"],
                times={name: arrays[f"times.{name}"] for name in tables["times"]},
                points=arrays["points"],
                remarks=tuple(tables["remarks"]),
                undescribed=tuple(tables["undescribed"]),
                protons=float(tables["protons"]),
            )
        except archives.NO_ARCHIVE as error:
            raise archives.damaged(path, error, made_by=MADE_BY) from error


def _about(estimate: Estimate) -> dict[str, Any]:
    """What is not an array."""
    plain = {key: getattr(estimate, key) for key in ("mechanism", "method", "regions", "inputs", "scale")}
    return plain | {"systematic": list(estimate.systematic)}


def _arrays(estimate: Estimate) -> dict[str, NDArray[np.float64]]:
    systematic = {f"systematic.{place}": values for place, values in enumerate(estimate.systematic.values())}
    return {name: getattr(estimate, name) for name in _NUMBERS} | systematic


def _of(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _estimate(about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Estimate:
    n = len(about["regions"])
    archives.check_array(arrays["expected"], (n,))
    archives.check_array(arrays["covariance"], (n, n))
    systematic = {name: arrays[f"systematic.{place}"] for place, name in enumerate(about["systematic"])}
    for values in systematic.values():
        archives.check_array(values, (n,))
    numbers = {name: arrays[name] for name in _NUMBERS}
    fields: dict[str, Any] = {**about, "regions": tuple(about["regions"]), "systematic": systematic, **numbers}
    return Estimate(**fields)


def _folder(number: int) -> str:
    return f"histograms.{number}/"


def _with_book(estimate: Estimate, archive: zipfile.ZipFile, number: int) -> Estimate:
    if not any(name.startswith(_folder(number)) for name in archive.namelist()):
        return estimate
    return replace(estimate, book=Book.read(archive, folder=_folder(number)))


def mechanism(estimates: Sequence[Estimate], name: str) -> Estimate | None:
    """The estimate of one mechanism, if there is one."""
    return next((each for each in estimates if each.mechanism == name), None)
