"""The folder of a run: what it holds, and under which fingerprint its results are kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from na62dump import analysis as searches
from na62dump import provenance
from na62dump.datasets import Plan
from na62dump.errors import ConfigurationError
from na62dump.planning import grown
from na62dump.regions import NOTHING, BlindingRecord
from na62dump.runner import Ledger, claimed, write_atomically
from na62dump.runs.ownership import require_own

if TYPE_CHECKING:
    from collections.abc import Mapping

    from na62dump.analysis import Analysis
    from na62dump.regions import Opened

PLAN = "plan.json"

CLAIM = "planning.json"
"""File in the folder of a run, as long as its plan is being written."""

OPENED = "opened"
"""Folder in that of a run, for what planning found in each file."""


@dataclass(frozen=True)
class Run:
    """An open run folder.

    Attributes
    ----------
    folder : Path
        Where it is.
    plan : Plan
        What it reads.
    analysis : Analysis
        The search as it was when it was planned.
    opened : mapping of str to Opened
        Hidden regions that valid records have opened, for the analysis and for the others of the same events, by name.
    remarks : tuple of str
        Why regions that have been opened are closed all the same.
    identity : str
        Digest of the plan as it was read.
    """

    folder: Path
    plan: Plan
    analysis: Analysis
    opened: Mapping[str, Opened]
    remarks: tuple[str, ...]
    identity: str

    @property
    def open_regions(self) -> tuple[str, ...]:
        """Names of the opened regions: of the analysis, then, as in ``"CR of kk"``, of others of the same events."""
        return searches.labels(self.analysis, self.opened)

    @cached_property
    def ledger(self) -> Ledger:
        """Results and failures made under the conditions of now."""
        return Ledger(self.folder, self._fingerprint())

    def _fingerprint(self) -> str:
        """Digest of all that decides the result of a unit, apart from its file; which bursts are good, its name says."""
        plan = self.plan
        return provenance.digest(
            {
                "run": self.analysis.run_digest(self.open_regions),
                "samples": [[name, d.kind, d.label, name in plan.simulated] for name, d in plan.samples.items()],
                "columns": plan.columns,
            }
        )


def create(folder: Path, analysis: Analysis, *, plan: Plan) -> Run:
    """Make a run folder.

    Parameters
    ----------
    folder : Path
        New, or with the same plan in it already, or with one that this one adds files to: then what is done stays done.
    analysis : Analysis
        The search; a copy of its files is kept.
    plan : Plan
        What it reads.

    Returns
    -------
    Run
        Open.

    Raises
    ------
    ConfigurationError
        If the folder holds another plan.
    ClaimedError
        If another process plans this run.
    """
    path = folder / PLAN
    folder.mkdir(parents=True, exist_ok=True)
    with claimed(folder / CLAIM, doing="plans this run"):
        _save(path, analysis, plan=plan)
    return open_run(folder)


def _save(path: Path, analysis: Analysis, *, plan: Plan) -> None:
    """Write a plan, or add its files to one that is there."""
    before = read_plan(path) if path.exists() else None
    whole = plan if before is None else grown(before, plan)
    if whole is None:
        msg = (
            f"{path}: a different plan is there already, and more than files added to it; "
            f"remove the folder {path.parent}, or give another one with -o"
        )
        raise ConfigurationError(msg)
    if before is None:
        # files of a run are never written again: whoever opens it may be reading them
        analysis.save(path.parent)
    whole.save(path, write=write_atomically)


def open_run(folder: Path) -> Run:
    """Open a run folder.

    Parameters
    ----------
    folder : Path
        What ``na62dump plan`` made.

    Returns
    -------
    Run
        With the analysis as it was planned.

    Raises
    ------
    ConfigurationError
        If the folder holds no plan, or the plan is of another version of the package, or the blinding record was edited, or
        somebody else may have written the selection that it would execute.
    BlindingError
        If the blinding record opens what is not to be opened.
    """
    plan, identity = _read(folder / PLAN)
    require_own(folder)
    analysis = searches.load(str(folder / "config" / f"{plan.analysis}.toml"))
    if analysis.digest != plan.digest:
        msg = (
            f"{folder}: its files, or the version of na62dump, are not those it was planned with "
            f"(digest {analysis.digest[:16]} instead of {plan.digest[:16]}); plan again in another folder"
        )
        raise ConfigurationError(msg)
    # the record beside the analysis and no other: what is open may not depend on the working folder
    record = BlindingRecord.beside(Path(plan.home))
    family = searches.recorded(analysis, [entry.analysis for entry in record.record])
    found = {name: record.opened(name, search.plane, digest=search.digest) for name, search in family.items()}
    opened = {name: found.get(name, NOTHING) for name in (analysis.name, *analysis.kin)}
    remarks = [record.remarks(name, search.plane, values=search.values) for name, search in family.items()]
    return Run(folder, plan, analysis, opened, tuple(chain.from_iterable(remarks)), identity)


def read_plan(path: Path) -> Plan:
    """Read the plan of a run.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Plan
        As it was frozen.

    Raises
    ------
    ConfigurationError
        If there is none, or it is of another version of the package.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple[Plan, str]:
    """Plan, and the digest of its header, which holds those of its tables."""
    try:
        return Plan.identified(path)
    except OSError as error:
        msg = f"{path}: no run here ({error.strerror}); make one with 'na62dump plan ANALYSIS -o {path.parent}'"
        raise ConfigurationError(msg) from error
