"""Opening each input once: what it is, and whether it can be used."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from na62dump.datasets import Bursts, FileRecord, Rejected
from na62dump.errors import ConfigurationError, NA62DumpError
from na62dump.events import COLUMNS, checksum, describe
from na62dump.planning.needs import needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from na62dump.analysis import Analysis
    from na62dump.events import Description
    from na62dump.planning.patterns import Input

TRUTH = tuple(name for name, column in COLUMNS.items() if column.presence == "simulation" and name != "weight")
"""Columns that only a simulation can write."""


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
    records: dict[Input, FileRecord] = {}
    reasons: dict[Input, str] = {}
    claims: dict[Input, Description] = {}
    for number, item in enumerate(inputs):
        try:
            found = describe(item.path, renames=analysis.renames)
            _require_new(found, item, records.values())
            claims[item] = found
            _require_truth(found, item)
            _require_columns(found, item, wanted[item.declared.kind])
            _require_pot(found, item)
            records[item] = _record(found, item, checksum(item.path) if checksums else "")
        except NA62DumpError as error:
            reasons[item] = _one_line(error, item.path)
        on_progress(number + 1)
    reasons = _sharing(claims) | reasons
    rejected = [Rejected(sample=i.sample, path=str(i.path), reason=reasons[i]) for i in inputs if i in reasons]
    return [record for item, record in records.items() if item not in reasons], rejected


def _sharing(claims: Mapping[Input, Description]) -> dict[Input, str]:
    """Data files of which a burst is in another file too, with the reason: neither has the whole burst."""
    holders: dict[tuple[int, int], dict[Input, None]] = defaultdict(dict)
    for item, found in claims.items():
        if item.declared.kind == "data":
            for burst in found.bursts:
                holders[burst.run, burst.burst][item] = None
    reasons: dict[Input, str] = {}
    for (run, number), items in sorted(holders.items(), key=lambda pair: pair[0]):
        for item in items if len(items) > 1 else ():
            others = ", ".join(str(other.path) for other in items if other is not item)
            told = f"{item.path}: run {run}, burst {number} is also in {others}: its POT would count twice"
            reasons.setdefault(item, f"{told}, and neither file has all its events; keep each burst in one file")
    return reasons


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


def _require_truth(found: Description, item: Input) -> None:
    absent = [name for name in TRUTH if name not in found.columns]
    if item.declared.kind == "simulation" and absent:
        _refuse(
            item,
            f"declared simulation (sample '{item.sample}'), but without the truth columns of one "
            f"(first missing: '{absent[0]}'): is it data? Then declare kind = \"data\"",
        )


def _require_pot(found: Description, item: Input) -> None:
    if item.declared.kind == "simulation":
        return
    if not found.bursts:
        _refuse(item, "data without a table of bursts: its protons on target (POT) are not known")
    _require_bursts_once(found, item)
    for burst in (burst for burst in found.bursts if burst.good):
        if not (math.isfinite(burst.pot) and burst.pot > 0):
            _refuse(
                item,
                f"run {burst.run}, burst {burst.burst} is good but has {burst.pot} protons on target (POT); "
                "give its POT, or mark it not good",
            )
        if not (math.isfinite(burst.duration_ns) and burst.duration_ns >= 0):
            _refuse(
                item,
                f"run {burst.run}, burst {burst.burst} is good but lasts {burst.duration_ns} ns; "
                "give its duration (finite, not negative), or mark it not good",
            )


def _require_bursts_once(found: Description, item: Input) -> None:
    for (run, burst), times in Counter((burst.run, burst.burst) for burst in found.bursts).items():
        if times > 1:
            listed = "twice" if times == 2 else f"{times} times"  # noqa: PLR2004 - the word for it
            _refuse(
                item,
                f"run {run}, burst {burst} is listed {listed} in its table of bursts: its POT would count {listed}; "
                "write one row for each burst (hadd repeats the rows of its inputs)",
            )


def _require_new(found: Description, item: Input, records: Iterable[FileRecord]) -> None:
    for other in records:
        if other.uuid == found.uuid:
            _refuse(item, f"the same file (uuid {found.uuid}) as {other.path} of sample '{other.sample}'; name it once")


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
        bursts=Bursts.of(found.bursts),
    )
