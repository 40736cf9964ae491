"""Files that the patterns of samples stand for, in folders and at addresses."""

from __future__ import annotations

import glob
import re
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from na62dump.datasets import Access
from na62dump.errors import ConfigurationError, InputFileError
from na62dump.events import Address, Entry, is_here, is_remote, listing, listing_here, patiently

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from na62dump.datasets import Sample

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
        If an address is none that can be read, or its server fails, or a folder may not be listed, or what is in it
        has a name that cannot be written as an address.
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
    return set(_here(pattern, base)) if pattern else set()


def _at_server(pattern: Address, access: Access) -> Iterator[Address]:
    """Addresses that match; only folders that such a file can be in are listed, each once."""
    if not glob.has_magic(pattern.path):
        yield pattern
        return

    @cache
    def listed(path: str) -> list[Entry]:
        folder = _written(pattern, path)
        return patiently(lambda: listing(folder), access=access)

    folder, parts = _taken_apart(pattern.path)
    for inner, entry in _below(folder, parts, lambda at, part: _fitting(listed(at), part)):
        if not entry.is_folder:
            yield _written(pattern, f"{inner}/{entry.name}")


def _here(pattern: str, base: Path) -> Iterator[Path]:
    """Paths that match: also folders, which are no files when they are opened, but for those that ``**`` goes into."""
    listed, parent = cache(listing_here), cache(Path)

    def inside(folder: str, part: str) -> Iterable[Entry]:
        if glob.has_magic(part):
            return _fitting(listed(folder), part)
        return [Entry(part, is_folder=None)] if is_here(f"{folder}/{part}") else []

    folder, parts = _taken_apart(pattern)
    if not pattern.startswith("/"):
        folder = f"{base}".rstrip("/") + f"/{folder}".rstrip("/")
    for inner, entry in _below(folder, parts, inside):
        if not (entry.is_folder and parts[-1] == ANY_DEPTH):
            yield parent(inner or "/") / entry.name


def _taken_apart(pattern: str) -> tuple[str, list[str]]:
    """Folder that is named, and the parts of a pattern from the first that stands for others, or else the last."""
    parts = pattern.split("/")
    first = next((number for number, part in enumerate(parts) if glob.has_magic(part)), len(parts) - 1)
    return "/".join(parts[:first]), parts[first:]


def _written(pattern: Address, path: str) -> Address:
    """Address of what a server lists; one that would be read as another is refused."""
    address = pattern.at(path)
    if Address.of(str(address)) != address:
        msg = (
            f"{pattern}: matches {path!r}, which cannot be written as an address: what follows '?' would be told to the "
            "server beside the path; rename it, or give a pattern that does not match it"
        )
        raise InputFileError(msg)
    return address


def _below(
    folder: str, parts: Sequence[str], inside: Callable[[str, str], Iterable[Entry]]
) -> Iterator[tuple[str, Entry]]:
    """What matches and its folder, by the parts of a pattern that are left; what is inside is asked part by part."""
    head, *rest = [*parts, "*"] if list(parts) == [ANY_DEPTH] else parts
    if rest and not glob.has_magic(head):
        yield from _below(f"{folder}/{head}", rest, inside)
        return
    if head == ANY_DEPTH and rest:
        yield from _below(folder, rest, inside)
    for entry in inside(folder, head):
        if not rest:
            yield folder, entry
        elif entry.is_folder or (entry.is_folder is None and not _is_taken(entry, head, rest)):
            yield from _below(f"{folder}/{entry.name}", [head, *rest] if head == ANY_DEPTH else rest, inside)


def _is_taken(entry: Entry, head: str, rest: Sequence[str]) -> bool:
    """Whether what may be a folder is taken as a file as well: opening it tells what is wrong."""
    return head == ANY_DEPTH and len(rest) == 1 and any(_fitting([entry], rest[0]))


def _fitting(entries: Iterable[Entry], part: str) -> Iterator[Entry]:
    """Entries whose names match; hidden ones only where the dot is written, as in a shell."""
    matches, hidden = re.compile(translate(part)).match, part.startswith(".")
    return (entry for entry in entries if matches(entry.name) and (hidden or not entry.name.startswith(".")))
