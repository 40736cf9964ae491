"""Opening each input once: what it is, and whether it can be used."""

from __future__ import annotations

import glob
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from na62dump.datasets import FileRecord, Rejected
from na62dump.errors import ConfigurationError, NA62DumpError
from na62dump.events import COLUMNS, checksum, describe
from na62dump.planning.needs import needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from na62dump.analysis import Analysis
    from na62dump.datasets import Sample
    from na62dump.events import Description

TRUTH = tuple(name for name, column in COLUMNS.items() if column.presence == "simulation" and name != "weight")
"""Columns that only a simulation can write."""


@dataclass(frozen=True)
class Input:
    """A file of a sample, before it is opened."""

    sample: str
    declared: Sample
    path: Path


def expand(samples: Mapping[str, Sample], base: Path) -> list[Input]:
    """Files that the patterns of some samples stand for.

    Parameters
    ----------
    samples : mapping of str to Sample
        By name.
    base : Path
        Folder that patterns are relative to.

    Returns
    -------
    list of Input
        In order of samples, then of paths.

    Raises
    ------
    ConfigurationError
        If a pattern stands for nothing.
    """
    found = []
    for name, sample in samples.items():
        paths: set[Path] = set()
        for pattern in sample.files:
            matches = glob.glob(pattern, root_dir=base)  # noqa: PTH207 - Path.glob refuses absolute patterns
            if not matches:
                msg = (
                    f"sample '{name}': no file matches {pattern!r} below {base}; check [files] of the sample, or --base"
                )
                raise ConfigurationError(msg)
            paths |= {base / match for match in matches}
        found += [Input(name, sample, path) for path in sorted(paths)]
    return found


def count_files(samples: Mapping[str, Sample], base: Path) -> int:
    """Count the files that the patterns of some samples stand for, below a folder."""
    return len(expand(samples, base))


def open_all(
    inputs: Sequence[Input], analysis: Analysis, *, checksums: bool, on_progress: Callable[[int], object]
) -> tuple[list[FileRecord], list[Rejected]]:
    """Open every input once.

    Parameters
    ----------
    inputs : sequence of Input
        Files, in order.
    analysis : Analysis
        What needs columns of them.
    checksums : bool
        Whether to compute a checksum of each.
    on_progress : callable
        Called with the number of files opened so far.

    Returns
    -------
    list of FileRecord, list of Rejected
        What can be used, and what cannot, with the reason.
    """
    wanted = {kind: needs(analysis, kind) for kind in ("data", "simulation")}
    records: list[FileRecord] = []
    rejected: list[Rejected] = []
    for number, item in enumerate(inputs):
        try:
            found = describe(item.path, renames=analysis.renames)
            _require_new(found, item, records)
            _require_columns(found, item, wanted[item.declared.kind])
            _require_kind(found, item)
            records.append(_record(found, item, checksum(item.path) if checksums else ""))
        except NA62DumpError as error:
            rejected.append(Rejected(sample=item.sample, path=str(item.path), reason=_one_line(error, item.path)))
        on_progress(number + 1)
    return records, rejected


def _one_line(error: NA62DumpError, path: Path) -> str:
    text = " ".join(str(error).split())
    return text if str(path) in text else f"{path}: {text}"


def _refuse(item: Input, why: str) -> None:
    msg = f"{item.path}: {why}"
    raise ConfigurationError(msg)


def _require_columns(found: Description, item: Input, wanted: Mapping[str, Iterable[str]]) -> None:
    missing = {column: reasons for column, reasons in wanted.items() if column not in found.columns}
    if missing:
        told = "; ".join(f"'{column}', needed by {', '.join(reasons)}" for column, reasons in missing.items())
        _refuse(item, f"has no column {told}")


def _require_kind(found: Description, item: Input) -> None:
    if item.declared.kind == "simulation":
        absent = [name for name in TRUTH if name not in found.columns]
        if absent:
            _refuse(
                item,
                f"declared simulation (sample '{item.sample}'), but without the truth columns of one "
                f"(first missing: '{absent[0]}'): is it data? Then declare kind = \"data\"",
            )
        return
    _require_pot(found, item)


def _require_pot(found: Description, item: Input) -> None:
    good = [burst for burst in found.bursts if burst.good]
    if not found.bursts:
        _refuse(item, "data without a table of bursts: its protons on target (POT) are not known")
    for burst in good:
        if not (math.isfinite(burst.pot) and burst.pot > 0):
            _refuse(
                item,
                f"run {burst.run}, burst {burst.burst} is good but has {burst.pot} protons on target (POT); "
                "give its POT, or mark it not good",
            )


def _require_new(found: Description, item: Input, records: Iterable[FileRecord]) -> None:
    own = {(burst.run, burst.burst) for burst in found.bursts}
    for other in records:
        if other.uuid == found.uuid:
            _refuse(item, f"the same file (uuid {found.uuid}) as {other.path} of sample '{other.sample}'; name it once")
        if item.declared.kind == other.kind == "data":
            shared = sorted(own & {(burst.run, burst.burst) for burst in other.bursts})
            if shared:
                run, burst = shared[0]
                _refuse(item, f"run {run}, burst {burst} is also in {other.path}: its POT would count twice")


def _record(found: Description, item: Input, check: str) -> FileRecord:
    return FileRecord(
        sample=item.sample,
        kind=item.declared.kind,
        path=str(item.path.absolute()),
        uuid=found.uuid,
        entries=found.entries,
        clusters=found.clusters,
        checksum=check,
        simulated=found.simulated,
        bursts=found.bursts,
    )
