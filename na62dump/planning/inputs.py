"""Opening each input once: what it is, and whether it can be used."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from na62dump import __version__, provenance
from na62dump.datasets import Bursts, FileRecord, Rejected
from na62dump.errors import ConfigurationError, NA62DumpError
from na62dump.events import COLUMNS, checksum, describe, patiently, stamp
from na62dump.planning.findings import Findings, Kept, Key
from na62dump.planning.opening import each

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from na62dump.datasets import Access
    from na62dump.datasets.samples import Kind
    from na62dump.events import Description, Renames
    from na62dump.planning.patterns import Input

TRUTH = tuple(name for name, column in COLUMNS.items() if column.presence == "simulation" and name != "weight")
"""Columns that only a simulation can write."""


SHOWN = 3
"""Files that a message lists, of any number."""


@dataclass(frozen=True)
class Finding:
    """What came of opening a file: a record if it could be read, why it cannot be used, if so, and its stamp before."""

    record: FileRecord | None
    reason: str = ""
    stamp: str = ""


Task: TypeAlias = "tuple[Input, Kept | None]"
"""A file, and what is known of it."""


@dataclass(frozen=True)
class Look:
    """What is asked of every file; it travels to other processes.

    Attributes
    ----------
    wanted : mapping
        Columns that are needed, and what for, by kind of sample.
    renames : Renames or None
        Names in foreign ntuples.
    checksums : bool
        Whether to compute a checksum.
    access : Access
        How often a server is asked again that fails.
    keeps : bool
        Whether what is found is kept: only then it matters whether a file has changed.
    """

    wanted: Mapping[Kind, Mapping[str, tuple[str, ...]]]
    renames: Renames | None
    checksums: bool
    access: Access
    keeps: bool = False

    def __call__(self, task: Task) -> Finding:
        """Open a file, unless it is as it was when it was opened before."""
        item, known = task
        now = stamp(item.path) if self.keeps else ""
        if known is not None and now == known.stamp:
            return Finding(known.record, stamp=now)
        return replace(self._opened(item), stamp=now)

    def _opened(self, item: Input) -> Finding:
        record = None
        try:
            found = patiently(partial(describe, item.path, renames=self.renames), access=self.access)
            record = _record(found, item, "")
            _require_truth(found, item)
            _require_columns(found, item, self.wanted[item.declared.kind])
            _require_pot(found, item)
            if self.checksums:
                record = replace(record, checksum=patiently(partial(checksum, item.path), access=self.access))
            return Finding(record)
        except NA62DumpError as error:
            return Finding(record, _one_line(error, item.path))

    def of(self, item: Input) -> Key:
        """Under which key a usable file is kept."""
        kind = item.declared.kind
        asked = [
            *(__version__, item.sample, kind, self.checksums, list(self.wanted[kind])),
            None if self.renames is None else self.renames.model_dump(mode="json"),
        ]
        return Key(item.address, provenance.digest(asked))


def _killed(task: Task, reason: str) -> Finding:
    return Finding(None, f"{task[0].path}: ends the process that opens it ({reason})")


def open_all(
    inputs: Sequence[Input],
    look: Look,
    *,
    kept: Findings,
    workers: int = 1,
    on_progress: Callable[[int], object] = lambda _: None,
) -> tuple[list[FileRecord], list[Rejected]]:
    """Open every input once, unless what is in it is known already.

    Parameters
    ----------
    inputs : sequence of Input
        Files, in order.
    look : Look
        What is asked of each.
    kept : Findings
        What is known; what is found is added as it comes.
    workers : int
        Processes that open files.
    on_progress : callable
        Called with the number of files done so far.

    Returns
    -------
    list of FileRecord, list of Rejected
        What can be used, and what cannot, with the reason; the same for any number of workers.
    """
    keys = [look.of(item) for item in inputs]
    findings = [Finding(None)] * len(inputs)
    tasks: list[Task] = [(item, kept.get(key)) for item, key in zip(inputs, keys, strict=True)]
    on_progress(0)
    try:
        with kept.marked() as ended, closing(each(tasks, look, workers=workers, died=_killed, alone=ended)) as found:
            for done, (number, finding) in enumerate(found, start=1):
                findings[number] = finding
                if finding.record is not None and not finding.reason:
                    kept.add(keys[number], Kept(finding.stamp, finding.record))
                on_progress(done)
    finally:
        kept.write()
    kept.tidy(keys)
    return _judged(inputs, findings)


def _judged(inputs: Sequence[Input], findings: Sequence[Finding]) -> tuple[list[FileRecord], list[Rejected]]:
    """What can be used, once all files are known: none twice, and no burst in two of them."""
    usable: dict[str, tuple[Input, FileRecord]] = {}
    reasons: dict[Input, str] = {}
    claims: dict[Input, FileRecord] = {}
    for item, finding in zip(inputs, findings, strict=True):
        record = finding.record
        if record is not None and record.uuid in usable:
            _, other = usable[record.uuid]
            told = f"the same file (uuid {record.uuid}) as {other.path} of sample '{other.sample}'; name it once"
            reasons[item] = f"{item.path}: {told}"
            continue
        if record is not None:
            claims[item] = record
        if finding.reason or record is None:
            reasons[item] = finding.reason
        else:
            usable[record.uuid] = item, record
    reasons = _sharing(claims) | reasons
    rejected = [Rejected(sample=i.sample, path=str(i.path), reason=reasons[i]) for i in inputs if i in reasons]
    return [record for item, record in usable.values() if item not in reasons], rejected


def _sharing(claims: Mapping[Input, FileRecord]) -> dict[Input, str]:
    """Data files of which a burst is in another file too, with the reason: neither has the whole burst."""
    items = [item for item in claims if item.declared.kind == "data"]
    rows = Bursts.joined(claims[item].bursts for item in items).rows
    holder = np.repeat(np.arange(len(items)), [len(claims[item].bursts) for item in items])
    order = np.lexsort((holder, rows["burst"], rows["run"]))
    rows, holder = rows[order], holder[order]
    same = (rows["run"][1:] == rows["run"][:-1]) & (rows["burst"][1:] == rows["burst"][:-1])
    holders: dict[tuple[int, int], dict[Input, None]] = defaultdict(dict)
    for first in np.flatnonzero(same & (holder[1:] != holder[:-1])):
        several = holders[int(rows["run"][first]), int(rows["burst"][first])]
        several |= dict.fromkeys(items[n] for n in (holder[first], holder[first + 1]))
    reasons: dict[Input, str] = {}
    for (run, number), sharing in holders.items():
        few = list(islice(sharing, SHOWN + 1))
        for item in sharing:
            shown = [str(other.path) for other in few if other is not item][:SHOWN]
            more = len(sharing) - 1 - len(shown)
            others = ", ".join(shown) + (f" and {more} more" if more else "")
            told = f"{item.path}: run {run}, burst {number} is also in {others}: its POT would count twice"
            reasons.setdefault(item, f"{told}, and neither file has all its events; keep each burst in one file")
    return reasons


def _one_line(error: NA62DumpError, path: Path | str) -> str:
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


def _record(found: Description, item: Input, check: str) -> FileRecord:
    return FileRecord(
        sample=item.sample,
        kind=item.declared.kind,
        path=item.address,
        uuid=found.uuid,
        entries=found.entries,
        clusters=found.clusters,
        checksum=check,
        simulated=found.simulated,
        bursts=Bursts.of(found.bursts),
    )
