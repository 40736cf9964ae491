"""What was compared, as tables and as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from na62dump.studies.reproduction.comparison import KINDS, VERDICTS
from na62dump.tables import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from na62dump.studies.reproduction.comparison import Kind, Section, Verdict

COLUMNS = ("what", "published", "ours", "difference", "tolerance", "verdict", "kind", "remark")


@dataclass(frozen=True)
class Reproduction:
    """Published results made again.

    Attributes
    ----------
    title : str
        What was made.
    quick : bool
        Whether few decays were simulated.
    sections : tuple of Section
        Comparisons.
    missing : tuple of str
        What could not be made, and why.
    paths : tuple of Path
        Files that were written.
    """

    title: str
    quick: bool
    sections: tuple[Section, ...]
    missing: tuple[str, ...]
    paths: tuple[Path, ...]

    @property
    def verdicts(self) -> dict[Kind, dict[Verdict, int]]:
        """How many lines of each kind have each verdict."""
        return counted(self.sections)

    def to_json(self) -> dict[str, Any]:
        """Plain data: every section with its lines."""
        return {
            "title": self.title,
            "quick": self.quick,
            "verdicts": self.verdicts,
            "sections": [asdict(section) for section in self.sections],
            "missing": list(self.missing),
        }


def counted(sections: Sequence[Section]) -> dict[Kind, dict[Verdict, int]]:
    """Count lines: one that agrees because it was fitted is not added to those that were predicted.

    Parameters
    ----------
    sections : sequence of Section
        What was compared.

    Returns
    -------
    dict of str to dict of str to int
        By kind and verdict, in the order of `KINDS` and `VERDICTS`; only what there is.
    """
    found = Counter((line.kind, line.verdict) for section in sections for line in section.lines)
    by_kind = {kind: {verdict: n for verdict in VERDICTS if (n := found[kind, verdict])} for kind in KINDS}
    return {kind: numbers for kind, numbers in by_kind.items() if numbers}


def tables(made: Reproduction) -> list[Table]:
    """One table for each section that compares something.

    Parameters
    ----------
    made : Reproduction
        What was compared.

    Returns
    -------
    list of Table
        One row for each line.
    """
    return [
        Table(section.title, COLUMNS, tuple(tuple(getattr(line, name) for name in COLUMNS) for line in section.lines))
        for section in made.sections
        if section.lines
    ]
