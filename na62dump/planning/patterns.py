"""Files that the patterns of samples stand for, in folders and at addresses."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from na62dump.datasets import Access
from na62dump.errors import ConfigurationError
from na62dump.events import Address, is_remote, listing, patiently

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from na62dump.datasets import Sample
    from na62dump.events import Entry

ANY_DEPTH = "**"
"""Part of a pattern that stands for any number of folders, also none."""


@dataclass(frozen=True, eq=False)
class Input:
    """A file of a sample, before it is opened; equal to itself alone.

    Attributes
    ----------
    sample : str
        Name of its sample.
    declared : Sample
        What the sample is.
    path : Path or str
        A path of this machine, or an address, as text: a path would lose its double slash.
    """

    sample: str
    declared: Sample
    path: Path | str

    @property
    def address(self) -> str:
        """Absolute path, or address."""
        return self.path if isinstance(self.path, str) else str(self.path.absolute())


def expand(samples: Mapping[str, Sample], base: Path, *, access: Access | None = None) -> list[Input]:
    """Files that the patterns of some samples stand for.

    In paths ``*``, ``?``, ``[...]`` and ``**`` stand for other text; in addresses all but ``?``, which begins what the
    server is told beside the path. An address without them is taken as it is.

    Parameters
    ----------
    samples : mapping of str to Sample
        By name.
    base : Path
        Folder that patterns are relative to; addresses are not.
    access : Access, optional
        How often a server is asked again.

    Returns
    -------
    list of Input
        In order of samples, then of paths.

    Raises
    ------
    ConfigurationError
        If a sample has no patterns, or a pattern stands for nothing.
    InputFileError
        If an address is none that can be read, or its server fails.
    """
    found = []
    for name, sample in samples.items():
        paths: set[Path | str] = set()
        if not sample.files:
            msg = f"sample '{name}' lists no files; give at least one pattern, such as files = [\"data/*.root\"]"
            raise ConfigurationError(msg)
        for pattern in sample.files:
            matches = _matches(pattern, base, access or Access())
            if not matches:
                below = "on its server" if is_remote(pattern) else f"below {base}"
                msg = f"sample '{name}': no file matches {pattern!r} {below}; check [files] of the sample, or --base"
                raise ConfigurationError(msg)
            paths |= matches
        found += [Input(name, sample, path) for path in sorted(paths, key=str)]
    return found


def count_files(samples: Mapping[str, Sample], base: Path) -> int:
    """Count the files that the patterns of some samples stand for, below a folder."""
    return len(expand(samples, base))


def _matches(pattern: str, base: Path, access: Access) -> set[Path | str]:
    if is_remote(pattern):
        return {str(address) for address in _at_server(Address.of(pattern), access)}
    # Path.glob refuses absolute patterns
    return {base / match for match in glob.glob(pattern, root_dir=base, recursive=True)}  # noqa: PTH207


def _at_server(pattern: Address, access: Access) -> Iterable[Address]:
    """Addresses that match; only folders that such a file can be in are listed."""
    if not glob.has_magic(pattern.path):
        return [pattern]
    parts = pattern.path.split("/")
    first = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    return _below(pattern.at("/".join(parts[:first])), parts[first:], access)


def _below(folder: Address, parts: Sequence[str], access: Access) -> Iterator[Address]:
    """Files below a folder, by the parts of a pattern that are left."""
    head, *rest = [*parts, "*"] if list(parts) == [ANY_DEPTH] else parts
    if rest and not glob.has_magic(head):
        yield from _below(folder.at(f"{folder.path}/{head}"), rest, access)
        return
    if head == ANY_DEPTH and rest:
        yield from _below(folder, rest, access)
    for entry in patiently(lambda: listing(folder), access=access):
        inner = folder.at(f"{folder.path}/{entry.name}")
        if entry.is_folder and rest and _fits(entry, head):
            yield from _below(inner, [head, *rest] if head == ANY_DEPTH else rest, access)
        elif not entry.is_folder and not rest and _fits(entry, head):
            yield inner


def _fits(entry: Entry, part: str) -> bool:
    """Whether a name matches; hidden ones only where the dot is written, as in a shell."""
    return fnmatchcase(entry.name, part) and (part.startswith(".") or not entry.name.startswith("."))
