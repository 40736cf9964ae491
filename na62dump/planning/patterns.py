"""Files that the patterns of samples stand for."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from typing import TYPE_CHECKING

from na62dump.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from na62dump.datasets import Sample


@dataclass(frozen=True, eq=False)
class Input:
    """A file of a sample, before it is opened; equal to itself alone."""

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
        If a sample has no patterns, or a pattern stands for nothing.
    """
    found = []
    for name, sample in samples.items():
        paths: set[Path] = set()
        if not sample.files:
            msg = f"sample '{name}' lists no files; give at least one pattern, such as files = [\"data/*.root\"]"
            raise ConfigurationError(msg)
        for pattern in sample.files:
            matches = glob.glob(pattern, root_dir=base, recursive=True)  # noqa: PTH207 - Path.glob refuses absolute patterns
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
