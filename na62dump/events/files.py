"""Opening ROOT files: whatever is wrong with one becomes a single line that names the file and the fix."""

from __future__ import annotations

import os
import struct
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import uproot
from uproot.source.file import MemmapSource

from na62dump.errors import InputFileError, NA62DumpError, ServerError, nearest
from na62dump.events import remote
from na62dump.events.addresses import Address, is_remote
from na62dump.events.columns import TREE
from na62dump.events.copies import copied, removed_if_bad

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from na62dump.events.renaming import Renames

RootFile: TypeAlias = Any
"""A file of uproot, which has no types."""

Tree: TypeAlias = Any
"""A TTree or an RNTuple of uproot."""

MAGIC = b"root"
"""What every ROOT file begins with."""

UNCACHED: Mapping[str, None] = {"array_cache": None, "object_cache": None}
"""Options of uproot: every column is read once, so nothing is kept."""

HEAD = 20
"""Bytes at the begin of a ROOT file that tell its size."""

LARGE = 1_000_000
"""Versions of ROOT files from here on have addresses of 8 bytes (TFile::WriteHeader)."""

CONTRACT = "na62dump events"
"""Title of a tree that `Writer` made: its columns bear the names and units of the contract, so nothing renames them."""


@contextmanager
def guarded(path: str | Path, *, here: bool = False) -> Iterator[None]:
    """Turn anything that goes wrong inside into an `InputFileError` that names the file.

    Parameters
    ----------
    path : str or Path
        The file that is read inside.
    here : bool
        Whether its bytes are on this machine already, so that no server is to blame.

    Raises
    ------
    InputFileError
        File, what came, and the fix; a `ServerError` if the server of a remote file is to blame.
    """
    try:
        yield
    except NA62DumpError:
        raise
    except Exception as error:  # damaged bytes make uproot raise any type at all
        reason = (str(error).strip().splitlines() or [""])[0]
        if is_remote(path) and not here:
            _blame(Address.of(str(path)), error, reason)
        msg = (
            f"{path}: cannot be read: {type(error).__name__}: {reason}; it is damaged, truncated, or newer than uproot "
            f"{uproot.__version__} knows: copy it again, or update uproot"
        )
        raise InputFileError(msg) from error


def _blame(address: Address, error: Exception, reason: str) -> None:
    """Tell what is wrong with a remote file: the server, if it answers, knows better than what was raised."""
    size = remote.look(address).size
    head = next(remote.blocks(address, size=HEAD), b"")
    _require_root(head, address)
    _require_size(size, _declared_size(head), address)
    if isinstance(error, OSError):
        msg = f"{address}: {type(error).__name__}: {reason}; its server failed while it was read, or it is damaged: run again"
        raise ServerError(msg) from error


def _declared_size(head: bytes) -> int:
    """Size of a ROOT file (bytes) by its own word: magic, fVersion, fBEGIN, fEND, as TFile::WriteHeader puts them."""
    version, _, end, rest = struct.unpack_from(">iiiI", head.ljust(HEAD, b"\0"), len(MAGIC))
    return int(end << 32 | rest if version >= LARGE else end)


def require_local(path: str | Path) -> None:
    """Refuse what is no readable file with something in it.

    Parameters
    ----------
    path : str or Path
        A path of this machine.

    Raises
    ------
    InputFileError
        If there is no such file, if it may not be read, or if it is empty.
    """
    try:
        with Path(path).open("rb") as stream:
            first = stream.read(len(MAGIC))
    except FileNotFoundError as error:
        msg = f"{path}: no such file; check the path in the sample's list of files"
        raise InputFileError(msg) from error
    except OSError as error:
        msg = f"{path}: cannot be opened: {error.strerror}; it must be a file that you may read"
        raise InputFileError(msg) from error
    if not first:
        msg = f"{path}: is empty (0 bytes); copy it again"
        raise InputFileError(msg)


@contextmanager
def opened(path: str | Path, *, cache: Path | None = None) -> Iterator[RootFile]:
    """Open a ROOT file; errors inside the ``with`` block name the file too.

    Parameters
    ----------
    path : str or Path
        A path, which may hold any character, or an address.
    cache : Path, optional
        Folder for a copy of a remote file.

    Yields
    ------
    file
        The open file of uproot.

    Raises
    ------
    InputFileError
        If it cannot be opened or read.
    """
    with guarded(path):
        copy = copied(Address.of(str(path)), cache) if is_remote(path) and cache else None
        here = None if is_remote(path) else Path(path)
        with removed_if_bad(copy), _source(path, here or copy) as file:
            _require_size(int(file.file.source.num_bytes), int(file.file.fEND), path)
            yield file


def _source(path: str | Path, here: Path | None) -> RootFile:
    """What uproot opens: a file of this machine, if there is one, or else its address; messages name the path."""
    if here is None:
        address = str(Address.of(str(path)))
        remote.client()
        # uproot's default route keeps the handle of a lost server for ever; its own limit of time is not the client's
        return uproot.open({address: None}, handler=uproot.XRootDSource, timeout=None, **UNCACHED)
    require_local(here)
    with here.open("rb") as stream:
        _require_root(stream.read(len(MAGIC)), path)
    # Memory mapping reads trees 1.5 times faster than uproot's default for local files.
    absolute = os.path.abspath(here)  # noqa: PTH100 - Path.resolve would follow links, and messages name the link
    return uproot.open({absolute: None}, handler=MemmapSource, **UNCACHED)


def _require_root(head: bytes, path: str | Path | Address) -> None:
    if not head:
        msg = f"{path}: is empty (0 bytes); copy it again"
        raise InputFileError(msg)
    if not head.startswith(MAGIC):
        msg = f"{path}: is no ROOT file: it begins with {head[: len(MAGIC)]!r} instead of {MAGIC!r}"
        raise InputFileError(msg)


def _require_size(size: int, declared: int, path: str | Path | Address) -> None:
    if size < declared:
        msg = f"{path}: is truncated: {size} of {declared} bytes; copy it again"
        raise InputFileError(msg)


def find_tree(file: RootFile, path: str | Path, *, renames: Renames | None = None) -> Tree:
    """Tree with one entry per trigger.

    Parameters
    ----------
    file : file
        What `opened` gave.
    path : str or Path
        Its name, for messages.
    renames : Renames, optional
        Names in foreign ntuples; its tree is taken where the contract's is not there.

    Returns
    -------
    tree
        A TTree or an RNTuple.

    Raises
    ------
    InputFileError
        If there is none.
    """
    names = [TREE] if renames is None else [renames.tree, TREE]
    classes = file.classnames(cycle=False)
    for name in names:
        if name in classes:
            if not is_tree(classes[name]):
                msg = f"{path}: '{name}' is a {classes[name]}; it must be a TTree or an RNTuple"
                raise InputFileError(msg)
            return file[name]
    trees = [name for name, kind in classes.items() if is_tree(kind)]
    msg = f"{path}: has no tree '{names[0]}'; {nearest(names[0], trees)}"
    raise InputFileError(msg)


def is_tree(classname: str) -> bool:
    """Whether a class of ROOT holds events.

    Parameters
    ----------
    classname : str
        Name of the class.

    Returns
    -------
    bool
        True for TTree, TNtuple and RNTuple.
    """
    return classname in {"TTree", "TNtuple", "TNtupleD", "ROOT::RNTuple"}


def is_rntuple(tree: Tree) -> bool:
    """Whether a tree is an RNTuple.

    Parameters
    ----------
    tree : tree
        What `find_tree` gave.

    Returns
    -------
    bool
        False for a TTree.
    """
    return hasattr(tree, "cluster_summaries")


def title(tree: Tree) -> str:
    """Title of a TTree, or description of an RNTuple.

    Parameters
    ----------
    tree : tree
        What `find_tree` gave.

    Returns
    -------
    str
        May be empty.
    """
    return str(tree.ntuple.description if is_rntuple(tree) else tree.title)
